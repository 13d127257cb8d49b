import Session
import TerminalKit

/// The experiment's story in a box over the panels, scrolled where the window is low.
struct StoryBox {
    private let app: App
    private let rect: Rect
    private let lines: [String]

    /// The story, and where there are variants how to see them.
    static func text(_ app: App) -> String {
        let experiment = app.experiment
        guard !experiment.compare.isEmpty else { return experiment.story }
        let titles = experiment.compare.map(\.title).joined(separator: ", ")
        return "\(experiment.story)\n\nv switches between its variants, V races them: \(titles)."
    }

    init(_ app: App) {
        var told = app
        told.popup = .story(scroll: 0)
        self.app = app
        rect = PopupPlace(told).rect
        lines = wrapText(Self.text(app), columns: rect.width - 4)
    }

    private var listHeight: Int { max(0, rect.height - 2) }
    var lastScroll: Int { max(0, lines.count - listHeight) }

    func draw(into canvas: inout Canvas, scroll: Int) {
        let title = app.experiment.title.isEmpty ? "Story" : app.experiment.title
        drawBox(into: &canvas, rect, title: title, style: app.quiet, titleStyle: app.accent, fill: app.text)
        let scroll = min(scroll, lastScroll)
        for row in 0..<min(listHeight, lines.count - scroll) {
            canvas.write(
                lines[scroll + row], x: rect.x + 2, y: rect.y + 1 + row, style: app.text, limit: rect.width - 4)
        }
        drawScrollMarks(
            into: &canvas, rect.inset(left: 1, top: 1, right: 1, bottom: 1), above: scroll,
            below: lines.count - scroll - listHeight, app.quiet)
    }
}
