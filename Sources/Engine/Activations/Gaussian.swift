extension Activation {
    static let gaussian = Activation(
        Entry(
            id: "gaussian", title: "Gaussian",
            summary: "A bump: the unit answers only near the line z = 0, as in networks of radial basis functions.",
            formula: "f(z) = exp(−z² / 2)",
            source: "Broomhead and Lowe, Multivariable functional interpolation and adaptive networks, 1988",
            watch:
                "Each unit answers on a strip of the plane alone; where no strip lies, the network knows nothing and answers its bias."
        ))
}
