import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let imageSheet = ViewID("imageSheet")
}

extension View {
    /// The images with what the network answers, the wrong ones first.
    static let imageSheet = View(
        id: .imageSheet, panel: .output,
        words:
            "The images with their classes; where the network answers another one, that stands behind the arrow. The wrong ones come first.",
        watch: "Wrong answers with high probability: look for what these images have in common.",
        suits: { $0.image != nil && $0.task != .reconstruction },
        heading: { context, _ in
            let answers = context.shown?.images?.classes ?? []
            let wrong = answers.indices.count { answers[$0] != context.snapshot.data.shownLabel($0) }
            return answers.isEmpty
                ? "Output · images" : "Output · \(formatCount(wrong)) of \(formatCount(answers.count)) wrong"
        },
        request: { context, _, request in
            request.image = context.imageChoice
            request.answersImages = true
        },
        draw: { canvas, rect, context in ImageSheet(panelContent(of: rect), context)?.draw(into: &canvas) },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.image = ImageSheet(panelContent(of: rect), context)?.image(x: x, y: y)
            return pointed
        },
        putCursor: { app, pointed in if let image = pointed.image { app.plots.image = image } },
        commands: ImageSheet.commands)
}

/// Rows of small images around the chosen one.
struct ImageSheet {
    private let context: PlotContext
    private let shape: ImageShape
    private let content: Rect
    private let size: Rect
    let columns: Int
    private let lines: Int
    private let answers: [Int]
    /// The rows of the images in the order of the sheet.
    let order: [Int]

    /// nil: no images, no room, or no answers yet.
    init?(_ content: Rect, _ context: PlotContext) {
        guard let shape = context.scene.image, let answers = context.shown?.images?.classes, !answers.isEmpty,
            content.width > 8, content.height > 3
        else { return nil }
        (self.context, self.shape, self.answers) = (context, shape, answers)
        self.content = content.inset(left: 1, right: 1)
        // As large as a few lines of them allow, and not larger than a pixel for each of theirs.
        let most = min(max(2, (shape.height + 1) / 2), max(2, content.height / 3 - 2))
        size = imageRect(shape, in: Rect(x: 0, y: 0, width: max(5, content.width - 2), height: most))
        columns = max(1, (content.width - 1) / (max(5, size.width) + 1))
        lines = max(1, content.height / (size.height + 1))
        func isWrong(_ row: Int) -> Bool { answers[row] != context.snapshot.data.shownLabel(row) }
        order = answers.indices.filter(isWrong) + answers.indices.filter { !isWrong($0) }
    }

    /// The place of the chosen image in the sheet.
    var selected: Int { order.firstIndex(of: context.imageRow) ?? 0 }

    private var first: Int { max(0, selected / columns - lines / 2) * columns }

    private func place(_ index: Int) -> Rect {
        Rect(
            x: content.x + (index - first) % columns * (max(5, size.width) + 1),
            y: content.y + (index - first) / columns * (size.height + 1), width: size.width, height: size.height)
    }

    func draw(into canvas: inout Canvas) {
        for index in first..<min(order.count, first + columns * lines) {
            let (row, rect) = (order[index], place(index))
            drawImage(
                into: &canvas, rect, pixels: context.snapshot.data.shownImage(row), shape: shape, context: context)
            drawVerdict(
                into: &canvas, x: rect.x, y: rect.maxY, row: row, answer: answers[row], context, width: rect.width)
            if row == context.imageRow {
                canvas.write(
                    context.ascii ? "*" : "◆", x: rect.x + max(4, rect.width - 1), y: rect.maxY,
                    style: Style(.rgb(context.theme.accent), bold: true))
            }
        }
    }

    func image(x: Int, y: Int) -> Int? {
        (first..<min(order.count, first + columns * lines)).first { index in
            let rect = place(index)
            return Rect(x: rect.x, y: rect.y, width: max(5, rect.width), height: rect.height + 1).contains(x: x, y: y)
        }.map { order[$0] }
    }

    fileprivate static let commands: [Command] = [
        Command(
            "image.sheet", "images: all of them with the answers, the wrong ones first; again: one image",
            hint: "all images", keys: ["w"], panels: [.output], views: .ofImages, disabled: ImageCommands.needsAnswers
        ) { $0.toggle(.imageSheet) }.for(.images),
        walking("left", "before", across: -1).lasting, walking("right", "after", across: 1),
        walking("up", "above", along: -1), walking("down", "below", along: 1),
    ]

    private static func walking(_ key: String, _ place: String, across: Int = 0, along: Int = 0) -> Command {
        Command(
            "sheet.\(key)", "in the sheet: the image \(place)", hint: "walk", keys: [key], panels: [.output],
            views: [.imageSheet]
        ) { walk(&$0, across: across, along: along) }
    }

    private static func walk(_ app: inout App, across: Int, along: Int) {
        guard let context = app.plotContext, let area = app.layout.area(.output),
            let sheet = ImageSheet(panelContent(of: area.rect), context)
        else { return }
        let next = min(max(0, sheet.selected + across + along * sheet.columns), sheet.order.count - 1)
        app.plots.image = sheet.order[next]
    }
}
