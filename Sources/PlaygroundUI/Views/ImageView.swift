import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let image = ViewID("image")
}

extension View {
    /// The chosen image large, its class, and the network's answer as a bar for each class.
    static let image = View(
        id: .image, panel: .output,
        words:
            "One image, and the score that the network gives each class: the longest bar is its answer. The stack shows what every layer makes of this image.",
        watch: "The second longest bar: what the image was nearly taken for.",
        suits: { $0.image != nil && $0.task != .reconstruction },
        heading: { context, _ in
            context.walkedImage.map { "Output · training image \(formatCount($0 + 1))" }
                ?? "Output · image \(formatCount(context.imageRow + 1)) of \(formatCount(context.imageCount))"
        },
        request: { context, _, request in
            request.image = context.imageChoice
            request.answersImages = true
        },
        draw: { canvas, rect, context in ImageView(context)?.draw(into: &canvas, panelContent(of: rect)) },
        inWords: { context in
            guard let answers = context.shown?.images else { return [] }
            let (row, data) = (context.imageRow, context.snapshot.data)
            let best = answers.scores.indices.sorted { answers.scores[$0] > answers.scores[$1] }.prefix(3)
            let scores = best.map {
                "\(context.className($0)) \(formatFixed(Double(answers.scores[$0]), decimals: 2))"
            }
            let truth = data.shownLabel(row).map { ", class \(context.className($0))" } ?? ""
            let set = data.test.count > 0 ? "test" : "training"
            let wrong = answers.classes.indices.filter { answers.classes[$0] != data.shownLabel($0) }
            let some = wrong.prefix(6).map { formatCount($0 + 1) }.joined(separator: ", ")
            return [
                "\(set) image \(formatCount(row + 1)) of \(formatCount(context.imageCount))\(truth); the answers: \(scores.joined(separator: ", "))",
                "wrong: \(formatCount(wrong.count)) of \(formatCount(answers.classes.count))"
                    + (wrong.isEmpty ? "" : ", images \(some)\(wrong.count > 6 ? " and others" : "")"),
            ]
        },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.image = ImageView(context)?.image(x: x, y: y, panelContent(of: rect))
            return pointed
        },
        putCursor: { app, pointed in if let image = pointed.image { app.plots.image = image } },
        commands: ImageCommands.everywhere + [
            Command(
                "image.left", "the image before", hint: "image", keys: ["left", "h"], panels: [.output],
                views: [.image]
            ) { ImageCommands.walk(&$0, -1) },
            Command(
                "image.right", "the next image", hint: "image", keys: ["right", "l"], panels: [.output],
                views: [.image]
            ) { ImageCommands.walk(&$0, 1) },
            Command(
                "image.wrong", "the next image that the network gets wrong", hint: "wrong", keys: ["x"],
                panels: [.output], views: [.image]
            ) { ImageCommands.walkWrong(&$0) },
        ])
}

/// The keys that choose the image that is looked at.
enum ImageCommands {
    static let everywhere = [
        Command(
            "image.previous", "images: the one before", hint: "image", keys: ["("],
            disabled: needsImages
        ) { walk(&$0, -1) }.during(.walk).for(.images),
        Command(
            "image.next", "images: the next one", hint: "image", keys: [")"], disabled: needsImages
        ) { walk(&$0, 1) }.during(.walk).for(.images),
    ]

    @Sendable static func needsImages(_ app: App) -> String? {
        guard app.plotContext?.scene.image == nil else { return nil }
        return app.plotContext?.scene.generates == true
            ? "the network makes samples of noise: there is no image to choose" : "the data are no images"
    }

    /// The views of what a network answers to images, of which one that gives them back has none.
    @Sendable static func needsAnswers(_ app: App) -> String? {
        app.plotContext?.scene.task == .reconstruction
            ? "the network gives the images back: there is no other answer" : needsImages(app)
    }

    static func walk(_ app: inout App, _ direction: Int) {
        guard let context = app.plotContext, context.imageCount > 0 else { return }
        app.plots.image = (context.imageRow + direction + context.imageCount) % context.imageCount
    }

    static func walkWrong(_ app: inout App) {
        guard let context = app.plotContext else { return }
        guard let answers = context.shown?.images?.classes, !answers.isEmpty else { return }
        let rows = (1...context.imageCount).map { (context.imageRow + $0) % context.imageCount }
        let wrong = rows.first { $0 < answers.count && answers[$0] != context.snapshot.data.shownLabel($0) }
        if let wrong { app.plots.image = wrong } else { app.notice = "the network gets none of them wrong" }
    }
}

