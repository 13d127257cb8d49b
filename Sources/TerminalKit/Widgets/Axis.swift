import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A plot's axis: where its ticks are and what stands beside them.
public struct Axis: Sendable, Hashable {
    public var lower: Double
    public var upper: Double
    /// Powers of ten are equally far apart; both ends are positive then.
    public var logarithmic: Bool
    public var ticks: [Double]
    /// One per tick, all with the same number of digits behind the point.
    public var labels: [String]

    /// Ends and spans beyond these leave no room to compute ticks in a Double.
    private static let largest = 1e300
    private static let smallest = 1e-300

    /// An axis from `lower` to `upper` with about `count` ticks at 1, 2 or 5 times a power of ten.
    ///
    /// - Parameter rounded: widens the axis to the ticks around both ends, so that it seldom moves while data grows.
    /// A range that is empty or not finite is widened around its middle.
    public init(from lower: Double, to upper: Double, count: Int = 4, rounded: Bool = false) {
        var low = lower.isFinite ? min(max(lower, -Self.largest), Self.largest) : 0
        var high = upper.isFinite ? min(max(upper, -Self.largest), Self.largest) : 1
        if low > high { swap(&low, &high) }
        let magnitude = max(abs(low), abs(high))
        if high - low < max(magnitude * 1e-12, Self.smallest) {
            let half = magnitude < 1e12 * Self.smallest ? 1 : magnitude / 2
            low -= half
            high += half
        }
        var step = niceStep((high - low) / Double(max(1, count)))
        // One tick alone gives no scale.
        while (high / step + 1e-9).rounded(.down) - (low / step - 1e-9).rounded(.up) < 1 { step = niceStep(step / 2.5) }
        if rounded {
            low = (low / step).rounded(.down) * step
            high = (high / step).rounded(.up) * step
        }
        self.lower = low
        self.upper = high
        logarithmic = false
        ticks = []
        // A tick a rounding error beyond the end still belongs to it.
        var index = (low / step - 1e-9).rounded(.up)
        while index * step <= high + step * 1e-9 {
            ticks.append(index == 0 ? 0 : index * step)
            index += 1
        }
        let decimals = decimalPlaces(step)
        let large = max(abs(low), abs(high)) >= 1e7 || decimals > 6
        labels = ticks.map { large ? formatNumber($0) : formatFixed($0, decimals: decimals) }
    }

    /// A logarithmic axis: ticks at powers of ten, every n-th when there would be more than `count`. Where less than two
    /// decades are spanned they are at 1, 2 and 5 times a power, and where even these are too few, evenly spaced.
    public init(logarithmicFrom lower: Double, to upper: Double, count: Int = 4) {
        func limited(_ value: Double) -> Double { min(max(value, 1e3 * Self.smallest), Self.largest) }
        var high = limited(upper.isFinite && upper > 0 ? upper : 1)
        var low = limited(lower.isFinite && lower > 0 ? lower : high / 1000)
        if low > high { swap(&low, &high) }
        if high / low < 1.000001 {
            low /= 10
            high *= 10
        }
        self.lower = low
        self.upper = high
        logarithmic = true
        let first = Int(bounded: (log10(low) - 1e-9).rounded(.up))
        let last = Int(bounded: (log10(high) + 1e-9).rounded(.down))
        if high / low >= 100 {
            let every = max(1, (last - first + max(1, count)) / max(1, count))
            ticks = stride(from: first, through: last, by: every).map { powerOfTen($0) }
            labels = ticks.map { formatNumber($0, digits: 1) }
            return
        }
        let (least, most) = (low * (1 - 1e-9), high * (1 + 1e-9))
        let steps: [Double] = (first - 1...max(first - 1, last)).flatMap { exponent in
            [1, 2, 5].map { exponent < 0 ? $0 / powerOfTen(-exponent) : $0 * powerOfTen(exponent) }
        }
        ticks = steps.filter { $0 >= least && $0 <= most }
        labels = ticks.map { formatNumber($0, digits: 1) }
        if ticks.count < 2 {
            let even = Axis(from: low, to: high, count: count)
            (ticks, labels) = (even.ticks, even.labels)
        } else if ticks.count > max(2, count) {
            // Of too many every n-th, a power of ten among them where two remain.
            let every = (ticks.count + max(2, count) - 1) / max(2, count)
            let power = (ticks.firstIndex { abs($0 - powerOfTen(first)) <= $0 * 1e-9 } ?? 0) % every
            let kept = stride(from: power + every < ticks.count ? power : 0, to: ticks.count, by: every)
            (ticks, labels) = (kept.map { ticks[$0] }, kept.map { labels[$0] })
        }
    }

    /// Where a value lies: 0 at `lower`, 1 at `upper`; outside of them beyond, not finite for what a logarithm cannot show.
    public func position(_ value: Double) -> Double {
        logarithmic
            ? (log10(value) - log10(lower)) / (log10(upper) - log10(lower)) : (value - lower) / (upper - lower)
    }

    /// Writes the labels to the left of a plot, each in its tick's row; of those that would stand in one row the first.
    public func drawLabels(into canvas: inout Canvas, leftOf area: Rect, style: Style) {
        var taken: Set<Int> = []
        for (tick, label) in zip(ticks, labels) {
            let row = area.y + Int(bounded: (1 - position(tick)) * Double(area.height - 1) + 0.5)
            guard row >= area.y, row < area.maxY, taken.insert(row).inserted else { continue }
            canvas.writeRight(label, maxX: area.x - 1, y: row, style: style)
        }
    }

    /// The columns of the widest label.
    public var labelWidth: Int { labels.map { columnWidth($0) }.max() ?? 0 }
}

/// The smallest of 1, 2, 5 times a power of ten that is at least `step` (positive).
public func niceStep(_ step: Double) -> Double {
    let exponent = Int(bounded: log10(step).rounded(.down))
    let power = powerOfTen(exponent)
    let fraction = step / power
    // The power is divided where it is below 1: 3 / 10 is nearer to 0.3 than 3 · 0.1.
    let factor = fraction <= 1.000001 ? 1.0 : fraction <= 2.000001 ? 2 : fraction <= 5.000001 ? 5 : 10
    return exponent < 0 ? factor / powerOfTen(-exponent) : factor * power
}

private func decimalPlaces(_ step: Double) -> Int { max(0, -Int(bounded: (log10(step) + 1e-9).rounded(.down))) }

private func powerOfTen(_ exponent: Int) -> Double {
    var power = 1.0
    for _ in 0..<abs(exponent) { power *= 10 }
    return exponent < 0 ? 1 / power : power
}
