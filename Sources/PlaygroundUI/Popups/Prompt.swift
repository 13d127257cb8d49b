import Basics
import TerminalKit

/// One line to type, and what becomes of it.
struct Prompt: Popup {
    var title: String
    var help: String
    var field: TextField
    /// How a path is completed; nil: something else is typed.
    var completion: Completion?
    /// ← and → while nothing is typed; nil: nothing.
    var walk: (@Sendable (inout App, _ direction: Int) -> Void)?
    /// Nothing typed is an answer too.
    var takesNothing = false
    /// Takes what was typed.
    /// - Returns: the mistake in it, with which it stands there again; nil: none.
    var take: @Sendable (inout App, String) -> String?
    /// The mistake in the typed text.
    var mistake: String?
    /// The names that a path may go on to, when Tab finds several.
    var names: [String] = []

    struct Completion: Sendable {
        /// Words that may be meant in place of a path.
        var names: [String] = []
        /// The folder that a relative path is relative to.
        var folder: @Sendable (App) -> String = { _ in "." }
    }

    init(
        _ title: String, help: String, field: TextField, completion: Completion? = nil, takesNothing: Bool = false,
        walk: (@Sendable (inout App, _ direction: Int) -> Void)? = nil,
        take: @escaping @Sendable (inout App, String) -> String?
    ) {
        (self.title, self.help, self.field, self.completion) = (title, help, field, completion)
        (self.walk, self.takesNothing, self.take) = (walk, takesNothing, take)
    }

    /// The same with a mistake in the typed text.
    func mended(_ mistake: String) -> Prompt {
        var prompt = self
        prompt.mistake = mistake
        return prompt
    }

    // MARK: Events

    func handle(_ key: Key, _ app: App) -> PopupAnswer {
        var prompt = self
        switch key.code {
        case .escape: return .closed
        case .enter: return answer
        case .tab where completion != nil:
            if let completion { prompt.complete(completion, in: completion.folder(app)) }
        case .left where field.isEmpty && walk != nil: return .closed { walk?(&$0, -1) }
        case .right where field.isEmpty && walk != nil: return .closed { walk?(&$0, 1) }
        default:
            _ = prompt.field.handle(key)
            (prompt.mistake, prompt.names) = (nil, [])
        }
        return .open(prompt)
    }

    func paste(_ text: String, _ app: App) -> PopupAnswer {
        var prompt = self
        prompt.field.insert(completion == nil ? text.trimmed : Files.path(from: text.trimmed))
        (prompt.mistake, prompt.names) = (nil, [])
        return .open(prompt)
    }

    /// Completes a path as far as it is certain, and shows how it may go on.
    private mutating func complete(_ completion: Completion, in folder: String) {
        let completed = PathCompletion(field.text, names: completion.names, in: folder)
        field.text = completed.text
        (mistake, names) = (nil, completed.names)
        if completed.isEmpty { mistake = "no file begins so" }
    }

    /// A text with a mistake stands there again to be mended.
    private var answer: PopupAnswer {
        let text = field.text.trimmed
        guard takesNothing || !text.isEmpty else { return .closed }
        return .closed { app in
            if let mistake = take(&app, text) { app.popup = mended(mistake) }
        }
    }

    // MARK: Drawing

    var hints: [(key: String, word: String)] {
        [("⏎", "take")] + (completion == nil ? [] : [("tab", "complete")]) + [("esc", "back")]
    }

    /// Shown below the field.
    private var words: String { mistake ?? (names.isEmpty ? help : names.joined(separator: " · ")) }

    func rect(in app: App) -> Rect {
        let screen = app.popupRoom
        let width = min(76, screen.width - 4)
        let lines = wrapText(words, columns: width - 4).count
        return centredRect(width: width, height: min(screen.height - 2, 4 + lines), in: screen)
    }

    func draw(into canvas: inout Canvas, _ rect: Rect, _ app: App) {
        var field = field
        drawBox(into: &canvas, rect, title: title, style: app.quiet, titleStyle: app.accent, fill: app.text)
        field.draw(
            into: &canvas, x: rect.x + 2, y: rect.y + 1, width: rect.width - 4,
            style: Style(app.theme.text, on: app.theme.selection))
        drawWrapped(
            into: &canvas, rect.inset(left: 2, top: 3, right: 2, bottom: 1), text: words,
            style: mistake == nil ? app.quiet : app.bad)
    }
}
