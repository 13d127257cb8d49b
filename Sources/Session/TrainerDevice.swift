import Engine

/// Where a trainer's steps are done.
extension Trainer {
    /// Goes on elsewhere from where it is: weights, optimizer's state, curve and all. `learner.device` says when it is
    /// there, `learner.deviceFailure` why it cannot; training goes on meanwhile where it was.
    public func move(to device: ComputeDevice) {
        self.device = device
        learner.deviceFailure = nil
        board()
        takeMeasurements()
    }

    /// Goes to the wanted device when it is ready for the learner, which may be another since, or have other settings.
    public func board() {
        if learner.deviceFailure != nil { device = .processor }
        guard learner.device != device else { return }
        guard let recipe = learner.recipe(for: device) else { return learner.leaveDevice() }
        guard let onDeviceReady else { return arrive(Result { () throws(EngineError) in try recipe.make() }) }
        if let preparation {
            // One compiler at a time, though what it makes be no longer wanted.
            guard let result = preparation.take() else { return }
            self.preparation = nil
            if preparation.recipe.fits(learner, on: device) { return arrive(result) }
        }
        preparation = BackendPreparation(recipe, done: onDeviceReady)
    }

    private func arrive(_ result: Result<MadeBackend, EngineError>) {
        switch result {
        case .success(let made): learner.move(to: made)
        case .failure(let error):
            learner.deviceFailure = error
            device = learner.device
        }
    }
}
