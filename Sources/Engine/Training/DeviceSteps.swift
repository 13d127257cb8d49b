/// The steps of a gradient descent on another device: handed over in order, delivered while further steps go on, and
/// repeated by the processor when the device fails.
public final class DeviceSteps {
    /// The descent owns this object.
    private unowned let descent: GradientDescent
    private(set) var connection: DeviceConnection?
    /// Why the steps left a device, or never came to it, and go on with the processor.
    public var failure: EngineError?
    private var measurements: [Measurement] = []

    init(_ descent: GradientDescent) { self.descent = descent }

    // MARK: - Switching

    /// The device that does the steps.
    public var device: ComputeDevice { connection?.device ?? .processor }

    /// Why only the processor takes these settings or this network; nil: devices do too.
    public var refusal: EngineError? {
        descent.learning.deviceRefusal ?? descent.model.plan.program.deviceRefusal
    }

    /// The parts that a backend on the device is made from.
    /// - Returns: nil for the processor.
    public func backendDescription(for device: ComputeDevice) -> BackendDescription? {
        guard case .openCL(let openCL) = device else { return nil }
        return BackendDescription(
            device: openCL, plan: descent.model.plan, optimizer: descent.model.updater.kind,
            batchSize: descent.batchSize, train: descent.train, test: descent.test,
            classes: descent.evaluator.classes, refusal: descent.learning.deviceRefusal)
    }

    /// Goes on elsewhere, with the weights, the optimizer's state and the place in the data as they are.
    /// - Throws: why the device cannot be used; the steps then go on where they were.
    public func move(to device: ComputeDevice) throws(EngineError) {
        guard device != self.device else { return }
        guard let description = backendDescription(for: device) else { return leaveDevice() }
        move(to: try description.make())
    }

    /// Goes on where a backend was made ready, by `backendDescription(for:)`.
    public func move(to ready: ReadyBackend) {
        let device = ComputeDevice.openCL(ready.description.device)
        precondition(ready.description.fits(self, on: device), "a backend for another network")
        connect(ready.backend, device: device)
    }

    func connect(_ backend: any Backend, device: ComputeDevice) {
        failure = nil
        synchronize()
        connection = DeviceConnection(backend, device: device, at: place)
        descent.isOnDevice = true
    }

    /// Goes on with the processor.
    public func leaveDevice() {
        synchronize()
        disconnect()
    }

    private func disconnect() {
        connection = nil
        descent.isOnDevice = false
    }

    /// Whether a backend with these properties can do the steps.
    func fits(
        _ plan: Plan, optimizer: Int32, batchSize: Int, train: ResidentSamples, refusal: EngineError?
    ) -> Bool {
        descent.train === train && descent.learning.deviceRefusal == refusal
            && descent.model.outline.tensors == plan.outline.tensors
            && descent.model.updater.kind == optimizer && descent.batchSize == batchSize
    }

    // MARK: - Steps

    /// The present place.
    var place: TrainingPlace {
        get {
            TrainingPlace(
                step: descent.step, epoch: descent.feed.epoch, position: descent.feed.position,
                carriedCount: descent.feed.carriedCount, passes: descent.passes, updates: descent.model.updater.steps)
        }
        set {
            (descent.step, descent.passes) = (newValue.step, newValue.passes)
            (descent.feed.epoch, descent.feed.position) = (newValue.epoch, newValue.position)
            (descent.feed.carriedCount, descent.model.updater.steps) = (newValue.carriedCount, newValue.updates)
        }
    }

    /// Hands over the next `count` samples: a pass, and the update unless their gradients are to wait.
    func run(count: Int, adding: Bool, update: UpdateStep?) {
        guard let connection else { preconditionFailure("no device") }
        let step = TrainingStep(
            count: count, adds: adding, seed: descent.noiseKey, counter: descent.passes, update: update,
            entry: connection.queued.entries.count, place: place)
        descent.passes += 1
        let numbers = descent.feed.numbers(count: count)
        connection.note(step, numbers)
        do throws(EngineError) {
            try updateDevice(connection)
            try connection.backend.run(step, rows: numbers)
        } catch { leaveFailedDevice(error) }
    }

    private func updateDevice(_ connection: DeviceConnection) throws(EngineError) {
        guard connection.isBehind else { return }
        try connection.backend.write(descent.model.blocks)
        connection.isBehind = false
    }

    /// Asks for a delivery when it is time for one.
    func dispatchIfFull() {
        if let connection, connection.isFull { dispatch(connection) }
    }

    /// Asks for a delivery of all steps so far, and takes the one that was asked for before.
    private func dispatch(_ connection: DeviceConnection) {
        do throws(EngineError) {
            // First of all, so that the device has work while the last delivery is waited for.
            try connection.backend.launch()
            if connection.isUnderWay { try collect(connection) }
            guard descent.divergence == nil else { return }
            try connection.backend.dispatch(gradients: descent.feed.carriedCount > 0)
            connection.dispatched(at: place)
        } catch { leaveFailedDevice(error) }
    }

