import Session
import TerminalKit

/// The lesson above the panels: its text, its question, and its goal with the figures of this moment.
///
/// In a narrow window they stand one below the other, in a wide one the text at the left and the rest beside it. The
/// height is that of the longest page of the step, so that the panels keep their place while hints come and go.
struct LessonBand: ScreenPart {
    let app: App
    let lesson: LessonState
    let rect: Rect

    /// The least rows that the panels keep.
    static let panelRows = 10

    init(_ app: App, _ lesson: LessonState, rect: Rect) { (self.app, self.lesson, self.rect) = (app, lesson, rect) }

    // MARK: Layout

    private static func isWide(_ width: Int) -> Bool { width >= 104 }

    private static func textColumns(_ width: Int) -> Int {
        isWide(width) ? min(96, (width - 5) * 60 / 100) : width - 2
    }

    private static func sideColumns(_ width: Int) -> Int {
        isWide(width) ? min(72, width - 5 - textColumns(width)) : width - 2
    }

    /// Rows of the band in a window, title and closing blank included.
    static func height(_ app: App, _ lesson: LessonState) -> Int {
        let width = app.width
        let band = LessonBand(app, lesson, rect: Rect(x: 0, y: 1, width: width, height: 99))
        let columns = textColumns(width)
        let pages: [LessonState.Page] = lesson.asks || lesson.isOver ? [.text] : [.text, .done] + lesson.helpPages
        let text = pages.map { band.story($0).lines(columns: columns).count }.max() ?? 1
        let side = band.sideLines.count
        let rows = isWide(width) ? max(text, side) : text + side
        let most = app.height - 2 - panelRows
        return min(rows + 1, max(4, most))
    }

    // MARK: Words

    /// The key of an answer.
    private func letter(_ index: Int) -> String { app.label("lesson.choose\(index + 1)") }

    private func words(_ page: LessonState.Page) -> String {
        if lesson.isOver { return closing }
        let step = lesson.present
        switch page {
        case .text: return step.text
        case .done: return step.done.isEmpty ? step.text : step.done
        case .hint(let index):
            return own(.hint, "\(index + 1)", "\(step.hints.count)", step.hints[index])
        case .answer: return own(.answer, step.answer?.text ?? "")
        }
    }

    private func story(_ page: LessonState.Page) -> Story {
        Story(
            words(page), glyphs: capabilities.glyphs, spellsTab: true, keys: app.bindings, panel: app.focus,
            front: LessonCommands.all)
    }

    /// The program's own words, in the lesson's language.
    private var own: LessonWords { lesson.lesson.words }

    private var closing: String {
        let missing = lesson.lesson.steps.indices.filter { !lesson.record.done.contains($0) }
        let numbers = missing.map { "\($0 + 1)" }.joined(separator: ", ")
        let done =
            missing.isEmpty ? own(.allDone) : missing.count == 1 ? own(.oneOpen, numbers) : own(.someOpen, numbers)
        return [own(.end, lesson.lesson.title), done, onward].joined(separator: " ")
    }

    /// The way on from the lesson's end.
    private var onward: String {
        guard let (course, place) = lesson.following else { return own(.last) }
        if course.id != lesson.course.id { return own(.nextCourse, course.title) }
        return (try? course.lessons[place].read().title).map { own(.next, $0) } ?? own(.last)
    }

    /// A line beside or below the text.
    private struct Line {
        var runs: [(text: String, style: Style)]
        /// At the right end.
        var tail = ""
    }

    /// The answer that was given, with the one that came true; nil: none was.
    private var answerWords: (words: String, isRight: Bool?)? {
        guard let question = lesson.present.question, let chosen = lesson.chosen else { return nil }
        let said = question.answers[chosen].text
        guard let outcome = lesson.outcome else { return (own(.said, letter(chosen), said), nil) }
        if outcome == chosen { return (own(.right, said), true) }
        return (own(.other, letter(chosen), letter(outcome), question.answers[outcome].text), false)
    }

    /// The question, or what was answered and what came, then the goal.
    private var sideLines: [Line] {
        guard !lesson.isOver else { return [] }
        var lines: [Line] = []
        let columns = Self.sideColumns(rect.width)
        let good = Style(.rgb(theme.good), bold: true)
        if let question = lesson.present.question {
            guard let answer = answerWords else {
                lines += wrapText(question.text, columns: columns).map {
                    Line(runs: [($0, Style(theme.text, bold: true))])
                }
                for (index, answer) in question.answers.enumerated() {
                    for (row, words) in wrapText(answer.text, columns: columns - 3).enumerated() {
                        lines.append(
                            Line(runs: [(row == 0 ? letter(index) + "  " : "   ", accent), (words, text)]))
                    }
                }
                return lines
            }
            let style = answer.isRight.map { $0 ? good : accent } ?? quiet
            lines += wrapText(answer.words, columns: columns).map { Line(runs: [($0, style)]) }
        }
        for (index, goal) in lesson.present.goals.enumerated() {
            let verdict = lesson.verdicts.indices.contains(index) ? lesson.verdicts[index] : nil
            let isMet = lesson.isMet || verdict?.isMet == true
            let mark = capabilities.glyphs == .ascii ? (isMet ? "[x]" : "[ ]") : isMet ? "✓" : "○"
            let now = verdict?.now ?? ""
            let tail = now.isEmpty ? "" : own(.now, now)
            let indent = String(repeating: " ", count: columnWidth(own(.goal)) + 2)
            let title = index == 0 ? own(.goal) + "  " : indent
            let room = columns - columnWidth(title + mark) - 1 - (tail.isEmpty ? 0 : columnWidth(tail) + 2)
            for (row, words) in wrapText(goal.words(in: own), columns: max(8, room)).enumerated() {
                lines.append(
                    Line(
                        runs: [
                            (row == 0 ? title : indent, quiet),
                            (
                                row == 0 ? mark + " " : String(repeating: " ", count: columnWidth(mark) + 1),
                                isMet ? good : accent
                            ),
                            (words, isMet ? Style(.rgb(theme.good)) : text),
                        ], tail: row == 0 ? tail : ""))
            }
        }
        return lines
    }

