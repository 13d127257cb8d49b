/// No network learns: the rivals alone do, and the run ends when they are fitted.
final class Fit: DescentProcedure {
    static let entry = Entry(
        id: "fit", title: "rivals alone",
        summary: "No network learns: the rivals alone are fitted, step by step, until all are.",
        formula: "—", source: "Hastie, Tibshirani and Friedman, The elements of statistical learning, 2009",
        watch:
            "The score on test samples over the steps, not that on training samples: some rivals know those by heart.",
        knobs: [
            Knob(
                "epochSteps", title: "epoch's steps", summary: "The steps of each rival that make an epoch.",
                kind: .integer(1...1_000_000), default: .integer(5), raise: "when the curve moves too slowly",
                lower: "when it jumps from nothing to its end")
        ])
    static let metrics: [Metric] = []
    static let trainsNetwork = false

    /// Keeps the settings; its network has no layers and stays 0.
    let descent: GradientDescent
    private var epochSteps: Int

    init(_ setup: TrainingSetup) throws(EngineError) {
        epochSteps = try Self.epochSteps(setup.learning.procedure)
        descent = try GradientDescent(setup)
        clear()
    }

    private static func epochSteps(_ choice: Choice) throws(EngineError) -> Int {
        try Settings(choice, in: .procedure, place: "training.procedure").integer("epochSteps")
    }

    private func clear() { descent.parameters = [Float](repeating: 0, count: descent.model.outline.flatCount) }

    var metrics: [Metric] { Self.metrics }
    var stepsPerEpoch: Int { epochSteps }

    func advance(steps: Int) -> TrainingProgress {
        let rest = epochSteps - descent.step % epochSteps
        descent.step += min(steps, rest)
        guard steps >= rest else { return .stepped }
        descent.feed.epoch += 1
        return .finishedEpoch
    }

    func measure() -> Evaluation { Evaluation([], []) }

    func apply(_ learning: LearningDescription, to network: NetworkDescription?) throws(EngineError) {
        let steps = try Self.epochSteps(learning.procedure)
        try descent.apply(learning, to: network)
        epochSteps = steps
    }

    func reset(seed: UInt64) {
        descent.reset(seed: seed)
        clear()
    }
}
