#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Schedule {
    static let step = Schedule(
        id: "step", title: "step",
        summary: "Multiplies the rate by a factor after every so many steps.",
        formula: "η(t) = η · factor^⌊t / steps⌋",
        source: "He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2016",
        watch: "The loss falls at once at each drop, if the rate was too large for the valley.",
        knobs: [
            steps("stepSize", title: "step size", summary: "Steps between two drops.", default: 1000),
            Knob(
                "factor", title: "factor", summary: "What the rate is multiplied by at each drop.",
                kind: .real(0...1, steps: [0.1, 0.2, 0.5, 0.8, 0.9]), default: .real(0.1),
                raise: "when training stands still after the first drops", lower: "when drops hardly change the curve"),
        ]
    ) { step, settings in
        pow(settings.real("factor"), (step / Double(settings.integer("stepSize"))).rounded(.down))
    }
}
