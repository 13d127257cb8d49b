import Basics
import Session
import TerminalKit

/// The text on the normal screen after quitting: what was trained, how well, and how to come back.
struct Summary {
    var text: String

    /// - Parameters:
    ///   - kept: the file that the experiment was kept in; nil: in none.
    ///   - unkept: why its last state is not in that file; nil: it is.
    init(of app: App, seconds: Double, kept: String?, unkept: ExperimentError? = nil) {
        let experiment = app.experiment
        var lines: [String] = []
        let title = experiment.title.isEmpty ? app.session.name : experiment.title
        if let snapshot = app.snapshot {
            let shape = ([snapshot.outline.input] + snapshot.outline.layers.map(\.output)).map(\.description)
                .joined(separator: "→")
            lines.append(
                "\(title.isEmpty ? "layercake" : title): \(shape), \(formatCount(snapshot.outline.parameterCount, "parameter")), seed \(experiment.seed)"
            )
            lines.append(
                "trained \(formatCount(snapshot.epoch, "epoch")), \(formatCount(snapshot.step, "step")) in \(Self.time(snapshot.seconds))"
            )
            if let evaluation = snapshot.evaluation {
                let own = evaluation.metrics.filter { $0.plot == .loss && $0.set == nil }.compactMap { metric in
                    evaluation[metric.id].map { "\(metric.title) \(formatNumber($0, digits: 4))" }
                }
                let train = "loss: train \(formatNumber(evaluation.trainLoss, digits: 4))"
                var words = ((evaluation.hasTrainLoss || own.isEmpty ? [train] : []) + own).joined(separator: ", ")
                if let test = evaluation.testLoss { words += ", test \(formatNumber(test, digits: 4))" }
                if let accuracy = evaluation.testAccuracy ?? evaluation.trainAccuracy {
                    words += "; accuracy \(formatFixed(accuracy * 100, decimals: 1)) %"
                }
                lines.append(words)
            }
            switch snapshot.state {
            case .diverged(let divergence):
                lines.append(
                    "diverged at step \(formatCount(divergence.step)) in \(divergence.layer): \(divergence.advice)")
            case .finished(let reason): lines.append("finished: \(reason)")
            case .paused, .training: break
            }
        }
        // With its weights where they were kept, else as it was opened.
        if let lesson = app.lesson {
            lines.append("go on with: layercake learn \(Self.shellWord(lesson.course.id))")
        } else if let kept {
            lines.append(
                "\(app.session.edited ? "edited; " : "")open it again with: layercake \(Self.shellWord(kept))")
        } else if !app.session.name.isEmpty {
            lines.append("open it again with: layercake \(Self.shellWord(app.session.name))")
        }
        if let unkept { lines.append("not kept: \(unkept.description)") }
        text = lines.map { visibleText($0) }.joined(separator: "\n")
    }

    private static func time(_ seconds: Double) -> String {
        let whole = Int(bounded: seconds)
        if seconds < 1 { return "\(formatNumber(seconds * 1000, digits: 2)) ms" }
        if whole < 60 { return formatFixed(seconds, decimals: 1) + " s" }
        return "\(whole / 60) min \(whole % 60) s"
    }

    /// As a shell takes it; what may not be shown as it is, in the form $'\u009b'.
    static func shellWord(_ name: String) -> String {
        let plain = name.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_./".unicodeScalars.contains($0))
        }
        if plain { return name }
        guard name.unicodeScalars.allSatisfy({ visible($0) == $0 }) else {
            let escapes = name.unicodeScalars.map { scalar in
                switch scalar {
                case "'": "\\'"
                case "\\": "\\\\"
                default:
                    visible(scalar) == scalar
                        ? String(scalar) : "\\U" + padLeft(String(scalar.value, radix: 16), 8).replacing(" ", with: "0")
                }
            }
            return "$'" + escapes.joined() + "'"
        }
        return "'" + name.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
