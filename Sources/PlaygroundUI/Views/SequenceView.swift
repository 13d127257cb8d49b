import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let sequences = ViewID("sequences")
}

extension View {
    /// The sequences of the data with their targets and the network's answers, the wrong ones first.
    static let sequences = View(
        id: .sequences, panel: .output,
        words:
            "Each block is a sequence, its steps from left to right, and under or behind it what is to be answered and what the network answers. Those with a wrong answer come first.",
        watch: "At which steps errors are: all at the beginning, or all after long lags.",
        suits: { $0.hasSequences && $0.task != .reconstruction },
        heading: { context, _ in
            let answered = context.shown?.answers?.all.count ?? 0
            guard answered > 0, context.snapshot.network.task != .regression else { return "Output · sequences" }
            return "Output · \(formatCount(context.wrongSequences.count)) of \(context.answeredText) wrong"
        },
        request: { context, _, request in SequenceAnswerView.request(context, &request) },
        draw: { canvas, rect, context in
            SequenceList(panelContent(of: rect).inset(left: 1, right: 1), context)?.draw(into: &canvas)
        },
        inWords: { [SequenceWords.summary($0)].compactMap(\.self) },
        point: { context, x, y, rect in
            var pointed = Pointed()
            guard let list = SequenceList(panelContent(of: rect).inset(left: 1, right: 1), context) else {
                return pointed
            }
            (pointed.sequence, pointed.timeStep) = list.place(x: x, y: y)
            return pointed
        },
        putCursor: { SequenceAnswerView.choose(&$0, $1) },
        commands: SequenceAnswerCommands.list)
}

/// Sequences below each other.
struct SequenceList {
    private let content: Rect
    private let context: PlotContext
    private let answers: [[Float]]
    /// The rows in the order of the list.
    let order: [Int]
    private let blocks: [Block]

    private struct Block {
        var row: Int
        var y: Int
        var strip: StepStrip
        /// The answer's steps where the sequence has others.
        var other: StepStrip?
        var words: String
        var style: Style
        /// All of it, from the mark on.
        var rect: Rect

        /// The columns that all of it takes, the mark before it included.
        var columns: Int {
            let answer = words.isEmpty ? 0 : columnWidth(words) + 1
            return max(2 + strip.whole + answer, other.map { 4 + $0.whole } ?? 0)
        }
    }

    /// Between columns of sequences.
    private static let gap = 4

    /// nil: the data are no sequences, or there is no room.
    init?(_ content: Rect, _ context: PlotContext) {
        guard let kind = context.sequenceKind, content.width > 12, content.height > 2 else { return nil }
        (self.content, self.context) = (content, context)
        answers = context.shown?.answers?.all ?? []
        let wrong = context.wrongSequences
        let isWrong = Set(wrong)
        let count = answers.isEmpty ? min(context.sequenceCount, 200) : answers.count
        // Where nearly all have a mistake somewhere they stay in their order.
        order =
            context.snapshot.data.foretellsInputs
            ? Array(0..<count) : wrong + (0..<count).filter { !isWrong.contains($0) }
        let sorted = order
        let chosen = sorted.firstIndex(of: context.sequenceRow) ?? 0
        let height = Self.height(SequenceChoice(row: sorted.first ?? 0), kind, context)
        let fitting = max(1, (content.height - 1) / height)
        let known = answers
        func arranged(in columns: Int) -> [Block] {
            let all = fitting * columns
            let first = max(0, min(chosen - all / 2, sorted.count - all))
            let width = (content.width + Self.gap) / columns
            var blocks: [Block] = []
            for (index, row) in sorted.dropFirst(first).prefix(all).enumerated() {
                let own = Rect(
                    x: content.x + index / fitting * width, y: content.y + 1 + index % fitting * height,
                    width: width - Self.gap, height: height)
                let block = Self.block(row, own, context, row < known.count ? known[row] : nil)
                guard own.y + block.strip.rows.count + (block.other?.rows.count ?? 0) <= content.maxY else { continue }
                blocks.append(block)
            }
            return blocks
        }
        var all = arranged(in: 1)
        // Short sequences stand in columns beside each other where one would leave the room blank.
        let widest = all.reduce(1) { max($0, $1.columns) }
        let columns = min(4, (content.width + Self.gap) / (widest + Self.gap))
        if content.width >= 90, columns > 1, sorted.count > all.count { all = arranged(in: columns) }
        blocks = all
    }

