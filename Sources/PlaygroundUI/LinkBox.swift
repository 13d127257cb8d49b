import Session
import TerminalKit

/// The TensorFlow Playground link of the experiment in a box, whole, and what the page cannot say.
struct LinkBox {
    let link: String
    private let app: App
    private let rect: Rect
    private var lines: [(words: String, style: Style)] = []

    init(_ app: App) {
        self.app = app
        var shown = app
        shown.popup = .link(scroll: 0)
        rect = PopupPlace(shown).rect
        let page = PlaygroundLink.pageLink(for: app.experiment)
        link = page.address
        for part in Self.parts(page) {
            let style = part.isLink ? app.accent : part.isBad ? app.bad : app.quiet
            lines += wrapText(part.words, columns: rect.width - 4).map { ($0, style) }
        }
    }

    private struct Part {
        var words: String
        var isLink = false
        var isBad = false
    }

    private static func parts(_ page: PageLink) -> [Part] {
        var parts = [Part(words: page.address, isLink: true)]
        if !page.unsaid.isEmpty {
            parts.append(
                Part(words: "\nThe page cannot say all of this experiment, and trains another one:", isBad: true))
            for error in page.unsaid { parts.append(Part(words: "· \(error.description)")) }
        }
        if !page.leftOut.isEmpty {
            parts.append(Part(words: "\nLeft out: \(page.leftOut.joined(separator: ", "))."))
        }
        return parts
    }

    /// The height of the box that shows all of it in this width.
    static func height(_ app: App, width: Int) -> Int {
        let page = PlaygroundLink.pageLink(for: app.experiment)
        return 2 + parts(page).reduce(0) { $0 + wrapText($1.words, columns: width - 4).count }
    }

    private var listHeight: Int { max(0, rect.height - 2) }
    var lastScroll: Int { max(0, lines.count - listHeight) }

    func draw(into canvas: inout Canvas, scroll: Int) {
        drawBox(into: &canvas, rect, title: "Link", style: app.quiet, titleStyle: app.accent, fill: app.text)
        let scroll = min(scroll, lastScroll)
        for row in 0..<min(listHeight, lines.count - scroll) {
            let (words, style) = lines[scroll + row]
            canvas.write(words, x: rect.x + 2, y: rect.y + 1 + row, style: style, limit: rect.width - 4)
        }
        drawScrollMarks(
            into: &canvas, rect.inset(left: 1, top: 1, right: 1, bottom: 1), above: scroll,
            below: lines.count - scroll - listHeight, app.quiet)
    }
}
