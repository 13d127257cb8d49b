import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let reconstructionSheet = ViewID("reconstructionSheet")
}

extension View {
    /// All images with what the network gives back of them, the worst first.
    static let reconstructionSheet = View(
        id: .reconstructionSheet, panel: .output,
        words:
            "Each image above, and underneath what the network gives back of it, with its error: the worst come first. What is unlike all that it has seen stands at the top.",
        watch: "What the worst have in common; an image that is unlike all others stands first.",
        suits: { $0.image != nil && $0.task == .reconstruction },
        heading: { context, width in
            let images = formatCount(context.reconstructions?.errors.count ?? 0, "image")
            let titles = ["Output · \(images), the worst first", "Output · \(images) by error"]
            return titles.first { columnWidth($0) <= width } ?? "\(images) by error"
        },
        request: { context, rect, request in
            request.image = context.imageChoice
            let sheet = ReconstructionSheet(panelContent(of: rect).inset(left: 1, right: 1), context)
            request.reconstruction = ReconstructionRequest(
                row: context.imageRow, draw: context.plots.draw, others: sheet?.rows ?? [])
        },
        draw: { canvas, rect, context in
            ReconstructionSheet(panelContent(of: rect).inset(left: 1, right: 1), context)?.draw(into: &canvas)
        },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.image = ReconstructionSheet(panelContent(of: rect).inset(left: 1, right: 1), context)?.image(
                x: x, y: y)
            return pointed
        },
        putCursor: { app, pointed in if let image = pointed.image { app.plots.image = image } },
        commands: [
            Command(
                "reconstruction.sheet", "images: all of them with what the network gives back; again: one image",
                hint: "all images", keys: ["w"], panels: [.output], views: [.reconstruction, .reconstructionSheet],
                disabled: ImageCommands.needsImages
            ) { app in
                app.toggle(.reconstructionSheet)
                guard app.view(in: .output)?.id == .reconstructionSheet,
                    let worst = app.plotContext?.reconstructions?.worst.first
                else { return }
                app.plots.image = worst
            },
            walking("left", "before", across: -1).lasting, walking("right", "after", across: 1),
            walking("up", "above", along: -1), walking("down", "below", along: 1),
        ])

    private static func walking(_ key: String, _ place: String, across: Int = 0, along: Int = 0) -> Command {
        Command(
            "reconstructionSheet.\(key)", "in the sheet: the image \(place)", hint: "walk", keys: [key],
            panels: [.output], views: [.reconstructionSheet]
        ) { app in
            guard let context = app.plotContext, let area = app.layout.area(.output),
                let sheet = ReconstructionSheet(panelContent(of: area.rect).inset(left: 1, right: 1), context),
                !sheet.order.isEmpty
            else { return }
            let next = min(max(0, sheet.selected + across + along * sheet.columns), sheet.order.count - 1)
            app.plots.image = sheet.order[next]
        }
    }
}

/// Images above what the network gives back of them, in the order of their errors.
struct ReconstructionSheet {
    private let context: PlotContext
    private let shape: ImageShape
    private let content: Rect
    private let size: Rect
    /// Columns that an error needs: "0.012".
    private static let least = 5
    let columns: Int
    private let lines: Int
    /// Free rows between an image and what is given back, where there is room.
    private let gap: Int
    /// The rows of the images in the order of the sheet.
    let order: [Int]

    /// - Parameter lines: nil: as many as there is room for.
    /// nil: no images, or no room.
    init?(_ content: Rect, _ context: PlotContext, lines fixed: Int? = nil) {
        guard let shape = context.scene.image, content.width > 6, content.height > 2 else { return nil }
        (self.context, self.shape, self.content) = (context, shape, content)
        let most = max(1, min((shape.height + 1) / 2, (content.height / (fixed ?? 2) - 1) / 2))
        size = imageRect(shape, in: Rect(x: 0, y: 0, width: content.width, height: most))
        columns = max(1, (content.width + 1) / (max(Self.least, size.width) + 1))
        gap = fixed == nil && content.height >= 2 * (2 * size.height + 3) ? 1 : 0
        lines = fixed ?? max(1, (content.height + 1) / (2 * size.height + gap + 2))
        order = context.reconstructions?.worst ?? Array(0..<context.imageCount)
    }

    /// The place of the chosen image in the sheet.
    var selected: Int { order.firstIndex(of: context.imageRow) ?? 0 }

    /// A strip of one line always begins with the worst.
    private var first: Int { lines == 1 ? 0 : max(0, selected / columns - lines / 2) * columns }

    private var places: Range<Int> { min(first, order.count)..<min(order.count, first + columns * lines) }

    /// The rows in sight.
    var rows: [Int] { Array(order[places]) }

    private func place(_ index: Int) -> Rect {
        Rect(
            x: content.x + (index - first) % columns * (max(Self.least, size.width) + 1),
            y: content.y + (index - first) / columns * (2 * size.height + gap + 2), width: size.width,
            height: size.height)
    }

    func draw(into canvas: inout Canvas) {
        let results = context.reconstructions?.results ?? [:]
        for index in places {
            let (row, rect) = (order[index], place(index))
            drawImage(
                into: &canvas, rect, pixels: context.snapshot.data.shownImage(row), shape: shape, context: context)
            if let result = results[row] {
                let below = Rect(x: rect.x, y: rect.maxY + gap, width: rect.width, height: rect.height)
                drawImage(
                    into: &canvas, below, pixels: result.map { min(max($0, 0), 1) }, shape: shape, context: context)
            }
            guard rect.maxY + gap + rect.height < content.maxY else { continue }
            let isChosen = row == context.imageRow
            let room = max(Self.least, rect.width)
            canvas.write(
                context.errorWords(row, room: room), x: rect.x, y: rect.maxY + gap + rect.height,
                style: isChosen ? Style(.rgb(context.theme.accent), bold: true) : Style(context.theme.quiet),
                limit: room
            )
        }
        // Below the last line, where the sheet leaves a row: what stands above what.
        let last = places.last.map { place($0).maxY + gap + size.height + 1 } ?? content.maxY
        guard lines > 1, last < content.maxY else { return }
        canvas.write(
            ["above the input, below what is given back", "input above, given back below"].first {
                columnWidth($0) <= content.width
            } ?? "", x: content.x, y: content.maxY - 1, style: Style(context.theme.quiet))
    }

    func image(x: Int, y: Int) -> Int? {
        places.first { index in
            let rect = place(index)
            return Rect(x: rect.x, y: rect.y, width: max(Self.least, rect.width), height: 2 * rect.height + gap + 1)
                .contains(
                    x: x, y: y)
        }.map { order[$0] }
    }
}
