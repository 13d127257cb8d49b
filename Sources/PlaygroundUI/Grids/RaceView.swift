import Basics
import Session
import TerminalKit

/// Draws a race: the runners' boundaries beside each other, and all loss curves in one plot.
struct RaceView {
    private let app: App
    private let race: Race
    private let lanes: [Rect]
    private let plot: Rect

    init(_ app: App, _ race: Race) {
        self.app = app
        self.race = race
        let body = app.layout.body
        let count = race.runners.count
        let width = body.width / max(1, count)
        // A lane's map is about square; the curves take what is left, and a third at least.
        let height = min(body.height * 60 / 100, width / 2 + 5)
        lanes = (0..<count).map { index in
            Rect(
                x: body.x + index * width, y: body.y, width: index == count - 1 ? body.width - index * width : width,
                height: height)
        }
        plot = Rect(x: body.x, y: body.y + height, width: body.width, height: body.height - height)
    }

    private func context(_ index: Int) -> PlotContext? {
        let title = race.setting == nil ? race.runners[index].label : "· \(race.runners[index].label)"
        guard
            var context = GridDrawing(app: app).context(
                index, title: "\(index + 1) \(title)", focused: index == race.selected)
        else { return nil }
        // In a narrow lane the legend would take rows that the plot needs, and be cut all the same.
        context.showsLegend = OutputLegend.height(width: lanes[index].width - 8, context: context) == 1
        // Curves over one input share their axis, so that they can be compared.
        if let yRange { context.picture?.boundary?.yRange = yRange }
        return context
    }

    private var yRange: ClosedRange<Float>? {
        let ranges = (app.grid?.news.members ?? []).compactMap { member in
            member.picture?.boundary.flatMap { $0.columns.count == 1 ? $0.yRange : nil }
        }
        guard let low = ranges.map(\.lowerBound).min(), let high = ranges.map(\.upperBound).max() else { return nil }
        return low...high
    }

    /// A lane without the row of its numbers.
    private func output(_ lane: Rect) -> Rect { lane.inset(bottom: 1) }

    var requests: [ViewRequest] {
        race.runners.indices.map { index in
            var request = ViewRequest()
            request.columns = app.experiment.view.columns
            if let context = context(index) {
                OutputPanel.request(context, output(lanes[index]), &request)
                if showsLags { request.lagStep = context.timeStep }
            }
            return request
        }
    }

    func draw(into frame: inout Frame) {
        let members = app.grid?.news.members ?? []
        for (index, lane) in lanes.enumerated() {
            frame.hit(lane, nil, .cell(index))
            guard let context = context(index) else { continue }
            OutputPanel.draw(into: &frame.canvas, rect: output(lane), context: context)
            // The title in its curve's colour; the selected one is marked by its number in the accent.
            let title = Rect(x: lane.x + 2, y: lane.y, width: columnWidth(context.title ?? ""), height: 1)
            frame.canvas.restyle(title) { style in
                if style.bold { style.foreground = color(index) }
                if index == race.selected { style.underline = true }
            }
            drawNumbers(members[index], index, into: &frame.canvas, lane)
        }
        drawPanelTitle(
            into: &frame.canvas, rect: plot,
            title: showsLags
                ? LagPlot.title(width: plot.width - 10, ascii: app.capabilities.glyphs == .ascii) : lossTitle(members),
            key: nil, focused: false, theme: app.theme, capabilities: app.capabilities)
        if showsLags {
            lagPlot(members).draw(into: &frame.canvas, panelContent(of: plot))
        } else {
            drawCurves(members, into: &frame.canvas, panelContent(of: plot))
        }
    }

    /// The gradients by lag stand in place of the losses.
    private var showsLags: Bool {
        app.plots.racesLags && (app.grid?.news.members ?? []).contains { !$0.snapshot.outline.recurrentPaths.isEmpty }
    }

    /// The losses of the training samples stand in place of those of the test samples.
    private var showsTraining: Bool { app.plots.racesTraining && app.canRaceTraining }

    /// The lines of all runners, each in its own colour.
    private func lagPlot(_ members: [GridNews.Member]) -> LagPlot {
        var lines: [LagPlot.Line] = []
        for (index, member) in members.enumerated() {
            let own = member.picture?.lags?.lines ?? []
            for (place, line) in own.enumerated() where lines.count < 10 {
                let part = own.count > 1 ? " \(place + 1)" : ""
                lines.append(
                    LagPlot.Line(
                        title: "\(index + 1) \(race.runners[index].label)\(part)", color: color(index),
                        norms: line.norms))
            }
        }
        return LagPlot(
            lines, sequences: members.compactMap { $0.picture?.lags?.sequences }.min() ?? 0, theme: app.theme,
            capabilities: app.capabilities)
    }

    private func color(_ index: Int) -> Color { .rgb(app.theme.runners[index % app.theme.runners.count]) }

    private func lossTitle(_ members: [GridNews.Member]) -> String {
        let varied = race.setting.map { " by \($0.title)" } ?? ""
        if let score = members.lazy.compactMap(\.snapshot.history.score).first {
            return "\(score.title.prefix(1).uppercased())\(score.title.dropFirst())\(varied)"
        }
        let isOfTest = !showsTraining && members.contains { $0.snapshot.evaluation?.testLoss != nil }
        let set = isOfTest ? "Test loss" : "Train loss"
        let unit = members.contains { $0.snapshot.canBeInBits } ? " in nats" : ""
        return set + unit + varied + (app.experiment.view.logLoss ? " · log" : "")
    }

