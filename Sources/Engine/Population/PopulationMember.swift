/// One of many networks that train at once: the parts that a procedure of its own would be made from.
public struct PopulationMember: Sendable {
    public var network: NetworkDescription
    public var learning: LearningDescription
    public var train: Samples
    public var test: Samples
    public var seed: UInt64
    /// The flat parameters at the start; nil: drawn from the seed.
    public var start: [Float]?
    /// The game to learn from; nil: from samples.
    public var environment: Choice?

    /// The ranges of the samples' values; empty: from the least to the largest.
    public var ranges: [ClosedRange<Float>] = []
    /// The pictures that the procedure asks for; nil: none.
    public var pictures: InputPictures?

    public init(
        network: NetworkDescription, learning: LearningDescription, train: Samples, test: Samples, seed: UInt64,
        start: [Float]? = nil, environment: Choice? = nil
    ) {
        self.network = network
        self.learning = learning
        self.train = learning.samples(of: train)
        self.test = test
        self.seed = seed
        self.start = start
        self.environment = environment
    }

    /// The flat parameters at the start.
    func initialParameters(_ plan: Plan) -> [Float] {
        if let start { return start }
        var random = Random(seed: seed)
        return plan.initialParameters(&random)
    }
}

/// A mistake in one of the members.
public struct PopulationError: Error, Sendable, Hashable {
    /// The member's place in the list.
    public var member: Int
    public var reason: EngineError
}

/// The properties that networks side by side must share: the operations and their memory. They may differ in seed,
/// data, initial weights, knobs of dropout and noise, learning rate, schedule, an optimizer's knobs, regularization and
/// clipping.
struct CohortShape: Hashable {
    private let task: Task
    /// The number of the network's operations among those that differ.
    private let operations: Int
    private let trainedSpans: [Range<Int>]
    private let loss: String
    private let lossKnobs: [Double]
    private let procedure: Choice
    /// Whether the procedure's steps can be done side by side.
    let isPlainDescent: Bool
    private let optimizer: String
    let batches: Batches
    private let shuffle: Bool
    private let testCount: Int
    private let changesImages: Bool

    /// - Parameter operations: the number of those that `shared(_:)` has of the plan.
    /// - Throws: that the batches are too small for the network.
    init(_ member: PopulationMember, plan: Plan, operations: Int) throws(EngineError) {
        task = member.network.task
        let program = plan.program
        self.operations = operations
        trainedSpans = plan.outline.trainedSpans
        loss = plan.head.loss.entry.id
        lossKnobs = plan.head.lossSettings.parameters
        procedure = member.learning.procedure
        isPlainDescent = try Catalogue.procedure(procedure).isPlainDescent && member.learning.locked.isEmpty
        optimizer = member.learning.optimizer.id
        testCount = member.test.count
        batches = try Batches(
            samples: member.train.count, learning: member.learning, smallest: program.smallestBatch,
            inStreams: program.carriesState)
        shuffle = member.learning.shuffle
        changesImages = !member.learning.augment.isEmpty
    }

    /// A network's operations, without the knobs that each network side by side has of its own.
    static func shared(_ plan: Plan) -> [Operation] {
        plan.program.operations.map { operation in
            var operation = operation
            if operation.primitive.hasKnobsPerNetwork { operation.knobs = [] }
            return operation
        }
    }
}
