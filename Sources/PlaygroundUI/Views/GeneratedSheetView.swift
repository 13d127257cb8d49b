import Basics
import Engine
import Session
import TerminalKit

extension ViewID {
    static let generatedSheet = ViewID("generatedSheet")
}

extension View {
    /// Generated images, and the way from one to another.
    static let generatedSheet = View(
        id: .generatedSheet, panel: .output,
        words:
            "Images that the generator makes of fixed noise, each with the class of the real image nearest to it. The last row goes in equal steps of noise from the first image to the second: what lies between should be images, too.",
        watch: "Images that repeat (mode collapse), and whether the last row changes in small steps.",
        suits: { $0.generatesImages },
        heading: { context, width in
            if let collapse = context.collapse {
                let titles = [collapse, PlotContext.collapseName].map { "Images · \($0)" }
                if let title = titles.first(where: { columnWidth($0) <= width }) { return title }
            }
            guard let shown = context.shown?.adversarial, !shown.classes.isEmpty else { return "Generated images" }
            let names = context.snapshot.data.learned.classNames.count
            return "Generated · \(Set(shown.classes).count) of \(plural(names, "class"))"
        },
        request: { context, rect, request in
            guard let sheet = GeneratedSheet(panelContent(of: rect), context) else { return }
            var wanted = AdversarialRequest()
            (wanted.images, wanted.between) = (sheet.images, sheet.columns)
            request.adversarial = wanted
        },
        draw: { canvas, rect, context in GeneratedSheet(panelContent(of: rect), context)?.draw(into: &canvas) },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.image = GeneratedSheet(panelContent(of: rect), context)?.image(x: x, y: y)
            return pointed
        },
        putCursor: { app, pointed in
            if let image = pointed.image { app.plots.adversarialSample = AdversarialSample(row: image) }
        })
}

/// Rows of generated images, the last of them a way between two.
private struct GeneratedSheet {
    let columns: Int
    let images: Int
    private let context: PlotContext
    private let shape: ImageShape
    private let content: Rect
    private let size: Rect
    private let lines: Int

    init?(_ content: Rect, _ context: PlotContext) {
        guard let shape = context.snapshot.data.learned.image, content.width > 8, content.height > 5 else { return nil }
        (self.context, self.shape) = (context, shape)
        self.content = content.inset(left: 1, right: 1)
        let most = min(max(2, (shape.height + 1) / 2), max(2, content.height / 3 - 2))
        size = imageRect(shape, in: Rect(x: 0, y: 0, width: max(5, content.width - 2), height: most))
        columns = max(2, self.content.width / (max(3, size.width) + 1))
        // The way between two images has a row of words and one of images.
        lines = max(1, (content.height - 1 - size.height) / (size.height + 1))
        images = min(columns * lines, 120)
    }

    private func place(_ column: Int, y: Int) -> Rect {
        Rect(x: content.x + column * (max(3, size.width) + 1), y: y, width: size.width, height: size.height)
    }

    private func place(ofImage index: Int) -> Rect {
        place(index % columns, y: content.y + index / columns * (size.height + 1))
    }

    /// The image under the mouse.
    func image(x: Int, y: Int) -> Int? {
        let count = context.shown?.adversarial?.images.count ?? 0
        return (0..<min(images, count)).first { place(ofImage: $0).contains(x: x, y: y) }
    }

    func draw(into canvas: inout Canvas) {
        guard let shown = context.shown?.adversarial, shown.images.count >= 1 else { return }
        let names = context.snapshot.data.learned.classNames
        for (index, image) in shown.images.prefix(images).enumerated() {
            let rect = place(ofImage: index)
            drawImage(into: &canvas, rect, pixels: image.map { min(max($0, 0), 1) }, shape: shape, context: context)
            guard shown.classes.indices.contains(index), names.indices.contains(shown.classes[index]) else { continue }
            // The one whose way the stack shows stands out.
            let isLookedAt = context.adversarialSample == AdversarialSample(row: index)
            canvas.writeCentred(
                names[shown.classes[index]], x: rect.x, width: rect.width, y: rect.maxY,
                style: Style(
                    .rgb(context.theme.color(ofClass: shown.classes[index])), bold: isLookedAt, reverse: isLookedAt))
        }
        let y = content.maxY - size.height
        guard y - 1 >= content.y + lines * (size.height + 1) else { return }
        canvas.write(
            "from the first to the second", x: content.x, y: y - 1, style: Style(context.theme.quiet),
            limit: content.width)
        for (index, image) in shown.between.prefix(columns).enumerated() {
            drawImage(
                into: &canvas, place(index, y: y), pixels: image.map { min(max($0, 0), 1) }, shape: shape,
                context: context)
        }
    }
}
