extension Activation {
    static let tanh = Activation(
        Entry(
            id: "tanh", title: "tanh",
            summary: "Squeezes z into −1 … 1, centred on 0, which trains better than the sigmoid; flat far from 0.",
            formula: "f(z) = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)",
            source: "LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998",
            watch:
                "Units near −1 or 1 for every sample are saturated and hardly learn; that comes from large weights or inputs that are not standardized."
        ), flatness: .outside(-0.975...0.975), standardOutput: .classes)
}
