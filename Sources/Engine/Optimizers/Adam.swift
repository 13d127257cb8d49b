extension Optimizer {
    static let adam = Optimizer(
        Entry(
            id: "adam", title: "Adam",
            summary: "Momentum and RMSprop in one, corrected for their start at 0: the usual first choice.",
            formula: "m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  w ← w − η m̂ / (√v̂ + ε)",
            source: "Kingma and Ba, Adam: a method for stochastic optimization, 2015",
            watch:
                "The first steps are about as long as the learning rate, whatever the gradient is. If the loss swings at the end, lower the rate or let a schedule do it.",
            knobs: [
                learningRate(0.001), beta1, beta2, epsilon(1e-8),
                weightDecay(0, summary: "Adds this much of the weight to its gradient, before the averages."),
            ]), slots: ["average", "squareAverage"],
        lines: \.adamLines)
}
