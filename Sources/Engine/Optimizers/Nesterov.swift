extension Optimizer {
    static let nesterov = Optimizer(
        Entry(
            id: "nesterov", title: "Nesterov",
            summary:
                "Momentum that looks ahead: takes the gradient as if the velocity's step had been made already, and so brakes earlier.",
            formula: "v ← μ v + g,  w ← w − η (g + μ v)",
            source:
                "Nesterov, A method for solving the convex programming problem with convergence rate O(1/k²), 1983; Sutskever et al., 2013",
            watch: "The waves in the loss are smaller than with plain momentum at the same rate.",
            knobs: [
                learningRate(0.03), momentumKnob,
            ]), slots: ["momentum"],
        lines: { update in
            let (momentum, velocity) = (update.knob(Self.momentumKnob.name), update.newSlots[0])
            return [
                UpdateLine("v was", update.slots[0]), UpdateLine("v ← μ v + g", velocity),
                UpdateLine("η (g + μ v)", update.rate * (momentum * velocity + update.gradient)),
            ]
        })
}
