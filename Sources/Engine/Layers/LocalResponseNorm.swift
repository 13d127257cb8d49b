/// Divides each value by how strongly its neighbours in other channels respond at the same place: what stands out stays.
///
/// Shapes: x and y: [channels, height, width, batch]. s[c] = k + alpha / size · Σ x² over the `size` channels around c,
/// y = x / s^beta (PyTorch's LocalResponseNorm).
/// Backward: dx[c] = dy[c] / s[c]^beta − 2 alpha beta / size · x[c] Σ dy y / s over the channels whose neighbour c is.
struct LocalResponseNorm: Layer {
    static let entry = Entry(
        id: "localResponseNorm", title: "responseNorm",
        summary: "Divides each value by the responses of neighbouring channels at its place: what stands out stays.",
        formula: "y = x / (k + α/n Σ x²)^β over neighbouring channels",
        source:
            "Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural networks, 2012",
        watch: "It has nothing to learn; if the loss is the same without it, leave it out.",
        knobs: [
            Knob(
                "size", title: "size", summary: "The number of neighbouring channels that count, with the own one.",
                kind: .integer(1...31), default: .integer(5), raise: "when more channels should compete",
                lower: "when channels far apart are unlike"),
            Knob(
                "alpha", title: "alpha", summary: "How much the neighbours' responses weigh.",
                kind: .real(0...10, steps: [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1]), default: .real(1e-4),
                raise: "when several channels light up at the same places", lower: "when values become too small"),
            Knob(
                "beta", title: "beta", summary: "The exponent of the divisor.",
                kind: .real(0...4, steps: [0.25, 0.5, 0.75, 1, 2]), default: .real(0.75),
                raise: "when strong responses should be held down more", lower: "when values become too small"),
            Knob(
                "k", title: "k", summary: "What is added to the responses, so that nothing is divided by 0.",
                kind: .real(0.01...10, steps: [0.1, 0.5, 1, 2, 4]), default: .real(1),
                raise: "when weak responses are amplified", lower: "when the normalization has hardly an effect"),
        ])

    static let exampleInput = Shape(4, 2, 2)

    private let settings: Settings

    init(settings: Settings) { self.settings = settings }

    var title: String { "responseNorm \(settings.integer("size"))" }

    var activation: Settings? { nil }

    var link: Outline.Link? {
        .response(
            Outline.ChannelResponse(
                size: settings.integer("size"), alpha: Float(settings.real("alpha")),
                beta: Float(settings.real("beta")), k: Float(settings.real("k"))))
    }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let image = try Image(x.shape, for: settings)
        let (m, n) = (image.channels, image.height * image.width)
        let knobs = [Double(settings.integer("size"))] + ["alpha", "beta", "k"].map { settings.real($0) }
        let y = plan.value(x.shape, isDifferentiable: x.isDifferentiable)
        let scale = plan.value(x.shape, isDifferentiable: false).slice
        plan.emit(
            Operation(
                .respond, m: m, n: n, knobs: knobs, ["output": y.slice, "input": x.slice, "scale": scale]))
        plan.backward { plan in
            guard let dy = plan.gradient(of: y) else { return }
            plan.addGradient(of: x) {
                Operation(
                    .respondGradient, m: m, n: n, knobs: knobs,
                    ["inputGradient": $0, "gradient": dy, "scale": scale, "input": x.slice, "output": y.slice])
            }
        }
        return y
    }
}
