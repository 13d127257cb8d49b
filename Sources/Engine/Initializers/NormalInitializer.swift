extension Initializer {
    static let normal = Initializer(
        Entry(
            id: "normal", title: "normal",
            summary: "Normally distributed with a deviation of your choice.",
            formula: "w ~ N(0, deviation²),  b = 0",
            source: "LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998",
            watch:
                "Too small: all layers answer nearly the same everywhere, and gradients shrink. Too large: tanh and sigmoid units are saturated before the first step.",
            knobs: [
                Knob(
                    "deviation", title: "deviation", summary: "The standard deviation of the weights at the start.",
                    kind: .real(0...100, steps: [0.01, 0.05, 0.1, 0.5, 1, 2, 5]), default: .real(0.5),
                    raise: "when activations and gradients shrink from layer to layer",
                    lower: "when units are saturated, or the loss is huge, at the start")
            ])
    ) { _, settings, random in
        random.normal() * settings.real("deviation")
    }
}
