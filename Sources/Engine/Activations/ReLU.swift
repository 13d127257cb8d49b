extension Activation {
    static let relu = Activation(
        Entry(
            id: "relu", title: "ReLU",
            summary:
                "Cuts off what is negative: cheap, and its gradient does not shrink with depth, but a unit that is always off no longer learns.",
            formula: "f(z) = max(0, z)",
            source: "Nair and Hinton, Rectified linear units improve restricted Boltzmann machines, 2010",
            watch:
                "Units that are off for every sample: their tiles are of one colour and their gradients 0. Large learning rates and very negative biases make them."
        ), flatness: .below(0))
}
