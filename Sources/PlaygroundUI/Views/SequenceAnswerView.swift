import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let sequence = ViewID("sequence")
}

extension View {
    /// The chosen sequence with its targets and the network's answers, and those at the time cursor in full.
    static let sequence = View(
        id: .sequence, panel: .output,
        words:
            "One sequence: what comes in (x), what is to be answered (y), and what the network answers (ŷ), right or wrong. Below stand the likeliest answers at the time cursor and, where there is room, those at every step, or the answers' curve over the truth.",
        watch: "The step at which the right answer becomes the likeliest.",
        suits: { $0.hasSequences && $0.task != .reconstruction },
        heading: { context, width in
            let choice = context.sequenceChoice
            // Slow motion goes through a training sequence of its own.
            let name =
                choice?.typed != nil
                ? "typed"
                : choice?.isTraining == true
                    ? "training sequence \(formatCount((choice?.row ?? 0) + 1))"
                    : "sequence \(formatCount(context.sequenceRow + 1)) of \(formatCount(context.sequenceCount))"
            let step = " · step \(formatCount(context.timeStep + 1))"
            let whole = "Output · \(name)\(step) of \(formatCount(context.moments))"
            return columnWidth(whole) <= width ? whole : "Output · \(name)"
        },
        request: { context, _, request in SequenceAnswerView.request(context, &request) },
        draw: { canvas, rect, context in
            SequenceAnswerView(panelContent(of: rect).inset(left: 1, right: 1), context)?.draw(into: &canvas)
        },
        inWords: SequenceWords.chosen,
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.timeStep = SequenceAnswerView(panelContent(of: rect).inset(left: 1, right: 1), context)?
                .step(x: x, y: y)
            return pointed
        },
        putCursor: { SequenceAnswerView.choose(&$0, $1) }, commands: SequenceAnswerCommands.all)
}

struct SequenceAnswerView {
    private let content: Rect
    private let context: PlotContext
    private let choice: SequenceChoice
    private let kind: SequenceKind
    private let answers: SequenceAnswers?
    private let input: StepStrip
    /// The answer's steps where the sequence has others.
    private let answer: StepStrip?
    /// The names of the strips' rows.
    private let names: [(name: String, y: Int)]
    /// Below the strips.
    private let rest: Rect

    static func request(_ context: PlotContext, _ request: inout ViewRequest) {
        request.sequence = context.sequenceChoice
        request.answers = SequenceQuestion(freeRunFrom: context.plots.freeRuns ? context.timeStep : nil)
        if context.showsKeys { WritingView.request(context, &request) }
    }

    static func choose(_ app: inout App, _ pointed: Pointed) {
        if let row = pointed.sequence { app.plots.sequence = row }
        if let step = pointed.timeStep { app.plots.timeStep = step }
    }

