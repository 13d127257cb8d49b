extension Optimizer {
    static let momentum = Optimizer(
        Entry(
            id: "momentum", title: "momentum",
            summary:
                "Gathers speed where gradients agree, like a ball that rolls; crosses narrow valleys faster than SGD.",
            formula: "v ← μ v + g,  w ← w − η v",
            source: "Polyak, Some methods of speeding up the convergence of iteration methods, 1964",
            watch:
                "The loss may rise and fall in waves while it falls on the whole: the steps run past the valley and come back. If it rises for good, lower rate or momentum.",
            knobs: [
                learningRate(0.03), momentumKnob,
            ]), slots: ["momentum"],
        lines: { update in
            [
                UpdateLine("v was", update.slots[0]), UpdateLine("v ← μ v + g", update.newSlots[0]),
                UpdateLine("η v", update.rate * update.newSlots[0]),
            ]
        })
}
