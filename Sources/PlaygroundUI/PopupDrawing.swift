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
        case .prompt(let prompt)?:
            let width = min(76, screen.width - 4)
            let lines = wrapText(prompt.mistake ?? prompt.help, columns: width - 4).count
            rect = centredRect(width: width, height: 4 + lines, in: screen)
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
        case .prompt(var prompt):
            drawBox(into: &frame.canvas, rect, title: prompt.title, style: quiet, titleStyle: accent, fill: text)
            prompt.field.draw(
                into: &frame.canvas, x: rect.x + 2, y: rect.y + 1, width: rect.width - 4,
                style: Style(theme.text, on: theme.selection))
            drawWrapped(
                into: &frame.canvas, rect.inset(left: 2, top: 3, right: 2, bottom: 1),
                text: prompt.mistake ?? prompt.help,
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

/// All commands with their keys, made from the same table as the keymap.
struct HelpScreen {
    private let app: App
    private let rect: Rect
    /// A heading (without keys), or a command: its keys and what it does.
    private var lines: [(keys: String, words: String)] = []

    init(_ app: App) {
        self.app = app
        var help = app
        help.popup = .help(scroll: 0)
        rect = PopupPlace(help).rect
        let glyphs = app.capabilities.glyphs
        func add(_ heading: String, _ commands: [Command], keys: String? = nil) {
            guard !commands.isEmpty else { return }
            if !lines.isEmpty { lines.append(("", "")) }
            lines.append(("", heading))
            for command in commands {
                let own = command.keys.compactMap { Key($0)?.label(glyphs: glyphs) }.joined(separator: " ")
                lines.append((keys ?? own, command.help))
            }
        }
        func addGrid(_ title: String, _ commands: [Command]) {
            add(title, commands.filter { command in !Commands.everywhere.contains { $0.id == command.id } })
        }
        if let grid = app.grid {
            // What does not work here need not be read here.
            addGrid(grid.screen.title, grid.screen.commands)
            add(
                "Everywhere",
                grid.screen.commands.filter { command in Commands.everywhere.contains { $0.id == command.id } })
            return
        }
        add("Everywhere", Commands.all.filter { $0.panels == nil && !$0.keys.isEmpty })
        let dot = glyphs == .ascii ? "-" : "·"
        add("Without a key: press : and type a part of the words", Commands.all.filter(\.keys.isEmpty), keys: dot)
        let shared = [Commands.editors, Commands.settings]
        add("Data, Features, Training, Stack", Commands.all.filter { $0.panels == Commands.editors })
        add("Data, Training, Stack", Commands.all.filter { $0.panels == Commands.settings })
        for panel in PanelID.allCases {
            add(
                panel.title,
                Commands.all.filter { command in
                    command.panels.map { $0.contains(panel) && !shared.contains($0) } ?? false
                })
        }
        addGrid("Atlas", Atlas.commands)
        addGrid("Race", Race.commands)
    }

    private var listHeight: Int { max(0, rect.height - 2) }
    var lastScroll: Int { max(0, lines.count - listHeight) }

    /// What the help says of each command, for tests.
    var commandLines: [String] { lines.map(\.words) }

    func draw(into canvas: inout Canvas, scroll: Int) {
        drawBox(into: &canvas, rect, title: "Help", style: app.quiet, titleStyle: app.accent, fill: app.text)
        let scroll = min(scroll, lastScroll)
        let keyWidth = min(18, (lines.map { columnWidth($0.keys) }.max() ?? 8) + 1)
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
