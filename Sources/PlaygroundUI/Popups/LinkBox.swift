import Session
import TerminalKit

/// The TensorFlow Playground link of the experiment in a box, whole, and what the page cannot say.
struct LinkBox: ScrolledBox {
    static let hints: [(key: String, word: String)] = [
        ("c", "copy"), ("s", "save"), ("↑↓", "scroll"), ("esc", "back"),
    ]
    let title = "Link"
    let link: String
    let rect: Rect
    private var lines: [(words: String, style: Style)] = []

    init(_ app: App) {
        let screen = app.popupRoom
        let width = min(84, screen.width - 4)
        let page = PlaygroundLink.pageLink(for: app.experiment)
        link = page.address
        for part in Self.parts(page) {
            let style = part.isLink ? app.accent : part.isBad ? app.bad : app.quiet
            lines += wrapText(part.words, columns: width - 4).map { ($0, style) }
        }
        rect = centredRect(width: width, height: min(screen.height - 2, lines.count + 2), in: screen)
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

    var lineCount: Int { lines.count }

    func handle(_ key: Key, in popup: ScrolledPopup<Self>) -> PopupAnswer? {
        switch key.code {
        case .character("c"), .character("y"):
            PopupAnswer(popup: popup) { [link] app in
                app.outbox.append(.copy(link))
                app.notice = "copied, if this terminal lets programs copy (OSC 52)"
            }
        case .character("s"):
            .closed { app in
                let path = app.session.suggestedPath
                let name = path.hasSuffix(".json") ? String(path.dropLast(5)) : path
                app.popup = Prompt.save(name + ".txt", thenQuit: false)
            }
        default: nil
        }
    }

    func drawLines(into canvas: inout Canvas, _ rect: Rect, from first: Int) {
        for (row, (words, style)) in lines.dropFirst(first).prefix(rect.height).enumerated() {
            canvas.write(words, x: rect.x, y: rect.y + row, style: style, limit: rect.width)
        }
    }
}
