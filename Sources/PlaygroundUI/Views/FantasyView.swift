import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let fantasies = ViewID("fantasies")
}

extension View {
    /// Chains that draw images by what the network has learned, and that keep what is held.
    static let fantasies = View(
        id: .fantasies, panel: .output,
        words:
            "Fantasies: chains in which pixels and units draw each other show what the network takes for likely. Keep a part of an image or of your drawing (k), and they complete it.",
        watch:
            "Whether the pictures look like data and differ from each other; all alike means that the chains do not move.",
        suits: { $0.image != nil && $0.drawsInput },
        heading: { context, width in
            let steps = formatCount(context.shown?.fantasies?.steps ?? 0, "step")
            let all = "Output · fantasies · \(steps) · \(context.plots.chains.steps) a frame"
            return columnWidth(all) <= width ? all : "Fantasies · \(steps)"
        },
        request: { context, rect, request in
            request.image = context.imageChoice
            request.fantasies = FantasyView(panelContent(of: rect), context)?.request
        },
        draw: { canvas, rect, context in FantasyView(panelContent(of: rect), context)?.draw(into: &canvas) },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.pixel = FantasyView(panelContent(of: rect), context)?.pixel(x: x, y: y)
            return pointed
        },
        putCursor: { app, pointed in
            if pointed.pixel != nil, app.plots.chains.part == .nothing { app.plots.chains.part = .strokes }
            app.draw(to: pointed.pixel)
        },
        commands: [
            Command(
                "fantasies.show", "images: what the network draws by itself; again: the view before", hint: "fantasies",
                keys: ["g"], panels: [.output], disabled: needsDrawing
            ) { $0.toggle(.fantasies) },
            Command(
                "fantasies.keep",
                "fantasies: keep a half of the image, of the drawing where there is one, or its strokes",
                hint: "keep", keys: ["k"], panels: [.output], views: [.fantasies]
            ) { app in app.plots.chains.part = app.plots.chains.part.next },
            Command(
                "fantasies.class", "fantasies: hold a class, each in turn, or none", hint: "class", keys: ["y"],
                panels: [.output], views: [.fantasies],
                disabled: { app in
                    (app.plotContext?.drawnClasses ?? 0) > 0 ? nil : "no labels stand beside what the network draws"
                }
            ) { app in
                let count = app.plotContext?.drawnClasses ?? 0
                app.plots.chains.label = app.plots.chains.label.next(of: count)
            },
            Command(
                "fantasies.faster", "fantasies: more steps from frame to frame", hint: "faster", keys: ["]"],
                panels: [.output], views: [.fantasies]
            ) { $0.plots.chains.change(1) },
            Command(
                "fantasies.slower", "fantasies: fewer steps from frame to frame", keys: ["["], panels: [.output],
                views: [.fantasies]
            ) { $0.plots.chains.change(-1) },
            Command(
                "fantasies.anew", "fantasies: begin all chains anew", hint: "anew", keys: ["a"], panels: [.output],
                views: [.fantasies]
            ) { $0.plots.chains.number += 1 },
        ])

    @Sendable private static func needsDrawing(_ app: App) -> String? {
        guard let scene = app.plotContext?.scene else { return nil }
        if scene.generates {
            return
                "the output shows the generator's samples; \(app.label("fantasies.show")) shows those of a first layer that draws pixels"
        }
        if scene.image == nil { return "the data are no images" }
        return scene.drawsInput ? nil : "the first layer does not draw the pixels before it"
    }
}

/// The part of an image that the chains keep, and their steps a frame.
public struct ChainChoice: Sendable, Hashable {
    /// The part of the image that is kept.
    public enum Part: Sendable, Hashable, CaseIterable {
        case nothing, upper, lower, left, right, strokes

        var next: Part { Self.allCases[(Self.allCases.firstIndex(of: self)! + 1) % Self.allCases.count] }

        var words: String {
            switch self {
            case .nothing: ""
            case .upper: "upper half"
            case .lower: "lower half"
            case .left: "left half"
            case .right: "right half"
            case .strokes: "strokes"
            }
        }

