/// The way in which learning proceeds: the steps, the end of an epoch, and the quantities that are measured. Not Sendable:
/// lives in one thread.
public protocol Procedure: AnyObject, SendableMetatype {
    static var entry: Entry { get }
    /// The quantities of `measure`, in the order in which they are shown.
    static var metrics: [Metric] { get }
    /// The same, with those that only some data have.
    var metrics: [Metric] { get }
    /// Whether its steps are gradient descent and nothing else, which networks side by side do too.
    static var isPlainDescent: Bool { get }
    /// Whether a network learns; else the rivals alone do, and the run ends with them.
    static var trainsNetwork: Bool { get }
    /// Whether its steps are gradient descent and nothing else, though it may change the inputs at random.
    static var descendsPlainly: Bool { get }
    /// Whether it learns without labels: the network is to give back its input.
    static var targetsAreInputs: Bool { get }
    /// The task of its network on data with a task: to give back the input where no labels are learned. Nothing else says it.
    static func task(_ task: Task, by choice: Choice) -> Task
    /// Whether labels stand beside what it learns to draw, so that they can be drawn with it.
    static func drawsLabels(by choice: Choice) -> Bool
    /// Whether it learns from samples without a label too; else only those with one are given to it.
    static var learnsFromUnlabelled: Bool { get }
    /// Whether copies of its network can share the batches (`ModelCopies`).
    static var sharesBatches: Bool { get }
    /// Whether it learns by playing a game; else from samples.
    static var learnsGames: Bool { get }
    /// Whether its loss is a knob of its own; else it is the output's.
    static var hasOwnLoss: Bool { get }
    /// The noise that its network takes in place of samples; nil: it takes the data's samples.
    static func noise(of choice: Choice) -> NoiseInput?
    /// The pictures that it asks for; empty: none.
    static func pictures(of choice: Choice) -> [WantedPicture]
    /// Makes of a network over the data's samples the one that it trains, whose task is `task`'s already; of that one it makes the
    /// same again.
    static func adapt(_ network: inout NetworkDescription, _ choice: Choice)
    /// - Throws: that it cannot train the layers of such a network.
    static func check(_ network: NetworkDescription, by choice: Choice) throws(EngineError)
    /// The knobs that decide what is learned: with other values training starts again.
    static var startingKnobs: [String] { get }

    /// Reserves all memory and draws the initial weights.
    /// - Throws: a mistake in the network, the settings or the samples, with its place.
    init(_ setup: TrainingSetup) throws(EngineError)

    /// The networks that it trains; the first is the one whose answers are shown.
    var models: [NamedModel] { get }
    var learning: LearningDescription { get }
    /// Updates done.
    var step: Int { get }
    /// Epochs completed.
    var epoch: Int { get }
    /// At least 1.
    var stepsPerEpoch: Int { get }
    /// The learning rate that the next step will use.
    var scheduledRate: Double { get }
    var divergence: Divergence? { get }

    /// So many updates; fewer where an epoch ends or numbers stop being finite. After a divergence it does nothing.
    func advance(steps: Int) -> TrainingProgress

    /// Measures all metrics at the present weights. A loss that is not finite is a divergence.
    func measure() -> Evaluation

    /// Takes new settings while training goes on.
    /// - Parameter network: the present network with other names and other frozen layers; nil: as it is.
    /// - Throws: a mistake in the settings; the present ones then stay.
    func apply(_ learning: LearningDescription, to network: NetworkDescription?) throws(EngineError)

    /// Draws the weights of `seed` again; step and epoch return to 0.
    func reset(seed: UInt64)

    /// Everything that a checkpoint must hold to go on exactly.
    var state: TrainingState { get }
    /// - Throws: the part of the state that does not fit; nothing has changed then.
    func restore(_ state: TrainingState) throws(EngineError)

    /// The flat parameters of the first model, as in its outline's tensors.
    var parameters: [Float] { get set }
    /// Copies every weight of another network that the first model can keep: `paths` map its layers to the other's.
    func inherit(_ parameters: [Float], from old: Outline, paths: [String: String])

    /// The steps on another device.
    var deviceSteps: DeviceSteps { get }

