/// The parts of a backend that is to be made: compiling its kernels and copying the data takes a second or two, on any
/// thread.
public struct BackendDescription: @unchecked Sendable {
    // The samples are never written to after they were made.
    let device: OpenCLDevice
    let plan: Plan
    let optimizer: Int32
    let batchSize: Int
    let train: ResidentSamples
    let test: ResidentSamples
    let classes: Int
    /// Why these settings are for the processor alone; nil: devices take them.
    let refusal: EngineError?

    /// - Throws: what the device refuses.
    public func make() throws(EngineError) -> ReadyBackend {
        if let refusal = refusal ?? plan.program.deviceRefusal { throw refusal }
        // A driver may refuse the large kernel, and take the small ones.
        if OpenCLFusedBackend.fits(plan, device, batchSize: batchSize), let fused = try? fused() {
            return ReadyBackend(description: self, backend: fused)
        }
        let backend = try OpenCLBackend(
            device, plan: plan, optimizer: optimizer, batchSize: batchSize, train: train, test: test, classes: classes)
        return ReadyBackend(description: self, backend: backend)
    }

    private func fused() throws(EngineError) -> OpenCLFusedBackend {
        try OpenCLFusedBackend(
            device, plan: plan, optimizer: optimizer, batchSize: batchSize, train: train, test: test, classes: classes)
    }

    /// Whether a backend made from this can do the steps on the device: settings and device may have changed since.
    public func fits(_ steps: DeviceSteps, on device: ComputeDevice) -> Bool {
        device == .openCL(self.device)
            && steps.fits(plan, optimizer: optimizer, batchSize: batchSize, train: train, refusal: refusal)
    }
}

/// A backend that is ready, for one gradient descent.
public struct ReadyBackend: @unchecked Sendable {
    // Ownership passes to the caller; never shared.
    let description: BackendDescription
    let backend: any Backend
}
