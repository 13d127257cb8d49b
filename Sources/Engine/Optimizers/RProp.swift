extension Optimizer {
    static let rprop = Optimizer(
        Entry(
            id: "rprop", title: "RProp",
            summary:
                "Looks at signs alone: each weight's step grows while its gradient keeps its sign and shrinks when it turns; wants whole-set batches.",
            formula: "Δ ← Δ·η⁺ if the sign stays, Δ·η⁻ if it turns,  w ← w − sign(g) Δ",
            source:
                "Riedmiller and Braun, A direct adaptive method for faster backpropagation learning: the RPROP algorithm, 1993",
            watch:
                "It needs the whole training set in one batch: with small batches signs turn by chance and all steps shrink.",
            knobs: [
                learningRate(0.01),
                Knob(
                    "etaMinus", title: "eta minus",
                    summary: "The factor by which a step shrinks when its gradient turns.",
                    kind: .real(0.01...0.99, steps: [0.1, 0.25, 0.5, 0.75, 0.9]), default: .real(0.5),
                    raise: "when steps become too small after one turn",
                    lower: "when the loss swings: a turned sign then costs more"),
                Knob(
                    "etaPlus", title: "eta plus",
                    summary: "The factor by which a step grows while its gradient keeps its sign.",
                    kind: .real(1.0001...10, steps: [1.05, 1.1, 1.2, 1.5, 2]), default: .real(1.2),
                    raise: "when steps need long to grow", lower: "when steps overshoot"),
                Knob(
                    "minimumStep", title: "smallest step", summary: "No step gets smaller than this.",
                    kind: .real(0...1, steps: [1e-8, 1e-6, 1e-4, 0.01]), default: .real(1e-6),
                    raise: "when training stands still too early", lower: "when the end should be more exact"),
                Knob(
                    "maximumStep", title: "largest step", summary: "No step gets larger than this.",
                    kind: .real(1e-6...1000, steps: [0.1, 1, 10, 50]), default: .real(50),
                    raise: "when the way is long and the steps are at this limit", lower: "when the loss jumps"),
            ]), slots: ["previousGradient", "stepSize"],
        lines: { update in
            let (gradient, size) = (update.newSlots[0], update.newSlots[1])
            let sign: Float = gradient > 0 ? 1 : gradient < 0 ? -1 : 0
            return [
                UpdateLine("g was", update.slots[0]), UpdateLine("Δ was", update.slots[1]),
                UpdateLine("Δ ← Δ·η⁺, or Δ·η⁻", size),
                UpdateLine("sign(g) Δ", sign * size),
            ]
        })
}
