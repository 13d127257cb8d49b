import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let filters = ViewID("filters")
    static let decoderFilters = ViewID("decoderFilters")
}

extension View {
    /// The weights of the first layer's units, or its kernels, as pictures.
    static let filters = View(
        id: .filters, panel: .hidden,
        words:
            "Each tile is a unit of the first layer: its weights for the pixels, blue where it wants light and orange where it wants none. Of kernels each tile is one.",
        watch: "Strokes and spots are features; noise like snow means that the unit has learned nothing that holds.",
        suits: { $0.image != nil && $0.hasFilters && $0.task != .regression },
        heading: { context, _ in "Hidden features · \(UnitPictures(encoderOf: context)?.words ?? "filters")" },
        draw: { canvas, rect, context in
            Filters(panelContent(of: rect), UnitPictures(encoderOf: context), context)?.draw(into: &canvas)
        },
        commands: [
            Command(
                "hidden.pictures.next",
                "images: the layers' places, the first layer's filters, the decoder's, activities, weights; each in turn",
                hint: "filters", keys: ["x"], panels: [.hidden],
                disabled: { app in
                    guard let scene = app.plotContext?.scene else { return nil }
                    return scene.image == nil || scene.task == .regression
                        ? "the network takes no images with classes" : nil
                }
            ) { $0.showNextOfUnits() },
            scrolling("up", "above", -1), scrolling("down", "below", 1),
        ])

    /// Of each unit before the last layer of a decoder the part that it adds to the image that is given back.
    static let decoderFilters = View(
        id: .decoderFilters, panel: .hidden,
        words:
            "Each tile is a unit before the decoder's last layer: what it adds to the image that is given back, blue where it makes it lighter and orange where darker.",
        watch: "Strokes and spots from which images are put together; tiles like noise are used by no sample.",
        suits: { $0.image != nil && $0.hasDecoderFilters },
        heading: { context, width in
            let words = UnitPictures(decoderOf: context)?.words ?? "filters"
            let titles = ["Hidden features", "Hidden"].map { "\($0) · decoder · \(words)" }
            return titles.first { columnWidth($0) <= width } ?? "decoder · \(words)"
        },
        draw: { canvas, rect, context in
            Filters(panelContent(of: rect), UnitPictures(decoderOf: context), context)?.draw(into: &canvas)
        })

    private static func scrolling(_ key: String, _ place: String, _ direction: Int) -> Command {
        Command(
            "filters.\(key)", "in the filters: those \(place)", hint: "scroll", keys: [key], panels: [.hidden],
            views: [.filters, .decoderFilters]
        ) { app in
            guard let context = app.plotContext, let area = app.layout.area(.hidden) else { return }
            let pictures =
                app.view(in: .hidden)?.id == .filters
                ? UnitPictures(encoderOf: context) : UnitPictures(decoderOf: context)
            guard let filters = Filters(panelContent(of: area.rect), pictures, context) else { return }
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
            [nil]
            + [ViewID.filters, .decoderFilters, .activities, .weights].filter { id in views.contains { $0.id == id } }
        let place = units.firstIndex(of: plots.views[.hidden]) ?? 0
        plots.views[.hidden] = units[(place + 1) % units.count]
    }
}

/// Units' weights for the pixels of an image, or of a window of it, as pictures.
struct UnitPictures {
    let count: Int
    let shape: ImageShape
    /// "64 filters", "8 kernels"
    let words: String
    private let offset: Int
    /// Floats from one unit to the next, from one channel of its picture to the next, and from one pixel to the next.
    private let (unitStride, channelStride, pixelStride): (Int, Int, Int)
    private let parameters: [Float]

    /// Of the first layer's units; nil: they have no weights of their own for pixels.
    init?(encoderOf context: PlotContext) {
        let outline = context.snapshot.outline
        guard let image = context.scene.image, outline.hasFirstFilters,
            let tensor = outline.tensor("weight", of: 0)
        else { return nil }
        parameters = context.snapshot.parameters
        offset = tensor.offset
        count = tensor.axes[0]
        let isKernel = tensor.axes.count == 4
        shape = isKernel ? ImageShape(channels: tensor.axes[1], height: tensor.axes[2], width: tensor.axes[3]) : image
        guard tensor.count == count * shape.channels * shape.pixels else { return nil }
        (unitStride, channelStride, pixelStride) = (tensor.count / count, shape.pixels, 1)
        words = plural(count, isKernel ? "kernel" : "filter")
    }

