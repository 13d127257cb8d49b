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
        func add(_ command: Command, rank: Int, isUrged: Bool = false) {
            guard let word = command.hint else { return }
            hints.append(Hint(id: command.id, keys: spelled(command.id), word: word, rank: rank, isUrged: isUrged))
        }
        if lesson.asks {
            let count = lesson.present.question?.answers.count ?? 0
            let keys = LessonCommands.choices.prefix(max(1, count)).map { app.label($0.id) }.joined(separator: " ")
            hints.append(Hint(id: LessonCommands.choices[0].id, keys: keys, word: "answer", rank: 0))
        } else {
            for label in lesson.isOver ? [] : lesson.present.keys { addKey(label, to: &hints) }
        }
        for command in LessonCommands.steps where command.disabled(app) == nil {
            let isNext = command.id == LessonCommands.next.id
            // Hints and the answer, for those who are stuck, stay on the smallest screen.
            let lasts = isNext || [LessonCommands.hint.id, LessonCommands.answer.id].contains(command.id)
            add(command, rank: lasts ? 0 : 2, isUrged: isNext && (lesson.isMet || lesson.isOver))
        }
        add(Commands.lessons, rank: 3)
        add(Commands.quit, rank: 2)
        return hints
    }

    private func spelled(_ id: String) -> String {
        app.bindings.label(id, glyphs: app.capabilities.glyphs, spellsTab: true)
    }

    /// One key of the step: the command that it means now, or the panel that it leads to.
    private func addKey(_ label: String, to hints: inout [Hint]) {
        guard let own = LessonKey(label), own.panel == nil || own.panel == app.focus else { return }
        let key = own.key
        let table = key.spelledLabel(glyphs: app.capabilities.glyphs)
        func add(_ id: String, _ word: String, rank: Int = 1) {
            // The step names the keys of the table.
            let shown = Commands.byID[id].map { app.bindings.means(key, $0) } == false ? spelled(id) : table
            if let place = hints.firstIndex(where: { $0.word == word }) {
                hints[place].keys += (shown.count > 1 ? " " : "") + shown
                hints[place].rank = min(hints[place].rank, rank)
            } else {
                hints.append(Hint(id: id, keys: shown, word: word, rank: rank))
            }
        }
        if let panel = Panel.all.first(where: { $0.key == label }) {
            return add("focus.\(panel.id)", panel.tab(in: app).lowercased())
        }
        let mode = Panel[app.focus].mode(app)?.commands.first {
            $0.keys.contains { Key($0) == key } && $0.disabled(app) == nil
        }
        let commands = Keymap.standard.commands(for: key, in: app.focus, showing: app.view(in: app.focus)?.id)
        guard let command = mode ?? commands.first(where: { $0.disabled(app) == nil }) else { return }
        guard let word = command.word(app) ?? command.lessonHint else { return }
        // A long row of keys never hides the one that trains.
        add(command.id, word, rank: command.leads ? 0 : 1)
    }
}
