/// Gives the same values at every step of a sequence: the code that a decoder sees all the time.
///
/// Shapes: x: [values, batch], y: [steps, values, batch]; y_t = x. Backward: dx = Σ dy_t.
struct Repeat: Layer {
    static let entry = Entry(
        id: "repeat", title: "repeat",
        summary: "Repeats its input at every step of a sequence, for a decoder that unfolds it.",
        formula: "y_t = x",
        source: "Cho and others, Learning phrase representations using RNN encoder-decoder, 2014",
        watch: "Every step gets the same values: the layer behind it needs a state to give different answers.",
        knobs: [
            Knob(
                "steps", title: "steps", summary: "The number of steps.", kind: .integer(1...10_000),
                default: .integer(5), raise: "when answers have more steps", lower: "when answers have fewer steps")
        ])

    let steps: Int
    private let settings: Settings

    init(settings: Settings) {
        self.settings = settings
        steps = settings.integer("steps")
    }

    var title: String { "repeat \(steps)" }

    var activation: Settings? { nil }

    /// Every sample has all of its steps.
    var keepsSteps: Bool { false }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        guard steps * x.shape.count <= NetworkDescription.mostValues else {
            throw EngineError(
                place: "\(settings.place).steps",
                message:
                    "\(steps) times \(plural(x.shape.count, "value")) would be more than \(NetworkDescription.mostValues); expected at most "
                    + "\(plural(max(1, NetworkDescription.mostValues / x.shape.count), "step")) here")
        }
        return plan.spread(x, steps: steps)
    }
}

extension Repeat {
    static func choice(steps: Int) -> Choice { Choice(entry.id, ["steps": .integer(steps)]) }
}
