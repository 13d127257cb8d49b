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
}

/// Where and when numbers stopped being finite.
public struct Divergence: Sendable, Hashable {
    public var step: Int
    /// The tensor's layer: "layers.0", "output".
    public var layer: String
    /// What to change, one sentence.
    public var advice: String
}
