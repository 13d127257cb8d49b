import Datasets
import Engine
import Session
import TerminalKit

/// The network cut open: neuron tiles with what each answers over the plane, links whose colour is the weight's sign
/// and whose brightness and width is its size, a mark for every bias.
public enum NetworkPanel {
    public static func draw(into canvas: inout Canvas, layout: StackLayout, context: PlotContext) {
        let outline = context.snapshot.outline
        let cursor = context.plots.looksAt.flatMap { fitted($0, outline) }
        // Nothing moves under the mouse: the tiles stand where the cursor wants them.
        let geometry = NetworkGeometry(
            layout: layout, outline: outline, cursor: context.tileCursor.flatMap { fitted($0, outline) })
        let scene = WalkScene(context)
        if layout.showsLinks {
            NetworkLinks(layout: layout, geometry: geometry, context: context, cursor: cursor).draw(into: &canvas)
            drawBands(into: &canvas, layout, context)
        }
        let trace = TraceTile(scene)
        for row in geometry.rows { drawRow(into: &canvas, row, geometry, context, scene, trace) }
        if let scene { drawLights(into: &canvas, geometry, scene) }
        if layout.showsLinks {
            NetworkLinks(layout: layout, geometry: geometry, context: context, cursor: cursor)
                .drawShortcuts(into: &canvas)
        }
        // A real sample does not come from the generator.
        let isReal =
            scene?.trace?.inputs.isEmpty ?? (context.scene.generatesImages && context.plots.adversarialSample.isReal)
        if layout.namesAbove, !isReal, let end = context.snapshot.network.generatorEnd {
            ColumnWay(layout: layout, geometry: geometry, head: LayerPath(end))
                .draw(into: &canvas, Style(context.theme.quiet), isASCII: context.ascii)
        }
        drawCursor(into: &canvas, cursor, geometry, context)
        if let cursor {
            NetworkReadout(cursor, context).draw(into: &canvas, layout.readout.inset(left: 1, right: 1))
        }
    }

    /// The tiles that the viewer must make.
    public static func tiles(
        layout: StackLayout, outline: Outline, cursor: NetworkCursor?
    ) -> (size: ViewRequest.Size, rows: [ViewRequest.TileRow]) {
        let geometry = NetworkGeometry(layout: layout, outline: outline, cursor: cursor.flatMap { fitted($0, outline) })
        return (
            ViewRequest.Size(columns: geometry.tileWidth, rows: geometry.tileHeight * 2),
            geometry.rows.map { ViewRequest.TileRow(layer: $0.layer, units: $0.units) }
        )
    }

    /// The thing under the mouse: a tile, the mark of its bias, or the nearest link.
    public static func hit(x: Int, y: Int, layout: StackLayout, context: PlotContext) -> NetworkCursor? {
        let outline = context.snapshot.outline
        let cursor = context.tileCursor.flatMap { fitted($0, outline) }
        let geometry = NetworkGeometry(layout: layout, outline: outline, cursor: cursor)
        for row in geometry.rows where y >= row.rect.y && y < row.rect.maxY {
            for unit in row.units {
                let left = row.tileX(unit)
                if x >= left && x < left + row.tileWidth { return NetworkCursor(layer: row.layer, unit: unit) }
                if x == left - 1, layout.showsLinks, outline.biases(layer: row.layer) != nil {
                    return NetworkCursor(layer: row.layer, unit: unit, from: -1)
                }
            }
        }
        guard layout.showsLinks else { return nil }
        return NetworkLinks(layout: layout, geometry: geometry, context: context, cursor: cursor).nearest(x: x, y: y)
    }

    /// The neuron under a cursor where its response is not the output itself.
    static func response(of cursor: NetworkCursor, _ outline: Outline) -> ViewRequest.Neuron? {
        if cursor.layer == outline.output, outline.unitCount(layer: outline.output) == 1 { return nil }
        return ViewRequest.Neuron(layer: cursor.layer, unit: cursor.unit)
    }

    /// A cursor that points past the end of a smaller network comes back into it.
    static func fitted(_ cursor: NetworkCursor, _ outline: Outline) -> NetworkCursor? {
        var fitted = cursor
        fitted.layer = outline.fitted(cursor.layer)
        if !outline.hasUnits(layer: fitted.layer) { fitted.layer = outline.source(of: fitted.layer) }
        fitted.unit = min(max(0, cursor.unit), outline.tileCount(layer: fitted.layer) - 1)
        fitted.from = cursor.from.flatMap { from in
            places(layer: fitted.layer, outline).map { min(max($0.lowerBound, from), $0.upperBound) }
        }
        return fitted
    }

