#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A quantity that a procedure measures: one number at a time, and a series over the epochs.
public struct Metric: Sendable, Hashable {
    /// The form in which a value is written.
    public enum Format: Sendable, Hashable {
        case number
        /// 0…1 as 0…100 %.
        case percent
        /// A whole number.
        case count
    }

    /// The place of the series in the loss panel.
    public enum Plot: Sendable, Hashable {
        /// On the axis of losses.
        case loss
        /// 0…1 over the panel's height, shown on demand.
        case share
        /// 0…1 over the height of a plot of its own, with those of the other tasks.
        case task
        /// The number of the task that learns, told above that plot.
        case turn
        /// Beside the training loss, as what training minimises with it.
        case addend
        /// The quantity that games are judged by: on an axis of its own.
        case score
        /// A number alone.
        case none
        /// A number alone that says little by itself: shown where there is room.
        case aside
    }

    /// The samples that a value is measured on.
    public enum SampleSet: Sendable, Hashable { case train, test }

    /// The key in JSON: lowerCamelCase.
    public let id: String
    /// Its name on the screen and in tables.
    public let title: String
    /// One sentence with the range.
    public let summary: String
    public let formula: String
    /// The paper or the book.
    public let source: String
    /// The reading of its values that is usual, or the mistake in reading it: one or two sentences.
    public let watch: String
    public let format: Format
    public let isLowerBetter: Bool
    public let plot: Plot
    /// nil: of the network, or of all samples.
    public let set: SampleSet?

    public init(
        _ id: String, title: String, summary: String, formula: String, source: String, watch: String,
        format: Format = .number, isLowerBetter: Bool = true, plot: Plot = .none, set: SampleSet? = nil
    ) {
        (self.id, self.title, self.summary, self.format) = (id, title, summary, format)
        (self.formula, self.source, self.watch) = (formula, source, watch)
        (self.isLowerBetter, self.plot, self.set) = (isLowerBetter, plot, set)
    }
}

extension Metric {
    /// Each metric once: those of all procedures, of sequences, and of tasks in turn.
    public static let all: [Metric] = {
        var seen = Set<String>()
        let metrics =
            Catalogue.procedures.flatMap { $0.metrics } + ofSteps(isInNats: true, hasLegal: true)
            + [task, accuracy(ofTask: 0), elasticPenalty]
        return metrics.filter { seen.insert($0.id).inserted }
    }()

    /// The quantities of a network that learns targets.
    public static let supervised: [Metric] = [
        .trainLoss, .testLoss, .trainAccuracy, .testAccuracy, .trainR2, .testR2, .regularization,
    ]

    /// The quantities of classes at every step of sequences.
    /// - Parameters:
    ///   - isInNats: the loss is −ln p of the right class.
    ///   - hasLegal: the data tell which classes may stand at a step.
    static func ofSteps(isInNats: Bool, hasLegal: Bool) -> [Metric] {
        (isInNats ? [.perplexity, .bitsPerSymbol] : []) + [.trainExact, .testExact]
            + (hasLegal ? [.trainLegal, .testLegal] : [])
    }

    /// Those of a network that gives back its input.
    static let reconstruction: [Metric] = [.trainLoss, .testLoss, .reconstructionError, .divergence, .regularization]

