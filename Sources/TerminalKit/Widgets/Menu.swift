/// One choice of a menu.
public struct MenuItem: Sendable, Hashable {
    public var title: String
    /// Shown at the right: a key, a value, a short description.
    public var detail: String
    /// Further words that find it.
    public var keywords: String
    /// Why it cannot be chosen now, or nil.
    public var disabled: String?
    public init(_ title: String, detail: String = "", keywords: String = "", disabled: String? = nil) {
        self.title = title
        self.detail = detail
        self.keywords = keywords
        self.disabled = disabled
    }
}

/// A list to choose from, filtered by what is typed, scrolled to the selected item: a value that keys change and `draw`
/// shows in a box.
public struct Menu: Sendable, Hashable {
    public enum Result: Sendable, Hashable {
        /// The key was used, and the menu stays.
        case stays
        /// The index into `items`.
        case chosen(Int)
        case cancelled
        /// The key means nothing here.
        case ignored
    }

    public var title: String
    public var items: [MenuItem] {
        didSet {
            searched = items.map(SearchedItem.init)
            rank()
        }
    }
    /// Without a filter, letters are ignored, so that the caller may use them.
    public var filterable: Bool
    public private(set) var filter = TextField()
    /// Indices of the items that have every word of the filter in their title, detail or keywords, in any case: the
    /// likeliest first, those that cannot be chosen last.
    public private(set) var matches: [Int] = []
    private var searched: [SearchedItem]
    /// Index into `matches`.
    private var row = 0
    private var scroll = 0

    public init(title: String, items: [MenuItem], selected: Int = 0, filterable: Bool = true) {
        self.title = title
        self.items = items
        searched = items.map(SearchedItem.init)
        self.filterable = filterable
        rank()
        row = matches.firstIndex(of: selected) ?? 0
    }

    private mutating func rank() {
        let search = WordSearch(filter.text)
        let ranked = items.indices.compactMap { index in
            search.rank(of: searched[index]).map { (rank: $0, isDisabled: items[index].disabled != nil, index: index) }
        }
        matches = ranked.sorted {
            if $0.isDisabled != $1.isDisabled { return $1.isDisabled }
            return $0.rank == $1.rank ? $0.index < $1.index : $0.rank < $1.rank
        }.map(\.index)
    }

    /// The selected item's index in `items`, nil when nothing matches.
    public var selected: Int? {
        row < matches.count ? matches[row] : nil
    }

    public mutating func handle(_ key: Key) -> Result {
        let count = matches.count
        switch (key.code, key.control) {
        case (.escape, _): return .cancelled
        case (.enter, _):
            guard let selected, items[selected].disabled == nil else { return .stays }
            return .chosen(selected)
        case (.up, _), (.character("p"), true): row = max(0, row - 1)
        case (.down, _), (.character("n"), true): row = max(0, min(count - 1, row + 1))
        case (.character("k"), false) where !filterable: row = max(0, row - 1)
        case (.character("j"), false) where !filterable: row = max(0, min(count - 1, row + 1))
        case (.pageUp, _): row = max(0, row - 10)
        case (.pageDown, _): row = max(0, min(count - 1, row + 10))
        case (.home, _): row = 0
        case (.end, _): row = max(0, count - 1)
        default:
            let before = filter.text
            guard filterable, filter.handle(key) else { return .ignored }
            if filter.text != before { refilter() }
        }
        return .stays
    }

    /// Text pasted into the filter.
    public mutating func paste(_ text: String) {
        guard filterable else { return }
        filter.insert(text)
        refilter()
    }

    private mutating func refilter() {
        row = 0
        rank()
    }

    /// A click or the wheel inside the rect that `draw` had: a click selects, and on the selected item chooses.
    public mutating func handle(_ mouse: Mouse, in rect: Rect) -> Result {
        switch mouse.kind {
        case .scrollUp: row = max(0, row - 1)
        case .scrollDown: row = max(0, min(matches.count - 1, row + 1))
        case .press:
            guard rect.contains(x: mouse.x, y: mouse.y) else { return .cancelled }
            let hit = mouse.y - listRect(rect).y + scroll
            guard listRect(rect).contains(x: mouse.x, y: mouse.y), hit < matches.count else { return .stays }
            if hit == row, let selected, items[selected].disabled == nil { return .chosen(selected) }
            row = hit
        default: break
        }
        return .stays
    }

