import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// What comes out: the plane coloured by the network's answer (or one neuron's), with the data on top; for one input
/// the curve over the data.
public enum OutputPanel {
    /// - Parameter rect: the whole panel with its title row.
    public static func draw(into canvas: inout Canvas, rect: Rect, context: PlotContext) {
        drawPanelTitle(
            into: &canvas, rect: rect, title: context.title ?? title(context), panel: context.showsKeys ? .output : nil,
            focused: context.focused,
            theme: context.theme, capabilities: context.capabilities)
        let content = panelContent(of: rect)
        canvas.fill(content)
        guard content.height > 1, !context.snapshot.data.columns.isEmpty else { return }
        let geometry = OutputGeometry(rect: rect, context: context)
        guard !geometry.plot.isEmpty else { return }
        let boundary = context.shown?.boundary.flatMap { $0.columns == context.columns ? $0 : nil }
        if let boundary { drawPicture(into: &canvas, geometry.plot, boundary, context) }
        drawPoints(into: &canvas, geometry.plot, context)
        drawAxes(into: &canvas, content, geometry, context)
        drawCursor(into: &canvas, geometry, context)
        drawLegend(into: &canvas, content, geometry, context)
    }

    /// The place under the mouse, for `PlotState.place`.
    public static func place(x: Int, y: Int, rect: Rect, context: PlotContext) -> PlotPlace? {
        guard !context.snapshot.data.columns.isEmpty else { return nil }
        return OutputGeometry(rect: rect, context: context).place(x: x, y: y)
    }

    static func title(_ context: PlotContext) -> String {
        let data = context.snapshot.data
        let neuron = context.neuron.map { "Output of \(context.title(of: $0))" } ?? "Output"
        let columns = context.columns.map { data.columns[$0].name }
        return columns.isEmpty || columns == ["x1", "x2"] || columns == ["x1"]
            ? neuron : neuron + " · " + columns.joined(separator: " × ")
    }

    /// The plane's colours, or the curves over one input, without the points.
    static func drawPicture(
        into canvas: inout Canvas, _ plot: Rect, _ boundary: Boundary, _ context: PlotContext
    ) {
        if boundary.columns.count > 1 {
            drawMap(into: &canvas, plot, boundary, context)
        } else {
            drawCurves(into: &canvas, plot, boundary, context)
        }
    }

    private static func drawMap(
        into canvas: inout Canvas, _ plot: Rect, _ boundary: Boundary, _ context: PlotContext
    ) {
        let theme = context.theme
        let tones = context.tones
        let size = boundary.size
        if boundary.field.values.isEmpty {
            let confidences = boundary.field.confidences.map { context.view.discretize ? 1 : $0 }
            let textured = context.capabilities.colors == .palette16 && context.kinds > 2
            drawClassMap(
                into: &canvas, plot, classes: boundary.field.classes, confidences: confidences,
                columns: size.columns, rows: size.rows, ground: { tones.ground(ofClass: $0, confidence: $1) },
                texture: textured ? { theme.color(ofClass: $0) } : nil, capabilities: context.capabilities)
            return
        }
        let values =
            context.view.discretize
            ? boundary.field.values.map { $0.isNaN ? $0 : $0 < 0 ? -1 : 1 } : boundary.field.values
        drawHeatMap(
            into: &canvas, plot, values: values, columns: size.columns, rows: size.rows, ramp: { tones.ground($0) },
            capabilities: context.capabilities)
    }

    private static func drawCurves(
        into canvas: inout Canvas, _ plot: Rect, _ boundary: Boundary, _ context: PlotContext
    ) {
        var dots = DotPlot(
            width: plot.width, height: plot.height, capabilities: context.capabilities)
        let zero = Double(1 - boundary.yRange.fraction(of: 0)) * Double(dots.dotHeight)
        dots.line(0, zero, Double(dots.dotWidth), zero, color: context.theme.faint, step: 3)
        for (index, curve) in boundary.curves.enumerated() where curve.count > 1 {
            let several = boundary.curves.count > 1
            for at in 1..<curve.count {
                func dot(_ at: Int) -> (Double, Double) {
                    (
                        Double(at) / Double(curve.count - 1) * Double(dots.dotWidth - 1),
                        Double(1 - boundary.yRange.fraction(of: curve[at])) * Double(dots.dotHeight - 1)
                    )
                }
                let (a, b) = (dot(at - 1), dot(at))
                let color = several ? .rgb(context.theme.color(ofClass: index)) : context.theme.text
                dots.line(a.0, a.1, b.0, b.1, style: Style(color, bold: !several), weight: 200)
            }
        }
        dots.draw(into: &canvas, x: plot.x, y: plot.y)
    }

