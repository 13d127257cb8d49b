import Engine

/// Which columns of a table are inputs, and of what kind; with a note for each that is not.
struct TableChoice {
    /// For every column of the file.
    private(set) var columns: [TableColumn]
    private(set) var notes: [String] = []
    /// Notes on columns whose cells are of several kinds.
    private(set) var warnings: [String] = []

    /// - Throws: a column that was asked for and cannot be an input, numbers that are too large, or no input at all.
    init(_ file: TableFile, _ description: DataDescription) throws(DataError) {
        let names = file.form.names
        let chosen = Set(description.columns)
        let excluded = Set(description.table.exclude)
        var counting: Set<Int> = []
        var grouped: [String] = []
        columns = []
        for (index, column) in file.columns.enumerated() {
            var found = TableColumn(name: names[index], kind: .number)
            found.missing = column.missing
            if column.numbers > 0 { found.range = column.least...column.most }
            let isNumeric = column.numbers > 0 && column.texts == 0
            if isNumeric { found.missing += column.marks + column.infinite }
            if let note = Self.unitNote(column, names[index], isNumeric: isNumeric) {
                if column.units < column.numbers || column.hasUnits {
                    warnings.append(note)
                } else {
                    notes.append(note)
                }
            }
            let asked = chosen.contains(names[index]) && !excluded.contains(names[index])
            func leaveOut(_ reason: String) { (found.kind, found.reason) = (.leftOut, reason) }
            if index == file.group {
                leaveOut("data.sequence names it")
            } else if index == file.label {
                found.kind = .label
                if let first = file.labels.firstText, column.numbers > 0, description.task != .regression {
                    warnings.append(
                        "the label “\(visibleText(names[index]))” holds numbers and texts, the first "
                            + "\(quoted(file.string(first.text))) on line \(first.line): each different one is a class")
                }
            } else if excluded.contains(names[index]) {
                leaveOut("data.exclude names it")
            } else if !chosen.isEmpty, !asked {
                leaveOut("data.columns does not name it")
            } else if column.numbers + column.texts == 0 && (column.marks == 0 || column.infinite > 0) {
                leaveOut(column.infinite == 0 ? "it holds no values" : "it holds no finite number")
            } else if isNumeric {
                if !asked, column.countsRows, file.rowCount >= 3,
                    Self.looksLikeIndex(names[index], unnamed: file.form.unnamed.contains(index), at: index)
                {
                    counting.insert(index)
                }
                if column.groupedLine > 0 { grouped.append("“\(visibleText(names[index]))”") }
            } else {
                found.kind = try Self.kindOfTexts(file, index)
                if found.kind == .leftOut {
                    found.reason = Self.tooManyTexts(file, index)
                    if asked {
                        throw DataError(
                            .malformed, place: "data.columns",
                            message: "\(quoted(names[index])) cannot be an input: \(found.reason)")
                    }
                } else if column.numbers > 0 {
                    warnings.append(
                        "“\(visibleText(names[index]))” holds numbers and texts (\(Self.textsAmongNumbers(file, index))): "
                            + "each different one is a category")
                }
            }
            columns.append(found)
        }
        if !grouped.isEmpty { notes.append("numbers with thousands separators in \(listed(grouped))") }
        // The only input there is stays.
        if columns.indices.contains(where: { columns[$0].isInput && !counting.contains($0) }) {
            for index in counting {
                columns[index].kind = .leftOut
                columns[index].reason = "it only counts the rows"
            }
        }
    }

    /// The note on numbers with a sign beside them; nil: there are none.
    private static func unitNote(_ column: TableFile.Column, _ name: String, isNumeric: Bool) -> String? {
        guard isNumeric, let unit = column.unit else { return nil }
        let some = column.units < column.numbers ? "\(column.units) of the \(column.numbers)" : "the"
        return "\(some) numbers of “\(visibleText(name))” have “\(unit.rawValue)”"
            + (column.hasUnits ? " or another sign" : "") + ", which is left away"
    }

    /// The notes on what is left out, except what was asked for.
    static func notes(on columns: [TableColumn]) -> [String] {
        var byReason: [(reason: String, names: [String])] = []
        var places: [String: Int] = [:]
        for column in columns where column.kind == .leftOut && !column.reason.hasPrefix("data.") {
            let name = "“\(visibleText(column.name))”"
            if let at = places[column.reason] {
                byReason[at].names.append(name)
            } else {
                places[column.reason] = byReason.count
                byReason.append((column.reason, [name]))
            }
        }
        return byReason.map { "\(listed($0.names)) \($0.names.count == 1 ? "is" : "are") left out: \($0.reason)" }
    }

    private static let indexNames: Set<String> = [
        "id", "index", "idx", "row", "rownum", "rownames", "row.names", "row_names", "row_id", "#", "no", "no.", "nr",
        "number", "unnamed: 0", "x",
    ]

    /// An unnamed first column, or a name such as "id", "PassengerId", "customer_id", "Unnamed: 0".
    private static func looksLikeIndex(_ name: String, unnamed: Bool, at index: Int) -> Bool {
        if unnamed { return index == 0 }
        let lower = name.lowercased()
        return indexNames.contains(lower) && (lower != "x" || index == 0) || name.hasSuffix("Id")
            || name.hasSuffix("ID")
            || lower.hasSuffix("_id") || lower.hasSuffix(" id")
    }

    private static func kindOfTexts(_ file: TableFile, _ index: Int) throws(DataError) -> TableColumn.Kind {
        let column = file.columns[index]
        let table = file.texts[column.table]
        if column.numbers == 0, table.texts.allSatisfy({ CellText.boolean($0) != nil }), !table.isFull {
            return .boolean
        }
        guard !table.isFull, table.texts.count <= TableFile.mostTexts else { return .leftOut }
        if column.numbers > 0, table.texts.count + file.distinctNumbers(index).count > TableFile.mostTexts {
            return .leftOut
        }
        return .category
    }

    private static func tooManyTexts(_ file: TableFile, _ index: Int) -> String {
        let many = "it holds more than \(TableFile.mostTexts) different texts"
        return file.columns[index].numbers > 0 ? textsAmongNumbers(file, index) : many
    }

    /// "5 cells of 30 are texts, the first “none” on line 3".
    private static func textsAmongNumbers(_ file: TableFile, _ index: Int) -> String {
        let column = file.columns[index]
        let table = file.texts[column.table]
        let first = table.texts.firstIndex { file.kind(of: $0) == .text } ?? 0
        return
            "\(plural(column.texts + column.marks + column.infinite, "cell")) of \(file.rowCount) are texts, the first "
            + "\(quoted(file.string(table.texts[first]))) on line \(table.lines[first])"
    }
}

extension TableColumn {
    var isInput: Bool { kind == .number || kind == .boolean || kind == .category }
}

extension TableFile {
    /// The different numbers of a kept column, at most one more than there may be texts.
    func distinctNumbers(_ column: Int) -> Set<Float> {
        var found: Set<Float> = []
        guard let slot = slots[column] else { return found }
        forEachRow { _, cells in
            if found.count <= TableFile.mostTexts, let number = cells[slot].number { found.insert(number + 0) }
        }
        return found
    }
}
