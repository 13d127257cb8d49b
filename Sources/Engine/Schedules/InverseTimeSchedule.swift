extension Schedule {
    static let inverseTime = Schedule(
        id: "inverseTime", title: "1/t",
        summary:
            "Lets the rate fall as one over the steps done, slow enough to reach any point and fast enough to settle there.",
        formula: "η(t) = η / (1 + t / steps)",
        source: "Robbins and Monro, A stochastic approximation method, 1951",
        watch: "The rate never becomes 0, but after ten times the steps it is a tenth: the curve goes flat slowly.",
        knobs: [steps("steps", title: "steps", summary: "Steps after which the rate has halved.", default: 1000)]
    ) { step, settings in
        1 / (1 + step / Double(settings.integer("steps")))
    }
}