        /// Whether a pixel is in a half.
        func holds(_ x: Int, _ y: Int, _ shape: ImageShape) -> Bool {
            switch self {
            case .nothing, .strokes: false
            case .upper: 2 * y < shape.height
            case .lower: 2 * y >= shape.height
            case .left: 2 * x < shape.width
            case .right: 2 * x >= shape.width
            }
        }
    }

    /// The classes that are held, where classes are drawn too.
    public enum Label: Sendable, Hashable {
        case free
        /// Each chain another one.
        case each
        case one(Int)

        func next(of classes: Int) -> Label {
            switch self {
            case .free: .each
            case .each: .one(0)
            case .one(let label): label + 1 < classes ? .one(label + 1) : .free
            }
        }
    }

    public var part = Part.nothing
    public var label = Label.free
    public var steps = 1
    /// Counts the beginnings.
    public var number = 0
    public init() {}

    private static let speeds = [1, 2, 5, 10, 20, 50, 100]

    mutating func change(_ direction: Int) {
        let place = (Self.speeds.firstIndex(of: steps) ?? 0) + direction
        steps = Self.speeds[min(max(0, place), Self.speeds.count - 1)]
    }
}

extension PlotContext {
    /// The number of classes that the network draws beside its input; 0: none.
    var drawnClasses: Int {
        Catalogue.drawsLabels(snapshot.experiment.training.procedure) ? snapshot.network.task.classes ?? 0 : 0
    }

    /// Whether the drawing has strokes.
    fileprivate var hasDrawn: Bool { drawing?.pixels.contains { $0 != 0 } ?? false }

    /// The image of which a part is kept: the drawing, where there is one.
    fileprivate var keptImage: [Float] {
        if hasDrawn, let drawing { return drawing.pixels }
        return snapshot.data.shownImage(imageRow)
    }

    /// Of each pixel the value that is kept; nil: it is free.
    fileprivate func held(_ shape: ImageShape) -> [Float?] {
        let (part, image) = (plots.chains.part, keptImage)
        guard part != .nothing, image.count == shape.channels * shape.pixels else { return [] }
        return image.indices.map { at in
            if part == .strokes { return hasDrawn && image[at] > 0 ? image[at] : nil }
            let pixel = at % shape.pixels
            return part.holds(pixel % shape.width, pixel / shape.width, shape) ? image[at] : nil
        }
    }
}

/// The image whose part is kept on the left, and the chains beside it.
private struct FantasyView {
    private let context: PlotContext
    private let shape: ImageShape
    private let content: Rect
    /// The kept part; nil: there is no room, or nothing is kept.
    private let kept: Rect?
    private let grid: PictureGrid
    private let count: Int
    private let words: Int

    /// nil: no images, or no room.
    init?(_ content: Rect, _ context: PlotContext) {
        guard let shape = context.scene.image, content.width > 8, content.height > 2 else { return nil }
        (self.context, self.shape) = (context, shape)
        self.content = content.inset(left: 1, right: 1)
        words = context.drawnClasses > 0 ? 1 : 0
        var room = self.content.inset(bottom: self.content.height > 5 ? 1 : 0)
        if context.plots.chains.part != .nothing, room.width >= 30 {
            let own = imageRect(
                shape, in: Rect(x: room.x, y: room.y, width: room.width * 2 / 5, height: room.height))
            kept = own
            room = Rect(
                x: own.maxX + 2, y: room.y, width: room.maxX - own.maxX - 2, height: room.height)
        } else {
            kept = nil
        }
        // As many as have room at a pixel for each of theirs, or smaller where that would be fewer than six.
        let own = imageRect(
            shape,
            in: Rect(
                x: 0, y: 0, width: min(room.width, max(shape.width, 5)),
                height: min(max(1, room.height - words), (shape.height + 1) / 2)))
        let fitting =
            max(1, (room.width + 1) / (max(own.width, 4) + 1)) * max(1, (room.height + 1) / (own.height + words + 1))
        count = min(max(fitting, 6), 60)
        grid = PictureGrid(room, count: count, shape: shape, words: words, least: words > 0 ? 4 : 1)
    }