/// The columns of names, bars and percentages side by side; where the names would leave a bar too little, it stands below its
/// name.
struct BarColumns: Equatable {
    let isBelowNames: Bool
    let hasPercent: Bool
    let name: Int
    let barStart: Int
    let bar: Int

    /// - Parameters:
    ///   - names: columns of the longest name.
    ///   - fewest: columns of shortened names, of which no two are the same; asked for only where names have no room.
    ///   - hasTwoRows: there are two rows for each class.
    init(names: Int, fewest: @autoclosure () -> Int = 3, width: Int, hasTwoRows: Bool) {
        // Of a percentage and a bar the bar shows more at a glance: in a narrow place it stands alone.
        hasPercent = width >= 14
        // A percentage has a free column before it and behind it.
        let percent = hasPercent ? 6 : 0
        isBelowNames = hasTwoRows && width - names - 1 - percent < min(8, width / 3)
        if isBelowNames {
            (name, barStart, bar) = (max(0, width - percent), 0, max(0, width - 1))
        } else {
            // Shortened names still say which class it is.
            let room = width - 1 - percent
            name = names <= room - 5 ? names : min(names, max(3, min(fewest(), room - 1), room - 5))
            barStart = name + 1
            bar = max(0, width - barStart - percent)
        }
    }
}

/// The fewest columns at which the beginnings of names that differ still do.
func fewestColumns(of names: [String]) -> Int {
    let longest = names.map(columnWidth).max() ?? 0
    let all = Set(names).count
    return (0...longest).first { columns in
        Set(names.map { beginning(of: $0, columns: columns) }).count == all
    } ?? longest
}

struct ImageView {
    private let context: PlotContext
    private let shape: ImageShape
    /// The image's class; nil: nobody knows it.
    private let label: Int?
    private let drawing: Drawing?
    /// The row of the training image that slow motion goes through; nil: none.
    private let walked: Int?

    /// - Parameter drawing: in place of the chosen image; nil: that.
    /// - Returns: nil where the data are no images.
    init?(_ context: PlotContext, drawing: Drawing? = nil) {
        guard let shape = context.scene.image else { return nil }
        (self.context, self.shape, self.drawing) = (context, shape, drawing)
        let row = drawing == nil ? context.walkedImage : nil
        walked = row
        label =
            drawing != nil
            ? nil
            : row.map { Int(bounded: Double(context.snapshot.data.train.labels[$0])) }
                ?? context.snapshot.data.shownLabel(context.imageRow)
    }

    /// Of the walk's image the engine's own answers.
    private var scores: [Float] {
        let outline = context.snapshot.outline
        if walked != nil, let output = context.snapshot.stepTrace?.sample.layers[outline.output],
            output.values.count == context.shown?.images?.scores.count
        {
            return output.values
        }
        return context.shown?.images?.scores ?? []
    }

    private var answers: ImageAnswers? { context.shown?.images }

    /// Rows: the image with its words beside the bars, and below them the images that are wrong.
    private func parts(_ content: Rect) -> (image: Rect, words: Int, bars: Rect, strip: Rect?) {
        let thumbnail = min((shape.height + 1) / 2, max(2, content.height / 4))
        let rows = content.height >= 14 && drawing == nil ? thumbnail + 2 : 0
        let top = content.inset(left: 1, right: 1, bottom: rows)
        let room = Rect(x: top.x, y: top.y, width: top.width * 55 / 100, height: max(0, top.height - 2))
        let image = imageRect(shape, in: room)
        let bars = Rect(
            x: image.maxX + 2, y: top.y, width: max(0, top.maxX - image.maxX - 2),
            height: top.height)
        let strip =
            rows > 0 ? Rect(x: top.x, y: content.maxY - rows, width: top.width, height: rows) : nil
        return (image, image.maxY, bars, strip)
    }

    func draw(into canvas: inout Canvas, _ content: Rect) {
        guard content.height > 2, content.width > 16 else { return }
        let (image, words, bars, strip) = parts(content)
        drawImage(
            into: &canvas, image, pixels: pixels,
            shape: shape, context: context)
        if drawing == nil || context.plots.drawing == drawing { lightWalk(into: &canvas, image) }
        if let drawing { drawBrush(into: &canvas, image, drawing) }
        drawWords(
            into: &canvas,
            Rect(x: image.x, y: words, width: max(image.width, bars.x - image.x - 1), height: content.maxY - words))
        drawBars(into: &canvas, bars)
        if let strip { drawStrip(into: &canvas, strip) }
    }

