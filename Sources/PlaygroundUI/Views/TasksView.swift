import Basics
import Engine
import Session
import TerminalKit

extension ViewID {
    static let tasks = ViewID("tasks")
}

extension View {
    /// The accuracy on each of several tasks over the epochs.
    static let tasks = View(
        id: .tasks, panel: .loss,
        words:
            "The share of right answers on test samples of each task. Above stands which task is learned when: where a curve falls while another task is learned, the network forgets.",
        watch: "The curve of the first task while the second one is learned.",
        suits: { $0.hasTasks && !$0.hasRivalsAlone }, heading: { _, _ in "Accuracy by task" },
        draw: { canvas, rect, context in TaskPlot(rect: rect, context: context)?.draw(into: &canvas) },
        inWords: { SeriesWords.lines($0, [.task]) },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.moment = TaskPlot(rect: rect, context: context)?.moment(x: x, y: y)
            return pointed
        },
        putCursor: { $0.plots.moment = $1.moment },
        commands: [
            Command(
                "loss.tasks", "tasks in turn: the losses in place of the accuracy by task; again: the accuracies",
                hint: "loss", keys: ["t"], panels: [.loss],
                disabled: { app in
                    guard let scene = app.plotContext?.scene else { return nil }
                    return scene.hasTasks && !scene.hasRivalsAlone ? nil : "there is one task"
                }
            ) { $0.toggle(.losses) }
        ])
}

extension ViewID {
    static let rivalScores = ViewID("rivalScores")
}

extension View {
    /// The scores of rivals over the epochs, where no network learns.
    static let rivalScores = View(
        id: .rivalScores, panel: .loss,
        words: "The score of each rival on test samples after so many of its steps: how soon it is as good as it gets.",
        watch: "Where a curve falls again: that learner begins to learn noise.",
        suits: { $0.hasTasks && $0.hasRivalsAlone }, heading: { _, _ in "Scores" },
        draw: { canvas, rect, context in TaskPlot(rect: rect, context: context)?.draw(into: &canvas) },
        inWords: { SeriesWords.lines($0, [.task]) },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.moment = TaskPlot(rect: rect, context: context)?.moment(x: x, y: y)
            return pointed
        },
        putCursor: { $0.plots.moment = $1.moment })
}

/// Curves from 0 to 100 % over the epochs, and above them the spans of the tasks.
private struct TaskPlot {
    let context: PlotContext
    private let content: Rect
    /// The curves' cells.
    private let area: Rect
    private let metrics: [Metric]
    /// The numbers above, row after row.
    private let numbers: [[Words]]
    private let lastEpoch: Int

    private struct Words {
        var text: String
        var task: Int
    }

    /// The epochs in which a task was learned.
    private struct Span {
        /// Counted from 0.
        var task: Int
        var epochs: ClosedRange<Int>
    }

    /// nil: no room.
    init?(rect: Rect, context: PlotContext) {
        let content = panelContent(of: rect)
        let history = context.snapshot.history
        guard content.height >= 4, content.width > 16, let last = history.points.last else { return nil }
        self.context = context
        self.content = content
        metrics = history.metrics.filter { $0.plot == .task }
        lastEpoch = max(1, last.epoch)
        let point = (context.plots.pointed.moment ?? context.plots.moment).flatMap { LossPlot.point(at: $0, history) }
        let values = metrics.map { metric -> Double? in
            guard let point else { return context.snapshot.evaluation?[metric.id] }
            let value = history[metric.id][point]
            return value.isFinite ? Double(value) : nil
        }
        numbers = Self.numbers(values, metrics, width: content.width - 2, rows: max(1, content.height / 4))
        let labels = columnWidth("100 %")
        area = Rect(
            x: content.x + labels + 1, y: content.y + numbers.count + 1, width: content.width - labels - 2,
            height: max(1, content.height - numbers.count - 2))
    }

    /// "task 1 97.0 %" for each task, or where that is too much for the rows "1 97 %".
    private static func numbers(
        _ values: [Double?], _ metrics: [Metric], width: Int, rows: Int
    ) -> [[Words]] {
        func all(_ text: (Int) -> String) -> [[Words]] {
            var lines: [[Words]] = [[]]
            var used = 0
            for task in metrics.indices {
                let words = text(task)
                if used > 0, used + 2 + columnWidth(words) > width {
                    lines.append([])
                    used = 0
                }
                lines[lines.count - 1].append(Words(text: words, task: task))
                used += (used > 0 ? 2 : 0) + columnWidth(words)
            }
            return lines
        }
        let long = all { "\(metrics[$0].title) \(values[$0].map(ConfusionView.percent) ?? padLeft("–", 6))" }
        if long.count <= rows { return long }
        let short = all { "\($0 + 1) \(padLeft(values[$0].map { formatFixed($0 * 100, decimals: 0) } ?? "–", 3)) %" }
        return Array(short.prefix(rows))
    }

    /// The moment at a cell, for `PlotState.moment`.
    func moment(x: Int, y: Int) -> Double? {
        area.contains(x: x, y: y) ? (Double(x - area.x) + 0.5) / Double(area.width) : nil
    }

