/// Means over the whole sets, dropout off, without regularization.
public struct Evaluation: Sendable, Hashable {
    public var trainLoss: Double
    /// nil without test samples.
    public var testLoss: Double?
    /// nil for regression.
    public var trainAccuracy: Double?
    public var testAccuracy: Double?
    /// Σ over the weights of l1·|w| + ½·l2·w².
    public var regularization: Double
    /// Counts over the test samples (the training samples without any), `[true class][predicted class]`; empty for regression.
    public var confusion: [[Int]]

    /// Whether all losses are finite.
    var isFinite: Bool { trainLoss.isFinite && testLoss?.isFinite ?? true }

    public init(
        trainLoss: Double, testLoss: Double?, trainAccuracy: Double? = nil, testAccuracy: Double? = nil,
        regularization: Double = 0, confusion: [[Int]] = []
    ) {
        self.trainLoss = trainLoss
        self.testLoss = testLoss
        self.trainAccuracy = trainAccuracy
        self.testAccuracy = testAccuracy
        self.regularization = regularization
        self.confusion = confusion
    }
}

/// Where and when numbers stopped being finite.
public struct Divergence: Sendable, Hashable {
    public var step: Int
    /// The tensor's layer: "layers.0", "output".
    public var layer: String
    /// What to change, one sentence.
    public var advice: String
}

extension Outline.Layer {
    /// The layer's place in an experiment: "layers.0", "output".
    var place: String { index.map { "layers.\($0)" } ?? "output" }
}

extension LearningDescription {
    /// What to change after a divergence at a learning rate, one sentence.
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
