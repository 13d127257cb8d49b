import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// The keys of the views of sequences' answers.
enum SequenceAnswerCommands {
    static let views: Set<ViewID> = [.sequence, .sequences, .writing]

    static let list: [Command] =
        SequenceCommands.everywhere + [
            Command(
                "sequence.list", "sequences: all of them with the answers, the wrong ones first; again: one sequence",
                hint: "all", keys: ["w"], panels: [.output], views: views, disabled: needsSequences
            ) { $0.toggle(.sequences) },
            walking("up", "above", -1, keys: ["up", "k"]), walking("down", "below", 1, keys: ["down", "j"]),
        ]

    static let all: [Command] = [
        Command(
            "sequence.back", "in the sequence: one time step back", hint: "time", keys: ["left", "h"],
            panels: [.output], views: [.sequence, .sequences]
        ) { moveTime(&$0, -1) },
        Command(
            "sequence.on", "in the sequence: one time step on", hint: "time", keys: ["right", "l"], panels: [.output],
            views: [.sequence, .sequences]
        ) { moveTime(&$0, 1) },
        Command(
            "sequence.first", "the first time step", keys: ["home"], panels: [.output], views: [.sequence, .sequences]
        ) { $0.plots.timeStep = 0 },
        Command(
            "sequence.last", "the last time step", keys: ["end"], panels: [.output], views: [.sequence, .sequences]
        ) { $0.plots.timeStep = nil },
        Command(
            "sequence.wrong", "the next step or sequence that the network gets wrong", hint: "wrong", keys: ["x"],
            panels: [.output], views: [.sequence, .sequences]
        ) { walkWrong(&$0) },
        Command(
            "sequence.type", "type a sentence, or the beginning of the text that the network writes", hint: "type",
            keys: ["i", "enter"], panels: [.output], views: views, disabled: cannotType
        ) { $0.popup = Prompt.sentence(of: $0) },
        Command(
            "sequence.freeRun", "from the time cursor on the network is fed its own answers, or the data again",
            hint: "free run", keys: ["f"], panels: [.output], views: [.sequence], disabled: cannotRunFree
        ) { $0.plots.freeRuns.toggle() },
    ]

    @Sendable static func needsSequences(_ app: App) -> String? {
        app.plotContext?.scene.hasSequences == false ? "the data are no sequences" : nil
    }

    @Sendable private static func cannotType(_ app: App) -> String? {
        guard let kind = app.plotContext?.sequenceKind else { return needsSequences(app) }
        return kind.symbols.isEmpty ? "the steps of these data are values, not symbols" : nil
    }

    @Sendable private static func cannotRunFree(_ app: App) -> String? {
        guard let data = app.snapshot?.data else { return nil }
        return data.foretellsInputs && data.task == .regression
            ? nil : "the answers are not the next values of the sequence"
    }

    private static func walking(_ name: String, _ place: String, _ direction: Int, keys: [String]) -> Command {
        Command(
            "sequence.\(name)", "among the sequences: the one \(place)", hint: "sequence", keys: keys,
            panels: [.output], views: [.sequence, .sequences]
        ) { walk(&$0, direction) }
    }

    /// Along the list in its order, or by rows where one sequence is shown.
    private static func walk(_ app: inout App, _ direction: Int) {
        guard let context = app.plotContext, context.sequenceCount > 0 else { return }
        guard app.view(in: .output)?.id == .sequences, let area = app.layout.area(.output),
            let list = SequenceList(panelContent(of: area.rect).inset(left: 1, right: 1), context)
        else {
            app.plots.sequence = (context.sequenceRow + direction + context.sequenceCount) % context.sequenceCount
            return
        }
        let place = (list.order.firstIndex(of: context.sequenceRow) ?? -direction) + direction
        if list.order.indices.contains(place) { app.plots.sequence = list.order[place] }
    }

    private static func moveTime(_ app: inout App, _ steps: Int) {
        guard let context = app.plotContext, context.moments > 0 else { return }
        app.plots.timeStep = min(max(0, context.timeStep + steps), context.moments - 1)
    }

    /// The next wrong step of the chosen sequence, then the first one of the next sequence that has some.
    private static func walkWrong(_ app: inout App) {
        guard let context = app.plotContext, let all = context.shown?.answers?.all, !all.isEmpty else { return }
        let own = min(context.sequenceRow, all.count - 1)
        let hasSteps = context.sequenceKind?.targetSteps != nil
        if hasSteps, let next = context.wrongSteps(own, all[own]).first(where: { $0 > context.timeStep }) {
            app.plots.timeStep = next
            return
        }
        let rows = (1...all.count).map { (own + $0) % all.count }
        guard let row = rows.first(where: { !context.wrongSteps($0, all[$0]).isEmpty }) else {
            app.notice = "the network gets none of them wrong"
            return
        }
        app.plots.sequence = row
        app.plots.timeStep = hasSteps ? context.wrongSteps(row, all[row]).first : nil
    }
}

extension Prompt {
    /// A sentence of the data's symbols, for the network to answer; nothing: the data's sequences again.
    static func sentence(of app: App) -> Prompt {
        let context = app.plotContext
        let names = context?.sequenceKind?.symbols ?? []
        let isText = context?.hasCharacters == true
        let some = names.prefix(12).joined(separator: isText ? "" : ", ")
        return Prompt(
            context?.snapshot.data.foretellsInputs == true ? "Beginning" : "Sentence",
            help: (isText
                ? "Characters of the text." : "Words of the data: \(some)\(names.count > 12 ? " …" : "").")
                + " Nothing typed: the data's own sequences again.",
            field: TextField(""), takesNothing: true
        ) { app, text in
            app.plots.writingNumber += 1
            guard !text.isEmpty else {
                app.plots.typedSequence = nil
                return nil
            }
            guard let data = app.snapshot?.data else { return nil }
            do throws(DataError) { app.plots.typedSequence = try data.symbols(ofTyped: text) } catch {
                return error.message
            }
            app.plots.timeStep = nil
            return nil
        }
    }
}
