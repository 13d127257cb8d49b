import Engine

/// How a table is written: what cuts it into cells, its columns' names, and the guesses that were made.
struct TableForm {
    var dialect = Dialect()
    var skippedBytes = 0
    var skippedLines = 0
    /// Of every column, without repetition; "x1", "x2", …, "y" where the file names none.
    var names: [String] = []
    /// The columns whose names the file leaves empty, or all of them.
    var unnamed: Set<Int> = []
    var hasHeader = false
    /// The columns at the end that are empty on every row and have no name: separators end the rows.
    var emptyColumns = 0
    var isUTF8 = true
    /// The sample's rows, the header among them.
    private(set) var sampleRows = 0
    var notes: [String] = []
    /// Guesses that may well be wrong.
    private(set) var warnings: [String] = []

    /// The form of a table whose inputs are known: their names make the first row a header; without a header, as many
    /// columns as inputs are these.
    static func form(
        _ sample: TableSample, _ settings: TableSettings, inputs names: [String]
    ) throws(DataError) -> TableForm {
        if settings.header == nil, !names.isEmpty {
            var headed = settings
            headed.header = true
            if let form = try? TableForm(sample, headed), Set(names).isSubset(of: form.names) { return form }
        }
        var form = try TableForm(sample, settings)
        if !form.hasHeader, !names.isEmpty, form.names.count == names.count { form.names = names }
        return form
    }

    /// - Throws: no rows, or less than two columns.
    init(_ sample: TableSample, _ settings: TableSettings) throws(DataError) {
        guard !sample.isEmpty else {
            throw DataError(.malformed, place: sample.name, message: "expected rows, found an empty file")
        }
        let told = try (separator: settings.separatorByte(), decimal: settings.decimalByte())
        var preamble = sample.preamble()
        if sample.isCompressed { notes.append("the file is compressed with gzip") }
        if sample.isUTF16 { notes.append("the text is in UTF-16, by its mark") }
        let candidates = try Candidate.all(
            sample, preamble, separator: told.separator ?? preamble.separator, decimal: told.decimal)
        let best = Candidate.best(candidates.found)
        if best?.width ?? 0 < 2 {
            // Nothing but comments, or quotes that are none of a cell's: reading says which.
            var reader = try CellReader(
                ByteSource(utf8: sample.text, name: sample.name), candidates.refused ?? Dialect(),
                skippedBytes: preamble.byteCount, skippedLines: preamble.lineCount)
            var isMore = try reader.beginRow()
            while isMore {
                while try !reader.nextCell() {}
                isMore = candidates.refused == nil ? false : try reader.beginRow()
            }
        }
        guard let chosen = best, let first = chosen.rows.first else {
            throw DataError(.malformed, place: sample.name, message: "expected rows, found none")
        }
        dialect = chosen.dialect
        var rows = chosen.rows
        if !chosen.titles.isEmpty {
            preamble = sample.extended(preamble, to: first.line)
            notes.append(
                "\(plural(chosen.titles.count, "line")) above the table \(chosen.titles.count == 1 ? "is" : "are") left out, "
                    + "a title: " + listed(chosen.titles.map { quoted(String(decoding: $0, as: UTF8.self)) }))
        }
        guard chosen.width >= 2 else {
            throw DataError(
                .malformed, place: "\(sample.name):\(first.line)",
                message: "expected at least two columns separated by a comma, a semicolon, a tab, “|” or blanks, "
                    + "found one; data.separator names another separator")
        }
        describeDialect(told, preamble, rows)

        // Where the last comment names as many columns as there are, it is the header: "# a,b,y", or "#,a,b".
        var names = first.texts
        if settings.header != false, let comment = preamble.lastComment, !Self.isHeader(first, over: rows.dropFirst()) {
            var above = TableSample.Preamble()
            (above.byteCount, above.lineCount) = (comment.byte, comment.line)
            if var row = try sample.rows(dialect, from: above, most: 1)?.first, row.kinds.count == chosen.width {
                let name = row.texts[0].dropFirst().drop { $0 == 32 }
                if !name.isEmpty { row.texts[0] = Array(name) }
                if Self.isHeader(row, over: rows[...]) {
                    preamble.byteCount = comment.byte
                    preamble.lineCount = comment.line
                    preamble.comments -= 1
                    names = row.texts
                    rows.insert(row, at: 0)
                }
            }
        }
        if preamble.comments > 0 { notes.append("\(plural(preamble.comments, "comment line")) before the table") }
        sampleRows = rows.count
        (skippedBytes, skippedLines) = (preamble.byteCount, preamble.lineCount)

        let body = rows.dropFirst()
        hasHeader = settings.header ?? Self.isHeader(rows[0], over: body)
        if settings.header == nil {
            notes.append(
                hasHeader
                    ? "the first row is the header: a text over a column of numbers"
                    : "the first row is data: no text stands over a column of numbers (data.header says otherwise)")
        }
        // Without the header, which may be one cell longer or shorter.
        let data = hasHeader && !body.isEmpty ? body : rows[...]
        var width = Candidate.commonest(data.map(\.kinds.count))
        while width > 2, data.allSatisfy({ $0.kinds.count < width || $0.kinds[width - 1] == .missing }),
            !hasHeader || names.count < width || names[width - 1].isEmpty
        {
            emptyColumns += 1
            width -= 1
        }
        if emptyColumns > 0 { notes.append("\(plural(emptyColumns, "separator")) at the end of each row") }
        if hasHeader {
            isUTF8 = names.allSatisfy(CellText.isUTF8)
            while names.count > width, names[names.count - 1].isEmpty { names.removeLast() }
            if names.count == width - 1 {
                names.insert([], at: 0)
                notes.append("the header is one cell shorter than the rows: the first column is taken as unnamed")
            }
            guard names.count == width else {
                throw DataError(
                    .malformed, place: "\(sample.name):\(data.first!.line)",
                    message: "expected \(plural(names.count, "cell")) as in the header, found \(width); where line "
                        + "\(first.line) is a title, delete it or begin it with “#”")
            }
            setNames(names.map { CellText.decoded($0, isUTF8: isUTF8) })
        } else {
            unnamed = Set(0..<width)
            self.names = (1..<width).map { "x\($0)" } + ["y"]
        }
    }

