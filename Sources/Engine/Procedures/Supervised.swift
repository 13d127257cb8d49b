/// Every sample has a target; all layers learn at once.
final class Supervised: DescentProcedure {
    static let entry = Entry(
        id: "supervised", title: "supervised",
        summary: "Every sample has a right answer, and all layers learn from the difference at once.",
        formula: "w ← w − η · ∂L/∂w", source: "Rumelhart, Hinton and Williams, 1986",
        watch:
            "Training loss and test loss together: both high is too small a network or rate, a test loss that rises is overfitting."
    )
    static let metrics = Metric.supervised
    static let isPlainDescent = true
    static let tracesSteps = true
    static let sharesBatches = true

    let descent: GradientDescent

    init(_ setup: TrainingSetup) throws(EngineError) { descent = try GradientDescent(setup) }

    func traceStep(sample: Int, turn: Int) throws(EngineError) -> StepTrace? { try descent.traceStep(sample: sample) }
}
