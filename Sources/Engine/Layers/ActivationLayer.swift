/// An activation as a layer of its own: y = f(x).
///
/// Shapes: x and y: [values, batch]; the slope of `prelu`, `weight`: [1].
struct ActivationLayer: Layer {
    static let entry = Entry(
        id: "activation", title: "activation",
        summary: "Applies a function to each value, for stacks in which something stands between sum and activation.",
        formula: "y = f(x)",
        source: "Goodfellow, Bengio and Courville, Deep Learning, 2016, section 6.3",
        watch: "Behind a normalization it should stand once: a dense layer before that has no activation of its own.",
        knobs: [
            Knob(
                "function", title: "function", summary: "The function that each value goes through.",
                kind: .choice(.activation), default: .choice(Choice("relu")))
        ])

    let function: Activation
    let functionSettings: Settings

    static func stepping(_ layer: Choice) -> Choice? { layer }

    init(settings: Settings) throws(EngineError) {
        let choice = try Activation.hiddenSettings(settings.choice("function"), place: "\(settings.place).function")
        functionSettings = choice
        function = Catalogue.activations.first { $0.entry.id == choice.entry.id }!
    }

    var title: String { function.entry.title }

    var activation: Settings? { functionSettings }

    var link: Outline.Link? { .oneToOne }

    func emit(_ x: Value, into plan: inout PlanBuilder) -> Value {
        function.emit(x, settings: functionSettings, learned: "weight", into: &plan)
    }
}
