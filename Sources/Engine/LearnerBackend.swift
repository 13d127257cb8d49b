/// Training on another device.
extension Learner {
    /// Where the steps are done.
    public var device: ComputeDevice { delegation?.device ?? .processor }

    private var blocks: LearnerBlocks {
        LearnerBlocks(parameters: parameterBlock, gradients: gradientBlock, slots: updater.slots)
    }

    // MARK: - Going there and back

    /// What a backend on the device is made from.
    /// - Returns: nil for the processor.
    public func recipe(for device: ComputeDevice) -> BackendRecipe? {
        guard case .openCL(let openCL) = device else { return nil }
        return BackendRecipe(
            device: openCL, plan: plan, optimizer: updater.kind, batchSize: batchSize, train: train, test: test,
            classes: evaluator.classes)
    }

    /// Goes on elsewhere, with the weights, the optimizer's state and the place in the data as they are.
    /// - Throws: why the device cannot be used; the learner then goes on where it was.
    public func move(to device: ComputeDevice) throws(EngineError) {
        guard device != self.device else { return }
        guard let recipe = recipe(for: device) else { return leaveDevice() }
        move(to: try recipe.make())
    }

    /// Goes on where a backend was made ready, by `recipe(for:)`.
    public func move(to made: MadeBackend) {
        let device = ComputeDevice.openCL(made.recipe.device)
        precondition(made.recipe.fits(self, on: device), "a backend for another network")
        deviceFailure = nil
        settle()
        delegation = Delegation(made.backend, device: device, at: place)
    }

    /// Goes on with the processor.
    public func leaveDevice() {
        settle()
        delegation = nil
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
    func delegate(count: Int, adding: Bool, update: UpdateStep?, to delegation: Delegation) {
        let step = TrainingStep(
            count: count, adds: adding, seed: dropoutKey, counter: passes, update: update,
            entry: delegation.queued.entries.count, place: place)
        passes += 1
        let numbers = UnsafeBufferPointer(start: order.base + position, count: count)
        delegation.note(step, numbers)
        do throws(EngineError) {
            try catchUp(delegation)
            try delegation.backend.run(step, rows: numbers)
        } catch { fallBack(error) }
    }

    private func catchUp(_ delegation: Delegation) throws(EngineError) {
        guard delegation.isBehind else { return }
        try delegation.backend.write(blocks)
        delegation.isBehind = false
    }

    /// Asks for what the steps so far lead to, and takes what was asked for before.
    func dispatch(_ delegation: Delegation) {
        do throws(EngineError) {
            // First of all, so that the device has work while the last delivery is waited for.
            try delegation.backend.launch()
            if delegation.isUnderWay { try collect(delegation) }
            guard divergence == nil else { return }
            try delegation.backend.dispatch(gradients: carriedCount > 0)
            delegation.dispatched(at: place)
        } catch { fallBack(error) }
    }

    private func collect(_ delegation: Delegation) throws(EngineError) {
        let delivery = try delegation.backend.collect(blocks)
        let ledger = delegation.sent
        delegation.collected()
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
    public func settle() {
        guard let delegation else { return }
        if !delegation.queued.isEmpty { dispatch(delegation) }
        guard self.delegation != nil, delegation.isUnderWay else { return }
        do throws(EngineError) { try collect(delegation) } catch { fallBack(error) }
    }

    /// The learner's own memory holds other numbers now than the backend's: what it was given last is void.
    func overrule() { delegation?.forget(at: place) }

    // MARK: - Looking

    /// Parameters, and the steps and epochs that led to them.
    public struct Glimpse: Sendable {
        public var parameters: [Float]
        public var step: Int
        public var epoch: Int
    }

    /// The newest parameters that are here: where a delivery is on its way they may be some steps behind, for it is not
    /// waited for.
    public var glimpse: Glimpse {
        guard let delegation, delegation.isUnderWay else {
            // What is queued is less than a delivery's worth.
            return Glimpse(parameters: parameters, step: step, epoch: epoch)
        }
        do throws(EngineError) {
            if try delegation.backend.hasArrived() { try collect(delegation) }
        } catch { fallBack(error) }
        let known = self.delegation?.known ?? place
        return Glimpse(parameters: parameterBlock.array, step: known.step, epoch: known.epoch)
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
        guard let delegation, divergence == nil else { return false }
        do throws(EngineError) {
            try catchUp(delegation)
            guard try delegation.backend.measure(entry: delegation.queued.entries.count) else { return false }
        } catch {
            fallBack(error)
            return false
        }
        delegation.noteMeasurement(at: place)
        return true
    }

    /// The losses measured in passing that have come since the last time, in order.
    public func takeMeasurements() -> [Measurement] {
        defer { measurements.removeAll(keepingCapacity: true) }
        return measurements
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

    // MARK: - Failures

    /// Goes on with the processor: does again what the device has not handed over, so that nothing is lost.
    private func fallBack(_ error: EngineError) {
        guard let delegation else { return }
        self.delegation = nil
        deviceFailure = error
        for ledger in [delegation.sent, delegation.queued] where divergence == nil { `repeat`(ledger) }
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
                if let update = step.update, updater.repeat(update) { diverge(at: step.end) }
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
        delegation?.forget(at: place)
        divergence = diagnose()
    }
}
