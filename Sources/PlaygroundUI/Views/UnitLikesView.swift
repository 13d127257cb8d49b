import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let unitLikes = ViewID("unitLikes")
}

extension View {
    /// The images that excite a unit or a map most, and one that is made to excite it.
    static let unitLikes = View(
        id: .unitLikes, panel: .output,
        words:
            "The test images, or the parts that it sees, that excite the unit most. The first picture is made for it, up the gradient from grey, or from the best image: bright where it wants light, dark where it wants none, grey where it does not care. Before a softmax it is made for the score, not for the share.",
        watch: "Whether the parts have something in common that can be named.",
        suits: { $0.image != nil },
        heading: { context, width in
            let title = "likes of \(context.title(of: context.likedNeuron))"
            return ["Output · \(title)", title].first { columnWidth($0) <= width }
                ?? "likes of \(context.shortTitle(of: context.likedNeuron))"
        },
        request: { context, _, request in
            request.image = context.imageChoice
            request.favourites = [context.likedNeuron]
            request.preferred = [context.likedNeuron]
        },
        draw: { canvas, rect, context in UnitLikes(panelContent(of: rect), context)?.draw(into: &canvas) },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.image = UnitLikes(panelContent(of: rect), context)?.image(x: x, y: y)
            return pointed
        },
        putCursor: { app, pointed in if let image = pointed.image { app.plots.image = image } },
        commands: UnitLikes.commands)
}

/// A unit's value: three digits, or fewer.
private func likeNumber(_ value: Float, digits: Int = 3) -> String {
    abs(value) < 1000
        ? formatFixed(Double(value), decimals: max(0, digits - (abs(value) < 10 ? 1 : abs(value) < 100 ? 2 : 3)))
        : formatNumber(Double(value), digits: digits)
}

/// A unit's value for an image and the image's class, in so many columns: with two digits where the name has no room beside
/// three, and where it still has none as much of it as fits.
func likeWords(_ value: Float, of name: String, columns: Int) -> (value: String, name: String) {
    let numbers = [likeNumber(value), likeNumber(value, digits: 2)]
    let number = numbers.first { columnWidth($0) + 1 + columnWidth(name) <= columns } ?? numbers[1]
    return (number, beginning(of: name, columns: max(1, columns - columnWidth(number) - 1)))
}

private struct UnitLikes {
    private let context: PlotContext
    private let shape: ImageShape
    private let favourites: Favourites
    private let preferred: PreferredImage?
    private let content: Rect
    private let lines: Int
    private let grid: PictureGrid
    /// Where the made picture may stand.
    private let left: Rect
    /// The size of all patches.
    private let patch: ImageShape

    /// nil: no room, or no pictures yet.
    init?(_ content: Rect, _ context: PlotContext) {
        let neuron = context.likedNeuron
        guard let shape = context.scene.image, content.height > 2, content.width > 12,
            let favourites = context.shown?.favourites.first(where: { $0.neuron == neuron })
        else { return nil }
        (self.context, self.shape, self.favourites) = (context, shape, favourites)
        preferred = context.shown?.preferred.first { $0.neuron == neuron }
        self.content = content.inset(left: 1, right: 1)
        let field = preferred?.field ?? favourites.images.first?.field
        patch = ImageShape(
            channels: shape.channels, height: field?.rows.count ?? shape.height,
            width: field?.columns.count ?? shape.width)
        // The made picture beside three columns of three, or fewer lines where they would have no room.
        lines = min(3, max(1, (content.height - 1) / 3))
        let room = Rect(
            x: self.content.x, y: self.content.y, width: self.content.width, height: self.content.height - 1)
        let size = PictureGrid(room, count: 4 * lines, shape: patch, least: 7, columns: 4)
        let width = 3 * (max(7, size.width) + 1)
        left = Rect(x: room.x, y: room.y, width: room.width - width, height: room.height)
        grid = PictureGrid(
            Rect(x: left.maxX, y: room.y, width: width, height: room.height), count: 3 * lines, shape: patch, least: 7,
            columns: 3)
    }

    private var shown: [(image: Favourites.Image, index: Int)] {
        favourites.isConstant ? [] : favourites.images.prefix(3 * lines).enumerated().map { ($1, $0) }
    }

