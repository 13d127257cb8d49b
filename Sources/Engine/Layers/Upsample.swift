/// Repeats each value of an image in a small square: the nearest value, in an image `factor` times as high and as wide.
///
/// Shapes: x: [channels, height, width, batch], y: [channels, factor · height, factor · width, batch] (PyTorch's Upsample,
/// nearest). y[c, i, j] = x[c, ⌊i / factor⌋, ⌊j / factor⌋]. Backward: dx = Σ of dy over the square.
struct Upsample: Layer {
    static let entry = Entry(
        id: "upsample", title: "upsample",
        summary: "Repeats each value in a small square, so that the image grows: the way back from pooling.",
        formula: "y(i, j) = x(⌊i / factor⌋, ⌊j / factor⌋)",
        source: "Zeiler, Krishnan, Taylor and Fergus, Deconvolutional networks, 2010",
        watch: "The result is made of squares; a convolution behind it smooths them.",
        knobs: [
            Knob(
                "factor", title: "factor", summary: "How many times as high and as wide the image becomes.",
                kind: .integer(1...16), default: .integer(2), raise: "to make the image grow more in one step",
                lower: "for a finer way up with layers in between")
        ])

    static let exampleInput = Shape(2, 2, 3)

    private let settings: Settings

    init(settings: Settings) { self.settings = settings }

    var title: String { "upsample \(settings.integer("factor"))" }

    var activation: Settings? { nil }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let image = try Image(x.shape, for: settings)
        let (m, window) = (image.channels, Window(times: settings.integer("factor"), image))
        plan.declare(.repeated(window))
        let y = plan.value(Shape(m, window.height, window.width), isDifferentiable: x.isDifferentiable)
        plan.emit(Operation(.poolSpread, m: m, knobs: [1, 0], window: window, ["input": y.slice, "output": x.slice]))
        plan.backward { plan in
            guard let dy = plan.gradient(of: y) else { return }
            plan.addGradient(of: x) {
                Operation(.poolSum, m: m, knobs: [1, 0], window: window, ["output": $0, "input": dy])
            }
        }
        return y
    }
}
