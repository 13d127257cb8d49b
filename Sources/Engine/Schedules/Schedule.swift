/// A rule for the learning rate from step to step: the catalogue's entry and the formula.
struct Schedule: Sendable {
    let entry: Entry
    /// The factor is always 1.
    let isConstant: Bool
    /// The factor on the learning rate at a step (the first is 0), without the warm-up.
    let factor: @Sendable (_ step: Double, _ settings: Settings) -> Double

    init(
        id: String, title: String, summary: String, formula: String, source: String, watch: String,
        knobs: [Knob] = [],
        isConstant: Bool = false, factor: @escaping @Sendable (_ step: Double, _ settings: Settings) -> Double
    ) {
        entry = Entry(
            id: id, title: title, summary: summary, formula: formula, source: source, watch: watch,
            knobs: knobs + [Self.warmupSteps])
        self.isConstant = isConstant
        self.factor = factor
    }

    /// The rate of a step: base · factor(step) · min(1, (step + 1) / warmupSteps).
    ///
    /// The warm-up multiplies the schedule and does not delay it: both count from the first step.
    func rate(step: Int, base: Double, settings: Settings) -> Double {
        let warmup = settings.integer("warmupSteps")
        let ramp = step < warmup ? Double(step + 1) / Double(warmup) : 1
        return base * factor(Double(step), settings) * ramp
    }

    static let warmupSteps = Knob(
        "warmupSteps", title: "warm-up steps",
        summary: "Over this many first steps the rate rises in a line to its full size (0: no warm-up).",
        kind: .integer(0...10_000_000), default: .integer(0), raise: "when the loss jumps up in the first steps",
        lower: "when the first epochs hardly learn")

    static func steps(_ name: String, title: String, summary: String, default value: Int) -> Knob {
        Knob(
            name, title: title, summary: summary, kind: .integer(1...1_000_000_000), default: .integer(value),
            raise: "when the rate falls before the loss is low",
            lower: "when the loss swings long after it should have settled")
    }
}
