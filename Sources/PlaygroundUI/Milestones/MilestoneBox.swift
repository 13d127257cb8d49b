import Session
import TerminalKit

/// The history of the field: a line with its years, and beside it the chosen event, whose preset enter opens.
struct MilestoneBox: Popup {
    /// A row of the line.
    private enum Row: Sendable, Hashable {
        case event(Int)
        /// Years without one.
        case years
    }

    private static let events = Milestone.all

    /// The events with rows between them where years have passed, at most three.
    private static let rows: [Row] = events.indices.flatMap { index in
        let passed = index == 0 ? 0 : events[index].year - events[index - 1].year
        return [Row](repeating: .years, count: min(3, max(0, passed - 1) / 3)) + [Row.event(index)]
    }

    /// The place of the chosen event.
    private(set) var place: Int

    init(place: Int = 0) { self.place = min(max(0, place), Self.events.count - 1) }

    /// The chosen event.
    var event: Milestone { Self.events[place] }

    var hints: [(key: String, word: String)] { [("↑↓", "move"), ("⏎", "open its preset"), ("esc", "back")] }

    func spoken(_ app: App) -> [String] {
        Self.events.map { "\($0.year) \($0.title), \($0.people): preset \($0.presetWords)" }
    }

    // MARK: Layout

    /// Columns of the years, the line and the titles.
    private static let listWidth = 36
    private static let mostWidth = 112

    func rect(in app: App) -> Rect {
        let screen = app.popupRoom
        return centredRect(
            width: min(Self.mostWidth, screen.width - 2), height: min(screen.height, Self.rows.count + 2), in: screen)
    }

    /// The list, and the chosen event beside it.
    private static func parts(_ rect: Rect) -> (list: Rect, page: Rect) {
        let inner = rect.inset(left: 1, top: 1, right: 1, bottom: 1)
        let list = Rect(x: inner.x, y: inner.y, width: min(listWidth, inner.width), height: inner.height)
        let left = list.maxX + 2
        return (list, Rect(x: left, y: inner.y, width: max(0, inner.maxX - left - 1), height: inner.height))
    }

    /// The first row that is shown: the chosen event stands in the middle where it can.
    private func first(_ height: Int) -> Int {
        let own = Self.rows.firstIndex(of: .event(place)) ?? 0
        return min(max(0, own - height / 2), max(0, Self.rows.count - height))
    }

    // MARK: Events

    func handle(_ key: Key, _ app: App) -> PopupAnswer {
        switch key.code {
        case .escape, .character("q"), .function(9): .closed
        case .enter: opened
        case .down, .character("j"), .tab, .right, .character("l"): .open(MilestoneBox(place: place + 1))
        case .up, .character("k"), .backTab, .left, .character("h"): .open(MilestoneBox(place: place - 1))
        case .pageDown, .character(" "): .open(MilestoneBox(place: place + 10))
        case .pageUp: .open(MilestoneBox(place: place - 10))
        case .home, .character("g"): .open(MilestoneBox(place: 0))
        case .end, .character("G"): .open(MilestoneBox(place: Self.events.count - 1))
        default: .open(self)
        }
    }

    func handle(_ mouse: Mouse, in rect: Rect, _ app: App) -> PopupAnswer {
        switch mouse.kind {
        case .scrollDown: return .open(MilestoneBox(place: place + 1))
        case .scrollUp: return .open(MilestoneBox(place: place - 1))
        case .press:
            guard rect.contains(x: mouse.x, y: mouse.y) else { return .closed }
            let list = Self.parts(rect).list
            let row = mouse.y - list.y + first(list.height)
            guard list.contains(x: mouse.x, y: mouse.y), Self.rows.indices.contains(row),
                case .event(let index) = Self.rows[row]
            else { return .open(self) }
            return index == place ? opened : .open(MilestoneBox(place: index))
        default: return .open(self)
        }
    }

    private var opened: PopupAnswer {
        .closed { [event] app in app.open(event) }
    }

    // MARK: Drawing

