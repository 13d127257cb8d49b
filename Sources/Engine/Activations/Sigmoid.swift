extension Activation {
    static let sigmoid = Activation(
        Entry(
            id: "sigmoid", title: "sigmoid",
            summary:
                "Squeezes z into 0 … 1, to be read as a probability; far from 0 it is flat, so that gradients vanish in deep stacks.",
            formula: "f(z) = 1 / (1 + e⁻ᶻ)",
            source: "Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, 1986",
            watch:
                "Units near 0 or 1 for every sample are saturated: their slope is nearly 0. In deep stacks the gradients of the first layers are much smaller than those of the last."
        ),
        isProbability: true, flatness: .outside(0.0127...0.9873))
}