    /// Repeated names are numbered, empty ones named by their place.
    private mutating func setNames(_ found: [String]) {
        var known = Set(found)
        var taken: Set<String> = []
        var numbers: [String: Int] = [:]
        var repeated: [String] = []
        for (index, name) in found.enumerated() {
            var name = name
            if name.isEmpty {
                unnamed.insert(index)
                name = "x\(index + 1)"
                while known.contains(name) { name += "'" }
            }
            if taken.contains(name) {
                repeated.append(name)
                var number = numbers[name] ?? 2
                while known.contains("\(name).\(number)") { number += 1 }
                numbers[name] = number + 1
                name = "\(name).\(number)"
            }
            taken.insert(name)
            known.insert(name)
            names.append(name)
        }
        if !repeated.isEmpty {
            notes.append("repeated names are numbered: \(listed(repeated.map { visibleText($0) }))")
        }
    }

    /// A text over a column of numbers, missing cells aside.
    static func isHeader(_ row: TableSample.Row, over rows: ArraySlice<TableSample.Row>) -> Bool {
        var numbers = [Int](repeating: 0, count: row.kinds.count)
        var others = numbers
        for below in rows {
            for (column, kind) in below.kinds.prefix(numbers.count).enumerated() {
                if kind == .number { numbers[column] += 1 } else if kind == .text { others[column] += 1 }
            }
        }
        // A header with one cell less than the rows stands over them from the right.
        let shift = (rows.first?.kinds.count ?? 0) == row.kinds.count + 1 && rows.first?.kinds.last != .missing ? 1 : 0
        if shift == 1 {
            return row.kinds.indices.contains { column in
                row.kinds[column] == .text
                    && rows.allSatisfy { $0.kinds.count <= column + 1 || $0.kinds[column + 1] != .text }
                    && rows.contains { $0.kinds.count > column + 1 && $0.kinds[column + 1] == .number }
            }
        }
        return row.kinds.indices.contains { row.kinds[$0] == .text && numbers[$0] > 0 && others[$0] == 0 }
    }

    private mutating func describeDialect(
        _ told: (separator: UInt8?, decimal: UInt8?), _ preamble: TableSample.Preamble, _ rows: [TableSample.Row]
    ) {
        let words =
            switch dialect.separator {
            case UInt8(ascii: ","): "commas"
            case UInt8(ascii: ";"): "semicolons"
            case UInt8(ascii: "\t"): "tabs"
            case Dialect.blanks: "runs of blanks"
            case let byte: "“\(visibleText(String(UnicodeScalar(byte))))”"
            }
        if told.separator == nil {
            let why = preamble.separator == nil ? "" : " (“sep=” says so)"
            notes.append("cells are separated by \(words)\(why)")
        }
        if told.decimal == nil, dialect.decimal == UInt8(ascii: "."), dialect.separator != UInt8(ascii: ","),
            !rows.contains(where: { $0.fractions > 0 }), let like = rows.lazy.compactMap(\.thousandsLike).first
        {
            warnings.append(
                "every fraction has three decimals, as “\(String(decoding: like, as: UTF8.self))”: where they are thousands, "
                    + "data.decimal = “,” reads them so")
        }
        if told.decimal == nil, dialect.decimal == UInt8(ascii: ",") { notes.append("numbers have decimal commas") }
    }
}

/// One way to cut the sample.
private struct Candidate {
    var dialect: Dialect
    var rows: [TableSample.Row]
    /// The commonest number of cells, the first row aside.
    var width: Int
    /// The part of the rows with that number of cells.
    var agreement: Double
    /// The part of the cells that are numbers, the first row aside.
    var numbers: Double
    /// The text of each line above the table that is a title.
    var titles: [[UInt8]]

    static func commonest(_ widths: [Int]) -> Int {
        var counts: [Int: Int] = [:]
        for width in widths { counts[width, default: 0] += 1 }
        return counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key ?? 0
    }

