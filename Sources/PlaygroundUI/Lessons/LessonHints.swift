import Session
import TerminalKit

/// The keys of a lesson's step in the bottom row: those of the step, then the lesson's own.
struct LessonHints: ScreenPart {
    struct Hint: Sendable, Hashable {
        var id: String
        var keys: String
        var word: String
        /// 0 stays longest.
        var rank: Int
        /// The step is done: this key is the next one.
        var isUrged = false
    }

    let app: App
    let lesson: LessonState

    var all: [Hint] {
        var hints: [Hint] = []
        if lesson.asks {
            let count = lesson.present.question?.answers.count ?? 0
            let keys = ["a", "b", "c", "d"].prefix(count).joined(separator: " ")
            hints.append(Hint(id: "lesson.choose1", keys: keys, word: "answer", rank: 0))
        } else {
            for label in lesson.isOver ? [] : lesson.present.keys { add(label, to: &hints) }
        }
        for (index, command) in LessonCommands.all.enumerated() where command.disabled(app) == nil {
            guard let word = command.hint, !command.id.hasPrefix("lesson.choose"), let key = Key(command.keys[0]) else {
                continue
            }
            let isNext = index == 0
            hints.append(
                Hint(
                    id: command.id, keys: key.spelledLabel(glyphs: app.capabilities.glyphs), word: word,
                    rank: isNext || command.id == "lesson.answer" ? 0 : 2,
                    isUrged: isNext && (lesson.isMet || lesson.isOver)))
        }
        for (id, rank) in [("lesson.menu", 3), ("app.quit", 2)] {
            guard let command = Commands.all.first(where: { $0.id == id }), let key = Key(command.keys[0]) else {
                continue
            }
            hints.append(
                Hint(
                    id: id, keys: key.spelledLabel(glyphs: app.capabilities.glyphs), word: command.hint ?? "",
                    rank: rank))
        }
        return hints
    }

    /// One key of the step: the command that it means now, or the panel that it leads to.
    private func add(_ label: String, to hints: inout [Hint]) {
        guard let key = Key(label) else { return }
        let shown = key.spelledLabel(glyphs: app.capabilities.glyphs)
        func add(_ id: String, _ word: String) {
            if let place = hints.firstIndex(where: { $0.word == word }) {
                hints[place].keys += (shown.count > 1 ? " " : "") + shown
            } else {
                hints.append(Hint(id: id, keys: shown, word: word, rank: 1))
            }
        }
        if let panel = Panel.all.first(where: { $0.key == label }) {
            return add("focus.\(panel.id)", panel.tabTitle.lowercased())
        }
        let mode = Panel[app.focus].mode(app)?.commands.first {
            $0.keys.contains { Key($0) == key } && $0.disabled(app) == nil
        }
        let commands = Keymap.commands(for: key, in: app.focus, showing: app.view(in: app.focus)?.id)
        guard let command = mode ?? commands.first(where: { $0.disabled(app) == nil }) else { return }
        var word = command.hint ?? Self.words[command.id] ?? ""
        if command.id == "training.play", app.playing.isOn { word = "pause" }
        if command.id == "cursor.links", app.plots.cursor?.from != nil { word = "neuron" }
        if !word.isEmpty { add(command.id, word) }
    }

    /// Words for commands that the bar does not name outside of lessons.
    private static let words = ["row.up": "row", "row.down": "row", "value.default": "default"]
}
