import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension PanelID {
    static let output = PanelID("output")
}

extension Panel {
    /// The network's answers.
    static let output = viewer(
        .output, title: "Output", place: .plot(.output),
        words: "The network's answers, over the plane or to the samples.",
        watch: "The places where answers and data differ.",
        commands: OutputPanel.commands + [PenCommands.start, LineCommands.start, PenCommands.export] + PenCommands.all
            + LineCommands.all,
        modes: [
            Mode(
                commands: LineCommands.all,
                isOn: { app in
                    app.plots.hand != nil && app.handRefusal == nil
                        && app.view(in: .output).map { LineCommands.start.views!.contains($0.id) } ?? false
                }),
            Mode(
                commands: PenCommands.all,
                isOn: { app in
                    app.plots.pen != nil
                        && app.view(in: .output).map { PenCommands.start.views!.contains($0.id) } ?? false
                }),
        ])
}

/// The network's answer over the data's columns: the plane coloured by its answer (or one neuron's), with the data on
/// top; for one input the curve over the data.
public enum OutputPanel {
    /// - Parameter rect: the whole panel with its title row.
    public static func draw(into canvas: inout Canvas, rect: Rect, context: PlotContext) {
        View.draw(in: .output, into: &canvas, rect: rect, context: context, title: context.title)
    }

    /// Map or curve, points, axes, cursor and legend.
    @Sendable static func drawPlot(into canvas: inout Canvas, rect: Rect, context: PlotContext) {
        let content = panelContent(of: rect)
        guard content.height > 1 else { return }
        let geometry = context.outputGeometry(rect)
        guard !geometry.plot.isEmpty else { return }
        let boundary = context.shown?.boundary.flatMap { $0.columns == context.columns ? $0 : nil }
        if let boundary { drawPicture(into: &canvas, geometry.plot, boundary, context) }
        drawPoints(into: &canvas, geometry.plot, context)
        LineDrawing.draw(into: &canvas, geometry.plot, context)
        drawAxes(into: &canvas, content, geometry, context)
        drawCursor(into: &canvas, geometry, context)
        drawWalked(into: &canvas, geometry, context)
        drawLegend(into: &canvas, geometry, context)
    }

    /// Adds what the viewer must make for the view that is shown.
    static func request(_ context: PlotContext, _ rect: Rect, _ request: inout ViewRequest) {
        context.view(in: .output)?.request(context, rect, &request)
    }

    @Sendable static func requestPlot(context: PlotContext, rect: Rect, request: inout ViewRequest) {
        let geometry = context.outputGeometry(rect)
        request.boundary = geometry.pixels(curve: context.columns.count == 1)
        request.neuron = context.neuron
        // The plane's middle, until the cursor says where.
        let place = context.plots.place ?? PlotPlace(x: 0.5, y: 0.5)
        request.probe = SIMD2(context.xRange.value(at: place.x), context.yRange.value(at: place.y))
    }

    @Sendable static func point(context: PlotContext, x: Int, y: Int, rect: Rect) -> Pointed {
        var pointed = Pointed()
        pointed.place = place(x: x, y: y, rect: rect, context: context)
        return pointed
    }

    /// The place under the mouse, for `PlotState.place`.
    public static func place(x: Int, y: Int, rect: Rect, context: PlotContext) -> PlotPlace? {
        context.outputGeometry(rect).place(x: x, y: y)
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
            let textured = !context.tones.hasGrounds(classes: context.kinds)
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

    static func drawAxes(
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

    static func drawCursor(into canvas: inout Canvas, _ geometry: OutputGeometry, _ context: PlotContext) {
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

    /// The sample that is walked through.
    private static func drawWalked(into canvas: inout Canvas, _ geometry: OutputGeometry, _ context: PlotContext) {
        let (table, width) = (context.snapshot.data.trainPoints, context.snapshot.data.columns.count)
        guard let row = context.walkedRow, row < table.count else { return }
        let height =
            context.columns.count > 1
            ? table.rows[row * width + context.columns[1]]
            : target(table.labels[row], context.shown?.boundary, context)
        guard
            let cell = geometry.cell(
                x: context.xRange.fraction(of: table.rows[row * width + context.columns[0]]),
                y: context.yRange.fraction(of: height))
        else { return }
        let style = Style(
            .rgb(contrast(0xC0C0C0)), on: .rgb(context.theme.accent), bold: true, reverse: context.colorless)
        canvas[cell.x, cell.y] = Cell(context.ascii ? "O" : "◉", style)
    }

    /// "sample (1.11, −1.13), positive"
    private static func walkedWords(_ context: PlotContext) -> String? {
        let (table, width) = (context.snapshot.data.trainPoints, context.snapshot.data.columns.count)
        guard let row = context.walkedRow, row < table.count else { return nil }
        let numbers = context.columns.map { formatFixed(Double(table.rows[row * width + $0]), decimals: 2) }
        let label = table.labels[row]
        guard label != Samples.noLabel else { return "sample (\(numbers.joined(separator: ", ")))" }
        let answer =
            context.snapshot.data.task.classes == nil
            ? "value \(formatFixed(Double(label), decimals: 2))" : context.className(Int(bounded: Double(label)))
        return "sample (\(numbers.joined(separator: ", "))), \(answer)"
    }

    private static func curveIndex(_ place: PlotPlace, _ curve: [Float]) -> Int {
        min(curve.count - 1, max(0, Int(bounded: (place.x * Double(curve.count - 1)).rounded())))
    }

    /// "(1.2, −0.6) → −0.97 negative": the value under the cursor and its class.
    static func readout(_ place: PlotPlace, _ context: PlotContext) -> String {
        func number(_ value: Float) -> String { formatFixed(Double(value), decimals: 2) }
        let x = number(context.xRange.value(at: place.x))
        guard let boundary = context.shown?.boundary, boundary.columns == context.columns else { return "x \(x)" }
        if boundary.columns.count == 1 {
            let values = boundary.curves.enumerated().map { index, curve in
                let value = curve.isEmpty ? "–" : number(curve[curveIndex(place, curve)])
                return boundary.curves.count > 1 ? "\(context.className(index)) \(value)" : value
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
            let name = context.className(boundary.field.classes[at])
            return
                "\(position) → \(name), \(formatFixed(Double(boundary.field.confidences[at]) * 100, decimals: 0)) % sure"
        }
        let value = boundary.field.values[at]
        var text = "\(position) → \(number(boundary.scale.original(value)))"
        if context.snapshot.network.task != .regression, boundary.neuron == nil, value.isFinite {
            text += "  " + context.className(value < 0 ? 0 : 1)
        }
        return text
    }

    private static func drawLegend(into canvas: inout Canvas, _ geometry: OutputGeometry, _ context: PlotContext) {
        guard let rect = geometry.legend else { return }
        var words = (context.plots.pointed.place ?? context.plots.place).map { readout($0, context) }
        if context.plots.pen != nil {
            // The tool and the class come first.
            let all = [context.penWords, words].compactMap(\.self).joined(separator: " · ")
            words = columnWidth(all) <= rect.width * rect.height ? all : context.penWords
        }
        if let text = walkedWords(context) ?? LineDrawing.words(context) ?? words {
            let lines = columnWidth(text) <= rect.width ? [text] : wrapText(text, columns: rect.width)
            for (row, line) in lines.prefix(rect.height).enumerated() {
                canvas.write(line, x: rect.x, y: rect.y + row, style: Style(context.theme.text, bold: true))
            }
            return
        }
        OutputLegend.draw(into: &canvas, rect, context: context)
    }
}
