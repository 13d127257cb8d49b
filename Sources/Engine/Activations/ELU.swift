extension Activation {
    static let elu = Activation(
        Entry(
            id: "elu", title: "ELU",
            summary:
                "Like a ReLU, but bends smoothly to −α on the negative side, which keeps the mean of the outputs near 0.",
            formula: "f(z) = z for z > 0, else α · (eᶻ − 1)",
            source:
                "Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by exponential linear units, 2016",
            watch:
                "The mean of the layer in its readout: it stays nearer to 0 than with ReLU, and no unit is always off.",
            knobs: [
                Knob(
                    "alpha", title: "alpha", summary: "The value −α that the negative side approaches.",
                    kind: .real(0...10, steps: [0.1, 0.2, 0.5, 1, 1.5, 2]), default: .real(1),
                    raise: "when the means of the layers are above 0 and learning is slow",
                    lower: "when negative values should pass less: 0 makes a ReLU of it")
            ]))
}
