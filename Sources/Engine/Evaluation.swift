/// Means over the whole sets, dropout off, without regularization.
public struct Evaluation: Sendable, Hashable {
    public var trainLoss: Double
    /// nil without test samples.
    public var testLoss: Double?
    /// nil for regression.
    public var trainConfusion: ConfusionMatrix?
    /// nil for regression and without test samples.
    public var testConfusion: ConfusionMatrix?
    /// R² = 1 − Σ(t − y)² / Σ(t − t̄)² over the set, t̄ being the mean of its own targets: 1 where every answer is
    /// right, 0 for the answers of a constant mean. nil for classes, and where all targets are equal, which leaves
    /// nothing to explain.
    public var trainR2: Double?
    public var testR2: Double?
    /// Σ over the weights of l1·|w| + ½·l2·w².
    public var regularization: Double

    /// nil for regression.
    public var trainAccuracy: Double? { trainConfusion?.accuracy }
    public var testAccuracy: Double? { testConfusion?.accuracy }
    /// Over the test samples, or the training samples where there are none; nil for regression.
    public var confusion: ConfusionMatrix? { testConfusion ?? trainConfusion }

    /// Whether all losses are finite.
    var isFinite: Bool { trainLoss.isFinite && testLoss?.isFinite ?? true }

    public init(
        trainLoss: Double, testLoss: Double?, trainConfusion: ConfusionMatrix? = nil,
        testConfusion: ConfusionMatrix? = nil, trainR2: Double? = nil, testR2: Double? = nil, regularization: Double = 0
    ) {
        (self.trainLoss, self.testLoss) = (trainLoss, testLoss)
        (self.trainConfusion, self.testConfusion) = (trainConfusion, testConfusion)
        (self.trainR2, self.testR2) = (trainR2, testR2)
        self.regularization = regularization
    }
}

/// The step and the layer in which numbers stopped being finite.
public struct Divergence: Sendable, Hashable {
    public var step: Int
    /// The tensor's layer: "layers.0", "output".
    public var layer: String
    /// One sentence: the setting to change.
    public var advice: String
}

extension Outline.Layer {
    /// The layer's place in an experiment: "layers.0", "output".
    var place: String { index.map { "layers.\($0)" } ?? "output" }
}

extension LearningDescription {
    /// One sentence: the setting to change after a divergence at a learning rate.
    func adviceAfterDivergence(rate: Double) -> String {
        // Floats have fewer digits to show, and no ".0" after a whole number.
        func shown(_ number: Double) -> String {
            let text = "\(Float(number))"
            return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        }
        var advice = "lower the learning rate (it is \(shown(rate))) to \(shown(rate / 10)) or less"
        if clipNorm == nil { advice += ", or set clipNorm to 1" }
        if l1 > 1 || l2 > 1 { advice += ", or lower the regularization rate" }
        return advice
    }
}
