import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let codePlane = ViewID("codePlane")
}

extension View {
    /// The images' codes by class, and what the decoder makes of any place between them.
    static let codePlane = View(
        id: .codePlane, panel: .hidden,
        words:
            "Every point is an image where the encoder puts it, in the colour of its class. The cursor decodes: the picture is what that place means to the decoder, though no image may lie there.",
        watch: "Gaps between the classes: what the decoder makes of places there. With a divergence they close.",
        suits: { $0.image != nil && $0.task == .reconstruction }, heading: { HiddenPanel.title($0, width: $1) },
        request: { context, rect, request in
            request.cloud = context.hiddenTarget
            request.decoding = CodePlane(panelContent(of: rect), context)?.request
        },
        draw: { canvas, rect, context in CodePlane(panelContent(of: rect), context)?.draw(into: &canvas) },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.place = CodePlane(panelContent(of: rect), context)?.place(x: x, y: y)
            return pointed
        },
        putCursor: { app, pointed in if let place = pointed.place { app.plots.codePlace = place } },
        commands: [
            Command(
                "code.fill", "fill the plane with what its places mean, or show the images' codes", hint: "fill",
                keys: ["d"], panels: [.hidden], views: [.codePlane]
            ) { $0.plots.fillsCodePlane.toggle() },
            Command(
                "code.cloud", "the images' places alone, with t-SNE and pictures; again: the code plane",
                hint: "places", keys: ["c"], panels: [.hidden], views: [.codePlane, .hiddenClasses],
                disabled: { app in
                    app.plotContext?.scene.task == .reconstruction ? nil : "the network gives back no input"
                }
            ) { $0.toggle(.hiddenClasses) },
            moving("left", x: -1), moving("right", x: 1), moving("up", y: 1), moving("down", y: -1),
            Command(
                "code.chosen", "the cursor to the code of the image that is looked at", hint: "image", keys: ["0"],
                panels: [.hidden], views: [.codePlane]
            ) { app in
                guard let context = app.plotContext, let cloud = context.shown?.cloud,
                    cloud.places.indices.contains(context.imageRow)
                else { return }
                let place = cloud.places[context.imageRow]
                app.plots.codePlace = PlotPlace(x: Double(place.x), y: Double(place.y))
            },
        ])

    private static func moving(_ key: String, x: Double = 0, y: Double = 0) -> Command {
        Command(
            "code.\(key)", "the cursor in the code plane: \(key)", hint: "decode", keys: [key], panels: [.hidden],
            views: [.codePlane]
        ) { app in
            let place = app.plots.codePlace
            app.plots.codePlace = PlotPlace(
                x: min(max(place.x + x / 40, 0), 1), y: min(max(place.y + y / 20, 0), 1))
        }
    }
}

/// The plane of codes: points or decoded pictures, the cursor, and beside it what it means.
private struct CodePlane {
    private let context: PlotContext
    private let shape: ImageShape
    private let plot: Rect
    /// The picture of the cursor's place.
    private let inset: Rect
    /// One decoded picture of those that fill the plane.
    private let tile: Rect

    init?(_ content: Rect, _ context: PlotContext) {
        guard let shape = context.scene.image, content.width > 16, content.height > 3 else { return nil }
        (self.context, self.shape) = (context, shape)
        let inner = content.inset(left: 1, right: 1, bottom: content.height > 6 ? 2 : 1)
        let room = Rect(
            x: 0, y: 0, width: max(4, inner.width / 4), height: max(2, min(inner.height - 2, inner.height * 2 / 3)))
        let size = imageRect(shape, in: room)
        inset = Rect(x: inner.maxX - size.width, y: inner.y, width: size.width, height: size.height)
        plot = inner.inset(right: max(size.width, 8) + 1)
        tile = Self.tile(shape, in: plot)
    }