    private var pixels: [Float] {
        let data = context.snapshot.data
        return drawing?.pixels ?? walked.map { data.shownPixels(of: data.train, $0) }
            ?? data.shownImage(context.imageRow)
    }

    /// The part of the image that the walk's step depends on.
    private func lightWalk(into canvas: inout Canvas, _ image: Rect) {
        for light in context.walkLights where light.layer.isInput {
            guard let part = light.part else { continue }
            drawLight(
                into: &canvas, image, part, rows: shape.height, columns: shape.width, isOwn: false, context)
        }
    }

    private func drawWords(into canvas: inout Canvas, _ rect: Rect) {
        let quiet = Style(context.theme.quiet)
        let scores = scores
        let answer = scores.answeredClass
        let style =
            answer == nil || label == nil
            ? quiet : Style(.rgb(answer == label ? context.theme.good : context.theme.bad), bold: true)
        if let label {
            canvas.write("is \(context.className(label))", x: rect.x, y: rect.y, style: style, limit: rect.width)
        } else if let drawing {
            let added = context.snapshot.experiment.data.drawings.count
            if added > 0, rect.height > 2 {
                canvas.write(
                    "\(plural(added, "drawing")) added", x: rect.x, y: rect.y + 2, style: quiet, limit: rect.width)
            }
            let words = drawing.brush == .lifted ? "brush up" : drawing.brush == .paints ? "brush down" : "eraser"
            canvas.write(words, x: rect.x, y: rect.y, style: quiet, limit: rect.width)
        }
        guard let answer else { return }
        canvas.write(
            "answer \(context.className(answer))", x: rect.x, y: rect.y + 1,
            style: label == nil ? Style(context.theme.text, bold: true) : style, limit: rect.width)
    }

    /// The best answers, as many as have a row.
    private func drawBars(into canvas: inout Canvas, _ rect: Rect) {
        let scores = scores
        guard !scores.isEmpty, rect.width >= 6, rect.height > 0 else { return }
        var shown = Array(scores.indices)
        if scores.count > rect.height {
            let best = shown.sorted { scores[$0] > scores[$1] }.prefix(max(1, rect.height - 1))
            shown = best.sorted()
        }
        let answer = scores.answeredClass
        let names = shown.map { context.shortClassName($0) }
        let longest = names.map(columnWidth).max() ?? 1
        let columns = BarColumns(
            names: longest, fewest: fewestColumns(of: scores.indices.map { context.shortClassName($0) }),
            width: rect.width,
            hasTwoRows: shown.count == scores.count && rect.height >= 2 * scores.count)
        // Where there is much room the bars are two rows high, with a free one between them.
        let isTall = rect.height >= 3 * shown.count
        let step = isTall ? 3 : columns.isBelowNames ? 2 : 1
        for (line, index) in shown.enumerated() {
            let (y, score) = (rect.y + line * step, scores[index].isFinite ? min(max(scores[index], 0), 1) : 0)
            let bold = index == answer
            let name = beginning(of: names[line], columns: columns.name)
            let style = Style(
                index == label ? .rgb(context.theme.good) : bold ? context.theme.text : context.theme.quiet, bold: bold)
            if columns.isBelowNames {
                canvas.write(name, x: rect.x, y: y, style: style)
            } else {
                canvas.writeRight(name, maxX: rect.x + columns.name, y: y, style: style)
            }
            let rows = columns.isBelowNames ? y + 1..<y + 2 : y..<y + (isTall ? 2 : 1)
            for row in rows {
                drawBar(
                    into: &canvas, Rect(x: rect.x + columns.barStart, y: row, width: columns.bar, height: 1), score,
                    index)
            }
            guard columns.hasPercent else { continue }
            canvas.writeRight(
                formatFixed(Double(score) * 100, decimals: 0) + "%", maxX: rect.maxX - 1, y: y,
                style: Style(bold ? context.theme.text : context.theme.quiet, bold: bold))
        }
        if shown.count < scores.count {
            canvas.write(
                "+\(scores.count - shown.count) less likely", x: rect.x, y: rect.y + shown.count,
                style: Style(context.theme.quiet), limit: rect.width)
        }
    }