    private func collect(_ connection: DeviceConnection) throws(EngineError) {
        let delivery = try connection.backend.collect(descent.model.blocks)
        descent.model.parametersChanged()
        let ledger = connection.sent
        connection.collected()
        for (place, measured) in zip(ledger.measurements, delivery.measurements) {
            measurements.append(
                Measurement(
                    step: place.step, epoch: place.epoch,
                    evaluation: descent.evaluation(
                        train: measured.train, test: measured.test,
                        regularization: descent.learning.l1 * measured.sums.absolute
                            + 0.5 * descent.learning.l2 * measured.sums.squares)))
        }
        if let end = delivery.end { diverge(at: ledger.place(after: end)) }
    }

    /// Waits for the device, and brings the model's memory up to date.
    public func synchronize() {
        guard let connection else { return }
        if !connection.queued.isEmpty { dispatch(connection) }
        guard self.connection != nil, connection.isUnderWay else { return }
        do throws(EngineError) { try collect(connection) } catch { leaveFailedDevice(error) }
    }

    /// The model's memory has changed: the device's numbers are void, and it is written before its next step.
    func invalidateDevice() { connection?.forget(at: place) }

    // MARK: - Reading while the device works

    /// Parameters, and by how many steps and epochs they are behind those that are done or under way.
    public struct LatestParameters: Sendable {
        public var parameters: [Float]
        public var version: Int
        public var stepsBehind: Int
        public var epochsBehind: Int
    }

    /// The newest parameters in the processor's memory, without a wait: with a delivery under way they may be some steps
    /// behind.
    public var latestParameters: LatestParameters {
        if let connection, connection.isUnderWay {
            do throws(EngineError) {
                if try connection.backend.hasArrived() { try collect(connection) }
            } catch { leaveFailedDevice(error) }
        } else {
            // The queued steps are fewer than a delivery's.
            synchronize()
        }
        let known = connection?.known ?? place
        let model = descent.model
        return LatestParameters(
            parameters: model.parameterBlock.array, version: model.parameterVersion,
            stepsBehind: place.step - known.step, epochsBehind: place.epoch - known.epoch)
    }

    // MARK: - Losses

    /// The losses after some step, measured in passing.
    public struct Measurement: Sendable {
        public var step: Int
        public var epoch: Int
        public var evaluation: Evaluation
    }

    /// Whether `takeMeasurements` has something to hand out.
    public var hasMeasurements: Bool { !measurements.isEmpty }

    /// Measures the losses after the steps so far without waiting for a device; they come with `takeMeasurements`.
    /// - Returns: false where nothing is waited for anyway: `evaluate`.
    public func measureInPassing() -> Bool {
        guard let connection, descent.divergence == nil else { return false }
        do throws(EngineError) {
            try updateDevice(connection)
            guard try connection.backend.measure(entry: connection.queued.entries.count) else { return false }
        } catch {
            leaveFailedDevice(error)
            return false
        }
        connection.noteMeasurement(at: place)
        return true
    }

    /// The losses measured in passing that have come since the last time, in order.
    public func takeMeasurements() -> [Measurement] {
        defer { forgetMeasurements() }
        return measurements
    }

    func forgetMeasurements() { measurements.removeAll(keepingCapacity: true) }

    /// The loss and the answers, where the backend computes them.
    func evaluateOnDevice(_ set: SampleSet) -> Evaluator.Result? {
        guard let connection else { return nil }
        do throws(EngineError) {
            try updateDevice(connection)
            return try connection.backend.evaluate(set)
        } catch {
            leaveFailedDevice(error)
            return nil
        }
    }

    // MARK: - Failures

    /// Goes on with the processor: repeats the steps that the device has not delivered, so that nothing is lost.
    private func leaveFailedDevice(_ error: EngineError) {
        guard let connection else { return }
        disconnect()
        failure = error
        for ledger in [connection.sent, connection.queued] where descent.divergence == nil { repeatSteps(of: ledger) }
    }

    private func repeatSteps(of ledger: DeviceLedger) {
        let (model, evaluator) = (descent.model, descent.evaluator)
        let rows = RowOrder(count: ledger.rows.count)
        rows.write(ledger.rows)
        var first = 0
        for entry in ledger.entries where descent.divergence == nil {
            switch entry {
            case .step(let step):
                model.runPass(
                    over: descent.feed, order: rows, first: first, count: step.count, seed: step.seed,
                    counter: step.counter, adding: step.adds, continues: step.place.position > 0)
                first += step.count
                if let update = step.update {
                    let diverged = model.updater.repeatUpdate(update)
                    model.parametersChanged()
                    if diverged { diverge(at: step.end) }
                }
            case .measurement(let place):
                let measured = descent.evaluation(
                    train: evaluator.evaluate(descent.train)!, test: evaluator.evaluate(descent.test),
                    regularization: model.regularization(descent.learning))
                measurements.append(Measurement(step: place.step, epoch: place.epoch, evaluation: measured))
                if !measured.isFinite { diverge(at: place) }
            }
        }
    }

    /// Numbers are not finite since a step; those after it, which changed nothing, do not count.
    private func diverge(at place: TrainingPlace) {
        self.place = place
        connection?.forget(at: place)
        descent.divergence = descent.diagnose()
    }
}