    /// Of the units before a decoder's last layer; nil: the network is no autoencoder whose last layer weighs them.
    init?(decoderOf context: PlotContext) {
        let outline = context.snapshot.outline
        guard let image = context.scene.image, context.scene.hasDecoderFilters,
            let last = outline.layers.indices.dropLast().last
        else { return nil }
        parameters = context.snapshot.parameters
        if case .transposedMatrix(let owner)? = outline.layers[last].link {
            // The owner's rows are what its units add on the way back.
            guard let layer = outline.layers.firstIndex(where: { $0.name == owner }),
                let tensor = outline.tensor("weight", of: LayerPath(layer)),
                tensor.axes.count == 2, tensor.axes[1] == image.channels * image.pixels
            else { return nil }
            (offset, count, shape) = (tensor.offset, tensor.axes[0], image)
            (unitStride, channelStride, pixelStride) = (tensor.axes[1], image.pixels, 1)
        } else if let tensor = outline.tensor("weight", of: LayerPath(last)) {
            offset = tensor.offset
            let axes = tensor.axes
            switch (axes.count, outline.layers[last].link) {
            case (2, .matrix?) where axes[0] == image.channels * image.pixels:
                (count, shape) = (axes[1], image)
                (unitStride, channelStride, pixelStride) = (1, image.pixels * axes[1], axes[1])
            case (4, .kernels?) where axes[0] == image.channels:
                (count, shape) = (axes[1], ImageShape(channels: axes[0], height: axes[2], width: axes[3]))
                (unitStride, channelStride, pixelStride) = (shape.pixels, axes[1] * shape.pixels, 1)
            case (4, .transposedKernels?) where axes[1] == image.channels:
                (count, shape) = (axes[0], ImageShape(channels: axes[1], height: axes[2], width: axes[3]))
                (unitStride, channelStride, pixelStride) = (axes[1] * shape.pixels, shape.pixels, 1)
            default: return nil
            }
        } else {
            return nil
        }
        words = plural(count, shape == image ? "filter" : "kernel")
    }

    /// `[channels, height, width]`; empty: there are none yet.
    func weights(of unit: Int) -> [Float] {
        let first = offset + unit * unitStride
        let end = first + (shape.channels - 1) * channelStride + (shape.pixels - 1) * pixelStride
        guard end < parameters.count else { return [] }
        return (0..<shape.channels).flatMap { channel in
            (0..<shape.pixels).map { parameters[first + channel * channelStride + $0 * pixelStride] }
        }
    }
}

extension Outline {
    /// Whether the first layer's units weigh pixels, each by weights of its own, or windows of them by shared kernels.
    var hasFirstFilters: Bool {
        switch layers[0].link {
        case .matrix?: true
        case .kernels(let window)?: !window.isLocal
        default: false
        }
    }

    /// Whether the last layer before the output weighs the units before it, as that of a decoder does.
    var hasLastFilters: Bool {
        guard layers.count > 2, let last = layers.dropLast().last, !last.drawsInput, !last.isBlock else { return false }
        return switch last.link {
        case .matrix?, .transposedMatrix?: true
        case .kernels(let window)?: !window.isLocal
        case .transposedKernels?: true
        default: false
        }
    }
}

/// Rows of tiles, as many as have room.
private struct Filters {
    private let context: PlotContext
    private let pictures: UnitPictures
    private let content: Rect
    private let size: Rect
    private let columns: Int
    private let lines: Int
    let line: Int
    let lastLine: Int

    init?(_ content: Rect, _ pictures: UnitPictures?, _ context: PlotContext) {
        guard let pictures, content.width > 8, content.height > 2 else { return nil }
        (self.context, self.pictures) = (context, pictures)
        let (shape, units) = (pictures.shape, pictures.count)
        self.content = content.inset(left: 1, right: 1)
        // A pixel for each of theirs, of large images half of it.
        let width = shape.width > 12 ? (shape.width + 1) / 2 : shape.width
        let own = imageRect(
            shape, in: Rect(x: 0, y: 0, width: min(width, content.width - 2), height: max(1, content.height - 1)))
        // Few units have larger tiles.
        let few = PictureGrid(self.content, count: units, shape: shape, words: 0)
        size = few.width > own.width ? Rect(x: 0, y: 0, width: few.width, height: few.height) : own
        columns = max(1, (self.content.width + 1) / (size.width + 1))
        lines = max(1, (self.content.height + 1) / (size.height + 1))
        lastLine = max(0, (units + columns - 1) / columns - lines)
        line = min(context.plots.filterLine, lastLine)
    }

    func draw(into canvas: inout Canvas) {
        let units = pictures.count
        let first = line * columns
        for unit in first..<min(units, first + columns * lines) {
            let at = unit - first
            let rect = Rect(
                x: content.x + at % columns * (size.width + 1), y: content.y + at / columns * (size.height + 1),
                width: size.width, height: size.height)
            drawWeights(
                into: &canvas, rect, pictures.weights(of: unit), shape: pictures.shape, context: context)
        }
        let more = units - first - columns * lines
        if more > 0 {
            canvas.writeRight(
                "+\(formatCount(more))", maxX: content.maxX, y: content.maxY - 1, style: Style(context.theme.quiet))
        }
    }
}