    private func drawBar(into canvas: inout Canvas, _ rect: Rect, _ share: Float, _ index: Int) {
        let eighths = Int(bounded: (share * Float(rect.width * 8)).rounded())
        let ink = Style(.rgb(context.hue(ofClass: index)), on: context.theme.selection)
        canvas.fill(rect, with: Cell(" ", Style(on: context.theme.selection)))
        for column in 0..<rect.width {
            let part = min(8, eighths - 8 * column)
            guard part > 0 else { break }
            let glyph: Unicode.Scalar =
                context.ascii ? (part >= 4 ? "#" : " ") : Unicode.Scalar(0x2590 - UInt32(part))!
            canvas[rect.x + column, rect.y] = Cell(glyph, ink)
        }
    }

    // MARK: The wrong ones

    private var wrong: [Int] {
        let answers = answers?.classes ?? []
        return answers.indices.filter { answers[$0] != context.snapshot.data.shownLabel($0) }
    }

    private func thumbnails(_ rect: Rect) -> [(row: Int, rect: Rect)] {
        let size = imageRect(shape, in: Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: rect.height - 2))
        let step = max(size.width, 5) + 1
        let count = max(0, (rect.width + 1) / step)
        return wrong.prefix(count).enumerated().map { index, row in
            (row, Rect(x: rect.x + index * step, y: rect.y + 1, width: size.width, height: size.height))
        }
    }

    private func drawStrip(into canvas: inout Canvas, _ rect: Rect) {
        let (wrong, quiet) = (wrong, Style(context.theme.quiet))
        guard let answers = answers?.classes, !answers.isEmpty else { return }
        canvas.write(
            wrong.isEmpty
                ? "all \(formatCount(answers.count)) right"
                : "wrong: \(formatCount(wrong.count)) of \(formatCount(answers.count))",
            x: rect.x, y: rect.y, style: quiet, limit: rect.width)
        for (row, place) in thumbnails(rect) {
            drawImage(
                into: &canvas, place, pixels: context.snapshot.data.shownImage(row), shape: shape, context: context)
            drawVerdict(
                into: &canvas, x: place.x, y: place.maxY, row: row, answer: answers[row], context, width: place.width)
        }
    }

    private func drawBrush(into canvas: inout Canvas, _ image: Rect, _ drawing: Drawing) {
        let (x, y) = (
            image.x + (2 * drawing.place.x + 1) * image.width / (2 * shape.width),
            image.y + (2 * drawing.place.y + 1) * image.height / (2 * shape.height)
        )
        var cell = canvas[x, y]
        cell.scalar = drawing.brush == .erases ? "x" : "+"
        cell.style.foreground = .rgb(context.theme.accent)
        cell.style.bold = true
        canvas[x, y] = cell
    }

    /// The drawing's pixel at a cell.
    func pixel(x: Int, y: Int, _ content: Rect) -> Drawing.Pixel? {
        let image = parts(content).image
        guard image.contains(x: x, y: y) else { return nil }
        return Drawing.Pixel(
            x: (x - image.x) * shape.width / image.width, y: (y - image.y) * shape.height / image.height)
    }

    /// The image at a cell.
    func image(x: Int, y: Int, _ content: Rect) -> Int? {
        parts(content).strip.flatMap { strip in thumbnails(strip).first { $0.rect.contains(x: x, y: y) }?.row }
    }
}

/// "8→5" below an image: its class and the network's answer; the class alone where that is right.
func drawVerdict(
    into canvas: inout Canvas, x: Int, y: Int, row: Int, answer: Int, _ context: PlotContext, width: Int
) {
    guard let label = context.snapshot.data.shownLabel(row) else { return }
    let isRight = label == answer
    let own = context.shortClassName(label)
    let style = isRight ? Style(context.theme.quiet) : Style(.rgb(context.theme.bad), bold: true)
    let answered = answer < 0 ? "?" : context.shortClassName(answer)
    let words = isRight ? own : verdictWords(own, answered, columns: max(5, width), ascii: context.ascii)
    canvas.write(words, x: x, y: y, style: style, limit: max(5, width))
}

/// "square→circle"; where that has no room, as much of both names as fits: "squa→cir".
func verdictWords(_ own: String, _ answered: String, columns: Int, ascii: Bool) -> String {
    let room = columns - 1
    let half = max(room / 2, room - columnWidth(answered))
    let first = String(own.prefix(max(1, min(columnWidth(own), half))))
    let second = answered.prefix(max(1, room - columnWidth(first)))
    return first + (ascii ? ">" : "→") + second
}

extension PlotContext {
    /// The row of the training image that slow motion goes through; nil: none.
    fileprivate var walkedImage: Int? {
        guard plots.walk?.mode == .motion, let row = walkedRow, row < snapshot.data.train.count else { return nil }
        return row
    }
}
