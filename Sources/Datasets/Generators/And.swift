/// The truth table of AND.
enum And {
    static let dataset = TruthTable.dataset(
        id: "and", title: "AND table", summary: "True where both inputs are: one neuron learns it.",
        formula: "x1 ∧ x2, inputs ±1", source: "Rosenblatt, The perceptron, 1958",
        watch: "Four points, all for training: there is nothing to generalize to."
    ) { $0 && $1 }
}