    /// - Parameter most: of each set, so many points at most: the first ones, the same at every size.
    static func drawPoints(
        into canvas: inout Canvas, _ plot: Rect, _ context: PlotContext, most: Int = Picture.pointLimit
    ) {
        let data = context.snapshot.data
        let columns = context.columns
        let width = data.columns.count
        let boundary = context.shown?.boundary
        let mistakes = context.shown?.mistakes ?? Picture.Mistakes()
        let (xRange, yRange) = (context.xRange, context.yRange)
        var layer = PointLayer(plot, context)
        func add(_ table: Table, test: Bool, wrong: [Bool]) {
            let places = (0..<min(table.count, most)).map { row in
                let height =
                    columns.count > 1
                    ? table.rows[row * width + columns[1]] : target(table.labels[row], boundary, context)
                return SIMD2(
                    xRange.fraction(of: table.rows[row * width + columns[0]]), yRange.fraction(of: height))
            }
            layer.add(places, of: table, test: test, wrong: wrong)
        }
        if context.view.showTestData { add(data.testPoints, test: true, wrong: mistakes.test) }
        add(data.trainPoints, test: false, wrong: mistakes.train)
        layer.draw(into: &canvas)
    }

    /// With one input: the height at which a point belongs.
    private static func target(_ label: Float, _ boundary: Boundary?, _ context: PlotContext) -> Float {
        guard context.snapshot.network.task != .regression, let boundary else { return label }
        if boundary.curves.count > 1 { return 1 }
        return boundary.scale.original(label > 0 ? 1 : -1)
    }

    /// The y axis' numbers and their rows: a plane's ends and middle, a curve's round values.
    private static func verticalLabels(_ plot: Rect, _ context: PlotContext) -> [(String, Int)] {
        if context.columns.count > 1 {
            let labels = OutputGeometry.labels(context.yRange)
            let rows = [plot.maxY - 1, plot.y + plot.height / 2, plot.y]
            return zip(labels, rows).filter { plot.height >= 5 || $0.1 != rows[1] }
        }
        let axis = OutputGeometry.curveAxis(context, height: plot.height)
        return zip(axis.labels, axis.ticks).map { label, tick in
            (label, plot.y + Int(bounded: (1 - axis.position(tick)) * Double(plot.height - 1) + 0.5))
        }
    }

    private static func drawAxes(
        into canvas: inout Canvas, _ content: Rect, _ geometry: OutputGeometry, _ context: PlotContext
    ) {
        let quiet = context.axisStyle
        let plot = geometry.plot
        if plot.x - content.x > 1 {
            for (label, y) in verticalLabels(plot, context) {
                canvas.writeRight(label, maxX: plot.x - 1, y: y, style: quiet)
            }
        }
        guard let row = geometry.axisRow else { return }
        let labels = OutputGeometry.labels(context.xRange)
        canvas.write(labels[0], x: plot.x, y: row, style: quiet)
        canvas.writeRight(labels[2], maxX: plot.maxX, y: row, style: quiet)
        canvas.writeCentred(labels[1], x: plot.x, width: plot.width, y: row, style: quiet)
    }

    // MARK: Cursor

    private static func drawCursor(into canvas: inout Canvas, _ geometry: OutputGeometry, _ context: PlotContext) {
        guard let place = context.plots.place else { return }
        var y = Float(place.y)
        // On a curve the cursor walks along it.
        if context.columns.count == 1, let boundary = context.shown?.boundary, let curve = boundary.curves.first,
            !curve.isEmpty
        {
            y = min(max(boundary.yRange.fraction(of: curve[curveIndex(place, curve)]), 0), 1)
        }
        guard let cell = geometry.cell(x: Float(place.x), y: y) else { return }
        let style = Style(
            .rgb(contrast(0xC0C0C0)), on: .rgb(context.theme.accent), bold: true, reverse: context.colorless)
        canvas[cell.x, cell.y] = Cell("+", style)
    }

    private static func curveIndex(_ place: PlotPlace, _ curve: [Float]) -> Int {
        min(curve.count - 1, max(0, Int(bounded: (place.x * Double(curve.count - 1)).rounded())))
    }

    /// "(1.2, −0.6) → −0.97 negative": the value under the cursor and its class.
    static func readout(_ place: PlotPlace, _ context: PlotContext) -> String {
        func number(_ value: Float) -> String { formatFixed(Double(value), decimals: 2) }
        let x = number(context.xRange.value(at: place.x))
        guard let boundary = context.shown?.boundary, boundary.columns == context.columns else { return "x \(x)" }
        let names = context.snapshot.data.classNames
        if boundary.columns.count == 1 {
            let values = boundary.curves.map { curve in
                curve.isEmpty ? "–" : number(curve[curveIndex(place, curve)])
            }
            return "\(x) → \(values.joined(separator: "  "))"
        }
        let size = boundary.size
        let column = min(size.columns - 1, Int(bounded: place.x * Double(size.columns)))
        let row = min(size.rows - 1, Int(bounded: (1 - place.y) * Double(size.rows)))
        let at = row * size.columns + column
        let position = "(\(x), \(number(context.yRange.value(at: place.y))))"
        guard at < boundary.field.count else { return position }
        if boundary.field.values.isEmpty {
            let index = boundary.field.classes[at]
            let name = names.indices.contains(index) ? names[index] : "class \(index + 1)"
            return
                "\(position) → \(name), \(formatFixed(Double(boundary.field.confidences[at]) * 100, decimals: 0)) % sure"
        }
        let value = boundary.field.values[at]
        var text = "\(position) → \(number(boundary.scale.original(value)))"
        if context.snapshot.network.task != .regression, boundary.neuron == nil, names.count == 2, value.isFinite {
            text += "  " + names[value < 0 ? 0 : 1]
        }
        return text
    }

