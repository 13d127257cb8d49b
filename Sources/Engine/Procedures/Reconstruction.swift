/// An autoencoder: the network is to give back each sample, clean, from what it takes in. Labels play no part.
final class Reconstruction: DescentProcedure {
    static let entry = Entry(
        id: "reconstruction", title: "reconstruction",
        summary:
            "The network learns to give back its input, the layers' last values, through a narrow or a disturbed code; no labels are needed.",
        formula: "w ← w − η · ∂L(x̂, x)/∂w,  x̂ = decode(encode(x̃))",
        source: "Rumelhart, Hinton and Williams, 1986; Vincent and others, 2008",
        watch:
            "The error on test samples, and the worst reconstructions: with a code as wide as the input a small error means nothing.",
        knobs: [
            Knob(
                "corruption", title: "corruption",
                summary: "A random change of the input in training; the target is the input without it.",
                kind: .choice(.corruption), default: .choice(Choice(Corruption.nothing.entry.id)))
        ])
    static let metrics = Metric.reconstruction
    static let targetsAreInputs = true
    static let descendsPlainly = true
    static let tracesSteps = true

    let descent: GradientDescent

    init(_ setup: TrainingSetup) throws(EngineError) {
        descent = try GradientDescent(setup, metrics: Self.metrics)
    }

    func traceStep(sample: Int, turn: Int) throws(EngineError) -> StepTrace? { try descent.traceStep(sample: sample) }
}
