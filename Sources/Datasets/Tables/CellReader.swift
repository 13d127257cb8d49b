import Engine

/// How a table's text is cut into cells and numbers.
struct Dialect: Sendable, Hashable {
    /// Stands for any run of blanks and tabs.
    static let blanks = UInt8(ascii: " ")
    var separator = UInt8(ascii: ",")
    var decimal = UInt8(ascii: ".")
}

/// Cuts a table's bytes into cells, per RFC 4180 and more leniently: any of CR, LF and CRLF ends a row, blanks around a
/// cell and blank lines are skipped. Works on one piece of the file at a time.
///
///     while try reader.beginRow() {
///         repeat {
///             let isLast = try reader.nextCell()
///             …  // reader.kind, reader.number, reader.text
///         } while !isLast
///     }
struct CellReader: ~Copyable {
    /// `mark` and `infinite` are missing in a column of numbers, and texts in a column of texts: "?" and "-" alone, and
    /// infinity, in words or beyond Float's range.
    enum Kind: UInt8 { case number, missing, mark, infinite, text }

    private static let pieceSize = 1 << 18
    /// A cell that is longer than this is wanted whole only after another read.
    private static let lowWater = 1 << 13
    private static let longestCell = 1 << 20

    private let source: ByteSource
    private let separator: UInt8
    /// The second byte that separates: a tab among blanks.
    private let otherSeparator: UInt8
    private let decimal: UInt8
    /// In cells without quotes; 0 where the separator is the decimal sign.
    private let plainDecimal: UInt8
    private var buffer: UnsafeMutablePointer<UInt8>
    private var capacity = pieceSize
    /// The next byte, and the end of what has been read. A line feed stands at `end`, so that no loop runs beyond it.
    private var at = 0
    private var end = 0
    private var isComplete = false
    /// The line of the next byte, from 1.
    private var line: Int

    /// The line on which the present row begins.
    private(set) var rowLine = 1
    private(set) var kind = Kind.missing
    /// The value of a number.
    private(set) var number = 0.0
    /// The number has a decimal sign.
    private(set) var hasFraction = false
    /// The number has thousands separators.
    private(set) var isGrouped = false
    /// The sign beside the number.
    private(set) var unit: CellText.Unit?
    private var cell = 0..<0
    /// The present cell where doubled quotes had to be made single.
    private var unquoted: [UInt8] = []
    private var isUnquoted = false
    /// Text was found behind the closing quote of a cell of several lines: its quotes are not those of a cell.
    private(set) var foundStrayText = false
    /// Bytes and cells that were looked at: the work, for tests.
    private(set) var cellCount = 0

    /// - Parameters:
    ///   - skippedBytes: how much to leave out at the beginning, with its lines.
    init(_ source: ByteSource, _ dialect: Dialect, skippedBytes: Int = 0, skippedLines: Int = 0) throws(DataError) {
        self.source = source
        separator = dialect.separator
        otherSeparator = dialect.separator == Dialect.blanks ? UInt8(ascii: "\t") : dialect.separator
        decimal = dialect.decimal
        plainDecimal = dialect.decimal == dialect.separator ? 0 : dialect.decimal
        line = 1 + skippedLines
        buffer = .allocate(capacity: Self.pieceSize + 8)
        var left = skippedBytes
        while left > 0, !isComplete || at < end {
            let step = min(left, end - at)
            at += step
            left -= step
            if at == end { try fill(keeping: end) }
        }
        if end == 0 { try fill(keeping: 0) }
    }

    deinit { buffer.deallocate() }

