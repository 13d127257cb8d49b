import Session
import TerminalKit

/// Where what lies over the panels stands.
struct PopupPlace {
    var rect: Rect
    /// The part that the menu draws; the story stands below it.
    var list: Rect

    init(_ app: App) {
        let screen = Rect(x: 0, y: 1, width: app.width, height: max(0, app.height - 2))
        switch app.popup {
        case .menu(let popup)?:
            if popup.find != nil {
                // It keeps its place whatever is found.
                rect = centredRect(width: min(84, screen.width - 4), height: screen.height - 2, in: screen)
                list = Rect(x: rect.x, y: rect.y, width: rect.width, height: max(4, rect.height - 5))
                return
            }
            let stories = !popup.stories.isEmpty
            let longest = popup.menu.items.map { columnWidth($0.title) + columnWidth($0.detail) + 8 }.max() ?? 20
            let width = min(screen.width - 4, max(stories ? 56 : 36, longest))
            let story = stories ? min(7, popup.stories.map { wrapText($0, columns: width - 4).count }.max()! + 1) : 0
            let height = min(screen.height - 2, popup.menu.items.count + (popup.menu.filterable ? 4 : 2) + story)
            rect = centredRect(width: width, height: height, in: screen)
            list = Rect(x: rect.x, y: rect.y, width: rect.width, height: max(4, rect.height - story))
        case .help?:
            rect = centredRect(width: min(100, screen.width - 4), height: screen.height - 2, in: screen)
            list = rect
        case .story?:
            let width = min(64, screen.width - 4)
            let lines = wrapText(StoryBox.text(app), columns: width - 4).count
            rect = centredRect(width: width, height: min(screen.height - 2, lines + 2), in: screen)
            list = rect
        case .link?:
            let width = min(84, screen.width - 4)
            let height = min(screen.height - 2, LinkBox.height(app, width: width))
            rect = centredRect(width: width, height: height, in: screen)
            list = rect
        case .prompt(let prompt)?:
            let width = min(76, screen.width - 4)
            let lines = wrapText(prompt.words, columns: width - 4).count
            rect = centredRect(width: width, height: min(screen.height - 2, 4 + lines), in: screen)
            list = rect
        case .overwrite?, .quit?:
            rect = centredRect(width: min(60, screen.width - 4), height: 6, in: screen)
            list = rect
        case nil:
            rect = Rect(x: 0, y: 0, width: 0, height: 0)
            list = rect
        }
    }
}

extension App {
    func drawPopup(into frame: inout Frame) {
        guard let popup else { return }
        let place = PopupPlace(self)
        let rect = place.rect
        switch popup {
        case .menu(var popup):
            drawBox(into: &frame.canvas, rect, style: quiet, titleStyle: accent, fill: text)
            popup.menu.draw(into: &frame.canvas, place.list, styles: menuStyles)
            if rect.height > place.list.height { drawStory(popup, into: &frame.canvas, place) }
        case .help(let scroll): HelpScreen(self).draw(into: &frame.canvas, scroll: scroll)
        case .story(let scroll): StoryBox(self).draw(into: &frame.canvas, scroll: scroll)
        case .link(let scroll): LinkBox(self).draw(into: &frame.canvas, scroll: scroll)
        case .prompt(var prompt):
            drawBox(into: &frame.canvas, rect, title: prompt.title, style: quiet, titleStyle: accent, fill: text)
            prompt.field.draw(
                into: &frame.canvas, x: rect.x + 2, y: rect.y + 1, width: rect.width - 4,
                style: Style(theme.text, on: theme.selection))
            drawWrapped(
                into: &frame.canvas, rect.inset(left: 2, top: 3, right: 2, bottom: 1),
                text: prompt.words,
                style: prompt.mistake == nil ? quiet : bad)
        case .overwrite(let path, _):
            drawQuestion(
                into: &frame.canvas, rect, title: "Save", words: "\(path) is there already.",
                answers: [("y", "write over it"), ("esc", "another name")])
        case .quit:
            drawQuestion(
                into: &frame.canvas, rect, title: "Quit",
                words: session.edited
                    ? "The experiment has been edited and is not saved."
                    : "The network has trained for \(formatNumber((snapshot?.seconds ?? 0) / 60, digits: 2)) minutes; its weights are not saved.",
                answers: [("q", "quit"), ("s", "save first"), ("esc", "back")])
        }
    }