    /// Under a lane: the loss in the runner's colour, and what ended its run.
    private func drawNumbers(_ member: GridNews.Member, _ index: Int, into canvas: inout Canvas, _ lane: Rect) {
        let name = member.snapshot.history.score?.title ?? "loss"
        let figure = showsTraining ? member.snapshot.evaluation?.trainLoss : member.compared
        var words = figure.map { "\(index + 1) \(name) \(LossPanel.still($0))" } ?? ""
        switch member.snapshot.state {
        case .diverged(let divergence): words = "diverged at step \(formatCount(divergence.step))"
        case .finished: words += "  ended at \(formatCount(member.snapshot.epoch))"
        case .paused, .training: break
        }
        let width = min(columnWidth(words), lane.width - 2)
        canvas.write(
            words, x: lane.x + (lane.width - width) / 2, y: lane.maxY - 1,
            style: member.loss == nil && member.snapshot.history.score == nil
                ? app.bad : Style(color(index), bold: true), limit: width)
    }

    private func drawCurves(_ members: [GridNews.Member], into canvas: inout Canvas, _ content: Rect) {
        let curves = members.map { member in
            let history = member.snapshot.history
            return showsTraining ? history.losses(of: .train) ?? history.compared : history.compared
        }
        let all = curves.flatMap { $0.map { Double($0) } }.filter {
            $0.isFinite && (!app.experiment.view.logLoss || $0 > 0)
        }
        guard content.height >= 3, let low = all.min(), let high = all.max() else { return }
        let rows = content.height - 1
        // The losses of one diverging runner must not flatten the others.
        let starts = curves.compactMap { $0.first.map { Double($0) } }.filter(\.isFinite).max() ?? high
        let isScore = members.contains { $0.snapshot.history.score != nil }
        let top = isScore ? high : min(high, max(4 * starts, low))
        let axis =
            app.experiment.view.logLoss && !isScore
            ? Axis(logarithmicFrom: low, to: top, count: max(2, rows / 2))
            : Axis(from: min(0, low), to: max(top, 1e-6) * 1.02, count: max(2, min(6, rows / 3)))
        let labels = max(app.experiment.view.logLoss ? 7 : 6, axis.labelWidth)
        // The runners' numbers stand at the curves' ends.
        let area = Rect(x: content.x + labels + 1, y: content.y, width: content.width - labels - 5, height: rows)
        guard area.width > 8 else { return }
        let last = max(1, members.map(\.snapshot.epoch).max() ?? 1)
        var dots = DotPlot(width: area.width, height: area.height, capabilities: app.capabilities)
        for (index, member) in members.enumerated() {
            // Where colours are missing the curves are dotted, each in its own way.
            let step = app.capabilities.colors == .none ? index + 1 : 1
            let weight = UInt8(index == race.selected ? 9 : 4 + index)
            HistoryCurve(points: member.snapshot.history.points, values: curves[index], lastEpoch: last).draw(
                into: &dots, style: Style(color(index), bold: index == race.selected), weight: weight, step: step
            ) { axis.position(Double($0)) }
        }
        dots.draw(into: &canvas, x: area.x, y: area.y)
        drawEnds(curves, axis, into: &canvas, area)

        axis.drawLabels(into: &canvas, leftOf: area, style: app.quiet)
        canvas.write("0", x: area.x, y: area.maxY, style: app.quiet)
        canvas.writeRight(formatCount(last), maxX: area.maxX, y: area.maxY, style: app.quiet)
        canvas.writeCentred("epochs", x: area.x, width: area.width, y: area.maxY, style: app.quiet)
    }

    /// The runners' numbers beside the ends of their curves, each in a row of its own.
    private func drawEnds(_ curves: [[Float]], _ axis: Axis, into canvas: inout Canvas, _ area: Rect) {
        let positions = curves.map { curve in
            curve.last(where: \.isFinite).map { axis.position(Double($0)) }
        }
        for (index, row) in Self.ends(positions, in: area.y..<area.maxY) {
            canvas.write(String(index + 1), x: area.maxX + 1, y: row, style: Style(color(index), bold: true))
        }
    }

    /// The rows of the runners' numbers, from above: that of the higher curve stands higher, in however few rows they end.
    /// - Parameter positions: of the curves' ends, 0 at the foot of the range and 1 at its top; nil: no curve.
    static func ends(_ positions: [Double?], in range: Range<Int>) -> [(index: Int, row: Int)] {
        let ends = positions.enumerated().compactMap { index, position in
            position.map { (index: index, position: min(max($0, 0), 1)) }
        }.sorted { ($1.position, $0.index) < ($0.position, $1.index) }
        let rows = ends.map { range.lowerBound + Int(bounded: (1 - $0.position) * Double(range.count - 1) + 0.5) }
        return Array(zip(ends.map(\.index), apart(rows, in: range)))
    }

    /// Ascending rows moved apart, as little as they can, so that no two are the same; in a range too short for them the
    /// last ones stay together.
    static func apart(_ rows: [Int], in range: Range<Int>) -> [Int] {
        var rows = rows
        for index in rows.indices.dropFirst() { rows[index] = max(rows[index], rows[index - 1] + 1) }
        var end = range.upperBound
        for index in rows.indices.reversed() {
            rows[index] = max(range.lowerBound, min(rows[index], end - 1))
            end = rows[index]
        }
        return rows
    }
}

extension App {
    /// The race plots losses of test samples, in place of which it can plot those of training samples; no scores.
    var canRaceTraining: Bool {
        let members = (grid?.news.members ?? []).map(\.snapshot)
        return members.allSatisfy { $0.history.score == nil } && members.contains { $0.evaluation?.testLoss != nil }
    }
}
