/// The truth table of NAND.
enum Nand {
    static let dataset = TruthTable.dataset(
        id: "nand", title: "NAND table", summary: "False only where both inputs are true: one neuron learns it.",
        formula: "¬(x1 ∧ x2), inputs ±1", source: "Rosenblatt, The perceptron, 1958",
        watch: "Four points, all for training: there is nothing to generalize to."
    ) { !($0 && $1) }
}
