/// The truth table of OR.
enum Or {
    static let dataset = TruthTable.dataset(
        id: "or", title: "OR table", summary: "True where at least one input is: one neuron learns it.",
        formula: "x1 ∨ x2, inputs ±1", source: "Rosenblatt, The perceptron, 1958",
        watch: "Four points, all for training: there is nothing to generalize to."
    ) { $0 || $1 }
}
