/// Samples in the form in which a network takes them.
public struct Samples: Sendable, Hashable {
    public var count: Int
    /// Row-major `[count, features]`.
    public var inputs: [Float]
    /// A class index or a (standardized) value for each sample.
    public var labels: [Float]
    public init(count: Int, inputs: [Float], labels: [Float]) {
        self.count = count
        self.inputs = inputs
        self.labels = labels
    }
}
