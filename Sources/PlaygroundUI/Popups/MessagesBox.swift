import TerminalKit

/// The news so far in full, the newest first: on the screen they stand for a few seconds and in a few lines.
struct MessagesBox: ScrolledBox {
    static let opener: Unicode.Scalar? = "!"
    let title = "Messages"
    let rect: Rect
    private let lines: [(text: String, style: Style)]

    init(_ app: App) {
        let screen = app.popupRoom
        let width = min(76, screen.width - 4)
        var lines: [(text: String, style: Style)] = []
        for notice in app.pastNotices.reversed() {
            if !lines.isEmpty { lines.append(("", app.text)) }
            lines += wrapText(notice.text, columns: width - 4).map { ($0, notice.bad ? app.bad : app.text) }
        }
        self.lines = lines
        rect = centredRect(width: width, height: min(screen.height - 2, lines.count + 2), in: screen)
    }

    var lineCount: Int { lines.count }

    func drawLines(into canvas: inout Canvas, _ rect: Rect, from first: Int) {
        for (row, line) in lines.dropFirst(first).prefix(rect.height).enumerated() {
            canvas.write(line.text, x: rect.x, y: rect.y + row, style: line.style, limit: rect.width)
        }
    }
}
