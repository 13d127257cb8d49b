/// Samples that a network is asked about again and again, such as a grid, in the layout that its kernels read.
public final class FixedInputs {
    /// Samples.
    public let count: Int
    /// Values of each sample.
    public let width: Int
    let rows: ResidentRows

    /// The first `count` samples, as they lie in memory.
    public init(_ store: SampleStore, count: Int) {
        precondition(count >= 0 && count <= store.count, "more samples than there are")
        (self.count, width, rows) = (count, store.width, store.rows)
    }

    /// - Parameter inputs: row-major `[count, width]`.
    /// - Throws: that there is no memory for them.
    public init(_ inputs: [Float], width: Int) throws(EngineError) {
        precondition(width >= 1 && inputs.count % width == 0, "\(inputs.count) values are no rows of \(width)")
        self.width = width
        count = inputs.count / width
        rows = try ResidentRows(units: width, samples: count)
        for sample in 0..<count {
            for unit in 0..<width { rows[unit, sample] = inputs[sample * width + unit] }
        }
    }
}
