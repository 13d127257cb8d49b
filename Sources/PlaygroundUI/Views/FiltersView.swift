import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let filters = ViewID("filters")
}

extension View {
    /// The weights of the first layer's units as pictures.
    static let filters = View(
        id: .filters, panel: .hidden,
        words:
            "Each tile is a unit of the first layer: its weights for the pixels, blue where it wants light and orange where it wants none.",
        suits: { $0.image != nil && $0.hasFilters && $0.task != .regression },
        heading: { context, _ in
            let count = context.snapshot.outline.layers[0].output.count
            return "Hidden features · \(formatCount(count)) filters"
        },
        draw: { canvas, rect, context in Filters(panelContent(of: rect), context)?.draw(into: &canvas) },
        commands: [
            Command(
                "hidden.pictures.next",
                "images: the layers' places, the first layer's filters, activities, weights; each in turn",
                hint: "filters", keys: ["x"], panels: [.hidden],
                disabled: { app in
                    guard let scene = app.plotContext?.scene else { return nil }
                    return scene.image == nil || scene.task == .regression ? "the data are no images with classes" : nil
                }
            ) { $0.showNextOfUnits() },
            scrolling("up", "above", -1), scrolling("down", "below", 1),
        ])

    private static func scrolling(_ key: String, _ place: String, _ direction: Int) -> Command {
        Command(
            "filters.\(key)", "in the filters: those \(place)", hint: "scroll", keys: [key], panels: [.hidden],
            views: [.filters]
        ) { app in
            guard let context = app.plotContext, let area = app.layout.area(.hidden),
                let filters = Filters(panelContent(of: area.rect), context)
            else { return }
            app.plots.filterLine = min(max(0, filters.line + direction), filters.lastLine)
        }
    }
}

extension App {
    /// The next view of a layer's units in the hidden panel.
    fileprivate mutating func showNextOfUnits() {
        guard let context = plotContext else { return }
        let views = View.views(of: .hidden).filter { $0.suits(context.scene) }
        let units: [ViewID?] =
            [nil] + [ViewID.filters, .activities, .weights].filter { id in views.contains { $0.id == id } }
        let place = units.firstIndex(of: plots.views[.hidden]) ?? 0
        plots.views[.hidden] = units[(place + 1) % units.count]
    }
}

/// Rows of tiles, as many as have room.
private struct Filters {
    private let context: PlotContext
    private let shape: ImageShape
    private let tensor: Outline.Tensor
    private let content: Rect
    private let size: Rect
    private let columns: Int
    private let lines: Int
    let line: Int
    let lastLine: Int

    init?(_ content: Rect, _ context: PlotContext) {
        let outline = context.snapshot.outline
        guard let shape = context.scene.image, content.width > 8, content.height > 2,
            let tensor = outline.tensors.first(where: { $0.name == "\(outline.layers[0].path).weight" }),
            tensor.count == tensor.axes[0] * shape.channels * shape.pixels
        else { return nil }
        (self.context, self.shape, self.tensor) = (context, shape, tensor)
        self.content = content.inset(left: 1, right: 1)
        // A pixel for each of theirs, of large images half of it.
        let width = shape.width > 12 ? (shape.width + 1) / 2 : shape.width
        let own = imageRect(
            shape, in: Rect(x: 0, y: 0, width: min(width, content.width - 2), height: max(1, content.height - 1)))
        let units = tensor.axes[0]
        // Few units have larger tiles.
        let few = PictureGrid(self.content, count: units, shape: shape, words: 0)
        size = few.width > own.width ? Rect(x: 0, y: 0, width: few.width, height: few.height) : own
        columns = max(1, (self.content.width + 1) / (size.width + 1))
        lines = max(1, (self.content.height + 1) / (size.height + 1))
        lastLine = max(0, (units + columns - 1) / columns - lines)
        line = min(context.plots.filterLine, lastLine)
    }

    func draw(into canvas: inout Canvas) {
        let units = tensor.axes[0]
        let first = line * columns
        for unit in first..<min(units, first + columns * lines) {
            let at = unit - first
            let rect = Rect(
                x: content.x + at % columns * (size.width + 1), y: content.y + at / columns * (size.height + 1),
                width: size.width, height: size.height)
            drawWeights(into: &canvas, rect, context.weights(of: unit, in: tensor), shape: shape, context: context)
        }
        let more = units - first - columns * lines
        if more > 0 {
            canvas.writeRight(
                "+\(formatCount(more))", maxX: content.maxX, y: content.maxY - 1, style: Style(context.theme.quiet))
        }
    }
}
