#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Schedule {
    static let cosine = Schedule(
        id: "cosine", title: "cosine",
        summary: "Lets the rate glide down half a cosine wave, and stay at its minimum.",
        formula: "η(t) = η · (m + (1 − m) · ½ (1 + cos(π · min(t / steps, 1))))",
        source: "Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017",
        watch: "The run should end where the steps end: later ones all have the minimum.",
        knobs: [
            steps("steps", title: "steps", summary: "Steps until the rate is at its minimum.", default: 10_000),
            Knob(
                "minimum", title: "minimum", summary: "The part of the rate that is left at the end.",
                kind: .real(0...1, steps: [0, 0.001, 0.01, 0.1]), default: .real(0),
                raise: "when the run goes on after the steps and should still learn",
                lower: "when the loss swings at the end"),
        ]
    ) { step, settings in
        let minimum = settings.real("minimum")
        let progress = min(step / Double(settings.integer("steps")), 1)
        return minimum + (1 - minimum) * 0.5 * (1 + cos(Double.pi * progress))
    }
}