    /// The game as it stands; nil: it plays none.
    var gameReport: GameReport? { get }

    /// The picture that it changes; nil: it changes none.
    var pictureReport: PictureReport? { get }

    /// Whether an update can be told with all its numbers.
    static var tracesSteps: Bool { get }
    /// The updates of a round (`advance(steps: 1)`) in their order.
    static func turns(_ network: NetworkDescription, _ choice: Choice) -> [StepTurn]
    /// Does the next round on the processor up to one of its turns, and tells all of that. The procedure is of no use
    /// afterwards: it is a copy's.
    /// - Parameters:
    ///   - sample: the place in the batch of the sample whose values are told; beyond the ends the first or the last.
    ///   - turn: a place in `turns`; beyond the ends the first or the last.
    /// - Returns: nil: it does no such updates, or has diverged.
    func traceStep(sample: Int, turn: Int) throws(EngineError) -> StepTrace?
}

/// A network of a procedure and its name: "network"; "generator".
public struct NamedModel {
    public let name: String
    public let model: Model
}

/// The outcome of some steps.
public enum TrainingProgress: Sendable { case stepped, finishedEpoch, diverged }

/// The parts that training is made from.
public struct TrainingSetup: Sendable {
    public var network: NetworkDescription
    public var learning: LearningDescription
    public var train: Samples
    public var test: Samples
    public var seed: UInt64
    /// The most threads that may share a step; a small one is faster on one.
    public var threads: Int
    /// The device to train on; when it fails, the processor goes on (`DeviceSteps.failure`).
    public var device: ComputeDevice
    /// The game to learn from, with its settings; nil: from samples.
    public var environment: Choice?
    /// The ranges of the samples' values, where densities are compared; empty: from the least value to the largest.
    public var ranges: [ClosedRange<Float>] = []
    /// Copies of the network that share the batches; nil: it is the only one.
    public var copies: (any ModelCopies)?
    /// The pictures that the procedure asks for; nil: none.
    public var pictures: InputPictures?

    public init(
        network: NetworkDescription, learning: LearningDescription, train: Samples, test: Samples, seed: UInt64,
        threads: Int = 1, device: ComputeDevice = .processor, environment: Choice? = nil
    ) {
        (self.network, self.learning, self.train, self.test) = (network, learning, train, test)
        (self.seed, self.threads, self.device, self.environment) = (seed, threads, device, environment)
    }

    /// The procedure that the settings name, ready to train.
    public func procedure() throws(EngineError) -> any Procedure {
        let type = try Catalogue.procedure(learning.procedure)
        try Catalogue.check(learning.procedure, isForGame: environment != nil)
        guard copies == nil || type.sharesBatches else {
            let names = Catalogue.procedures.filter { $0.sharesBatches }.map { $0.entry.id }.joined(separator: " or ")
            throw EngineError(
                place: "training.procedure",
                message: "\(type.entry.id) does not learn in several copies that share the batches; \(names) does")
        }
        var setup = self
        setup.network = Catalogue.adapted(network, to: learning.procedure)
        setup.train = learning.samples(of: train)
        return try type.init(setup)
    }
}

extension Catalogue {
    /// The procedure of a choice.
    /// - Throws: an unknown id, or a mistake in its knobs.
    static func procedure(_ choice: Choice) throws(EngineError) -> any Procedure.Type {
        let settings = try Settings(choice, in: .procedure, place: "training.procedure")
        return procedures.first { $0.entry.id == settings.entry.id }!
    }

    /// The task of a network that a procedure trains on data with a task.
    public static func task(_ task: Task, of procedure: Choice) -> Task {
        procedures.first { $0.entry.id == procedure.id }?.task(task, by: procedure) ?? task
    }

    /// Whether a procedure learns labels, and from samples without one too.
    public static func needsFewLabels(_ choice: Choice) -> Bool {
        procedures.contains { $0.entry.id == choice.id && $0.learnsFromUnlabelled && !$0.targetsAreInputs }
    }

