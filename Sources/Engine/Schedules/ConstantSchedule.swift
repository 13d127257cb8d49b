extension Schedule {
    static let constant = Schedule(
        id: "constant", title: "constant",
        summary: "The same learning rate at every step.",
        formula: "η(t) = η",
        source: "Robbins and Monro, A stochastic approximation method, 1951", isConstant: true
    ) { _, _ in
        1
    }
}
