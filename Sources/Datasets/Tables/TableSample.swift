/// The beginning of a table: enough to tell how it is written.
struct TableSample {
    private static let wantedLines = 100
    private static let wantedBytes = 1 << 18
    private static let mostBytes = 8 << 20
    /// The most lines of a title above a table.
    static let mostTitles = 10

    let name: String
    /// Plain text, unpacked and as UTF-8 where it was UTF-16.
    private let bytes: [UInt8]
    /// The sample is the whole file.
    let isWhole: Bool
    let isUTF16: Bool
    let isCompressed: Bool

    /// Reads at least 100 lines, or what there is.
    init(_ source: ByteSource) throws(DataError) {
        name = source.name
        isUTF16 = source.isUTF16
        isCompressed = source.isCompressed
        var bytes: [UInt8] = []
        var lines = 0
        var ended = false
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.wantedBytes, alignment: 1)
        defer { piece.deallocate() }
        while lines < Self.wantedLines, bytes.count < Self.mostBytes {
            let count = try source.read(into: piece)
            if count == 0 {
                ended = true
                break
            }
            lines += piece[..<count].count { $0 == 10 || $0 == 13 }
            bytes += piece[..<count]
        }
        self.bytes = bytes
        isWhole = ended
    }

    var isEmpty: Bool { !bytes.contains { !($0 == 32 || (9...13).contains($0)) } }
    /// A safetensors file: the header's length in eight bytes, then JSON.
    var isWeights: Bool {
        guard bytes.count > 8, bytes[8] == UInt8(ascii: "{") else { return false }
        return bytes[4..<8].allSatisfy { $0 == 0 }
    }
    var hasNUL: Bool { bytes.contains(0) }
    /// The first byte that is no blank.
    var firstByte: UInt8? { bytes.first { !($0 == 32 || (9...13).contains($0)) } }
    var text: [UInt8] { bytes }

    /// One row: the kinds of its cells, and for the first rows, which may be titles or the header, their texts.
    struct Row {
        var line: Int
        var kinds: [CellReader.Kind] = []
        var texts: [[UInt8]] = []
        var fractions = 0
        /// Texts that are numbers with a decimal comma.
        var commaFractions = 0
        /// Those of them that are no numbers with a decimal point.
        var certainCommaFractions = 0
        /// The first number that would be thousands with a decimal comma, as "1.234".
        var thousandsLike: [UInt8]?
    }

    /// The rows as a dialect cuts them, at most 100; a last one that may be cut off is left out.
    /// - Returns: nil where its quotes are not those of cells.
    func rows(
        _ dialect: Dialect, from preamble: Preamble, most: Int = wantedLines
    ) throws(DataError) -> [Row]? {
        var rows: [Row] = []
        var isAbove = true
        var reader = try CellReader(
            ByteSource(utf8: bytes, name: name), dialect, skippedBytes: preamble.byteCount,
            skippedLines: preamble.lineCount)
        do {
            while rows.count < most, try reader.beginRow() {
                var row = Row(line: reader.rowLine)
                repeat {
                    let isLast = try reader.nextCell()
                    row.kinds.append(reader.kind)
                    if isAbove { row.texts.append(reader.text) }
                    if dialect.decimal == UInt8(ascii: "."),
                        reader.kind == .text || reader.hasFraction || reader.isGrouped
                    {
                        let withComma = reader.withText { CellText.number($0, decimal: UInt8(ascii: ",")) }
                        // "1.234.567" is a number in no other way.
                        let isCertain = reader.kind == .text && withComma.map { $0.hasFraction || $0.isGrouped } == true
                        if withComma?.hasFraction == true || isCertain { row.commaFractions += 1 }
                        if isCertain { row.certainCommaFractions += 1 }
                        if reader.hasFraction, withComma?.isGrouped == true, row.thousandsLike == nil {
                            row.thousandsLike = reader.text
                        }
                        // "1.000" may be a thousand.
                        if reader.hasFraction, withComma == nil { row.fractions += 1 }
                    }
                    if isLast { break }
                } while true
                // Below the first row of several cells there is no header, and a title's beginning is enough to name it.
                if row.kinds.count(where: { $0 != .missing }) > 1 || rows.count == Self.mostTitles {
                    isAbove = false
                } else if !rows.isEmpty {
                    row.texts = row.texts.map { Array($0.prefix(200)) }
                }
                rows.append(row)
            }
        } catch {
            // Another mistake is reported when the whole file is read.
            return reader.foundStrayText ? nil : rows
        }
        if !isWhole, rows.count < most, rows.count > 1 { rows.removeLast() }
        return rows
    }

    /// The lines before the table: "sep=;", comments, and how long they are.
    struct Preamble {
        var byteCount = 0
        var lineCount = 0
        var separator: UInt8?
        var comments = 0
        /// The last comment, directly above the table: where it begins, and the lines before it.
        var lastComment: (byte: Int, line: Int)?
    }

    /// The end of the line that begins at a byte, and the beginning of the next one.
    private func lineEnd(from start: Int) -> (end: Int, next: Int) {
        var end = start
        while end < bytes.count, bytes[end] != 10, bytes[end] != 13 { end += 1 }
        let isCRLF = end + 1 < bytes.count && bytes[end] == 13 && bytes[end + 1] == 10
        return (end, min(bytes.count, end + (isCRLF ? 2 : 1)))
    }

    /// A preamble that reaches to a later line, before which nothing belongs to the table.
    func extended(_ preamble: Preamble, to line: Int) -> Preamble {
        var extended = preamble
        while extended.lineCount < line - 1, extended.byteCount < bytes.count {
            extended.byteCount = lineEnd(from: extended.byteCount).next
            extended.lineCount += 1
        }
        extended.lastComment = nil
        return extended
    }

    func preamble() -> Preamble {
        var preamble = Preamble()
        var at = 0
        var line = 0
        while at < bytes.count {
            let (end, next) = lineEnd(from: at)
            let text = bytes[at..<end].drop { $0 == 32 || $0 == 9 }
            let plain = text.filter { $0 != UInt8(ascii: "\"") }
            if text.first == UInt8(ascii: "#") {
                preamble.comments += 1
                preamble.lastComment = (at, line)
            } else if plain.count >= 5, plain.prefix(4).elementsEqual("sep=".utf8), line == 0 {
                preamble.separator = plain[4]
                preamble.lastComment = nil
            } else if !text.isEmpty {
                break
            }
            at = next
            line += 1
            (preamble.byteCount, preamble.lineCount) = (at, line)
        }
        return preamble
    }
}
