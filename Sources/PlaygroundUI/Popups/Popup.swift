import TerminalKit

/// A box over the panels that takes the keys: a menu, a line to type, a text to read, a question.
protocol Popup: Sendable {
    /// Its place on the screen.
    func rect(in app: App) -> Rect
    func draw(into canvas: inout Canvas, _ rect: Rect, _ app: App)
    /// The keys that the bottom row names while it is open.
    var hints: [(key: String, word: String)] { get }
    func handle(_ key: Key, _ app: App) -> PopupAnswer
    /// A press or the wheel.
    func handle(_ mouse: Mouse, in rect: Rect, _ app: App) -> PopupAnswer
    func paste(_ text: String, _ app: App) -> PopupAnswer
    /// It waits for an answer in a line.
    var asks: Bool { get }
    /// Its text in lines, where there is no screen.
    func spoken(_ app: App) -> [String]
    /// The consequence of a line; nil: it takes none.
    func answer(_ line: String, _ app: App) -> PopupAnswer?
}

extension Popup {
    /// A click beside it closes it.
    func handle(_ mouse: Mouse, in rect: Rect, _ app: App) -> PopupAnswer {
        mouse.kind == .press && !rect.contains(x: mouse.x, y: mouse.y) ? .closed : .open(self)
    }

    func paste(_ text: String, _ app: App) -> PopupAnswer { .open(self) }
}

/// The consequence of an event for a popup, and for the app.
struct PopupAnswer {
    /// The popup from now on; nil: it is closed.
    var popup: (any Popup)?
    /// The change of the app, once the popup is as it will be.
    var run: ((inout App) -> Void)?

    static var closed: PopupAnswer { PopupAnswer() }
    static func open(_ popup: any Popup) -> PopupAnswer { PopupAnswer(popup: popup) }
    static func closed(_ run: @escaping (inout App) -> Void) -> PopupAnswer { PopupAnswer(run: run) }
}

extension App {
    mutating func take(_ answer: PopupAnswer) {
        popup = answer.popup
        answer.run?(&self)
    }
}
