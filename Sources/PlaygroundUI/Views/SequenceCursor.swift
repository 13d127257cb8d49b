import Datasets
import Engine
import Session
import TerminalKit

/// The sequence that is looked at, and the moment in it: one for all views.
extension PlotContext {
    /// A row of those that are shown.
    var sequenceRow: Int { min(max(0, plots.sequence), max(0, sequenceCount - 1)) }
    var sequenceCount: Int { snapshot.data.sequence == nil ? 0 : snapshot.data.shownSequences.count }

    /// nil: the data are no sequences.
    var sequenceChoice: SequenceChoice? {
        guard sequenceCount > 0 else { return nil }
        // Slow motion's own: a training sequence.
        if plots.walk?.mode == .motion, let row = walkedRow { return SequenceChoice(row: row, isTraining: true) }
        return SequenceChoice(
            row: sequenceRow, typed: plots.typedSequence.flatMap { snapshot.data.fits($0) ? $0 : nil })
    }

    /// The sample that is looked at; nil: the data are neither images nor sequences.
    var sampleChoice: SampleChoice? { imageChoice.map { .image($0) } ?? sequenceChoice.map { .sequence($0) } }

    /// The steps of the chosen sequence's inputs or targets, whichever are more.
    var moments: Int {
        guard let choice = sequenceChoice else { return 0 }
        let steps = snapshot.data.stepCount(of: choice)
        guard let targets = snapshot.data.sequence?.targetSteps else { return steps }
        // A typed sequence has no targets: a decoder goes all its steps.
        if choice.typed != nil { return isByStep ? steps : max(steps, targets) }
        return max(steps, snapshot.data.targets(of: choice).lastIndex { $0 != nil }.map { $0 + 1 } ?? 0)
    }

    /// The steps of the chosen sequence in a layer with so many: those of the input end where the sequence does, others, as a
    /// decoder's, do not.
    func length(ofSteps steps: Int) -> Int {
        guard let choice = sequenceChoice, steps == snapshot.data.sequence?.steps else { return steps }
        return snapshot.data.stepCount(of: choice)
    }

    /// The step of the time cursor, from 0.
    var timeStep: Int { min(max(0, plots.timeStep ?? moments - 1), max(0, moments - 1)) }
}

/// The keys that choose the sequence and the moment that are looked at.
enum SequenceCommands {
    static let everywhere = [
        command("time.back", "sequences: the time cursor one step back", hint: "time", key: "(") { $0.moveTime(-1) },
        command("time.forward", "sequences: the time cursor one step on", hint: "time", key: ")") { $0.moveTime(1) },
        command("sequence.next", "the next sequence", hint: "sequence", key: "'") { walk(&$0, 1) },
        command("sequence.previous", "the sequence before", hint: "sequence", key: "\"") { walk(&$0, -1) },
    ]

    private static func command(
        _ id: String, _ help: String, hint: String, key: String, run: @escaping @Sendable (inout App) -> Void
    ) -> Command {
        Command(
            id, help, hint: hint, keys: [key],
            disabled: { ($0.plotContext?.sequenceCount ?? 0) == 0 ? "the data are no sequences" : nil }, run: run
        ).during(.walk).for(.sequences)
    }

    private static func walk(_ app: inout App, _ direction: Int) {
        guard let context = app.plotContext, context.sequenceCount > 0 else { return }
        app.plots.sequence = (context.sequenceRow + direction + context.sequenceCount) % context.sequenceCount
    }
}

extension App {
    /// Moves the time cursor, and a walk through time with it, by so many steps of the sequence, as far as its ends.
    mutating func moveTime(_ steps: Int) {
        guard let context = plotContext, context.moments > 0 else { return }
        let step = min(max(0, context.timeStep + steps), context.moments - 1)
        if !moveWalk(toMoment: step) { plots.timeStep = step }
    }
}