    /// - Throws: that the procedure learns games and there is none, or the other way round.
    public static func check(_ choice: Choice, isForGame: Bool) throws(EngineError) {
        guard let type = procedures.first(where: { $0.entry.id == choice.id }), type.learnsGames != isForGame else {
            return
        }
        guard isForGame else { throw EngineError.noGame(type.entry) }
        let others = procedures.filter { $0.learnsGames }.map { $0.entry.id }.joined(separator: " or ")
        throw EngineError(
            place: "training.procedure",
            message: "\(type.entry.id) learns from samples, but this data is a game; choose \(others)")
    }

    /// - Throws: that a procedure cannot train the layers of such a network.
    public static func check(_ network: NetworkDescription, for choice: Choice) throws(EngineError) {
        try procedures.first { $0.entry.id == choice.id }?.check(network, by: choice)
    }

    /// The procedure where nothing is written.
    /// - Parameter forGames: of those that learn by playing.
    public static func standardProcedure(forGames: Bool) -> Choice {
        Choice(procedures.first { $0.learnsGames == forGames }!.entry.id)
    }

    /// The updates of a round of a procedure, in their order.
    public static func turns(_ network: NetworkDescription, of choice: Choice) -> [StepTurn] {
        procedures.first { $0.entry.id == choice.id }?.turns(network, choice) ?? [.whole(network)]
    }

    /// Whether a procedure's updates can be told with all their numbers.
    public static func tracesSteps(_ choice: Choice) -> Bool {
        procedures.contains { $0.entry.id == choice.id && $0.tracesSteps }
    }

    /// Whether a procedure learns by playing.
    public static func learnsGames(_ choice: Choice) -> Bool {
        procedures.contains { $0.entry.id == choice.id && $0.learnsGames }
    }

    /// The network that a procedure trains, with its task, of one over the data's samples; the same where the choice is a
    /// mistake.
    public static func adapted(_ network: NetworkDescription, to procedure: Choice) -> NetworkDescription {
        guard let type = procedures.first(where: { $0.entry.id == procedure.id }) else { return network }
        var network = network
        network.task = type.task(network.task, by: procedure)
        type.adapt(&network, procedure)
        return network
    }

    /// Whether a procedure learns by a loss of its own, whatever stands at the output.
    public static func hasOwnLoss(_ procedure: Choice) -> Bool {
        procedures.contains { $0.entry.id == procedure.id && $0.hasOwnLoss }
    }

    /// Whether what learns by a procedure answers samples with their labels.
    public static func answersLabels(_ choice: Choice) -> Bool {
        procedures.contains {
            $0.entry.id == choice.id && !$0.learnsGames && !$0.targetsAreInputs && $0.noise(of: choice) == nil
        }
    }

    /// Whether a procedure trains a network; else rivals alone.
    public static func trainsNetwork(_ choice: Choice) -> Bool {
        procedures.first { $0.entry.id == choice.id }?.trainsNetwork ?? true
    }

    /// Whether a procedure measures how well a network answers: its accuracy, of values R².
    public static func scoresAnswers(_ choice: Choice) -> Bool {
        trainsNetwork(choice) && Metric.supervised.allSatisfy(metrics(of: choice).contains)
    }

    /// The noise that a procedure's network takes in place of the data's samples; nil: it takes these.
    public static func noise(of procedure: Choice) -> NoiseInput? {
        procedures.first { $0.entry.id == procedure.id }?.noise(of: procedure)
    }

    /// The pictures that a procedure asks for; empty: none.
    public static func pictures(of procedure: Choice) -> [WantedPicture] {
        procedures.first { $0.entry.id == procedure.id }?.pictures(of: procedure) ?? []
    }

    /// Whether labels can be drawn with what a procedure's network draws.
    public static func drawsLabels(_ procedure: Choice) -> Bool {
        procedures.first { $0.entry.id == procedure.id }?.drawsLabels(by: procedure) ?? false
    }

    /// The quantities that a procedure measures; those of the standard one where the choice is a mistake.
    public static func metrics(of choice: Choice) -> [Metric] {
        (procedures.first { $0.entry.id == choice.id } ?? procedures[0]).metrics
    }

