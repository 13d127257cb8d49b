/// The shape of one sample's value between two layers, without the batch axis: `[units]` for dense
/// layers, `[channels, height, width]` for images, `[time, features]` for sequences.
public struct Shape: Sendable, Hashable, CustomStringConvertible {
    /// The length of each axis, outermost first.
    public var axes: [Int]

    public init(_ axes: Int...) { self.axes = axes }
    public init(axes: [Int]) { self.axes = axes }

    /// The number of values in one sample.
    public var count: Int { axes.reduce(1, *) }

    /// The parts that are normalized or switched off by themselves, and the rows of each: an image's channels with their
    /// places, else single values, whose rows are written as 0.
    var channels: (count: Int, rows: Int) { axes.count == 3 ? (axes[0], axes[1] * axes[2]) : (count, 0) }

    /// Whether values of the two shapes can be added one by one: images of one shape, else as many values.
    func adds(to other: Shape) -> Bool {
        self == other || count == other.count && (axes.count == 1 || other.axes.count == 1)
    }

    public var description: String { axes.map(String.init).joined(separator: "×") }

    /// "1 value", "3×4 values".
    var values: String { "\(self) \(count == 1 ? "value" : "values")" }
}
