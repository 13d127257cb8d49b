/// The quantities of layers that draw each other.
enum EnergyMetrics {
    static let trainFreeEnergy = Metric(
        "trainFreeEnergy", title: "train F",
        summary: "The mean free energy of the first 1,024 training samples in the layer that learns, or learned last.",
        formula: "F(x) = −b·x − Σ ln(1 + e^(c + W x))",
        source: "Hinton, A practical guide to training restricted Boltzmann machines, 2010",
        watch: "Its size means nothing by itself; the gap to the test samples does.",
        plot: .aside, set: .train)
    static let testFreeEnergy = Metric(
        "testFreeEnergy", title: "test F", summary: "The mean free energy of the first 1,024 test samples there.",
        formula: "F(x) = −b·x − Σ ln(1 + e^(c + W x))",
        source: "Hinton, A practical guide to training restricted Boltzmann machines, 2010",
        watch: "Its size means nothing by itself; the gap to the training samples does.",
        plot: .aside, set: .test)
    static let freeEnergyGap = Metric(
        "freeEnergyGap", title: "F gap",
        summary:
            "The free energy of the test samples less that of the training samples: it grows where the layer overfits.",
        formula: "F(test) − F(train)",
        source: "Hinton, A practical guide to training restricted Boltzmann machines, 2010",
        watch: "It grows where training samples become likelier than others like them.")
    static let pseudoLikelihood = Metric(
        "pseudoLikelihood", title: "pseudo-lik.",
        summary:
            "The sum over all values of ln p(value given the others), exact, a mean over test samples: as many as some milliseconds allow.",
        formula: "Σ ln p(xᵢ | all others)", source: "Besag, Statistical analysis of non-lattice data, 1975",
        watch: "It rises while the reconstruction error falls; where it falls again the chains have left the data.",
        isLowerBetter: false)
    static let logLikelihood = Metric(
        "logLikelihood", title: "ln p",
        summary:
            "The mean of ln p(x) over the first 1,024 training samples, by a sum over all states: where a side has at most 20 units.",
        formula: "1/n · Σ ln p(x)",
        source: "Hinton, Training products of experts by minimizing contrastive divergence, 2002",
        watch: "It can fall while the reconstruction error falls: that error is not what is to be small.",
        isLowerBetter: false)
    static let learningLayer = Metric(
        "learningLayer", title: "layer", summary: "The RBM that learns now, counted from 1; 0 in fine-tuning.",
        formula: "1 … RBMs", source: "Hinton, Osindero and Teh, A fast learning algorithm for deep belief nets, 2006",
        watch: "Later layers take the probabilities of those before as their data.",
        format: .count)
    static let all: [Metric] = [
        .reconstructionError, logLikelihood, pseudoLikelihood, freeEnergyGap, learningLayer, trainFreeEnergy,
        testFreeEnergy,
    ]
}
