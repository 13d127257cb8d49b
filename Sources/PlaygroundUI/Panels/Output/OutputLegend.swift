import Session
import TerminalKit

/// The rows below the output plot: the classes by their names, how points look, what the colours of a value mean. Names
/// are never cut: they go on in the next row.
struct OutputLegend {
    private enum Piece {
        case words(String, Style)
        /// The colours from −1 to 1.
        case ramp(columns: Int)

        var columns: Int {
            switch self {
            case .words(let words, _): columnWidth(words)
            case .ramp(let columns): columns
            }
        }
    }

    private typealias Item = [Piece]
    private let rows: [[Item]]
    private let context: PlotContext
    private static let gap = 2

    /// How many rows it takes for the output and for any neuron, so that the plot keeps its size when the mouse passes
    /// over neurons.
    static func height(width: Int, context: PlotContext) -> Int {
        var whole = context
        whole.view.neuron = nil
        whole.plots.pointed = Pointed()
        whole.picture = nil
        return OutputLegend(width: width, context: whole).rows.count
    }

    /// A narrower ramp makes room for long numbers at its ends.
    static func draw(into canvas: inout Canvas, _ rect: Rect, context: PlotContext) {
        let legends = [8, 6, 4, 3].lazy.map { OutputLegend(width: rect.width, context: context, ramp: $0) }
        let legend = legends.first { $0.rows.count <= rect.height }
        (legend ?? OutputLegend(width: rect.width, context: context)).draw(into: &canvas, rect)
    }

    init(width: Int, context: PlotContext, ramp: Int = 8) {
        self.context = context
        let scale = Self.scale(context, ramp: ramp)
        let items =
            Self.neuron(context, width: width) + Self.classes(context) + Self.points(context)
            + (scale.isEmpty ? [] : [scale])
        var rows: [[Item]] = [[]]
        var used = 0
        for item in items.flatMap({ Self.wrapped($0, width: width) }) {
            let columns = Self.width(item)
            if used > 0, used + Self.gap + columns > width {
                rows.append([])
                used = 0
            }
            used += (used > 0 ? Self.gap : 0) + columns
            rows[rows.count - 1].append(item)
        }
        self.rows = rows
    }

    private static func width(_ item: Item) -> Int { item.reduce(0) { $0 + $1.columns } }

    /// A name that is longer than a whole row goes on in rows of its own.
    private static func wrapped(_ item: Item, width columns: Int) -> [Item] {
        guard columns > 4, width(item) > columns, case .words(let name, let style)? = item.last, item.count > 1 else {
            return [item]
        }
        let lines = wrapText(name, columns: columns - width(item.dropLast()))
        return [item.dropLast() + [.words(lines.first ?? "", style)]]
            + lines.dropFirst().map { [.words("  " + $0, style)] }
    }

    /// The neuron that is shown in place of the output, where the title has no room for it.
    private static func neuron(_ context: PlotContext, width: Int) -> [Item] {
        guard width < 40, let neuron = context.neuron else { return [] }
        return [[.words(context.title(of: neuron), Style(context.theme.text, bold: true))]]
    }

    private static func points(_ context: PlotContext) -> [Item] {
        PointLook.legend(test: context.view.showTestData, context: context).split(separator: "  ").map {
            [.words(String($0), Style(context.theme.quiet))]
        }
    }

    /// The classes in their colours; where there are none or few glyphs, with those of region and points.
    private static func classes(_ context: PlotContext) -> [Item] {
        guard context.neuron == nil, case .classification(let classes) = context.snapshot.network.task else {
            return []
        }
        let names = (0..<classes).map { context.className($0) }
        // "−1" and "+1" are said by the scale.
        if classes == 2, names.allSatisfy({ Double($0.map { $0 == "−" ? "-" : String($0) }.joined()) != nil }) {
            return []
        }
        let theme = context.theme
        return names.enumerated().map { index, name in
            let color =
                classes == 2 ? (index == 0 ? theme.negative : theme.positive) : context.color(ofClass: index)
            var mark = "■"
            if context.colorless || context.ascii {
                mark = String(Character(classGlyph(index, glyphs: context.capabilities.glyphs)))
                mark.unicodeScalars.append(
                    PointLook.glyph(kind: index, of: classes, test: false, capabilities: context.capabilities))
            }
            return [.words(mark + " ", Style(.rgb(color))), .words(name, Style(theme.quiet))]
        }
    }

    /// The values at the ends of the colours.
    private static func scale(_ context: PlotContext, ramp: Int) -> Item {
        if context.neuron == nil, case .classification(let classes) = context.snapshot.network.task, classes > 2 {
            return []
        }
        let quiet = Style(context.theme.quiet)
        let scale = context.shown?.boundary?.scale ?? ValueScale()
        func end(_ value: Float) -> String { formatNumber(Double(scale.original(value)), digits: 3) }
        return [.words(end(-1) + " ", quiet), .ramp(columns: ramp), .words(" " + end(1), quiet)]
    }

    func draw(into canvas: inout Canvas, _ rect: Rect) {
        for (line, items) in rows.enumerated() where line < rect.height {
            // Items that find no room are counted.
            if line == rect.height - 1, rows.count > rect.height {
                let left = rows.dropFirst(line).reduce(0) { $0 + $1.count }
                canvas.write("and \(left) more", x: rect.x, y: rect.y + line, style: Style(context.theme.quiet))
                return
            }
            var x = rect.x
            for item in items {
                for piece in item {
                    draw(piece, into: &canvas, x: x, y: rect.y + line)
                    x += piece.columns
                }
                x += Self.gap
            }
        }
    }

    private func draw(_ piece: Piece, into canvas: inout Canvas, x: Int, y: Int) {
        switch piece {
        case .words(let words, let style): canvas.write(words, x: x, y: y, style: style)
        case .ramp(let columns):
            let values = (0..<2 * columns).map { Float($0 % columns) / Float(columns - 1) * 2 - 1 }
            drawHeatMap(
                into: &canvas, Rect(x: x, y: y, width: columns, height: 1), values: values, columns: columns, rows: 2,
                ramp: context.ramp, capabilities: context.capabilities)
        }
    }
}