    /// A decoded picture: each pixel as it is where at least three stand side by side and below each other, else smaller.
    private static func tile(_ shape: ImageShape, in plot: Rect) -> Rect {
        for shrinking in [1, 2, 4] {
            let (width, height) = (shape.width / shrinking, (shape.height / shrinking + 1) / 2)
            guard width >= 4, height >= 2 else { break }
            if 3 * (width + 1) - 1 <= plot.width, 3 * height <= plot.height {
                return Rect(x: 0, y: 0, width: width, height: height)
            }
        }
        return imageRect(
            shape, in: Rect(x: 0, y: 0, width: max(2, plot.width / 4 - 1), height: max(1, plot.height / 3)))
    }

    /// The free rows between decoded pictures, where there is room.
    private var gap: Int { plot.height >= 5 * (tile.height + 1) ? 1 : 0 }

    private var place: PlotPlace { context.plots.pointed.place ?? context.plots.codePlace }

    private var size: ViewRequest.Size {
        context.plots.fillsCodePlane
            ? ViewRequest.Size(
                columns: max(1, (plot.width + 1) / (tile.width + 1)),
                rows: max(1, (plot.height + gap) / (tile.height + gap)))
            : ViewRequest.Size(columns: 0, rows: 0)
    }

    var request: DecodingRequest {
        DecodingRequest(size: size, place: SIMD2(Float(place.x), Float(place.y)))
    }

    func place(x: Int, y: Int) -> PlotPlace? {
        guard plot.contains(x: x, y: y) else { return nil }
        return PlotPlace(
            x: (Double(x - plot.x) + 0.5) / Double(plot.width), y: 1 - (Double(y - plot.y) + 0.5) / Double(plot.height))
    }

    func draw(into canvas: inout Canvas) {
        guard let cloud = context.shown?.cloud else { return }
        let classes = HiddenClasses(plot: plot, context)
        let decoded = context.shown?.decoded
        if context.plots.fillsCodePlane, let decoded, decoded.request.size == size {
            for (index, pixels) in decoded.grid.enumerated() {
                let rect = Rect(
                    x: plot.x + index % size.columns * (plot.width + 1) / size.columns,
                    y: plot.y + index / size.columns * (plot.height + gap) / size.rows, width: tile.width,
                    height: tile.height)
                drawImage(into: &canvas, rect, pixels: clipped(pixels), shape: shape, context: context)
            }
        } else {
            classes?.drawPoints(into: &canvas, without: [:])
            classes?.drawMarker(into: &canvas, context.imageRow)
        }
        classes?.drawLegend(into: &canvas)
        drawCursor(into: &canvas)
        let quiet = Style(context.theme.quiet)
        guard let decoded else {
            let words =
                cloud.steps == nil ? "another way leads around this layer: it is no code" : "t-SNE has no way back"
            for (line, text) in wrapText(words, columns: max(8, inset.width)).enumerated() {
                canvas.write(text, x: plot.maxX + 1, y: inset.y + line, style: quiet)
            }
            return
        }
        drawImage(into: &canvas, inset, pixels: clipped(decoded.result), shape: shape, context: context)
        // A larger code is no pair of numbers to read.
        guard decoded.code.count <= 4 else { return }
        for (line, value) in decoded.code.prefix(max(0, plot.maxY - inset.maxY)).enumerated() {
            canvas.write(
                formatFixed(Double(value), decimals: 2), x: plot.maxX + 1, y: inset.maxY + line, style: quiet)
        }
    }

    private func clipped(_ pixels: [Float]) -> [Float] { pixels.map { min(max($0, 0), 1) } }

    private func drawCursor(into canvas: inout Canvas) {
        guard !plot.isEmpty else { return }
        let x = plot.x + min(plot.width - 1, max(0, Int(bounded: place.x * Double(plot.width))))
        let y = plot.y + min(plot.height - 1, max(0, Int(bounded: (1 - place.y) * Double(plot.height))))
        canvas[x, y] = Cell(
            "+", Style(.rgb(contrast(0xC0C0C0)), on: .rgb(context.theme.accent), bold: true, reverse: context.colorless)
        )
    }
}
