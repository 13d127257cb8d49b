import Engine

/// A file of comma-, semicolon- or tab-separated values.
enum CSV {
    static let dataset = Dataset(
        Entry(
            id: "csv", title: "CSV file",
            summary: "A table of your own: numeric columns, and a class or a number to learn.",
            formula: "columns → label", source: "RFC 4180",
            knobs: [
                Knob(
                    "file", title: "file", summary: "The file's path, relative to the experiment.", kind: .text,
                    default: .text("")),
                Knob(
                    "label", title: "label", summary: "The column to learn; empty: the last one.", kind: .text,
                    default: .text("")),
            ]),
        task: nil, standardization: .featuresAndTargets, make: make)

    @Sendable static func make(_ request: inout DataRequest) throws(DataError) -> Table {
        let name = request.text("file")
        guard !name.isEmpty else {
            throw DataError(.malformed, place: "data.file", message: "expected a file's path, found none")
        }
        let path = name.hasPrefix("/") ? name : (request.directory ?? ".") + "/" + name
        let bytes = try DataFile.read(path, name: name, loading: request.loading)
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw DataError(.malformed, place: name, message: "expected text in UTF-8")
        }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        return try table(text, name: name, request)
    }

    private struct Record {
        var line: Int
        var cells: [String]
    }

    /// Splits per RFC 4180; blank lines are skipped.
    private static func records(_ text: String, name: String) throws(DataError) -> [Record] {
        let firstLine = text.prefix { !$0.isNewline }
        let separator =
            [",", ";", "\t"].max { a, b in
                firstLine.count { String($0) == a } < firstLine.count { String($0) == b }
            }.flatMap(\.unicodeScalars.first) ?? ","
        var records: [Record] = []
        var cells: [String] = []
        var cell = ""
        var (line, start, inQuotes) = (1, 1, false)
        func finish() {
            cells.append(cell)
            if cells.count > 1 || !cells[0].allSatisfy(\.isWhitespace) {
                records.append(Record(line: start, cells: cells))
            }
            (cells, cell) = ([], "")
        }
        var scalars = text.unicodeScalars.makeIterator()
        var held: Unicode.Scalar?
        while let scalar = held ?? scalars.next() {
            held = nil
            if inQuotes {
                if scalar == "\"" {
                    held = scalars.next()
                    if held == "\"" { cell.unicodeScalars.append("\""); held = nil } else { inQuotes = false }
                } else {
                    if scalar == "\n" { line += 1 }
                    cell.unicodeScalars.append(scalar)
                }
            } else if scalar == "\"", cell.allSatisfy(\.isWhitespace) {
                (cell, inQuotes) = ("", true)
            } else if scalar == separator {
                cells.append(cell)
                cell = ""
            } else if scalar == "\n" {
                finish()
                line += 1
                start = line
            } else if scalar != "\r" {
                cell.unicodeScalars.append(scalar)
            }
        }
        if inQuotes {
            throw DataError(
                .malformed, place: "\(name):\(start)", message: "expected a closing quote, found the end of the file")
        }
        if !cells.isEmpty || !cell.isEmpty { finish() }
        return records.map { Record(line: $0.line, cells: $0.cells.map { String($0.trimmed) }) }
    }

    private static func table(_ text: String, name: String, _ request: DataRequest) throws(DataError) -> Table {
        var records = try records(text, name: name)
        guard let first = records.first else {
            throw DataError(.malformed, place: name, message: "expected rows, found an empty file")
        }
        let width = first.cells.count
        guard width >= 2 else {
            throw DataError(
                .malformed, place: "\(name):\(first.line)",
                message: "expected at least two columns separated by a comma, a semicolon or a tab")
        }
        // A header has a text where the row below has a number.
        let isHeader =
            records.count > 1
            && zip(first.cells, records[1].cells).contains { Double($0) == nil && Double($1) != nil }
        let names = isHeader ? first.cells : (1..<width).map { "x\($0)" } + ["y"]
        if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
            let first = names.firstIndex(of: names[twice])!
            throw DataError(
                .malformed, place: "\(name):\(records[0].line):\(twice + 1)",
                message: "the columns \(first + 1) and \(twice + 1) are both called \(quoted(names[twice])); rename one"
            )
        }
        if isHeader { records.removeFirst() }
        guard records.count >= 2 else {
            throw DataError(.malformed, place: name, message: "expected at least two rows, found \(records.count)")
        }
        func index(_ column: String, _ place: String) throws(DataError) -> Int {
            if let index = names.firstIndex(of: column) { return index }
            throw DataError(
                .malformed, place: place,
                message: "expected one of the columns \(names.joined(separator: ", ")), found \(quoted(column))"
                    + offer(column, among: names)
            )
        }
        let label = request.text("label").isEmpty ? width - 1 : try index(request.text("label"), "data.label")
        var chosen: [Int] = []
        for (i, column) in request.description.columns.enumerated() {
            chosen.append(try index(column, "data.columns.\(i)"))
        }
        if chosen.isEmpty { chosen = (0..<width).filter { $0 != label } }
        var rows: [Float] = []
        for (index, record) in records.enumerated() {
            if index % 4096 == 0 { try request.loading?.report(Double(index) / Double(records.count)) }
            guard record.cells.count == width else {
                throw DataError(
                    .malformed, place: "\(name):\(record.line)",
                    message: "expected \(width) cells, found \(record.cells.count)")
            }
            for column in chosen {
                guard let value = Double(record.cells[column]), value.isFinite else {
                    let found = record.cells[column].isEmpty ? "an empty cell" : quoted(record.cells[column])
                    throw DataError(
                        .malformed, place: "\(name):\(record.line):\(column + 1)",
                        message: "expected a number in the column \(quoted(names[column])), found \(found)")
                }
                rows.append(Float(value))
            }
            if record.cells[label].isEmpty {
                throw DataError(
                    .malformed, place: "\(name):\(record.line):\(label + 1)",
                    message: "expected a label, found an empty cell")
            }
        }
        let lines = records.map(\.line)
        let labels = try Labels(records.map { $0.cells[label] }, told: request.description.task) {
            "\(name):\(lines[$0]):\(label + 1)"
        }
        let columns = chosen.enumerated().map { place, column in
            let values = stride(from: place, to: rows.count, by: chosen.count).map { rows[$0] }
            let (low, high) = (values.min() ?? 0, values.max() ?? 0)
            let margin = high > low ? (high - low) / 10 : 1
            return Column(name: names[column], range: (low - margin)...(high + margin))
        }
        return Table(
            columns: columns, rows: rows, labels: labels.values, task: labels.task, classNames: labels.classNames)
    }
}

extension String {
    fileprivate var trimmed: Substring {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