    /// Of a block with the blank row behind it, where it has several rows.
    private static func height(_ choice: SequenceChoice, _ kind: SequenceKind, _ context: PlotContext) -> Int {
        let rows =
            context.inputMarks(choice).count
            + (kind.targetSteps == nil ? 0 : context.snapshot.data.foretellsInputs ? 1 : 2)
        return rows == 1 ? 1 : rows + 1
    }

    private static func block(
        _ row: Int, _ content: Rect, _ context: PlotContext, _ answers: [Float]?
    ) -> Block {
        let y = content.y
        let choice = SequenceChoice(row: row)
        let data = context.snapshot.data
        var words = ""
        var style = Style(context.theme.text, bold: true)
        if context.sequenceKind?.targetSteps == nil {
            let target = data.shownTargets(of: choice).first ?? nil
            let own = target.map { context.answerText($0) } ?? ""
            if let answer = answers?.first {
                if context.snapshot.network.task == .regression {
                    words = "\(own) \(answerSign(context)) \(context.answerText(answer))"
                } else {
                    let isRight = target == answer
                    words = isRight ? "→ \(own)" : "→ \(own), not \(context.answerText(answer))"
                    style = context.style(isRight: isRight)
                }
            } else {
                words = "→ \(own)"
            }
        }
        let room = content.width - 2 - (words.isEmpty ? 0 : columnWidth(words) + 1)
        var rows = context.inputMarks(choice)
        var own: [[StepStrip.Mark]] = []
        if let targets = context.targetMarks(choice) {
            if !data.foretellsInputs { own.append(targets) }
            if let answers { own.append(context.answerMarks(choice, answers)) }
        }
        if context.isByStep {
            rows += own
            own = []
        }
        // Of a longer sequence the first wrong step is in sight, else the end.
        let wrong =
            context.isByStep && !data.foretellsInputs ? answers.flatMap { context.wrongSteps(row, $0).first } : nil
        let cursor = row == context.sequenceRow ? context.timeStep : wrong ?? data.stepCount(of: choice) - 1
        let strip = StepStrip(rows, x: content.x + 2, y: y, width: room, cursor: cursor)
        let other =
            own.isEmpty
            ? nil : StepStrip(own, x: content.x + 4, y: y + rows.count, width: content.width - 4, cursor: 0)
        return Block(row: row, y: y, strip: strip, other: other, words: words, style: style, rect: content)
    }

    func draw(into canvas: inout Canvas) {
        let theme = context.theme
        let data = context.snapshot.data
        let set = data.test.count > 0 ? "test" : "training"
        canvas.write(
            "\(set) data: \(plural(data.shownSequences.count, "sequence"))", x: content.x, y: content.y,
            style: Style(theme.quiet), limit: content.width)
        for block in blocks {
            let isChosen = block.row == context.sequenceRow
            if isChosen {
                canvas.write(
                    context.ascii ? ">" : "▸", x: block.rect.x, y: block.y, style: Style(.rgb(theme.accent), bold: true)
                )
            }
            let cursor = isChosen && !context.inputsAreOneStep ? context.timeStep : nil
            block.strip.draw(into: &canvas, cursor: cursor, context)
            if let other = block.other {
                canvas.write("→", x: block.rect.x + 2, y: other.rect.y, style: Style(theme.quiet))
                other.draw(into: &canvas, cursor: nil, context)
            }
            if !block.words.isEmpty {
                canvas.writeRight(block.words, maxX: block.rect.maxX, y: block.y, style: block.style)
            }
        }
    }

    /// The sequence and the step at a cell.
    func place(x: Int, y: Int) -> (row: Int?, step: Int?) {
        for block in blocks {
            let end = block.strip.rect.maxY + (block.other?.rect.height ?? 0)
            guard y >= block.y, y < end, x >= block.rect.x, x < block.rect.maxX else { continue }
            return (block.row, context.inputsAreOneStep ? nil : block.strip.step(x: x, y: y))
        }
        return (nil, nil)
    }
}

/// The keys of the views of sequences' answers.
enum SequenceAnswerCommands {
    static let views: Set<ViewID> = [.sequence, .sequences, .writing]