    /// The numbers of each unit of a layer as `NetworkCursor.from` counts them: −1 what it adds, then its weights; nil:
    /// none.
    static func places(layer: LayerPath, _ outline: Outline) -> ClosedRange<Int>? {
        let least = outline.biases(layer: layer) == nil ? 0 : -1
        let most = (outline.weightMatrix(layer: layer)?.inputs ?? 0) - 1
        return least <= most ? least...most : nil
    }

    /// The word for the number that a layer's units add.
    static func biasName(layer: LayerPath, _ outline: Outline) -> String {
        outline[layer]?.formula.addend?.word ?? "bias"
    }

    /// The pixel of the map under the mouse, row by row.
    static func mapPixel(x: Int, y: Int, layout: StackLayout, context: PlotContext) -> Int? {
        let outline = context.snapshot.outline
        let geometry = NetworkGeometry(
            layout: layout, outline: outline, cursor: context.tileCursor.flatMap { fitted($0, outline) })
        for row in geometry.rows {
            guard let map = outline.map(layer: row.layer) else { continue }
            for unit in row.units {
                let place = mapRect(map, geometry.tile(layer: row.layer, unit: unit)!)
                guard place.contains(x: x, y: y) else { continue }
                return (y - place.y) * map.height / place.height * map.width + (x - place.x) * map.width / place.width
            }
        }
        return nil
    }

    private static func mapRect(_ map: ImageShape, _ tile: Rect) -> Rect {
        imageRect(ImageShape(channels: 1, height: map.height, width: map.width), in: tile)
    }

    // MARK: Drawing

    private static func drawLights(into canvas: inout Canvas, _ geometry: NetworkGeometry, _ scene: WalkScene) {
        for light in scene.walk.lights(scene) {
            guard let row = geometry.row(light.layer) else { continue }
            for unit in row.units where light.unit == nil || light.unit == unit {
                let tile = geometry.tile(layer: light.layer, unit: unit)!
                guard let map = scene.outline.map(layer: light.layer) else {
                    // A tile that is full of numbers is lit by their colour (`TraceTile`).
                    if scene.trace != nil, tile.height < 3, tile.width >= 3 { continue }
                    let mark = ImagePart(row: 0, column: 0)
                    drawLight(
                        into: &canvas, Rect(x: tile.x, y: tile.maxY - 1, width: tile.width, height: 1), mark, rows: 1,
                        columns: 1, isOwn: true, scene.context)
                    continue
                }
                guard let part = light.part else { continue }
                drawLight(
                    into: &canvas, mapRect(map, tile), part, rows: map.height, columns: map.width, isOwn: light.isOwn,
                    scene.context)
            }
        }
    }