    static let reconstructionError = Metric(
        "reconstructionError", title: "error",
        summary:
            "The mean of (x̂ − x)² over all values of the test samples, or of the training samples where there are none.",
        formula: "Σ (x̂ − x)² / values", source: "Goodfellow, Bengio and Courville, Deep learning, 2016",
        watch: "A small mean hides single bad samples: the view of the worst reconstructions shows them."
    )
    static let divergence = Metric(
        "divergence", title: "divergence",
        summary:
            "The divergence that layers add to the training loss: of codes from N(0, 1), or of mean activations from their target.",
        formula: "Σ D(layer)", source: "Kullback and Leibler, On information and sufficiency, 1951",
        watch:
            "Near 0 beside a large error means codes that say nothing; large beside a small error means codes without order.",
        plot: .addend)
    static let trainLoss = Metric(
        "trainLoss", title: "train loss", summary: "The mean loss over the training samples.",
        formula: "1/n · Σ L(yᵢ, tᵢ) over the training samples",
        source: "Goodfellow, Bengio and Courville, Deep learning, 2016",
        watch: "It says how well the samples are fitted, not whether others will be: that is the test loss.",
        plot: .loss,
        set: .train)
    static let testLoss = Metric(
        "testLoss", title: "test loss", summary: "The mean loss over the test samples.",
        formula: "1/n · Σ L(yᵢ, tᵢ) over the test samples",
        source: "Goodfellow, Bengio and Courville, Deep learning, 2016",
        watch: "Where it rises while the training loss falls, the network learns its samples by heart.", plot: .loss,
        set: .test)
    static let trainAccuracy = Metric(
        "trainAccuracy", title: "train accuracy",
        summary: "The part of the training samples whose class is right, 0 to 1.",
        formula: "right answers / training samples", source: "Goodfellow, Bengio and Courville, Deep learning, 2016",
        watch: "100 % here beside much less on test samples is overfitting.", format: .percent,
        isLowerBetter: false, plot: .share, set: .train)
    static let testAccuracy = Metric(
        "testAccuracy", title: "test accuracy",
        summary: "The part of the test samples whose class is right, 0 to 1.", formula: "right answers / test samples",
        source: "Goodfellow, Bengio and Courville, Deep learning, 2016",
        watch: "With classes of unequal size, naming the largest one always is already a high value.", format: .percent,
        isLowerBetter: false, plot: .share, set: .test)
    static let trainR2 = Metric(
        "trainR2", title: "train R²",
        summary: "The part of the training targets' variance that the answers explain, at most 1.",
        formula: "1 − Σ (t − y)² / Σ (t − t̄)²", source: "Wright, Correlation and causation, 1921",
        watch: "1 is all explained, 0 is no better than the mean; below 0 is worse than the mean.",
        isLowerBetter: false, set: .train)
    static let testR2 = Metric(
        "testR2", title: "test R²",
        summary: "The part of the test targets' variance that the answers explain, at most 1.",
        formula: "1 − Σ (t − y)² / Σ (t − t̄)²", source: "Wright, Correlation and causation, 1921",
        watch: "Below 0 the network is worse than always answering the mean of the test targets.",
        isLowerBetter: false, set: .test)
    static let perplexity = Metric(
        "perplexity", title: "perplexity",
        summary:
            "The exponential of the test cross-entropy at each step: between how many equally likely symbols the network still chooses.",
        formula: "e^(cross-entropy)", source: "Jelinek, Mercer, Bahl and Baker, Perplexity, 1977",
        watch: "The number of symbols is what guessing costs; compare with the Markov lines.",
        set: .test)
    static let bitsPerSymbol = Metric(
        "bitsPerSymbol", title: "bits/symbol",
        summary: "The test cross-entropy at each step in bits, of characters the bits per character.",
        formula: "cross-entropy / ln 2", source: "Shannon, Prediction and entropy of printed English, 1951",
        watch: "English text has about 1 bit for each character to a person; small networks reach 2 to 3.", set: .test)
    static let trainExact = Metric(
        "trainExactMatch", title: "train exact",
        summary: "The part of the training sequences whose every step is right, 0 to 1.",
        formula: "sequences right at every step / training sequences",
        source: "Goodfellow, Bengio and Courville, Deep learning, 2016",
        watch: "One wrong step makes a sequence wrong: it stays at 0 long after single steps are right.",
        format: .percent,
        isLowerBetter: false, set: .train)
    static let testExact = Metric(
        "testExactMatch", title: "test exact",
        summary: "The part of the test sequences whose every step is right, 0 to 1.",
        formula: "sequences right at every step / test sequences",
        source: "Goodfellow, Bengio and Courville, Deep learning, 2016",
        watch: "One wrong step makes a sequence wrong: it stays at 0 long after single steps are right.",
        format: .percent,
        isLowerBetter: false, set: .test)
    static let trainLegal = Metric(
        "trainLegalStrings", title: "train legal",
        summary:
            "The part of the training strings at whose every step all legal next symbols are above all others, 0 to 1.",
        formula: "strings legal at every step / training strings",
        source: "Hochreiter and Schmidhuber, Long short-term memory, 1997",
        watch: "It asks more than the loss: at each step every legal symbol must be above every other one.",
        format: .percent, isLowerBetter: false, set: .train)
    static let testLegal = Metric(
        "testLegalStrings", title: "test legal",
        summary:
            "The part of the test strings at whose every step all legal next symbols are above all others, 0 to 1.",
        formula: "strings legal at every step / test strings",
        source: "Hochreiter and Schmidhuber, Long short-term memory, 1997",
        watch: "It asks more than the loss: at each step every legal symbol must be above every other one.",
        format: .percent, isLowerBetter: false, set: .test)
    static let trainedLayer = Metric(
        "trainedLayer", title: "layer", summary: "The layer that learns now, counted from 1 at the input.",
        formula: "⌊epoch / n⌋ mod layers + 1",
        source: "Bengio, Lamblin, Popovici and Larochelle, Greedy layer-wise training of deep networks, 2006",
        watch: "The loss falls quickly at the beginning of a layer's turn.",
        format: .count)
    static let task = Metric(
        "task", title: "task", summary: "The task that learns now, counted from 1.", formula: "1 … tasks",
        source: "McCloskey and Cohen, Catastrophic interference in connectionist networks, 1989",
        watch: "The curves of the other tasks while one is learned.", format: .count, plot: .turn)
    /// - Parameter index: counted from 0.
    static func accuracy(ofTask index: Int) -> Metric {
        Metric(
            "task\(index + 1)Accuracy", title: "task \(index + 1)",
            summary: "The part of the test samples of task \(index + 1) whose class is right, 0 to 1.",
            formula: "right answers / test samples of the task",
            source: "McCloskey and Cohen, Catastrophic interference in connectionist networks, 1989",
            watch: "A fall while another task is learned is forgetting.",
            format: .percent,
            isLowerBetter: false, plot: .task)
    }
    static let elasticPenalty = Metric(
        "elasticPenalty", title: "elastic",
        summary: "The sum over the tasks before of λ/2 · Fᵢ · (θᵢ − θ*ᵢ)², which training minimises with the loss.",
        formula: "Σ λ/2 · Fᵢ · (θᵢ − θ*ᵢ)²",
        source: "Kirkpatrick and others, Overcoming catastrophic forgetting in neural networks, 2017",
        watch: "Far above the loss it keeps new tasks from being learned.",
        plot: .addend)
    static let regularization = Metric(
        "regularization", title: "weights",
        summary: "The sum over the weights of l1·|w| + ½·l2·w², which training minimises with the loss.",
        formula: "Σ l1·|w| + ½·l2·w²",
        source: "Krogh and Hertz, A simple weight decay can improve generalization, 1992",
        watch: "Above the training loss it decides more than the samples do: then the rate is too high.",
        plot: .addend)
}