    var request: FantasyRequest {
        let classes = context.drawnClasses
        let held: [Int?] =
            switch context.plots.chains.label {
            case .free: []
            case .each: (0..<count).map { $0 % max(1, classes) }
            case .one(let label): Array(repeating: min(label, max(0, classes - 1)), count: count)
            }
        return FantasyRequest(
            chains: count, steps: context.plots.chains.steps, held: context.held(shape),
            classes: classes > 0 ? held : [], number: context.plots.chains.number)
    }

    func draw(into canvas: inout Canvas) {
        if let kept { drawKept(into: &canvas, kept) }
        if content.height > 5 {
            canvas.write(
                foot, x: content.x, y: content.maxY - 1, style: Style(context.theme.quiet), limit: content.width)
        }
        guard let fantasies = context.shown?.fantasies else { return }
        for (index, image) in fantasies.images.prefix(count).enumerated() {
            let place = grid.place(index)
            drawImage(
                into: &canvas, place, pixels: image.map { min(max($0, 0), 1) }, shape: shape, context: context)
            guard let label = fantasies.classes?[index], words > 0 else { continue }
            canvas.write(
                context.shortClassName(label), x: place.x, y: place.maxY,
                style: Style(.rgb(context.hue(ofClass: label)), bold: context.plots.chains.label != .free),
                limit: max(4, place.width))
        }
    }

    /// The part that is kept and the classes that are held, in full or as shortly as there is room.
    private var foot: String {
        let chains = context.plots.chains
        let source = context.hasDrawn ? "your drawing" : "image \(formatCount(context.imageRow + 1))"
        let part =
            switch chains.part {
            case .nothing: ["nothing is kept"]
            case .strokes where !context.hasDrawn: ["draw what is to be kept", "draw"]
            default:
                ["keeps the \(chains.part.words) of \(source)", "\(chains.part.words) of \(source)", chains.part.words]
            }
        guard words > 0 else { return part.first { columnWidth($0) <= content.width } ?? part.last! }
        let label =
            switch chains.label {
            case .free: "classes free"
            case .each: "each class in turn"
            case .one(let label): "class \(context.className(label))"
            }
        let lines = part.map { "\($0) · \(label)" }
        return lines.first { columnWidth($0) <= content.width } ?? lines.last!
    }

    private func drawKept(into canvas: inout Canvas, _ rect: Rect) {
        let held = context.held(shape)
        let pixels = context.keptImage
        // The free part lies back: as dark as the ground, a little of the image shining through where a half is kept.
        let shown = pixels.indices.map { at -> Float in
            if let value = held.indices.contains(at) ? held[at] : nil { return value }
            return context.plots.chains.part == .strokes ? 0 : 0.25 * pixels[at]
        }
        drawImage(into: &canvas, rect, pixels: shown, shape: shape, context: context)
        guard let drawing = context.drawing, drawing.brush != .lifted || context.plots.chains.part == .strokes else {
            return
        }
        let (x, y) = (
            rect.x + (2 * drawing.place.x + 1) * rect.width / (2 * shape.width),
            rect.y + (2 * drawing.place.y + 1) * rect.height / (2 * shape.height)
        )
        var cell = canvas[x, y]
        cell.scalar = drawing.brush == .erases ? "x" : "+"
        cell.style.foreground = .rgb(context.theme.accent)
        cell.style.bold = true
        canvas[x, y] = cell
    }

    /// The pixel of the kept image, or of a chain's, at a cell.
    func pixel(x: Int, y: Int) -> Drawing.Pixel? {
        let places = [kept].compactMap(\.self) + (0..<count).map { grid.place($0) }
        guard let rect = places.first(where: { $0.contains(x: x, y: y) }) else { return nil }
        return Drawing.Pixel(
            x: (x - rect.x) * shape.width / rect.width, y: (y - rect.y) * shape.height / rect.height)
    }
}
