/// Ends a generator: the values of the layers before it are samples in the shape of the data, and the layers behind it tell
/// these from real ones. In a network that generates nothing it passes its values on.
///
/// Shapes: x: [values, batch], y: the shape of the data with as many values; the same numbers. dx = dy.
struct Generated: Layer {
    static let entry = Entry(
        id: "generated", title: "generated",
        summary:
            "Ends the generator: its values are samples like the data; the layers behind tell them from real ones.",
        formula: "x = G(z)", source: "Goodfellow and others, Generative adversarial nets, 2014",
        watch:
            "The layers before it learn from the discriminator's gradient alone; nothing else tells them what samples look like."
    )
    static var endsGenerator: Bool { true }

    private let place: String

    init(settings: Settings) { place = settings.place }

    var title: String { "generated" }

    var activation: Settings? { nil }

    var link: Outline.Link? { .pass }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        guard let shape = plan.generated else { return x }
        guard x.shape.count == shape.count else {
            throw EngineError(
                place: place,
                message: "a sample of the data has \(shape.values), but the layers before make \(x.shape) of them; end "
                    + "them with a layer of \(plural(shape.count, "value"))")
        }
        // An image has maps of its own to be seen: it may be a real one, too.
        if shape.axes.count == 3 { plan.declare(.oneToOne) }
        return shape == x.shape ? x : x.reshaped(shape)
    }
}
