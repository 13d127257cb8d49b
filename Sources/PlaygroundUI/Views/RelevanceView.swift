import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let relevance = ViewID("relevance")
}

extension View {
    /// The parts of the chosen image that the answer depends on.
    static let relevance = View(
        id: .relevance, panel: .output,
        words:
            "Which parts of the image count for a class. The gradient: blue where a brighter pixel would raise the class' score, orange where it would lower it. Grad-CAM: where the last maps found what speaks for the class.",
        watch: "Whether the bright parts are the thing itself, or its background.",
        suits: { $0.image != nil && $0.task.classes != nil },
        heading: { context, _ in
            context.relevance.map { "Output · what counts for \(context.className($0.classIndex))" }
                ?? "Output · what counts"
        },
        request: { context, _, request in
            request.image = context.imageChoice
            request.relevance = ViewRequest.RelevanceTarget(
                classIndex: context.plots.relevantClass.flatMap { $0 < context.kinds ? $0 : nil })
        },
        draw: { canvas, rect, context in RelevancePictures(panelContent(of: rect), context)?.draw(into: &canvas) },
        commands: [
            Command(
                "image.relevance", "images: which parts of the image the answer depends on; again: one image",
                hint: "why", keys: ["y"], panels: [.output], views: .ofImages,
                disabled: { app in
                    app.snapshot.map { $0.network.task.classes == nil } == true
                        ? "values have no classes" : ImageCommands.needsImages(app)
                }
            ) { app in
                let isDrawing = app.plots.views[.output] == .drawing
                app.toggle(.relevance)
                app.plots.asksOfDrawing = isDrawing
            },
            walking("left", "the class before", keys: ["left", "h"], -1).lasting,
            walking("right", "the next class", keys: ["right", "l"], 1).lasting,
            Command(
                "relevance.answer", "what counts: the class that the network answers", hint: "answer",
                keys: ["backspace", "0"], panels: [.output], views: [.relevance],
                disabled: { $0.plots.relevantClass == nil ? "it is the answer already" : nil }
            ) { $0.plots.relevantClass = nil },
        ])

    private static func walking(_ name: String, _ help: String, keys: [String], _ direction: Int) -> Command {
        Command(
            "relevance.\(name)", "what counts: \(help)", hint: "class", keys: keys, panels: [.output],
            views: [.relevance]
        ) { app in
            guard let context = app.plotContext else { return }
            let now = context.relevance?.classIndex ?? 0
            app.plots.relevantClass = (now + direction + context.kinds) % context.kinds
        }
    }
}

extension PlotContext {
    fileprivate var relevance: Relevance? { shown?.relevance }
}

private struct RelevancePictures {
    private let context: PlotContext
    private let relevance: Relevance
    private let shape: ImageShape
    private let pixels: [Float]
    private let grid: PictureGrid
    private let words: Rect

    /// nil: no room, or no picture yet.
    init?(_ content: Rect, _ context: PlotContext) {
        guard let shape = context.scene.image, let relevance = context.shown?.relevance, content.height > 2,
            content.width > 12, relevance.gradient.count == shape.pixels
        else { return nil }
        (self.context, self.relevance, self.shape) = (context, relevance, shape)
        let room = content.inset(left: 1, right: 1)
        pixels = context.imageChoice?.drawn ?? context.snapshot.data.shownImage(context.imageRow)
        // The words are the fourth, or stand below three in a row where these are larger so.
        let square = PictureGrid(room, count: 4, shape: shape, least: 12)
        var above = room
        above.height -= Self.lines + 1
        let row = PictureGrid(above, count: 3, shape: shape, least: 12, columns: 3)
        if row.width > square.width {
            grid = row
            let top = row.place(0).maxY + 2
            words = Rect(x: room.x, y: top, width: room.width, height: room.maxY - top)
        } else {
            grid = square
            let fourth = square.whole(3)
            words = Rect(
                x: fourth.x, y: fourth.y, width: max(fourth.width, room.maxX - fourth.x), height: fourth.height)
        }
    }

    /// The rows of the words.
    private static let lines = 6

    func draw(into canvas: inout Canvas) {
        let quiet = Style(context.theme.quiet)
        func caption(_ text: String, _ index: Int, _ style: Style? = nil) {
            let place = grid.place(index)
            canvas.write(text, x: place.x, y: place.maxY, style: style ?? quiet, limit: grid.whole(index).width)
        }
        drawImage(into: &canvas, grid.place(0), pixels: pixels, shape: shape, context: context)
        let label = context.imageChoice?.drawn == nil ? context.snapshot.data.shownLabel(context.imageRow) : nil
        let scores = context.shown?.images?.scores ?? []
        let answer = scores.answeredClass
        let isRight = answer == label
        let (trueName, answered) = (label.map { context.shortClassName($0) }, answer.map { context.shortClassName($0) })
        var words = [trueName.map { "is \($0)" }, answered.map { "answer \($0)" }].compactMap(\.self)
            .joined(separator: " · ")
        // As in the sheets of images, where there is no room for the words.
        if columnWidth(words) > grid.whole(0).width, let trueName, let answered {
            words = isRight ? answered : "\(trueName)\(context.ascii ? ">" : "→")\(answered)"
        }
        caption(words, 0, label == nil ? nil : Style(.rgb(isRight ? context.theme.good : context.theme.bad)))

        let steepest = relevance.gradient.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
        drawHeatMap(
            into: &canvas, grid.place(1), values: relevance.gradient.map { steepest > 0 ? $0 / steepest : 0 },
            columns: shape.width, rows: shape.height, ramp: context.ramp, capabilities: context.capabilities)
        caption("gradient max \(formatNumber(Double(steepest), digits: 2))", 1)

        if let layer = relevance.mapLayer, !relevance.map.isEmpty {
            drawMap(into: &canvas, grid.place(2))
            caption(relevance.map.allSatisfy { $0 == 0 } ? "no map speaks for it" : "Grad-CAM \(layer.words)", 2)
        } else {
            caption("no maps", 2)
        }
        drawWords(into: &canvas, scores)
    }

