import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let reconstruction = ViewID("reconstruction")
}

extension View {
    /// The chosen image, what training makes of it, and what the network gives back.
    static let reconstruction = View(
        id: .reconstruction, panel: .output,
        words:
            "The image, what training may take in of it, and what the network gives back. Below stand those that it gives back worst: the first above, what it makes of them underneath.",
        watch:
            "Whether it is blurred (the code is too narrow, or the weight of the divergence too large) or copied with its noise.",
        suits: { $0.image != nil && $0.task == .reconstruction },
        heading: { context, _ in
            "Output · image \(formatCount(context.imageRow + 1)) of \(formatCount(context.imageCount))"
        },
        request: { context, rect, request in
            request.image = context.imageChoice
            let sheet = ReconstructionPictures(panelContent(of: rect), context)?.strip
            request.reconstruction = ReconstructionRequest(
                row: context.imageRow, draw: context.plots.draw, others: sheet?.rows ?? [])
        },
        draw: { canvas, rect, context in ReconstructionPictures(panelContent(of: rect), context)?.draw(into: &canvas) },
        inWords: { context in
            guard let made = context.shown?.reconstructions, !made.errors.isEmpty else { return [] }
            func error(_ row: Int) -> String {
                "image \(formatCount(row + 1)) \(formatNumber(Double(made.errors[row]), digits: 3))"
            }
            let mean = made.errors.reduce(0, +) / Float(made.errors.count)
            let row = context.imageRow
            let own = made.errors.indices.contains(row) ? ["mean squared error of \(error(row))"] : []
            return own + [
                "of \(plural(made.errors.count, "image")) on average \(formatNumber(Double(mean), digits: 3)), worst: "
                    + made.worst.prefix(3).map(error).joined(separator: ", ")
            ]
        },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.image = ReconstructionPictures(panelContent(of: rect), context)?.strip?.image(x: x, y: y)
            return pointed
        },
        putCursor: { app, pointed in if let image = pointed.image { app.plots.image = image } },
        commands: [
            Command(
                "reconstruction.left", "the image before", hint: "image", keys: ["left", "h"], panels: [.output],
                views: [.reconstruction]
            ) { ImageCommands.walk(&$0, -1) },
            Command(
                "reconstruction.right", "the next image", hint: "image", keys: ["right", "l"], panels: [.output],
                views: [.reconstruction]
            ) { ImageCommands.walk(&$0, 1) },
            Command(
                "reconstruction.worse", "the next image that is given back better, from the worst on", hint: "worst",
                keys: ["x"], panels: [.output], views: [.reconstruction]
            ) { app in
                guard let context = app.plotContext, let worst = context.reconstructions?.worst, !worst.isEmpty
                else { return }
                let place = worst.firstIndex(of: context.imageRow).map { ($0 + 1) % worst.count } ?? 0
                app.plots.image = worst[app.plots.walksWorst ? place : 0]
                app.plots.walksWorst = true
            },
            Command(
                "reconstruction.draw", "corrupt the image in another way", hint: "corrupt", keys: ["a"],
                panels: [.output],
                views: [.reconstruction],
                disabled: ReconstructionPictures.isClean
            ) { $0.plots.draw += 1 },
        ])
}

extension PlotContext {
    /// The reconstructions, as long as they are of the snapshot's network.
    var reconstructions: Reconstructions? { shown?.reconstructions }

    /// The error of a row's reconstruction: "0.031", in little room "3e−4".
    func errorWords(_ row: Int, room: Int = .max) -> String {
        guard let errors = reconstructions?.errors, errors.indices.contains(row) else { return "" }
        let error = Double(errors[row])
        let words = formatNumber(error, digits: 2)
        return columnWidth(words) <= room ? words : formatScientific(error, digits: 1)
    }
}

/// Three pictures of the chosen image, and below them pairs of those that are given back worst.
struct ReconstructionPictures {
    private let context: PlotContext
    private let shape: ImageShape
    private let top: Rect
    let strip: ReconstructionSheet?

    /// Why there is nothing to corrupt in another way; nil: there is.
    @Sendable static func isClean(_ app: App) -> String? {
        app.plotContext?.reconstructions?.corrupted == nil
            ? "training takes the samples as they are; choose a corruption under “procedure”" : nil
    }

    /// nil: no images, or no room.
    init?(_ content: Rect, _ context: PlotContext) {
        guard let shape = context.scene.image, content.width > 12, content.height > 2 else { return nil }
        (self.context, self.shape) = (context, shape)
        let inner = content.inset(left: 1, right: 1)
        let rows = inner.height >= 12 ? 2 * max(2, min((shape.height + 1) / 2, inner.height / 6)) + 2 : 0
        top = inner.inset(bottom: rows)
        strip =
            rows > 0
            ? ReconstructionSheet(
                Rect(x: inner.x, y: inner.maxY - rows + 1, width: inner.width, height: rows - 1), context, lines: 1)
            : nil
    }

    func draw(into canvas: inout Canvas) {
        guard let found = context.reconstructions, found.request.row == context.imageRow else { return }
        let data = context.snapshot.data
        let label = data.shownLabel(context.imageRow).map { context.className($0) }
        var pictures: [(pixels: [Float], words: String)] = [
            (data.shownImage(context.imageRow), label.map { "input · \($0)" } ?? "input")
        ]
        if let corrupted = found.corrupted { pictures.append((corrupted, "corrupted")) }
        pictures.append((found.restored, "given back"))
        let gap = 2
        let room = Rect(
            x: 0, y: 0, width: max(1, (top.width - gap * (pictures.count - 1)) / pictures.count),
            height: max(1, top.height - 2))
        let size = imageRect(shape, in: room)
        let step = min(room.width, max(size.width, 12)) + gap
        for (index, picture) in pictures.enumerated() {
            let rect = Rect(x: top.x + index * step, y: top.y, width: size.width, height: size.height)
            drawImage(
                into: &canvas, rect, pixels: picture.pixels.map { min(max($0, 0), 1) }, shape: shape, context: context)
            canvas.write(
                picture.words, x: rect.x, y: rect.maxY, style: Style(context.theme.quiet), limit: step - 1)
        }
        let worst = found.worst
        let place = worst.firstIndex(of: context.imageRow)
        var words = "error \(context.errorWords(context.imageRow))"
        if let place { words += " · \(formatCount(place + 1)) of \(formatCount(worst.count)) by error" }
        canvas.write(
            words, x: top.x, y: top.y + size.height + 1, style: Style(context.theme.text, bold: true), limit: top.width)
        guard let strip else { return }
        let titles = [
            "worst first, by error; below each what is given back", "by error, worst first; below: given back",
        ]
        canvas.write(
            titles.first { columnWidth($0) <= top.width } ?? "by error, worst first", x: top.x, y: top.maxY,
            style: Style(context.theme.quiet), limit: top.width)
        strip.draw(into: &canvas)
    }
}
