import Basics
import Engine
import Session
import TerminalKit

/// A curve over the epochs in words: where it began, where it is, its best, and how steadily it came there.
enum SeriesWords {
    /// - Parameters:
    ///   - epochs: one for each value.
    ///   - unit: "epoch", or "episode".
    /// - Returns: nil where there are no numbers.
    static func text(
        _ title: String, _ values: [Float], _ epochs: [Int], isLowerBetter: Bool, unit: String = "epoch"
    ) -> String? {
        let known = zip(values, epochs).filter { $0.0.isFinite }
        guard let first = known.first, let last = known.last else { return nil }
        func number(_ value: Float) -> String { formatNumber(Double(value), digits: 3) }
        guard known.count > 1, last.1 > first.1 else {
            return "\(title) \(number(last.0)) at \(unit) \(formatCount(last.1))"
        }
        let best = known.min { isLowerBetter ? $0.0 < $1.0 : $0.0 > $1.0 }!
        let worst = known.min { isLowerBetter ? $0.0 > $1.0 : $0.0 < $1.0 }!
        let range = worst.0 > best.0 ? worst.0 - best.0 : best.0 - worst.0
        let change = last.0 - first.0
        let length = plural(last.1 - first.1, unit)
        var words: String
        if abs(change) <= 0.02 * max(abs(first.0), abs(last.0)) {
            words = "\(title) stays near \(number(last.0)) for \(length)"
        } else {
            words = "\(title) \(change < 0 ? "fell" : "rose") from \(number(first.0)) to \(number(last.0)) in \(length)"
        }
        let word = isLowerBetter ? "lowest" : "highest"
        if number(best.0) != number(last.0) { words += ", \(word) \(number(best.0)) at \(unit) \(formatCount(best.1))" }
        // A curve that goes there and back more than its own range is restless.
        let travel = zip(known, known.dropFirst()).reduce(Float(0)) { $0 + abs($1.1.0 - $1.0.0) }
        if range > 0, known.count > 8, travel > 6 * range { words += ", up and down" }
        return words
    }

    /// The metrics of some places of the plot.
    static func lines(_ context: PlotContext, _ plots: Set<Metric.Plot>) -> [String] {
        let history = context.snapshot.history
        let epochs = history.points.map(\.epoch)
        return history.metrics.filter { plots.contains($0.plot) }.compactMap {
            text($0.title, history[$0.id], epochs, isLowerBetter: $0.isLowerBetter)
        }
    }

    @Sendable static func losses(_ context: PlotContext) -> [String] {
        let lines = lines(context, [.loss, .share])
        let evaluation = context.snapshot.evaluation
        guard let test = evaluation?.testLoss, let train = evaluation?.trainLoss, train > 0 else { return lines }
        let gap = Double(test) / Double(train)
        return gap > 1.5 ? lines + ["the test loss is \(formatNumber(gap, digits: 2)) times the training loss"] : lines
    }
}