    /// nil: the data are no sequences, or there is no room.
    init?(_ content: Rect, _ context: PlotContext) {
        guard let kind = context.sequenceKind, let choice = context.sequenceChoice, content.width > 12,
            content.height > 2
        else { return nil }
        (self.content, self.context, self.kind, self.choice) = (content, context, kind, choice)
        answers = context.shown?.answers.flatMap { $0.choice == choice ? $0 : nil }
        var inputs = context.inputMarks(choice)
        var own: [[StepStrip.Mark]] = []
        var ownNames: [String] = []
        if let targets = context.targetMarks(choice), !context.snapshot.data.foretellsInputs, choice.typed == nil {
            own.append(targets)
            ownNames.append("y")
        }
        if let answers, kind.targetSteps != nil || answers.areOfBeginnings {
            let marks = context.answerMarks(choice, answers.steps.map { context.answer($0) })
            own.append(choice.typed != nil && context.isByStep ? Array(marks.prefix(choice.typed!.count)) : marks)
            ownNames.append(answerSign(context))
        }
        // The values of one step have names in place of steps.
        let features = kind.features.map { StepStrip.Mark(text: $0, style: Style(context.theme.quiet)) }
        if context.inputsAreOneStep, features.count <= 16, features.allSatisfy({ columnWidth($0.text) == 1 }) {
            inputs.insert(features, at: 0)
        }
        var names = inputs.indices.map { $0 == 0 ? "x" : "" }
        let isTogether = context.isByStep || kind.targetSteps == nil
        if isTogether {
            inputs += own
            names += ownNames
        }
        // Curves over the steps have numbers before them, and begin below the strip.
        let hasCurves = context.snapshot.network.task == .regression && kind.targetSteps != nil
        let x = content.x + (hasCurves ? ValueAnswers.labels : 3)
        // The bars keep their rows, and so does the text that the network writes.
        let kept =
            1 + (isTogether ? 0 : own.count) + (context.snapshot.network.task == .regression ? 13 : 7)
            + (context.scene.writes ? 6 : 0)
        // Letters of a text stand close, and so do all where they are to be read beside much else.
        let spread = (values: 8, letters: context.hasCharacters || content.width < 60 ? 1 : 4)
        input = StepStrip(
            inputs, x: x, y: content.y + 1, width: content.maxX - x, cursor: context.timeStep,
            lines: max(1, (content.height - kept) / max(1, inputs.count)), spread: spread)
        var y = input.rect.maxY
        self.names =
            input.lineRows.flatMap { row in names.enumerated().map { ($1, row + $0) } }
            + (isTogether ? [] : ownNames.enumerated().map { ($1, y + $0) })
        answer =
            isTogether || own.isEmpty
            ? nil
            : StepStrip(own, x: x, y: y, width: content.maxX - x, cursor: context.timeStep, spread: spread)
        y = answer?.rect.maxY ?? y
        rest = Rect(x: content.x, y: y + 1, width: content.width, height: max(0, content.maxY - y - 1))
    }

    func step(x: Int, y: Int) -> Int? {
        (context.inputsAreOneStep ? nil : input.step(x: x, y: y)) ?? answer?.step(x: x, y: y)
    }

    func draw(into canvas: inout Canvas) {
        let quiet = Style(context.theme.quiet)
        canvas.write(summary, x: content.x, y: content.y, style: quiet, limit: content.width)
        for (name, y) in names where y < content.maxY {
            canvas.write(name, x: content.x, y: y, style: quiet)
        }
        input.draw(into: &canvas, cursor: context.inputsAreOneStep ? nil : context.timeStep, context)
        answer?.draw(into: &canvas, cursor: min(context.timeStep, (answer?.rows.first?.count ?? 1) - 1), context)
        guard rest.height > 0, let answers else { return }
        if context.snapshot.network.task == .regression {
            ValueAnswers(rest, context, choice, answers, answer ?? input).draw(into: &canvas)
            return
        }
        let bars = min(1 + min(5, answers.steps.first?.count ?? 5), rest.height)
        drawBars(into: &canvas, Rect(x: rest.x, y: rest.y, width: rest.width, height: bars), answers)
        let below = Rect(x: rest.x, y: rest.y + bars + 1, width: rest.width, height: rest.height - bars - 1)
        guard below.height >= 2 else { return }
        if context.scene.writes {
            WritingView(below, context)?.draw(into: &canvas)
        } else {
            AnswerMap(below, context, answer ?? input, answers, context.snapshot.data.targets(of: choice))?
                .draw(into: &canvas)
        }
    }