    func draw(into canvas: inout Canvas) {
        let quiet = Style(context.theme.quiet)
        if let preferred {
            // Made for the score before the activation where that is shared among the units.
            let isScore = context.snapshot.outline[context.likedNeuron.layer]?.sharesActivation == true
            let score = ["ideal, score", "for score"].first { columnWidth($0) < left.width } ?? "score"
            let words = [isScore ? score : "ideal", likeNumber(preferred.value)].suffix(lines == 1 ? 1 : 2)
            let room = left.inset(right: 1, bottom: words.count)
            let place = imageRect(patch, in: room)
            drawImage(
                into: &canvas, place, pixels: preferred.field.cut(preferred.pixels, of: shape), shape: patch,
                context: context)
            for (line, text) in words.enumerated() where place.maxY + line < content.maxY {
                canvas.write(
                    text, x: place.x, y: place.maxY + line,
                    style: line == words.count - 1 ? Style(context.theme.text, bold: true) : quiet,
                    limit: room.width)
            }
        }
        for (image, index) in shown {
            let place = grid.place(index)
            let pixels = image.field.cut(context.snapshot.data.shownImage(image.row), of: shape)
            drawImage(into: &canvas, place, pixels: pixels, shape: patch, context: context)
            let isChosen = image.row == context.imageRow
            let label = context.snapshot.data.shownLabel(image.row)
            let words = likeWords(
                image.value, of: label.map { context.shortClassName($0) } ?? "",
                columns: grid.whole(index).width - (isChosen ? 2 : 0))
            var x = place.x + canvas.write(words.value, x: place.x, y: place.maxY, style: quiet) + 1
            if let label {
                let style = Style(.rgb(context.hue(ofClass: label)), bold: true)
                x += canvas.write(words.name, x: x, y: place.maxY, style: style)
            }
            if isChosen {
                canvas.write(
                    context.ascii ? "*" : "◆", x: x, y: place.maxY, style: Style(.rgb(context.theme.accent), bold: true)
                )
            }
        }
        canvas.write(foot, x: content.x, y: content.maxY - 1, style: quiet, limit: content.width)
    }

    /// The kind of the pictures and the unit that they belong to.
    private var foot: String {
        if favourites.isConstant {
            return
                "\(likeNumber(favourites.images.first?.value ?? 0)) for all \(formatCount(favourites.count, "image"))"
        }
        let times = context.ascii ? "x" : "×"
        let part =
            patch.height == shape.height && patch.width == shape.width
            ? "whole images"
            : "\(patch.height)\(times)\(patch.width) of \(shape.height)\(times)\(shape.width)"
        let best = shown.count < favourites.images.count ? "best \(shown.count)" : "best"
        return "\(best) of \(formatCount(favourites.count, "image")) · \(part)"
    }

    func image(x: Int, y: Int) -> Int? { shown.first { grid.whole($0.index).contains(x: x, y: y) }?.image.row }

    static let commands: [Command] = [
        Command(
            "image.likes", "images: what a unit or a map likes most; again: one image", hint: "likes", keys: ["f"],
            panels: [.output], views: .ofImagesGivenBack, disabled: ImageCommands.needsImages
        ) { $0.toggle(.unitLikes) },
        walking("left", "the unit or map before", hint: "unit", keys: ["left", "h", "U"]) {
            walkUnits(&$0, -1)
        }.lasting,
        walking("right", "the next unit or map", hint: "unit", keys: ["right", "l", "u"]) {
            walkUnits(&$0, 1)
        }.lasting,
        walking("up", "the layer before", hint: "layer", keys: ["up", "k", "["]) { walkLayers(&$0, -1) },
        walking("down", "the next layer", hint: "layer", keys: ["down", "j", "]"]) { walkLayers(&$0, 1) },
    ]

    private static func walking(
        _ name: String, _ help: String, hint: String, keys: [String], run: @escaping @Sendable (inout App) -> Void
    ) -> Command {
        Command(
            "likes.\(name)", "in the likes: \(help)", hint: hint, keys: keys, panels: [.output], views: [.unitLikes],
            control: "view.neuron", run: run)
    }

    private static func walkUnits(_ app: inout App, _ direction: Int) {
        guard let context = app.plotContext else { return }
        var neuron = context.likedNeuron
        let count = context.snapshot.outline.tileCount(layer: neuron.layer)
        neuron.unit = (neuron.unit + direction + count) % count
        like(neuron, &app)
    }

    private static func walkLayers(_ app: inout App, _ direction: Int) {
        guard let context = app.plotContext else { return }
        let layers = context.snapshot.outline.pathsWithUnits.filter { !$0.isInput }
        let neuron = context.likedNeuron
        let place = layers.firstIndex { $0 == neuron.layer.outermost } ?? 0
        like(
            ViewRequest.Neuron(layer: layers[(place + direction + layers.count) % layers.count], unit: 0), &app)
    }

    private static func like(_ neuron: ViewRequest.Neuron, _ app: inout App) {
        app.plots.cursor = nil
        app.changeView { $0.neuron = neuron }
    }
}

extension PlotContext {
    /// The unit or map whose favourite images are shown: the cursor's, the one that was chosen, or the first map of the last
    /// layer that has maps.
    var likedNeuron: ViewRequest.Neuron {
        let outline = snapshot.outline
        let cursor = plots.cursor.flatMap { NetworkPanel.fitted($0, outline) }
        let chosen = cursor.map { ViewRequest.Neuron(layer: $0.layer, unit: $0.unit) } ?? view.neuron
        if let chosen, !chosen.layer.isInput, outline.has(chosen) { return chosen }
        return ViewRequest.Neuron(layer: outline.lastMaps ?? outline.output, unit: 0)
    }
}

extension Set<ViewID> {
    /// The views of images in the output's panel: from each of them a key leads to each other.
    static let ofImages: Set<ViewID> = [
        .image, .imageSheet, .imageVariants, .drawing, .confusion, .unitLikes, .relevance, .levels,
    ]

    /// And those of images that a network gives back, whose units have likes too.
    static let ofImagesGivenBack = ofImages.union([.reconstruction, .reconstructionSheet])
}
