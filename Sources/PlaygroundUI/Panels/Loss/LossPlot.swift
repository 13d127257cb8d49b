import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// The loss curves in their axes.
struct LossPlot {
    let context: PlotContext
    /// The curves' cells.
    let area: Rect
    private let content: Rect
    private let axis: Axis
    /// At the right end: of this run, or of an earlier one that went on longer.
    private let lastEpoch: Int
    /// Of this run.
    private let ownLastEpoch: Int
    /// Of `PlotContext`, made once: it is asked for at every point of a curve.
    private let lossScale: Double
    /// Test losses to compare with, as far as the axis goes.
    private let levels: [ReferenceLevel]

    /// nil: nothing to draw, or no room.
    init?(rect: Rect, context: PlotContext) {
        let content = panelContent(of: rect)
        let history = context.snapshot.history
        guard content.height >= 3, content.width > 16, let last = history.points.last else { return nil }
        var low = Double.infinity
        var high = -Double.infinity
        for metric in history.metrics where metric.plot == .loss {
            for value in history[metric.id] where value.isFinite {
                if context.view.logLoss && value <= 0 { continue }
                low = min(low, Double(value))
                high = max(high, Double(value))
            }
        }
        guard low <= high else { return nil }
        let references = context.snapshot.data.referenceLevels(for: context.snapshot.network)
        // Levels make the axis longer, but not so long that the curves lie flat.
        for level in references where level.testLoss > 0 && level.testLoss < 4 * high {
            low = min(low, level.testLoss)
            high = max(high, level.testLoss)
        }
        lossScale = context.lossScale
        (low, high) = (low * lossScale, high * lossScale)
        let top = LossPanel.numberRows(content, context)
        let rows = content.height - 1 - top
        axis =
            context.view.logLoss
            ? Axis(logarithmicFrom: low, to: high, count: max(2, rows * 2 / 3))
            : Axis(from: min(0, low), to: max(high, 1e-6) * 1.02, count: max(2, min(5, rows / 3)))
        // Wide enough for "0.0003", so that the plot does not move when the numbers become small.
        let labels = max(6, axis.labelWidth)
        self.context = context
        self.content = content
        ownLastEpoch = max(1, last.epoch)
        lastEpoch = context.earlier.suffix(EarlierRuns.mostDrawn).reduce(ownLastEpoch) { max($0, $1.epoch) }
        levels = references
        area = Rect(
            x: content.x + labels + 1, y: content.y + top, width: content.width - labels - 2, height: rows)
    }

    /// The share of this run at a column, for `PlotState.moment`.
    func moment(at x: Int) -> Double {
        let share = (Double(x - area.x) + 0.5) / Double(area.width)
        return min(1, share * Double(lastEpoch) / Double(ownLastEpoch))
    }

    /// The column of an epoch.
    private func column(ofEpoch epoch: Double) -> Int {
        area.x + min(area.width - 1, max(0, Int(bounded: epoch / Double(lastEpoch) * Double(area.width))))
    }

    /// The index of the point of history at a fraction of the epochs.
    static func point(at moment: Double, _ history: History) -> Int? {
        guard let last = history.points.last else { return nil }
        let epoch = Int(bounded: (moment * Double(last.epoch)).rounded())
        return history.points.indices.min {
            abs(history.points[$0].epoch - epoch) < abs(history.points[$1].epoch - epoch)
        }
    }

    func draw(into canvas: inout Canvas) {
        let theme = context.theme
        let history = context.snapshot.history
        var dots = DotPlot(width: area.width, height: area.height, capabilities: context.capabilities)
        drawEarlier(into: &dots)
        if context.plots.showAccuracy {
            let good = Style(.rgb(mixColors(theme.backdrop, theme.good, 0.75)))
            for metric in history.metrics where metric.plot == .share {
                let isTrain = metric.set == .train
                curve(&dots, metric, good, weight: isTrain ? 1 : 2, step: isTrain ? 3 : 1) { Double($0) }
            }
        }
        for metric in history.metrics where metric.plot == .loss {
            if metric.set == .train {
                // Where colours are missing the quiet curve is dotted.
                curve(&dots, metric, Style(theme.quiet), weight: 3, step: context.colorless ? 2 : 1, fraction)
            } else if metric.set == .test {
                curve(&dots, metric, Style(theme.text, bold: true), weight: 4, fraction)
            } else {
                // A loss of the procedure's own.
                curve(&dots, metric, Style(.rgb(theme.runners[1])), weight: 5, fraction)
            }
        }
        let places = levels.compactMap { level -> (title: String, height: Double)? in
            let height = axis.position(level.testLoss * lossScale)
            return height >= 0 && height <= 1 ? (level.title, height) : nil
        }
        let ink = Color.rgb(theme.runners[2])
        for (_, height) in places {
            let y = (1 - height) * Double(dots.dotHeight - 1) + 0.5
            dots.line(0.5, y, Double(dots.dotWidth) - 0.5, y, style: Style(ink), weight: 1, step: 4)
        }
        dots.draw(into: &canvas, x: area.x, y: area.y)
        drawNames(of: places, ink, into: &canvas)
        drawChanges(into: &canvas)
        drawCursor(into: &canvas)
        drawAxes(into: &canvas)
    }

