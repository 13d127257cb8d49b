/// Steps that a learner has handed to a backend since it last heard from it. Its own memory is as it was before them, so
/// that it can do them again by itself when the backend fails.
final class Delegation {
    let backend: any Backend
    let device: ComputeDevice
    /// Whether the backend lacks what the learner holds.
    var isBehind = true
    private(set) var steps: [TrainingStep] = []
    private(set) var rows: [Int32] = []
    /// Steps after which the learner hears from the backend: about `interval` seconds of them.
    private var limit = 1
    private var began: ContinuousClock.Instant?

    private static let interval = 0.02
    private static let mostSteps = 1 << 15
    private static let mostRows = 1 << 20
    private static let clock = ContinuousClock()

    init(_ backend: any Backend, device: ComputeDevice) { (self.backend, self.device) = (backend, device) }

    /// Whether it is time to hear from the backend.
    var isFull: Bool { steps.count >= limit || rows.count >= Self.mostRows }

    func note(_ step: TrainingStep, _ numbers: UnsafeBufferPointer<Int32>) {
        if steps.isEmpty { began = Self.clock.now }
        steps.append(step)
        rows.append(contentsOf: numbers)
    }

    /// All steps are done, and the learner holds what they led to.
    func settled() {
        if let began {
            let seconds = (Self.clock.now - began) / .seconds(1)
            let fitting = Double(steps.count) * Self.interval / max(seconds, 1e-6)
            limit = max(1, min(2 * steps.count, Int(fitting), Self.mostSteps))
        }
        forget()
    }

    func forget() {
        steps.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
        began = nil
    }
}

/// Training on another device.
extension Learner {
    /// Where the steps are done.
    public var device: ComputeDevice { delegation?.device ?? .processor }

    private var blocks: LearnerBlocks {
        LearnerBlocks(parameters: parameterBlock, gradients: gradientBlock, slots: updater.slots)
    }

    /// Goes on elsewhere, with the weights, the optimizer's state and the place in the data as they are.
    /// - Throws: why the device cannot be used; the learner then goes on where it was.
    public func move(to device: ComputeDevice) throws(EngineError) {
        guard device != self.device else { return }
        settle()
        delegation = try makeDelegation(device)
        deviceFailure = nil
    }

    /// - Returns: nil for the processor.
    func makeDelegation(_ device: ComputeDevice) throws(EngineError) -> Delegation? {
        guard case .openCL(let openCL) = device else { return nil }
        let backend: any Backend =
            OpenCLWholeBackend.fits(plan, openCL)
            ? try OpenCLWholeBackend(
                openCL, plan: plan, optimizer: updater.kind, batchSize: batchSize, train: train, test: test)
            : try OpenCLBackend(
                openCL, plan: plan, optimizer: updater.kind, batchSize: batchSize, train: train, test: test,
                classes: evaluator.classes)
        return Delegation(backend, device: device)
    }

    /// After a change of the batch's size or of the optimizer, the backend is made anew.
    func renewDelegation() {
        guard let delegation else { return }
        do throws(EngineError) { self.delegation = try makeDelegation(delegation.device) } catch { fallBack(error) }
    }

    /// Hands over the next `count` samples: a pass, and the update unless their gradients are to wait.
    func delegate(count: Int, adding: Bool, update: UpdateStep?, to delegation: Delegation) {
        let step = TrainingStep(
            count: count, adds: adding, seed: dropoutKey, counter: passes, update: update, number: self.step)
        passes += 1
        let numbers = UnsafeBufferPointer(start: order.base + position, count: count)
        delegation.note(step, numbers)
        do throws(EngineError) {
            try catchUp(delegation)
            try delegation.backend.run(step, rows: numbers)
        } catch { return fallBack(error) }
        if delegation.isFull { settle() }
    }

    private func catchUp(_ delegation: Delegation) throws(EngineError) {
        guard delegation.isBehind else { return }
        try delegation.backend.write(blocks)
        delegation.isBehind = false
    }

    /// Brings the learner's own memory up to date.
    func settle() {
        guard let delegation, let last = delegation.steps.last else { return }
        let diverged: Int?
        do throws(EngineError) {
            diverged = try delegation.backend.read(blocks, gradients: last.update == nil)
        } catch { return fallBack(error) }
        delegation.settled()
        if let diverged { diverge(after: diverged) }
    }

    /// The learner's own memory holds other numbers now than the backend's: what it was given last is void.
    func overrule() {
        delegation?.forget()
        delegation?.isBehind = true
    }

    /// The loss and the answers, where the backend computes them.
    func judge(_ set: SampleSet) -> Evaluator.Result? {
        guard let delegation else { return nil }
        do throws(EngineError) {
            try catchUp(delegation)
            return try delegation.backend.evaluate(set)
        } catch {
            fallBack(error)
            return nil
        }
    }

    /// Goes on with the processor: does again what the device has not handed over, so that nothing is lost.
    private func fallBack(_ error: EngineError) {
        guard let delegation else { return }
        self.delegation = nil
        deviceFailure = error
        let rows = RowOrder(count: delegation.rows.count)
        rows.write(delegation.rows)
        var first = 0
        for step in delegation.steps where divergence == nil {
            runPass(
                order: rows, first: first, count: step.count, seed: step.seed, counter: step.counter, adding: step.adds)
            first += step.count
            if let update = step.update, updater.repeat(update) { diverge(after: step.number) }
        }
    }

    private func diverge(after step: Int) {
        self.step = step + 1
        // The count of epochs ran ahead with the steps.
        epoch = min(epoch, step / stepsPerEpoch)
        divergence = diagnose()
    }
}
