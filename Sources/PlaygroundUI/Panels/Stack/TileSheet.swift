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

/// One map as large as the stack's panel, with its scale, and with its numbers where they have room.
struct TileSheet {
    let context: PlotContext
    /// Of the map.
    let cursor: NetworkCursor
    private let map: ImageShape

    /// - Returns: nil where no map is enlarged.
    init?(_ context: PlotContext) {
        let outline = context.snapshot.outline
        guard context.plots.enlargesTile, context.plots.walk == nil,
            let cursor = context.plots.cursor.flatMap({ NetworkPanel.fitted($0, outline) }),
            let map = outline.map(layer: cursor.layer)
        else { return nil }
        (self.context, self.cursor) = (context, cursor)
        self.map = ImageShape(channels: 1, height: map.height, width: map.width)
    }

    /// The map's values, `[height, width]`; nil: the viewer has not made them yet.
    private var values: [Float]? {
        guard let values = context.shown?.walked, values.layer == cursor.layer, values.choice == context.sampleChoice,
            let all = context.pictures == .gradients ? values.gradients : values.values,
            all.count >= (cursor.unit + 1) * map.pixels
        else { return nil }
        return Array(all[cursor.unit * map.pixels..<(cursor.unit + 1) * map.pixels])
    }

    func draw(into canvas: inout Canvas, _ rect: Rect) {
        let theme = context.theme
        let quiet = Style(theme.quiet)
        let neuron = ViewRequest.Neuron(layer: cursor.layer, unit: cursor.unit)
        canvas.write(
            "\(context.title(of: neuron)) · \(map.height)×\(map.width)", x: rect.x, y: rect.y,
            style: Style(theme.text, bold: true), limit: rect.width)
        guard let values, rect.height > 4 else { return }
        let finite = values.filter(\.isFinite)
        let (least, most) = (finite.min() ?? 0, finite.max() ?? 0)
        let largest = max(1e-9, max(abs(least), abs(most)))
        let isSigned = least < 0 || context.pictures == .gradients
        func ground(_ value: Float) -> UInt32 {
            isSigned ? context.ramp(value / largest) : context.shade(2 * value / largest - 1)
        }
        let room = Rect(x: rect.x, y: rect.y + 2, width: rect.width, height: rect.height - 4)
        let cell = [6, 5, 4].first { $0 * map.width <= room.width && map.height + 1 <= room.height + 1 }
        if context.plots.showsTileNumbers, let cell {
            let table = NumberTable(title: "", columns: map.width, values: values, ground: ground)
            table.draw(into: &canvas, x: room.x, y: room.y - 1, cell: cell, context)
        } else {
            drawHeatMap(
                into: &canvas, imageRect(map, in: room),
                values: values.map { isSigned ? $0 / largest : 2 * $0 / largest - 1 }, columns: map.width,
                rows: map.height, ramp: { isSigned ? context.ramp($0) : context.shade($0) },
                capabilities: context.capabilities)
            if context.plots.showsTileNumbers {
                canvas.write(
                    "\(map.height)×\(map.width) numbers have no room here", x: rect.x, y: rect.y + 1, style: quiet,
                    limit: rect.width)
            }
        }
        drawScale(into: &canvas, Rect(x: rect.x, y: rect.maxY - 1, width: rect.width, height: 1), isSigned, largest)
    }

    /// "−1.25 ▁▂▃ 1.25": the colours from the smallest value to the largest.
    private func drawScale(into canvas: inout Canvas, _ rect: Rect, _ isSigned: Bool, _ largest: Float) {
        let quiet = Style(context.theme.quiet)
        let low = isSigned ? formatNumber(Double(-largest)) : "0"
        let high = formatNumber(Double(largest))
        var x = rect.x + canvas.write(low, x: rect.x, y: rect.y, style: quiet) + 1
        let width = min(24, rect.width - columnWidth(low) - columnWidth(high) - 2)
        guard width > 2 else { return }
        let values = (0..<width).map { 2 * Float($0) / Float(width - 1) - 1 }
        drawHeatMap(
            into: &canvas, Rect(x: x, y: rect.y, width: width, height: 1), values: values + values, columns: width,
            rows: 2, ramp: { isSigned ? context.ramp($0) : context.shade($0) }, capabilities: context.capabilities)
        x += width + 1
        canvas.write(high, x: x, y: rect.y, style: quiet)
    }
}

extension PictureNeed {
    init(_ layer: LayerPath, _ outline: Outline, footRows: Int) {
        isBand = !outline.hasUnits(layer: layer)
        map = isBand ? nil : outline.map(layer: layer)
        kernel = outline.kernels(layer: layer).map {
            ImageShape(channels: $0.axes[1], height: $0.axes[2], width: $0.axes[3])
        }
        self.footRows = layer == outline.output ? footRows : 0
    }
}