    // MARK: Legend

    private static func drawLegend(
        into canvas: inout Canvas, _ content: Rect, _ geometry: OutputGeometry, _ context: PlotContext
    ) {
        guard let row = geometry.legendRow else { return }
        let quiet = Style(context.theme.quiet)
        let left = content.x + 1
        let right = content.maxX - 1
        if let place = context.plots.pointed.place ?? context.plots.place {
            canvas.write(
                readout(place, context), x: left, y: row, style: Style(context.theme.text, bold: true),
                limit: right - left)
            return
        }
        let end = max(geometry.plot.maxX, right)
        let legend = PointLook.legend(test: context.view.showTestData, context: context)
        let classes = classNames(context)
        let marked = context.colorless || context.ascii
        let needed = classes.map { columnWidth($0) + (marked ? 4 : 3) }.reduce(0, +)
        var used = geometry.plot.x
        // The classes' names matter more than the points' glyphs.
        if used + columnWidth(legend) <= right, used + columnWidth(legend) + 1 + needed <= end {
            used += canvas.write(legend, x: used, y: row, style: quiet) + 2
        }
        if classes.isEmpty {
            drawScale(into: &canvas, y: row, from: used, to: max(geometry.plot.maxX, min(right, used)), context)
        } else {
            draw(classes, into: &canvas, y: row, from: used, to: end, context)
        }
    }

    /// The names of the regions' classes; empty where the map shows one number.
    private static func classNames(_ context: PlotContext) -> [String] {
        guard let boundary = context.shown?.boundary, boundary.neuron == nil,
            case .classification(let classes) = context.snapshot.network.task, classes > 2
        else { return [] }
        let names = context.snapshot.data.classNames
        return (0..<classes).map { names.indices.contains($0) ? names[$0] : String($0 + 1) }
    }

    /// The classes' colours with their names, all cut to the same length where they do not fit.
    private static func draw(
        _ classes: [String], into canvas: inout Canvas, y: Int, from: Int, to: Int, _ context: PlotContext
    ) {
        let marked = context.colorless || context.ascii
        let room = to + 1 - from
        let frame = marked ? 4 : 3
        var limit = classes.map { columnWidth($0) }.max() ?? 0
        while limit > 1, classes.map({ min(columnWidth($0), limit) + frame }).reduce(0, +) > room { limit -= 1 }
        var x = from
        for (index, name) in classes.enumerated() where x + frame <= to + 1 {
            let mark = marked ? classGlyph(index, glyphs: context.capabilities.glyphs) : "■"
            canvas[x, y] = Cell(mark, Style(.rgb(context.theme.color(ofClass: index))))
            if marked {
                // The region's glyph, and the points' one.
                canvas[x + 1, y] = Cell(
                    PointLook.glyph(kind: index, of: classes.count, test: false, capabilities: context.capabilities))
                x += 1
            }
            x += 3 + canvas.write(name, x: x + 2, y: y, style: Style(context.theme.quiet), limit: limit)
        }
    }

    /// The colours with their numbers, right-aligned.
    private static func drawScale(into canvas: inout Canvas, y: Int, from: Int, to: Int, _ context: PlotContext) {
        let quiet = Style(context.theme.quiet)
        guard let boundary = context.shown?.boundary else { return }
        let low = formatNumber(Double(boundary.scale.original(-1)), digits: 3)
        let high = formatNumber(Double(boundary.scale.original(1)), digits: 3)
        let bar = min(10, to - from - columnWidth(low) - columnWidth(high) - 2)
        guard bar >= 4 else { return }
        let x = to - columnWidth(high) - 1 - bar
        canvas.writeRight(low, maxX: x - 1, y: y, style: quiet)
        canvas.write(high, x: x + bar + 1, y: y, style: quiet)
        let values = (0..<2 * bar).map { Float($0 % bar) / Float(bar - 1) * 2 - 1 }
        drawHeatMap(
            into: &canvas, Rect(x: x, y: y, width: bar, height: 1), values: values, columns: bar, rows: 2,
            ramp: context.ramp, capabilities: context.capabilities)
    }
}