    /// The page, the question and the goals in sentences.
    /// - Parameter figures: with the goals' figures of this moment.
    func inWords(figures: Bool = false) -> [String] {
        let step = own(.step, "\(lesson.step + 1)", "\(lesson.lesson.steps.count)")
        let title = "\(lesson.lesson.title), \(lesson.isOver ? own(.over) : step)"
        var lines = [title] + story(lesson.page).lines(columns: 10_000)
        guard !lesson.isOver else { return lines }
        if let question = lesson.present.question {
            if let words = answerWords?.words {
                lines.append(words)
            } else {
                lines.append(question.text)
                for (index, answer) in question.answers.enumerated() {
                    lines.append("\(letter(index)): \(answer.text)")
                }
            }
        }
        for (index, goal) in lesson.present.goals.enumerated() where !lesson.asks {
            let verdict = lesson.verdicts.indices.contains(index) ? lesson.verdicts[index] : nil
            let state = lesson.isMet || verdict?.isMet == true ? own(.reached) : own(.notYet)
            let now = figures ? verdict.map { $0.now.isEmpty ? "" : ", " + own(.now, $0.now) } ?? "" : ""
            lines.append("\(own(.goal)): \(goal.words(in: own)): \(state)\(now)")
        }
        return lines
    }

    // MARK: Drawing

    func draw(into frame: inout Frame) {
        frame.canvas.fill(rect, with: Cell(" ", text))
        drawTitle(into: &frame.canvas)
        let content = panelContent(of: rect).inset(left: 1, right: 1)
        let columns = Self.textColumns(rect.width)
        let story = story(lesson.page)
        let lines = story.lines(columns: columns).count
        let side = sideLines
        let isWide = Self.isWide(rect.width)
        let room = isWide ? content.height : max(1, content.height - side.count)
        let style = lesson.page == .text || lesson.isOver ? text : Style(theme.text, bold: false)
        story.draw(
            into: &frame.canvas, Rect(x: content.x, y: content.y, width: columns, height: min(room, lines)),
            columns: columns, text: style, key: accent)
        if lines > room {
            frame.canvas.write("…", x: content.x + columns - 1, y: content.y + room - 1, style: accent)
        }
        let x = isWide ? content.x + columns + 3 : content.x
        // Below the text the goal stands at the foot, where it stays whatever page is shown.
        let y = isWide ? content.y : content.maxY - side.count
        if isWide {
            let line: Unicode.Scalar = capabilities.glyphs == .ascii ? "|" : "│"
            for row in 0..<content.height { frame.canvas[content.x + columns + 1, content.y + row] = Cell(line, faint) }
        }
        for (row, line) in side.enumerated() where y + row >= content.y && y + row < content.maxY {
            var end = x
            for run in line.runs { end += frame.canvas.write(run.text, x: end, y: y + row, style: run.style) }
            guard !line.tail.isEmpty else { continue }
            let width = Self.sideColumns(rect.width)
            frame.canvas.write(line.tail, x: max(end + 2, x + width - columnWidth(line.tail)), y: y + row, style: quiet)
        }
    }

    private func drawTitle(into canvas: inout Canvas) {
        let course = lesson.course.title
        let number = course.isEmpty ? "" : "\(course) \(lesson.place + 1) · "
        drawPanelTitle(
            into: &canvas, rect: Rect(x: rect.x, y: rect.y, width: rect.width, height: 1),
            title: number + lesson.lesson.title, key: nil, focused: true, theme: theme, capabilities: capabilities)
        let count = lesson.lesson.steps.count
        let marks: [Unicode.Scalar] = capabilities.glyphs == .ascii ? ["#", "o", "."] : ["●", "◉", "○"]
        let words = lesson.isOver ? " \(own(.over)) " : " \(own(.step, "\(lesson.step + 1)", "\(count)")) "
        var x = rect.maxX - 2 - columnWidth(words) - count - 1
        x += canvas.write(words, x: x, y: rect.y, style: quiet)
        for index in 0..<count {
            let isDone = lesson.record.done.contains(index)
            let isHere = index == lesson.step && !lesson.isOver
            let mark = isHere && !isDone ? marks[1] : isDone ? marks[0] : marks[2]
            let style = isHere ? accent : isDone ? Style(.rgb(theme.good)) : faint
            canvas[x + index, rect.y] = Cell(mark, style)
        }
        canvas[x + count, rect.y] = Cell(" ", quiet)
    }
}
