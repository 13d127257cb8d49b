import Basics
import Engine
import Session
import TerminalKit

/// The plot of a sweep on a sheet, for output that is no screen: a heat map of two keys, or the curves of one.
public enum SweepSheet {
    /// - Parameter width: in cells; the height follows.
    /// - Returns: nil where there is nothing to plot: no finished cell with a loss, or neither one nor two keys.
    public static func draw(
        _ report: SweepReport, width: Int = 80, theme: Theme = .dark, capabilities: Capabilities
    ) -> Canvas? {
        guard let scale = LossScale(report.groups.compactMap(\.compared?.median)) else { return nil }
        switch report.sweep.axes.count {
        case 1: return SweepCurves(report: report, theme: theme, capabilities: capabilities).draw(width: width)
        case 2:
            return SweepHeatMap(report: report, scale: scale, theme: theme, capabilities: capabilities).draw(
                width: width)
        default: return nil
        }
    }

    /// The name of the plotted figure.
    static func title(of report: SweepReport) -> String {
        let metrics = report.sweep.metrics
        if let score = metrics.first(where: { $0.plot == .score }) {
            return report.sweep.seeds > 1 ? "\(score.title), median of \(report.sweep.seeds) seeds" : score.title
        }
        let set: Metric.SampleSet = report.groups.contains { $0.figure(of: .test) != nil } ? .test : .train
        let loss = metrics.first { $0.set == set }?.title ?? ""
        return report.sweep.seeds > 1 ? "\(loss), median of \(report.sweep.seeds) seeds" : loss
    }
}

/// Losses from the smallest to the largest, in powers where they are positive.
struct LossScale {
    let low: Double
    let high: Double

    init?(_ losses: [Double]) {
        let finite = losses.filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max() else { return nil }
        (self.low, self.high) = (low, high)
    }

    /// Whether the losses differ so much that a linear axis would show the large ones alone.
    var isLogarithmic: Bool { low > 0 && high / low > 10 }

    /// −1 for the largest, 1 for the smallest: as the diverging colours go, the best is the positive one.
    func goodness(_ loss: Double) -> Float {
        guard high > low else { return 0 }
        let axis =
            isLogarithmic
            ? Axis(logarithmicFrom: low, to: high, count: 4) : Axis(from: low, to: high, count: 4)
        return Float(1 - 2 * axis.position(loss))
    }
}

/// Two keys: the first goes down, the second to the right; the number in a cell is the loss, its colour says how good
/// it is among the others.
private struct SweepHeatMap {
    let report: SweepReport
    let scale: LossScale
    let theme: Theme
    let capabilities: Capabilities

    func draw(width: Int) -> Canvas {
        let (rows, columns) = (report.sweep.axes[0].values, report.sweep.axes[1].values)
        let names = report.sweep.shortKeys
        let labels = min(width / 3, max(columnWidth(names[0]), rows.map { columnWidth($0.figure) }.max() ?? 0))
        let cell = max(1, min(9, (width - labels - 1) / max(1, columns.count)))
        let hasNumbers = cell >= 7
        var groups: [[JSON]: SweepReport.Group] = [:]
        for group in report.groups { groups[group.values] = group }

        let fitting = max(0, min(columns.count, (width - labels - 1) / cell))
        let notes = (hasNumbers ? 0 : 1) + (fitting < columns.count ? 1 : 0)
        var canvas = Canvas(width: width, height: rows.count + 3 + notes)
        let quiet = Style(theme.quiet)
        canvas.write(SweepSheet.title(of: report), x: labels + 1, y: 0, style: Style(theme.text, bold: true))
        canvas.writeRight(names[1], maxX: labels + 1 + cell * fitting, y: 1, style: quiet)
        canvas.write(names[0], x: 0, y: 2, style: quiet, limit: labels)
        drawColumnLabels(into: &canvas, columns, x: labels + 1, cell: cell)
        for (row, first) in rows.enumerated() {
            let y = 3 + row
            canvas.write(first.figure, x: 0, y: y, style: quiet, limit: labels)
            for (column, second) in columns.prefix(fitting).enumerated() {
                guard let group = groups[[first, second]] else { continue }
                draw(
                    group, into: &canvas, Rect(x: labels + 1 + column * cell, y: y, width: cell, height: 1), hasNumbers)
            }
        }
        if !hasNumbers {
            let words = "\(formatNumber(scale.low)) … \(formatNumber(scale.high))"
            canvas.write(words, x: labels + 1, y: 3 + rows.count, style: quiet)
        }
        if fitting < columns.count {
            canvas.write(
                "\(names[1]) from \(columns[fitting].figure) on: no room; the table has them", x: 0,
                y: canvas.height - 1, style: quiet)
        }
        return canvas
    }

    /// As many of the values as fit beside each other.
    private func drawColumnLabels(into canvas: inout Canvas, _ columns: [JSON], x: Int, cell: Int) {
        var end = x
        for (column, value) in columns.enumerated() {
            let text = value.figure
            let start = x + column * cell + max(0, cell - columnWidth(text) - 1)
            guard start >= end, start + columnWidth(text) <= canvas.width else { continue }
            canvas.write(text, x: start, y: 2, style: Style(theme.quiet))
            end = start + columnWidth(text) + 1
        }
    }