/// The quantities of a network that learns targets, by name.
extension Evaluation {
    /// - Parameters:
    ///   - testLoss: nil without test samples.
    ///   - trainR2: R² = 1 − Σ(t − y)² / Σ(t − t̄)² over the set, t̄ being the mean of its own targets: 1 where every answer
    ///     is right, 0 for the answers of a constant mean. nil for classes, and where all targets are equal, which leaves
    ///     nothing to explain.
    ///   - regularization: Σ over the weights of l1·|w| + ½·l2·w².
    ///   - others: of `metrics`, quantities beside these.
    ///   - metrics: those that are kept.
    public init(
        trainLoss: Double, testLoss: Double?, trainConfusion: ConfusionMatrix? = nil,
        testConfusion: ConfusionMatrix? = nil, trainR2: Double? = nil, testR2: Double? = nil,
        regularization: Double = 0,
        others: [(Metric, Double?)] = [], metrics: [Metric] = Metric.supervised
    ) {
        let measured: [(metric: Metric, value: Double?)] =
            [
                (.trainLoss, trainLoss), (.testLoss, testLoss), (.trainAccuracy, trainConfusion?.accuracy),
                (.testAccuracy, testConfusion?.accuracy), (.trainR2, trainR2), (.testR2, testR2),
                (.regularization, regularization),
            ] + others
        self.init(
            metrics, metrics.map { metric in measured.first { $0.metric == metric }?.value },
            trainConfusion: trainConfusion, testConfusion: testConfusion)
    }

    /// NaN for a procedure without it.
    public var trainLoss: Double { self[Metric.trainLoss.id] ?? .nan }
    public var testLoss: Double? { self[Metric.testLoss.id] }
    /// Whether the loss over the training samples is one of the quantities: a generator and a picture have losses of their own.
    public var hasTrainLoss: Bool { metrics.contains(.trainLoss) }
    public var trainAccuracy: Double? { self[Metric.trainAccuracy.id] }
    public var testAccuracy: Double? { self[Metric.testAccuracy.id] }
    public var trainR2: Double? { self[Metric.trainR2.id] }
    public var testR2: Double? { self[Metric.testR2.id] }
    /// Of a network that gives back its input.
    public var reconstructionError: Double? { self[Metric.reconstructionError.id] }
    public var regularization: Double {
        get { self[Metric.regularization.id] ?? 0 }
        set { self[Metric.regularization.id] = newValue }
    }
}

/// The measures of classes at every step of sequences.
extension Evaluation {
    /// - Parameters:
    ///   - nats: the test cross-entropy at each step; nil without test samples.
    ///   - exact, legal: shares of the sequences that are right at every step, or at every step legal.
    mutating func append(
        ofSteps metrics: [Metric], nats: Double?, exact: (train: Double?, test: Double?),
        legal: (train: Double?, test: Double?)
    ) {
        let values: [(Metric, Double?)] = [
            (.perplexity, nats.map { exp($0) }), (.bitsPerSymbol, nats.map { $0 / log(2) }),
            (.trainExact, exact.train), (.testExact, exact.test), (.trainLegal, legal.train), (.testLegal, legal.test),
        ]
        for (metric, value) in values where metrics.contains(metric) { append(metric, value) }
    }
}
