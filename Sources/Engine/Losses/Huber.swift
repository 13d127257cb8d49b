extension Loss {
    static let huber = Loss(
        Entry(
            id: "huber", title: "Huber",
            summary: "Squared for small errors, absolute for large ones: smooth at the bottom, calm about outliers.",
            formula: "L = Σ ½ e² for |e| ≤ δ, else δ · (|e| − ½ δ), e = y − t",
            source: "Huber, Robust estimation of a location parameter, 1964",
            watch:
                "Whether most errors lie below delta: if all do it is the squared error, if none does the absolute one.",
            knobs: [
                Knob(
                    "delta", title: "delta", symbol: "δ",
                    summary: "The error at which the squared part ends and the absolute one begins.",
                    kind: .real(1e-6...1e6, steps: [0.01, 0.03, 0.1, 0.3, 1, 3, 10]), default: .real(1),
                    raise: "when good points count too little: more errors are squared",
                    lower: "when single outliers bend the curve")
            ]),
        slope: { "\($0) − \($1), from −δ to δ" }, suitsRegression: true)
}
