import Engine

/// A table's rows as they stand in its file, and what was seen of each column while they were read.
struct TableFile {
    /// A column of more different texts is no input.
    static let mostTexts = 20
    static let mostClasses = 10_000
    static let mostGroups = 1_000_000

    struct Column {
        var numbers = 0
        var texts = 0
        var missing = 0
        /// Cells with "?" or "-" alone.
        var marks = 0
        /// Cells with infinity, in words or beyond Float's range.
        var infinite = 0
        /// Numbers with a sign of a unit, and the first such sign.
        var units = 0
        var unit: CellText.Unit?
        /// There are others.
        var hasUnits = false
        var least = Float.infinity
        var most = -Float.infinity
        /// Every number is the one before and one more.
        var countsRows = true
        var first = 0.0
        var missingLine = 0
        var markLine = 0
        var infiniteLine = 0
        var groupedLine = 0
        /// Into `texts`; −1: none was seen.
        var table = -1
    }

    let name: String
    let form: TableForm
    /// nil: the table has no label.
    let label: Int?
    private(set) var columns: [Column]
    private(set) var texts: [TextTable] = []
    private(set) var labels = LabelCells()
    /// The column whose cells tell which rows are one sequence; nil: each row stands for itself.
    let group: Int?
    private(set) var groups = LabelCells(most: Self.mostGroups)
    private(set) var rowCount = 0
    private(set) var isUTF8: Bool
    /// For each column of the file its place among the kept cells of a row; nil for those that are not kept.
    let slots: [Int?]
    /// The columns that weights were trained with, by name.
    private let known: [String: TableColumn]
    let storedWidth: Int
    let rowsPerBlock: Int
    var blocks: [CellBlock?] = []
    /// Cells that were looked at: the work, for tests.
    private(set) var work = 0

    /// - Parameters:
    ///   - label: the column to learn; nil: none.
    ///   - group: the column that groups rows into sequences; nil: none.
    ///   - isWanted: whether a column's cells are kept; what is not kept is still counted.
    ///   - recorded: the columns that weights were trained with.
    init(
        _ source: ByteSource, _ form: TableForm, label: Int?, group: Int? = nil, isWanted: (Int) -> Bool,
        recorded: [TableColumn] = [],
        loading: Loading?
    ) throws(DataError) {
        known = Dictionary(recorded.map { ($0.name, $0) }) { $1 }
        name = source.name
        self.form = form
        (self.label, self.group) = (label, group)
        isUTF8 = form.isUTF8
        columns = Array(repeating: Column(), count: form.names.count)
        var slots: [Int?] = []
        var width = 0
        for column in form.names.indices {
            let isStored = column != label && column != group && isWanted(column)
            slots.append(isStored ? width : nil)
            if isStored { width += 1 }
        }
        self.slots = slots
        storedWidth = width
        rowsPerBlock = max(1, (1 << 18) / max(1, width))
        try read(source, loading)
    }

    private mutating func read(_ source: ByteSource, _ loading: Loading?) throws(DataError) {
        var reader = try CellReader(
            source, form.dialect, skippedBytes: form.skippedBytes, skippedLines: form.skippedLines)
        if form.hasHeader, try reader.beginRow() { while try !reader.nextCell() {} }
        let width = form.names.count
        var reported = 0
        while try reader.beginRow() {
            if reader.cellCount - reported >= 1 << 16 || rowCount == 0 {
                reported = reader.cellCount
                try loading?.report(reader.fraction * Loading.readingPart)
            }
            guard rowCount < Int(Int32.max) else {
                throw DataError(.malformed, place: reader.place, message: "expected at most 2147483647 rows")
            }
            let place = rowCount % rowsPerBlock
            if place == 0 {
                try requireRoom(reader.place)
                guard let block = CellBlock(rows: rowsPerBlock, columns: storedWidth) else {
                    throw DataError(
                        .malformed, place: reader.place,
                        message:
                            "the table is larger than the memory that can be had; data.columns chooses fewer columns"
                    )
                }
                blocks.append(block)
            }
            var out = blocks[blocks.count - 1]!.cells + place
            var column = 0
            var isLast = false
            while !isLast {
                isLast = try reader.nextCell()
                if column < width {
                    take(&reader, column, &out)
                } else if column >= width + max(1, form.emptyColumns) || reader.kind != .missing {
                    while !isLast {
                        isLast = try reader.nextCell()
                        column += 1
                    }
                    throw wrongWidth(column + 1, reader)
                }
                column += 1
            }
            guard column == width || column > width && column <= width + form.emptyColumns else {
                throw wrongWidth(column, reader)
            }
            rowCount += 1
        }
        work = reader.cellCount
    }

    /// Asks for the memory of the next 64 blocks, before the first of them.
    private func requireRoom(_ place: String) throws(DataError) {
        guard blocks.count % 64 == 0, !blocks.isEmpty else { return }
        do throws(EngineError) {
            try MemoryRoom.require(
                64 * rowsPerBlock * storedWidth * MemoryLayout<Cell>.stride, place: place,
                for: "reading on in this table", advice: "data.columns chooses fewer columns")
        } catch { throw DataError(.malformed, place: error.place, message: error.message) }
    }

    private func wrongWidth(_ found: Int, _ reader: borrowing CellReader) -> DataError {
        DataError(
            .malformed, place: reader.place,
            message: "expected \(plural(form.names.count, "cell")), found \(found); "
                + (reader.lastLine > reader.rowLine
                    ? "the row goes on to line \(reader.lastLine) in quotes: is a quote missing?"
                    : rowCount == 0 && !form.hasHeader
                        ? "where it is a title, delete it or begin it with “#”" : "correct the line, or delete it"))
    }

