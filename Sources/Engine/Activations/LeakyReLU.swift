extension Activation {
    static let leakyReLU = Activation(
        Entry(
            id: "leakyReLU", title: "leaky ReLU",
            summary: "A ReLU that lets a little of the negative side through, so that no unit goes dead.",
            formula: "f(z) = z for z > 0, else slope · z",
            source: "Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models, 2013",
            watch:
                "The tiles: no unit is of one colour all over. If learning is slow, compare with ReLU under the same seed.",
            knobs: [
                Knob(
                    "slope", title: "slope", symbol: "a", summary: "The slope on the negative side.",
                    kind: .real(-1...1, steps: [0.001, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5]), default: .real(0.01),
                    raise: "when units hardly change any more: more of the gradient passes on the negative side",
                    lower: "when the layer should bend more: at 1 it is linear and bends nothing")
            ]))
}
