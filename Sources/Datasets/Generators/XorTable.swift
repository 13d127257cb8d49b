/// The truth table of the exclusive or.
enum XorTable {
    static let dataset = TruthTable.dataset(
        id: "xorTable", title: "XOR table", summary: "True where the inputs differ: no single neuron can learn it.",
        formula: "x1 ⊕ x2, inputs ±1", source: "Minsky and Papert, Perceptrons, 1969",
        watch:
            "A single neuron gets three of four right at best, and its line never comes to rest under Rosenblatt's rule."
    ) { $0 != $1 }
}