    private func color(_ task: Int) -> UInt32 {
        let theme = context.theme
        return metrics.count <= theme.runners.count ? theme.runners[task] : theme.color(ofClass: task)
    }

    private var spans: [Span] {
        let history = context.snapshot.history
        let turns = history.metrics.first { $0.plot == .turn }.map { history[$0.id] } ?? []
        var spans: [Span] = []
        for (point, task) in zip(history.points, turns) where task.isFinite {
            let task = Int(bounded: Double(task)) - 1
            if let last = spans.last, last.task == task {
                spans[spans.count - 1].epochs = last.epochs.lowerBound...max(last.epochs.lowerBound, point.epoch)
            } else {
                let start = spans.last?.epochs.upperBound ?? point.epoch
                spans.append(Span(task: task, epochs: start...max(start, point.epoch)))
            }
        }
        return spans
    }

    private func column(_ epoch: Int) -> Int { (area.width - 1) * epoch / lastEpoch }

    func draw(into canvas: inout Canvas) {
        let theme = context.theme
        let history = context.snapshot.history
        for (row, words) in numbers.enumerated() {
            var x = content.maxX - 1 - words.reduce(-2) { $0 + columnWidth($1.text) + 2 }
            for words in words {
                x +=
                    canvas.write(
                        words.text, x: x, y: content.y + row, style: Style(.rgb(color(words.task)), bold: true)) + 2
            }
        }
        var dots = DotPlot(width: area.width, height: area.height, capabilities: context.capabilities)
        let spans = spans
        for span in spans.dropFirst() {
            let x = Double(dots.dotWidth - 1) * Double(span.epochs.lowerBound) / Double(lastEpoch) + 0.5
            dots.line(x, 0.5, x, Double(dots.dotHeight) - 0.5, style: Style(theme.faint), weight: 1, step: 3)
        }
        for (task, metric) in metrics.enumerated() {
            // Where colours are missing the curves are dotted, each in its own way.
            HistoryCurve(points: history.points, values: history[metric.id], lastEpoch: lastEpoch).draw(
                into: &dots, style: Style(.rgb(color(task)), bold: true), weight: UInt8(2 + metrics.count - task),
                step: context.colorless ? task + 1 : 1
            ) { Double($0) }
        }
        dots.draw(into: &canvas, x: area.x, y: area.y)
        for span in spans { draw(span, into: &canvas) }
        drawCursor(into: &canvas)
        drawAxes(into: &canvas)
    }

    /// A line as long as the task was learned, with its name.
    private func draw(_ span: Span, into canvas: inout Canvas) {
        let (first, last) = (column(span.epochs.lowerBound), column(span.epochs.upperBound))
        guard last > first || span.epochs.count == 1 else { return }
        let y = area.y - 1
        let style = Style(.rgb(color(span.task)))
        let start = area.x + first + (first > 0 ? 1 : 0)
        let width = max(1, area.x + last - start + 1)
        canvas.fill(
            Rect(x: start, y: y, width: width, height: 1),
            with: Cell(context.ascii ? "=" : "━", style))
        let names = [" \(metrics[span.task].title) ", " \(span.task + 1) ", "\(span.task + 1)"]
        guard let name = names.first(where: { columnWidth($0) + 2 <= width }) ?? (width > 0 ? names.last : nil) else {
            return
        }
        canvas.writeCentred(name, x: start, width: width, y: y, style: style)
    }

    private func drawCursor(into canvas: inout Canvas) {
        guard let moment = context.plots.pointed.moment ?? context.plots.moment else { return }
        let x = area.x + min(area.width - 1, max(0, Int(bounded: moment * Double(area.width))))
        let line: Unicode.Scalar = context.ascii ? "|" : "│"
        for y in area.y..<area.maxY where canvas[x, y].scalar == " " || context.colorless {
            canvas[x, y] = Cell(line, Style(.rgb(context.theme.accent)))
        }
    }

    private func drawAxes(into canvas: inout Canvas) {
        let quiet = context.axisStyle
        canvas.writeRight("100 %", maxX: area.x - 1, y: area.y, style: quiet)
        if area.height >= 5 {
            canvas.writeRight("50 %", maxX: area.x - 1, y: area.y + (area.height - 1) / 2, style: quiet)
        }
        if area.height >= 2 { canvas.writeRight("0 %", maxX: area.x - 1, y: area.maxY - 1, style: quiet) }
        let last = formatCount(lastEpoch)
        let zero = canvas.write("0", x: area.x, y: area.maxY, style: quiet)
        canvas.writeRight(last, maxX: area.maxX, y: area.maxY, style: quiet)
        let history = context.snapshot.history
        let point = (context.plots.pointed.moment ?? context.plots.moment).flatMap { LossPlot.point(at: $0, history) }
        let words = point.map { "epoch \(formatCount(history.points[$0].epoch))" } ?? "epochs"
        if area.width > zero + columnWidth(last) + columnWidth(words) + 6 {
            let style = point == nil ? quiet : Style(.rgb(context.theme.accent))
            canvas.writeCentred(words, x: area.x, width: area.width, y: area.maxY, style: style)
        }
    }
}
