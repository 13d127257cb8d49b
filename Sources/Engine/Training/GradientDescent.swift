/// Gradient descent of a model over a set of samples, batch by batch: on the processor, or on a device (`deviceSteps`). Not
/// Sendable: lives in one thread.
///
/// All memory is reserved at the start; a step gathers a batch, runs the program's operations, and updates the flat
/// parameters in one call. It allocates nothing. Properties that every step reads are exempt from the run-time check of
/// exclusive access, which would be a twentieth of a small step: no access lasts longer than the reading of a number.
///
/// Its extensions are long together, because its state and the Fisher information read what a step keeps to itself.
public final class GradientDescent {
    public let model: Model
    let feed: BatchFeed
    let test: ResidentSamples
    let evaluator: Evaluator
    /// Set with `apply`.
    @exclusivity(unchecked) public private(set) var learning: LearningDescription
    /// Updates done.
    @exclusivity(unchecked) public internal(set) var step = 0
    @exclusivity(unchecked) public internal(set) var divergence: Divergence?
    /// The key of the noise streams (dropout's and noise's draws), and the training passes done, which number the draws.
    @exclusivity(unchecked) var noiseKey: UInt64
    @exclusivity(unchecked) var passes: UInt64 = 0
    private var learningRate: LearningRate
    /// The quantities that are measured.
    private let metrics: [Metric]
    /// Metrics of a procedure beside those of a network that learns targets, with their present values.
    var ownMetrics: [(metric: Metric, value: Double?)] = []
    /// The metrics of answers at every step; empty where each sample has one.
    let stepMetrics: [Metric]
    /// The accuracy on each of several tasks; empty where there is one.
    let taskMetrics: [Metric]
    /// Holds weights near those that they had; nil: they are free.
    @exclusivity(unchecked) var weightPull: WeightPull?
    /// Copies of the model that share every batch; nil: it is the only one.
    private let copies: (any ModelCopies)?
    /// The steps on another device.
    public private(set) lazy var deviceSteps = DeviceSteps(self)
    /// Whether another device does the steps: what each step asks of `deviceSteps`.
    @exclusivity(unchecked) var isOnDevice = false

    var train: ResidentSamples { feed.samples }
    var batchSize: Int { feed.batches.size }
    /// Epochs completed.
    public var epoch: Int { feed.epoch }
    /// Steps in one epoch (at least 1: a batch is at most the training set).
    public var stepsPerEpoch: Int { feed.batches.perEpoch }
    /// The learning rate that the next step will use.
    public var scheduledRate: Double { learningRate.rate(step: step) }
    /// The same for another step.
    func rate(step: Int) -> Double { learningRate.rate(step: step) }

    /// Plans memory, draws the initial weights.
    /// - Parameter metrics: the quantities that are measured.
    /// - Throws: a mistake in the network, the settings or the samples, with its place.
    public init(_ setup: TrainingSetup, metrics: [Metric] = Metric.supervised) throws(EngineError) {
        self.metrics = metrics
        copies = setup.copies
        let (network, learning) = (setup.network, setup.learning)
        let plan = try Plan(network)
        try learning.check()
        guard setup.train.count >= 1 else { throw EngineError.noTrainingSamples }
        // The inputs are in memory already, and shared.
        let inputs = 4 * plan.program.input.count * (setup.train.count + setup.test.count)
        try MemoryRoom.require(
            plan.trainingBytes(learning, train: setup.train.count, test: setup.test.count) - inputs,
            for: "training this network of \(plural(plan.outline.parameterCount, "parameter"))",
            advice: MemoryRoom.advice)
        self.learning = learning
        let width = network.inputWidth
        let train = try ResidentSamples(
            setup.train, task: network.task, head: plan.head, inputs: width, place: "training data")
        test = try ResidentSamples(
            setup.test, task: network.task, head: plan.head, inputs: width, place: "test data")
        feed = try BatchFeed(
            train, network: network, learning: learning, smallest: plan.program.smallestBatch,
            inStreams: plan.program.carriesState, seed: setup.seed)
        try copies?.check(plan.program, feed.batches)
        model = try Model(
            network, plan: plan, optimizer: learning.optimizer, batchSize: feed.batches.size, threads: setup.threads,
            copies: copies)
        model.updater.lock(learning.lockedPlaces(in: plan.outline))
        learningRate = try LearningRate(learning.schedule, base: model.updater.learningRate)
        evaluator = try Evaluator(
            plan, task: network.task, parameters: model.parameterBlock, largestSet: max(train.count, test.count),
            training: model.pass)
        stepMetrics =
            evaluator.hasClassesByStep
            ? Metric.ofSteps(isInNats: evaluator.isInNats, hasLegal: setup.train.legal != nil) : []
        taskMetrics = (0..<(setup.train.tasks?.count ?? 0)).map { .accuracy(ofTask: $0) }
        noiseKey = Self.noiseKey(seed: setup.seed)
        model.draw(seed: setup.seed)
        do throws(EngineError) { try deviceSteps.move(to: setup.device) } catch { deviceSteps.failure = error }
    }

