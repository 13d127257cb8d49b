/// Keeps the mean activation of each unit before it near a target, and passes all values as they are.
///
/// Shapes: x and y: [values, batch]; y = x. Each sample's loss has weight · Σ D(ρ‖ρ̂) added over the units, or over an image's
/// channels: ρ̂ is a unit's mean over the batch, D(ρ‖ρ̂) = ρ ln(ρ/ρ̂) + (1 − ρ) ln((1 − ρ)/(1 − ρ̂)), which goes on along its
/// tangents where ρ̂ is below 0.01 or above 0.99. Backward: dx = dy + weight · D′(ρ̂).
struct Sparsity: Layer {
    static let entry = Entry(
        id: "sparsity", title: "sparsity",
        summary:
            "Keeps the mean of each unit over the batch near a small target, so that few units answer at a time; for activations from 0 to 1.",
        formula: "L ← L + weight · Σ (ρ ln(ρ/ρ̂) + (1 − ρ) ln((1 − ρ)/(1 − ρ̂)))",
        source:
            "Lee, Ekanadham and Ng, Sparse deep belief net model for visual area V2, 2008; Ng, Sparse autoencoder, 2011",
        watch: "The raster of activities: each unit should be on for few samples, and no unit off for all.",
        knobs: [
            Knob(
                "target", title: "target", symbol: "ρ", summary: "The mean activation that each unit is to have.",
                kind: .real(0.001...0.999, steps: [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5]), default: .real(0.05),
                raise: "when units are off for nearly all samples and the error stays high",
                lower: "when each sample switches on many units"),
            Knob(
                "weight", title: "weight", summary: "How much the penalty counts beside the loss.",
                kind: .real(0...1000, steps: [0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]), default: .real(0.1),
                raise: "when the mean activations do not come near the target", lower: "when the reconstruction suffers"
            ),
        ])

    private let knobs: [Double]

    init(settings: Settings) { knobs = [settings.real("target"), settings.real("weight")] }

    var title: String { "sparsity \(knobs[0])" }

    var activation: Settings? { nil }

    var link: Outline.Link? { .pass }

    func emit(_ x: Value, into plan: inout PlanBuilder) -> Value {
        let (m, n) = x.shape.channels
        let penalty = plan.value(Shape(m), isDifferentiable: false)
        plan.emit(Operation(.sparsity, m: m, n: n, knobs: knobs, ["penalty": penalty.slice, "input": x.slice]))
        plan.addPenalty(penalty.slice)
        let knobs = knobs
        plan.backward { plan in
            guard !plan.isOutsideTraining else { return }
            plan.addGradient(of: x) {
                Operation(.sparsityGradient, m: m, n: n, knobs: knobs, ["inputGradient": $0, "input": x.slice])
            }
        }
        return x
    }
}
