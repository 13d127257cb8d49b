extension Loss {
    static let squaredError = Loss(
        Entry(
            id: "squaredError", title: "squared error",
            summary: "Half the squared distance from output to target: large mistakes weigh most.",
            formula: "L = ½ Σ (y − t)²",
            source: "Gauss, Theoria motus corporum coelestium, 1809"),
        suitsRegression: true, isHalfSquare: true)
}
