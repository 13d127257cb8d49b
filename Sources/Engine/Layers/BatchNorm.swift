/// Brings each unit, of images each channel, to mean 0 and deviation 1 over the batch, then scales and shifts it by learned
/// numbers. Outside training the running mean and variance stand for the batch's; in a frozen layer always, and they stay.
///
/// Shapes: x and y: [units, batch], or [channels, height, width, batch], whose units are the channels; γ (`weight`), β (`bias`),
/// `running_mean` and `running_var`: [units].
/// Training: x̂ = (x − μ) / √(σ² + ε) with the batch's mean μ and biased variance σ², y = γ x̂ + β; the running numbers move
/// by `momentum` towards μ and the unbiased variance (PyTorch's BatchNorm1d and BatchNorm2d).
/// Backward: dx̂ = γ ∘ dy, dγ = Σ dy ∘ x̂, dβ = Σ dy, dx = (dx̂ − mean(dx̂) − x̂ ∘ mean(dx̂ ∘ x̂)) / √(σ² + ε);
/// frozen dx = dx̂ / √(σ² + ε).
struct BatchNorm: Layer {
    static let entry = Entry(
        id: "batchNorm", title: "batchNorm",
        summary:
            "Keeps each unit's values near mean 0 and deviation 1 over the batch, which bears larger learning rates.",
        formula: "y = γ (x − μ) / √(σ² + ε) + β",
        source: "Ioffe and Szegedy, Batch normalization, 2015",
        watch:
            "With batches of a few samples mean and deviation are noisy; the test uses running values, so that training and test answers differ early in the run.",
        knobs: [
            Knob(
                "momentum", title: "momentum",
                summary: "How far the running mean and variance move towards those of each batch.",
                kind: .real(0...1, steps: [0.001, 0.01, 0.03, 0.1, 0.3, 1]), default: .real(0.1),
                raise: "when the test loss lags behind the training loss early in the run",
                lower: "when the test loss jumps from epoch to epoch"),
            Norm.epsilon, Norm.affine,
        ])

    let momentum: Double
    let epsilon: Double
    let isAffine: Bool

    private let place: String

    init(settings: Settings) {
        momentum = settings.real("momentum")
        epsilon = settings.real("epsilon")
        isAffine = settings.toggle("affine")
        place = settings.place
    }

    var title: String { "batchNorm" }

    var activation: Settings? { nil }

    var link: Outline.Link? { .oneToOne }

    var formula: UnitFormula {
        UnitFormula(
            Self.entry.formula,
            numbers: [
                UnitFormula.Number("running_mean", "μ", "mean"), UnitFormula.Number("running_var", "σ²", "variance"),
                Norm.scale,
            ], addend: Norm.shift)
    }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        try Norm.checkNoSequence(x, Self.entry, place: place)
        let (m, n) = x.shape.channels
        let affine = isAffine ? Norm.Affine(units: m, rows: n, in: &plan) : nil
        let mean = plan.state("running_mean", axes: [m], initial: 0)
        let variance = plan.state("running_var", axes: [m], initial: 1)
        let knobs = [momentum, epsilon]
        let normalized = plan.value(x.shape, isDifferentiable: x.isDifferentiable)
        let byState = Operation(
            .normalizeByState, m: m, n: n, knobs: knobs,
            ["output": normalized.slice, "input": x.slice, "runningMean": mean, "runningVariance": variance])
        guard !plan.isFrozen else {
            plan.emit(byState)
            plan.backward { plan in
                guard let gradient = plan.gradient(of: normalized) else { return }
                plan.addGradient(of: x) {
                    Operation(
                        .normalizeByStateGradient, m: m, n: n, knobs: knobs,
                        ["inputGradient": $0, "gradient": gradient, "runningVariance": variance])
                }
            }
            return affine?.emit(normalized, into: &plan) ?? normalized
        }
        let inverse = plan.trainingRows(m)
        plan.declare(normalized: normalized.slice)
        plan.emit(
            Operation(
                .normalizeBatch, m: m, n: n, knobs: knobs,
                [
                    "output": normalized.slice, "input": x.slice, "inverse": inverse, "runningMean": mean,
                    "runningVariance": variance,
                ]),
            evaluation: false)
        plan.emit(byState, training: false)
        plan.backward { plan in
            guard let gradient = plan.gradient(of: normalized) else { return }
            plan.addGradient(of: x) {
                Operation(
                    .normalizeBatchGradient, m: m, n: n, knobs: knobs,
                    ["inputGradient": $0, "gradient": gradient, "inverse": inverse, "output": normalized.slice])
            }
        }
        return affine?.emit(normalized, into: &plan) ?? normalized
    }
}