    /// Draws the menu as a box over what is in `rect`.
    public mutating func draw(into canvas: inout Canvas, _ rect: Rect, styles: MenuStyles = MenuStyles()) {
        drawBox(into: &canvas, rect, title: title, style: styles.border, titleStyle: styles.title, fill: styles.fill)
        let list = listRect(rect)
        if list.isEmpty { return }
        if filterable {
            canvas.write("/", x: list.x + 1, y: rect.y + 1, style: styles.border)
            filter.draw(into: &canvas, x: list.x + 3, y: rect.y + 1, width: list.width - 4, style: styles.fill)
        }
        row = max(0, min(row, matches.count - 1))
        scroll = min(max(scroll, row - list.height + 1), row)
        scroll = max(0, min(scroll, matches.count - list.height))
        if matches.isEmpty {
            canvas.write("nothing matches", x: list.x + 1, y: list.y, style: styles.disabled, limit: list.width - 2)
        }
        for line in 0..<min(list.height, matches.count - scroll) {
            let item = items[matches[scroll + line]]
            let chosen = scroll + line == row
            let style = item.disabled != nil ? styles.disabled : chosen ? styles.selected : styles.item
            let detailStyle = chosen ? styles.selected : styles.detail
            var rowStyle = style
            if chosen {
                rowStyle.background = styles.selected.background
                rowStyle.reverse = styles.selected.reverse
                // Faint text cannot be read on the selected row.
                if item.disabled != nil { rowStyle.foreground = styles.detail.foreground }
            }
            let y = list.y + line
            canvas.fill(Rect(x: list.x, y: y, width: list.width, height: 1), with: Cell(" ", rowStyle))
            if chosen { canvas.write("▸", x: list.x, y: y, style: rowStyle) }
            let written = canvas.write(item.title, x: list.x + 1, y: y, style: rowStyle, limit: list.width - 2)
            let room = list.width - written - 4
            // A reason stands there whole or not at all.
            let reason = item.disabled.map { item.detail.isEmpty ? $0 : "\(item.detail)  \($0)" }
            let detail = reason.flatMap { columnWidth($0) <= room ? $0 : nil } ?? item.detail
            let columns = min(columnWidth(detail), room)
            if columns > 0 {
                let x = list.maxX - 1 - columns
                canvas.write(detail, x: x, y: y, style: item.disabled != nil ? rowStyle : detailStyle, limit: columns)
            }
        }
        drawScrollMarks(into: &canvas, list, above: scroll, below: matches.count - scroll - list.height, styles.border)
    }

    private func listRect(_ rect: Rect) -> Rect {
        let above = filterable ? 3 : 1
        return Rect(x: rect.x + 1, y: rect.y + above, width: rect.width - 2, height: rect.height - above - 1)
    }
}

/// An item's texts in lower case, as they are searched: title, detail, keywords.
private struct SearchedItem: Sendable, Hashable {
    let parts: [[UInt8]]

    init(_ item: MenuItem) { parts = [item.title, item.detail, item.keywords].map { Array($0.lowercased().utf8) } }
}

/// Finds items by words, and says how likely each is meant.
private struct WordSearch {
    private let whole: [UInt8]
    private let words: [[UInt8]]

    init(_ text: String) {
        let text = text.lowercased()
        words = text.split(separator: " ").map { Array($0.utf8) }
        whole = Array(text.utf8)
    }

    /// Less is likelier; nil: a word is missing.
    func rank(of item: SearchedItem) -> Int? {
        guard !words.isEmpty else { return 0 }
        let parts = item.parts
        var rank = 0
        for word in words {
            // A word's beginning in the title, in the detail, in the keywords; then its inside in the same order.
            let places = parts.indices.compactMap { part in
                place(of: word, in: parts[part]).map { place in
                    switch place {
                    case .start: part == 0 ? 0 : part * 4
                    case .word: part == 0 ? 2 : part * 4
                    case .beginning: part * 4 + 3
                    case .inside: part * 4 + 14
                    }
                }
            }
            guard let best = places.min() else { return nil }
            rank += best
        }
        return parts[0] == whole ? -1 : rank
    }

    private enum Place: Int { case start, word, beginning, inside }

    /// The best place of a word in a text: as its first word, as another whole word, at a word's beginning, inside one.
    private func place(of word: [UInt8], in text: [UInt8]) -> Place? {
        var best: Place?
        guard text.count >= word.count else { return nil }
        for start in 0...(text.count - word.count)
        where text[start] == word[0] && text[start..<start + word.count].elementsEqual(word) {
            let end = start + word.count
            let place: Place =
                if start > 0 && isLetter(text[start - 1]) {
                    .inside
                } else if end < text.count && isLetter(text[end]) {
                    .beginning
                } else {
                    start == 0 ? .start : .word
                }
            if place.rawValue < best?.rawValue ?? .max { best = place }
        }
        return best
    }

    /// A letter or a digit; bytes beyond ASCII belong to letters.
    private func isLetter(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte >= 0x80
    }
}

/// The styles of a menu's parts.
public struct MenuStyles: Sendable, Hashable {
    public var border: Style
    public var title: Style
    public var fill: Style
    public var item: Style
    public var detail: Style
    public var selected: Style
    public var disabled: Style
    public init(
        border: Style = Style(dim: true), title: Style = Style(bold: true), fill: Style = .plain, item: Style = .plain,
        detail: Style = Style(dim: true), selected: Style = Style(reverse: true), disabled: Style = Style(dim: true)
    ) {
        self.border = border
        self.title = title
        self.fill = fill
        self.item = item
        self.detail = detail
        self.selected = selected
        self.disabled = disabled
    }
}
