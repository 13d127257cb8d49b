import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let pictures = ViewID("pictures")
}

extension View {
    /// The picture that a procedure changes, beside those that it goes by.
    static let pictures = View(
        id: .pictures, panel: .output,
        words:
            "The picture as it stands, beside those that it goes by. The network's weights stay as they are: what is trained is the picture at its input. (← →) choose another first picture, (↑ ↓) another second one; saved (s), it leaves pixel by pixel. The layers show what they make of it when it is as small as the network's images (4).",
        watch: "Whether a person still sees the content, and where the network puts the style's patterns.",
        suits: { $0.hasPicture }, heading: { PictureSheet.heading($0, width: $1) },
        draw: { canvas, rect, context in PictureSheet(panelContent(of: rect), context)?.draw(into: &canvas) },
        inWords: { context in
            guard let report = context.snapshot.picture else { return [] }
            let wanted = Catalogue.pictures(of: context.snapshot.experiment.training.procedure)
            return wanted.filter { !$0.words.isEmpty }.map { "\($0.knob): \($0.words)" } + [
                "the picture: \(report.now.side) by \(report.now.side) pixels after \(formatCount(context.snapshot.step, "step"))"
            ]
        },
        tab: "Image",
        shownImage: { context in
            guard let shape = context.scene.image, shape.height == shape.width else { return nil }
            return context.snapshot.picture?.now.resized(to: shape.width).values
        }, savedAs: "png",
        commands: [
            walking("left", "h", picture: 0, -1), walking("right", "l", picture: 0, 1),
            walking("up", "k", picture: 1, -1), walking("down", "j", picture: 1, 1),
            Command(
                "picture.images", "pictures: the images of the data in place of the picture; again: the picture",
                hint: "images", keys: ["O"], panels: [.output],
                disabled: {
                    $0.plotContext?.scene.hasPicture == false ? "the procedure changes no picture" : nil
                }
            ) { app in
                guard let context = app.plotContext else { return }
                let isShown = context.view(in: .output)?.id == .pictures
                let others = View.views(of: .output).filter { $0.id != .pictures && $0.suits(context.scene) }
                app.plots.views[.output] = isShown ? others.first?.id : .pictures
            },
        ])

    private static func walking(_ key: String, _ other: String, picture: Int, _ direction: Int) -> Command {
        let name = picture == 0 ? "first" : "second"
        return Command(
            "picture.\(key)",
            "pictures: \(direction < 0 ? "the one before" : "the next one") that the program draws, as the \(name) one",
            hint: "\(name) picture", keys: [key, other], panels: [.output], views: [.pictures]
        ) { app in
            let procedure = app.experiment.training.procedure
            let wanted = Catalogue.pictures(of: procedure)
            guard wanted.indices.contains(picture) else { return }
            let names = DrawnPicture.all.filter { $0.isPattern == (picture == 1) }.map(\.name)
            let place = names.firstIndex(of: wanted[picture].words)
            let next = place.map { ($0 + direction + names.count) % names.count } ?? 0
            app.act(
                .set(path: "training.procedure.\(procedure.id).\(wanted[picture].knob)", .string(names[next])))
        }
    }
}

/// The places of the pictures: the one that changes as large as there is room, the others above it or beside it.
private struct PictureSheet {
    private let context: PlotContext
    private let report: PictureReport
    private let large: Rect
    /// With the row of its title above it.
    private let small: [Rect]

    /// The pictures' names, and where there is room the shares that the procedure measures: "Picture · star + waves · kept 98 %".
    static func heading(_ context: PlotContext, width: Int) -> String {
        let named = Catalogue.pictures(of: context.snapshot.experiment.training.procedure).map(\.words)
            .filter { !$0.isEmpty }
        let names = named.joined(separator: " + ")
        let short = named.isEmpty ? "Picture" : "Picture · \(names)"
        let shares = (context.snapshot.evaluation?.metrics ?? []).filter { $0.format == .percent }.compactMap {
            metric in
            context.snapshot.evaluation?[metric.id].map { "\(metric.title) \(formatFixed(100 * $0, decimals: 0)) %" }
        }
        let long = ([short] + shares).joined(separator: " · ")
        return [long, short].first { columnWidth($0) <= width } ?? (names.isEmpty ? short : names)
    }

    init?(_ content: Rect, _ context: PlotContext) {
        guard let report = context.snapshot.picture, content.width > 8, content.height > 3 else { return nil }
        (self.context, self.report) = (context, report)
        let room = content.inset(left: 1, right: 1)
        let count = report.beside.count
        /// The largest square, in cells.
        func square(_ rect: Rect) -> Rect {
            let height = max(0, min(rect.height, rect.width / 2))
            return Rect(x: rect.x, y: rect.y, width: 2 * height, height: height)
        }
        // Beside it: a column of the others, a third as wide; above it: a row of them.
        let beside = min(room.width / 3, 2 * max(0, room.height / max(1, count) - 1))
        let left = square(Rect(x: room.x, y: room.y, width: room.width - beside - 2, height: room.height))
        let above = max(2, min(room.height / 3, room.width / (2 * max(1, count))))
        let below = square(Rect(x: room.x, y: room.y + above, width: room.width, height: room.height - above))
        guard count > 0, max(left.height, below.height) >= 4 else {
            large = square(room)
            small = []
            return
        }
        if left.height >= below.height {
            large = left
            let step = room.height / count
            small = (0..<count).map { index in
                let own = square(
                    Rect(
                        x: left.maxX + 2, y: room.y + index * step + 1, width: room.maxX - left.maxX - 2,
                        height: min(step - 1, max(4, left.height / 2 - 1))))
                return Rect(x: own.x, y: own.y - 1, width: own.width, height: own.height + 1)
            }
        } else {
            large = below
            let width = 2 * (above - 1)
            small = (0..<count).map { index in
                Rect(x: room.x + index * (width + 2), y: room.y, width: width, height: above)
            }
        }
    }

    func draw(into canvas: inout Canvas) {
        draw(report.now, large, into: &canvas)
        for (rect, beside) in zip(small, report.beside) {
            canvas.write(beside.title, x: rect.x, y: rect.y, style: Style(context.theme.quiet), limit: rect.width)
            draw(
                beside.picture, Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: rect.height - 1),
                into: &canvas)
        }
    }

    private func draw(_ picture: InputPicture, _ rect: Rect, into canvas: inout Canvas) {
        guard rect.width > 1, rect.height > 0 else { return }
        let shape = ImageShape(channels: picture.channels, height: picture.side, width: picture.side)
        drawImage(into: &canvas, rect, pixels: picture.values, shape: shape, context: context)
    }
}
