extension Activation {
    static let leakyReLU = Activation(
        Entry(
            id: "leakyReLU", title: "leaky ReLU",
            summary: "A ReLU that lets a little of the negative side through, so that no unit goes dead.",
            formula: "f(z) = z for z > 0, else slope · z",
            source: "Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models, 2013",
            knobs: [
                Knob(
                    "slope", title: "slope", symbol: "a", summary: "The slope on the negative side.",
                    kind: .real(-1...1, steps: [0.001, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5]), default: .real(0.01))
            ]))
}
