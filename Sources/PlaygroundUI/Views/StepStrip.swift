import Datasets
import Engine
import Session
import TerminalKit

/// Steps of a sequence from left to right, in one or more rows below each other. Where there is no room for all, letters and
/// words go on in further lines, then scroll with the time cursor, and of values each column shows the largest of its own.
struct StepStrip {
    struct Mark {
        var text = ""
        /// −1…1, shown by its colour; nil: the text alone.
        var value: Float?
        var style = Style.plain
    }

    /// Each has a mark for every step, or for the first ones.
    let rows: [[Mark]]
    let rect: Rect
    private let count: Int
    private let widths: [Int]
    /// The columns before each step, gaps included, and those of all steps.
    private let starts: [Int]
    private let gap: Int
    private let squeezes: Bool
    /// The first step of each line that is shown; the rows of a line stand together.
    private let lines: [Int]
    /// Behind the last step of the last line.
    private let end: Int

    /// - Parameters:
    ///   - cursor: the step that stays in sight.
    ///   - most: the lines that letters and words may take.
    ///   - spread: the columns that a step may take where there are few: one with values, and one of letters alone.
    init(
        _ rows: [[Mark]], x: Int, y: Int, width: Int, cursor: Int, lines most: Int = 1,
        spread: (values: Int, letters: Int) = (1, 1)
    ) {
        self.rows = rows
        let count = rows.map(\.count).max() ?? 0
        self.count = count
        let columns = max(0, width)
        var widths = (0..<count).map { step in
            rows.reduce(1) { max($0, step < $1.count ? columnWidth($1[step].text) : 0) }
        }
        let gap = widths.contains { $0 > 1 } ? 1 : 0
        if gap == 0, count > 0 {
            let hasValues = rows.joined().contains { $0.value != nil }
            let wide = max(1, min(hasValues ? spread.values : spread.letters, columns / count))
            widths = widths.map { _ in wide }
        }
        let starts = widths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1 + gap) }
        (self.widths, self.starts, self.gap) = (widths, starts, gap)
        squeezes = gap == 0 && count > columns && rows.joined().contains { $0.value != nil }
        func span(_ steps: ClosedRange<Int>) -> Int { starts[steps.upperBound + 1] - starts[steps.lowerBound] - gap }
        let cursor = min(max(0, cursor), max(0, count - 1))
        var lines = [0]
        var end = count
        if !squeezes, columns > 0, count > 0, span(0...count - 1) > columns {
            if most > 1 {
                for step in 1..<count where span(lines[lines.count - 1]...step) > columns { lines.append(step) }
                // The cursor's line is not the last one where others follow.
                let own = lines.lastIndex { $0 <= cursor } ?? 0
                let first = max(0, min(own - (most - 1) / 2, lines.count - most))
                if first + most < lines.count { end = lines[first + most] }
                lines = Array(lines.dropFirst(first).prefix(most))
            } else {
                // A quarter of the room lies ahead of the cursor.
                var ahead = cursor
                while ahead < count - 1, span(cursor...ahead + 1) <= max(1, columns / 4) { ahead += 1 }
                while lines[0] < ahead, span(lines[0]...ahead) > columns { lines[0] += 1 }
            }
        }
        (self.lines, self.end) = (lines, end)
        rect = Rect(x: x, y: y, width: columns, height: rows.count * lines.count)
    }

    /// The columns that all steps take beside each other.
    var whole: Int { max(0, starts[count] - gap) }

    /// The line of a step; nil: it is not in sight.
    private func line(of step: Int) -> Int? { step < end ? lines.lastIndex { $0 <= step } : nil }

    /// The first row of each line.
    var lineRows: [Int] { lines.indices.map { rect.y + $0 * rows.count } }

    /// The columns of a step; nil: it is not in sight.
    func columns(of step: Int) -> Range<Int>? {
        guard step >= 0, step < count, rect.width > 0 else { return nil }
        if squeezes {
            let column = rect.x + step * rect.width / count
            return column..<column + 1
        }
        guard let line = line(of: step) else { return nil }
        let start = rect.x + starts[step] - starts[lines[line]]
        return start < rect.maxX ? start..<min(rect.maxX, start + widths[step]) : nil
    }

    func step(x: Int, y: Int) -> Int? {
        guard rect.contains(x: x, y: y) else { return nil }
        if squeezes { return min(count - 1, (x - rect.x) * count / rect.width) }
        let line = (y - rect.y) / rows.count
        let next = line + 1 < lines.count ? lines[line + 1] : end
        return (lines[line]..<max(lines[line], next)).first { columns(of: $0)?.contains(x) ?? false }
    }

    /// - Parameter cursor: the step that is marked; nil: none.
    func draw(into canvas: inout Canvas, cursor: Int?, _ context: PlotContext) {
        guard rect.width > 0 else { return }
        for (row, marks) in rows.enumerated() {
            if squeezes {
                let y = rect.y + row
                for column in 0..<rect.width {
                    let start = column * count / rect.width
                    let end = min(marks.count, (column + 1) * count / rect.width)
                    guard start < end else { break }
                    var mark = marks[start]
                    for other in marks[start..<end] where abs(other.value ?? 0) > abs(mark.value ?? 0) { mark = other }
                    draw(mark, into: &canvas, rect.x + column..<rect.x + column + 1, y, isMarked: false, context)
                }
            } else {
                for (step, mark) in marks.enumerated().dropFirst(lines[0]) {
                    guard let line = line(of: step), let place = columns(of: step) else { break }
                    let y = rect.y + line * rows.count + row
                    draw(mark, into: &canvas, place, y, isMarked: step == cursor, context)
                }
            }
        }
        drawCuts(into: &canvas, context)
        guard let cursor, let place = columns(of: cursor) else { return }
        if squeezes || rows.allSatisfy({ cursor >= $0.count || $0[cursor].value != nil }) {
            var cell = canvas[place.lowerBound, rect.y]
            cell.scalar = context.ascii ? "|" : "┃"
            cell.style.foreground = .rgb(context.theme.accent)
            cell.style.bold = true
            canvas[place.lowerBound, rect.y] = cell
        }
    }

    /// Signs beside the steps where others before or after them are out of sight.
    private func drawCuts(into canvas: inout Canvas, _ context: PlotContext) {
        guard !squeezes, count > 0, let last = lineRows.last else { return }
        let quiet = Style(context.theme.quiet)
        if lines[0] > 0 {
            canvas.write(context.ascii ? "<" : "‹", x: rect.x - 1, y: rect.y, style: quiet, limit: 1)
        }
        if columns(of: count - 1) == nil {
            canvas.write(context.ascii ? ">" : "›", x: rect.maxX, y: last, style: quiet, limit: 1)
        }
    }

    private func draw(
        _ mark: Mark, into canvas: inout Canvas, _ place: Range<Int>, _ y: Int, isMarked: Bool, _ context: PlotContext
    ) {
        if let value = mark.value, value.isFinite {
            if context.colorless {
                let shade = abs(value) < 0.05 ? " " : shadeGlyph(value, glyphs: context.capabilities.glyphs)
                canvas.fill(Rect(x: place.lowerBound, y: y, width: place.count, height: 1), with: Cell(shade))
            } else {
                canvas.fill(
                    Rect(x: place.lowerBound, y: y, width: place.count, height: 1),
                    with: Cell(" ", Style(on: .rgb(context.ramp(value)))))
            }
            return
        }
        var style = mark.style
        if isMarked {
            style =
                context.colorless
                ? Style(bold: true, underline: style.underline, reverse: true)
                : Style(.rgb(contrast(context.theme.accent)), on: .rgb(context.theme.accent), bold: true)
            canvas.fill(Rect(x: place.lowerBound, y: y, width: place.count, height: 1), with: Cell(" ", style))
        }
        canvas.write(mark.text, x: place.lowerBound, y: y, style: style, limit: place.count)
    }
}

