import Basics

public struct Rect: Sendable, Hashable {
    public var x: Int
    public var y: Int
    public var width: Int
    public var height: Int
    public init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
    public var maxX: Int { x + width }
    public var maxY: Int { y + height }
    public var isEmpty: Bool { width <= 0 || height <= 0 }
    public func contains(x: Int, y: Int) -> Bool { x >= self.x && x < maxX && y >= self.y && y < maxY }
    /// The part that both cover; empty (with a size of 0, never negative) when they do not meet.
    public func intersection(_ other: Rect) -> Rect {
        let left = max(x, other.x)
        let top = max(y, other.y)
        return Rect(
            x: left, y: top, width: max(0, min(maxX, other.maxX) - left), height: max(0, min(maxY, other.maxY) - top))
    }
    /// Smaller by so many cells on each side.
    public func inset(_ horizontal: Int, _ vertical: Int) -> Rect {
        Rect(
            x: x + horizontal, y: y + vertical, width: max(0, width - 2 * horizontal),
            height: max(0, height - 2 * vertical))
    }
}

/// One character cell. A wide character's second cell holds `Cell.continuation`.
public struct Cell: Sendable, Hashable {
    public var scalar: Unicode.Scalar
    public var style: Style
    public init(_ scalar: Unicode.Scalar, _ style: Style = .plain) {
        self.scalar = scalar
        self.style = style
    }
    public static let blank = Cell(" ")
    public static let continuation = Cell("\u{0}")
}

/// A grid of cells that panels draw into. Drawing outside of it is clipped.
public struct Canvas: Sendable, Hashable {
    public let width: Int
    public let height: Int
    public private(set) var cells: [Cell]

    public init(width: Int, height: Int, fill: Cell = .blank) {
        self.width = max(0, width)
        self.height = max(0, height)
        cells = Array(repeating: fill, count: self.width * self.height)
    }

    public var bounds: Rect { Rect(x: 0, y: 0, width: width, height: height) }

    /// Reads or writes one cell; outside, reading gives a blank and writing does nothing.
    public subscript(x: Int, y: Int) -> Cell {
        get { x >= 0 && x < width && y >= 0 && y < height ? cells[y * width + x] : .blank }
        set { if x >= 0 && x < width && y >= 0 && y < height { cells[y * width + x] = newValue } }
    }

    public mutating func fill(_ rect: Rect, with cell: Cell = .blank) {
        for y in max(0, rect.y)..<max(max(0, rect.y), min(height, rect.maxY)) {
            for x in max(0, rect.x)..<max(max(0, rect.x), min(width, rect.maxX)) { cells[y * width + x] = cell }
        }
    }

    /// Writes text from (x, y) to the right, at most `limit` columns (cut with "…" when longer).
    ///
    /// A cell holds one scalar: combining marks are left out, control characters have visible substitutes. A wide character of
    /// which only half would be inside the canvas becomes a space, as does the rest of one that is half overwritten.
    /// - Returns: the columns written, those that were clipped at the canvas's edge included.
    @discardableResult
    public mutating func write(_ text: String, x: Int, y: Int, style: Style = .plain, limit: Int = .max) -> Int {
        if limit <= 0 { return 0 }
        let visible = y >= 0 && y < height
        let cut = limit < .max && columnWidth(text) > limit
        let room = cut ? limit - 1 : limit
        var column = 0
        for scalar in text.unicodeScalars {
            let columns = columnWidth(scalar)
            if columns == 0 { continue }
            if column + columns > room { break }
            if visible { put(scalar, columns: columns, x: x + column, y: y, style: style) }
            column += columns
        }
        if cut {
            if visible { put("…", columns: 1, x: x + column, y: y, style: style) }
            column += 1
        }
        return column
    }

    /// Writes text so that it ends before column `maxX`.
    public mutating func writeRight(_ text: String, maxX: Int, y: Int, style: Style = .plain) {
        write(text, x: maxX - columnWidth(text), y: y, style: style)
    }

    /// Writes text in the middle of `width` columns from `x`, cut with "…" when longer.
    public mutating func writeCentred(_ text: String, x: Int, width: Int, y: Int, style: Style = .plain) {
        write(text, x: x + max(0, (width - columnWidth(text)) / 2), y: y, style: style, limit: width)
    }

    /// Changes the style of every cell in `rect` and keeps the characters.
    public mutating func restyle(_ rect: Rect, _ change: (inout Style) -> Void) {
        let rect = rect.intersection(bounds)
        for y in rect.y..<rect.maxY {
            for x in rect.x..<rect.maxX { change(&cells[y * width + x].style) }
        }
    }

    /// The colour behind a glyph that would be put at (x, y): the cell's background; of a half block, which shows two
    /// colours, the one of the half that is asked for.
    public func backdrop(x: Int, y: Int, lower: Bool) -> Color {
        let cell = self[x, y]
        guard cell.scalar == "▀" || cell.scalar == "▄" else { return cell.style.background }
        return (cell.scalar == "▄") == lower ? cell.style.foreground : cell.style.background
    }

    /// Puts one glyph at (x, y) over what is there and keeps the colour behind it.
    /// - Parameter lower: most of the glyph lies in the cell's lower half (see `backdrop`).
    public mutating func overlay(_ scalar: Unicode.Scalar, x: Int, y: Int, style: Style, lower: Bool = false) {
        guard bounds.contains(x: x, y: y) else { return }
        var style = style
        if style.background == .standard { style.background = backdrop(x: x, y: y, lower: lower) }
        put(scalar, columns: columnWidth(scalar), x: x, y: y, style: style)
    }

    /// Copies another canvas so that its left upper corner comes to (x, y).
    public mutating func draw(_ other: Canvas, x: Int, y: Int) {
        let target = Rect(x: x, y: y, width: other.width, height: other.height).intersection(bounds)
        for row in target.y..<target.maxY {
            for column in target.x..<target.maxX {
                cells[row * width + column] = other.cells[(row - y) * other.width + column - x]
            }
        }
    }

    private mutating func put(_ scalar: Unicode.Scalar, columns: Int, x: Int, y: Int, style: Style) {
        if columns == 1 {
            guard x >= 0 && x < width else { return }
            parted(x: x, y: y)
            cells[y * width + x] = Cell(visible(scalar), style)
        } else if columns == 2 {
            let whole = x >= 0 && x + 1 < width
            for (offset, part) in [scalar, "\u{0}"].enumerated() where x + offset >= 0 && x + offset < width {
                parted(x: x + offset, y: y)
                cells[y * width + x + offset] = Cell(whole ? part : " ", style)
            }
        }
    }

    /// Before the cell at (x, y) is overwritten: when it is half of a wide character, the other half becomes a space.
    private mutating func parted(x: Int, y: Int) {
        let at = y * width + x
        if cells[at].scalar == "\u{0}" {
            if x > 0 { cells[at - 1].scalar = " " }
        } else if cells[at].scalar.value >= 0x1100, x + 1 < width, cells[at + 1].scalar == "\u{0}" {
            cells[at + 1].scalar = " "
        }
    }
}

/// Mixes two colours 0xRRGGBB: `fraction` 0 gives `a`, 1 gives `b`.
public func mixColors(_ a: UInt32, _ b: UInt32, _ fraction: Float) -> UInt32 {
    let f = UInt32(bounded: min(max(fraction, 0), 1) * 256)
    func channel(_ shift: UInt32) -> UInt32 {
        (((a >> shift & 255) * (256 - f) + (b >> shift & 255) * f + 128) >> 8) << shift
    }
    return channel(16) | channel(8) | channel(0)
}
