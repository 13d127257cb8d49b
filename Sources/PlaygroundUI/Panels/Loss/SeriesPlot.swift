import Basics
import Engine
import Session
import TerminalKit

extension View {
    /// A view of the loss panel with the curves of a procedure's own two losses.
    static func losses(
        id: ViewID, words: String, watch: String, suits: @escaping @Sendable (Scene) -> Bool
    ) -> View {
        View(
            id: id, panel: .loss, words: words, watch: watch,
            suits: suits, heading: { context, _ in "Loss" + (context.view.logLoss ? " · log" : "") },
            draw: { canvas, rect, context in
                let metrics = context.snapshot.history.metrics.filter { $0.plot == .loss }
                let theme = context.theme
                SeriesPlot(
                    zip(metrics, [theme.positive, theme.negative]).map {
                        SeriesPlot.Series(metric: $0, color: .rgb($1))
                    },
                    context
                ).draw(into: &canvas, panelContent(of: rect))
            },
            inWords: { SeriesWords.lines($0, [.loss]) },
            point: { context, x, y, rect in
                var pointed = Pointed()
                pointed.moment = SeriesPlot.moment(x: x, y: y, panelContent(of: rect))
                return pointed
            },
            putCursor: { $0.plots.moment = $1.moment })
    }
}

/// Curves of some metrics over the epochs, with their present values above.
struct SeriesPlot {
    struct Series {
        var metric: Metric
        var color: Color
    }

    private let series: [Series]
    private let context: PlotContext
    /// The axis goes from 0 to 1; what is more is not drawn.
    private let isShare: Bool

    init(_ series: [Series], _ context: PlotContext, isShare: Bool = false) {
        (self.series, self.context, self.isShare) = (series, context, isShare)
    }

    private static let labels = 6

    private static func area(_ content: Rect) -> Rect {
        Rect(
            x: content.x + labels + 1, y: content.y + 1, width: content.width - labels - 2, height: content.height - 2)
    }

    static func moment(x: Int, y: Int, _ content: Rect) -> Double? {
        let area = area(content)
        guard area.width > 8, area.height > 0, area.contains(x: x, y: y) else { return nil }
        return (Double(x - area.x) + 0.5) / Double(area.width)
    }

    func draw(into canvas: inout Canvas, _ content: Rect) {
        let area = Self.area(content)
        let history = context.snapshot.history
        guard area.width > 8, area.height > 0 else { return }
        let values = series.flatMap { history[$0.metric.id] }.filter {
            $0.isFinite && (!context.view.logLoss || isShare || $0 > 0)
        }
        drawNumbers(into: &canvas, content, history)
        guard let low = values.min(), let high = values.max(), let last = history.points.last else {
            canvas.writeCentred(
                "no epoch yet", x: content.x, width: content.width, y: content.y + content.height / 2,
                style: Style(context.theme.quiet))
            return
        }
        let count = max(2, min(5, area.height / 3))
        let axis =
            isShare
            ? Axis(from: 0, to: 1, count: count)
            : context.view.logLoss
                ? Axis(logarithmicFrom: Double(low), to: Double(max(high, low * 1.01)), count: count)
                : Axis(from: Double(min(0, low)), to: Double(max(high, 1e-6)) * 1.02, count: count)
        var dots = DotPlot(width: area.width, height: area.height, capabilities: context.capabilities)
        // Beyond the axis there is a gap.
        func position(_ value: Float) -> Double { isShare && value > 1 ? .infinity : axis.position(Double(value)) }
        for (index, one) in series.enumerated().reversed() {
            // Rounds swing: the line is their mean, the ground behind it all that they reach.
            var curve = HistoryCurve(
                points: history.points, values: history[one.metric.id], lastEpoch: max(1, last.epoch))
            if !context.colorless {
                curve.draw(into: &dots, style: Style(context.theme.quiet), weight: 0, position)
            }
            curve.isMean = true
            curve.draw(
                into: &dots, style: Style(one.color, bold: index == 0), weight: UInt8(4 - min(index, 3)),
                step: context.colorless ? index + 1 : 1, position)
        }
        dots.draw(into: &canvas, x: area.x, y: area.y)
        drawAxes(axis, area, max(1, last.epoch), into: &canvas)
    }

    private func drawNumbers(into canvas: inout Canvas, _ content: Rect, _ history: History) {
        let moment = context.plots.pointed.moment ?? context.plots.moment
        let point = moment.flatMap { LossPlot.point(at: $0, history) }
        var x = content.x + 1
        for one in series {
            let value = point.map { Double(history[one.metric.id][$0]) } ?? context.snapshot.evaluation?[one.metric.id]
            guard let value, value.isFinite else { continue }
            let words = "\(one.metric.title) \(LossPanel.still(value))"
            guard x + columnWidth(words) <= content.maxX - 1 else { break }
            x += canvas.write(words, x: x, y: content.y, style: Style(one.color, bold: true)) + 2
        }
    }

    private func drawAxes(_ axis: Axis, _ area: Rect, _ last: Int, into canvas: inout Canvas) {
        let quiet = context.axisStyle
        axis.drawLabels(into: &canvas, leftOf: area, style: quiet)
        if let moment = context.plots.pointed.moment ?? context.plots.moment {
            let x = area.x + min(area.width - 1, max(0, Int(bounded: moment * Double(area.width))))
            for y in area.y..<area.maxY where canvas[x, y].scalar == " " || context.colorless {
                canvas[x, y] = Cell(context.ascii ? "|" : "│", Style(.rgb(context.theme.accent)))
            }
        }
        let words = formatCount(last)
        canvas.write("0", x: area.x, y: area.maxY, style: quiet)
        canvas.writeRight(words, maxX: area.maxX, y: area.maxY, style: quiet)
        if area.width > columnWidth(words) + 14 {
            canvas.writeCentred("epochs", x: area.x, width: area.width, y: area.maxY, style: quiet)
        }
    }
}