    init(_ dialect: Dialect, _ rows: [TableSample.Row]) {
        let titleCount = Self.titleCount(rows)
        titles = rows.prefix(titleCount).map { row in row.texts.first { !$0.isEmpty } ?? [] }
        let rows = Array(rows.dropFirst(titleCount))
        (self.dialect, self.rows) = (dialect, rows)
        let body = rows.count > 1 ? rows.dropFirst() : rows[...]
        let common = Self.commonest(body.map(\.kinds.count))
        width = common
        let agreeing = body.count { $0.kinds.count == common }
        let first = rows.first?.kinds.count ?? 0
        // A header may be one cell longer (a trailing separator) or shorter (row names).
        let fits = abs(first - common) <= 1
        agreement = Double(agreeing + (fits ? 1 : 0)) / Double(body.count + 1)
        let cells = body.reduce(0) { $0 + $1.kinds.count }
        let numeric = body.reduce(0) { $0 + $1.kinds.count { $0 == .number } }
        numbers = cells > 0 ? Double(numeric) / Double(cells) : 0
    }

    /// - Returns: also the last one whose quotes are not those of cells.
    static func all(
        _ sample: TableSample, _ preamble: TableSample.Preamble, separator: UInt8?, decimal: UInt8?
    ) throws(DataError) -> (found: [Candidate], refused: Dialect?) {
        var all: [Candidate] = []
        var refused: Dialect?
        let separators =
            separator.map { [$0] }
            ?? [UInt8(ascii: "\t"), UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: ","), Dialect.blanks]
        for separator in separators {
            var dialect = Dialect(separator: separator, decimal: decimal ?? UInt8(ascii: "."))
            guard var rows = try sample.rows(dialect, from: preamble) else {
                refused = dialect
                continue
            }
            // Among commas only what is no number otherwise: "0,5", but not "1,500".
            let fractions: KeyPath<TableSample.Row, Int> =
                separator == UInt8(ascii: ",") ? \.certainCommaFractions : \.commaFractions
            if decimal == nil, rows.contains(where: { $0[keyPath: fractions] > 0 }),
                !rows.contains(where: { $0.fractions > 0 })
            {
                dialect.decimal = UInt8(ascii: ",")
                rows = try sample.rows(dialect, from: preamble) ?? []
            }
            if !rows.isEmpty { all.append(Candidate(dialect, rows)) }
        }
        return (all, refused)
    }

    /// The first rows that are no rows of the table, as reports begin: one cell alone over a header or rows of at least three
    /// cells, all of one width ("Sales 2024"), or empty cells beside it ("Sales 2024,,,") over a header.
    private static func titleCount(_ rows: [TableSample.Row]) -> Int {
        func filled(_ row: TableSample.Row) -> Int { row.kinds.count { $0 != .missing } }
        guard let count = rows.firstIndex(where: { filled($0) > 1 }), count > 0, count <= TableSample.mostTitles else {
            return 0
        }
        let titles = rows[..<count]
        let table = rows[count...]
        let width = rows[count].kinds.count
        guard table.count >= 2, table.allSatisfy({ $0.kinds.count == width }),
            table.contains(where: { $0.kinds.contains(.number) })
        else { return 0 }
        if TableForm.isHeader(rows[count], over: table.dropFirst()) {
            return titles.allSatisfy { $0.kinds.contains(.text) } ? count : 0
        }
        return width > 2 && titles.allSatisfy { $0.kinds.count == 1 } ? count : 0
    }

    /// Equal widths first, then the most numbers; else the order of `all`. A title is only believed where nothing fits the
    /// first line as well.
    static func best(_ candidates: [Candidate]) -> Candidate? {
        let untitled = candidates.filter(\.titles.isEmpty)
        let titled = candidates.filter {
            !$0.titles.isEmpty && $0.width >= 2 && $0.agreement == 1 && $0.dialect.separator != Dialect.blanks
        }
        let best = bestUntitled(untitled)
        guard let other = first(titled, by: \.numbers) else { return best ?? candidates.first { $0.width >= 1 } }
        guard let best, best.agreement == 1, best.width >= 2 else { return other }
        return best.dialect.separator == Dialect.blanks && other.numbers > best.numbers ? other : best
    }

    private static func bestUntitled(_ candidates: [Candidate]) -> Candidate? {
        let several = candidates.filter { $0.width >= 2 }
        let equal = several.filter { $0.agreement == 1 }
        // A header of another width is only believed where no separator fits it as well.
        let exact = equal.filter { $0.dialect.separator != Dialect.blanks && $0.rows[0].kinds.count == $0.width }
        if let best = first(exact, by: \.numbers) ?? first(equal, by: \.numbers) { return best }
        // Rows of different widths: reading says where.
        let most = several.filter { $0.agreement > 0.5 && $0.dialect.separator != Dialect.blanks }
        return first(most, by: \.agreement) ?? candidates.first { $0.width >= 1 }
    }

    private static func first(_ candidates: [Candidate], by key: KeyPath<Candidate, Double>) -> Candidate? {
        guard let most = candidates.map({ $0[keyPath: key] }).max() else { return nil }
        return candidates.first { $0[keyPath: key] == most }
    }
}
