/// A line of text being typed: a value that keys change and `draw` shows.
public struct TextField: Sendable, Hashable {
    private var scalars: [Unicode.Scalar]
    /// In scalars, 0 … count.
    public private(set) var cursor: Int
    private var scroll = 0
    /// The whole text is to be replaced by what is typed next; keys that move or delete keep it.
    public private(set) var isSelected = false

    public init(_ text: String = "", selected: Bool = false) {
        scalars = TextField.printable(text)
        cursor = scalars.count
        isSelected = selected && !scalars.isEmpty
    }

    public var text: String {
        get {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            return String(text)
        }
        set { self = TextField(newValue) }
    }
    public var isEmpty: Bool { scalars.isEmpty }

    /// Puts text at the cursor: typed or pasted. Line ends and tabs become spaces, other control characters go.
    public mutating func insert(_ text: String) {
        replaceSelection()
        let new = TextField.printable(text)
        scalars.insert(contentsOf: new, at: cursor)
        cursor += new.count
    }

    private mutating func replaceSelection() {
        if isSelected { self = TextField() }
    }

    /// Edits by one key: characters, ← →, home and end (ctrl-a, ctrl-e), backspace, delete, ctrl-u and ctrl-k (clear
    /// before and after the cursor), ctrl-w (the word before it).
    /// - Returns: false when the key means nothing here, so that the caller may use it.
    public mutating func handle(_ key: Key) -> Bool {
        switch (key.code, key.control) {
        case (.character(let scalar), false) where !key.alt:
            replaceSelection()
            scalars.insert(scalar, at: cursor)
            cursor += 1
        case (.left, _): cursor = max(0, cursor - 1)
        case (.right, _): cursor = min(scalars.count, cursor + 1)
        case (.home, _), (.character("a"), true): cursor = 0
        case (.end, _), (.character("e"), true): cursor = scalars.count
        case (.backspace, _):
            if cursor > 0 {
                cursor -= 1
                scalars.remove(at: cursor)
            }
        case (.delete, _): if cursor < scalars.count { scalars.remove(at: cursor) }
        case (.character("u"), true):
            scalars.removeSubrange(..<cursor)
            cursor = 0
        case (.character("k"), true): scalars.removeSubrange(cursor...)
        case (.character("w"), true):
            var start = cursor
            while start > 0 && scalars[start - 1] == " " { start -= 1 }
            while start > 0 && scalars[start - 1] != " " { start -= 1 }
            scalars.removeSubrange(start..<cursor)
            cursor = start
        default: return false
        }
        isSelected = false
        return true
    }

    /// Shows the part around the cursor in `width` columns; the cursor is a cell in reverse, and so is selected text.
    public mutating func draw(
        into canvas: inout Canvas, x: Int, y: Int, width: Int, style: Style = .plain, focused: Bool = true
    ) {
        if width <= 0 { return }
        canvas.fill(Rect(x: x, y: y, width: width, height: 1), with: Cell(" ", style))
        scroll = min(scroll, cursor)
        // One column is kept for the cursor behind the last character.
        var start = cursor
        var used = 0
        while start > scroll, used + columnWidth(scalars[start - 1]) <= width - 1 {
            start -= 1
            used += columnWidth(scalars[start])
        }
        scroll = start
        while scroll > 0 && columns((scroll - 1)..<scalars.count) <= width - 1 { scroll -= 1 }
        var column = 0
        for at in scroll...scalars.count {
            let scalar = at < scalars.count ? scalars[at] : " "
            let wide = columnWidth(scalar)
            if column + wide > width { break }
            var cellStyle = style
            if focused && (at == cursor || isSelected && at < scalars.count) { cellStyle.reverse.toggle() }
            if at < scalars.count || at == cursor {
                canvas.write(String(scalar), x: x + column, y: y, style: cellStyle)
            }
            column += wide
        }
    }

    private func columns(_ range: Range<Int>) -> Int { scalars[range].reduce(0) { $0 + columnWidth($1) } }

    private static func printable(_ text: String) -> [Unicode.Scalar] {
        text.unicodeScalars.compactMap { scalar in
            switch scalar.value {
            case 9, 10, 13: " "
            case 0..<0x20, 0x7F..<0xA0: nil
            default: scalar
            }
        }
    }
}
