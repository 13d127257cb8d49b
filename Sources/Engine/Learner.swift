import CKernels

/// A network, its optimizer and its data: trains one step at a time. Not Sendable: lives in one thread.
///
/// All memory is reserved at the start; a step gathers a batch, runs the program's operations, and updates the flat
/// parameters in one call. It allocates nothing. Properties that every step reads are exempt from the run-time check of
/// exclusive access, which would be a twentieth of a small step: no access lasts longer than the reading of a number.
public final class Learner {
    public let network: NetworkDescription
    public let outline: Outline
    /// Set with `apply`.
    @exclusivity(unchecked) public private(set) var learning: LearningDescription
    /// Updates done.
    @exclusivity(unchecked) public internal(set) var step = 0
    /// Epochs completed.
    public internal(set) var epoch = 0
    @exclusivity(unchecked) public internal(set) var divergence: Divergence?

    let plan: Plan
    let parameterBlock: Block
    let gradientBlock: Block
    let updater: Updater
    let order: RowOrder
    /// Whether `order` differs from the rows' own.
    var isShuffled = false
    /// Samples of the present epoch already used.
    var position = 0
    /// `carry`: samples whose gradients wait in the gradient block for the next update.
    var carriedCount = 0
    var shuffler: Random
    /// The key of the noise streams (dropout's and noise's draws), and the training passes done, which number the
    /// draws.
    var noiseKey: UInt64
    var passes: UInt64 = 0

    let train: ResidentSamples
    let test: ResidentSamples
    let evaluator: Evaluator
    private(set) var pass: CPUPass
    private let team: ThreadTeam?
    /// nil: training images are taken as they are.
    @exclusivity(unchecked) private var augmenter: Augmenter?
    private var learningRate: LearningRate
    @exclusivity(unchecked) private var batches: Batches
    var batchSize: Int { batches.size }

    /// The steps on another device; nil: the processor does them.
    @exclusivity(unchecked) var deviceSteps: DeviceSteps?
    /// Why the learner left a device, or never came to it, and goes on with the processor.
    public var deviceFailure: EngineError?
    /// Losses that a device has measured in passing, until `takeMeasurements`.
    @exclusivity(unchecked) var measurements: [Measurement] = []
    /// Whether `takeMeasurements` has something to hand out.
    public var hasMeasurements: Bool { !measurements.isEmpty }

    /// Plans memory, draws the initial weights from `seed`.
    /// - Parameters:
    ///   - threads: those that may share a step; a small one is faster on one.
    ///   - device: where to train; when it fails, the processor goes on (`deviceFailure`).
    /// - Throws: what is wrong with the network, the settings or the samples, and where.
    public init(
        network: NetworkDescription, learning: LearningDescription, train: Samples, test: Samples, seed: UInt64,
        threads: Int = 1, device: ComputeDevice = .processor
    ) throws(EngineError) {
        let plan = try Plan(network)
        try learning.check()
        guard train.count >= 1 else {
            throw EngineError.noTrainingSamples
        }
        try MemoryRoom.require(
            plan.trainingBytes(learning, train: train.count, test: test.count),
            for: "training this network of \(plan.outline.parameterCount) parameters", advice: MemoryRoom.advice)
        self.network = network
        self.learning = learning
        self.plan = plan
        outline = plan.outline
        let width = network.input.count
        self.train = try ResidentSamples(
            train, task: network.task, head: plan.head, inputs: width, place: "training data")
        self.test = try ResidentSamples(test, task: network.task, head: plan.head, inputs: width, place: "test data")
        parameterBlock = try Block(count: plan.outline.flatCount)
        gradientBlock = try Block(count: plan.outline.flatCount)
        team = threads > 1 ? ThreadTeam(threads: threads) : nil
        updater = try Updater(
            learning.optimizer, parameters: parameterBlock, gradients: gradientBlock,
            trainedCount: plan.outline.trainedCount, decayingCount: plan.decayingCount, team: team)
        learningRate = try LearningRate(learning.schedule, base: updater.learningRate)
        evaluator = try Evaluator(
            plan, task: network.task, parameters: parameterBlock, largestSet: max(train.count, test.count))
        batches = try Batches(samples: train.count, learning: learning, smallest: plan.program.smallestBatch)
        pass = try CPUPass(
            plan.program, part: .training, capacity: batches.size, parameters: parameterBlock, gradients: gradientBlock,
            team: team)
        augmenter = try Augmenter(learning.augment, shape: network.input)
        order = RowOrder(count: train.count)
        shuffler = Random(seed: seed)
        noiseKey = seed
        reset(seed: seed)
        do throws(EngineError) { try move(to: device) } catch { deviceFailure = error }
    }

