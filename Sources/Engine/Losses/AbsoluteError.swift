extension Loss {
    static let absoluteError = Loss(
        Entry(
            id: "absoluteError", title: "absolute error",
            summary: "The distance from output to target: outliers weigh no more than their distance.",
            formula: "L = Σ |y − t|",
            source: "Laplace, 1774; Koenker and Bassett, Regression quantiles, 1978",
            watch:
                "Its gradient has the same size however small the error is: with a constant rate the loss trembles at the end."
        ),
        slope: { "sign(\($0) − \($1))" }, suitsRegression: true)
}