    /// How many of the shown sequences, or of their steps, are right, and of how many of them that is the count.
    private var summary: String {
        let all = answers?.all ?? []
        let set = context.snapshot.data.test.count > 0 ? "test" : "training"
        guard !all.isEmpty else { return "\(set) data" }
        let isWhole = all.count == context.sequenceCount
        let count = formatCount(all.count)
        let forms: [String]
        if context.snapshot.network.task == .regression {
            forms = [
                "\(set) data: \(context.answeredSequences) answered",
                "\(set): \(isWhole ? "" : "first ")\(count) answered", "\(count) answered",
            ]
        } else if kind.targetSteps == nil {
            let wrong = formatCount(context.wrongSequences.count)
            forms = [
                "\(set) data: \(wrong) of \(context.answeredText) wrong",
                "\(set): \(wrong) of \(isWhole ? "" : "first ")\(count) wrong", "\(wrong) of \(count) wrong",
                "\(wrong) wrong",
            ]
        } else {
            let share = context.rightShare.map { ConfusionView.percent($0).drop { $0 == " " } } ?? "–"
            let part = isWhole ? "" : " in \(context.answeredSequences)"
            forms = [
                "\(set) data: \(share) of steps right\(part)",
                "\(set): \(share) right\(isWhole ? "" : ", first \(count)")", "\(share) right",
            ]
        }
        return forms.first { columnWidth($0) <= content.width } ?? forms.last!
    }

    /// The five likeliest classes at the time cursor.
    private func drawBars(into canvas: inout Canvas, _ rect: Rect, _ answers: SequenceAnswers) {
        guard let scores = answers.answer(at: context.timeStep), rect.width >= 14 else { return }
        let targets = context.snapshot.data.targets(of: choice)
        let place = kind.targetSteps == nil ? 0 : min(context.timeStep, targets.count - 1)
        let label = targets.indices.contains(place) ? targets[place].map { Int($0) } : nil
        // The answer to a beginning is neither right nor wrong.
        let isAsked = !answers.areOfBeginnings || context.timeStep + 1 >= context.moments
        let best = scores.indices.sorted { scores[$0] > scores[$1] }.prefix(5)
        canvas.write(
            barTitle(answers, label), x: rect.x, y: rect.y, style: Style(context.theme.quiet), limit: rect.width)
        let names = best.map { context.symbolText(context.className($0)) }
        let name = min(rect.width / 2, names.map(columnWidth).max() ?? 1)
        let width = max(0, rect.width - name - 8)
        for (line, index) in best.enumerated() where line + 1 < rect.height {
            let (y, score) = (rect.y + 1 + line, scores[index].isFinite ? min(max(scores[index], 0), 1) : 0)
            let isRight = isAsked ? label.map { $0 == index } : nil
            let color: Color =
                isRight == true
                ? .rgb(context.theme.good)
                : line == 0 && isRight == false ? .rgb(context.theme.bad) : context.theme.quiet
            canvas.writeRight(
                names[line], maxX: rect.x + name, y: y,
                style: Style(line == 0 ? context.theme.text : context.theme.quiet, bold: line == 0))
            drawShare(
                into: &canvas, Rect(x: rect.x + name + 1, y: y, width: width, height: 1), score,
                Style(color, on: context.theme.selection), context)
            canvas.writeRight(
                formatFixed(Double(score) * 100, decimals: 0) + " %", maxX: rect.maxX, y: y,
                style: Style(line == 0 ? context.theme.text : context.theme.quiet, bold: line == 0))
        }
    }

    /// The question that the bars answer, and the right answer.
    private func barTitle(_ answers: SequenceAnswers, _ label: Int?) -> String {
        let truth = label.map { " · is “\(context.symbolText(context.className($0)))”" } ?? ""
        guard let targets = kind.targetSteps else {
            return
                (answers.areOfBeginnings && context.timeStep + 1 < context.moments ? "if it ended here" : "answer")
                + truth
        }
        if context.snapshot.data.foretellsInputs {
            let marks = context.inputMarks(choice).first?.prefix(context.timeStep + 1).suffix(
                context.hasCharacters ? 8 : 2)
            let before = (marks ?? []).map(\.text).joined(separator: context.hasCharacters ? "" : " ")
            return "after “\(before)”" + truth
        }
        return (context.isByStep ? "at step" : "answer") + " \(formatCount(min(context.timeStep + 1, targets)))" + truth
    }
}

