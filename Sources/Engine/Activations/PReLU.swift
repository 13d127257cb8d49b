extension Activation {
    static let prelu = Activation(
        Entry(
            id: "prelu", title: "PReLU",
            summary: "A leaky ReLU whose negative slope is learned with the weights, one slope for the layer.",
            formula: "f(z) = z for z > 0, else a · z, a learned",
            source: "He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015",
            watch:
                "The learned slope among the numbers of the layer: a slope near 1 says that the layer bends little, near 0 that it is a ReLU.",
            knobs: [
                Knob(
                    "slope", title: "initial slope", symbol: "a",
                    summary: "The slope on the negative side that learning starts from.",
                    kind: .real(-1...1, steps: [0, 0.01, 0.1, 0.25, 0.5, 1]), default: .real(0.25),
                    raise: "when units go dead before the slope has been learned",
                    lower: "when the layer should begin as a ReLU")
            ]), learnedKnob: "slope")
}