/// The rows of sequences: inputs, targets and answers.
extension PlotContext {
    /// Whether the data are texts: their symbols are single characters.
    var hasCharacters: Bool { sequenceKind.map { $0.isByCharacter && !$0.symbols.isEmpty } ?? false }

    /// A symbol or a class as it stands on the screen: a sign for what cannot be seen.
    func symbolText(_ name: String) -> String {
        guard hasCharacters, let whitespace = Whitespace[name] else { return name }
        return ascii ? whitespace.plainSign : whitespace.sign
    }

    /// A class as it stands in a strip: one with a longer name among single characters ends the answer.
    private func markText(_ index: Int) -> String {
        let names = snapshot.data.classNames
        guard names.indices.contains(index), names[index].count > 1, Whitespace[names[index]] == nil,
            names.count(where: { $0.count > 1 }) == 1
        else { return symbolText(className(index)) }
        return ascii ? Whitespace.lineEnd.plainSign : Whitespace.lineEnd.sign
    }

    /// nil: the data are no sequences.
    var sequenceKind: SequenceKind? { snapshot.data.sequence }

    var isByStep: Bool { sequenceKind.map { $0.targetSteps == $0.steps } ?? false }

    /// Right or wrong, in colours, and without these by a line under what is wrong.
    func style(isRight: Bool?) -> Style {
        guard let isRight else { return Style(theme.quiet) }
        return isRight
            ? Style(.rgb(theme.good)) : Style(.rgb(theme.bad), bold: true, underline: fewColors)
    }

    /// Whether the inputs are the values of one step, which lie beside each other where others have their steps.
    var inputsAreOneStep: Bool {
        sequenceKind.map { $0.steps == 1 && $0.symbols.isEmpty && $0.features.count > 1 } ?? false
    }

