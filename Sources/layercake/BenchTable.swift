import Engine
import Session
import TerminalKit

/// `bench` as text, 80 columns wide: a row for each workload, the median of its repetitions with how far they lie apart.
enum BenchTable {
    static let header = row("workload", "on", "median", "unit", "spread", "loss")

    /// - Parameter size: what an option made it; nil: its standard.
    static func text(_ workload: Workload, size: Int?, _ figures: Workload.Figures) -> String {
        let name = size.map { "\(workload.name), \(formatCount($0))" } ?? workload.name
        // As `--device` takes it; the header of the report has the name.
        let place =
            switch figures.device {
            case .processor: "cpu"
            case .openCL(let device): "\(device.index)"
            }
        let loss =
            figures.losses.map { "\(formatNumber($0.start, digits: 2)) → \(formatNumber($0.end, digits: 2))" } ?? ""
        var lines = [row(name, place, whole(figures.median), workload.unit, spread(figures), loss)]
        if let gigaflops = figures.gigaflops { lines.append(row("", "", formatNumber(gigaflops), "GFLOP/s", "", "")) }
        return lines.joined(separator: "\n")
    }

    private static func whole(_ value: Double) -> String { formatFixed(value, decimals: value < 10 ? 1 : 0) }

    /// Half of what lies between the slowest and the fastest repetition.
    private static func spread(_ figures: Workload.Figures) -> String {
        let share = (figures.max - figures.min) / 2 / figures.median * 100
        return padLeft("±\(formatFixed(share, decimals: 0)) %", 6)
    }

    private static func row(
        _ name: String, _ place: String, _ median: String, _ unit: String, _ spread: String, _ loss: String
    ) -> String {
        let line =
            padRight(name, 20) + padRight(place, 4) + padLeft(median, 13) + "  " + padRight(unit, 17)
            + padRight(spread, 8) + loss
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}