    /// The levels' names at the right end, over their lines; those of one row together, the higher first.
    private func drawNames(
        of places: [(title: String, height: Double)], _ ink: Color, into canvas: inout Canvas
    ) {
        guard area.width >= 24 else { return }
        var rows: [Int: [String]] = [:]
        for (title, height) in places.sorted(by: { $0.height > $1.height }) {
            let row = area.y + Int(bounded: (1 - height) * Double(area.height - 1) + 0.5)
            if row < area.maxY { rows[row, default: []].append(title) }
        }
        for (row, titles) in rows {
            // At the top the axis of the accuracy has its label.
            let label = row == area.y && context.plots.showAccuracy ? columnWidth("100 %") + 1 : 0
            let names = (1...titles.count).map { " " + ReferenceLevel.names(titles.prefix($0)) }
            let name = names.last { columnWidth($0) <= area.width - label } ?? names[0]
            canvas.writeRight(name, maxX: area.maxX - label, y: row, style: Style(ink))
        }
    }

    /// 0 at the bottom, 1 at the top.
    private func fraction(_ loss: Float) -> Double { axis.position(Double(loss) * lossScale) }

    private func curve(
        _ dots: inout DotPlot, _ metric: Metric, _ style: Style, weight: UInt8, step: Int = 1,
        _ position: (Float) -> Double
    ) {
        let history = context.snapshot.history
        let values = HistoryCurve.smoothed(history[metric.id], by: context.plots.smoothing)
        HistoryCurve(points: history.points, values: values, lastEpoch: lastEpoch).draw(
            into: &dots, style: style, weight: weight, step: step, position)
    }

    /// The losses of earlier runs, as far as the axis goes.
    private func drawEarlier(into dots: inout DotPlot) {
        for run in context.earlier.suffix(EarlierRuns.mostDrawn) {
            let values = HistoryCurve.smoothed(run.history.compared, by: context.plots.smoothing)
            HistoryCurve(points: run.history.points, values: values, lastEpoch: lastEpoch).draw(
                into: &dots, style: Style(context.theme.faint), weight: 0, step: context.colorless ? 3 : 1
            ) { value in
                let height = fraction(value)
                return (0...1).contains(height) ? height : .nan
            }
        }
    }

    /// A mark on the top row where something was changed by hand.
    private func drawChanges(into canvas: inout Canvas) {
        for change in context.snapshot.changes {
            let x = column(ofEpoch: Double(change.epoch))
            canvas[x, area.y] = Cell(context.ascii ? "v" : "▾", Style(.rgb(context.theme.accent), bold: true))
        }
    }

    /// The changes by hand in a column, in words; nil: none.
    private func changes(at x: Int) -> String? {
        let found = context.snapshot.changes.filter { abs(column(ofEpoch: Double($0.epoch)) - x) <= 1 }
        return found.isEmpty ? nil : found.map(\.words).joined(separator: ", ")
    }

    /// The share of this run that the cursor or the mouse is at; nil: neither is there.
    private var shownMoment: Double? { context.plots.pointed.moment ?? context.plots.moment }

    private func drawCursor(into canvas: inout Canvas) {
        guard let moment = shownMoment else { return }
        let x = column(ofEpoch: moment * Double(ownLastEpoch))
        let line: Unicode.Scalar = context.ascii ? "|" : "│"
        for y in area.y..<area.maxY where canvas[x, y].scalar == " " || context.colorless {
            canvas[x, y] = Cell(line, Style(.rgb(context.theme.accent)))
        }
    }

    private func drawAxes(into canvas: inout Canvas) {
        let quiet = context.axisStyle
        axis.drawLabels(into: &canvas, leftOf: area, style: quiet)
        if context.plots.showAccuracy {
            canvas.writeRight("100 %", maxX: area.maxX, y: area.y, style: Style(.rgb(context.theme.good)))
        }
        let row = area.maxY
        let last = formatCount(lastEpoch)
        let zero = canvas.write("0", x: area.x, y: row, style: quiet)
        canvas.writeRight(last, maxX: area.maxX, y: row, style: quiet)
        let point = shownMoment.flatMap { Self.point(at: $0, context.snapshot.history) }
        var words =
            point.map { "epoch \(formatCount(context.snapshot.history.points[$0].epoch))" } ?? "epochs"
        if let moment = shownMoment, let change = changes(at: column(ofEpoch: moment * Double(ownLastEpoch))) {
            let room = area.width - zero - columnWidth(last) - columnWidth(words) - 10
            if room >= 12 { words += " · " + shortened(change, to: room) }
        }
        let free = area.width - zero - columnWidth(last)
        if point == nil {
            // Beside the axis' name is room for numbers that have none above.
            let further = LossPanel.furtherNumbers(content, context, room: free - columnWidth(words) - 10)
            if !further.isEmpty { words += " · " + further }
        }
        if free > columnWidth(words) + 6 {
            let style = point == nil ? quiet : Style(.rgb(context.theme.accent))
            canvas.writeCentred(words, x: area.x, width: area.width, y: row, style: style)
        }
    }
}

extension ReferenceLevel {
    /// Several titles as one name: those that differ in their last word alone share the others, "Markov order 1, 2".
    static func names(_ titles: some Collection<String>) -> String {
        let parts = titles.map { $0.split(separator: " ") }
        let (first, ends) = (parts.first?.dropLast() ?? [], parts.compactMap(\.last))
        guard parts.count > 1, !first.isEmpty, parts.allSatisfy({ $0.dropLast() == first }) else {
            return titles.joined(separator: " · ")
        }
        return (first + [ends.joined(separator: ", ")[...]]).joined(separator: " ")
    }
}
