#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Schedule {
    static let exponential = Schedule(
        id: "exponential", title: "exponential",
        summary: "Lets the rate decay a little at every step.",
        formula: "η(t) = η · decayᵗ",
        source: "Bottou, Stochastic gradient descent tricks, 2012",
        watch:
            "After 1 / (1 − decay) steps the rate is at about a third: training stands still a few times later, learned or not.",
        knobs: [
            Knob(
                "decay", title: "decay", symbol: "α", summary: "What the rate is multiplied by at every step.",
                kind: .real(0...1, steps: [0.9, 0.99, 0.999, 0.9999, 0.99999]), default: .real(0.999),
                raise: "when training stands still before the loss is low",
                lower: "when the loss still swings late in the run")
        ]
    ) { step, settings in
        pow(settings.real("decay"), step)
    }
}
