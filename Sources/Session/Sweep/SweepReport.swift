import Basics
import Datasets
import Engine

/// The finished cells of a sweep as `layercake sweep` prints them, in the order of the grid.
public struct SweepReport: Sendable {
    /// The seeds of one combination of values, summed up. Losses are those of the cells that did not diverge.
    public struct Group: Sendable, Hashable {
        public let values: [JSON]
        public let metrics: [Metric]
        /// One for each of `metrics`; nil where no cell has it.
        public let figures: [Quartiles?]
        public let cells: Int
        public let diverged: Int
        /// The figure of a game or a generator by which all groups are compared; nil: the losses.
        fileprivate let score: Metric?

        public func figure(of set: Metric.SampleSet) -> Quartiles? {
            zip(metrics, figures).first { $0.0.set == set }?.1
        }

        /// The figure compared between groups: the score of a game, else the test loss, or the training loss where there is
        /// no test set.
        public var compared: Quartiles? {
            if let score { return zip(metrics, figures).first { $0.0 == score }?.1 }
            return figure(of: .test) ?? figure(of: .train)
        }

        /// Whether the smaller of two compared figures is the better one.
        public var isLowerBetter: Bool { score?.isLowerBetter ?? true }
    }

    /// The median and the quartiles around it, linear between neighbours.
    public struct Quartiles: Sendable, Hashable {
        public let lower: Double
        public let median: Double
        public let upper: Double

        /// nil for no numbers.
        init?(_ numbers: [Double]) {
            guard !numbers.isEmpty else { return nil }
            let sorted = numbers.sorted()
            func quantile(_ part: Double) -> Double {
                let place = part * Double(sorted.count - 1)
                let below = Int(bounded: place)
                let above = min(below + 1, sorted.count - 1)
                return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
            }
            (lower, median, upper) = (quantile(0.25), quantile(0.5), quantile(0.75))
        }
    }

    public let sweep: Sweep
    private let results: [Int: Sweep.Result]

    public init(_ sweep: Sweep, results: [Int: Sweep.Result]) {
        self.sweep = sweep
        self.results = results
    }

    /// One for each combination of which a cell is finished.
    public var groups: [Group] {
        let score = Metric.score(among: sweep.metrics) { metric in
            results.values.contains { $0.values[metric.id]?.isFinite == true }
        }
        return stride(from: 0, to: sweep.cells.count, by: sweep.seeds).compactMap { start in
            let found = (start..<(start + sweep.seeds)).compactMap { results[$0] }
            guard !found.isEmpty else { return nil }
            return Group(
                values: sweep.cells[start].values, metrics: sweep.metrics,
                figures: sweep.metrics.map { metric in Quartiles(found.compactMap { $0.values[metric.id] }) },
                cells: found.count, diverged: found.count { $0.diverged }, score: score)
        }
    }

    /// `{"keys": […], "cells": [{"values": […], "seed", …, "diverged"}]}`, with a number or null for each of the sweep's metrics
    public var json: JSON {
        .object([
            JSON.Member("keys", .array(sweep.axes.map { .string($0.key) })),
            JSON.Member(
                "cells",
                .array(
                    sweep.cells.enumerated().compactMap { index, cell in results[index].map(cell.json(result:)) })),
        ])
    }

    /// A line of names, then one for each cell; what is not finite is empty.
    public var csv: String {
        func number(_ value: Double?) -> String { value.map { $0.isFinite ? "\($0)" : "" } ?? "" }
        // An axis may be the seed itself.
        let hasSeed = sweep.axes.contains { $0.key == "seed" }
        let columns = sweep.axes.map(\.key) + (hasSeed ? [] : ["seed"]) + sweep.metrics.map(\.id) + ["diverged"]
        var lines = [columns.map(csvCell)]
        for (index, cell) in sweep.cells.enumerated() {
            guard let result = results[index] else { continue }
            lines.append(
                cell.values.map { csvCell($0.tableText) } + (hasSeed ? [] : ["\(cell.seed)"])
                    + sweep.metrics.map { number(result.values[$0.id]) } + ["\(result.diverged)"])
        }
        return lines.map { $0.joined(separator: ",") }.joined(separator: "\n")
    }
}

extension JSON {
    /// A value in a table: texts without quotes.
    public var tableText: String {
        if case .string(let text) = self { text } else { text(compact: true) }
    }
}
