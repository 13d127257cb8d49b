import Basics
import TerminalKit

/// Boxes in lines: what they show, and how a line answers them.
extension Popup {
    /// It waits for an answer.
    var asks: Bool { false }

    /// The text of the box as it would be drawn in a window that is high enough.
    func spoken(_ app: App) -> [String] {
        var app = app
        (app.width, app.height) = (PlainState.width + 4, 1000)
        let rect = rect(in: app)
        var canvas = Canvas(width: app.width, height: app.height)
        draw(into: &canvas, rect, app)
        return (rect.y + 1..<rect.maxY - 1).compactMap { y in
            let row = canvas.part(Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1)).lines[0]
            // Columns stand apart by blanks; rules say nothing.
            let parts = row.replacing("─", with: " ").split(separator: "  ").map { String($0).trimmed }
            let words = parts.filter { !$0.isEmpty }.joined(separator: ", ")
            return words.isEmpty ? nil : words
        }
    }

    func answer(_ line: String, _ app: App) -> PopupAnswer? { nil }
}

extension MenuPopup {
    private static let most = 60

    var asks: Bool { true }

    func spoken(_ app: App) -> [String] {
        let items = menu.items.prefix(Self.most).enumerated().map { index, item in
            "\(index + 1) \(item.title)" + (item.detail.isEmpty ? "" : ", \(item.detail)")
        }
        let rest = menu.items.count - items.count
        return ["\(menu.title): a number or words choose; back closes"] + items
            + (rest > 0 ? ["and \(formatCount(rest)) more"] : [])
    }

    func answer(_ line: String, _ app: App) -> PopupAnswer? {
        if let number = Int(line), menu.items.indices.contains(number - 1) {
            guard menu.items[number - 1].disabled == nil else {
                return PopupAnswer(popup: self) { $0.notice = Notice(menu.items[number - 1].disabled!, bad: true) }
            }
            return .closed { app in chosen(&app, number - 1) }
        }
        guard menu.filterable, case let answer = paste(line, app), let typed = answer.popup as? MenuPopup else {
            return PopupAnswer(popup: self) {
                $0.notice = Notice("expected a number from 1 to \(menu.items.count)", bad: true)
            }
        }
        guard let first = typed.menu.selected, typed.menu.items[first].disabled == nil else {
            return PopupAnswer(popup: self) { $0.notice = Notice("nothing here has \(quoted(line)) in it", bad: true) }
        }
        return typed.handle(Key(.enter), app)
    }
}

extension Prompt {
    var asks: Bool { true }

    func spoken(_ app: App) -> [String] {
        let present = field.text.isEmpty ? "" : " (now \(field.text))"
        return ["\(title)\(present): \(mistake ?? help)", "a line is taken; back closes"]
    }

    func answer(_ line: String, _ app: App) -> PopupAnswer? {
        var prompt = self
        prompt.field = TextField("")
        return prompt.paste(line, app).popup?.handle(Key(.enter), app)
    }
}

extension Question {
    var asks: Bool { true }

    func spoken(_ app: App) -> [String] {
        [words(app)] + answers.map { "\($0.label): \($0.word)" }
    }

    func answer(_ line: String, _ app: App) -> PopupAnswer? {
        let line = line.lowercased()
        let found = answers.first {
            $0.label == line || $0.word == line
                || line.first.map { Key.Code.character($0.unicodeScalars.first!) }.map($0.keys.contains) == true
        }
        return found.map { .closed($0.run) }
            ?? PopupAnswer(popup: self) {
                $0.notice = Notice("expected \(answers.map(\.label).joined(separator: " or "))", bad: true)
            }
    }
}
