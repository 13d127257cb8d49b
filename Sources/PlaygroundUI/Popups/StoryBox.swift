import Datasets
import Session
import TerminalKit

extension Key {
    /// The label with "tab" and "shift-tab" in words, whatever the glyphs.
    func spelledLabel(glyphs: Capabilities.Glyphs) -> String {
        label(glyphs: [.tab, .backTab].contains(code) ? .ascii : glyphs)
    }
}

/// A story's text. The keys that it names stand in parentheses, "(v)" or "(4 ←)", and look like keys.
struct Story {
    let text: String
    /// For each parenthesis of the text, in order, whether keys stand in it.
    private let holdsKeys: [Bool]

    private static let keys = Set(Commands.all.flatMap(\.keys).compactMap { Key($0) })

    /// - Parameters:
    ///   - spellsTab: the tabulator stands as a word, for beginners.
    ///   - bindings: the keys in force, in place of those of the table, which the text names.
    ///   - panel: the panel in which they are pressed; a panel's digit in the text leads to that one.
    ///   - front: commands whose keys come before all others.
    init(
        _ text: String, glyphs: Capabilities.Glyphs, spellsTab: Bool = false, keys bindings: KeyBindings = .standard,
        panel: PanelID? = nil, front: [Command] = []
    ) {
        var parts = text.split(separator: "(", omittingEmptySubsequences: false).map(String.init)
        var holdsKeys: [Bool] = []
        for index in parts.indices.dropFirst() {
            let inside = parts[index].prefix { $0 != ")" }
            let keys = inside.split(separator: " ").map { word in
                Key(String(word)).flatMap { Self.keys.contains($0) ? $0 : nil }
            }
            let isKeys = !keys.isEmpty && !keys.contains(nil) && inside.count < parts[index].count
            holdsKeys.append(isKeys)
            guard isKeys else { continue }
            let labels = bindings.labels(
                for: keys.compactMap(\.self), in: panel, front: front, glyphs: glyphs, spellsTab: spellsTab)
            parts[index] = labels + parts[index].dropFirst(inside.count)
        }
        self.text = parts.joined(separator: "(")
        self.holdsKeys = holdsKeys
    }

    /// The keys that the text names.
    static func keys(in text: String) -> [Key] {
        text.split(separator: "(", omittingEmptySubsequences: false).dropFirst().flatMap { part in
            let keys = part.prefix { $0 != ")" }.split(separator: " ").map { Key(String($0)) }
            return keys.allSatisfy { $0.map(Self.keys.contains) ?? false } ? keys.compactMap(\.self) : []
        }
    }

    /// Parentheses that name keys with commas between them, "4, w, enter", which stay words.
    static func keysWithCommas(in text: String) -> [String] {
        text.split(separator: "(", omittingEmptySubsequences: false).dropFirst().compactMap { part in
            let inside = part.prefix { $0 != ")" }
            guard inside.contains(","), inside.count < part.count else { return nil }
            let words = inside.split { $0 == "," || $0 == " " }.map(String.init)
            // "(1, 0)" and "(x, y)" are points.
            guard words.contains(where: { $0.count > 1 || "←→↑↓".contains($0) }),
                words.allSatisfy({ Key($0).map(Self.keys.contains) ?? false })
            else { return nil }
            return String(inside)
        }
    }

    /// The text broken into lines, of which none ends between the keys of a parenthesis that is short beside a line.
    func lines(columns: Int) -> [String] {
        var glued = ""
        for (place, part) in text.split(separator: "(", omittingEmptySubsequences: false).enumerated() {
            let inside = part.prefix { $0 != ")" }
            let isShort = columnWidth(String(inside)) + 2 <= max(12, columns / 2)
            // A key may be a parenthesis itself, so that there are more than the text had.
            let isKept = holdsKeys.indices.contains(place - 1) && holdsKeys[place - 1] && isShort
            if place > 0 { glued += "(" }
            glued += isKept ? Self.exchange(" ", for: Self.noBreak, in: inside) : String(inside)
            glued += part.dropFirst(inside.count)
        }
        return wrapText(glued, columns: columns).map { Self.exchange(Self.noBreak, for: " ", in: $0[...]) }
    }

    /// A blank at which no line ends.
    private static let noBreak: Character = "\u{A0}"

    private static func exchange(_ old: Character, for new: Character, in text: Substring) -> String {
        String(text.map { $0 == old ? new : $0 })
    }

    /// - Parameter first: the first line that is shown.
    func draw(into canvas: inout Canvas, _ rect: Rect, columns: Int, from first: Int = 0, text: Style, key: Style) {
        var parenthesis = -1
        var inKeys = false
        for (index, line) in lines(columns: columns).enumerated() {
            var x = rect.x
            for scalar in line.unicodeScalars {
                if scalar == ")" { inKeys = false }
                if index >= first, index - first < rect.height {
                    x += canvas.write(String(scalar), x: x, y: rect.y + index - first, style: inKeys ? key : text)
                }
                guard scalar == "(" else { continue }
                parenthesis += 1
                inKeys = holdsKeys.indices.contains(parenthesis) && holdsKeys[parenthesis]
            }
        }
    }
}

extension App {
    /// A text in which keys stand in parentheses, with those in force.
    func spelled(_ text: String, in panel: PanelID? = nil) -> String {
        Story(text, glyphs: capabilities.glyphs, keys: bindings, panel: panel).text
    }
}

/// The experiment's story in a box over the panels, scrolled where the window is low.
struct StoryBox: ScrolledBox {
    static let opener: Unicode.Scalar? = "S"
    private let app: App
    let rect: Rect
    let lineCount: Int
    private let story: Story

    /// The story, that it tells of other data where these have been changed, and where there are variants how to see them.
    static func text(_ app: App) -> String {
        let experiment = app.experiment
        var story = experiment.story
        let (told, now) = (app.session.opened.data.dataset.id, experiment.data.dataset.id)
        if told != now {
            func title(_ id: String) -> String { Datasets.entry(id)?.title ?? id }
            story = "This story tells of the data “\(title(told))”; now they are “\(title(now))”.\n\n\(story)"
        }
        guard !experiment.compare.isEmpty else { return story }
        let titles = experiment.compare.map(\.title).joined(separator: ", ")
        return "\(story)\n\nIts variants, to switch between (v) and to race (V): \(titles)."
    }

    init(_ app: App) {
        self.app = app
        let screen = app.popupRoom
        let width = min(64, screen.width - 4)
        story = Story(Self.text(app), glyphs: app.capabilities.glyphs, keys: app.bindings)
        lineCount = story.lines(columns: width - 4).count
        rect = centredRect(width: width, height: min(screen.height - 2, lineCount + 2), in: screen)
    }

    var title: String { app.experiment.title.isEmpty ? "Story" : app.experiment.title }

    func drawLines(into canvas: inout Canvas, _ rect: Rect, from first: Int) {
        story.draw(into: &canvas, rect, columns: rect.width, from: first, text: app.text, key: app.accent)
    }
}
