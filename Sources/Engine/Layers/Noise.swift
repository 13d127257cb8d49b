/// Adds Gaussian noise to each value while training; outside training it passes everything through.
///
/// Shapes: x and y: [values, batch]. y = x + deviation · ε with ε ~ N(0, 1) drawn anew in each step; dx = dy.
struct Noise: Layer {
    static let entry = Entry(
        id: "noise", title: "noise",
        summary: "Adds random numbers to the values in each training step, so that the network learns smooth answers.",
        formula: "y = x + deviation · ε,  ε ~ N(0, 1)",
        source: "Bishop, Training with noise is equivalent to Tikhonov regularization, 1995",
        watch: "The training loss trembles; the boundary should become smoother.",
        knobs: [
            Knob(
                "deviation", title: "deviation", summary: "The standard deviation of the noise.",
                kind: .real(0...10, steps: [0, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1]), default: .real(0.1),
                raise: "when the boundary follows single points", lower: "when the training loss stays high")
        ])

    let deviation: Double

    static func stepping(_ layer: Choice) -> Choice? { layer }

    init(settings: Settings) { deviation = settings.real("deviation") }

    var title: String { "noise \(deviation)" }

    var activation: Settings? { nil }

    var link: Outline.Link? { .pass }

    func emit(_ x: Value, into plan: inout PlanBuilder) -> Value {
        let m = x.shape.count
        let y = plan.value(x.shape, isDifferentiable: x.isDifferentiable)
        plan.emit(
            Operation(
                .noise, kind: .stream(plan.stream), m: m, knobs: [deviation], ["output": y.slice, "input": x.slice]),
            evaluation: false)
        plan.emit(Operation(.copy, m: m, ["output": y.slice, "input": x.slice]), training: false)
        plan.backward { plan in
            guard let dy = plan.gradient(of: y) else { return }
            plan.addGradient(of: x) { Operation(.copy, m: m, ["output": $0, "input": dy]) }
        }
        return y
    }
}
