import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension PanelID {
    static let hidden = PanelID("hidden")
}

extension Panel {
    /// The values of hidden layers.
    static let hidden = viewer(
        .hidden, title: "Hidden features", place: .plot(.hidden),
        words: "The space of a hidden layer's values: where each sample lies in it.",
        watch: "Whether samples of one class come together from layer to layer.")
}

/// How a layer bends the plane: the grid of the input plane where the layer sends it, the class regions behind it, the
/// data on top, and the straight line that the next layer draws.
///
/// After Olah, "Neural Networks, Manifolds, and Topology", 2014.
public enum HiddenPanel {
    /// - Parameter rect: the whole panel with its title row.
    public static func draw(into canvas: inout Canvas, rect: Rect, context: PlotContext) {
        View.draw(in: .hidden, into: &canvas, rect: rect, context: context)
    }

    @Sendable static func drawPlane(into canvas: inout Canvas, rect: Rect, context: PlotContext) {
        let content = panelContent(of: rect)
        guard content.height > 2, content.width > 12, let view = context.shown?.hidden else { return }
        let plot = plot(content)
        drawRegions(into: &canvas, plot, view, context)
        drawGrid(into: &canvas, plot, view, context)
        drawPoints(into: &canvas, plot, view, context)
        drawAxes(into: &canvas, content, plot, view, context)
        drawWords(into: &canvas, plot, view, context)
    }

    /// The picture's width in its height, a cell being twice as high as wide.
    static func aspect(rect: Rect) -> Float {
        let plot = plot(panelContent(of: rect))
        return plot.isEmpty ? 1 : Float(plot.width) / Float(2 * plot.height)
    }

    /// Numbers stand left of the plot, and in one row below it.
    private static func plot(_ content: Rect) -> Rect {
        let labels = content.width >= 30 ? 7 : 0
        return Rect(
            x: content.x + labels, y: content.y, width: content.width - labels - 1, height: content.height - 1)
    }

    static func title(_ context: PlotContext, width: Int) -> String {
        let outline = context.snapshot.outline
        let target = context.hiddenTarget
        let layer =
            target.layer.isInput ? "input" : target.layer == outline.output ? "output" : target.layer.words
        var parts = ["Hidden features", layer]
        if let own = outline[target.layer] {
            if let activation = own.activation, !Catalogue.isIdentity(activation: activation.id) {
                let name = Catalogue.entry(.activation, activation.id)?.title ?? activation.id
                parts.append(target.stage == .activation ? "after \(name)" : "before \(name)")
            } else if own.activation == nil {
                parts.append(own.title)
            }
        }
        if context.plots.scaleFrozen { parts.append("frozen") }
        if context.journey == nil, context.plots.morph < 1 {
            parts.append("morph \(formatFixed(context.plots.morph * 100, decimals: 0)) %")
        }
        // The panel's name is what a narrow title can spare.
        var text = parts.joined(separator: " · ")
        if columnWidth(text) > width { text = (["Hidden"] + parts.dropFirst()).joined(separator: " · ") }
        if columnWidth(text) > width { text = parts.dropFirst().joined(separator: " · ") }
        return columnWidth(text) > width ? layer : text
    }

    /// A title of a view of the layer that is looked at: "Hidden features · weights · layer 1", or as much of it as fits.
    /// - Parameter layer: nil: the one that is looked at.
    static func title(of words: String, _ context: PlotContext, layer: LayerPath? = nil, width: Int) -> String {
        let layer = layer ?? context.hiddenTarget.layer
        let name = layer == context.snapshot.outline.output ? "output" : layer.words
        let titles = ["Hidden features", "Hidden"].map { "\($0) · \(words) · \(name)" }
        return titles.first { columnWidth($0) <= width } ?? "\(words) · \(name)"
    }

