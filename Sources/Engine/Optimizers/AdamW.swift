extension Optimizer {
    static let adamw = Optimizer(
        Entry(
            id: "adamw", title: "AdamW",
            summary: "Adam with a weight decay that stays out of its averages, so that all weights decay alike.",
            formula: "w ← w − η λ w,  then Adam's step",
            source: "Loshchilov and Hutter, Decoupled weight decay regularization, 2019",
            watch:
                "The size of the weights beside the test loss: the decay holds them down without changing the averages.",
            knobs: [
                learningRate(0.001), beta1, beta2, epsilon(1e-8),
                weightDecay(
                    0.01, summary: "The part of each weight, times the learning rate, that every step takes away."),
            ]), slots: ["average", "squareAverage"],
        lines: { update in
            let kept = update.weight * Float(1 - update.scheduledRate * update.settings.real("weightDecay"))
            return [UpdateLine("w (1 − η λ)", kept, startsAnew: true)] + update.adamLines
        })
}
