/// Brings the values of each sample to mean 0 and deviation 1 over its units, then scales and shifts each unit by learned
/// numbers; the same in training and outside.
///
/// Shapes: x and y: [units, batch]; γ (`weight`) and β (`bias`): [units].
/// x̂ = (x − μ) / √(σ² + ε) with the sample's mean μ and biased variance σ² over its units, y = γ ∘ x̂ + β.
/// Backward: dx̂ = γ ∘ dy, dx = (dx̂ − mean(dx̂) − x̂ ∘ mean(dx̂ ∘ x̂)) / √(σ² + ε), means over the units.
struct LayerNorm: Layer {
    static let entry = Entry(
        id: "layerNorm", title: "layerNorm",
        summary: "Brings each sample's values to mean 0 and deviation 1 over the units; it needs no batch.",
        formula: "y = γ (x − μ) / √(σ² + ε) + β",
        source: "Ba, Kiros and Hinton, Layer normalization, 2016",
        watch: "It works with batches of one; the sum of a layer's values tells the next layer nothing any more.",
        knobs: [Norm.epsilon, Norm.affine])

    let epsilon: Double
    let isAffine: Bool

    private let place: String

    init(settings: Settings) {
        epsilon = settings.real("epsilon")
        isAffine = settings.toggle("affine")
        place = settings.place
    }

    var title: String { "layerNorm" }

    var activation: Settings? { nil }

    var link: Outline.Link? { .oneByAll(epsilon: Float(epsilon)) }

    var formula: UnitFormula { UnitFormula(Self.entry.formula, numbers: [Norm.scale], addend: Norm.shift) }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        try Norm.checkNoSequence(x, Self.entry, place: place)
        let m = x.shape.count
        let affine = isAffine ? Norm.Affine(units: m, in: &plan) : nil
        let normalized = plan.value(x.shape, isDifferentiable: x.isDifferentiable)
        let inverse = plan.value(Shape(1), isDifferentiable: false).slice
        plan.emit(
            Operation(
                .normalizeUnits, m: m, knobs: [epsilon],
                ["output": normalized.slice, "input": x.slice, "inverse": inverse]))
        plan.backward { plan in
            guard let gradient = plan.gradient(of: normalized) else { return }
            plan.addGradient(of: x) {
                Operation(
                    .normalizeUnitsGradient, m: m,
                    ["inputGradient": $0, "gradient": gradient, "inverse": inverse, "output": normalized.slice])
            }
        }
        return affine?.emit(normalized, into: &plan) ?? normalized
    }
}