    /// Whether another choice of procedure makes training start again.
    public static func startsAgain(_ old: Choice, _ new: Choice) -> Bool {
        guard old.id == new.id, let type = procedures.first(where: { $0.entry.id == new.id }) else { return true }
        return type.startingKnobs.contains { name in
            type.entry.knob(name).map { old.value(of: $0) != new.value(of: $0) } ?? false
        }
    }
}

extension Procedure {
    public static var isPlainDescent: Bool { false }
    public static var trainsNetwork: Bool { true }
    public static var descendsPlainly: Bool { isPlainDescent }
    public static var targetsAreInputs: Bool { false }
    public static func drawsLabels(by choice: Choice) -> Bool { false }
    public static func task(_ task: Task, by choice: Choice) -> Task { targetsAreInputs ? .reconstruction : task }
    public static var learnsFromUnlabelled: Bool { targetsAreInputs }
    public static var sharesBatches: Bool { false }
    public static var learnsGames: Bool { false }
    public static var hasOwnLoss: Bool { false }
    public var gameReport: GameReport? { nil }
    public var pictureReport: PictureReport? { nil }
    public static func pictures(of choice: Choice) -> [WantedPicture] { [] }
    public static var tracesSteps: Bool { false }
    public static func turns(_ network: NetworkDescription, _ choice: Choice) -> [StepTurn] { [.whole(network)] }
    public func traceStep(sample: Int, turn: Int) throws(EngineError) -> StepTrace? { nil }
    public static func noise(of choice: Choice) -> NoiseInput? { nil }
    public static func adapt(_ network: inout NetworkDescription, _ choice: Choice) {}
    public static func check(_ network: NetworkDescription, by choice: Choice) throws(EngineError) {}
    public static var startingKnobs: [String] { [] }

    public var metrics: [Metric] { Self.metrics }
    /// The network whose answers are shown.
    public var model: Model { models[0].model }
    public var outline: Outline { model.outline }
    /// The device that does the steps.
    public var device: ComputeDevice { deviceSteps.device }
    /// Why the steps left a device, or never came to it.
    public var deviceFailure: EngineError? { deviceSteps.failure }

    /// Updates to the end of the present epoch.
    public func advanceEpoch() -> TrainingProgress {
        while true {
            let progress = advance(steps: stepsPerEpoch)
            if progress != .stepped { return progress }
        }
    }
}

extension EngineError {
    /// - Parameter procedure: one that learns by playing.
    static func noGame(_ procedure: Entry) -> EngineError {
        EngineError(
            place: "training.procedure",
            message:
                "\(procedure.id) learns by playing, but this data is no game; choose a game as the dataset, or the "
                + "procedure \(Catalogue.standardProcedure(forGames: false).id)")
    }
}

/// A procedure whose steps are those of one gradient descent.
protocol DescentProcedure: Procedure {
    var descent: GradientDescent { get }
}

extension DescentProcedure {
    var metrics: [Metric] { Self.metrics + descent.stepMetrics }
    var models: [NamedModel] { [NamedModel(name: "network", model: descent.model)] }
    var learning: LearningDescription { descent.learning }
    var step: Int { descent.step }
    var epoch: Int { descent.epoch }
    var stepsPerEpoch: Int { descent.stepsPerEpoch }
    var scheduledRate: Double { descent.scheduledRate }
    var divergence: Divergence? { descent.divergence }
    var state: TrainingState { descent.state }
    var parameters: [Float] {
        get { descent.parameters }
        set { descent.parameters = newValue }
    }
    var deviceSteps: DeviceSteps { descent.deviceSteps }

    func advance(steps: Int) -> TrainingProgress { descent.advance(steps: steps) }
    func measure() -> Evaluation { descent.evaluate() }
    func apply(_ learning: LearningDescription, to network: NetworkDescription?) throws(EngineError) {
        try descent.apply(learning, to: network)
    }
    func reset(seed: UInt64) { descent.reset(seed: seed) }
    func restore(_ state: TrainingState) throws(EngineError) { try descent.restore(state) }
    func inherit(_ parameters: [Float], from old: Outline, paths: [String: String]) {
        descent.inherit(parameters, from: old, paths: paths)
    }
}
