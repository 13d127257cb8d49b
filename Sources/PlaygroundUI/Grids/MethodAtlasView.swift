import Session
import TerminalKit

/// Draws the table of methods. What does not fit beside the selected cell is left out, its way told by the keys.
struct MethodAtlasView {
    private let app: App
    private let atlas: MethodAtlas
    private let room: Rect
    private let cell: (width: Int, height: Int)
    private let shown: (columns: Range<Int>, rows: Range<Int>)

    private static let leastWidth = 8
    private static let mostWidth = 26
    private static let leastHeight = 4

    init(_ app: App, _ atlas: MethodAtlas) {
        (self.app, self.atlas) = (app, atlas)
        let labels = min(12, (atlas.rows.map { columnWidth($0.title) }.max() ?? 0) + 2)
        // Above the cells a title and two rows of names, below them a line on the selected one and the keys.
        let room = Rect(x: labels, y: 4, width: max(0, app.width - labels), height: max(0, app.height - 6))
        self.room = room
        // The data stand beside the methods, in a column of their own.
        let columns = atlas.methods.count + 1
        let width = min(max(Self.leastWidth, room.width / max(1, columns)), Self.mostWidth)
        // A picture is twice as wide as high: then it is square. Below it stands the score. One more row may make them lower.
        let square = width / 2 + 1
        let rows = min(atlas.rows.count, max(1, (room.height + square - 1) / square))
        let height = min(square, max(Self.leastHeight, room.height / rows))
        cell = (width, height)
        func window(_ count: Int, _ room: Int, around place: Int) -> Range<Int> {
            let fit = min(count, max(1, room))
            let start = min(max(0, place - fit / 2), count - fit)
            return start..<(start + fit)
        }
        shown = (
            window(atlas.methods.count, room.width / width - 1, around: atlas.column),
            window(atlas.rows.count, room.height / height, around: atlas.row)
        )
    }

    private var pixels: ViewRequest.Size {
        ViewRequest.Size(columns: max(1, cell.width - 1), rows: max(1, 2 * (cell.height - 1)))
    }

    /// Of the data that are seen.
    var requests: [ViewRequest] {
        atlas.rows.indices.map { row in
            var request = ViewRequest()
            guard shown.rows.contains(row) else { return request }
            request.columns = app.experiment.view.columns
            (request.boundary, request.rivals) = (pixels, pixels)
            return request
        }
    }

    func draw(into frame: inout Frame) {
        drawPanelTitle(
            into: &frame.canvas, rect: Rect(x: 0, y: 1, width: app.width, height: 1), title: "Methods", key: nil,
            focused: true, theme: app.theme, capabilities: app.capabilities)
        drawNames(into: &frame.canvas)
        let contexts = shown.rows.map { GridDrawing(app: app).context($0, title: "") }
        for (row, context) in zip(shown.rows, contexts) {
            let y = room.y + (row - shown.rows.lowerBound) * cell.height
            frame.canvas.write(
                atlas.rows[row].title, x: 1, y: y + (cell.height - 1) / 2,
                style: row == atlas.row ? app.accent : app.quiet, limit: room.x - 2)
            guard let context else { continue }
            draw(context, row, y: y, into: &frame)
        }
        if let context = zip(shown.rows, contexts).first(where: { $0.0 == atlas.row })?.1 {
            drawSelected(context, into: &frame.canvas)
        }
    }

    private func x(ofColumn column: Int) -> Int { room.x + (1 + column - shown.columns.lowerBound) * cell.width }

    /// The methods' names in two rows: each in its words below each other, or, where words are wider than the cells, by turns
    /// in the upper and the lower row, over the next cell.
    private func drawNames(into canvas: inout Canvas) {
        canvas.write("data", x: room.x, y: 3, style: app.quiet)
        let names = shown.columns.map { atlas.methods[$0] }
        let fit = names.allSatisfy { name in
            let words = name.split(separator: " ")
            return words.count <= 2 && words.allSatisfy { columnWidth(String($0)) < cell.width }
        }
        for (place, (column, name)) in zip(shown.columns, names).enumerated() {
            let style = column == atlas.column ? app.accent : app.quiet
            let x = x(ofColumn: column)
            if fit {
                let lines = wrapText(name, columns: cell.width - 1)
                for (row, line) in lines.enumerated() {
                    canvas.write(line, x: x, y: 4 - lines.count + row, style: style, limit: cell.width - 1)
                }
            } else {
                canvas.write(name, x: x, y: 3 - place % 2, style: style, limit: min(2 * cell.width - 1, app.width - x))
            }
        }
    }

    private func draw(_ context: PlotContext, _ row: Int, y: Int, into frame: inout Frame) {
        let (width, height) = (cell.width - 1, cell.height - 1)
        let most = width * height / (context.fewColors || context.ascii ? 4 : 2)
        var data = context
        data.picture = nil
        OutputPanel.drawPoints(
            into: &frame.canvas, Rect(x: room.x, y: y, width: width, height: height), data, most: most)
        let contestants = context.contestants
        for column in shown.columns where contestants.indices.contains(column) {
            let contestant = contestants[column]
            let plot = Rect(x: x(ofColumn: column), y: y, width: width, height: height)
            frame.hit(
                Rect(x: plot.x, y: y, width: cell.width, height: cell.height), nil,
                .cell(row * atlas.methods.count + column))
            ContestantPlane(contestant, context).draw(into: &frame.canvas, plot, most: most)
            let isSelected = column == atlas.column && row == atlas.row
            let isBest = contestants.isBest(contestant.score)
            let style =
                isSelected
                ? app.selected : isBest ? Style(.rgb(app.theme.accent), bold: true) : Style(app.theme.text)
            if isSelected {
                frame.canvas.fill(Rect(x: plot.x, y: plot.maxY, width: width, height: 1), with: Cell(" ", style))
            }
            frame.canvas.writeRight(
                width < 9 ? contestant.roundedScore : contestant.text(contestant.score), maxX: plot.maxX, y: plot.maxY,
                style: style)
            if !contestant.isFinished { frame.canvas.write("…", x: plot.x, y: plot.maxY, style: style) }
        }
    }

    /// "moons · SVM: test 97.5 % · train 98 % · 23 support vectors · 12 ms", as much of it as fits.
    private func drawSelected(_ context: PlotContext, into canvas: inout Canvas) {
        let contestants = context.contestants
        guard contestants.indices.contains(atlas.column) else { return }
        let contestant = contestants[atlas.column]
        var facts = contestant.scores.isEmpty ? [contestant.text(nil)] : contestant.scores
        if !contestant.words.isEmpty { facts.append(contestant.words) }
        if contestant.index >= 0 { facts.append(contestant.time) }
        let hidden = atlas.methods.count - shown.columns.count + atlas.rows.count - shown.rows.count
        if hidden > 0 { facts.append("the arrows lead to \(hidden) more") }
        let start = "\(atlas.rows[atlas.row].title) · \(contestant.title): "
        while facts.count > 1, columnWidth(start + facts.joined(separator: " · ")) > app.width - 2 {
            facts.removeLast()
        }
        canvas.write(
            start + facts.joined(separator: " · "), x: 1, y: app.height - 2, style: app.text, limit: app.width - 2)
    }
}
