import Basics
import Engine
import Session
import TerminalKit

extension ViewID {
    static let weights = ViewID("weights")
}

extension View {
    /// The sizes of a layer's weights and biases as histograms.
    static let weights = View(
        id: .weights, panel: .hidden,
        words:
            "How many of a layer's weights and biases have which size. They begin as a narrow bell around 0; units that have found something have weights far from it.",
        watch:
            "A bell that becomes flat and wide without end: weights run away. All in one bar at 0: nothing is left, or nothing was learned.",
        suits: { $0.image != nil && $0.task != .regression },
        heading: { HiddenPanel.title(of: "weights", $0, layer: WeightHistograms.layer($0), width: $1) },
        draw: { canvas, rect, context in WeightHistograms(panelContent(of: rect), context)?.draw(into: &canvas) })
}

/// A histogram for each of a layer's tensors, one beneath the other.
private struct WeightHistograms {
    private let context: PlotContext
    private let content: Rect
    private let tensors: [Outline.Tensor]

    /// The layer that is looked at, or where it has no weights the last one before it that has.
    static func layer(_ context: PlotContext) -> LayerPath {
        let (outline, target) = (context.snapshot.outline, context.hiddenTarget.layer)
        func hasWeights(_ path: LayerPath) -> Bool {
            outline[path]?.tensors.contains { outline.tensors[$0].isTrained } == true
        }
        guard !target.isInput, !hasWeights(target) else { return target }
        return outline.leafPaths.prefix { $0 != target }.last(where: hasWeights) ?? target
    }

    init?(_ content: Rect, _ context: PlotContext) {
        let outline = context.snapshot.outline
        let path = Self.layer(context)
        guard content.width > 14, content.height > 2, let layer = path.isInput ? outline.layers.first : outline[path]
        else { return nil }
        (self.context, self.content) = (context, content.inset(left: 1, right: 1))
        let own = layer.tensors.map { outline.tensors[$0] }.filter(\.isTrained)
        // Three rows each at least.
        tensors = Array(own.prefix(max(1, content.height / 3)))
    }

    func draw(into canvas: inout Canvas) {
        guard !tensors.isEmpty else {
            canvas.write(
                "this layer has no weights", x: content.x, y: content.y, style: Style(context.theme.quiet),
                limit: content.width)
            return
        }
        for (index, tensor) in tensors.enumerated() {
            let (top, bottom) = (content.height * index / tensors.count, content.height * (index + 1) / tensors.count)
            draw(
                into: &canvas, tensor,
                Rect(x: content.x, y: content.y + top, width: content.width, height: bottom - top))
        }
    }

    private func draw(into canvas: inout Canvas, _ tensor: Outline.Tensor, _ rect: Rect) {
        let end = tensor.offset + tensor.count
        guard end <= context.snapshot.parameters.count, rect.height > 1 else { return }
        let values = context.snapshot.parameters[tensor.offset..<end].filter(\.isFinite)
        let largest = values.reduce(Float(1e-6)) { max($0, abs($1)) }
        // Few values in many bins would be a comb, not a bell.
        let bins = min(rect.width, max(24, Int(2 * Double(values.count).squareRoot())))
        var counts = [Double](repeating: 0, count: bins)
        for value in values {
            counts[min(bins - 1, Int((value / largest + 1) / 2 * Float(bins)))] += 1
        }
        let plot = Rect(x: rect.x, y: rect.y, width: rect.width, height: rect.height - 1)
        HistogramColumns(counts: counts).draw(into: &canvas, plot, context)
        let mean = values.reduce(0) { $0 + Double($1) } / Double(max(1, values.count))
        let variance =
            values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(max(1, values.count))
        let name = tensor.name.split(separator: ".").last.map { String($0).replacing("_", with: " ") } ?? tensor.name
        let (limit, lower) = (formatNumber(Double(largest), digits: 2), formatNumber(-Double(largest), digits: 2))
        let quiet = Style(context.theme.quiet)
        let row = rect.maxY - 1
        let left = canvas.write(lower, x: rect.x, y: row, style: quiet, limit: rect.width)
        canvas.writeRight(limit, maxX: rect.maxX, y: row, style: quiet)
        let words = [
            "\(formatCount(values.count)) \(name) · mean \(formatNumber(mean, digits: 2)) · deviation \(formatNumber(variance.squareRoot(), digits: 2))",
            "\(name) · deviation \(formatNumber(variance.squareRoot(), digits: 2))", name,
        ]
        let room = rect.width - left - columnWidth(limit) - 2
        guard let fitting = words.first(where: { columnWidth($0) <= room }) else { return }
        canvas.writeCentred(fitting, x: rect.x + left + 1, width: room, y: row, style: Style(context.theme.text))
    }
}
