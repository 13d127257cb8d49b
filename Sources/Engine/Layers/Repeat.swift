/// Gives the same values at every step of a sequence: the code that a decoder sees all the time.
///
/// Shapes: x: [values, batch], y: [steps, values, batch]; y_t = x. Backward: dx = Σ dy_t.
struct Repeat: Layer {
    static let entry = Entry(
        id: "repeat", title: "repeat",
        summary: "Repeats its input at every step of a sequence, for a decoder that unfolds it.",
        formula: "y_t = x",
        source: "Cho and others, Learning phrase representations using RNN encoder-decoder, 2014",
        knobs: [
            Knob(
                "steps", title: "steps", summary: "The number of steps.", kind: .integer(1...10_000),
                default: .integer(5))
        ])

    let steps: Int

    init(settings: Settings) { steps = settings.integer("steps") }

    var title: String { "repeat \(steps)" }

    var activation: Settings? { nil }

    func emit(_ x: Value, into plan: inout PlanBuilder) -> Value { plan.spread(x, steps: steps) }
}
