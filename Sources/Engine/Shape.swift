/// The shape of one sample's value between two layers, without the batch axis: `[units]` for dense
/// layers, `[channels, height, width]` for images, `[time, features]` for sequences.
public struct Shape: Sendable, Hashable, CustomStringConvertible {
    /// The length of each axis, outermost first.
    public var axes: [Int]

    public init(_ axes: Int...) { self.axes = axes }
    public init(axes: [Int]) { self.axes = axes }

    /// The number of values in one sample.
    public var count: Int { axes.reduce(1, *) }

    public var description: String { axes.map(String.init).joined(separator: "×") }
}
