import Basics
import Engine
import Session
import TerminalKit

extension ViewID {
    static let returns = ViewID("returns")
}

extension View {
    /// The return of each episode, with the running mean.
    static let returns = View(
        id: .returns, panel: .loss,
        words:
            "How well the game goes: each dot is an episode's sum of rewards, the line the mean of the last 100. It goes up and down, for the network that plays also makes the steps from which it learns.",
        watch: "The line, not the dots. A fall after good times is usual; the best weights are kept.",
        suits: { $0.hasGame && $0.hasRecord }, heading: { _, _ in "Return" },
        draw: { canvas, rect, context in ReturnsPlot(panelContent(of: rect), context).draw(into: &canvas) },
        inWords: { context in
            guard let record = context.snapshot.game?.record, record.episodes > 0 else { return ["no episode yet"] }
            let mean = SeriesWords.text(
                "the mean return of the last \(GameRecord.window) episodes", record.points.map(\.mean),
                record.points.map(\.episode), isLowerBetter: false, unit: "episode")
            let best = record.best.map {
                "best mean of \(GameRecord.bestWindow): \(formatNumber($0, digits: 3)), after episode \(formatCount(record.bestEpisode))"
            }
            let last = record.latest.last.map { "last return \(formatNumber($0, digits: 3))" }
            return [plural(record.episodes, "episode")] + [mean, best, last].compactMap(\.self)
        },
        commands: [
            Command(
                "loss.returns", "games: the loss in place of the returns; again: the returns", hint: "loss",
                keys: ["R"], panels: [.loss], disabled: GameScreen.missing
            ) { $0.toggleLosses() }
        ])
}

extension App {
    /// Shows the losses where the returns are, and the other way round.
    fileprivate mutating func toggleLosses() {
        let panel = View.returns.panel
        plots.views[panel] = view(in: panel)?.id == View.returns.id ? View.losses.id : View.returns.id
    }
}

/// Returns over the episodes.
private struct ReturnsPlot {
    let content: Rect
    let context: PlotContext

    init(_ content: Rect, _ context: PlotContext) { (self.content, self.context) = (content, context) }

    func draw(into canvas: inout Canvas) {
        guard content.height > 2, content.width > 16 else { return }
        let theme = context.theme
        guard let report = context.snapshot.game, let last = report.record.points.last else {
            canvas.writeCentred(
                "no episode yet", x: content.x, width: content.width, y: content.y + content.height / 2,
                style: Style(theme.quiet))
            return
        }
        let numbers = numbers(report)
        drawNumbers(numbers, into: &canvas)
        let points = report.record.points
        let low = Double(points.reduce(Float.infinity) { min($0, $1.episodeReturn) })
        let high = Double(points.reduce(-Float.infinity) { max($0, $1.episodeReturn) })
        let rows = content.height - 1 - numbers.count
        guard rows >= 1 else { return }
        let axis = Axis(from: min(low, 0), to: max(high, low + 1e-6, 0) * 1.02, count: max(2, min(5, rows / 3)))
        let labels = max(5, axis.labelWidth)
        let area = Rect(
            x: content.x + labels + 1, y: content.y + numbers.count, width: content.width - labels - 2, height: rows)
        guard area.width > 8 else { return }
        var dots = DotPlot(width: area.width, height: area.height, capabilities: context.capabilities)
        let most = max(1, last.episode)
        func place(_ episode: Int, _ value: Float) -> (x: Double, y: Double) {
            (
                Double(episode) / Double(most) * Double(dots.dotWidth - 1) + 0.5,
                (1 - min(max(axis.position(Double(value)), 0), 1)) * Double(dots.dotHeight - 1) + 0.5
            )
        }
        for point in points {
            let place = place(point.episode, point.episodeReturn)
            dots.point(place.x, place.y, style: Style(theme.quiet), weight: 1)
        }
        var before: (x: Double, y: Double)?
        for point in points {
            let next = place(point.episode, point.mean)
            if let before {
                dots.line(before.x, before.y, next.x, next.y, style: Style(theme.text, bold: true), weight: 3, step: 1)
            }
            before = next
        }
        dots.draw(into: &canvas, x: area.x, y: area.y)
        drawAxes(axis, area, most, into: &canvas)
    }

    /// The numbers in one line, or in two where one is too narrow; where there is room for one alone the last go.
    private func numbers(_ report: GameReport) -> [String] {
        var words: [String] = []
        if let mean = report.record.mean { words.append("mean \(LossPanel.still(mean))") }
        if let best = report.record.best { words.append("best \(LossPanel.still(best))") }
        let exploring = report.exploration.map { "exploring \(ConfusionView.percent($0))" }
        func line(_ words: [String]) -> String { words.joined(separator: "  ") }
        func fits(_ words: [String]) -> Bool { columnWidth(line(words)) <= content.width - 2 }
        if let exploring {
            if !words.isEmpty, content.height >= 7, !fits(words + [exploring]), fits(words) {
                return [line(words), exploring]
            }
            words.append(exploring)
        }
        while words.count > 1, !fits(words) { words.removeLast() }
        return [line(words)]
    }

    private func drawNumbers(_ numbers: [String], into canvas: inout Canvas) {
        for (row, words) in numbers.enumerated() {
            canvas.writeRight(
                words, maxX: content.maxX - 1, y: content.y + row, style: Style(context.theme.text, bold: true))
        }
    }

    private func drawAxes(_ axis: Axis, _ area: Rect, _ last: Int, into canvas: inout Canvas) {
        let quiet = context.axisStyle
        axis.drawLabels(into: &canvas, leftOf: area, style: quiet)
        let words = formatCount(last)
        canvas.write("0", x: area.x, y: area.maxY, style: quiet)
        canvas.writeRight(words, maxX: area.maxX, y: area.maxY, style: quiet)
        if area.width > columnWidth(words) + 16 {
            canvas.writeCentred("episodes", x: area.x, width: area.width, y: area.maxY, style: quiet)
        }
    }
}