    /// Places between the start and the layer.
    /// - Parameter morph: 0…1.
    private static func places(_ start: [SIMD2<Float>], _ end: [SIMD2<Float>], _ morph: Double) -> [SIMD2<Float>] {
        let share = Float(morph)
        if share >= 1 { return end }
        return zip(start, end).map { $0 + ($1 - $0) * share }
    }

    private static func ground(_ field: Field, _ at: Int, _ tones: PlotTones) -> UInt32 {
        if at < field.values.count { return tones.ground(field.values[at]) }
        guard at < field.classes.count else { return tones.zeroGround }
        return tones.ground(ofClass: field.classes[at], confidence: field.confidences[at])
    }

    /// The colour of a line of the grid: between the ground that it lies on and the points.
    private static func ink(_ field: Field, _ at: Int, _ tones: PlotTones, _ context: PlotContext) -> UInt32 {
        if context.capabilities.colors == .palette16, at < field.values.count {
            // Darker than the points, which are dots as well.
            let value = field.values[at]
            let (negative, zero, positive) = context.theme.light ? (3, 7, 6) : (1, 8, 4)
            return colorOf16(value < -0.33 ? negative : value > 0.33 ? positive : zero)
        }
        let ink =
            at < field.values.count
            ? tones.ink(field.values[at])
            : at < field.classes.count ? tones.ink(ofClass: field.classes[at]) : tones.zeroInk
        return context.fewColors ? ink : mixColors(ground(field, at, tones), ink, 0.4)
    }

    /// The decision of the layers after this one over the whole plane, quietly, and the bent plane itself above it.
    private static func drawRegions(
        into canvas: inout Canvas, _ plot: Rect, _ view: HiddenPicture, _ context: PlotContext
    ) {
        let morph = context.morph(of: view)
        let theme = context.theme
        let tones = context.tones
        // Of 256 colours few are dark: only the bent plane is filled. Of 16 none is.
        let full = context.capabilities.colors == .truecolor
        if context.capabilities.colors == .palette16 { return }
        var pixels = [UInt32?](repeating: nil, count: plot.width * plot.height * 2)
        var kinds = [Int?](repeating: nil, count: pixels.count)
        func kind(_ field: Field, _ at: Int) -> Int {
            at < field.values.count ? (field.values[at] < 0 ? 0 : 1) : at < field.classes.count ? field.classes[at] : 0
        }
        if full || context.colorless, let plane = view.plane, morph >= 1,
            plane.count == view.planeSize.count
        {
            for y in 0..<plot.height * 2 {
                for x in 0..<plot.width {
                    let row = y * view.planeSize.rows / (plot.height * 2)
                    let at = row * view.planeSize.columns + x * view.planeSize.columns / plot.width
                    pixels[y * plot.width + x] = theme.faded(ground(plane, at, tones), 0.4)
                    kinds[y * plot.width + x] = kind(plane, at)
                }
            }
        }
        if view.size.rows > 1 {
            var raster = HiddenRaster(width: plot.width, height: plot.height * 2)
            raster.fill(
                places: places(view.gridStart, view.gridEnd, morph), size: view.size,
                every: plot.width >= 56 && plot.height >= 20 ? 1 : 2,
                color: { ground(view.field, $0, tones) },
                kind: { kind(view.field, $0) })
            for at in pixels.indices where raster.colors[at] != nil {
                pixels[at] = raster.colors[at]
                kinds[at] = raster.kinds[at]
            }
        }
        if !context.colorless {
            drawPixels(into: &canvas, plot, colors: pixels, capabilities: context.capabilities)
            return
        }
        for y in 0..<plot.height {
            for x in 0..<plot.width {
                let above = 2 * y * plot.width + x
                guard let kind = kinds[above] ?? kinds[above + plot.width] else { continue }
                canvas[plot.x + x, plot.y + y] = Cell(classGlyph(kind, glyphs: context.capabilities.glyphs))
            }
        }
    }

