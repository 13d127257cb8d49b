import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let drawing = ViewID("drawing")
}

extension View {
    /// An image that is drawn by hand, and the network's answer to it.
    static let drawing = View(
        id: .drawing, panel: .output,
        words:
            "Draw with the mouse, or with the arrows while the brush is down (b): the network answers to every stroke, and the stack shows what its layers make of it. With (enter) the drawing joins the training images under a class.",
        watch: "Which bar grows with which stroke; a drawing in the corner is unlike all training images.",
        suits: { $0.image != nil && $0.task != .reconstruction }, heading: { _, _ in "Output · your drawing" },
        request: { context, _, request in request.image = context.imageChoice },
        draw: { canvas, rect, context in
            ImageView(context, drawing: context.drawing)?.draw(into: &canvas, panelContent(of: rect))
        },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.pixel = ImageView(context, drawing: context.drawing)?.pixel(x: x, y: y, panelContent(of: rect))
            return pointed
        },
        putCursor: { app, pointed in app.draw(to: pointed.pixel) },
        commands: DrawingCommands.all)
}

private enum DrawingCommands {
    static let all: [Command] = [
        Command(
            "image.draw", "images: draw one yourself; again: an image of the data", hint: "draw", keys: ["d"],
            panels: [.output], views: .ofImages, disabled: ImageCommands.needsAnswers
        ) { $0.toggle(.drawing) },
        Command(
            "drawing.brush", "put the brush down, take the eraser, or lift both", hint: "brush", keys: ["b"],
            panels: [.output], views: [.drawing, .fantasies]
        ) { app in
            app.changeDrawing {
                $0.brush = $0.brush.next
                $0.paint()
            }
        }.lasting,
        Command(
            "drawing.clear", "an empty image", hint: "clear", keys: ["x"], panels: [.output],
            views: [.drawing, .fantasies]
        ) { app in app.changeDrawing { $0.pixels = $0.pixels.map { _ in 0 } } },
        Command(
            "drawing.copy", "draw on a copy of the chosen image", hint: "copy", keys: ["c"], panels: [.output],
            views: [.drawing, .fantasies]
        ) { app in
            guard let context = app.plotContext else { return }
            let pixels = context.snapshot.data.shownImage(context.imageRow)
            app.changeDrawing { $0.pixels = pixels }
        },
        Command(
            "drawing.add", "add the drawing to the training images, under a class", hint: "add", keys: ["enter"],
            panels: [.output], views: [.drawing], control: "data.drawings", disabled: cannotAdd
        ) { $0.popup = MenuPopup.drawingClasses(of: $0) }.lasting,
        Command(
            "drawing.remove", "take the drawing that was added last out of the training images", keys: ["backspace"],
            panels: [.output], views: [.drawing], control: "data.drawings",
            disabled: { $0.experiment.data.drawings.isEmpty ? "no drawing has been added" : nil }
        ) { app in app.setDrawings(app.experiment.data.drawings.dropLast()) },
        moving("left", across: -1), moving("right", across: 1), moving("up", along: -1), moving("down", along: 1),
    ]

    @Sendable private static func cannotAdd(_ app: App) -> String? {
        guard let context = app.plotContext, let drawing = context.drawing else { return "the data are no images" }
        if context.snapshot.network.task == .regression { return "these data have no classes" }
        if drawing.pixels.allSatisfy({ $0 == 0 }) { return "there is nothing drawn yet" }
        let most = DrawnImage.most
        return app.experiment.data.drawings.count < most
            ? nil : "there are \(most) drawings already, and no room for more"
    }

    private static func moving(_ key: String, across: Int = 0, along: Int = 0) -> Command {
        Command(
            "drawing.\(key)", "in the drawing: one pixel \(key)", hint: "move", keys: [key], panels: [.output],
            views: [.drawing, .fantasies]
        ) { app in
            app.changeDrawing {
                $0.move(across, along)
                $0.paint()
            }
        }
    }
}

/// An image drawn by hand, with its brush.
public struct Drawing: Sendable, Hashable {
    public enum Brush: Sendable, Hashable {
        case lifted, paints, erases
        var next: Brush { self == .lifted ? .paints : self == .paints ? .erases : .lifted }
    }
    public struct Pixel: Sendable, Hashable {
        public var x: Int
        public var y: Int
    }
    public var shape: ImageShape
    /// `[channels, height, width]`, 0…1.
    public var pixels: [Float]
    public var place: Pixel
    public var brush = Brush.lifted
    /// The mouse is drawing, and comes from `place`.
    var isStroke = false

    public init(_ shape: ImageShape) {
        self.shape = shape
        pixels = [Float](repeating: 0, count: shape.channels * shape.pixels)
        place = Pixel(x: shape.width / 2, y: shape.height / 2)
    }

