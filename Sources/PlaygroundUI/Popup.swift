import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// A box over the panels that takes the keys.
public enum Popup: Sendable {
    case menu(MenuPopup)
    case prompt(Prompt)
    /// The first row shown.
    case help(scroll: Int)
    /// The story: what to look at and what to try, from its first line shown.
    case story(scroll: Int)
    /// The TensorFlow Playground link of the experiment, from its first line shown.
    case link(scroll: Int)
    case overwrite(path: String, thenQuit: Bool)
    case quit
}

/// A menu, what each item says in full, and what choosing it does.
public struct MenuPopup: Sendable {
    var menu: Menu
    /// One text for each item, shown below the list; empty: no room is kept for it.
    var stories: [String] = []
    /// The items after a choice, in a menu that stays; nil: a choice closes it.
    var update: (@Sendable (App) -> [MenuItem])?
    /// Finds more for what is typed, which comes before `findings`; nil: the items stay.
    var find: (@Sendable (App, String) -> [Finding])?
    var findings: [Finding] = []
    var chosen: @Sendable (inout App, Int) -> Void

    /// After a key or a paste: other items for another filter.
    mutating func refind(in app: App, after filter: String) {
        guard let find, menu.filter.text != filter else { return }
        let more = find(app, menu.filter.text)
        if !more.isEmpty || menu.items.count != findings.count { fill(more + findings) }
    }

    private mutating func fill(_ findings: [Finding]) {
        menu.items = findings.map {
            MenuItem($0.title, detail: $0.detail, keywords: "\($0.keywords) \($0.summary)", disabled: $0.disabled)
        }
        stories = findings.map { finding in
            [finding.disabled.map { "Not now: \($0)." } ?? "", finding.summary].filter { !$0.isEmpty }
                .joined(separator: "\n")
        }
        chosen = { app, index in findings[index].run(&app) }
    }

    static func presets() -> MenuPopup {
        let presets = Preset.all
        return MenuPopup(
            menu: Menu(title: "Presets", items: presets.map { MenuItem($0.title, detail: $0.name) }),
            stories: presets.map(\.story),
            chosen: { app, index in app.outbox.append(.open(presets[index].name)) })
    }

    static func palette(of app: App) -> MenuPopup {
        var popup = MenuPopup(
            menu: Menu(title: "Find", items: []), find: { app, filter in Palette(app).assignments(in: filter) },
            findings: Palette(app).findings, chosen: { _, _ in })
        popup.fill(popup.findings)
        return popup
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
            items.append(MenuItem(row.unset))
            stories.append("The choice that the task implies.")
        }
        let present: String? =
            switch row.kind {
            case .setting(let path): KnobWalk.choiceID(app.experiment.value(at: path))
            default: nil
            }
        let kind = row.kind
        let chosenIDs = ids
        return MenuPopup(
            menu: Menu(title: row.title, items: items, selected: ids.firstIndex(of: present ?? "") ?? 0),
            stories: stories,
            chosen: { app, index in app.choose(chosenIDs[index], for: kind) })
    }
}

/// One line to type, and what becomes of it.
public struct Prompt: Sendable, Hashable {
    public enum Purpose: Sendable, Hashable {
        case save(thenQuit: Bool)
        case open
        case feature
        /// The file of a dataset.
        case dataFile(dataset: String)
        case loadWeights
        /// A weight's or a bias' number.
        case parameter(NetworkCursor)
        /// The value of a setting at a key path.
        case setting(path: String, Knob)

        /// Whether the typed text is the path of a file, or may be one.
        var isPath: Bool {
            switch self {
            case .save, .open, .dataFile, .loadWeights: true
            case .feature, .parameter, .setting: false
            }
        }
    }
    var purpose: Purpose
    var field: TextField
    /// The mistake in the typed text.
    var mistake: String?
    /// The names that a path may go on to, when Tab finds several.
    var names: [String] = []

    /// The dataset whose file is asked for; nil: something else is.
    var dataset: String? {
        guard case .dataFile(let dataset) = purpose else { return nil }
        return dataset
    }

    init(_ purpose: Purpose, text: String = "") {
        self.purpose = purpose
        let isNumber =
            switch purpose {
            case .parameter: true
            case .setting(_, let knob): knob.kind != .text
            default: false
            }
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
        case .setting(_, let knob): knob.title.prefix(1).uppercased() + knob.title.dropFirst()
        }
    }

    var help: String {
        switch purpose {
        case .save:
            "A path. The experiment is written as JSON; a name ending in .safetensors keeps the weights too, one in .txt the TensorFlow Playground link."
        case .open:
            "A preset's name, a TensorFlow Playground link (paste it), or the path of an experiment, of weights or of a table."
        case .feature: "A formula of the columns, for example x1*x2 - 0.5, sin(2*x1), abs(x2), x1^3."
        case .dataFile(let dataset):
            (Datasets.entry(dataset)?.knob("file")?.summary ?? "")
                + " ← and → go on to the other datasets while nothing is typed."
        case .loadWeights: "The path of a .safetensors file."
        case .parameter: "A number. Training goes on from it."
        case .setting(_, let knob): knob.summary
        }
    }

    /// Shown below the field.
    var words: String { mistake ?? (names.isEmpty ? help : names.joined(separator: " · ")) }

    /// Completes a path as far as it is certain, and shows how it may go on.
    /// - Parameter directory: what a relative path is relative to.
    mutating func complete(in directory: String) {
        let completion = PathCompletion(
            field.text, names: purpose == .open ? Preset.all.map(\.name) : [], in: directory)
        field.text = completion.text
        (mistake, names) = (nil, completion.names)
        if completion.isEmpty { mistake = "no file begins so" }
    }
}

