/// Samples in the form in which a network takes them.
public struct Samples: Sendable, Hashable {
    public var inputs: SampleStore
    /// A class index or a (standardized) value for each sample.
    public var labels: [Float]
    public var count: Int { inputs.count }

    public init(inputs: SampleStore, labels: [Float]) { (self.inputs, self.labels) = (inputs, labels) }

    /// - Parameter inputs: row-major `[count, features]`.
    public init(count: Int, inputs: [Float], labels: [Float]) {
        self.init(inputs: SampleStore(inputs, count: count), labels: labels)
    }
}
