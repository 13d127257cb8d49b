import Engine

/// The device of a trainer's steps.
extension Trainer {
    /// The device that the user wants; after a failure, the one that trains. `procedure.device` is the one that trains
    /// now.
    public var device: ComputeDevice { procedure.deviceFailure == nil ? wantedDevice : procedure.device }

    /// Goes on elsewhere from where it is: weights, optimizer's state, curve and all. `procedure.device` says when it is
    /// there, `procedure.deviceFailure` why it cannot; training goes on meanwhile where it was.
    public func move(to device: ComputeDevice) {
        wantedDevice = device
        procedure.deviceSteps.failure = nil
        switchToReadyDevice()
        takeMeasurements()
    }

    /// The device's failure as far as it holds for the experiment that comes: settings and layers that
    /// only the processor trains with keep no device away when they are gone.
    func lastingFailure(for experiment: Experiment) -> EngineError? {
        let failure = procedure.deviceFailure
        // The procedure may have taken the new settings already.
        let refusals = [self.experiment.learning.deviceRefusal, procedure.deviceSteps.refusal]
        guard refusals.contains(failure) else { return failure }
        // Of another network only its plan can tell.
        return failure == experiment.learning.deviceRefusal ? failure : nil
    }

    /// Goes to the wanted device when it is ready for the present procedure and its settings.
    public func switchToReadyDevice() {
        var made: Result<ReadyBackend, EngineError>?
        if let preparation, let result = preparation.take() {
            self.preparation = nil
            // A backend that is no longer wanted goes at once: it has memory of the device.
            if preparation.description.fits(procedure.deviceSteps, on: device) { made = result }
        }
        guard procedure.device != device else { return }
        let steps = procedure.deviceSteps
        guard let description = steps.backendDescription(for: device) else { return steps.leaveDevice() }
        guard let onDeviceReady else { return arrive(Result { () throws(EngineError) in try description.make() }) }
        if let made { return arrive(made) }
        // One compiler at a time.
        if preparation == nil { preparation = BackendPreparation(description, done: onDeviceReady) }
    }

    private func arrive(_ result: Result<ReadyBackend, EngineError>) {
        switch result {
        case .success(let made): procedure.deviceSteps.move(to: made)
        case .failure(let error): procedure.deviceSteps.failure = error
        }
    }
}
