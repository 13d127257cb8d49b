extension Activation {
    static let gaussian = Activation(
        Entry(
            id: "gaussian", title: "Gaussian",
            summary: "A bump: the unit answers only near the line z = 0, as in networks of radial basis functions.",
            formula: "f(z) = exp(−z² / 2)",
            source: "Broomhead and Lowe, Multivariable functional interpolation and adaptive networks, 1988"))
}
