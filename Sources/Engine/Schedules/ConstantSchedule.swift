extension Schedule {
    static let constant = Schedule(
        id: "constant", title: "constant",
        summary: "The same learning rate at every step.",
        formula: "η(t) = η",
        source: "Robbins and Monro, A stochastic approximation method, 1951",
        watch: "The end of the curve: if the loss swings around a level, a rate that falls would settle lower.",
        isConstant: true
    ) { _, _ in
        1
    }
}