    private static func drawRow(
        into canvas: inout Canvas, _ row: NetworkGeometry.Row, _ geometry: NetworkGeometry, _ context: PlotContext,
        _ scene: WalkScene?, _ trace: TraceTile?
    ) {
        let theme = context.theme
        let tiles = context.shown?.tiles.first { $0.layer == row.layer }
        let isMap = context.snapshot.outline.hasMaps(layer: row.layer)
        let kernels =
            context.plots.stack.pictures == .kernels ? context.snapshot.outline.kernels(layer: row.layer) : nil
        let biases = context.snapshot.outline.biases(layer: row.layer)
        let largest = geometry.showsLinks ? Self.largest(biases, context.snapshot.parameters) : 0
        let standsForClasses = context.hasClassUnits && row.layer == context.snapshot.outline.output
        let showsGradients = context.pictures == .gradients
        for unit in row.units {
            let rect = Rect(x: row.tileX(unit), y: row.rect.y, width: row.tileWidth, height: row.rect.height)
            if let kernels {
                drawKernel(into: &canvas, rect, context.weights(of: unit, in: kernels), kernels.shape, context)
            } else if let trace {
                trace.draw(into: &canvas, rect, row.layer, unit)
            } else if let tiles, var values = context.shown?.tile(layer: row.layer, unit: unit) {
                if let scene, isMap, let map = scene.outline.map(layer: row.layer) {
                    canvas.fill(mapRect(map, rect), with: Cell(" ", Style(on: theme.selection)))
                    for at in values.indices where !scene.isReached(row.layer, unit: unit, pixel: at) {
                        values[at] = .nan
                    }
                }
                let place =
                    isMap
                    ? imageRect(ImageShape(channels: 1, height: tiles.size.rows, width: tiles.size.columns), in: rect)
                    : rect
                let ramp: (Float) -> UInt32 = { value in
                    if standsForClasses, !showsGradients { return classRamp(value, unit, theme) }
                    return tiles.isSigned ? context.ramp(value) : context.shade(value)
                }
                drawHeatMap(
                    into: &canvas, place, values: values, columns: tiles.size.columns, rows: tiles.size.rows,
                    ramp: ramp, capabilities: context.capabilities)
            } else {
                canvas.fill(rect, with: Cell(" ", Style(on: theme.selection)))
            }
            if !row.kernels.isEmpty, let kernels = context.snapshot.outline.kernels(layer: row.layer) {
                let place = Rect(x: rect.x, y: row.kernels.y, width: rect.width, height: row.kernels.height)
                if showsGradients {
                    let gradient = context.kernelGradient(of: unit, row.layer)
                    drawKernel(into: &canvas, place, gradient, kernels.shape, context)
                } else {
                    drawKernel(into: &canvas, place, context.weights(of: unit, in: kernels), kernels.shape, context)
                    drawKernelBias(into: &canvas, place, kernels.shape, unit, row.layer, context)
                }
            }
            if standsForClasses, geometry.showsLinks {
                // As much of the name as has room below its tile, but no stump; the legend has all of it.
                var name = beginning(of: context.shortClassName(unit), columns: row.pitch - 1)
                if columnWidth(name) < 4, name != context.shortClassName(unit) { name = "" }
                let x = rect.x + (rect.width - columnWidth(name)) / 2
                canvas.write(name, x: x, y: rect.maxY, style: Style(.rgb(context.color(ofClass: unit)), bold: true))
            }
            guard geometry.showsLinks, !row.isPicture, let biases else { continue }
            let bias = context.snapshot.parameters[biases.offset + unit]
            let look = biasMark(bias, largest: largest, context)
            canvas[rect.x - 1, rect.maxY - 1] = look
        }
        if let cells = context.snapshot.outline[row.layer]?.cells, !cells.isEmpty, let last = row.units.last {
            // The closed loop: the state goes back into the cells.
            let loop = context.ascii ? "loop" : "↺"
            canvas.write(
                " \(loop)", x: row.tileX(last) + row.tileWidth, y: row.rect.y,
                style: Style(.rgb(theme.accent), bold: true),
                limit: max(0, row.rect.maxX - row.tileX(last) - row.tileWidth))
        }
        if row.hidden > 0, let last = row.units.last {
            let x = row.tileX(last) + row.tileWidth + 1
            let y = row.rect.y + (row.rect.height - 1) / 2
            let (quiet, room) = (Style(theme.quiet), max(0, row.rect.maxX - x))
            let first = row.units.lowerBound
            let dash = context.ascii ? "-" : "–"
            let range = first == last ? "\(first + 1)" : "\(first + 1)\(dash)\(last + 1)"
            if first == 0 || columnWidth(range) > room {
                canvas.write("+\(row.hidden)", x: x, y: y, style: quiet, limit: room)
            } else {
                canvas.write(range, x: x, y: y, style: quiet)
                // Whole, or not at all.
                let all = ["of \(row.count)", "/\(row.count)"].first { columnWidth($0) <= room }
                if let all, y + 1 < row.rect.maxY { canvas.write(all, x: x, y: y + 1, style: quiet) }
            }
        }
    }

    /// A filter's kernel, or the gradient at it.
    /// - Parameter weights: `[channels, height, width]`; empty: they are not known.
    private static func drawKernel(
        into canvas: inout Canvas, _ rect: Rect, _ weights: [Float], _ shape: ImageShape, _ context: PlotContext
    ) {
        let place = imageRect(ImageShape(channels: 1, height: shape.height, width: shape.width), in: rect)
        drawWeights(into: &canvas, place, weights, shape: shape, context: context)
    }

