import ArgumentParser
import Basics
import PlaygroundUI
import Session
import TerminalKit

struct GradientCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gradcheck",
        abstract: "Compare a network's gradients with numeric ones of a reference in double.",
        discussion: """
            The loss is that of the experiment's first samples, with dropout, noise and random changes of the inputs off. A \
            weight beside a kink (of a ReLU, of a pool's largest value) is skipped and counted. The exit status is 1 where a \
            tensor's gradients are not right. A network of images takes minutes; --samples 2 --entries 5 is a quicker look.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @OptionGroup var options: ExperimentOptions

    @Option(help: "The weights, in place of those that the seed draws.", completion: .file())
    var load: String?

    @Option(help: "Samples of the loss.")
    var samples = 16

    @Option(help: "Weights of each tensor that are compared.")
    var entries = 40

    @Option(help: "How to print: text or json.")
    var format = Format.text

    func validate() throws {
        try Failure.checkNamed(["load": load])
        for (name, value) in [("samples", samples), ("entries", entries)] where !(1...100_000).contains(value) {
            throw ValidationError("--\(name): expected 1 to 100000, found \(value)")
        }
    }

    func run() throws {
        let source = try options.open()
        let check = try source.naming {
            try GradientCheck(source, weights: load ?? source.weights, samples: samples, entries: entries)
        }
        switch format {
        case .text: print(Self.table(check))
        case .json: print(json: check.json.text())
        }
        if !check.isRight { throw ExitCode.failure }
    }

    private static func table(_ check: GradientCheck) -> String {
        var rows = [["layer", "tensor", "compared", "kinks", "error", ""]]
        for row in check.rows {
            rows.append([
                row.layer, row.tensor, "\(row.compared)", "\(row.kinks)", formatNumber(row.error, digits: 2),
                row.isRight ? "" : "WRONG",
            ])
        }
        let widths = rows[0].indices.map { column in rows.map { columnWidth($0[column]) }.max() ?? 0 }
        let lines = rows.map { row in
            let cells = zip(row, widths).enumerated().map { $0 < 2 ? padRight($1.0, $1.1) : padLeft($1.0, $1.1) }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
        let wrong = check.rows.count { !$0.isRight }
        return
            (lines + [
                "",
                wrong == 0
                    ? "all gradients are right (\(plural(check.samples, "sample")))"
                    : "\(plural(wrong, "tensor")) wrong",
            ]).joined(separator: "\n")
    }
}
