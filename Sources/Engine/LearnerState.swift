/// Everything that a learner needs to go on exactly where it was.
public struct LearnerState: Sendable, Hashable {
    public struct Slot: Sendable, Hashable {
        /// "momentum", "squareAverage", ...: part of a tensor's name in checkpoints.
        public var name: String
        public var values: [Float]

        public init(name: String, values: [Float]) {
            self.name = name
            self.values = values
        }
    }

    /// The range of a counter of steps, epochs or updates: far more than anybody waits for, and far from where the
    /// arithmetic would end.
    public static let counts = 0...(1 << 53)

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
    /// The present order of the training rows (empty: as they are).
    public var order: [Int32]
    /// The generators' states and the counters that go with them: "shuffle" (four words), "dropout" (key and number of
    /// passes), "optimizer" (updates since this optimizer was chosen). A learner goes on with its own where one lacks.
    public var generators: [String: [UInt64]]

    public init(
        parameters: [Float], slots: [Slot], step: Int, epoch: Int, position: Int, carried: [Float] = [],
        carriedCount: Int = 0, order: [Int32] = [], generators: [String: [UInt64]] = [:]
    ) {
        self.parameters = parameters
        self.slots = slots
        self.step = step
        self.epoch = epoch
        self.position = position
        self.carried = carried
        self.carriedCount = carriedCount
        self.order = order
        self.generators = generators
    }
}
