import Datasets
import Engine
import Session
import TerminalKit

/// What lies over the panels and takes the keys.
public enum Popup: Sendable {
    case menu(MenuPopup)
    case prompt(Prompt)
    /// The first row shown.
    case help(scroll: Int)
    /// What to look at and what to try, from its first line shown.
    case story(scroll: Int)
    case overwrite(path: String, thenQuit: Bool)
    case quit
}

/// A menu, what each item says in full, and what choosing it does.
public struct MenuPopup: Sendable {
    var menu: Menu
    /// One text for each item, shown below the list; empty: no room is kept for it.
    var stories: [String] = []
    var chosen: @Sendable (inout App, Int) -> Void

    static func presets() -> MenuPopup {
        let presets = Preset.all
        return MenuPopup(
            menu: Menu(title: "Presets", items: presets.map { MenuItem($0.title, detail: $0.name) }),
            stories: presets.map(\.story),
            chosen: { app, index in app.outbox.append(.open(presets[index].name)) })
    }

    static func palette(of app: App) -> MenuPopup {
        let commands = app.commands.filter { $0.panels == nil || $0.panels!.contains(app.focus) || $0.keys.isEmpty }
        let glyphs = app.capabilities.glyphs
        let items = commands.map { command in
            MenuItem(
                command.help, detail: command.keys.compactMap { Key($0)?.label(glyphs: glyphs) }.joined(separator: " "),
                disabled: command.disabled(app))
        }
        return MenuPopup(
            menu: Menu(title: "Commands", items: items), chosen: { app, index in commands[index].run(&app) })
    }

    static func variants(of app: App) -> MenuPopup {
        let variants = app.experiment.compare
        let selected = app.session.variant.map { $0 + 1 } ?? 0
        return MenuPopup(
            menu: Menu(
                title: "Compare", items: [MenuItem("as written")] + variants.map { MenuItem($0.title) },
                selected: selected,
                filterable: false),
            stories: ["The experiment itself."]
                + variants.map { variant in
                    variant.set.map { "\($0.key) = \($0.value.text(compact: true))" }.joined(separator: ", ")
                },
            chosen: { app, index in app.act(.variant(index == 0 ? nil : index - 1)) })
    }

    static func datasets(of app: App) -> MenuPopup {
        let entries = app.offeredDatasets
        return MenuPopup(
            menu: Menu(
                title: "Dataset", items: entries.map { MenuItem($0.title, detail: $0.id) },
                selected: entries.firstIndex { $0.id == app.experiment.data.dataset.id } ?? 0),
            stories: entries.map { "\($0.summary)\n\($0.formula)" },
            chosen: { app, index in
                app.choose(dataset: entries[index].id)
            })
    }

    static func speeds(of app: App) -> MenuPopup {
        MenuPopup(
            menu: Menu(
                title: "Speed limit", items: App.speeds.map { MenuItem(speedText($0)) },
                selected: App.speeds.firstIndex { $0 == app.experiment.view.epochsPerSecond } ?? 0, filterable: false),
            chosen: { app, index in app.setSpeed(App.speeds[index]) })
    }

    /// The values of a choice, with what each is.
    static func values(of row: EditorRow, _ knob: Knob, in app: App) -> MenuPopup {
        var ids: [String] = []
        var items: [MenuItem] = []
        var stories: [String] = []
        switch knob.kind {
        case .choice(let list):
            for entry in Catalogue.entries(list) {
                ids.append(entry.id)
                items.append(MenuItem(entry.title, detail: entry.id))
                stories.append("\(entry.summary)\n\(entry.formula)")
            }
        case .word(let words):
            ids = words
            items = words.map { MenuItem($0) }
        default: break
        }
        if row.optional {
            ids.append("")
            items.append(MenuItem("by itself", detail: row.value))
            stories.append("What the task and the loss imply.")
        }
        let present: String? =
            switch row.kind {
            case .setting(let path): KnobWalk.choiceID(app.experiment.value(at: path))
            default: nil
            }
        let kind = row.kind
        let chosenIDs = ids
        return MenuPopup(
            menu: Menu(title: row.title, items: items, selected: present.flatMap(ids.firstIndex) ?? 0),
            stories: stories,
            chosen: { app, index in
                let value: JSON = chosenIDs[index].isEmpty ? .null : .string(chosenIDs[index])
                switch kind {
                case .setting(let path): app.act(.set(path: path, value))
                case .allLayers(let name): app.act(.setAllLayers(knob: name, value))
                default: break
                }
            })
    }
}

/// One line to type, and what becomes of it.
public struct Prompt: Sendable, Hashable {
    public enum Purpose: Sendable, Hashable {
        case save(thenQuit: Bool)
        case open
        case feature
        case dataFile
        case loadWeights
        /// A weight's or a bias' number.
        case parameter(NetworkCursor)

        /// What is typed is the path of a file, or may be one.
        var isPath: Bool {
            switch self {
            case .save, .open, .dataFile, .loadWeights: true
            case .feature, .parameter: false
            }
        }
    }
    var purpose: Purpose
    var field: TextField
    /// What is wrong with what was typed.
    var mistake: String?

