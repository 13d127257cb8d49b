/// Samples in the form in which a network takes them.
public struct Samples: Sendable, Hashable {
    public var count: Int
    /// Row-major `[count, features]`.
    public var inputs: [Float]
    /// A class index or a (standardized) value for each sample.
    public var labels: [Float]
    public init(count: Int, inputs: [Float], labels: [Float]) {
        self.count = count
        self.inputs = inputs
        self.labels = labels
    }
}

/// How a network learns: everything that can change while it trains. (`batchSize` and `shuffle` too.)
public struct LearningDescription: Sendable, Hashable {
    public var optimizer: Choice
    public var schedule: Choice
    public var batchSize: Int
    public var lastBatch: LastBatch
    public var shuffle: Bool
    public var l1: Double
    public var l2: Double
    /// The largest Euclidean norm of the whole mean gradient (PyTorch's clip_grad_norm_), or nil.
    public var clipNorm: Double?

    public init(
        optimizer: Choice = Choice("sgd"), schedule: Choice = Choice("constant"), batchSize: Int = 10,
        lastBatch: LastBatch = .short, shuffle: Bool = false, l1: Double = 0, l2: Double = 0, clipNorm: Double? = nil
    ) {
        self.optimizer = optimizer
        self.schedule = schedule
        self.batchSize = batchSize
        self.lastBatch = lastBatch
        self.shuffle = shuffle
        self.l1 = l1
        self.l2 = l2
        self.clipNorm = clipNorm
    }
}

/// Means over the whole sets, dropout off, without regularization.
public struct Evaluation: Sendable, Hashable {
    public var trainLoss: Double
    /// nil without test samples.
    public var testLoss: Double?
    /// nil for regression.
    public var trainAccuracy: Double?
    public var testAccuracy: Double?
    /// Σ over the weights of l1·|w| + ½·l2·w².
    public var regularization: Double
    /// Counts over the test samples (the training samples without any), `[true class][predicted class]`; empty for regression.
    public var confusion: [[Int]]
}

/// Where and when numbers stopped being finite.
public struct Divergence: Sendable, Hashable {
    public var step: Int
    /// The tensor's layer: "layers.0", "output".
    public var layer: String
    /// What to change, one sentence.
    public var advice: String
}

/// Everything that a learner needs to go on exactly where it was.
public struct LearnerState: Sendable, Hashable {
    public struct Slot: Sendable, Hashable {
        /// "momentum", "squareAverage", ...: part of a tensor's name in checkpoints.
        public var name: String
        public var values: [Float]
    }
    public var parameters: [Float]
    /// One flat span for each of the optimizer's slots, laid out as the parameters.
    public var slots: [Slot]
    public var step: Int
    public var epoch: Int
    /// Samples of the present epoch already used.
    public var position: Int
    /// `carry`: the gradient sums not yet applied and their number of samples.
    public var carried: [Float]
    public var carriedCount: Int
    /// The present order of the training rows (empty: as they are) and the generators' states.
    public var order: [Int32]
    public var generators: [String: [UInt64]]
}

/// A network, its optimizer and its data: trains one step at a time. Not Sendable: lives in one thread.
public final class Learner {
    public let network: NetworkDescription
    public let outline: Outline
    /// Set with `apply`.
    public private(set) var learning: LearningDescription
    /// Updates done.
    public private(set) var step = 0
    /// Epochs completed.
    public private(set) var epoch = 0
    public private(set) var divergence: Divergence?

    /// Plans memory, draws the initial weights from `seed`.
    public init(
        network: NetworkDescription, learning: LearningDescription, train: Samples, test: Samples, seed: UInt64,
        threads: Int = 1
    ) throws(EngineError) { fatalError("not built yet") }

    /// Steps in one epoch: ⌈n/b⌉ with `short`, ⌊n/b⌋ else (at least 1: a batch is at most the training set).
    public var stepsPerEpoch: Int { fatalError("not built yet") }

    /// The learning rate that the next step will use.
    public var scheduledRate: Double { fatalError("not built yet") }

    public enum StepResult: Sendable { case stepped, finishedEpoch, diverged }

    /// One update. After a divergence it does nothing and returns `diverged`.
    public func advance() -> StepResult { fatalError("not built yet") }

    /// Steps to the end of the present epoch.
    public func advanceEpoch() -> StepResult { fatalError("not built yet") }

    /// Losses and accuracies at the present weights.
    public func evaluate() -> Evaluation { fatalError("not built yet") }

    /// Takes new settings while training goes on: the optimizer's state stays where the optimizer does.
    public func apply(_ learning: LearningDescription) throws(EngineError) { fatalError("not built yet") }

    /// Draws the weights of `seed` again; step and epoch return to 0.
    public func reset(seed: UInt64) { fatalError("not built yet") }

    /// The flat parameters, as in `outline.tensors`.
    public var parameters: [Float] {
        get { fatalError("not built yet") }
        set { fatalError("not built yet") }
    }

    public var state: LearnerState { fatalError("not built yet") }

    /// Goes on from `state`, which must fit this network and optimizer.
    public func restore(_ state: LearnerState) throws(EngineError) { fatalError("not built yet") }

    /// Copies every weight that a changed network can keep: tensors of layers matched by `map` (new layer index in
    /// `outline.layers` → old one), and of each tensor the part that both shapes have.
    public func inherit(_ parameters: [Float], from old: Outline, map: [Int: Int]) { fatalError("not built yet") }
}