    /// Steps in one epoch (at least 1: a batch is at most the training set).
    public var stepsPerEpoch: Int { batches.perEpoch }

    /// The learning rate that the next step will use.
    public var scheduledRate: Double { learningRate.rate(step: step) }

    public enum StepResult: Sendable { case stepped, finishedEpoch, diverged }

    /// One update. After a divergence it does nothing and returns `diverged`.
    public func advance() -> StepResult {
        if let deviceSteps, deviceSteps.isFull { dispatch(deviceSteps) }
        if divergence != nil { return .diverged }
        if position == 0 { arrange() }
        let count = batches.count(from: position)
        let rate = learningRate.rate(step: step)
        if let deviceSteps {
            let update = updater.deviceUpdate(
                count: count + carriedCount, rate: rate, l1: learning.l1, l2: learning.l2, clipNorm: learning.clipNorm)
            delegate(count: count, adding: carriedCount > 0, update: update, to: deviceSteps)
            if divergence != nil { return .diverged }
            carriedCount = 0
            step += 1
            position += count
        } else {
            accumulate(count: count, adding: carriedCount > 0)
            let diverged = updater.update(
                count: count + carriedCount, rate: rate, l1: learning.l1, l2: learning.l2, clipNorm: learning.clipNorm)
            carriedCount = 0
            step += 1
            position += count
            if diverged {
                divergence = diagnose()
                return .diverged
            }
        }
        guard batches.isOver(at: position) else { return .stepped }
        let rest = batches.carried(from: position)
        if rest > 0 {
            if let deviceSteps {
                delegate(count: rest, adding: false, update: nil, to: deviceSteps)
                if divergence != nil { return .diverged }
            } else {
                accumulate(count: rest, adding: false)
            }
            carriedCount = rest
        }
        position = 0
        epoch += 1
        return .finishedEpoch
    }

    /// Steps to the end of the present epoch.
    public func advanceEpoch() -> StepResult {
        while true {
            let result = advance()
            if result != .stepped { return result }
        }
    }

    /// Brings the training rows into the order of the epoch that begins.
    private func arrange() {
        if learning.shuffle {
            order.shuffle(&shuffler)
            isShuffled = true
        } else if isShuffled {
            order.restore()
            isShuffled = false
        }
    }

    /// Forward and backward over the next `count` samples: leaves the sum of their gradients.
    private func accumulate(count: Int, adding: Bool) {
        runPass(
            order: isShuffled ? order : nil, first: position, count: count, seed: noiseKey, counter: passes,
            adding: adding)
        passes += 1
    }

    /// Forward and backward over training rows.
    func runPass(order rows: RowOrder?, first: Int, count: Int, seed: UInt64, counter: UInt64, adding: Bool) {
        // Without counting the reference, which nothing replaces meanwhile: that takes a sixteenth of the smallest
        // step.
        Unmanaged.passUnretained(pass)._withUnsafeGuaranteedRef { pass in
            if let augmenter {
                augmenter.gather(
                    pass.rows(pass.program.input), stride: pass.stride, from: train.inputs, order: rows, first: first,
                    count: count, seed: seed, counter: counter)
            } else {
                pass.gather(pass.program.input, from: train.inputs, order: rows, first: first, count: count)
            }
            pass.gather(pass.program.target, from: train.targets, order: rows, first: first, count: count)
            pass.run(count: count, seed: seed, counter: counter, accumulate: adding)
        }
    }

    /// Losses, answers by class and R² at the present weights. A loss that is not finite is a divergence.
    public func evaluate() -> Evaluation {
        let trained = measure(.train, train)!
        let tested = measure(.test, test)
        let isFinite = trained.loss.isFinite && tested?.loss.isFinite ?? true
        if learning.l1 != 0 || learning.l2 != 0 || !isFinite { synchronize() }
        let measured = evaluation(train: trained, test: tested, regularization: regularization)
        if divergence == nil, !measured.isFinite { divergence = diagnose() }
        return measured
    }

