extension Optimizer {
    static let sgd = Optimizer(
        Entry(
            id: "sgd", title: "SGD",
            summary: "Takes one step down the gradient of each batch; the plainest method, and the Playground's.",
            formula: "w ← w − η g",
            source: "Robbins and Monro, A stochastic approximation method, 1951",
            watch:
                "The curve: falling slowly and steadily asks for a higher rate, jumping up and down for a lower one.",
            knobs: [
                learningRate(0.03)
            ]),
        lines: { [UpdateLine("η g", $0.rate * $0.gradient)] })
}