    private mutating func take(_ reader: inout CellReader, _ column: Int, _ out: inout UnsafeMutablePointer<Cell>) {
        var cell = Cell.missing
        switch reader.kind {
        case .number:
            let number = reader.number
            let float = Float(number)
            cell = Cell(float)
            columns.withUnsafeMutableBufferPointer { columns in
                columns[column].numbers += 1
                columns[column].least = min(columns[column].least, float)
                columns[column].most = max(columns[column].most, float)
                if columns[column].countsRows {
                    if rowCount == 0 { columns[column].first = number }
                    columns[column].countsRows = number == columns[column].first + Double(rowCount)
                }
            }
            if let unit = reader.unit {
                columns[column].units += 1
                columns[column].unit = columns[column].unit ?? unit
                columns[column].hasUnits = columns[column].hasUnits || unit != columns[column].unit
            }
            if reader.isGrouped, columns[column].groupedLine == 0 { columns[column].groupedLine = reader.rowLine }
        case .missing:
            columns[column].missing += 1
            columns[column].countsRows = false
            if columns[column].missingLine == 0 { columns[column].missingLine = reader.rowLine }
        case .mark:
            columns[column].marks += 1
            columns[column].countsRows = false
            if columns[column].markLine == 0 { columns[column].markLine = reader.rowLine }
            cell = textCell(&reader, column)
        case .infinite:
            columns[column].infinite += 1
            columns[column].countsRows = false
            if columns[column].infiniteLine == 0 { columns[column].infiniteLine = reader.rowLine }
            cell = textCell(&reader, column)
        case .text:
            columns[column].texts += 1
            columns[column].countsRows = false
            cell = textCell(&reader, column)
        }
        if column == label {
            labels.append(&reader, isMissing: reader.kind == .missing)
        } else if column == group {
            groups.append(&reader, isMissing: reader.kind == .missing)
        } else if slots[column] != nil {
            out.initialize(to: cell)
            out += rowsPerBlock
        }
    }

    private mutating func textCell(_ reader: inout CellReader, _ column: Int) -> Cell {
        guard column != label, column != group else { return .missing }
        if columns[column].table < 0 {
            columns[column].table = texts.count
            texts.append(TextTable(most: Self.mostTexts, known: known[form.names[column]]))
        }
        let (table, line) = (columns[column].table, reader.rowLine)
        let before = texts[table].texts.count
        let cell = reader.withText { texts[table].cell($0, line: line) }
        if texts[table].texts.count > before { note(encodingOf: texts[table].texts[before]) }
        return cell
    }

    mutating func note(encodingOf text: [UInt8]) {
        if isUTF8, !CellText.isUTF8(text) { isUTF8 = false }
    }

    /// The kind of a cell with this text.
    func kind(of text: [UInt8]) -> CellReader.Kind {
        text.withUnsafeBufferPointer { CellText.kind($0, decimal: form.dialect.decimal).kind }
    }

    func string(_ text: [UInt8]) -> String { CellText.decoded(text, isUTF8: isUTF8) }

    func place(line: Int, column: Int) -> String { "\(name):\(line):\(column + 1)" }

    /// Lets go of the labels, which have been made classes or values.
    mutating func forgetLabels() { labels = LabelCells() }

    /// Gives each row of kept cells to `body`.
    func forEachRow(_ body: (Int, RowCells) -> Void) {
        var row = 0
        for block in blocks {
            guard let block else { return }
            let count = min(rowsPerBlock, rowCount - row)
            for place in 0..<count { body(row + place, block.row(place)) }
            row += count
        }
    }
}

/// The label of each row: its class, told apart by its text or its number, and its value.
struct LabelCells {
    /// −1: missing; none where there are more than `most`.
    private(set) var codes: [Int32] = []
    /// Of numbers; NaN for others.
    private(set) var values: [Float] = []
    /// The text of each class as it was first seen.
    private(set) var texts: [[UInt8]] = []
    private(set) var lines: [Int] = []
    private(set) var kinds: [CellReader.Kind] = []
    /// There are more than can be told apart.
    private(set) var isFull = false
    /// The first cell of the kind `text`, and its line.
    private(set) var firstText: (text: [UInt8], line: Int)?
    private var hasNumbers = false
    private let most: Int
    private var byText: [[UInt8]: Int32] = [:]
    private var byNumber: [Double: Int32] = [:]

    /// - Parameter most: more different ones are not told apart.
    init(most: Int = TableFile.mostClasses) { self.most = most }

    /// Numbers, marks and infinities alone: then these are missing labels.
    var isNumeric: Bool { hasNumbers && firstText == nil }

    /// Whether a class is a label; among numbers a mark or an infinity is none.
    func isLabel(_ code: Int) -> Bool { !isNumeric || kinds[code] == .number }

    mutating func append(_ reader: inout CellReader, isMissing: Bool) {
        let isNumber = reader.kind == .number
        values.append(isNumber ? Float(reader.number) : .nan)
        if isNumber {
            hasNumbers = true
        } else if firstText == nil, reader.kind == .text {
            firstText = (reader.text, reader.rowLine)
        }
        if isMissing { return codes.append(-1) }
        guard !isFull else { return }
        let text = isNumber ? [] : reader.text
        if let known = isNumber ? byNumber[reader.number] : byText[text] { return codes.append(known) }
        guard texts.count < most else {
            isFull = true
            (codes, byText, byNumber) = ([], [:], [:])
            return
        }
        let code = Int32(texts.count)
        if isNumber { byNumber[reader.number] = code } else { byText[text] = code }
        texts.append(reader.text)
        lines.append(reader.rowLine)
        kinds.append(reader.kind)
        codes.append(code)
    }
}