    static func noiseKey(seed: UInt64) -> UInt64 { seed ^ 0x6472_6F70_6F75_7400 }

    // MARK: - Steps

    /// So many updates; fewer where an epoch ends or numbers stop being finite. After a divergence it does nothing.
    public func advance(steps: Int) -> TrainingProgress {
        for _ in 0..<steps {
            let progress = advance()
            if progress != .stepped { return progress }
        }
        return .stepped
    }

    /// One update.
    func advance() -> TrainingProgress {
        if isOnDevice { deviceSteps.dispatchIfFull() }
        if divergence != nil { return .diverged }
        let count = feed.begin()
        let rate = learningRate.rate(step: step)
        if isOnDevice {
            let update = model.updater.deviceUpdate(
                count: feed.weight(from: feed.position, count: count) + feed.carriedWeight, rate: rate, l1: learning.l1,
                l2: learning.l2,
                clipNorm: learning.clipNorm)
            deviceSteps.run(count: count, adding: feed.carriedCount > 0, update: update)
            if divergence != nil { return .diverged }
            feed.carriedCount = 0
            step += 1
            feed.position += count
        } else {
            accumulate(count: count, adding: feed.carriedCount > 0)
            if let copies { sumAmongCopies(copies, samples: count) }
            // Without counting references, which nothing replaces meanwhile: that takes a twentieth of the smallest step.
            let samples = feed.weight(from: feed.position, count: count) + feed.carriedWeight
            if let weightPull {
                weightPull.add(to: model.gradientBlock, at: model.parameterBlock, samples: samples)
            }
            let diverged = Unmanaged.passUnretained(model.updater)._withUnsafeGuaranteedRef { updater in
                updater.update(
                    count: samples, rate: rate, l1: learning.l1, l2: learning.l2, clipNorm: learning.clipNorm)
            }
            model.parametersChanged()
            feed.carriedCount = 0
            step += 1
            feed.position += count
            if diverged {
                divergence = diagnose()
                return .diverged
            }
        }
        return feed.isEpochOver ? endEpoch() : .stepped
    }

    private func endEpoch() -> TrainingProgress {
        let rest = feed.batches.carried(from: feed.position)
        if rest > 0 {
            if isOnDevice {
                deviceSteps.run(count: rest, adding: false, update: nil)
                if divergence != nil { return .diverged }
            } else {
                accumulate(count: rest, adding: false)
                if let copies {
                    sumAmongCopies(copies, samples: rest)
                    // The next sum takes them once.
                    if copies.place > 0 { model.gradientBlock.fill(0) }
                }
            }
            feed.carriedCount = rest
        }
        feed.position = 0
        feed.epoch += 1
        return .finishedEpoch
    }

    /// Forward and backward over the next `count` samples, of which each copy does its part: leaves the sum of their gradients.
    func accumulate(count: Int, adding: Bool) {
        let own = copies?.share(of: count) ?? 0..<count
        Unmanaged.passUnretained(feed)._withUnsafeGuaranteedRef { feed in
            model.runPass(
                over: feed, order: feed.order, first: feed.position + own.lowerBound, count: own.count,
                skipped: own.lowerBound, seed: noiseKey, counter: passes, adding: adding, continues: feed.position > 0)
        }
        passes += 1
    }

    // MARK: - Losses

    /// Losses, answers by class and R² at the present weights. A loss that is not finite is a divergence.
    public func evaluate() -> Evaluation {
        let trained = evaluate(.train, train)!
        let tested = evaluate(.test, test)
        let isFinite = trained.loss.isFinite && tested?.loss.isFinite ?? true
        if learning.l1 != 0 || learning.l2 != 0 || !isFinite { synchronize() }
        var measured = evaluation(
            train: trained, test: tested, regularization: model.regularization(learning))
        if let copies { measured.agree(copies) }
        if divergence == nil, !measured.isFinite { divergence = diagnose() }
        return measured
    }

    /// The mean of (x̂ − x)² over all values of the test samples, or of the training samples where there are none.
    func reconstructionError() -> Double {
        let result = evaluate(test.count > 0 ? .test : .train, test.count > 0 ? test : train)
        return (result?.squaredDistance ?? .nan) / Double(model.plan.head.units)
    }

    private func evaluate(_ set: SampleSet, _ samples: ResidentSamples) -> Evaluator.Result? {
        guard samples.count > 0 else { return nil }
        if isOnDevice, let result = deviceSteps.evaluateOnDevice(set) { return result }
        synchronize()
        return evaluator.evaluate(samples)
    }

