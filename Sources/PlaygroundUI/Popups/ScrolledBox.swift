import TerminalKit

/// A text in a box over the panels: the help, the story, the link.
protocol ScrolledBox {
    init(_ app: App)
    /// The character that opens it, which closes it too; nil: none.
    static var opener: Unicode.Scalar? { get }
    static var hints: [(key: String, word: String)] { get }
    var rect: Rect { get }
    var title: String { get }
    var lineCount: Int { get }
    /// - Parameters:
    ///   - rect: the box within its frame.
    ///   - first: the first line that is shown.
    func drawLines(into canvas: inout Canvas, _ rect: Rect, from first: Int)
    /// A key of the box's own; nil: it has none such.
    func handle(_ key: Key, in popup: ScrolledPopup<Self>) -> PopupAnswer?
}

extension ScrolledBox {
    static var opener: Unicode.Scalar? { nil }
    static var hints: [(key: String, word: String)] { [("↑↓", "scroll"), ("esc", "back")] }
    func handle(_ key: Key, in popup: ScrolledPopup<Self>) -> PopupAnswer? { nil }

    /// Lines that fit into the box.
    var listHeight: Int { max(0, rect.height - 2) }
    var lastScroll: Int { max(0, lineCount - listHeight) }
}

/// A text over the panels, from the first line shown.
struct ScrolledPopup<Box: ScrolledBox>: Popup {
    var scroll = 0

    func rect(in app: App) -> Rect { Box(app).rect }
    var hints: [(key: String, word: String)] { Box.hints }

    func draw(into canvas: inout Canvas, _ rect: Rect, _ app: App) {
        let box = Box(app)
        let scroll = min(scroll, box.lastScroll)
        drawBox(into: &canvas, rect, title: box.title, style: app.quiet, titleStyle: app.accent, fill: app.text)
        box.drawLines(into: &canvas, rect.inset(left: 2, top: 1, right: 2, bottom: 1), from: scroll)
        drawScrollMarks(
            into: &canvas, rect.inset(left: 1, top: 1, right: 1, bottom: 1), above: scroll,
            below: box.lineCount - scroll - box.listHeight, app.quiet)
    }

    func handle(_ key: Key, _ app: App) -> PopupAnswer {
        let box = Box(app)
        if let answer = box.handle(key, in: self) { return answer }
        switch key.code {
        case .escape, .enter, .character("q"), .function(1): return .closed
        case .character(let scalar) where scalar == Box.opener: return .closed
        case .down, .character("j"): return scrolled(by: 1, box)
        case .up, .character("k"): return scrolled(by: -1, box)
        case .pageDown, .character(" "): return scrolled(by: 10, box)
        case .pageUp: return scrolled(by: -10, box)
        case .home: return scrolled(by: -scroll, box)
        case .end: return scrolled(by: box.lastScroll - scroll, box)
        default: return scrolled(by: 0, box)
        }
    }

    func handle(_ mouse: Mouse, in rect: Rect, _ app: App) -> PopupAnswer {
        switch mouse.kind {
        case .scrollDown: scrolled(by: 3, Box(app))
        case .scrollUp: scrolled(by: -3, Box(app))
        default: rect.contains(x: mouse.x, y: mouse.y) ? .open(self) : .closed
        }
    }

    private func scrolled(by lines: Int, _ box: Box) -> PopupAnswer {
        .open(ScrolledPopup(scroll: min(max(0, scroll + lines), box.lastScroll)))
    }
}