    private func draw(_ group: SweepReport.Group, into canvas: inout Canvas, _ rect: Rect, _ hasNumbers: Bool) {
        guard let loss = group.compared?.median else {
            canvas.writeRight(
                hasNumbers ? "diverged" : "×", maxX: rect.maxX - (rect.width > 1 ? 1 : 0), y: rect.y,
                style: Style(.rgb(theme.bad)))
            return
        }
        let goodness = group.isLowerBetter ? scale.goodness(loss) : -scale.goodness(loss)
        var style = Style.plain
        if capabilities.colors != .none {
            let ground = theme.ramp(goodness, capabilities.colors)
            style = Style(.rgb(contrast(ground)), on: .rgb(ground))
        }
        canvas.fill(rect, with: Cell(" ", style))
        if hasNumbers {
            canvas.writeRight(formatNumber(loss, digits: 2), maxX: rect.maxX - 1, y: rect.y, style: style)
        } else if capabilities.colors == .none {
            canvas.fill(rect, with: Cell(shadeGlyph(goodness, glyphs: capabilities.glyphs)))
        }
    }
}

/// One key: the medians of the test and the training loss as curves, and the test loss's quartiles beside its own.
private struct SweepCurves {
    let report: SweepReport
    let theme: Theme
    let capabilities: Capabilities
    /// The places of the key's values along the axis.
    private let places: [JSON: Int]

    init(report: SweepReport, theme: Theme, capabilities: Capabilities) {
        (self.report, self.theme, self.capabilities) = (report, theme, capabilities)
        places = Dictionary(report.sweep.axes[0].values.enumerated().map { ($1, $0) }) { first, _ in first }
    }

    func draw(width: Int) -> Canvas {
        let height = 20
        let groups = report.groups
        var all = groups.compactMap { $0.compared?.median }
        for group in groups where group.isLowerBetter {
            for quartiles in group.figures { all += quartiles.map { [$0.lower, $0.upper] } ?? [] }
        }
        let scale = LossScale(all)!
        let axis =
            scale.isLogarithmic
            ? Axis(logarithmicFrom: scale.low, to: scale.high, count: 5)
            : Axis(from: min(0, scale.low), to: max(scale.high, 1e-6) * 1.02, count: 5)
        let labels = max(6, axis.labelWidth)
        let area = Rect(x: labels + 1, y: 1, width: width - labels - 2, height: height)
        var canvas = Canvas(width: width, height: height + 3)
        var dots = DotPlot(width: area.width, height: area.height, capabilities: capabilities)
        let isLoss = groups.allSatisfy(\.isLowerBetter)
        if isLoss {
            curve(&dots, groups, axis, Style(theme.quiet), weight: 1, step: colorless ? 3 : 1) {
                $0.figure(of: .train)?.median
            }
        }
        let band = Style(.rgb(mixColors(theme.backdrop, theme.accent, 0.6)))
        if report.sweep.seeds > 1 {
            curve(&dots, groups, axis, band, weight: 2, step: 2) { $0.compared?.lower }
            curve(&dots, groups, axis, band, weight: 2, step: 2) { $0.compared?.upper }
        }
        let text = Style(theme.text, bold: true)
        curve(&dots, groups, axis, text, weight: 3) { $0.compared?.median }
        dots.draw(into: &canvas, x: area.x, y: area.y)
        drawAxes(into: &canvas, axis, area)

        var x = area.x + canvas.write(SweepSheet.title(of: report), x: area.x, y: 0, style: text)
        if report.sweep.seeds > 1 { x += canvas.write(", quartiles dotted", x: x, y: 0, style: band) }
        if isLoss { canvas.write(", train loss beside it", x: x, y: 0, style: Style(theme.quiet)) }
        return canvas
    }

    private var colorless: Bool { capabilities.colors == .none }

    private var isOrdered: Bool {
        report.sweep.axes[0].values.allSatisfy { if case .number = $0 { true } else { false } }
    }

    /// The values stand equally far apart, in their order: a range reads as it was made, and names have places too.
    private func x(of group: SweepReport.Group, in width: Int) -> Double {
        let place = places[group.values[0]] ?? 0
        return places.count > 1 ? Double(place) / Double(places.count - 1) * Double(width - 1) : Double(width) / 2
    }

    private func curve(
        _ dots: inout DotPlot, _ groups: [SweepReport.Group], _ axis: Axis, _ style: Style, weight: UInt8,
        step: Int = 1, _ value: (SweepReport.Group) -> Double?
    ) {
        var before: (x: Double, y: Double)?
        for group in groups {
            guard let loss = value(group), loss.isFinite else {
                before = nil
                continue
            }
            let place = (
                x: x(of: group, in: dots.dotWidth) + 0.5,
                y: (1 - min(max(axis.position(loss), 0), 1)) * Double(dots.dotHeight - 1) + 0.5
            )
            if isOrdered {
                let from = before ?? place
                dots.line(from.x, from.y, place.x, place.y, style: style, weight: weight, step: step)
                before = place
            } else {
                // Names have no order that a line could follow.
                dots.line(place.x - 2, place.y, place.x + 2, place.y, style: style, weight: weight)
            }
        }
    }

    private func drawAxes(into canvas: inout Canvas, _ axis: Axis, _ area: Rect) {
        let quiet = Style(theme.quiet)
        axis.drawLabels(into: &canvas, leftOf: area, style: quiet)
        var end = 0
        let values = report.sweep.axes[0].values
        for (place, value) in values.enumerated() {
            let text = value.figure
            let part = values.count > 1 ? Double(place) / Double(values.count - 1) : 0.5
            let middle = area.x + Int(bounded: part * Double(area.width - 1))
            let start = min(max(0, middle - columnWidth(text) / 2), canvas.width - columnWidth(text))
            guard start >= end, start >= 0 else { continue }
            canvas.write(text, x: start, y: area.maxY, style: quiet)
            end = start + columnWidth(text) + 2
        }
        canvas.writeCentred(report.sweep.shortKeys[0], x: area.x, width: area.width, y: area.maxY + 1, style: quiet)
    }
}

extension JSON {
    /// A value of an axis, a number as the screen writes it.
    fileprivate var figure: String {
        if case .number(let number) = self { formatSetting(number) } else { tableText }
    }
}