    init(_ purpose: Purpose, text: String = "") {
        self.purpose = purpose
        let isNumber = if case .parameter = purpose { true } else { false }
        field = TextField(text, selected: isNumber)
    }

    var title: String {
        switch purpose {
        case .save: "Save"
        case .open: "Open"
        case .feature: "Feature"
        case .dataFile: "Data file"
        case .loadWeights: "Load weights"
        case .parameter(let cursor): cursor.from == -1 ? "Bias" : "Weight"
        }
    }

    var help: String {
        switch purpose {
        case .save: "A path. The experiment is written as JSON; a name ending in .safetensors keeps the weights too."
        case .open: "A preset's name, a path, or a TensorFlow Playground link (paste it)."
        case .feature: "A formula of the columns, for example x1*x2 - 0.5, sin(2*x1), abs(x2), x1^3."
        case .dataFile: "The path of a CSV file, its label in the last column."
        case .loadWeights: "The path of a .safetensors file."
        case .parameter: "A number. Training goes on from it."
        }
    }
}

extension App {
    /// The keys of what lies over the panels. Esc always goes back.
    mutating func handlePopup(_ key: Key) {
        guard let popup else { return }
        switch popup {
        case .menu(var menu):
            let result = menu.menu.handle(key)
            finish(&menu, result)
        case .prompt(var prompt):
            switch key.code {
            case .escape: self.popup = nil
            case .enter: commit(prompt)
            default:
                _ = prompt.field.handle(key)
                prompt.mistake = nil
                self.popup = .prompt(prompt)
            }
        case .help(let scroll):
            self.popup = scrolled(scroll, by: key, opener: ["?"], last: HelpScreen(self).lastScroll)
                .map { .help(scroll: $0) }
        case .story(let scroll):
            self.popup = scrolled(scroll, by: key, opener: ["S"], last: StoryBox(self).lastScroll)
                .map { .story(scroll: $0) }
        case .overwrite(let path, let thenQuit):
            switch key.code {
            case .character("y"), .enter:
                self.popup = nil
                outbox.append(.save(path: path, overwrite: true, thenQuit: thenQuit))
            case .escape, .character("n"), .character("q"):
                self.popup = .prompt(Prompt(.save(thenQuit: thenQuit), text: path))
            default: break
            }
        case .quit:
            switch key.code {
            case .character("q"), .character("y"), .enter: outbox.append(.quit)
            case .character("s"): self.popup = .prompt(Prompt(.save(thenQuit: true), text: suggestedPath))
            case .escape, .character("n"): self.popup = nil
            default: break
            }
        }
    }

    /// Where a text that lies over the panels stands after a key; nil: it is closed.
    /// - Parameter opener: the character that opened it closes it too.
    private func scrolled(_ scroll: Int, by key: Key, opener: Set<Unicode.Scalar>, last: Int) -> Int? {
        let wanted: Int
        switch key.code {
        case .escape, .enter, .character("q"), .function(1): return nil
        case .character(let scalar) where opener.contains(scalar): return nil
        case .down, .character("j"): wanted = scroll + 1
        case .up, .character("k"): wanted = scroll - 1
        case .pageDown, .character(" "): wanted = scroll + 10
        case .pageUp: wanted = scroll - 10
        case .home: wanted = 0
        case .end: wanted = last
        default: wanted = scroll
        }
        return min(max(0, wanted), last)
    }

    mutating func finish(_ menu: inout MenuPopup, _ result: Menu.Result) {
        switch result {
        case .chosen(let index):
            popup = nil
            menu.chosen(&self, index)
            refresh()
        case .cancelled: popup = nil
        case .stays, .ignored: popup = .menu(menu)
        }
    }

    mutating func commit(_ prompt: Prompt) {
        var prompt = prompt
        let text = prompt.field.text.trimmed
        guard !text.isEmpty else {
            popup = nil
            return
        }
        popup = nil
        switch prompt.purpose {
        case .save(let thenQuit): outbox.append(.save(path: text, overwrite: false, thenQuit: thenQuit))
        case .open: outbox.append(.openTyped(text))
        case .loadWeights: send(.loadCheckpoint(path: text))
        case .parameter(let cursor):
            if let mistake = NetworkPanel.set(cursor, to: text, in: &self) {
                prompt.mistake = mistake
                popup = .prompt(prompt)
            }
        case .feature:
            prompt.mistake = addFeature(text)
            if prompt.mistake != nil { popup = .prompt(prompt) }
        case .dataFile:
            notice = nil
            act(.data(.object([.init("dataset", .string("csv")), .init("file", .string(Files.expand(text)))])))
            if notice?.bad == true {
                prompt.mistake = notice?.text
                popup = .prompt(prompt)
            }
        }
    }

    /// A file name made of the experiment's title.
    var suggestedPath: String {
        if session.name.hasSuffix(".json") { return session.name }
        let words = (experiment.title.isEmpty ? session.name : experiment.title).lowercased()
        let safe = words.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let name = String(safe).split(separator: "-").joined(separator: "-")
        return (name.isEmpty ? "experiment" : name) + ".json"
    }
}