    /// Under the list, between two rules of the same box: what the selected item is.
    private func drawStory(_ popup: MenuPopup, into canvas: inout Canvas, _ place: PopupPlace) {
        let y = place.list.maxY - 1
        let line: Unicode.Scalar = "─"
        canvas.fill(Rect(x: place.rect.x + 1, y: y, width: place.rect.width - 2, height: 1), with: Cell(line, faint))
        canvas[place.rect.x, y] = Cell("│", quiet)
        canvas[place.rect.maxX - 1, y] = Cell("│", quiet)
        guard let selected = popup.menu.selected, popup.stories.indices.contains(selected) else { return }
        let story = Rect(
            x: place.rect.x + 2, y: y + 1, width: place.rect.width - 4, height: place.rect.maxY - y - 2)
        drawWrapped(into: &canvas, story, text: popup.stories[selected], style: quiet)
    }

    private func drawQuestion(
        into canvas: inout Canvas, _ rect: Rect, title: String, words: String, answers: [(String, String)]
    ) {
        drawBox(into: &canvas, rect, title: title, style: quiet, titleStyle: accent, fill: text)
        drawWrapped(into: &canvas, rect.inset(left: 2, top: 1, right: 2, bottom: 2), text: words, style: text)
        var x = rect.x + 2
        for (key, word) in answers {
            x += canvas.write(key, x: x, y: rect.maxY - 2, style: accent) + 1
            x += canvas.write(word, x: x, y: rect.maxY - 2, style: quiet) + 3
        }
    }
}

/// All commands with their keys, made from the same table as the keymap: the panel in front first.
struct HelpScreen {
    private let app: App
    private let rect: Rect
    private let keyWidth: Int
    /// A heading (without keys), or a command: its keys and what it does; further lines of it have a space as keys.
    private var lines: [(keys: String, words: String)] = []
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
        var help = app
        help.popup = .help(scroll: 0)
        rect = PopupPlace(help).rect
        let sections = Self.sections(app).filter { !$0.commands.isEmpty }
        let glyphs = app.capabilities.glyphs
        func keys(_ command: Command, _ section: Section) -> String {
            if let keys = section.keys { return keys }
            let own = command.keys.compactMap { Key($0)?.label(glyphs: glyphs) }.joined(separator: " ")
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
        if let grid = app.grid {
            // A command that does not work here need not be read here.
            return [own(grid.screen.title, grid.screen.commands)] + [
                Section(
                    title: "Everywhere",
                    commands: grid.screen.commands.filter { command in
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
        let front = panels[Panel.all.firstIndex { $0.id == app.focus }!]
        let ownLists = zip(lists, shared).filter { $0.1.contains(app.focus) }.map(\.0)
        let otherLists = zip(lists, shared).filter { !$0.1.contains(app.focus) }.map(\.0)
        return [front] + ownLists
            + [
                Section(
                    title: "Everywhere", commands: Commands.all.filter { $0.panels == nil && !$0.keys.isEmpty }),
                Section(
                    title: "Without a key: press : and type a part of the words",
                    commands: Commands.all.filter(\.keys.isEmpty),
                    keys: app.capabilities.glyphs == .ascii ? "-" : "·"),
            ] + otherLists + panels.filter { $0.title != front.title }
            + [own("Atlas", Atlas.commands), own("Race", Race.commands)]
    }

    /// A grid's commands that do not work everywhere.
    private static func own(_ title: String, _ commands: [Command]) -> Section {
        Section(
            title: title,
            commands: commands.filter { command in !Commands.everywhere.contains { $0.id == command.id } })
    }

    private var listHeight: Int { max(0, rect.height - 2) }
    var lastScroll: Int { max(0, lines.count - listHeight) }

    func draw(into canvas: inout Canvas, scroll: Int) {
        drawBox(into: &canvas, rect, title: "Help", style: app.quiet, titleStyle: app.accent, fill: app.text)
        let scroll = min(scroll, lastScroll)
        for row in 0..<min(listHeight, lines.count - scroll) {
            let (keys, words) = lines[scroll + row]
            let y = rect.y + 1 + row
            if keys.isEmpty {
                canvas.write(words, x: rect.x + 2, y: y, style: Style(app.theme.text, bold: true))
            } else {
                canvas.writeRight(keys, maxX: rect.x + 2 + keyWidth, y: y, style: app.accent)
                canvas.write(words, x: rect.x + 4 + keyWidth, y: y, style: app.quiet, limit: rect.width - keyWidth - 6)
            }
        }
        drawScrollMarks(
            into: &canvas, rect.inset(left: 1, top: 1, right: 1, bottom: 1), above: scroll,
            below: lines.count - scroll - listHeight, app.quiet)
    }
}
