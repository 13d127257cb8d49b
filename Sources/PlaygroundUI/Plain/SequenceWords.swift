import Basics
import Engine
import Session
import TerminalKit

/// Sequences and the answers to them in words.
enum SequenceWords {
    /// The chosen sequence, its targets, its answers, and how many are right.
    @Sendable static func chosen(_ context: PlotContext) -> [String] {
        guard let choice = context.sequenceChoice else { return [] }
        let name = "sequence \(formatCount(context.sequenceRow + 1)) of \(formatCount(context.sequenceCount))"
        var lines = context.inputMarks(choice).prefix(4).enumerated().map { index, marks in
            "\(index == 0 ? name : "value \(index + 1)"): \(text(marks, context))"
        }
        if let targets = context.targetMarks(choice) {
            if !context.snapshot.data.foretellsInputs { lines.append("to be answered: \(text(targets, context))") }
        } else if let target = context.snapshot.data.targets(of: choice).first ?? nil {
            lines.append("to be answered: \(context.answerText(target))")
        }
        if let answers = context.shown?.answers, !answers.steps.isEmpty {
            let given = answers.steps.map(context.answer)
            if context.sequenceKind?.targetSteps == nil, let last = answers.steps.last {
                let best = last.indices.sorted { last[$0] > last[$1] }.prefix(3)
                let isValue = context.snapshot.network.task == .regression
                let words = best.map { "\(context.className($0)) \(formatFixed(Double(last[$0]), decimals: 2))" }
                lines.append(
                    "the answer: \(isValue ? context.answerText(given.last!) : words.joined(separator: ", "))")
            } else {
                lines.append("the answers: \(text(context.answerMarks(choice, given), context))")
            }
        }
        return lines + [summary(context)].compactMap(\.self)
    }

    /// How many of the shown sequences are right; nil: none is answered.
    static func summary(_ context: PlotContext) -> String? {
        let set = context.snapshot.data.test.count > 0 ? "test" : "training"
        guard let share = context.rightShare else { return nil }
        if context.snapshot.network.task == .regression {
            return "\(set) data: R² \(formatNumber(share, digits: 3)) over \(context.answeredSequences)"
        }
        return
            "\(set) data: \(ConfusionView.percent(share).drop { $0 == " " }) of the answers right, \(formatCount(context.wrongSequences.count)) of \(context.answeredSequences) with a mistake"
    }

    /// Symbols as they are, values as numbers; of long ones the beginning.
    private static func text(_ marks: [StepStrip.Mark], _ context: PlotContext) -> String {
        let most = context.hasCharacters ? 120 : 24
        let parts = marks.prefix(most).map { $0.value.map { formatNumber(Double($0), digits: 2) } ?? $0.text }
        let isWord = context.hasCharacters || parts.allSatisfy { $0.count == 1 }
        return parts.joined(separator: isWord ? "" : " ") + (marks.count > most ? " …" : "")
    }
}
