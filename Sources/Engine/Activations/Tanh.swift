extension Activation {
    static let tanh = Activation(
        Entry(
            id: "tanh", title: "tanh",
            summary: "Squeezes z into −1 … 1, centred on 0, which trains better than the sigmoid; flat far from 0.",
            formula: "f(z) = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)",
            source: "LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998"), standardOutput: .classes)
}