/// A bar of eighths of cells.
/// - Parameter share: 0…1.
func drawShare(into canvas: inout Canvas, _ rect: Rect, _ share: Float, _ style: Style, _ context: PlotContext) {
    canvas.fill(rect, with: Cell(" ", Style(on: style.background)))
    let eighths = Int(bounded: (share * Float(rect.width * 8)).rounded())
    for column in 0..<max(0, rect.width) {
        let part = min(8, eighths - 8 * column)
        guard part > 0 else { break }
        let glyph: Unicode.Scalar = context.ascii ? (part >= 4 ? "#" : " ") : Unicode.Scalar(0x2590 - UInt32(part))!
        canvas[rect.x + column, rect.y] = Cell(glyph, style)
    }
}

/// Answers that are values: over the steps the curve of the answer over the truth; of one value for a sequence all shown
/// sequences' answers against their truths.
private struct ValueAnswers {
    private let rect: Rect
    private let context: PlotContext
    private let choice: SequenceChoice
    private let answers: SequenceAnswers
    private let strip: StepStrip

    /// The columns before a plot.
    static let labels = 6

    /// - Parameter strip: the steps above the curves, from the plot's first column on.
    init(
        _ rect: Rect, _ context: PlotContext, _ choice: SequenceChoice, _ answers: SequenceAnswers, _ strip: StepStrip
    ) {
        (self.rect, self.context, self.choice, self.answers, self.strip) = (rect, context, choice, answers, strip)
    }

    func draw(into canvas: inout Canvas) {
        guard rect.height > 3, rect.width > 20 else { return }
        if context.sequenceKind?.targetSteps == nil { drawScatter(into: &canvas) } else { drawCurves(into: &canvas) }
    }

    private func axis(_ values: [Float], rows: Int) -> Axis {
        let known = values.filter(\.isFinite)
        let (low, high) = (known.min() ?? -1, known.max() ?? 1)
        let margin = max(0.05 * (high - low), 1e-3)
        let range = low - margin...high + margin
        return Axis(from: Double(range.lowerBound), to: Double(range.upperBound), count: max(2, min(5, rows / 3)))
    }

    private func drawAxis(into canvas: inout Canvas, _ axis: Axis, _ area: Rect) {
        axis.drawLabels(into: &canvas, leftOf: area, style: context.axisStyle)
    }

