extension Activation {
    static let asinh = Activation(
        Entry(
            id: "asinh", title: "asinh",
            summary: "Straight near 0 and growing like a logarithm far out: like tanh, but never quite flat.",
            formula: "f(z) = ln(z + √(z² + 1))",
            source: "Burbidge, Magee and Robb, Alternative transformations to handle extreme values, 1988",
            watch:
                "Its values have no bound: beside tanh the tiles go on growing lighter or darker far from the boundary."
        ))
}