    /// Reads on. What lies before `start` is forgotten; the rest moves to the beginning.
    private mutating func fill(keeping start: Int) throws(DataError) {
        let rest = end - start
        if rest > capacity / 2 {
            guard capacity <= 4 * Self.longestCell else {
                throw DataError(
                    .malformed, place: "\(source.name):\(line)",
                    message: "expected cells of at most 1 MiB, found a longer one; is a quote missing?")
            }
            let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: 2 * capacity + 8)
            larger.update(from: buffer + start, count: rest)
            buffer.deallocate()
            buffer = larger
            capacity *= 2
        } else {
            buffer.update(from: buffer + start, count: rest)
        }
        at -= start
        end = rest
        let room = UnsafeMutableRawBufferPointer(start: buffer + end, count: capacity - end)
        let count = try source.read(into: room)
        if count == 0 { isComplete = true }
        end += count
        buffer[end] = UInt8(ascii: "\n")
    }

    /// The line that has been read last.
    var lastLine: Int {
        at > 0 && buffer[at - 1] == UInt8(ascii: "\n") || at > 0 && buffer[at - 1] == 13 ? line - 1 : line
    }

    /// "points.csv:12": the present row.
    var place: String { "\(source.name):\(rowLine)" }

    /// The part of the file that has been read, 0 to 1.
    var fraction: Double { source.fraction }

    /// Skips blank lines.
    /// - Returns: false at the end of the file.
    mutating func beginRow() throws(DataError) -> Bool {
        while true {
            if end - at < Self.lowWater, !isComplete { try fill(keeping: at) }
            var p = at
            while buffer[p] == UInt8(ascii: " ")
                || (buffer[p] == UInt8(ascii: "\t") && separator != UInt8(ascii: "\t"))
            {
                p += 1
            }
            if p == end {
                if isComplete { return false }
                // A long run of blanks: none of it matters.
                at = p
                continue
            }
            if buffer[p] == UInt8(ascii: "\n") {
                at = p + 1
                line += 1
            } else if buffer[p] == UInt8(ascii: "\r") {
                if p + 1 == end, !isComplete {
                    try fill(keeping: p)
                    p = 0
                }
                at = p + (p + 1 < end && buffer[p + 1] == UInt8(ascii: "\n") ? 2 : 1)
                line += 1
            } else {
                rowLine = line
                if separator == Dialect.blanks { at = p }
                return true
            }
        }
    }

    /// Reads one cell.
    /// - Returns: whether it is the row's last.
    mutating func nextCell() throws(DataError) -> Bool {
        if end - at < Self.lowWater, !isComplete { try fill(keeping: at) }
        cellCount += 1
        while true {
            if let isLast = try readCell() { return isLast }
            // The cell goes on beyond what has been read.
            try fill(keeping: at)
        }
    }

    /// - Returns: nil where more must be read first; nothing has changed then.
    private mutating func readCell() throws(DataError) -> Bool? {
        var p = at
        while buffer[p] == UInt8(ascii: " ") || (buffer[p] == UInt8(ascii: "\t") && separator != UInt8(ascii: "\t")) {
            p += 1
        }
        if buffer[p] == UInt8(ascii: "\""), p < end { return try readQuoted(p + 1) }
        isUnquoted = false
        // The usual number: at most 18 digits, a decimal sign, a small exponent.
        let start = p
        let isNegative = buffer[p] == UInt8(ascii: "-")
        if isNegative || buffer[p] == UInt8(ascii: "+") { p += 1 }
        var mantissa: UInt64 = 0
        var first = p
        while buffer[p] &- 48 <= 9 {
            mantissa = mantissa &* 10 &+ UInt64(buffer[p] &- 48)
            p += 1
        }
        var digits = p - first
        var decimals = 0
        if buffer[p] == plainDecimal {
            p += 1
            first = p
            while buffer[p] &- 48 <= 9 {
                mantissa = mantissa &* 10 &+ UInt64(buffer[p] &- 48)
                p += 1
            }
            decimals = p - first
            digits += decimals
        }
        if digits > 0, digits <= 18, mantissa <= 1 << 53 {
            var exponent = 0
            if buffer[p] | 0x20 == UInt8(ascii: "e") {
                var q = p + 1
                let isSmall = buffer[q] == UInt8(ascii: "-")
                if isSmall || buffer[q] == UInt8(ascii: "+") { q += 1 }
                let firstDigit = q
                while buffer[q] &- 48 <= 9, q - firstDigit < 4 {
                    exponent = exponent * 10 + Int(buffer[q] &- 48)
                    q += 1
                }
                if q > firstDigit { p = q }
                if isSmall { exponent.negate() }
            }
            let power = exponent - decimals
            if power >= -22, power <= 22 {
                let finish = p
                p = skipBlanks(p)
                if isEnd(buffer[p]) || (separator == Dialect.blanks && p > finish) {
                    if p == end || p + 1 == end, !isComplete { return nil }
                    let value = Double(mantissa)
                    let scaled = power < 0 ? value / Self.powers[-power] : value * Self.powers[power]
                    number = isNegative ? -scaled : scaled
                    hasFraction = decimals > 0
                    isGrouped = false
                    unit = nil
                    kind = .number
                    cell = start..<finish
                    return finishCell(p)
                }
            }
        }
        p = start
        while !isEnd(buffer[p]) {
            if buffer[p] == 0 { throw nul() }
            p += 1
        }
        if p == end || p + 1 == end, !isComplete { return nil }
        var finish = p
        while finish > start, buffer[finish - 1] == UInt8(ascii: " ") || buffer[finish - 1] == UInt8(ascii: "\t") {
            finish -= 1
        }
        cell = start..<finish
        classify()
        return finishCell(separator == Dialect.blanks ? skipBlanks(p) : p)
    }

    private static let powers: [Double] = (0...22).map { power in
        (0..<power).reduce(1.0) { product, _ in product * 10 }
    }

    private func nul() -> DataError {
        DataError(
            .malformed, place: "\(source.name):\(line)",
            message: "expected text, found a NUL byte; is this a table in UTF-8, UTF-16 with its mark, or Windows-1252?"
        )
    }

    private func isEnd(_ byte: UInt8) -> Bool {
        byte == separator || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == otherSeparator
    }

    private func skipBlanks(_ start: Int) -> Int {
        var p = start
        while buffer[p] == UInt8(ascii: " ") || (buffer[p] == UInt8(ascii: "\t") && separator != UInt8(ascii: "\t")) {
            p += 1
        }
        return p
    }

    /// - Parameter p: where the cell's terminator is; among blanks, behind them.
    private mutating func finishCell(_ p: Int) -> Bool {
        if p == end {
            at = p
            return true
        }
        switch buffer[p] {
        case UInt8(ascii: "\n"):
            at = p + 1
            line += 1
            return true
        case UInt8(ascii: "\r"):
            at = p + (p + 1 < end && buffer[p + 1] == UInt8(ascii: "\n") ? 2 : 1)
            line += 1
            return true
        default:
            at = separator == Dialect.blanks ? p : p + 1
            return false
        }
    }

    /// A cell in quotes, from behind the first one. What stands between the closing quote and the separator belongs to it.
    private mutating func readQuoted(_ start: Int) throws(DataError) -> Bool? {
        var p = start
        var lines = 0
        isUnquoted = false
        var plain = start
        let buffer = self.buffer
        func take(_ finish: Int, _ unquoted: inout [UInt8]) {
            unquoted += UnsafeBufferPointer(start: buffer + plain, count: finish - plain)
        }
        while true {
            let byte = buffer[p]
            if p == end {
                guard isComplete else { return nil }
                throw DataError(
                    .malformed, place: "\(source.name):\(line)",
                    message: "expected a closing quote, found the end of the file; the cell begins with "
                        + quoted(
                            String(
                                decoding: UnsafeBufferPointer(start: buffer + start, count: min(60, end - start)),
                                as: UTF8.self)))
            }
            if byte == UInt8(ascii: "\"") {
                if p + 1 == end, !isComplete { return nil }
                guard p + 1 < end, buffer[p + 1] == UInt8(ascii: "\"") else { break }
                if !isUnquoted {
                    unquoted.removeAll(keepingCapacity: true)
                    isUnquoted = true
                }
                take(p + 1, &unquoted)
                p += 2
                plain = p
                continue
            }
            if byte == 0 { throw nul() }
            if byte == UInt8(ascii: "\n") || (byte == UInt8(ascii: "\r") && buffer[p + 1] != UInt8(ascii: "\n")) {
                lines += 1
            }
            p += 1
        }
        let finish = p
        p = skipBlanks(p + 1)
        if !isEnd(buffer[p]), separator != Dialect.blanks || p == finish + 1 {
            guard lines == 0 else {
                foundStrayText = true
                throw DataError(
                    .malformed, place: "\(source.name):\(line)",
                    message:
                        "expected a closing quote before the end of a cell, found one on line \(line + lines) in the "
                        + "middle of another; is a quote missing?")
            }
            // "a" b: all of it is the cell.
            if !isUnquoted {
                unquoted.removeAll(keepingCapacity: true)
                isUnquoted = true
            }
            take(finish, &unquoted)
            let rest = finish + 1
            while !isEnd(buffer[p]) { p += 1 }
            unquoted += UnsafeBufferPointer(start: buffer + rest, count: p - rest)
        } else if isUnquoted {
            take(finish, &unquoted)
        }
        if p == end || p + 1 == end, !isComplete { return nil }
        cell = start..<finish
        line += lines
        classify()
        return finishCell(separator == Dialect.blanks ? skipBlanks(p) : p)
    }

    /// The present cell's bytes. A separator of blanks leaves none around it, nor do others.
    var text: [UInt8] { withText { Array($0) } }

    func withText<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if isUnquoted { return unquoted.withUnsafeBufferPointer(body) }
        return body(UnsafeBufferPointer(start: buffer + cell.lowerBound, count: cell.count))
    }

    private mutating func classify() {
        let found = withText { CellText.kind($0, decimal: decimal) }
        kind = found.kind
        (number, hasFraction, isGrouped, unit) = (found.number, found.hasFraction, found.isGrouped, found.unit)
    }
}
