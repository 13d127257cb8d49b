import Basics
import Engine
import Session
import TerminalKit

/// The pictures that the stack shows of layers that make maps.
public enum StackPictures: Sendable, Hashable, CaseIterable {
    case values, kernels, gradients

    var next: StackPictures {
        let all = Self.allCases
        return all[(all.firstIndex(of: self)! + 1) % all.count]
    }

    /// "" for the maps themselves.
    var words: String {
        switch self {
        case .values: ""
        case .kernels: "kernels"
        case .gradients: "gradient of the loss"
        }
    }
}

/// One map, or its kernels, or the loss's gradient at both, as large as the stack's panel: each with its scale, and with its
/// numbers where they have room.
struct TileSheet {
    /// Pictures of one size by one scale.
    private struct Part {
        var title: String
        /// Each `[height, width]`; of one alone its name is "".
        var pictures: [(name: String, values: [Float])]
        var size: ViewRequest.Size
        /// 0 is in the middle of the scale.
        var isSigned: Bool
    }

    let context: PlotContext
    /// Of the map.
    let cursor: NetworkCursor
    private let map: ImageShape

    /// - Returns: nil where no map is enlarged.
    init?(_ context: PlotContext) {
        let outline = context.snapshot.outline
        guard context.plots.stack.enlargesTile, context.plots.walk == nil,
            let cursor = context.plots.cursor.flatMap({ NetworkPanel.fitted($0, outline) }),
            let map = outline.map(layer: cursor.layer)
        else { return nil }
        (self.context, self.cursor) = (context, cursor)
        self.map = ImageShape(channels: 1, height: map.height, width: map.width)
    }

    /// Empty: the viewer has not made them yet.
    private var parts: [Part] {
        let kernels = context.snapshot.outline.kernels(layer: cursor.layer)
        switch context.pictures {
        case .values: return [mapPart].compactMap(\.self)
        case .kernels:
            guard let kernels else { return [mapPart].compactMap(\.self) }
            return [kernelPart("kernel", kernels, context.weights(of: cursor.unit, in: kernels))].compactMap(\.self)
        case .gradients:
            let gradient = kernels.flatMap {
                kernelPart("at its kernel", $0, context.kernelGradient(of: cursor.unit, cursor.layer))
            }
            return [mapPart, gradient].compactMap(\.self)
        }
    }

    /// The sample that is looked at.
    private var choice: SampleChoice? {
        context.sampleChoice ?? context.adversarialSample.map { .row($0.row) }
    }

    /// The map, or the gradient at it.
    private var mapPart: Part? {
        let isGradient = context.pictures == .gradients
        guard let values = context.shown?.walked, values.layer == cursor.layer, values.choice == choice,
            let all = isGradient ? values.gradients : values.values, all.count >= (cursor.unit + 1) * map.pixels
        else { return nil }
        let own = Array(all[cursor.unit * map.pixels..<(cursor.unit + 1) * map.pixels])
        return Part(
            title: isGradient ? "at the map" : "", pictures: [("", own)],
            size: ViewRequest.Size(columns: map.width, rows: map.height),
            isSigned: isGradient || own.contains { $0 < 0 })
    }

    /// - Parameter weights: `[channels, height, width]`.
    private func kernelPart(_ title: String, _ kernels: Outline.Kernels, _ weights: [Float]) -> Part? {
        let shape = kernels.shape
        guard weights.count == shape.channels * shape.pixels else { return nil }
        let isColour = context.hasColours && context.snapshot.outline.source(of: cursor.layer).isInput
        return Part(
            title: title,
            pictures: (0..<shape.channels).map { channel in
                let name = isColour ? ["red", "green", "blue"][channel] : "map \(channel + 1)"
                return (
                    shape.channels > 1 ? name : "",
                    Array(weights[channel * shape.pixels..<(channel + 1) * shape.pixels])
                )
            }, size: ViewRequest.Size(columns: shape.width, rows: shape.height), isSigned: true)
    }

