/// A rule that turns a gradient into a change of the weights: the catalogue's entry and the names of its state. The
/// arithmetic is the kernel of the same id; its first knob is `learningRate`, the others are the kernel's parameters in
/// the entry's order.
struct Optimizer: Sendable {
    let entry: Entry
    /// The names of the values kept for each weight, as they appear in checkpoints.
    let slots: [String]
    /// An update of one weight, line by line in the kernel's arithmetic, to its last place; the last line is what is taken from the
    /// weight.
    let lines: @Sendable (WeightUpdate) -> [UpdateLine]

    init(_ entry: Entry, slots: [String] = [], lines: @escaping @Sendable (WeightUpdate) -> [UpdateLine]) {
        self.entry = entry
        self.slots = slots
        self.lines = lines
    }

    /// The values that the TensorFlow Playground offers.
    static let rateSteps = [0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]

    static func learningRate(_ value: Double) -> Knob {
        Knob(
            "learningRate", title: "learning rate", symbol: "η",
            summary: "How far one step goes: too small crawls, too large overshoots and may diverge.",
            kind: .real(0...1000, steps: rateSteps), default: .real(value),
            raise: "when the loss falls steadily but slowly", lower: "when the loss jumps, rises or becomes infinite")
    }

    static func epsilon(_ value: Double) -> Knob {
        Knob(
            "epsilon", title: "epsilon", symbol: "ε", summary: "A small number that keeps the division from exploding.",
            kind: .real(0...1, steps: [1e-10, 1e-8, 1e-6, 1e-4, 0.01]), default: .real(value),
            raise: "when single steps are much too long after a time of tiny gradients",
            lower: "when small gradients should count fully")
    }

    static func weightDecay(_ value: Double, summary: String) -> Knob {
        Knob(
            "weightDecay", title: "weight decay", symbol: "λ", summary: summary,
            kind: .real(0...100, steps: [0, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]), default: .real(value),
            raise: "when the test loss rises while the training loss falls",
            lower: "when the training loss stays high: the weights cannot grow as they must")
    }

    static let momentumKnob = Knob(
        "momentum", title: "momentum", symbol: "μ", summary: "The part of the velocity that is kept from step to step.",
        kind: .real(0...0.9999, steps: [0, 0.5, 0.8, 0.9, 0.95, 0.99]), default: .real(0.9),
        raise: "when the loss creeps along a narrow valley", lower: "when the loss swings in waves or runs away")

    static let beta1 = Knob(
        "beta1", title: "beta 1", symbol: "β₁", summary: "How slowly the average of the gradients forgets.",
        kind: .real(0...0.9999, steps: [0, 0.5, 0.8, 0.9, 0.95, 0.99]), default: .real(0.9),
        raise: "when gradients of single batches point in all directions",
        lower: "when the steps should follow a change of direction sooner")

    static let beta2 = Knob(
        "beta2", title: "beta 2", symbol: "β₂", summary: "How slowly the average of the squared gradients forgets.",
        kind: .real(0...0.999999, steps: [0.9, 0.95, 0.99, 0.999, 0.9999]), default: .real(0.999),
        raise: "when the lengths of the steps vary too much",
        lower: "when gradients change their size soon and steps should follow")
}
