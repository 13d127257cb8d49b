extension Loss {
    static let softmaxCrossEntropy = Loss(
        Entry(
            id: "softmaxCrossEntropy", title: "softmax CE",
            summary:
                "The surprise at the true class, given the softmax's probabilities: the standard loss for classes.",
            formula: "L = −ln softmax(z)ₜ",
            source: "Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990",
            watch:
                "ln K is what guessing among K classes costs: 0.693 for 2, 2.303 for 10. A loss above that is worse than guessing."
        ),
        slope: { "\($0) − \($1)" }, targets: .binary, impliedActivation: "softmax", unitsForTwoClasses: 2,
        suitsRegression: false,
        isStandardForClasses: true, likelihoodClasses: NetworkDescription.mostClasses)
}
