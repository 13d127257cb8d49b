extension Loss {
    static let binaryCrossEntropy = Loss(
        Entry(
            id: "binaryCrossEntropy", title: "binary CE",
            summary:
                "Punishes a confident wrong probability without limit; the output is a sigmoid's probability, targets are 0 and 1, or what lies between.",
            formula: "L = −Σ (t · ln σ(z) + (1 − t) · ln(1 − σ(z)))",
            source: "Good, Rational decisions, 1952",
            watch:
                "ln 2 = 0.693 is what guessing costs. A test loss that rises while the accuracy stays means answers that are too sure."
        ),
        slope: { "\($0) − \($1)" }, targets: .binary, impliedActivation: "sigmoid", suitsRegression: false,
        suitsReconstruction: true, targetRange: 0...1, likelihoodClasses: 2)
}
