extension Initializer {
    static let uniform = Initializer(
        Entry(
            id: "uniform", title: "uniform",
            summary: "Uniform within a limit of your choice.",
            formula: "w ~ U(−limit, limit),  b = 0",
            source: "LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998",
            watch: "The tiles before the first step: all grey is too small, hard edges are too large.",
            knobs: [
                Knob(
                    "limit", title: "limit", summary: "The largest size of a weight at the start.",
                    kind: .real(0...100, steps: [0.01, 0.05, 0.1, 0.5, 1, 2, 5]), default: .real(0.5),
                    raise: "when activations and gradients shrink from layer to layer",
                    lower: "when units are saturated at the start")
            ])
    ) { _, settings, random in
        random.uniform(-1, 1) * settings.real("limit")
    }
}