    /// All vertices bend the lines; so many steps lie between two lines that are drawn, so that these can be told apart:
    /// 11, 9, 6 or 5 lines each way. Without colours, where more would hide the regions' glyphs, 5 or the outline alone.
    static func lineStep(_ plot: Rect, _ size: ViewRequest.Size, _ context: PlotContext) -> Int {
        let dots = min(2 * plot.width, 4 * plot.height)
        if context.colorless { return dots >= 100 ? 10 : max(1, size.columns - 1) }
        return dots >= 100 ? 4 : dots >= 72 ? 5 : dots >= 40 ? 8 : 10
    }

    private static func drawGrid(
        into canvas: inout Canvas, _ plot: Rect, _ view: HiddenPicture, _ context: PlotContext
    ) {
        let morph = context.morph(of: view)
        let (theme, tones) = (context.theme, context.tones)
        var dots = DotPlot(width: plot.width, height: plot.height, capabilities: context.capabilities)
        let size = view.size
        let places = places(view.gridStart, view.gridEnd, morph)
        guard places.count == size.count else { return }
        let scale = SIMD2(Float(dots.dotWidth - 1), Float(dots.dotHeight - 1))
        func dot(_ place: SIMD2<Float>) -> (Double, Double) {
            let at = SIMD2(place.x, 1 - place.y) * scale
            return (Double(at.x) + 0.5, Double(at.y) + 0.5)
        }
        func segment(_ from: Int, _ to: Int) {
            let (a, b) = (dot(places[from]), dot(places[to]))
            let ink = ink(view.field, from, tones, context)
            // Without colours the points are what is whole.
            dots.line(a.0, a.1, b.0, b.1, color: .rgb(ink), weight: 1, step: context.colorless ? 3 : 1)
        }
        if size.rows == 1 {
            for at in 1..<max(1, size.columns) { segment(at - 1, at) }
        } else {
            let every = lineStep(plot, size, context)
            for row in 0..<size.rows {
                for column in 0..<size.columns {
                    let at = row * size.columns + column
                    if row % every == 0, column + 1 < size.columns { segment(at, at + 1) }
                    if column % every == 0, row + 1 < size.rows { segment(at, at + size.columns) }
                }
            }
        }
        if let line = view.line, line.count == 2, morph >= 1 {
            let (a, b) = (dot(line[0]), dot(line[1]))
            dots.line(a.0, a.1, b.0, b.1, style: Style(.rgb(theme.accent), bold: true), weight: 200)
        }
        dots.draw(into: &canvas, x: plot.x, y: plot.y)
    }

    private static func drawPoints(
        into canvas: inout Canvas, _ plot: Rect, _ view: HiddenPicture, _ context: PlotContext
    ) {
        let morph = context.morph(of: view)
        let data = context.snapshot.data
        let mistakes = context.shown?.mistakes ?? Picture.Mistakes()
        var layer = PointLayer(plot, context)
        if context.view.showTestData {
            layer.add(
                places(view.testStart, view.testEnd, morph), of: data.testPoints, test: true, wrong: mistakes.test)
        }
        layer.add(
            places(view.trainStart, view.trainEnd, morph), of: data.trainPoints, test: false, wrong: mistakes.train)
        layer.draw(into: &canvas)
    }