    func draw(into canvas: inout Canvas, _ rect: Rect, _ app: App) {
        let years = "\(Self.events[0].year) to \(Self.events[Self.events.count - 1].year)"
        drawBox(
            into: &canvas, rect, title: "Timeline · \(years)", style: app.quiet, titleStyle: app.accent, fill: app.text)
        let (list, page) = Self.parts(rect)
        let first = first(list.height)
        for (row, content) in Self.rows.dropFirst(first).prefix(list.height).enumerated() {
            draw(content, into: &canvas, list, y: list.y + row, app)
        }
        drawScrollMarks(
            into: &canvas, Rect(x: list.x, y: list.y, width: list.width, height: list.height), above: first,
            below: Self.rows.count - first - list.height, app.quiet)
        drawPage(into: &canvas, page, app)
    }

    private func draw(_ row: Row, into canvas: inout Canvas, _ list: Rect, y: Int, _ app: App) {
        let line = list.x + 7
        guard case .event(let index) = row else {
            canvas[line, y] = Cell("┊", app.quiet)
            return
        }
        let event = Self.events[index]
        let isChosen = index == place
        if isChosen { canvas.fill(Rect(x: list.x, y: y, width: list.width, height: 1), with: Cell(" ", app.selected)) }
        let isFirstOfYear = index == 0 || Self.events[index - 1].year != event.year
        if isFirstOfYear || isChosen {
            canvas.write("\(event.year)", x: list.x + 2, y: y, style: isChosen ? app.selected : app.quiet)
        }
        var mark = Style(Self.color(of: event.branch, app), bold: true)
        if isChosen { (mark.background, mark.reverse) = (app.selected.background, app.selected.reverse) }
        canvas[line, y] = Cell(isChosen ? "◆" : "●", mark)
        canvas.write(
            event.title, x: line + 2, y: y, style: isChosen ? app.selected : app.text, limit: list.maxX - line - 2)
    }

    private static func color(of branch: Milestone.Branch, _ app: App) -> Color {
        .rgb(app.theme.color(ofClass: Milestone.Branch.allCases.firstIndex(of: branch) ?? 0))
    }

    /// The lines of the chosen event.
    private func page(columns: Int, _ app: App) -> [(text: String, style: Style)] {
        let bold = Style(app.theme.text, bold: true)
        let parts: [[(String, Style)]] = [
            [("\(event.year)", Style(Self.color(of: event.branch, app), bold: true))]
                + wrapText(event.title, columns: columns).map { ($0, bold) }
                + wrapText("\(event.people) · \(event.branch.rawValue)", columns: columns).map { ($0, app.quiet) },
            wrapText(event.text, columns: columns).map { ($0, app.text) },
            wrapText("“\(event.source)”", columns: columns).map { ($0, app.quiet) },
            wrapText("Preset \(event.presetWords)", columns: columns).map { ($0, app.accent) },
        ]
        return Array(
            parts.map { $0.map { (text: $0.0, style: $0.1) } }.joined(separator: [(text: "", style: app.text)]))
    }

    private func drawPage(into canvas: inout Canvas, _ rect: Rect, _ app: App) {
        for y in rect.y..<rect.maxY { canvas[rect.x - 2, y] = Cell("│", app.faint) }
        for (row, line) in page(columns: rect.width, app).prefix(rect.height).enumerated() {
            canvas.write(line.text, x: rect.x, y: rect.y + row, style: line.style, limit: rect.width)
        }
    }
}

extension Command {
    static let timeline = Command(
        "app.timeline", "a timeline from 1943 to 2016: who found what, and the preset that shows it", keys: ["F9"]
    ) { $0.popup = MilestoneBox() }.during(.walk)
}

extension App {
    /// Opens the preset of an event, with the setting that shows it.
    fileprivate mutating func open(_ event: Milestone) {
        guard lesson == nil else { return notice = "leave the lesson first (F2): the preset would take its place" }
        do throws(ExperimentError) {
            let source = try event.experiment()
            if let refusal = opened(source) { notice = Notice(refusal.description, bad: true) }
        } catch { notice = Notice(error.description, bad: true) }
    }
}
