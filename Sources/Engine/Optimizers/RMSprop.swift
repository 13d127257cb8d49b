extension Optimizer {
    static let rmsprop = Optimizer(
        Entry(
            id: "rmsprop", title: "RMSprop",
            summary:
                "Divides each weight's rate by the recent size of its gradients, so that flat and steep directions move alike.",
            formula: "s ← α s + (1 − α) g²,  w ← w − η g / (√s + ε)",
            source: "Tieleman and Hinton, Lecture 6.5 of Neural Networks for Machine Learning, 2012",
            watch:
                "The loss may jump when gradients have been tiny for long and one large one comes: raise epsilon or lower the rate.",
            knobs: [
                learningRate(0.01),
                Knob(
                    "decay", title: "decay", symbol: "α",
                    summary: "How slowly the average of the squared gradients forgets.",
                    kind: .real(0...0.9999, steps: [0.5, 0.9, 0.95, 0.99, 0.999]), default: .real(0.99),
                    raise: "when steps vary much from batch to batch",
                    lower: "when the size of gradients changes and the steps follow too late"),
                epsilon(1e-8),
            ]), slots: ["squareAverage"],
        lines: { update in
            let average = update.newSlots[0]
            return [
                UpdateLine("s was", update.slots[0]), UpdateLine("s ← α s + (1 − α) g²", average),
                UpdateLine(
                    "η g / (√s + ε)", update.rate * update.gradient / (average.squareRoot() + update.knob("epsilon"))),
            ]
        })
}
