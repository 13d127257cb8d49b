import Engine

/// The words about the device that does the steps: each change is told once.
struct DeviceNews {
    /// The device last shown to the user.
    private var told = ComputeDevice.processor
    private var toldFailure: EngineError?
    /// The device whose steps the rate counts.
    private var rated = ComputeDevice.processor

    /// The words after the user has chosen another device.
    mutating func begin(_ trainer: Trainer) -> String {
        toldFailure = nil
        told = trainer.procedure.device
        let name = trainer.device.name
        return told == trainer.device
            ? "training on \(name)" : "compiling kernels for \(name); training goes on with \(told.name)"
    }

    /// Whether another device does the steps than at the last call.
    mutating func isOther(_ trainer: Trainer) -> Bool {
        defer { rated = trainer.procedure.device }
        return rated != trainer.procedure.device
    }

    /// The words when training has come to another device, or has left one or cannot come there; nil: nothing new.
    mutating func next(_ trainer: Trainer) -> String? {
        let (device, failure) = (trainer.procedure.device, trainer.procedure.deviceFailure)
        defer { toldFailure = failure }
        if let failure {
            told = device
            guard failure != toldFailure else { return nil }
            return "training goes on with \(device.name), nothing is lost: \(failure.message) (\(failure.place))"
        }
        // A change of the network makes a detour over the processor, of which there is nothing to say.
        guard device != told, device == trainer.device else { return nil }
        told = device
        return "training on \(device.name)"
    }
}
