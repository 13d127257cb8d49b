import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let activities = ViewID("activities")
}

extension View {
    /// The values of a layer's units for images of all classes, as a raster.
    static let activities = View(
        id: .activities, panel: .hidden,
        words:
            "A raster of what the units answer: a row is an image, the rows of a class stand together, a column is a unit. A unit that is always bright or always dark tells nothing.",
        watch:
            "Columns of one colour from top to bottom: such a unit is dead or saturated. Blocks by class mean that units know the classes.",
        suits: { $0.image != nil && $0.task != .regression },
        heading: { HiddenPanel.title(of: "activities", $0, width: $1) },
        request: { context, rect, request in
            let content = panelContent(of: rect)
            request.raster = RasterRequest(
                layer: context.hiddenTarget.layer, samples: 2 * max(1, content.height - 1))
        },
        draw: { canvas, rect, context in Activities(panelContent(of: rect), context)?.draw(into: &canvas) })
}

private struct Activities {
    private let context: PlotContext
    private let raster: ActivityRaster
    private let content: Rect
    private let plot: Rect

    init?(_ content: Rect, _ context: PlotContext) {
        guard let raster = context.shown?.raster, content.width > 14, content.height > 2,
            let units = raster.values.first?.count, units > 0
        else { return nil }
        (self.context, self.raster) = (context, raster)
        self.content = content.inset(left: 1, right: 1)
        let names = min(
            9, 1 + (raster.rows.map { columnWidth(context.shortClassName(Self.label($0, context))) }.max() ?? 1))
        let room = self.content.width - names
        // Whole columns for each unit, where they fit.
        let width = units <= room ? room / units * units : room
        let height = min(self.content.height - 1, (raster.rows.count + 1) / 2)
        plot = Rect(x: self.content.x + names, y: self.content.y, width: width, height: height)
    }

    private static func label(_ row: Int, _ context: PlotContext) -> Int { context.snapshot.data.shownLabel(row) ?? 0 }

    func draw(into canvas: inout Canvas) {
        let (rows, units) = (min(raster.rows.count, 2 * plot.height), raster.values[0].count)
        // Where nothing is negative the darkest is 0, else 0 is in the middle.
        let all = raster.values.prefix(rows).flatMap(\.self)
        let largest = all.reduce(Float(1e-6)) { $1.isFinite ? max($0, abs($1)) : $0 }
        let isSigned = all.contains { $0 < 0 }
        drawHeatMap(
            into: &canvas, plot, values: all.map { isSigned ? $0 / largest : 2 * $0 / max(1, largest) - 1 },
            columns: units, rows: rows, ramp: isSigned ? context.ramp : context.shade,
            capabilities: context.capabilities)
        var last: Int?
        for line in 0..<plot.height where 2 * line < rows {
            let label = Self.label(raster.rows[2 * line], context)
            guard label != last else { continue }
            last = label
            canvas.write(
                context.shortClassName(label), x: content.x, y: plot.y + line,
                style: Style(.rgb(context.hue(ofClass: label)), bold: true), limit: plot.x - content.x - 1)
        }
        let mean = all.reduce(0) { $0 + Double($1) } / Double(max(1, all.count))
        let (across, down) = (plural(units, "unit"), plural(rows, "image"))
        let words = [
            "\(across) across, \(down) down · mean \(formatFixed(mean, decimals: 2))", "\(across) across, \(down) down",
            across,
        ]
        canvas.write(
            words.first { columnWidth($0) <= content.width } ?? "", x: content.x, y: content.maxY - 1,
            style: Style(context.theme.quiet), limit: content.width)
    }
}
