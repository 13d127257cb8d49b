import Engine
import Session
import TerminalKit

extension Commands {
    /// Every command that has a key or may get one: those of the panels, of the screens in their place, of lessons.
    static let known: [Command] = {
        let screens = GridScreens.all.flatMap { $0.commands } + Match.commands
        var ids: Set<String> = []
        return (all + screens + LessonCommands.all).filter { ids.insert($0.id).inserted }
    }()

    static let byID = Dictionary(uniqueKeysWithValues: known.map { ($0.id, $0) })
}

/// The keys in force: those of the table of commands, and before them those that the user's configuration gives.
public struct KeyBindings: Sendable, Hashable {
    public static let standard = KeyBindings([:])

    /// The user's keys, by the commands' ids.
    let own: [String: [String]]
    private let keymap: Keymap
    /// Sentences name the commands in place of their keys: there are no keys.
    private let namesCommands: Bool

    init(_ own: [String: [String]], namesCommands: Bool = false) {
        (self.own, self.namesCommands) = (own, namesCommands)
        keymap = own.isEmpty ? Keymap.standard : Keymap { own[$0.id] ?? $0.keys }
    }

    public static func == (one: KeyBindings, other: KeyBindings) -> Bool {
        one.own == other.own && one.namesCommands == other.namesCommands
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(own) }

    /// The same, whose sentences name commands.
    var naming: KeyBindings { KeyBindings(own, namesCommands: true) }

    func keys(of command: Command) -> [String] { own[command.id] ?? command.keys }

    func means(_ key: Key, _ command: Command) -> Bool { keys(of: command).contains { Key($0) == key } }

    func isOwn(_ command: Command) -> Bool { own[command.id] != nil }

    /// The commands that a key may mean: of several, one that can be used comes before the others.
    /// - Parameter view: the view that the panel shows.
    func commands(for key: Key, in panel: PanelID, showing view: ViewID?) -> [Command] {
        keymap.commands(for: key, in: panel, showing: view)
    }

    /// The first key of a command as hints write it; without one, the way to find it: ":edit.undo".
    func label(_ id: String, glyphs: Capabilities.Glyphs, spellsTab: Bool = false) -> String {
        if namesCommands { return PlainVerb.standing(for: id)?.name ?? id }
        return keyLabel(id, glyphs: glyphs, spellsTab: spellsTab)
    }

    private func keyLabel(_ id: String, glyphs: Capabilities.Glyphs, spellsTab: Bool) -> String {
        guard let key = Commands.byID[id].flatMap({ keys(of: $0).first }).flatMap({ Key($0) }) else { return ":\(id)" }
        return spellsTab ? key.spelledLabel(glyphs: glyphs) : key.label(glyphs: glyphs)
    }

    /// The key that leads to a panel, as its title writes it.
    func key(of panel: PanelID, glyphs: Capabilities.Glyphs) -> String {
        label("focus.\(panel)", glyphs: glyphs)
    }

    /// Keys that a text names together, as they stand in the table, in the words of the keys in force: "4 w". Where sentences
    /// name commands, the verb of a single key, or the keys as `press` takes them: "press 4 w".
    /// - Parameters:
    ///   - panel: where the text's keys are pressed, until a panel's digit leads to that one; nil: anywhere.
    ///   - front: commands that come before all others.
    func labels(
        for keys: [Key], in panel: PanelID?, front: [Command] = [], glyphs: Capabilities.Glyphs, spellsTab: Bool = false
    ) -> String {
        if namesCommands, keys.count == 1,
            let verb = command(for: keys[0], in: panel, front: front).flatMap({ PlainVerb.standing(for: $0.id) })
        {
            return verb.name
        }
        var panel = panel
        let labels = keys.map { key in
            defer { panel = Panel.all.first { Key($0.key) == key }?.id ?? panel }
            let command = own.isEmpty ? nil : command(for: key, in: panel, front: front)
            let glyphs = namesCommands ? .ascii : glyphs
            guard let command, !means(key, command) else {
                return spellsTab ? key.spelledLabel(glyphs: glyphs) : key.label(glyphs: glyphs)
            }
            return keyLabel(command.id, glyphs: glyphs, spellsTab: spellsTab)
        }
        return (namesCommands ? "press " : "") + labels.joined(separator: " ")
    }

    /// The command of a key of the table.
    private func command(for key: Key, in panel: PanelID?, front: [Command]) -> Command? {
        func has(_ command: Command) -> Bool { command.keys.contains { Key($0) == key } }
        let here = panel.flatMap { Keymap.standard.commands(for: key, in: $0, showing: nil).first }
        return front.first(where: has) ?? here ?? Commands.everywhere.first(where: has)
            ?? Commands.known.first(where: has)
    }
}

/// Which command a key means: the focused panel's, else the one that works everywhere.
final class Keymap: Sendable {
    static let standard = Keymap { $0.keys }

    /// The indices in `Commands.all` of the commands that a key may mean in a panel, by its views.
    private let panels: [PanelID: [Key: [Int]]]

    init(_ keys: (Command) -> [String]) {
        var maps: [PanelID: [Key: [Int]]] = [:]
        // The keys of a mode are asked for before these, and only while it lasts.
        let modal = Set(Panel.all.flatMap { $0.modes.flatMap(\.commands) }.map(\.id))
        for (index, command) in Commands.all.enumerated() where !modal.contains(command.id) {
            for key in keys(command).compactMap({ Key($0) }) {
                for panel in Panel.all.map(\.id) where command.panels?.contains(panel) ?? true {
                    maps[panel, default: [:]][key, default: []].append(index)
                }
            }
        }
        panels = maps
    }

    func commands(for key: Key, in panel: PanelID, showing view: ViewID?) -> [Command] {
        (panels[panel]?[key] ?? []).map { Commands.all[$0] }.filter { $0.works(in: panel, showing: view) }
    }
}

/// The keys in force in the words of the screen.
extension App {
    /// The first key of a command, for a sentence that names it.
    func label(_ id: String) -> String { bindings.label(id, glyphs: capabilities.glyphs) }

    /// All keys of a command, apart by blanks; "": it has none.
    func labels(of command: Command) -> String {
        bindings.keys(of: command).compactMap { Key($0)?.label(glyphs: capabilities.glyphs) }.joined(separator: " ")
    }

    /// Whether the lesson's step has a key that means what a pressed key means: lessons name the keys of the table.
    func lessonAllows(_ key: Key) -> Bool {
        guard let lesson else { return true }
        let front = (Panel[focus].mode(self)?.commands ?? []).filter { bindings.means(key, $0) }
        let commands = front + bindings.commands(for: key, in: focus, showing: view(in: focus)?.id)
        guard commands.contains(where: bindings.isOwn) else { return lesson.allows(key, in: [focus]) }
        return commands.contains { command in
            bindings.isOwn(command)
                ? command.keys.contains { Key($0).map { lesson.allows($0, in: [focus]) } ?? false }
                : lesson.allows(key, in: [focus])
        }
    }
}
