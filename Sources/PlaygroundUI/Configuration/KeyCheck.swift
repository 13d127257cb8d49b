import Engine
import Session
import TerminalKit

/// The check of the user's keys: known commands, known keys, and no key with two commands where both work.
extension KeyBindings {
    /// Keys that terminals send as other ones, and those that the program keeps for itself.
    private static let refused: [(keys: [String], reason: String)] = [
        (["ctrl-c"], "ctrl-c always asks to quit"), (["ctrl-z"], "ctrl-z always leads back to the shell"),
        (["ctrl-i"], "terminals send ctrl-i as tab"), (["ctrl-m"], "terminals send ctrl-m as enter"),
        (["ctrl-["], "terminals send ctrl-[ as esc"),
    ]

    /// - Returns: the keys in force, and the mistakes with those before.
    static func read(_ members: [JSON.Member], _ before: [ExperimentError]) -> (KeyBindings, [ExperimentError]) {
        var (own, order, mistakes): ([String: [String]], [String], [ExperimentError]) = ([:], [], before)
        for member in members {
            do throws(ExperimentError) {
                let (id, keys) = (member.key, try keys(member))
                if own.updateValue(keys, forKey: id) == nil { order.append(id) }
            } catch { mistakes.append(error) }
        }
        // Keys that are those of the table are no wish.
        for id in order where own[id] == Commands.byID[id]?.keys { own[id] = nil }
        // All wishes at once, so that two commands can change places; the last one of those that clash goes.
        while let clash = KeyContext.all.lazy.compactMap({ $0.clash(own, order) }).first {
            own[clash.loser] = nil
            mistakes.append(Configuration.mistake("keys.\(clash.loser)", clash.words))
        }
        return (KeyBindings(own), mistakes)
    }

    private static func keys(_ member: JSON.Member) throws(ExperimentError) -> [String] {
        let place = "keys.\(member.key)"
        guard Commands.byID[member.key] != nil else {
            // Of a name without its first word the nearest is sought among the last words as well.
            let names = Commands.known.map(\.id)
            let nearest =
                NearestName.of(member.key, among: names)
                ?? names.first { $0.split(separator: ".").last.map(String.init) == member.key }
            throw Configuration.mistake(
                place,
                "no such command; "
                    + (nearest.map { "did you mean \(quoted($0))?" }
                        ?? "layercake config --default lists all"))
        }
        let values: [JSON]
        switch member.value {
        case .string: values = [member.value]
        case .array(let array): values = array
        default: throw ConfigurationSetting.wrong(place, "a key, or a list of keys", member.value)
        }
        var keys: [String] = []
        for value in values {
            guard case .string(let text) = value else { throw ConfigurationSetting.wrong(place, "a key", value) }
            guard let key = Key(text) else {
                let names = Key.words + (1...12).map { "F\($0)" }
                let nearest = NearestName.of(String(text.split(separator: "-").last ?? ""), among: names)
                let advice = nearest.map { "did you mean \(quoted($0))?" } ?? "keys are written as \(listed(names))"
                throw Configuration.mistake(place, "no such key as \(quoted(text)); \(advice)")
            }
            let isKept = Commands.byID[member.key]?.keys.contains { Key($0) == key } == true
            if !isKept, let reason = refused.first(where: { $0.keys.contains { Key($0) == key } })?.reason {
                throw Configuration.mistake(place, reason)
            }
            if !keys.contains(where: { Key($0) == key }) { keys.append(text) }
        }
        return keys
    }
}

/// Commands that work side by side, so that no two of them may have one key.
struct KeyContext: Sendable {
    /// "in the panel Output".
    var words: String
    var commands: [Command]

    /// The panels with each of their views and kinds of data, their modes, the screens in place of the panels, lessons.
    static let all: [KeyContext] = {
        var contexts: [KeyContext] = []
        let modal = Set(Panel.all.flatMap { $0.modes.flatMap(\.commands) }.map(\.id))
        for panel in Panel.all {
            let views = View.views(of: panel.id).map(\.id)
            for view in views.isEmpty ? [nil] : views.map(Optional.some) {
                for data in [nil, Command.Data.images, .sequences] {
                    contexts.append(
                        KeyContext(
                            words: "in the panel \(panel.title)",
                            commands: Commands.all.filter { command in
                                command.works(in: panel.id, showing: view) && !modal.contains(command.id)
                                    && (command.data == nil || command.data == data)
                            }))
                }
            }
            // Of a mode's commands, some are for a part of it only: its own table may give them one key.
            contexts += panel.modes.map {
                KeyContext(words: "in a mode of the panel \(panel.title)", commands: $0.commands)
            }
        }
        contexts += GridScreens.all.map { KeyContext(words: "in the screen \($0.title)", commands: $0.commands) }
        contexts.append(KeyContext(words: "in a match", commands: Match.commands))
        return contexts
    }()

    /// Two commands with one key, of which at least one is the user's wish; nil: there are none.
    func clash(_ own: [String: [String]], _ order: [String]) -> (loser: String, words: String)? {
        guard commands.contains(where: { own[$0.id] != nil }) else { return nil }
        var owners: [Key: Command] = [:]
        // Wishes in the file's order, after the commands that stay as they are.
        let wishes = order.compactMap { id in own[id] == nil ? nil : commands.first { $0.id == id } }
        for command in commands.filter({ own[$0.id] == nil }) + wishes {
            for label in own[command.id] ?? command.keys {
                guard let key = Key(label) else { continue }
                let other = owners.updateValue(command, forKey: key)
                guard let other, other.id != command.id, own[command.id] != nil else { continue }
                let place = command.panels == nil && other.panels == nil ? "everywhere" : words
                return (command.id, "\(label) is the key of \(other.id) too, \(place); give that one another first")
            }
        }
        return nil
    }
}
