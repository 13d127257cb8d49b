#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One cell in four bytes: a finite number's bits, or a NaN that carries a text's code.
struct Cell: Hashable {
    private static let tag: UInt32 = 0x7FC0_0000
    static let missing = Cell(bits: tag)
    /// A text beyond the most that are told apart.
    static let otherText = Cell(bits: tag | 0x3F_FFFF)
    let bits: UInt32

    init(bits: UInt32) { self.bits = bits }
    /// - Parameter number: finite.
    init(_ number: Float) { bits = number.bitPattern }
    /// - Parameter code: from 0.
    init(text code: Int) { bits = Self.tag | UInt32(code + 1) }

    var number: Float? { bits & 0x7F80_0000 == 0x7F80_0000 ? nil : Float(bitPattern: bits) }
    /// The code of a text; nil for numbers and missing cells.
    var text: Int? { number == nil && bits != Self.tag ? Int(bits & 0x3F_FFFF) - 1 : nil }
}

/// One row of kept cells.
struct RowCells {
    let base: UnsafePointer<Cell>
    /// Cells from one column to the next.
    let stride: Int

    subscript(slot: Int) -> Cell { base[slot * stride] }
}

/// Some rows of a table, column after column, in memory that goes back to the system at once when it has been used.
final class CellBlock {
    let cells: UnsafeMutablePointer<Cell>
    let rows: Int
    private let byteCount: Int

    /// nil: the system has no memory.
    init?(rows: Int, columns: Int) {
        self.rows = rows
        let count = rows * columns
        byteCount = max(1, count) * MemoryLayout<Cell>.stride
        #if canImport(Glibc)
            let flags = MAP_PRIVATE | MAP_ANONYMOUS
        #else
            let flags = MAP_PRIVATE | MAP_ANON
        #endif
        guard let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0), memory != MAP_FAILED else {
            return nil
        }
        cells = memory.bindMemory(to: Cell.self, capacity: count)
    }

    deinit { munmap(cells, byteCount) }

    func row(_ place: Int) -> RowCells { RowCells(base: UnsafePointer(cells + place), stride: rows) }

    /// Gives the memory of a column back that nobody reads again, but for the pages that others share.
    func forget(column slot: Int) {
        let page = Int(getpagesize())
        let start = UnsafeMutableRawPointer(cells + slot * rows)
        let first = UnsafeMutableRawPointer(
            bitPattern: (UInt(bitPattern: start) + UInt(page) - 1) / UInt(page) * UInt(page))!
        let count = (start + rows * MemoryLayout<Cell>.stride - first) / page * page
        if count > 0 { madvise(first, count, MADV_DONTNEED) }
    }
}

/// The different texts of a column, at most some.
struct TextTable {
    /// In the order first seen.
    private(set) var texts: [[UInt8]] = []
    /// The line on which each was first seen.
    private(set) var lines: [Int] = []
    /// There are more.
    private(set) var isFull = false
    private let most: Int
    private let known: TableColumn?

    /// - Parameters:
    ///   - most: few enough for looking through all.
    ///   - known: the column as weights know it: its categories are told apart however many other texts there are.
    init(most: Int, known: TableColumn? = nil) { (self.most, self.known) = (most, known) }

    mutating func cell(_ text: UnsafeBufferPointer<UInt8>, line: Int) -> Cell {
        for code in texts.indices where texts[code].count == text.count && texts[code].elementsEqual(text) {
            return Cell(text: code)
        }
        let new = Array(text)
        guard texts.count < most || known?.holds(new) == true else {
            isFull = true
            return .otherText
        }
        texts.append(new)
        lines.append(line)
        return Cell(text: texts.count - 1)
    }
}
