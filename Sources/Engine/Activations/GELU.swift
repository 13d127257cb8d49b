extension Activation {
    static let gelu = Activation(
        Entry(
            id: "gelu", title: "GELU",
            summary:
                "Weighs z by the probability that a normal deviate is smaller: a smooth ReLU, the usual choice in transformers.",
            formula: "f(z) = z · Φ(z) = ½ z · (1 + erf(z / √2))",
            source: "Hendrycks and Gimpel, Gaussian error linear units, 2016",
            watch: "A small dip below 0 for z between about −3 and 0: units that are nearly off still get a gradient."))
}
