/// Switches off each value with probability `rate` while training, and scales the others by 1 / (1 − rate), so that
/// the mean stays; outside training it passes everything through.
///
/// Shapes: x, mask and y: [values, batch], mask in {0, 1 / (1 − rate)}. y = x ∘ mask; dx = dy ∘ mask.
struct Dropout: Layer {
    static let entry = Entry(
        id: "dropout", title: "dropout",
        summary:
            "Switches off a random part of the values in each training step, so that no unit relies on another alone.",
        formula: "y = x · mask / (1 − rate),  mask ~ Bernoulli(1 − rate)",
        source: "Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout, 2014",
        knobs: [
            Knob(
                "rate", title: "rate", summary: "The probability with which a value is switched off.",
                kind: .real(0...0.99, steps: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]), default: .real(0.5))
        ])

    let rate: Double

    init(settings: Settings) { rate = settings.real("rate") }

    var title: String { "dropout \(rate)" }

    var activation: Settings? { nil }

    func outputShape(for input: Shape) -> Shape { input }

    func tensors(for input: Shape) -> [ParameterTensor] { [] }

    func emit(into plan: inout LayerPlan) {
        let m = plan.inputShape.count
        let y = plan.reserveValues(m)
        let mask = plan.reserveTraining(m)
        plan.forward(
            Operation(
                code: .dropout, kind: .stream(plan.index), m: m, knobs: [rate], a: y, b: plan.input, c: mask),
            evaluation: false)
        plan.forward(Operation(code: .copy, m: m, a: y, b: plan.input), training: false)
        if let dx = plan.inputGradient {
            plan.back(Operation(code: .scaleBy, m: m, a: dx, b: plan.outputGradient, c: mask))
        }
        plan.preActivation = y
        plan.output = y
    }
}
