import TerminalKit

/// A question over the panels, answered with one key.
struct Question: Popup {
    struct Answer: Sendable {
        /// As the box shows it.
        var label: String
        var word: String
        var keys: [Key.Code]
        var run: @Sendable (inout App) -> Void
    }

    var title: String
    var words: @Sendable (App) -> String
    var answers: [Answer]

    /// Asks whether files that are there may be written over.
    static func overwrite(_ path: String, there: [String], thenQuit: Bool) -> Question {
        Question(
            title: "Save",
            words: { _ in "\(there.joined(separator: " and ")) \(there.count == 1 ? "is" : "are") there already." },
            answers: [
                Answer(label: "y", word: "write over it", keys: [.character("y")]) {
                    $0.outbox.append(.save(path: path, overwrite: true, thenQuit: thenQuit))
                },
                Answer(label: "esc", word: "another name", keys: [.escape, .character("n"), .character("q")]) {
                    $0.popup = Prompt.save(path, thenQuit: thenQuit)
                },
            ])
    }

    /// Asks whether to leave what is not saved.
    static let quit = Question(
        title: "Quit",
        words: { app in
            // It is kept on leaving, but not under a name.
            let again =
                app.recent == nil ? "" : " Without a name it is kept a while: ctrl-r at the next start opens it."
            if app.session.edited { return "The experiment has been edited and is not saved." + again }
            let minutes = formatNumber((app.snapshot?.seconds ?? 0) / 60, digits: 2)
            let unit = minutes == "1" ? "minute" : "minutes"
            return "The network has trained for \(minutes) \(unit); its weights are not saved." + again
        },
        answers: [
            Answer(label: "q", word: "quit", keys: [.character("q")]) {
                $0.outbox.append(.quit)
            },
            Answer(label: "s", word: "save first", keys: [.character("s")]) {
                $0.popup = Prompt.save($0.session.suggestedPath, thenQuit: true)
            },
            Answer(label: "esc", word: "back", keys: [.escape, .character("n")]) { _ in },
        ])

    func rect(in app: App) -> Rect {
        let screen = app.popupRoom
        let width = min(60, screen.width - 4)
        return centredRect(
            width: width, height: max(6, wrapText(words(app), columns: width - 4).count + 4), in: screen)
    }

    var hints: [(key: String, word: String)] { [("esc", "back")] }

    func handle(_ key: Key, _ app: App) -> PopupAnswer {
        answers.first { $0.keys.contains(key.code) }.map { .closed($0.run) } ?? .open(self)
    }

    func draw(into canvas: inout Canvas, _ rect: Rect, _ app: App) {
        drawBox(into: &canvas, rect, title: title, style: app.quiet, titleStyle: app.accent, fill: app.text)
        drawWrapped(
            into: &canvas, rect.inset(left: 2, top: 1, right: 2, bottom: 2), text: words(app), style: app.text)
        var x = rect.x + 2
        for answer in answers {
            x += canvas.write(answer.label, x: x, y: rect.maxY - 2, style: app.accent) + 1
            x += canvas.write(answer.word, x: x, y: rect.maxY - 2, style: app.quiet) + 3
        }
    }
}