    mutating func move(_ across: Int, _ along: Int) {
        place.x = min(max(0, place.x + across), shape.width - 1)
        place.y = min(max(0, place.y + along), shape.height - 1)
    }

    /// Draws with the mouse.
    /// - Parameter goesOn: it comes from the last place without having been lifted, and may have been too fast to tell of each
    ///   pixel between.
    mutating func draw(to pixel: Pixel, goesOn: Bool) {
        let (from, steps) = (place, max(1, abs(pixel.x - place.x), abs(pixel.y - place.y)))
        for step in (goesOn && isStroke ? 1 : steps)...steps {
            let share = Double(step) / Double(steps)
            place = Pixel(
                x: from.x + Int(bounded: (share * Double(pixel.x - from.x)).rounded()),
                y: from.y + Int(bounded: (share * Double(pixel.y - from.y)).rounded()))
            paint()
        }
        isStroke = true
    }

    /// A large image has a brush with soft edges.
    mutating func paint() {
        guard brush != .lifted else { return }
        let reach = min(shape.width, shape.height) > 16 ? 1 : 0
        for y in max(0, place.y - reach)...min(shape.height - 1, place.y + reach) {
            for x in max(0, place.x - reach)...min(shape.width - 1, place.x + reach) {
                let isMiddle = x == place.x && y == place.y
                for channel in 0..<shape.channels {
                    let at = channel * shape.pixels + y * shape.width + x
                    pixels[at] = brush == .erases ? 0 : max(pixels[at], isMiddle ? 1 : 0.5)
                }
            }
        }
    }
}

extension PlotContext {
    /// The image that the network answers to: the chosen one, or the drawing or the picture that is changed while that is in
    /// front; nil: the data are no images. Not inlined, for the same reason as `scene`.
    @inline(never)
    var imageChoice: ImageChoice? {
        guard scene.image != nil else { return nil }
        let shown = plots.views.values
        let isDrawing = shown.contains(.drawing) || plots.asksOfDrawing && shown.contains(.relevance)
        let own =
            snapshot.picture == nil ? nil : Panel.plots.lazy.compactMap { view(in: $0.id)?.shownImage(self) }.first
        return ImageChoice(row: imageRow, drawn: isDrawing ? drawing?.pixels : own)
    }

    /// The drawing, an empty one at first; nil: the data are no images.
    var drawing: Drawing? {
        guard let shape = scene.image else { return nil }
        return plots.drawing.flatMap { $0.shape == shape ? $0 : nil } ?? Drawing(shape)
    }
}

extension MenuPopup {
    /// The class of the drawing that is to be added: the network's answer first.
    static func drawingClasses(of app: App) -> MenuPopup {
        let context = app.plotContext
        let names = context?.snapshot.data.classNames ?? []
        let scores = context?.shown?.images?.scores ?? []
        return MenuPopup(
            menu: Menu(
                title: "Add as",
                items: names.enumerated().map { index, name in
                    MenuItem(
                        name,
                        detail: scores.indices.contains(index)
                            ? formatFixed(Double(scores[index]) * 100, decimals: 0) + " %" : "")
                }, selected: scores.answeredClass ?? 0),
            chosen: { app, index in app.addDrawing(as: names[index]) })
    }
}

extension App {
    fileprivate mutating func addDrawing(as name: String) {
        guard let drawing = plotContext?.drawing else { return }
        let pixels = drawing.pixels.map { UInt8(bounded: (min(max($0, 0), 1) * 255).rounded()) }
        guard setDrawings(experiment.data.drawings + [DrawnImage(label: name, pixels: pixels)]) else { return }
        let count = experiment.data.drawings.count
        notice = Notice(
            "added as \(name): \(plural(count, "drawing")) \(count == 1 ? "trains" : "train") with the data")
        changeDrawing { $0.pixels = $0.pixels.map { _ in 0 } }
    }

    /// - Returns: whether the document has taken them.
    @discardableResult
    fileprivate mutating func setDrawings(_ drawings: [DrawnImage]) -> Bool {
        act(.drawings(drawings)) == nil
    }

    /// Draws with the mouse.
    /// - Parameter pixel: nil: beyond the drawing.
    mutating func draw(to pixel: Drawing.Pixel?) {
        let goesOn = isDragging
        changeDrawing { drawing in
            guard let pixel else { return drawing.isStroke = false }
            if drawing.brush == .lifted { drawing.brush = .paints }
            drawing.draw(to: pixel, goesOn: goesOn)
        }
    }

    /// Changes the drawing.
    mutating func changeDrawing(_ change: (inout Drawing) -> Void) {
        guard var drawing = plotContext?.drawing else { return }
        change(&drawing)
        plots.drawing = drawing
    }
}