    static let list: [Command] =
        SequenceCommands.everywhere + [
            Command(
                "sequence.list", "sequences: all of them with the answers, the wrong ones first; again: one sequence",
                hint: "all", keys: ["w"], panels: [.output], views: views.union([.confusion]), disabled: needsSequences
            ) { $0.toggle(.sequences) }.for(.sequences),
            walking("up", "above", -1, keys: ["up", "k"]), walking("down", "below", 1, keys: ["down", "j"]),
        ]

    static let all: [Command] = [
        Command(
            "sequence.back", "in the sequence: one time step back", hint: "time", keys: ["left", "h"],
            panels: [.output], views: [.sequence, .sequences]
        ) { $0.moveTime(-1) },
        Command(
            "sequence.on", "in the sequence: one time step on", hint: "time", keys: ["right", "l"], panels: [.output],
            views: [.sequence, .sequences]
        ) { $0.moveTime(1) },
        Command(
            "sequence.first", "the first time step", keys: ["home"], panels: [.output], views: [.sequence, .sequences]
        ) { $0.plots.timeStep = 0 },
        Command(
            "sequence.last", "the last time step", keys: ["end"], panels: [.output], views: [.sequence, .sequences]
        ) { $0.plots.timeStep = nil },
        Command(
            "sequence.wrong", "the next step or sequence that the network gets wrong", hint: "wrong", keys: ["x"],
            panels: [.output], views: [.sequence, .sequences], disabled: cannotBeWrong
        ) { walkWrong(&$0) },
        Command(
            "sequence.type", "type a sentence, or the beginning of the text that the network writes", hint: "type",
            keys: ["i", "enter"], panels: [.output], views: views, disabled: cannotType
        ) { $0.popup = Prompt.sentence(of: $0) },
        Command(
            "sequence.freeRun", "from the time cursor on the network is fed its own answers, or the data again",
            hint: "free run", keys: ["f"], panels: [.output], views: [.sequence], disabled: cannotRunFree
        ) { runFree(&$0) },
    ]

    @Sendable static func needsSequences(_ app: App) -> String? {
        app.plotContext?.scene.hasSequences == false ? "the data are no sequences" : nil
    }

    @Sendable private static func cannotType(_ app: App) -> String? {
        guard let kind = app.plotContext?.sequenceKind else { return needsSequences(app) }
        return kind.alphabet.isEmpty ? "the steps of these data are values, not symbols" : nil
    }

    @Sendable private static func cannotBeWrong(_ app: App) -> String? {
        needsSequences(app)
            ?? (app.snapshot?.network.task == .regression
                ? "the answers are values, more or less close to the truth" : nil)
    }

    /// At the last step nothing follows: there it starts from the middle.
    private static func runFree(_ app: inout App) {
        app.plots.freeRuns.toggle()
        guard app.plots.freeRuns, let context = app.plotContext, context.timeStep + 1 >= context.moments else { return }
        app.plots.timeStep = context.moments / 2
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

    /// The next wrong step of the chosen sequence, then the first one of the next sequence that has some.
    private static func walkWrong(_ app: inout App) {
        guard let context = app.plotContext, let all = context.shown?.answers?.all, !all.isEmpty else { return }
        let own = min(context.sequenceRow, all.count - 1)
        let hasSteps = context.sequenceKind?.targetSteps != nil
        if hasSteps, let next = context.wrongSteps(own, all[own]).first(where: { $0 > context.timeStep }) {
            app.plots.timeStep = next
            return
        }
        let wrong = context.wrongSequences
        guard let row = wrong.first(where: { $0 > own }) ?? wrong.first else {
            let some = all.count < context.sequenceCount ? context.answeredSequences : "them"
            app.notice = "the network gets none of \(some) wrong"
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
        let kind = context?.sequenceKind
        let names = kind?.alphabet ?? []
        let isText = kind?.isByCharacter == true
        let some = names.prefix(12).joined(separator: isText ? " " : ", ")
        return Prompt(
            context?.snapshot.data.foretellsInputs == true ? "Beginning" : isText ? "Sequence" : "Sentence",
            help: (context?.hasCharacters == true
                ? "Characters of the text."
                : "\(isText ? "Letters" : "Words") of the data: \(some)\(names.count > 12 ? " …" : "").")
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
