import Engine
import Session
import TerminalKit

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension ViewID {
    static let health = ViewID("health")
}

extension View {
    /// The size of weights, values and gradients in each layer, and the histograms of one.
    static let health = View(
        id: .health, panel: .hidden,
        words:
            "How large the numbers are in each layer, as root mean squares over some training samples: weights, values, and the loss's gradients at these values; how many units are off or saturated; and by which part of itself an update changes the weights. Below stand the histograms of one layer.",
        watch:
            "Gradients that become smaller from the last layer to the first (vanishing), units that are off, and updates far from a thousandth of the weights.",
        suits: { $0.hasHealth },
        heading: { context, _ in "Hidden features · health" },
        draw: { canvas, rect, context in
            HealthTable(context, panelContent(of: rect).inset(left: 1, right: 1)).draw(into: &canvas)
        },
        inWords: { context in
            guard let health = context.shown?.health else { return ["nothing has been measured yet"] }
            func size(_ value: Double?) -> String { value.map { formatNumber($0, digits: 2) } ?? "none" }
            let layers = health.layers.map { layer in
                let idle = layer.idle >= 0.005 ? ", \(formatFixed(100 * layer.idle, decimals: 0)) % idle" : ""
                return
                    "\(layer.path.words): weights \(size(layer.weights)), values \(size(layer.activations)), gradients \(size(layer.gradients))\(idle)"
            }
            return [health.diagnosis?.sentence ?? "nothing is seen that would be wrong"] + layers
        },
        commands: [
            Command(
                "hidden.health", "health: the size of weights, values and gradients, idle units, updates",
                hint: "health", keys: ["w"], panels: [.hidden],
                disabled: { $0.plotContext?.scene.hasHealth == false ? "no loss over samples is descended here" : nil }
            ) { $0.toggle(.health) }
        ])
}

/// A bar of one cell for a size on a logarithmic scale: eight decades from a millionth to ten.
enum HealthBar {
    static func glyph(_ size: Double, ascii: Bool) -> Unicode.Scalar {
        let level = size.isFinite && size > 0 ? min(8, max(1, Int(log10(size).rounded()) + 7)) : size > 0 ? 8 : 0
        if ascii { return Unicode.Scalar(UInt8(0x30 + level)) }
        return level == 0 ? "·" : Unicode.Scalar(0x2580 + UInt32(level))!
    }
}

private struct HealthTable {
    private let context: PlotContext
    private let rect: Rect
    private let outline: Outline

    init(_ context: PlotContext, _ rect: Rect) {
        (self.context, self.rect, outline) = (context, rect, context.snapshot.outline)
    }

    private var quiet: Style { Style(context.theme.quiet) }
    private var text: Style { Style(context.theme.text) }
    private var chosen: Style { Style(.rgb(context.theme.accent)) }
    private var isWide: Bool { rect.width >= 50 }
    /// In a wider panel the eye would lose the row between a layer's name and its numbers.
    private var width: Int { min(rect.width, 80) }

    /// So many of all places, around one of them.
    static func window(_ rows: Int, of count: Int, around place: Int) -> Range<Int> {
        let fit = min(max(1, rows), count)
        let start = min(max(0, place - fit / 2), count - fit)
        return start..<(start + fit)
    }