    func draw(into canvas: inout Canvas, _ rect: Rect) {
        let theme = context.theme
        let neuron = ViewRequest.Neuron(layer: cursor.layer, unit: cursor.unit)
        let parts = parts
        let isKernel = context.pictures == .kernels && parts.first?.title == "kernel"
        let size = isKernel ? "kernel \(parts[0].size.rows)×\(parts[0].size.columns)" : "\(map.height)×\(map.width)"
        var title = "\(context.title(of: neuron)) · \(size)"
        if context.pictures == .gradients {
            let whole = "\(title) · gradient of the loss"
            title = columnWidth(whole) <= rect.width ? whole : "\(title) · gradient"
        }
        canvas.write(title, x: rect.x, y: rect.y, style: Style(theme.text, bold: true), limit: rect.width)
        guard rect.height > 4 else { return }
        guard !parts.isEmpty else {
            if context.pictures == .gradients {
                canvas.write(
                    context.adversarialSample == nil
                        ? "the loss of this image is not known: it has no class"
                        : "the loss of a real image does not depend on it", x: rect.x, y: rect.y + 2,
                    style: Style(theme.quiet), limit: rect.width)
            }
            return
        }
        var y = rect.y + 1
        for (index, part) in parts.enumerated() {
            // A kernel needs less room than a map.
            let rest = rect.maxY - y
            let height = index + 1 == parts.count ? rest : rest * 3 / 5
            draw(
                into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: height), part, isAlone: parts.count == 1
            )
            y += height
        }
    }

    private func draw(into canvas: inout Canvas, _ rect: Rect, _ part: Part, isAlone: Bool) {
        let quiet = Style(context.theme.quiet)
        let largest = part.pictures.reduce(Float(1e-9)) { most, picture in
            picture.values.reduce(most) { $1.isFinite ? max($0, abs($1)) : $0 }
        }
        func ground(_ value: Float) -> UInt32 {
            part.isSigned ? context.ramp(value / largest) : context.shade(2 * value / largest - 1)
        }
        if !isAlone { canvas.write(part.title, x: rect.x, y: rect.y, style: quiet, limit: rect.width) }
        let room = Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: rect.height - 2)
        let names = part.pictures.count > 1 ? 1 : 0
        let gap = 3
        // As many side by side, and below each other, as fit: with numbers, or as pictures.
        func abreast(_ width: Int) -> Int { (room.width + gap) / (width + gap) }
        func lines(_ height: Int) -> Int { (room.height + 1) / (height + 1) }
        let cell = [6, 5, 4].first { cell in
            abreast(part.size.columns * cell) * lines(part.size.rows + names) >= min(part.pictures.count, 3)
        }
        let showsNumbers = context.plots.stack.showsTileNumbers && cell != nil
        let tile: (width: Int, height: Int)
        if showsNumbers {
            tile = (part.size.columns * cell!, part.size.rows)
        } else {
            tile = Self.tile(part.size, count: part.pictures.count, names: names, in: room)
        }
        let columns = max(1, abreast(tile.width))
        let shown = min(part.pictures.count, columns * max(1, lines(tile.height + names)))
        for (index, picture) in part.pictures.prefix(shown).enumerated() {
            let x = room.x + index % columns * (tile.width + gap)
            let y = room.y + index / columns * (tile.height + names + 1)
            if showsNumbers {
                let table = NumberTable(
                    title: picture.name, columns: part.size.columns, values: picture.values, ground: ground)
                table.draw(into: &canvas, x: x, y: y + names - 1, cell: cell!, context)
                continue
            }
            canvas.write(picture.name, x: x, y: y, style: quiet, limit: max(tile.width, min(8, rect.maxX - x)))
            let shape = ImageShape(channels: 1, height: part.size.rows, width: part.size.columns)
            drawHeatMap(
                into: &canvas,
                imageRect(shape, in: Rect(x: x, y: y + names, width: tile.width, height: tile.height)),
                values: picture.values.map { part.isSigned ? $0 / largest : 2 * $0 / largest - 1 },
                columns: part.size.columns, rows: part.size.rows,
                ramp: { part.isSigned ? context.ramp($0) : context.shade($0) }, capabilities: context.capabilities)
        }
        drawFoot(
            into: &canvas, Rect(x: rect.x, y: rect.maxY - 1, width: rect.width, height: 1), part, largest,
            hidden: part.pictures.count - shown, lacksNumbers: context.plots.stack.showsTileNumbers && !showsNumbers)
    }

    /// The scale, and behind it how many pictures are not shown and that the numbers have no room: in as few words as leave the
    /// scale its numbers.
    private func drawFoot(
        into canvas: inout Canvas, _ rect: Rect, _ part: Part, _ largest: Float, hidden: Int, lacksNumbers: Bool
    ) {
        let more = hidden > 0 ? ["+\(hidden)"] : []
        let size = "\(part.size.rows)×\(part.size.columns)"
        let words = lacksNumbers ? ["\(size) numbers have no room here", "numbers have no room", "no room"] : []
        let notes = words.map { (more + [$0]).joined(separator: "  ") } + [more.joined()]
        let least = Self.scaleEnds(part.isSigned, largest).reduce(2 + 6) { $0 + columnWidth($1) }
        let note = notes.first { columnWidth($0) + 2 + least <= rect.width } ?? more.joined()
        var scale = rect
        scale.width = max(0, rect.width - (note.isEmpty ? 0 : columnWidth(note) + 2))
        let used = drawScale(into: &canvas, scale, part.isSigned, largest)
        canvas.write(
            note, x: rect.x + used + 2, y: rect.y, style: Style(context.theme.quiet),
            limit: max(0, rect.width - used - 2))
    }

    /// The largest tile with which all pictures fit, or else one of two rows.
    private static func tile(
        _ size: ViewRequest.Size, count: Int, names: Int, in room: Rect
    ) -> (width: Int, height: Int) {
        let shape = ImageShape(channels: 1, height: size.rows, width: size.columns)
        for height in stride(from: room.height - names, to: 1, by: -1) {
            let rect = imageRect(shape, in: Rect(x: 0, y: 0, width: room.width, height: height))
            let columns = (room.width + 3) / (max(rect.width, 6 * names) + 3)
            if columns * ((room.height + 1) / (rect.height + names + 1)) >= count {
                return (max(rect.width, 6 * names), rect.height)
            }
        }
        let least = imageRect(shape, in: Rect(x: 0, y: 0, width: room.width, height: 2))
        return (max(least.width, 6 * names), 2)
    }

    /// The smallest and the largest number of the scale.
    private static func scaleEnds(_ isSigned: Bool, _ largest: Float) -> [String] {
        [isSigned ? formatNumber(Double(-largest)) : "0", formatNumber(Double(largest))]
    }

    /// "−1.25 ▁▂▃ 1.25": the colours from the smallest value to the largest.
    /// - Returns: the columns that were used.
    private func drawScale(into canvas: inout Canvas, _ rect: Rect, _ isSigned: Bool, _ largest: Float) -> Int {
        let quiet = Style(context.theme.quiet)
        let ends = Self.scaleEnds(isSigned, largest)
        let (low, high) = (ends[0], ends[1])
        var x = rect.x + canvas.write(low, x: rect.x, y: rect.y, style: quiet) + 1
        let width = min(24, rect.width - columnWidth(low) - columnWidth(high) - 2)
        guard width > 2 else { return x - rect.x }
        let values = (0..<width).map { 2 * Float($0) / Float(width - 1) - 1 }
        drawHeatMap(
            into: &canvas, Rect(x: x, y: rect.y, width: width, height: 1), values: values + values, columns: width,
            rows: 2, ramp: { isSigned ? context.ramp($0) : context.shade($0) }, capabilities: context.capabilities)
        x += width + 1
        return x - rect.x + canvas.write(high, x: x, y: rect.y, style: quiet)
    }
}

extension PictureNeed {
    init(_ layer: LayerPath, _ outline: Outline, footRows: Int) {
        isBand = !outline.hasUnits(layer: layer)
        map = isBand ? nil : outline.map(layer: layer)
        kernel = outline.kernels(layer: layer)?.shape
        self.footRows = layer == outline.output ? footRows : 0
    }
}
