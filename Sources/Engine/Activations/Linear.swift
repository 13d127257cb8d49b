extension Activation {
    static let linear = Activation(
        Entry(
            id: "linear", title: "linear",
            summary:
                "Passes z through unchanged; stacked linear layers can do no more than a single one, but a regression's output needs it.",
            formula: "f(z) = z",
            source: "Widrow and Hoff, Adaptive switching circuits, 1960",
            watch: "Hidden layers of it bend nothing: the boundary stays straight however many there are."),
        isIdentity: true,
        standardOutput: .values)
}