    private static func drawAxes(
        into canvas: inout Canvas, _ content: Rect, _ plot: Rect, _ view: HiddenPicture, _ context: PlotContext
    ) {
        let quiet = context.axisStyle
        let text = Style(context.theme.text)
        /// As many decimals as tell the range's ends apart.
        func number(_ value: Float, of range: ClosedRange<Float>) -> String {
            let span = range.upperBound - range.lowerBound
            let decimals = abs(value) >= 9.95 ? 1 : span >= 0.05 ? 2 : span >= 0.005 ? 3 : 4
            return formatFixed(Double(value), decimals: decimals)
        }
        let data = context.snapshot.data.columns
        let start = view.columns.map { data[$0].name }
        var (xName, yName) = axisNames(view, context)
        var (xRange, yRange): (ClosedRange<Float>?, ClosedRange<Float>?) = (view.xRange, view.strip ? nil : view.yRange)
        let morph = context.morph(of: view)
        if morph < 1, context.journey != nil {
            (xRange, yRange) = (nil, nil)
            (xName, yName) = (way(view, context), [])
        } else if morph <= 0 {
            xRange = view.startXRange
            yRange = view.columns.count > 1 ? view.startYRange : nil
            (xName, yName) = (start[0], Array(start.dropFirst()))
        } else if morph < 1 {
            // On the way between two planes no number means anything.
            (xRange, yRange) = (nil, nil)
            xName = "\(start[0]) → \(xName)"
        }
        if plot.x > content.x {
            if let yRange {
                canvas.writeRight(number(yRange.upperBound, of: yRange), maxX: plot.x - 1, y: plot.y, style: quiet)
                canvas.writeRight(
                    number(yRange.lowerBound, of: yRange), maxX: plot.x - 1, y: plot.maxY - 1, style: quiet)
            }
            // The y axis' name stands between its numbers, one word per row, and no wider than the room before the plane.
            yName = yName.flatMap { wrapText($0, columns: max(6, plot.x - 1 - content.x)) }
            let middle = plot.y + plot.height / 2 - (yName.count - 1) / 2
            if plot.height >= 5 {
                for (at, word) in yName.enumerated() {
                    canvas.writeRight(word, maxX: plot.x - 1, y: middle + at, style: text)
                }
            }
        }
        let row = plot.maxY
        var (left, right) = (plot.x, plot.maxX)
        if let xRange {
            left += canvas.write(number(xRange.lowerBound, of: xRange), x: plot.x, y: row, style: quiet) + 1
            right -= columnWidth(number(xRange.upperBound, of: xRange)) + 1
            canvas.writeRight(number(xRange.upperBound, of: xRange), maxX: plot.maxX, y: row, style: quiet)
        }
        canvas.writeCentred(xName, x: left, width: max(0, right - left), y: row, style: text)
    }

    /// "layer 1 → layer 2", "input plane → layer 1".
    private static func way(_ view: HiddenPicture, _ context: PlotContext) -> String {
        func name(_ layer: LayerPath) -> String {
            layer == context.snapshot.outline.output ? "output" : layer.words
        }
        return "\(view.start.map { name($0.layer) } ?? "input plane") → \(name(view.target.layer))"
    }

    /// "unit 1" and "unit 2", or the components with the share of the variance that they explain.
    private static func axisNames(_ view: HiddenPicture, _ context: PlotContext) -> (x: String, y: [String]) {
        func percent(_ share: Float) -> String { formatFixed(Double(share) * 100, decimals: 0) + " %" }
        if view.target.pca, view.explained.count == 2 {
            return ("PC 1 · \(percent(view.explained[0]))", ["PC 2", percent(view.explained[1])])
        }
        func name(_ unit: Int) -> String {
            view.target.layer.isInput ? featureTitle(context.snapshot.data.inputName(unit)) : "unit \(unit + 1)"
        }
        let units = view.target.units
        let data = context.snapshot.data
        if units.count == 1, view.size.rows == 1 {
            return (data.columns[view.columns[0]].name, [name(units[0])])
        }
        return (units.first.map(name) ?? "", units.count > 1 ? [name(units[1])] : [])
    }

    private static func drawWords(
        into canvas: inout Canvas, _ plot: Rect, _ view: HiddenPicture, _ context: PlotContext
    ) {
        for (index, words) in view.words.enumerated() where index < plot.height {
            canvas.write(
                words, x: plot.x + 1, y: plot.y + index, style: Style(.rgb(context.theme.accent)), limit: plot.width - 1
            )
        }
    }
}