extension App {
    /// The keys of what lies over the panels. Esc always goes back.
    mutating func handlePopup(_ key: Key) {
        guard let popup else { return }
        switch popup {
        case .menu(var menu):
            let filter = menu.menu.filter.text
            let result = menu.menu.handle(key)
            menu.refind(in: self, after: filter)
            finish(&menu, result)
        case .prompt(var prompt):
            switch key.code {
            case .escape: self.popup = nil
            case .enter: commit(prompt)
            case .tab where prompt.purpose.isPath:
                prompt.complete(in: prompt.dataset == nil ? "." : session.directory ?? ".")
                self.popup = .prompt(prompt)
            case .left where prompt.dataset != nil && prompt.field.isEmpty: walkPast(prompt, -1)
            case .right where prompt.dataset != nil && prompt.field.isEmpty: walkPast(prompt, 1)
            default:
                _ = prompt.field.handle(key)
                (prompt.mistake, prompt.names) = (nil, [])
                self.popup = .prompt(prompt)
            }
        case .help(let scroll):
            self.popup = scrolled(scroll, by: key, opener: ["?"], last: HelpScreen(self).lastScroll)
                .map { .help(scroll: $0) }
        case .story(let scroll):
            self.popup = scrolled(scroll, by: key, opener: ["S"], last: StoryBox(self).lastScroll)
                .map { .story(scroll: $0) }
        case .link(let scroll):
            let box = LinkBox(self)
            switch key.code {
            case .character("c"), .character("y"):
                outbox.append(.copy(box.link))
                notice = "copied, if this terminal lets programs copy (OSC 52)"
            case .character("s"):
                let name = suggestedPath.hasSuffix(".json") ? String(suggestedPath.dropLast(5)) : suggestedPath
                self.popup = .prompt(Prompt(.save(thenQuit: false), text: name + ".txt"))
            default:
                self.popup = scrolled(scroll, by: key, opener: [], last: box.lastScroll).map { .link(scroll: $0) }
            }
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

    /// From the dataset whose file nobody names on to the next one.
    private mutating func walkPast(_ prompt: Prompt, _ direction: Int) {
        popup = nil
        if let dataset = prompt.dataset { walkDatasets(from: dataset, direction) }
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
            if let update = menu.update {
                menu.menu.items = update(self)
                popup = .menu(menu)
            }
        case .cancelled: popup = nil
        case .stays, .ignored: popup = .menu(menu)
        }
    }

    mutating func commit(_ prompt: Prompt) {
        var prompt = prompt
        let text = prompt.field.text.trimmed
        popup = nil
        if case .setting(let path, let knob) = prompt.purpose {
            // Nothing typed is the setting's default.
            let value = text.isEmpty ? KnobWalk.json(knob.defaultValue) : KnobWalk.parse(text, for: knob)
            return ask(&prompt, again: set(path, to: value))
        }
        guard !text.isEmpty else { return }
        switch prompt.purpose {
        case .save(let thenQuit): outbox.append(.save(path: text, overwrite: false, thenQuit: thenQuit))
        case .open: outbox.append(.openTyped(text))
        case .loadWeights:
            let path = Files.path(from: text)
            if FilePath.exists(path) {
                send(.loadCheckpoint(path: path))
            } else {
                prompt.mistake = "\(path): there is no such file"
                popup = .prompt(prompt)
            }
        case .parameter(let cursor):
            if let mistake = NetworkPanel.set(cursor, to: text, in: &self) {
                prompt.mistake = mistake
                popup = .prompt(prompt)
            }
        case .feature:
            prompt.mistake = addFeature(text)
            if prompt.mistake != nil { popup = .prompt(prompt) }
        case .dataFile(let dataset):
            let file = Files.path(from: text)
            ask(
                &prompt, again: act(.data(.object([.init("dataset", .string(dataset)), .init("file", .string(file))]))))
        case .setting: break
        }
    }

    /// A refused text stands there again to be mended, with the reason.
    private mutating func ask(_ prompt: inout Prompt, again refusal: ExperimentError?) {
        guard let refusal else { return }
        notice = nil
        prompt.mistake = refusal.message
        popup = .prompt(prompt)
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
