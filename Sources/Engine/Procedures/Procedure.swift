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

    public init(
        network: NetworkDescription, learning: LearningDescription, train: Samples, test: Samples, seed: UInt64,
        threads: Int = 1, device: ComputeDevice = .processor
    ) {
        (self.network, self.learning, self.train, self.test) = (network, learning, train, test)
        (self.seed, self.threads, self.device) = (seed, threads, device)
    }

    /// The procedure that the settings name, ready to train.
    public func procedure() throws(EngineError) -> any Procedure {
        try Catalogue.procedure(learning.procedure).init(self)
    }
}

extension Catalogue {
    /// The procedure of a choice.
    /// - Throws: an unknown id, or a mistake in its knobs.
    static func procedure(_ choice: Choice) throws(EngineError) -> any Procedure.Type {
        let settings = try Settings(choice, in: .procedure, place: "training.procedure")
        return procedures.first { $0.entry.id == settings.entry.id }!
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
