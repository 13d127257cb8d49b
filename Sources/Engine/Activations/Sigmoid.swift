extension Activation {
    static let sigmoid = Activation(
        Entry(
            id: "sigmoid", title: "sigmoid",
            summary:
                "Squeezes z into 0 … 1, to be read as a probability; far from 0 it is flat, so that gradients vanish in deep stacks.",
            formula: "f(z) = 1 / (1 + e⁻ᶻ)",
            source: "Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, 1986"),
        isProbability: true)
}
