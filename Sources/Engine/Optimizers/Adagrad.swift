extension Optimizer {
    static let adagrad = Optimizer(
        Entry(
            id: "adagrad", title: "Adagrad",
            summary:
                "Divides each weight's rate by the size of all its gradients so far: rare features keep learning, but every rate only falls.",
            formula: "G ← G + g²,  w ← w − η g / (√G + ε)",
            source: "Duchi, Hazan and Singer, Adaptive subgradient methods, 2011",
            watch:
                "The steps only become smaller: if the curve goes flat long before the loss is low, raise the rate or take RMSprop.",
            knobs: [
                learningRate(0.01), epsilon(1e-10),
            ]), slots: ["squareSum"],
        lines: { update in
            let sum = update.newSlots[0]
            return [
                UpdateLine("G was", update.slots[0]), UpdateLine("G ← G + g²", sum),
                UpdateLine(
                    "η g / (√G + ε)", update.rate * update.gradient / (sum.squareRoot() + update.knob("epsilon"))),
            ]
        })
}