    /// The inputs of a sequence: a row of symbols, or a row for each of its values, at most four; one row of the values of one
    /// step.
    func inputMarks(_ choice: SequenceChoice) -> [[StepStrip.Mark]] {
        guard let kind = sequenceKind else { return [] }
        let data = snapshot.data
        let inputs = data.inputs(of: choice)
        if inputsAreOneStep { return [inputs.prefix(kind.features.count).map { StepStrip.Mark(value: $0) }] }
        let steps = data.stepCount(of: choice)
        let symbols = (0..<steps).map { data.symbol(inputs, at: $0) }
        if !kind.symbols.isEmpty || symbols.allSatisfy({ $0 != nil }) {
            let isShort = kind.symbols.isEmpty && kind.features.contains { $0.count > 1 }
            let signs = isShort ? ClassSigns(kind.names) : nil
            return [
                symbols.map { symbol in
                    let name = symbol.map { signs?.text($0) ?? symbolText(kind.names[$0]) } ?? " "
                    return StepStrip.Mark(text: name, style: Style(theme.text))
                }
            ]
        }
        let width = kind.features.count
        return (0..<min(width, 4)).map { feature in
            (0..<steps).map { StepStrip.Mark(value: inputs[$0 * width + feature]) }
        }
    }

    /// The targets of steps; nil: there is one for the whole sequence.
    func targetMarks(_ choice: SequenceChoice) -> [StepStrip.Mark]? {
        guard sequenceKind?.targetSteps != nil else { return nil }
        let targets = snapshot.data.targets(of: choice)
        let count = (targets.lastIndex { $0 != nil } ?? -1) + 1
        return targets.prefix(count).map { target in
            guard let target else { return StepStrip.Mark(text: " ") }
            return snapshot.network.task == .regression
                ? StepStrip.Mark(value: target)
                : StepStrip.Mark(text: markText(Int(target)), style: Style(theme.text))
        }
    }

    /// Answers as marks, right and wrong ones; values in the targets' units, as those of the inputs.
    /// - Parameter answers: classes, or values in original units: one for each target step, or one for each step of a
    ///   sequence with one target.
    func answerMarks(_ choice: SequenceChoice, _ answers: [Float]) -> [StepStrip.Mark] {
        let targets = snapshot.data.targets(of: choice)
        let hasSteps = sequenceKind?.targetSteps != nil
        let count = hasSteps && choice.typed == nil ? (targets.lastIndex { $0 != nil } ?? -1) + 1 : answers.count
        let last = count - 1
        // Answers to the whole sequence stand at every step: longer ones than XY as one sign.
        let isShort = !hasSteps && snapshot.data.classNames.contains { $0.count > 2 }
        let signs = isShort ? classSigns : nil
        return answers.prefix(count).enumerated().map { step, answer in
            // One target for the whole sequence is asked for at its last step.
            let target =
                hasSteps
                ? (targets.indices.contains(step) ? targets[step] : nil)
                : step == last ? targets.first ?? nil : nil
            if snapshot.network.task == .regression {
                let value = (answer - snapshot.data.targetMean) / snapshot.data.targetScale
                return StepStrip.Mark(value: value.isNaN ? 0 : value)
            }
            let name = answer < 0 ? "?" : signs?.text(Int(answer)) ?? markText(Int(answer))
            return StepStrip.Mark(text: name, style: style(isRight: target.map { $0 == answer }))
        }
    }

    /// The class that is answered, or the value.
    func answer(_ scores: [Float]) -> Float {
        if snapshot.network.task == .regression { return scores.first ?? .nan }
        return Float(scores.answeredClass ?? -1)
    }

    /// A class' name, or a value with two decimals.
    func answerText(_ answer: Float) -> String {
        snapshot.network.task == .regression
            ? formatFixed(Double(answer), decimals: 2) : answer < 0 ? "?" : symbolText(className(Int(answer)))
    }

    /// The steps of a shown sequence that are answered wrongly, by its answers.
    func wrongSteps(_ row: Int, _ answers: [Float]) -> [Int] {
        guard snapshot.network.task != .regression else { return [] }
        let targets = snapshot.data.targets(of: SequenceChoice(row: row))
        return zip(targets, answers).enumerated().compactMap { step, pair in
            pair.0 != nil && pair.0 != pair.1 ? step : nil
        }
    }

    /// Of the answered sequences (see `SequenceAnswers`).
    var rightShare: Double? { shown?.answers?.rightShare }
    var wrongSequences: [Int] { shown?.answers?.wrong ?? [] }

    /// The number of answered sequences: "40", or "the first 1 000" where more are shown.
    var answeredText: String {
        let count = shown?.answers?.all.count ?? 0
        return count < sequenceCount ? "the first \(formatCount(count))" : formatCount(count)
    }

    /// The same with the noun: "the first 100 sequences".
    var answeredSequences: String {
        let count = shown?.answers?.all.count ?? 0
        return (count < sequenceCount ? "the first " : "") + formatCount(count, "sequence")
    }
}

/// "ŷ".
func answerSign(_ context: PlotContext) -> String { context.ascii ? "y^" : "ŷ" }