    func evaluation(train: Evaluator.Result, test: Evaluator.Result?, regularization: Double) -> Evaluation {
        func confusion(_ result: Evaluator.Result) -> ConfusionMatrix? {
            evaluator.classes > 0 ? ConfusionMatrix(classes: evaluator.classes, counts: result.confusion) : nil
        }
        return Evaluation(
            trainLoss: train.loss, testLoss: test?.loss, trainConfusion: confusion(train),
            testConfusion: test.flatMap(confusion), trainR2: self.train.r2(squaredDistance: train.squaredDistance),
            testR2: self.test.r2(squaredDistance: test?.squaredDistance), regularization: regularization)
    }

    private func measure(_ set: SampleSet, _ samples: ResidentSamples) -> Evaluator.Result? {
        guard samples.count > 0 else { return nil }
        if deviceSteps != nil, let result = evaluateOnDevice(set) { return result }
        synchronize()
        return evaluator.evaluate(samples)
    }

    /// Σ over the decaying weights of l1·|w| + ½·l2·w².
    var regularization: Double {
        guard learning.l1 != 0 || learning.l2 != 0 else { return 0 }
        var sum = 0.0
        for weight in parameterBlock.values.prefix(plan.decayingCount) {
            let w = Double(weight)
            sum += learning.l1 * abs(w) + 0.5 * learning.l2 * w * w
        }
        return sum
    }

    /// Takes new settings while training goes on: the optimizer's state stays where the optimizer does. Another
    /// optimizer or batch size needs other kernels: the learner then leaves its device for the processor.
    /// - Throws: what is wrong with the settings; the learner then keeps its own.
    public func apply(_ learning: LearningDescription) throws(EngineError) {
        try learning.check()
        synchronize()
        let augmenter = try Augmenter(learning.augment, shape: network.input)
        let isOther = learning.optimizer.id != self.learning.optimizer.id
        let batches = try Batches(samples: train.count, learning: learning, smallest: plan.program.smallestBatch)
        let isResized = batches.size != batchSize
        // A device takes images as they are.
        if isOther || isResized || augmenter != nil { leaveDevice() }
        self.augmenter = augmenter
        if isResized {
            pass = try CPUPass(
                plan.program, part: .training, capacity: batches.size, parameters: parameterBlock,
                gradients: gradientBlock, team: team)
        }
        self.batches = batches
        try updater.apply(learning.optimizer)
        learningRate = try LearningRate(learning.schedule, base: updater.learningRate)
        if learning.lastBatch != .carry { carriedCount = 0 }
        self.learning = learning
    }

    static func shuffler(seed: UInt64) -> Random { Random(seed: seed ^ 0x7368_7566_666C_6500) }
    static func noiseKey(seed: UInt64) -> UInt64 { seed ^ 0x6472_6F70_6F75_7400 }

    /// Draws the weights of `seed` again; step and epoch return to 0.
    public func reset(seed: UInt64) {
        var random = Random(seed: seed)
        parameterBlock.write(plan.initialParameters(&random))
        // Streams of their own, so that what the network draws does not move the order of the rows.
        shuffler = Self.shuffler(seed: seed)
        noiseKey = Self.noiseKey(seed: seed)
        passes = 0
        gradientBlock.fill(0)
        updater.reset()
        order.restore()
        isShuffled = false
        step = 0
        epoch = 0
        position = 0
        carriedCount = 0
        divergence = nil
        invalidateDevice()
        measurements = []
    }

    /// Names the layer in which numbers stopped being finite: the first whose values are not, else the first whose
    /// parameters are not.
    func diagnose() -> Divergence {
        let count = min(batchSize, train.count)
        var place = outline.layers.first {
            $0.tensors.contains { hasNonFinite(outline.tensors[$0]) }
        }
        for (values, layer) in zip(plan.program.layers, outline.layers) {
            if deviceSteps == nil, pass.hasNonFinite(values.preActivation, count: count) {
                place = layer
                break
            }
        }
        return Divergence(
            step: step, layer: (place ?? outline.layers[outline.layers.count - 1]).place,
            advice: learning.adviceAfterDivergence(rate: updater.learningRate))
    }

    private func hasNonFinite(_ tensor: Outline.Tensor) -> Bool {
        parameterBlock.values[tensor.offset..<(tensor.offset + tensor.count)].contains { !$0.isFinite }
    }
}