    private func drawCurves(into canvas: inout Canvas) {
        let targets = context.snapshot.data.shownTargets(of: choice).map { $0 ?? .nan }
        let own = answers.steps.map { $0.first ?? .nan }
        let count = max(1, strip.rows.map(\.count).max() ?? 1)
        let most = rect.width - Self.labels
        let area = Rect(
            x: rect.x + Self.labels, y: rect.y, width: min(most, max(1, strip.whole)), height: rect.height - 2)
        let axis = axis(targets + own + answers.freeRun, rows: area.height)
        var dots = DotPlot(width: area.width, height: area.height, capabilities: context.capabilities)
        func curve(_ values: [Float], from first: Int, _ style: Style, _ weight: UInt8, step: Int = 1) {
            func dot(_ place: Int) -> (Double, Double) {
                (
                    Double(first + place) / Double(count) * Double(dots.dotWidth) + 0.5,
                    (1 - axis.position(Double(values[place]))) * Double(dots.dotHeight - 1) + 0.5
                )
            }
            for place in values.indices.dropFirst() where values[place].isFinite && values[place - 1].isFinite {
                let (a, b) = (dot(place - 1), dot(place))
                dots.line(a.0, a.1, b.0, b.1, style: style, weight: weight, step: step)
            }
        }
        let accent = Style(.rgb(context.theme.accent), bold: true)
        curve(targets, from: 0, Style(context.theme.quiet), 3, step: context.colorless ? 2 : 1)
        curve(own, from: 0, Style(.rgb(context.theme.good), bold: true), 5)
        curve(answers.freeRun, from: answers.freeRunFrom, accent, 7, step: context.colorless ? 3 : 1)
        dots.draw(into: &canvas, x: area.x, y: area.y)
        let x = area.x + min(context.timeStep, count - 1) * area.width / count
        for y in area.y..<area.maxY where canvas[x, y].scalar == " " || canvas[x, y].scalar == "\u{2800}" {
            canvas[x, y] = Cell(context.ascii ? "|" : "│", Style(.rgb(context.theme.accent)))
        }
        drawAxis(into: &canvas, axis, area)
        let at = min(context.timeStep, targets.count - 1)
        var column = rect.x
        let truth = "truth \(formatFixed(Double(targets[at]), decimals: 2))"
        let answer = "answer \(own.indices.contains(at) ? formatFixed(Double(own[at]), decimals: 2) : "–")"
        let room = rect.width - columnWidth(truth) - columnWidth(answer) - 4
        let fed = ["fed back from \(answers.freeRunFrom + 1)", "fed back"].first { columnWidth($0) <= room } ?? ""
        for (words, style) in [
            (truth, Style(context.theme.quiet)), (answer, Style(.rgb(context.theme.good), bold: true)),
            (answers.freeRun.isEmpty ? "" : fed, accent),
        ] where column + columnWidth(words) <= rect.maxX {
            column += canvas.write(words, x: column, y: area.maxY + 1, style: style) + 2
        }
    }

    private func drawScatter(into canvas: inout Canvas) {
        let truths = answers.all.indices.map {
            context.snapshot.data.shownTargets(of: SequenceChoice(row: $0)).first.flatMap { $0 } ?? .nan
        }
        let own = answers.all.map { $0.first ?? .nan }
        let area = Rect(
            x: rect.x + Self.labels, y: rect.y, width: rect.width - Self.labels, height: rect.height - 2)
        let axis = axis(truths + own, rows: area.height)
        var dots = DotPlot(width: area.width, height: area.height, capabilities: context.capabilities)
        func place(_ truth: Float, _ answer: Float) -> (x: Double, y: Double) {
            (
                axis.position(Double(truth)) * Double(dots.dotWidth - 1) + 0.5,
                (1 - axis.position(Double(answer))) * Double(dots.dotHeight - 1) + 0.5
            )
        }
        dots.line(
            0.5, Double(dots.dotHeight) - 0.5, Double(dots.dotWidth) - 0.5, 0.5, style: Style(context.theme.quiet),
            weight: 1, step: 4)
        for (truth, answer) in zip(truths, own) where truth.isFinite && answer.isFinite {
            let at = place(truth, answer)
            dots.point(at.x, at.y, style: Style(.rgb(context.theme.good)), weight: 3)
        }
        dots.draw(into: &canvas, x: area.x, y: area.y)
        let target = context.snapshot.data.shownTargets(of: choice).first.flatMap { $0 }
        let answer = answers.steps.last?.first
        if let target, let answer, target.isFinite, answer.isFinite {
            let at = place(target, answer)
            canvas.write(
                context.ascii ? "@" : "◆", x: area.x + Int(bounded: at.x / 2), y: area.y + Int(bounded: at.y / 4),
                style: Style(.rgb(context.theme.accent), bold: true))
        }
        drawAxis(into: &canvas, axis, area)
        canvas.write("truth", x: area.x, y: area.maxY, style: context.axisStyle)
        canvas.writeRight(
            "answer \(answer.map { formatFixed(Double($0), decimals: 2) } ?? "–") · is \(target.map { formatFixed(Double($0), decimals: 2) } ?? "–")",
            maxX: rect.maxX, y: area.maxY + 1, style: Style(context.theme.text, bold: true))
    }
}