    /// The bias beside a kernel.
    private static func drawKernelBias(
        into canvas: inout Canvas, _ rect: Rect, _ shape: ImageShape, _ unit: Int, _ layer: LayerPath,
        _ context: PlotContext
    ) {
        guard let bias = context.snapshot.outline.kernelBiases(layer: layer), unit < bias.count,
            bias.offset + unit < context.snapshot.parameters.count
        else { return }
        let kernel = imageRect(ImageShape(channels: 1, height: shape.height, width: shape.width), in: rect)
        // Apart from the kernel, and not without its digits.
        let room = rect.maxX - kernel.maxX - 1
        guard room >= 4 else { return }
        let text = formatFitting(context.snapshot.parameters[bias.offset + unit], columns: room)
        canvas.writeRight(text, maxX: rect.maxX, y: rect.y, style: Style(context.theme.quiet))
    }

    /// The kind of picture in words; "" for the maps as they are.
    static func detail(_ context: PlotContext) -> String {
        if context.canUnroll { return Timeline.detail(context) }
        guard context.snapshot.outline.hasHiddenMaps else { return "" }
        let scale = context.plots.stack.scalesByTile ? "each by its own scale" : ""
        return [context.plots.stack.pictures.words, scale].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    /// A class' colour where its unit is sure, from the plane's white.
    private static func classRamp(_ value: Float, _ unit: Int, _ theme: Theme) -> UInt32 {
        guard value.isFinite else { return theme.zero }
        return mixColors(theme.zero, theme.color(ofClass: unit), (min(max(value, -1), 1) + 1) / 2)
    }

    /// A bias stands at the left lower corner of its tile: the colour is the sign, brightness and glyph the size.
    private static func biasMark(_ bias: Float, largest: Float, _ context: PlotContext) -> Cell {
        let theme = context.theme
        let strength = min(1, abs(bias) / max(1, largest))
        if context.colorless || context.ascii {
            return Cell(bias < 0 ? "-" : "+", Style(.rgb(bias < 0 ? theme.negative : theme.positive)))
        }
        let color = context.color(ofSign: bias, strength: 0.35 + 0.65 * strength)
        return Cell(strength < 0.15 ? "·" : "•", Style(.rgb(color), bold: strength > 0.5))
    }

    static func largest(_ tensor: Outline.Tensor?, _ parameters: [Float]) -> Float {
        tensor.map { largest($0.offset..<$0.offset + $0.count, parameters) } ?? 0
    }

    static func largest(_ range: Range<Int>, _ parameters: [Float]) -> Float {
        guard range.upperBound <= parameters.count else { return 0 }
        var largest: Float = 0
        for at in range where parameters[at].isFinite {
            largest = max(largest, abs(parameters[at]))
        }
        return largest
    }

    /// Layers without units of their own: a thin band that lets all links pass.
    private static func drawBands(into canvas: inout Canvas, _ layout: StackLayout, _ context: PlotContext) {
        let outline = context.snapshot.outline
        for row in layout.rows {
            guard let layer = outline[row.layer], layer.link == .pass, !row.tiles.isEmpty else { continue }
            let y = row.tiles.y + row.tiles.height / 2
            let band: Unicode.Scalar = context.ascii ? "~" : "╌"
            for x in row.tiles.x + 1..<max(row.tiles.x + 1, row.tiles.maxX - 1) {
                canvas[x, y] = Cell(band, Style(context.theme.quiet))
            }
            canvas.writeCentred(
                " \(layer.title) ", x: row.tiles.x, width: row.tiles.width, y: y,
                style: Style(context.theme.quiet))
        }
    }

    private static func drawCursor(
        into canvas: inout Canvas, _ cursor: NetworkCursor?, _ geometry: NetworkGeometry, _ context: PlotContext
    ) {
        guard let cursor, let tile = geometry.tile(layer: cursor.layer, unit: cursor.unit) else { return }
        let accent = Style(.rgb(context.theme.accent), bold: true)
        if cursor.from == -1 {
            let mark: Unicode.Scalar = context.ascii ? "*" : "◆"
            canvas[tile.x - 1, tile.maxY - 1] = Cell(mark, accent)
        } else if cursor.from == nil {
            let (left, right): (Unicode.Scalar, Unicode.Scalar) = context.ascii ? ("[", "]") : ("▐", "▌")
            for y in tile.y..<tile.maxY {
                canvas[tile.x - 1, y] = Cell(left, accent)
                canvas[tile.maxX, y] = Cell(right, accent)
            }
        }
    }
}