    func draw(into canvas: inout Canvas) {
        guard let health = context.picture?.health, rect.height > 1, rect.width > 20 else {
            canvas.write("nothing has been measured yet", x: rect.x, y: rect.y, style: quiet, limit: rect.width)
            return
        }
        var y = rect.y
        let count = health.layers.count
        if let diagnosis = health.diagnosis {
            // Whole where the table leaves room: the remedy's key stands last.
            let lines = min(max(4, rect.height - count - 2), rect.height - 2)
            y += drawWrapped(
                into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: lines),
                text: diagnosis.sentence
                    + (diagnosis.remedy.map {
                        "; \(context.bindings.label(HealthCommand.remedy.id, glyphs: context.capabilities.glyphs)) \($0.words)."
                    } ?? "."),
                style: Style(.rgb(context.theme.bad)))
        }
        // Histograms where there is room for them and for the table, which comes first.
        let room = rect.maxY - y - 1
        let plots = room >= 7 ? max(4, min((room + 1) / 2, room - count)) : 0
        let rows = max(1, room - plots)
        // Not all fit: those around the chosen layer, and a word of the others.
        let target = context.hiddenTarget.layer
        let shown = Self.window(rows, of: count, around: health.layers.firstIndex { $0.path == target } ?? 0)
        let (title, first) = heading(shown, of: count)
        drawRow(
            ["", first]
                + (isWide ? ["values", "gradient", "idle", "update"] : ["value", "grad.", "idle", "update"]),
            into: &canvas, y: y, style: quiet, bars: [nil, nil, nil])
        canvas.write(title, x: rect.x, y: y, style: quiet, limit: rect.width)
        let names = names(of: health.layers[shown].map(\.path))
        for (index, layer) in health.layers[shown].enumerated() {
            let ratio = context.snapshot.updates.flatMap { updates in
                updates.ratios.indices.contains(layer.path.index) ? updates.ratios[layer.path.index] : nil
            }
            drawRow(
                [
                    names[index], layer.weights.map(number) ?? "", number(layer.activations),
                    layer.gradients.map(number) ?? "",
                    layer.idle > 0 ? "\(Int((100 * layer.idle).rounded()))\(isWide ? " " : "")%" : "0",
                    ratio.map(number) ?? "",
                ], into: &canvas, y: y + 1 + index, style: layer.path == target && shown.count < count ? chosen : text,
                bars: [layer.weights, layer.activations, layer.gradients])
        }
        guard plots > 0 else { return }
        guard let layer = health[target] ?? health.layers.last else { return }
        drawHistograms(
            of: layer, into: &canvas, Rect(x: rect.x, y: rect.maxY - plots, width: rect.width, height: plots))
    }

    /// The titles of layers, or where one is too long the number and kind of each, which tell them apart: "13 dense".
    private func names(of layers: [LayerPath]) -> [String] {
        let titles = layers.map { outline[$0]?.title ?? "" }
        let room = width - columnWidths.reduce(0, +)
        guard titles.contains(where: { columnWidth($0) > room }) else { return titles }
        return zip(layers, titles).map { layer, title in
            let kind = title.prefix { $0 != " " }
            return layer == outline.output ? String(kind) : "\(layer.index + 1) \(kind)"
        }
    }

    /// The headings of the layers' column, which says how many of how many are shown, and of that beside it: the first that fit
    /// beside each other.
    private func heading(_ shown: Range<Int>, of count: Int) -> (layers: String, weights: String) {
        let weights = isWide ? "weights" : "weight"
        guard shown.count < count else { return ("layer", weights) }
        let range = "\(shown.lowerBound + 1)–\(shown.upperBound)"
        let room = width - columnWidths.dropFirst(2).reduce(0, +)
        return [("\(range) of \(count)", weights), ("\(range)/\(count)", weights), ("\(range)/\(count)", "w")].first {
            columnWidth($0.0) + columnWidth($0.1) < room
        } ?? (range, weights)
    }

    /// Of the numbers' columns, each with the space before it; the first, the layers', has what is left.
    private var columnWidths: [Int] { isWide ? [0, 8, 8, 9, 6, 7] : [0, 7, 6, 6, 5, 7] }

    private func number(_ value: Double) -> String {
        if value == 0 { return "0" }
        return value >= 0.01 && value < 1000 ? formatNumber(value, digits: 2) : formatScientific(value, digits: 1)
    }

    private func drawRow(
        _ cells: [String], into canvas: inout Canvas, y: Int, style: Style, bars: [Double?]
    ) {
        let widths = columnWidths
        var right = rect.x + width
        for index in cells.indices.dropFirst().reversed() {
            let width = widths[index]
            canvas.writeRight(cells[index], maxX: right, y: y, style: style)
            // A number that needs the whole column is worth more than its bar, which is a digit in ASCII and would be read with it.
            if !context.ascii, columnWidth(cells[index]) < width - 1, bars.indices.contains(index - 1),
                let size = bars[index - 1]
            {
                canvas.write(
                    String(HealthBar.glyph(size, ascii: false)), x: right - width + 1, y: y,
                    style: Style(.rgb(context.theme.accent)))
            }
            right -= width
        }
        canvas.write(cells[0], x: rect.x, y: y, style: style, limit: max(0, right - rect.x))
    }

    private func drawHistograms(of layer: Health.Layer, into canvas: inout Canvas, _ rect: Rect) {
        let all: [(String, Health.Histogram?)] = [
            ("weights", layer.weightHistogram), ("values", layer.activationHistogram),
            ("gradients", layer.gradientHistogram),
        ]
        let known = all.compactMap { name, histogram in histogram.map { (name, $0) } }
        let width = rect.width / max(1, known.count)
        for (place, (name, histogram)) in known.enumerated() {
            draw(
                histogram, name, into: &canvas,
                Rect(x: rect.x + place * width, y: rect.y, width: width - 1, height: rect.height))
        }
    }

    private func draw(_ histogram: Health.Histogram, _ name: String, into canvas: inout Canvas, _ rect: Rect) {
        let plot = Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: max(1, rect.height - 2))
        HistogramColumns(counts: histogram.counts.map { Double($0) }).draw(into: &canvas, plot, context)
        canvas.write(name, x: rect.x, y: rect.maxY - 1, style: quiet, limit: rect.width)
        let limit = context.plusMinus + number(Double(histogram.largest))
        if columnWidth(name) + columnWidth(limit) < rect.width {
            canvas.writeRight(limit, maxX: rect.maxX, y: rect.maxY - 1, style: quiet)
        }
    }
}
