/// Training on another device.
extension Learner {
    /// The device that does the steps.
    public var device: ComputeDevice { deviceSteps?.device ?? .processor }

    private var blocks: LearnerBlocks {
        LearnerBlocks(parameters: parameterBlock, gradients: gradientBlock, slots: updater.slots)
    }

    // MARK: - Switching

    /// The parts that a backend on the device is made from.
    /// - Returns: nil for the processor.
    public func backendDescription(for device: ComputeDevice) -> BackendDescription? {
        guard case .openCL(let openCL) = device else { return nil }
        return BackendDescription(
            device: openCL, plan: plan, optimizer: updater.kind, batchSize: batchSize, train: train, test: test,
            classes: evaluator.classes, changesImages: !learning.augment.isEmpty)
    }

    /// Goes on elsewhere, with the weights, the optimizer's state and the place in the data as they are.
    /// - Throws: why the device cannot be used; the learner then goes on where it was.
    public func move(to device: ComputeDevice) throws(EngineError) {
        guard device != self.device else { return }
        guard let description = backendDescription(for: device) else { return leaveDevice() }
        move(to: try description.make())
    }

    /// Goes on where a backend was made ready, by `backendDescription(for:)`.
    public func move(to made: ReadyBackend) {
        let device = ComputeDevice.openCL(made.description.device)
        precondition(made.description.fits(self, on: device), "a backend for another network")
        deviceFailure = nil
        synchronize()
        deviceSteps = DeviceSteps(made.backend, device: device, at: place)
    }

    /// Goes on with the processor.
    public func leaveDevice() {
        synchronize()
        deviceSteps = nil
    }

    // MARK: - Steps

    var place: LearnerPlace {
        get {
            LearnerPlace(
                step: step, epoch: epoch, position: position, carriedCount: carriedCount, passes: passes,
                updates: updater.steps)
        }
        set {
            (step, epoch, position) = (newValue.step, newValue.epoch, newValue.position)
            (carriedCount, passes, updater.steps) = (newValue.carriedCount, newValue.passes, newValue.updates)
        }
    }

    /// Hands over the next `count` samples: a pass, and the update unless their gradients are to wait.
    func delegate(count: Int, adding: Bool, update: UpdateStep?, to deviceSteps: DeviceSteps) {
        let step = TrainingStep(
            count: count, adds: adding, seed: noiseKey, counter: passes, update: update,
            entry: deviceSteps.queued.entries.count, place: place)
        passes += 1
        let numbers = UnsafeBufferPointer(start: order.base + position, count: count)
        deviceSteps.note(step, numbers)
        do throws(EngineError) {
            try updateDevice(deviceSteps)
            try deviceSteps.backend.run(step, rows: numbers)
        } catch { leaveFailedDevice(error) }
    }

    private func updateDevice(_ deviceSteps: DeviceSteps) throws(EngineError) {
        guard deviceSteps.isBehind else { return }
        try deviceSteps.backend.write(blocks)
        deviceSteps.isBehind = false
    }

    /// Asks for what the steps so far lead to, and takes what was asked for before.
    func dispatch(_ deviceSteps: DeviceSteps) {
        do throws(EngineError) {
            // First of all, so that the device has work while the last delivery is waited for.
            try deviceSteps.backend.launch()
            if deviceSteps.isUnderWay { try collect(deviceSteps) }
            guard divergence == nil else { return }
            try deviceSteps.backend.dispatch(gradients: carriedCount > 0)
            deviceSteps.dispatched(at: place)
        } catch { leaveFailedDevice(error) }
    }

    private func collect(_ deviceSteps: DeviceSteps) throws(EngineError) {
        let delivery = try deviceSteps.backend.collect(blocks)
        let ledger = deviceSteps.sent
        deviceSteps.collected()
        for (place, measured) in zip(ledger.measurements, delivery.measurements) {
            measurements.append(
                Measurement(
                    step: place.step, epoch: place.epoch,
                    evaluation: evaluation(
                        train: measured.train, test: measured.test,
                        regularization: learning.l1 * measured.sums.absolute
                            + 0.5 * learning.l2 * measured.sums.squares)))
        }
        if let end = delivery.end { diverge(at: ledger.place(after: end)) }
    }

