import Engine

/// The device of a trainer's steps.
extension Trainer {
    /// The device that the user wants; after a failure, the one that trains. `learner.device` is the one that trains
    /// now.
    public var device: ComputeDevice { learner.deviceFailure == nil ? wantedDevice : learner.device }

    /// Goes on elsewhere from where it is: weights, optimizer's state, curve and all. `learner.device` says when it is
    /// there, `learner.deviceFailure` why it cannot; training goes on meanwhile where it was.
    public func move(to device: ComputeDevice) {
        wantedDevice = device
        learner.deviceFailure = nil
        switchToReadyDevice()
        takeMeasurements()
    }

    /// Goes to the wanted device when it is ready for the learner, which may be another since, or have other settings.
    public func switchToReadyDevice() {
        var made: Result<ReadyBackend, EngineError>?
        if let preparation, let result = preparation.take() {
            self.preparation = nil
            // A backend that is no longer wanted goes at once: it has memory of the device.
            if preparation.description.fits(learner, on: device) { made = result }
        }
        guard learner.device != device else { return }
        guard let description = learner.backendDescription(for: device) else { return learner.leaveDevice() }
        guard let onDeviceReady else { return arrive(Result { () throws(EngineError) in try description.make() }) }
        if let made { return arrive(made) }
        // One compiler at a time.
        if preparation == nil { preparation = BackendPreparation(description, done: onDeviceReady) }
    }

    private func arrive(_ result: Result<ReadyBackend, EngineError>) {
        switch result {
        case .success(let made): learner.move(to: made)
        case .failure(let error): learner.deviceFailure = error
        }
    }
}
