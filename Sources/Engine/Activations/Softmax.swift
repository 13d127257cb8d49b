extension Activation {
    static let softmax = Activation(
        Entry(
            id: "softmax", title: "softmax",
            summary: "Turns the outputs into probabilities that add up to 1, one for each class; only for the output.",
            formula: "f(z)ᵢ = e^zᵢ / Σⱼ e^zⱼ",
            source: "Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990",
            watch:
                "The largest share is the answer; shares near 1 on wrong answers mean that the network is sure and wrong, which the cross-entropy punishes most.",
            outputOnly: true), scope: .layer)
}
