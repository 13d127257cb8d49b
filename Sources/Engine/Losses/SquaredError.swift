extension Loss {
    static let squaredError = Loss(
        Entry(
            id: "squaredError", title: "squared error",
            summary: "Half the squared distance from output to target: large mistakes weigh most.",
            formula: "L = ½ Σ (y − t)²",
            source: "Gauss, Theoria motus corporum coelestium, 1809",
            watch:
                "With a sigmoid or tanh output that is wrong and saturated its gradient is nearly 0: such points are learned late or never."
        ),
        slope: { "\($0) − \($1)" }, suitsRegression: true, isHalfSquare: true)
}
