/// An axis that follows its values without jumping: it opens quickly, so that nothing stays outside for long, and
/// closes slowly, so that growth and shrinking can be seen.
struct DampedScale: Sendable, Hashable {
    private(set) var range: ClosedRange<Float>
    /// The values are inside and fill the axis as well as they will.
    private(set) var settled = true

    static let opening: Float = 0.4
    static let closing: Float = 0.08

    init(showing target: ClosedRange<Float>) { range = target }

    /// One frame's step towards `target`.
    mutating func move(towards target: ClosedRange<Float>) {
        let size = max(range.upperBound - range.lowerBound, target.upperBound - target.lowerBound)
        func step(_ present: Float, _ wanted: Float, outward: Bool) -> Float {
            let next = present + (wanted - present) * (outward ? Self.opening : Self.closing)
            return abs(wanted - next) < 0.01 * size ? wanted : next
        }
        let low = step(range.lowerBound, target.lowerBound, outward: target.lowerBound < range.lowerBound)
        let high = step(range.upperBound, target.upperBound, outward: target.upperBound > range.upperBound)
        range = min(low, high)...max(low, high)
        settled = range == target
    }

    /// The range of values with a margin on both sides; never empty, values that are not finite do not count.
    static func span(_ values: [Float], margin: Float = 0.06) -> ClosedRange<Float> {
        var low = Float.infinity
        var high = -Float.infinity
        for value in values where value.isFinite {
            low = min(low, value)
            high = max(high, value)
        }
        guard low <= high else { return -1...1 }
        let size = high - low
        if size < 1e-6 * max(1, abs(low), abs(high)) {
            let half = max(0.5, abs(low) / 2)
            return low - half...high + half
        }
        return low - margin * size...high + margin * size
    }
}

extension ClosedRange<Float> {
    public var span: Float { upperBound - lowerBound }

    /// A range around the same middle, at least so long; unchanged where that is no number.
    func widened(to span: Float) -> ClosedRange<Float> {
        let more = (span - self.span) / 2
        guard more > 0, (lowerBound - more).isFinite, (upperBound + more).isFinite else { return self }
        return lowerBound - more...upperBound + more
    }

    /// 0 at the lower bound, 1 at the upper one.
    func fraction(of value: Float) -> Float {
        upperBound > lowerBound ? (value - lowerBound) / (upperBound - lowerBound) : 0.5
    }
}
