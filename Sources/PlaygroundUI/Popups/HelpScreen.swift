import Session
import TerminalKit

/// All commands with their keys, made from the same table as the keymap: the panel in front first.
struct HelpScreen: ScrolledBox {
    static let opener: Unicode.Scalar? = "?"
    let title = "Help"
    private let app: App
    let rect: Rect
    private let keyWidth: Int
    /// A heading (without keys), or a command: its keys and what it does; further lines of it have a space as keys.
    private(set) var lines: [(keys: String, words: String)] = []
    /// The help's lines on each command, in its order.
    private(set) var commandLines: [String] = []

    private struct Section {
        var title: String
        var commands: [Command]
        /// In place of the commands' own keys.
        var keys: String?
    }

    init(_ app: App) {
        self.app = app
        let screen = app.popupRoom
        rect = centredRect(width: min(100, screen.width - 4), height: screen.height - 2, in: screen)
        let sections = Self.sections(app).filter { !$0.commands.isEmpty }
        func keys(_ command: Command, _ section: Section) -> String {
            if let keys = section.keys { return keys }
            let own = app.labels(of: command)
            // A command without a key is found by its words.
            return own.isEmpty ? ":" : own
        }
        let widest = sections.flatMap { section in section.commands.map { columnWidth(keys($0, section)) } }.max() ?? 8
        keyWidth = min(18, widest + 1)
        for section in sections {
            if !lines.isEmpty { lines.append(("", "")) }
            lines.append(("", section.title))
            for command in section.commands {
                commandLines.append(command.help)
                for (index, words) in wrapText(command.help, columns: rect.width - keyWidth - 6).enumerated() {
                    lines.append((index == 0 ? keys(command, section) : " ", words))
                }
            }
        }
    }

    private static func sections(_ app: App) -> [Section] {
        if let commands = app.screenCommands {
            // A command that does not work here need not be read here.
            return [own(app.match != nil ? "Playing" : (app.grid?.screen).map { type(of: $0).title } ?? "", commands)]
                + [
                    Section(
                        title: "Everywhere",
                        commands: commands.filter { command in
                            Commands.everywhere.contains { $0.id == command.id }
                        })
                ]
        }
        let shared = [Commands.editors, Commands.settings]
        let lists = shared.map { panels in
            Section(
                title: Panel.all.filter { panels.contains($0.id) }.map(\.title).joined(separator: ", "),
                commands: Commands.all.filter { $0.panels == panels })
        }
        let panels = Panel.all.map { panel in
            Section(
                title: panel.title,
                commands: Commands.all.filter { command in
                    command.panels.map { $0.contains(panel.id) && !shared.contains($0) } ?? false
                })
        }
        var front = panels[Panel.all.firstIndex { $0.id == app.focus }!]
        let title = front.title
        func works(_ command: Command) -> Bool { command.disabled(app) == nil && app.missingView(for: command) == nil }
        let waiting = Section(
            title: "\(title): not with these data, or not now", commands: front.commands.filter { !works($0) })
        front.commands.removeAll { !works($0) }
        let ownLists = zip(lists, shared).filter { $0.1.contains(app.focus) }.map(\.0)
        let otherLists = zip(lists, shared).filter { !$0.1.contains(app.focus) }.map(\.0)
        return [front] + ownLists
            + [
                Section(
                    title: "Everywhere",
                    commands: Commands.all.filter { $0.panels == nil && !app.bindings.keys(of: $0).isEmpty }),
                Section(
                    title: "Without a key: press \(app.label("app.palette")) and type a part of the words",
                    commands: Commands.all.filter { app.bindings.keys(of: $0).isEmpty },
                    keys: app.capabilities.glyphs == .ascii ? "-" : "·"),
            ] + [waiting] + otherLists + panels.filter { $0.title != title }
            + GridScreens.all.map { own($0.title, $0.commands) }
    }

    /// A grid's commands that do not work everywhere.
    private static func own(_ title: String, _ commands: [Command]) -> Section {
        Section(
            title: title,
            commands: commands.filter { command in !Commands.everywhere.contains { $0.id == command.id } })
    }

    var lineCount: Int { lines.count }

    func drawLines(into canvas: inout Canvas, _ rect: Rect, from first: Int) {
        for (row, (keys, words)) in lines.dropFirst(first).prefix(rect.height).enumerated() {
            let y = rect.y + row
            if keys.isEmpty {
                canvas.write(words, x: rect.x, y: y, style: Style(app.theme.text, bold: true))
            } else {
                canvas.writeRight(keys, maxX: rect.x + keyWidth, y: y, style: app.accent)
                canvas.write(words, x: rect.x + 2 + keyWidth, y: y, style: app.quiet, limit: rect.width - keyWidth - 2)
            }
        }
    }
}
