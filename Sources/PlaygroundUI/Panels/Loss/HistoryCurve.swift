import Basics
import Session
import TerminalKit

/// One curve over the epochs of a history. The dots of one column are the smallest and the largest value of the points
/// that fall into it, so that no peak is lost and any length of history costs the same.
struct HistoryCurve {
    let points: [History.Point]
    /// A value for each point; one that is not finite is left out.
    let values: [Float]
    /// At the plot's right end.
    let lastEpoch: Int
    /// Of the points that fall into some columns side by side the mean, in place of all that they reach.
    var isMean = false

    /// The shares of the mean before that stay in a running mean; 0: the values as they are.
    static let smoothings = [0.0, 0.8, 0.95]

    /// Running means of values; those that are not finite stay and count for none.
    /// - Parameter share: of the mean before, 0…1. The first means are not drawn to 0 (Kingma and Ba, Adam, 2015).
    static func smoothed(_ values: [Float], by share: Double) -> [Float] {
        guard share > 0 else { return values }
        var (mean, weight) = (0.0, 0.0)
        return values.map { value in
            guard value.isFinite else { return value }
            mean = share * mean + (1 - share) * Double(value)
            weight = share * weight + (1 - share)
            return Float(mean / weight)
        }
    }

    private struct Column {
        var x = -1
        var low = 0.0
        var high = 0.0
        var last = 0.0
    }

    /// - Parameter position: of a value: 0 at the bottom, 1 at the top; infinity is a gap in the line, another one that is not
    ///   finite is left out.
    func draw(
        into dots: inout DotPlot, style: Style, weight: UInt8, step: Int = 1, _ position: (Float) -> Double
    ) {
        let scale = Double(dots.dotWidth - 1) / Double(lastEpoch)
        let height = Double(dots.dotHeight - 1)
        func y(_ value: Double) -> Double { (1 - min(max(value, 0), 1)) * height + 0.5 }
        func finish(_ column: Column, before: Column) {
            guard column.x >= 0 else { return }
            let x = Double(column.x) + 0.5
            if step == 1 || column.x % step == 0 || column.low != column.high {
                dots.line(x, y(column.low), x, y(column.high), style: style, weight: weight, step: step)
            }
            if before.x >= 0 {
                dots.line(
                    Double(before.x) + 0.5, y(before.last), x, y(column.low), style: style, weight: weight, step: step)
            }
        }
        if isMean { return drawMean(into: &dots, scale, y, style: style, weight: weight, step: step, position) }
        var column = Column()
        var before = Column()
        for (point, value) in zip(points, values) {
            let value = position(value)
            if value == .infinity {
                finish(column, before: before)
                (column, before) = (Column(), Column())
            }
            guard value.isFinite else { continue }
            let x = Int(bounded: Double(point.epoch) * scale)
            if x != column.x {
                finish(column, before: before)
                before = column
                column = Column(x: x, low: value, high: value, last: value)
            } else {
                column.low = min(column.low, value)
                column.high = max(column.high, value)
                column.last = value
            }
        }
        finish(column, before: before)
    }

    /// Columns of dots that one mean is taken over.
    private static let window = 4

    private func drawMean(
        into dots: inout DotPlot, _ scale: Double, _ y: (Double) -> Double, style: Style, weight: UInt8, step: Int,
        _ position: (Float) -> Double
    ) {
        var sums: [Int: (sum: Double, count: Int)] = [:]
        for (point, value) in zip(points, values) {
            let value = position(value)
            guard value.isFinite || value == .infinity else { continue }
            sums[Int(bounded: Double(point.epoch) * scale) / Self.window, default: (0, 0)].sum += value
            sums[Int(bounded: Double(point.epoch) * scale) / Self.window]!.count += 1
        }
        var before: (x: Double, y: Double)?
        for (column, own) in sums.sorted(by: { $0.key < $1.key }) {
            guard own.sum.isFinite else {
                before = nil
                continue
            }
            let place = (x: (Double(column) + 0.5) * Double(Self.window), y: y(own.sum / Double(own.count)))
            if let before { dots.line(before.x, before.y, place.x, place.y, style: style, weight: weight, step: step) }
            before = place
        }
    }
}
