import Engine

/// Where a trainer's steps are done.
extension Trainer {
    /// Where the user wants to train; after a failure, where it trains. `learner.device` says where that is.
    public var device: ComputeDevice { learner.deviceFailure == nil ? wantedDevice : learner.device }

    /// Goes on elsewhere from where it is: weights, optimizer's state, curve and all. `learner.device` says when it is
    /// there, `learner.deviceFailure` why it cannot; training goes on meanwhile where it was.
    public func move(to device: ComputeDevice) {
        wantedDevice = device
        learner.deviceFailure = nil
        board()
        takeMeasurements()
    }

    /// Goes to the wanted device when it is ready for the learner, which may be another since, or have other settings.
    public func board() {
        var made: Result<MadeBackend, EngineError>?
        if let preparation, let result = preparation.take() {
            self.preparation = nil
            // A backend that is no longer wanted goes at once: it has memory of the device.
            if preparation.recipe.fits(learner, on: device) { made = result }
        }
        guard learner.device != device else { return }
        guard let recipe = learner.recipe(for: device) else { return learner.leaveDevice() }
        guard let onDeviceReady else { return arrive(Result { () throws(EngineError) in try recipe.make() }) }
        if let made { return arrive(made) }
        // One compiler at a time.
        if preparation == nil { preparation = BackendPreparation(recipe, done: onDeviceReady) }
    }

    private func arrive(_ result: Result<MadeBackend, EngineError>) {
        switch result {
        case .success(let made): learner.move(to: made)
        case .failure(let error): learner.deviceFailure = error
        }
    }
}