    /// Waits for the device, and brings the learner's own memory up to date.
    public func synchronize() {
        guard let deviceSteps else { return }
        if !deviceSteps.queued.isEmpty { dispatch(deviceSteps) }
        guard self.deviceSteps != nil, deviceSteps.isUnderWay else { return }
        do throws(EngineError) { try collect(deviceSteps) } catch { leaveFailedDevice(error) }
    }

    /// The processor's memory has changed: the device's numbers are void, and it is written before its next step.
    func invalidateDevice() { deviceSteps?.forget(at: place) }

    // MARK: - Reading while the device works

    /// Parameters, and the steps and epochs that led to them.
    public struct LatestParameters: Sendable {
        public var parameters: [Float]
        public var step: Int
        public var epoch: Int
    }

    /// The newest parameters in the processor's memory, without a wait: with a delivery under way they may be some
    /// steps behind.
    public var latestParameters: LatestParameters {
        guard let deviceSteps, deviceSteps.isUnderWay else {
            // The queued steps are fewer than a delivery's.
            return LatestParameters(parameters: parameters, step: step, epoch: epoch)
        }
        do throws(EngineError) {
            if try deviceSteps.backend.hasArrived() { try collect(deviceSteps) }
        } catch { leaveFailedDevice(error) }
        let known = self.deviceSteps?.known ?? place
        return LatestParameters(parameters: parameterBlock.array, step: known.step, epoch: known.epoch)
    }

    // MARK: - Losses

    /// The losses after some step, measured in passing.
    public struct Measurement: Sendable {
        public var step: Int
        public var epoch: Int
        public var evaluation: Evaluation
    }

    /// Measures the losses after the steps so far without waiting for a device; they come with `takeMeasurements`.
    /// - Returns: false where nothing is waited for anyway: `evaluate`.
    public func measureInPassing() -> Bool {
        guard let deviceSteps, divergence == nil else { return false }
        do throws(EngineError) {
            try updateDevice(deviceSteps)
            guard try deviceSteps.backend.measure(entry: deviceSteps.queued.entries.count) else { return false }
        } catch {
            leaveFailedDevice(error)
            return false
        }
        deviceSteps.noteMeasurement(at: place)
        return true
    }

    /// The losses measured in passing that have come since the last time, in order.
    public func takeMeasurements() -> [Measurement] {
        defer { measurements.removeAll(keepingCapacity: true) }
        return measurements
    }

    /// The loss and the answers, where the backend computes them.
    func evaluateOnDevice(_ set: SampleSet) -> Evaluator.Result? {
        guard let deviceSteps else { return nil }
        do throws(EngineError) {
            try updateDevice(deviceSteps)
            return try deviceSteps.backend.evaluate(set)
        } catch {
            leaveFailedDevice(error)
            return nil
        }
    }

    // MARK: - Failures

    /// Goes on with the processor: does again what the device has not handed over, so that nothing is lost.
    private func leaveFailedDevice(_ error: EngineError) {
        guard let deviceSteps else { return }
        self.deviceSteps = nil
        deviceFailure = error
        for ledger in [deviceSteps.sent, deviceSteps.queued] where divergence == nil { `repeat`(ledger) }
    }

    private func `repeat`(_ ledger: Ledger) {
        let rows = RowOrder(count: ledger.rows.count)
        rows.write(ledger.rows)
        var first = 0
        for entry in ledger.entries where divergence == nil {
            switch entry {
            case .step(let step):
                runPass(
                    order: rows, first: first, count: step.count, seed: step.seed, counter: step.counter,
                    adding: step.adds)
                first += step.count
                if let update = step.update, updater.repeatUpdate(update) { diverge(at: step.end) }
            case .measurement(let place):
                let measured = evaluation(
                    train: evaluator.evaluate(train)!, test: evaluator.evaluate(test), regularization: regularization)
                measurements.append(Measurement(step: place.step, epoch: place.epoch, evaluation: measured))
                if !measured.isFinite { diverge(at: place) }
            }
        }
    }

    /// Numbers are not finite since a step; those after it, which changed nothing, do not count.
    private func diverge(at place: LearnerPlace) {
        self.place = place
        deviceSteps?.forget(at: place)
        divergence = diagnose()
    }
}