    func evaluation(train: Evaluator.Result, test: Evaluator.Result?, regularization: Double) -> Evaluation {
        let outputs = model.plan.head.units
        func confusion(_ result: Evaluator.Result) -> ConfusionMatrix? {
            evaluator.classes > 0 ? ConfusionMatrix(classes: evaluator.classes, counts: result.confusion) : nil
        }
        var measured = Evaluation(
            trainLoss: train.loss, testLoss: test?.loss, trainConfusion: confusion(train),
            testConfusion: test.flatMap(confusion), trainR2: self.train.r2(squaredDistance: train.squaredDistance),
            testR2: self.test.r2(squaredDistance: test?.squaredDistance), regularization: regularization,
            others: [
                (.reconstructionError, (test ?? train).squaredDistance.map { $0 / Double(outputs) }),
                (.divergence, train.penalty),
            ], metrics: metrics)
        for (metric, value) in ownMetrics { measured.append(metric, value) }
        for (metric, task) in zip(taskMetrics, test?.tasks ?? train.tasks) {
            measured.append(metric, task.all > 0 ? Double(task.right) / Double(task.all) : nil)
        }
        func share(_ count: Int?, _ samples: ResidentSamples) -> Double? {
            count.map { Double($0) / Double(max(1, samples.count)) }
        }
        measured.append(
            ofSteps: stepMetrics, nats: test?.loss,
            exact: (share(train.exactSequences, self.train), share(test?.exactSequences, self.test)),
            legal: (share(train.legalSequences, self.train), share(test?.legalSequences, self.test)))
        return measured
    }

    /// Notes a divergence where the mean loss of the last updates, or a parameter, is not finite.
    func checkFinite(loss: Double?) {
        guard divergence == nil, !(loss ?? 0).isFinite || !model.parameterBlock.values.allSatisfy(\.isFinite) else {
            return
        }
        divergence = diagnose()
    }

    /// The divergence at the present step.
    func diagnose() -> Divergence {
        Divergence(
            step: step,
            layer: model.nonFiniteLayer(
                count: isOnDevice ? nil : min(batchSize, train.count, model.pass.capacity)
            ).place,
            advice: learning.adviceAfterDivergence(rate: model.updater.learningRate))
    }

    // MARK: - Settings and parameters

    /// Takes new settings while training goes on: the optimizer's state stays where the optimizer does. Another optimizer
    /// or batch size, or other frozen layers, need other kernels: the steps then leave their device for the processor.
    /// - Parameter network: the present network with other names and other frozen layers; nil: as it is.
    /// - Throws: a mistake in the settings; the present ones then stay.
    public func apply(
        _ learning: LearningDescription, to network: NetworkDescription? = nil
    ) throws(EngineError) {
        try learning.check()
        synchronize()
        let plan = if let network { try Plan(network) } else { model.plan }
        let augmenter = try Augmenter(learning.augment, shape: model.network.input)
        let corrupter = try Corrupter(learning.corruption, shape: model.network.input, samples: train)
        let isOther = learning.optimizer.id != self.learning.optimizer.id
        let batches = try Batches(
            samples: feed.epochSamples, learning: learning, smallest: plan.program.smallestBatch,
            inStreams: feed.isInStreams)
        let largestBatch = min(learning.batchSize, train.count)
        // A device takes images as they are.
        if isOther || augmenter != nil || model.needsPass(for: plan, batchSize: largestBatch) {
            deviceSteps.leaveDevice()
        }
        try model.replan(network ?? model.network, plan: plan, batchSize: largestBatch)
        feed.apply(learning, batches: batches, augmenter: augmenter, corrupter: corrupter)
        try model.updater.apply(learning.optimizer)
        model.updater.lock(learning.lockedPlaces(in: plan.outline))
        learningRate = try LearningRate(learning.schedule, base: model.updater.learningRate)
        self.learning = learning
    }

    /// Draws the weights of `seed` again; step and epoch return to 0.
    public func reset(seed: UInt64) {
        model.draw(seed: seed)
        feed.reset(seed: seed)
        noiseKey = Self.noiseKey(seed: seed)
        passes = 0
        step = 0
        divergence = nil
        deviceSteps.invalidateDevice()
        deviceSteps.forgetMeasurements()
    }

    /// Waits for the device, and brings the model's memory up to date.
    func synchronize() { if isOnDevice { deviceSteps.synchronize() } }

    /// The flat parameters, as in the outline's tensors.
    public var parameters: [Float] {
        get {
            synchronize()
            return model.parameterBlock.array
        }
        set {
            synchronize()
            model.write(parameters: newValue)
            deviceSteps.invalidateDevice()
            if divergence != nil, newValue.allSatisfy(\.isFinite) { divergence = nil }
        }
    }

    /// Copies every weight of another network that this one can keep (`Model.inherit`).
    public func inherit(_ parameters: [Float], from old: Outline, paths: [String: String]) {
        synchronize()
        model.inherit(parameters, from: old, paths: paths)
        deviceSteps.invalidateDevice()
    }
}
