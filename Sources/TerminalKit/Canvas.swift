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
    /// - Returns: the columns written.
    @discardableResult
    public mutating func write(_ text: String, x: Int, y: Int, style: Style = .plain, limit: Int = .max) -> Int {
        fatalError("not built yet")
    }

    /// Writes text so that it ends before column `maxX`.
    public mutating func writeRight(_ text: String, maxX: Int, y: Int, style: Style = .plain) {
        write(text, x: maxX - columnWidth(text), y: y, style: style)
    }
}

/// The columns that text takes on the screen.
public func columnWidth(_ text: String) -> Int { fatalError("not built yet") }
