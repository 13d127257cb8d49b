/// The quantities of a generator and a discriminator.
enum AdversarialMetrics {
    static let discriminatorLoss = Metric(
        "discriminatorLoss", title: "D loss", summary: "The discriminator's mean loss over real and generated samples.",
        formula: "−E ln D(x) − E ln(1 − D(G(z)))", source: "Goodfellow and others, Generative adversarial nets, 2014",
        watch:
            "Near 0: it tells all samples; with the loss minimax the generator then gets no gradient. With cross-entropy 2 ln 2 = 1.386, a little less where real samples weigh less: it tells none.",
        plot: .loss)
    static let generatorLoss = Metric(
        "generatorLoss", title: "G loss", summary: "The generator's mean loss over samples that it makes.",
        formula: "−E ln D(G(z))", source: "Goodfellow and others, Generative adversarial nets, 2014",
        watch: "It does not say how good samples are: the discriminator that measures it changes too.", plot: .loss)
    static let jensenShannon = Metric(
        "jensenShannon", title: "Jensen–Shannon",
        summary:
            "The divergence of generated points from real ones on a grid of 30 × 30 cells, in bits: 0 alike, 1 apart.",
        formula: "½ KL(p ‖ m) + ½ KL(q ‖ m),  m = (p + q) / 2",
        source: "Lin, Divergence measures based on the Shannon entropy, 1991",
        watch: "Counted on a grid: with few points even equal distributions are not at 0.",
        plot: .score)
    static let kullbackLeibler = Metric(
        "kullbackLeibler", title: "Kullback–L.",
        summary: "The bits that a real point costs more where it is taken for a generated one, on the same grid.",
        formula: "Σ p log₂(p / q)", source: "Kullback and Leibler, On information and sufficiency, 1951",
        watch: "It becomes large where real points have no generated ones near them.")
    static let coverage = Metric(
        "coverage", title: "coverage",
        summary: "The part of the real points, 0 to 1, around which at least a fifth of as many generated ones lie.",
        formula: "real points with enough generated ones near / real points",
        source: "after Naeem and others, Reliable fidelity and diversity metrics for generative models, 2020",
        watch: "A step down is a mode that is lost.",
        format: .percent, isLowerBetter: false)
    static let variety = Metric(
        "variety", title: "variety",
        summary: "The variance of the generated samples in that of the real ones: near 0 all are alike.",
        formula: "Var(G(z)) / Var(x)", source: "the ratio of two variances",
        watch: "Towards 0 all samples become alike: mode collapse.",
        isLowerBetter: false)
    static let all = [discriminatorLoss, generatorLoss, jensenShannon, kullbackLeibler, coverage, variety]
}
