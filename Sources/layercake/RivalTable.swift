import Engine
import Session
import TerminalKit

/// The rivals beside the network, as text and as JSON.
enum RivalTable {
    /// Empty where there are no rivals.
    static func lines(_ trainer: Trainer) -> [String] {
        let reports = trainer.rivalReports
        guard let first = reports.first else { return [] }
        func score(_ value: Double?) -> String {
            guard let value else { return "–" }
            return first.scoresClasses ? formatFixed(100 * value, decimals: 1) + " %" : formatFixed(value, decimals: 3)
        }
        var rows = [["", first.scoresClasses ? "train accuracy" : "train R²", "test", "seconds", ""]]
        if Catalogue.scoresAnswers(trainer.experiment.training.procedure), let evaluation = trainer.evaluation {
            let train = first.scoresClasses ? evaluation.trainAccuracy : evaluation.trainR2
            let test = first.scoresClasses ? evaluation.testAccuracy : evaluation.testR2
            rows.append(["network", score(train), score(test), "", ""])
        }
        rows += reports.map { report in
            var words = report.model?.summary ?? ""
            if let layer = report.choice.rivalLayer { words += ", on \(layer)" }
            if !report.isFinished { words += ", not finished" }
            return [
                report.title, score(report.trainScore), score(report.testScore),
                formatNumber(report.seconds, digits: 2),
                words,
            ]
        }
        return ["rivals:"] + ConfusionTable.aligned(rows).map { String($0.reversed().drop { $0 == " " }.reversed()) }
            + [trainer.data.learned.sameAnswersNote].compactMap(\.self)
    }
}

extension RivalReport {
    /// As `train --format json` prints it.
    var json: JSON {
        func number(_ value: Double?) -> JSON { value.map { $0.isFinite ? .number($0) : .null } ?? .null }
        return .object([
            JSON.Member("rival", .string(choice.id)),
            JSON.Member("on", choice.rivalLayer.map { .string($0) } ?? .null),
            JSON.Member(scoresClasses ? "trainAccuracy" : "trainR2", number(trainScore)),
            JSON.Member(scoresClasses ? "testAccuracy" : "testR2", number(testScore)),
            JSON.Member("steps", .number(Double(steps))),
            JSON.Member("finished", .bool(isFinished)),
            JSON.Member("seconds", number(seconds)),
            JSON.Member("summary", .string(model?.summary ?? "")),
        ])
    }
}