    /// Told apart from grey and from the two colours of signed values.
    private static let glow: UInt32 = 0xFF3B6B

    /// The last maps' sum over the image: where it is large it glows, elsewhere the image.
    private func drawMap(into canvas: inout Canvas, _ rect: Rect) {
        let (columns, rows) = (relevance.mapSize.columns, relevance.mapSize.rows)
        let largest = relevance.map.reduce(Float(0)) { $1.isFinite ? max($0, $1) : $0 }
        /// Between the maps' places it is interpolated.
        func share(_ x: Float, _ y: Float) -> Float {
            guard largest > 0 else { return 0 }
            let (column, row) = (x * Float(columns) - 0.5, y * Float(rows) - 0.5)
            let (left, top) = (column.rounded(.down), row.rounded(.down))
            func value(_ dx: Float, _ dy: Float) -> Float {
                let c = min(max(0, Int(bounded: left + dx)), columns - 1)
                let r = min(max(0, Int(bounded: top + dy)), rows - 1)
                return relevance.map[r * columns + c]
            }
            let (fx, fy) = (column - left, row - top)
            let upper = value(0, 0) * (1 - fx) + value(1, 0) * fx
            let lower = value(0, 1) * (1 - fx) + value(1, 1) * fx
            return (upper * (1 - fy) + lower * fy) / largest
        }
        guard context.capabilities.colors == .truecolor, !context.ascii else {
            // Without enough colours for both it stands alone: of 256 the mixed ones would be spots.
            let values = (0..<shape.pixels).map { at in
                2
                    * share(
                        (Float(at % shape.width) + 0.5) / Float(shape.width),
                        (Float(at / shape.width) + 0.5) / Float(shape.height)) - 1
            }
            return drawHeatMap(
                into: &canvas, rect, values: values, columns: shape.width, rows: shape.height, ramp: context.shade,
                capabilities: context.capabilities)
        }
        drawImage(into: &canvas, rect, pixels: pixels, shape: shape, context: context)
        for y in 0..<rect.height {
            for x in 0..<rect.width {
                func mixed(_ color: Color, _ half: Float) -> Color {
                    guard case .rgb(let ground) = color else { return color }
                    let share = share(
                        (Float(x) + 0.5) / Float(rect.width), (Float(y) + half) / Float(rect.height))
                    return .rgb(mixColors(ground, Self.glow, 0.75 * share))
                }
                var cell = canvas[rect.x + x, rect.y + y]
                let isWhole = cell.scalar == " "
                let (top, bottom) = (isWhole ? cell.style.background : cell.style.foreground, cell.style.background)
                cell = Cell("▀", Style(mixed(top, 0.25), on: mixed(bottom, 0.75)))
                canvas[rect.x + x, rect.y + y] = cell
            }
        }
    }

    /// The class, its score, and what the colours mean.
    private func drawWords(into canvas: inout Canvas, _ scores: [Float]) {
        let rect = words
        let name = context.className(relevance.classIndex)
        var lines: [(String, Style)] = [(name, Style(.rgb(context.hue(ofClass: relevance.classIndex)), bold: true))]
        let share = scores.indices.contains(relevance.classIndex) ? scores[relevance.classIndex] : nil
        let score = "score \(formatNumber(Double(relevance.score), digits: 3))"
        lines.append(
            (
                share.map { "\(score) → \(formatFixed(Double($0) * 100, decimals: 0)) %" } ?? score,
                Style(context.theme.text)
            ))
        let signs = context.colorless || context.ascii
        let (more, less) =
            signs
            ? (context.ascii ? ("* #", ": .") : ("▒ ▓", "∶ ·")) : ("■", "■")
        lines.append(("", Style()))
        lines.append(("brighter pixels", Style(context.theme.quiet)))
        func sign(_ text: String, _ value: Float) -> (String, Style) {
            (text, signs ? Style(context.theme.text) : Style(.rgb(context.ramp(value))))
        }
        let quiet = Style(context.theme.quiet)
        var y = rect.y
        for (text, style) in lines where y < rect.maxY {
            let text = context.ascii ? text.replacing("→", with: "=") : text
            canvas.write(text, x: rect.x, y: y, style: style, limit: rect.width)
            y += 1
        }
        for (mark, words) in [(sign(more, 1), "raise it"), (sign(less, -1), "lower it")]
        where y < rect.maxY {
            let used = canvas.write(mark.0, x: rect.x, y: y, style: mark.1) + 1
            canvas.write(words, x: rect.x + used, y: y, style: quiet, limit: max(0, rect.width - used))
            y += 1
        }
    }
}
