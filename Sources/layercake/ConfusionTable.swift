import Engine
import TerminalKit

/// A confusion matrix and the accuracy by class, as text.
enum ConfusionTable {
    /// Classes up to which the whole matrix is shown.
    private static let mostClasses = 10

    /// - Parameters:
    ///   - names: the classes', in their order.
    ///   - samples: what was counted: "test samples".
    static func lines(_ confusion: ConfusionMatrix, names: [String], samples: String) -> [String] {
        let accuracies = confusion.classAccuracy.map { $0.map { formatFixed(100 * $0, decimals: 1) + " %" } ?? "none" }
        guard confusion.classes <= mostClasses else {
            let worst = confusion.classAccuracy.indices.filter { confusion.classAccuracy[$0] != nil }
                .sorted { confusion.classAccuracy[$0]! < confusion.classAccuracy[$1]! }.prefix(mostClasses)
            return ["accuracy by class over the \(samples), the lowest of \(confusion.classes):"]
                + aligned(worst.map { [names[$0], accuracies[$0]] })
        }
        let heading = [""] + names + ["accuracy"]
        let rows = names.indices.map { truth in
            [names[truth]] + names.indices.map { "\(confusion[truth, $0])" } + [accuracies[truth]]
        }
        return ["\(samples) by class (rows) and answer (columns):"] + aligned([heading] + rows)
    }

    /// Columns of equal width: the first to the left, the others to the right.
    static func aligned(_ rows: [[String]]) -> [String] {
        guard let first = rows.first else { return [] }
        let widths = first.indices.map { column in rows.map { columnWidth($0[column]) }.max() ?? 0 }
        return rows.map { row in
            row.indices.reduce("") { line, column in
                let blanks = String(repeating: " ", count: widths[column] - columnWidth(row[column]))
                return line + (column == 0 ? row[column] + blanks : "  " + blanks + row[column])
            }
        }
    }
}
