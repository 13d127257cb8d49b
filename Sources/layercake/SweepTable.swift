import PlaygroundUI
import Session
import TerminalKit
import Basics

/// A sweep's groups as a table, one row for each combination of values.
struct SweepTable {
    let report: SweepReport

    var text: String {
        let groups = report.groups
        guard !groups.isEmpty else { return "no cell is finished" }
        let names = report.sweep.shortKeys
        let seeded = report.sweep.seeds > 1
        let best = groups.count > 1 ? bestFigure(groups) : nil
        var rows = [
            names + (seeded ? ["seeds"] : []) + report.sweep.metrics.map(\.title) + (seeded ? ["quartiles"] : [])
        ]
        rows[0].append("diverged")
        for group in groups {
            var row = group.values.map { shortened($0.tableText) }
            if seeded { row.append("\(group.cells)") }
            row += group.figures.map { figure($0?.median) }
            if seeded { row.append(group.compared.map { "\(figure($0.lower))–\(figure($0.upper))" } ?? "–") }
            row.append(group.diverged == 0 ? "" : "\(group.diverged)")
            // The best is marked behind its row.
            if let best, group.compared?.median == best { row[row.count - 1] += row.last == "" ? "best" : ", best" }
            rows.append(row)
        }
        let widths = rows[0].indices.map { column in rows.map { columnWidth($0[column]) }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).enumerated().map { index, cell in
                index == row.count - 1
                    ? cell.0 : index < names.count ? padRight(cell.0, cell.1) : padLeft(cell.0, cell.1)
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    /// nil: all are equal.
    private func bestFigure(_ groups: [SweepReport.Group]) -> Double? {
        let figures = groups.compactMap(\.compared?.median)
        let best = groups[0].isLowerBetter ? figures.min() : figures.max()
        return groups.contains { $0.compared?.median != best } ? best : nil
    }

    private func figure(_ value: Double?) -> String { value.map { formatNumber($0, digits: 4) } ?? "–" }
}
