/// The code of a variational autoencoder: each unit has a mean and a variance, of which training draws its value anew in each
/// step; outside training the value is the mean.
///
/// Shapes: x: [values, batch], h = W x + b with W (`weight`): [2 · units, values] and b (`bias`): [2 · units]: μ = the first
/// half of h, ln σ² = the second; z: [units, batch] = μ + σ ∘ ε with ε ~ N(0, 1). Each sample's loss has weight · D added,
/// D = ½ Σ (μ² + σ² − 1 − ln σ²), the Kullback–Leibler divergence of N(μ, σ²) from N(0, 1).
/// Backward: dμ = dz + weight · μ, d(ln σ²) = ½ dz ∘ ε ∘ σ + ½ weight · (σ² − 1).
struct SampledCode: Layer {
    static let entry = Entry(
        id: "sampledCode", title: "sampled code",
        summary:
            "Draws each code from a normal distribution that the encoder gives, and pulls it towards N(0, 1): places between codes mean something too.",
        formula: "z = μ + σ · ε,  L ← L + weight · ½ Σ (μ² + σ² − 1 − ln σ²)",
        source: "Kingma and Welling, Auto-encoding variational Bayes, 2013",
        watch:
            "The divergence beside the error: near 0 the codes say nothing about the input (collapse), and all reconstructions look alike.",
        knobs: [
            Knob(
                "units", title: "units", summary: "The number of values of a code.", kind: .integer(1...4096),
                default: .integer(2), raise: "when reconstructions lack details",
                lower: "when values of the code stay at N(0, 1) and say nothing"),
            Knob(
                "weight", title: "weight",
                summary: "How much the divergence from N(0, 1) counts beside the error of the reconstruction.",
                kind: .real(0...1000, steps: [0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]), default: .real(1),
                raise: "when places between codes give no sensible pictures",
                lower: "when all reconstructions look alike"),
            Knob(
                "initializer", title: "initializer", summary: "How the weights are drawn before training.",
                kind: .choice(.initializer), default: .choice(Choice("playground"))),
        ])

    let units: Int
    let weight: Double
    private let initializer: ChosenInitializer

    init(settings: Settings) throws(EngineError) {
        (units, weight) = (settings.integer("units"), settings.real("weight"))
        initializer = try ChosenInitializer(settings)
    }

    var title: String { "sampled code \(units)" }

    var activation: Settings? { nil }

    func emit(_ x: Value, into plan: inout PlanBuilder) -> Value {
        let (m, knobs) = (units, [weight])
        let h = plan.weightedSums(of: x, units: 2 * m, initializer)
        let means = Slice(block: h.slice.block, offset: h.slice.offset, count: m)
        let z = plan.value(Shape(m), isDifferentiable: h.isDifferentiable)
        let penalty = plan.value(Shape(1), isDifferentiable: false)
        let deviates = plan.isOutsideTraining ? nil : plan.trainingRows(m)
        plan.emit(
            Operation(
                .drawCode, kind: .stream(plan.stream), m: m,
                ["output": z.slice, "input": h.slice, "deviates": deviates]),
            evaluation: false)
        plan.emit(Operation(.copy, m: m, ["output": z.slice, "input": means]), training: false)
        plan.emit(Operation(.codeDivergence, m: m, knobs: knobs, ["penalty": penalty.slice, "input": h.slice]))
        plan.addPenalty(penalty.slice)
        plan.backward { plan in
            // Outside training no penalty is asked for.
            let (dz, knobs) = (plan.gradient(of: z), plan.isOutsideTraining ? [0] : knobs)
            plan.addGradient(of: h) {
                Operation(
                    .drawCodeGradient, m: m, knobs: knobs,
                    ["inputGradient": $0, "gradient": dz, "input": h.slice, "deviates": deviates])
            }
        }
        return z
    }
}
