import Engine

/// The rows of a table that are used, with texts as features of 0 and 1.
struct FileRows: RowSource {
    private var file: TableFile
    private var columns: [TableColumn]
    private let guesses: [String]
    private var warnings: [String]
    private let settings: TableSettings
    private let isRecorded: Bool
    /// The columns that are inputs, in their order.
    private var inputs: [Int]
    /// The rows of the file that are used; nil: all.
    private let used: [Int32]?
    private let leftOut: Int
    private(set) var labels: [Float]
    let task: Task
    let classNames: [String]
    private var encoders: [ColumnEncoder] = []
    private var width = 0

    var count: Int { labels.count }

    /// For each row of the file.
    var isUsed: [Bool] {
        guard let used else { return Array(repeating: true, count: file.rowCount) }
        var isUsed = [Bool](repeating: false, count: file.rowCount)
        for row in used { isUsed[Int(row)] = true }
        return isUsed
    }

    /// For each used row the number of its sequence, and of each sequence its name and the line of its first row.
    var sequences: (rows: [Int32], names: [String], lines: [Int]) {
        let groups = file.groups
        let names = groups.texts.map { file.string($0) }
        return (used.map { $0.map { groups.codes[Int($0)] } } ?? groups.codes, names, groups.lines)
    }

    var report: TableReport? {
        TableReport(
            columns: columns, inputs: inputs.filter { columns[$0].isInput }, rows: count, leftOut: leftOut,
            notes: warnings + guesses, warnings: warnings)
    }

    /// - Parameters:
    ///   - record: the columns and classes that weights were trained with; nil: the rows' own.
    ///   - keepsUnlabelled: rows without a label are used too; their label is NaN.
    init(
        _ file: TableFile, _ description: DataDescription, record: DataRecord?, keepsUnlabelled: Bool = false
    ) throws(DataError) {
        let settings = description.table
        var guesses = file.form.notes
        let columns: [TableColumn]
        let isRecorded: Bool
        var choiceWarnings: [String] = []
        if !file.isUTF8 { guesses.append("the text is not UTF-8; it is read as Windows-1252") }
        if let recorded = record?.columns, !recorded.isEmpty {
            columns = try Self.recorded(recorded, label: record?.label, file)
            isRecorded = true
        } else {
            let choice = try TableChoice(file, description)
            columns = choice.columns
            guesses += choice.notes
            choiceWarnings = choice.warnings
            isRecorded = false
        }
        var inputs = columns.indices.filter { columns[$0].isInput }
        let order = isRecorded ? record?.columns.map(\.name) ?? [] : description.columns
        if !order.isEmpty {
            var ranks: [String: Int] = [:]
            for (rank, name) in order.enumerated() where ranks[name] == nil { ranks[name] = rank }
            inputs.sort { ranks[columns[$0].name, default: 0] < ranks[columns[$1].name, default: 0] }
        }
        guard !inputs.isEmpty else {
            let reasons = TableChoice.notes(on: columns)
            throw DataError(
                .malformed, place: file.name,
                message: "expected a column to learn from, found none"
                    + (reasons.isEmpty ? "" : ": " + reasons.joined(separator: "; ")))
        }
        if settings.missing == .error { try Self.refuseMissing(file, columns) }

        // A row without a label is of no use; one with a missing cell is only where cells are filled.
        let mayMiss = inputs.map { (slot: file.slots[$0]!, column: columns[$0]) }.filter {
            $0.column.missing > 0 || isRecorded
        }
        let drops = settings.missing == .drop ? mayMiss : []
        var isUsed = [Bool](repeating: true, count: file.rowCount)
        var unlabelled = 0
        for row in isUsed.indices where !keepsUnlabelled && !FileLabels.hasLabel(file, row) {
            isUsed[row] = false
            unlabelled += 1
        }
        var incomplete = 0
        if !drops.isEmpty {
            file.forEachRow { row, cells in
                guard isUsed[row] else { return }
                if drops.contains(where: { Self.isMissing(cells[$0.slot], $0.column.kind) }) {
                    isUsed[row] = false
                    incomplete += 1
                }
            }
        }
        let leftOut = unlabelled + incomplete
        guard file.label == nil || file.rowCount - leftOut >= 2 else {
            var message = "expected at least two rows, found \(file.rowCount - leftOut)"
            if incomplete > 0, let worst = mayMiss.max(by: { $0.column.missing < $1.column.missing })?.column {
                message +=
                    ": \(plural(incomplete, "row")) left out because of missing cells, most of them in "
                    + "\(quoted(worst.name)); data.missing = mean fills them, data.exclude leaves the column out"
            } else if unlabelled > 0 {
                message += ": \(plural(unlabelled, "row")) left out without a label"
            }
            throw DataError(.malformed, place: file.name, message: message)
        }
        let labelling =
            file.label == nil
            ? FileLabels(unlabelled: file.rowCount)
            : try FileLabels(file, told: description.task, known: record?.classes ?? [], isUsed: { isUsed[$0] })
        if !labelling.note.isEmpty { guesses.append(labelling.note) }
        var warnings = file.form.warnings + choiceWarnings + TableChoice.notes(on: columns)
        if let note = Self.infiniteNote(file, columns) { warnings.append(note) }
        if let note = variantsNote(labelling.classNames, of: "the classes") { warnings.append(note) }
        if unlabelled > 0 { warnings.append("\(plural(unlabelled, "row")) left out: no label") }
        if incomplete > 0 {
            // A row without a label is asked for its answer.
            let verb = file.label == nil ? incomplete == 1 ? "has no answer" : "have no answer" : "left out"
            warnings.append(
                "\(plural(incomplete, "row")) \(verb): missing cells in "
                    + listed(drops.filter { $0.column.missing > 0 }.map { "“\(visibleText($0.column.name))”" })
                    + " (data.missing = mean fills them)")
        }
        if settings.missing == .mean, !mayMiss.isEmpty {
            guesses.append(
                "missing cells are filled in "
                    + listed(mayMiss.filter { $0.column.missing > 0 }.map { "“\(visibleText($0.column.name))”" }))
        }
        (self.file, self.columns, self.inputs) = (file, columns, inputs)
        (self.guesses, self.warnings) = (guesses, warnings)
        (self.settings, self.isRecorded, self.leftOut) = (settings, isRecorded, leftOut)
        self.file.forgetLabels()
        (task, classNames) = (labelling.task, labelling.classNames)
        if leftOut == 0 {
            used = nil
            labels = labelling.values
        } else {
            let rows = isUsed.indices.filter { isUsed[$0] }
            used = rows.map { Int32($0) }
            labels = rows.map { labelling.values[$0] }
        }
    }

    /// - Parameter label: the column that was learnt, whether the table has it or not.
    private static func recorded(
        _ recorded: [TableColumn], label: String?, _ file: TableFile
    ) throws(DataError) -> [TableColumn] {
        var byName: [String: TableColumn] = [:]
        for column in recorded { byName[column.name] = column }
        var columns: [TableColumn] = []
        for (index, name) in file.form.names.enumerated() {
            let seen = file.columns[index]
            var column =
                byName[name] ?? TableColumn(name: name, kind: .leftOut, reason: "the weights were trained without it")
            if index == file.label || name == label { column = TableColumn(name: name, kind: .label) }
            column.missing = seen.missing + (column.kind == .number ? seen.marks + seen.infinite : 0)
            column.range = seen.numbers > 0 ? seen.least...seen.most : nil
            if column.kind == .number, seen.texts > 0, seen.table >= 0 {
                let table = file.texts[seen.table]
                let at = table.texts.firstIndex { file.kind(of: $0) == .text } ?? 0
                throw DataError(
                    .malformed, place: file.place(line: table.lines[at], column: index),
                    message: "expected a number in the column \(quoted(name)), as when the weights were trained, found "
                        + quoted(file.string(table.texts[at])))
            }
            byName[name] = nil
            columns.append(column)
        }
        if let absent = recorded.first(where: { byName[$0.name] != nil }) {
            throw DataError(
                .malformed, place: file.name,
                message: "the weights were trained with the column \(quoted(absent.name)), which this table lacks"
                    + offer(absent.name, among: file.form.names))
        }
        return columns
    }

    private static func refuseMissing(_ file: TableFile, _ columns: [TableColumn]) throws(DataError) {
        for (index, column) in columns.enumerated() where column.isInput && column.missing > 0 {
            let seen = file.columns[index]
            let isNumber = column.kind == .number
            let lines = [seen.missingLine] + (isNumber ? [seen.markLine, seen.infiniteLine] : [])
            let line = lines.filter { $0 > 0 }.min() ?? 0
            let found = isNumber && line == seen.infiniteLine ? "an infinite one" : "a missing cell"
            throw DataError(
                .malformed, place: file.place(line: line, column: index),
                message: "expected a value in the column \(quoted(column.name)), found \(found) "
                    + "(\(column.missing) in the file); data.missing = drop leaves such rows out, mean fills them")
        }
        guard let label = file.label, file.labels.isNumeric, file.columns[label].infinite > 0 else { return }
        throw DataError(
            .malformed, place: file.place(line: file.columns[label].infiniteLine, column: label),
            message: "expected a number to learn in the column \(quoted(columns[label].name)), found an infinite one "
                + "(\(file.columns[label].infinite) in the file); data.missing = drop leaves such rows out")
    }

    /// The note on infinite cells among numbers; nil: there are none.
    private static func infiniteNote(_ file: TableFile, _ columns: [TableColumn]) -> String? {
        let found = columns.indices.filter { index in
            file.columns[index].infinite > 0
                && (columns[index].kind == .number || index == file.label && file.labels.isNumeric)
        }
        let count = found.reduce(0) { $0 + file.columns[$1].infinite }
        guard count > 0 else { return nil }
        return "\(plural(count, "cell")) \(count == 1 ? "is" : "are") infinite or beyond 3.4e38, in "
            + listed(found.map { "“\(visibleText(columns[$0].name))”" }) + ", and \(count == 1 ? "counts" : "count") "
            + "as missing"
    }

    private static func isMissing(_ cell: Cell, _ kind: TableColumn.Kind) -> Bool {
        // Among numbers a text can only be a mark or an infinity.
        cell == .missing || kind == .number && cell.number == nil
    }

    private func forEachUsedRow(_ body: (Int, RowCells) -> Void) {
        guard let used else { return file.forEachRow(body) }
        var next = 0
        file.forEachRow { row, cells in
            guard next < used.count, used[next] == row else { return }
            body(next, cells)
            next += 1
        }
    }

    // MARK: - Columns

    mutating func decideColumns(_ split: Split) throws(DataError) -> [Column] {
        var tallies = inputs.map { ColumnTally(slot: file.slots[$0]!, isNumber: columns[$0].kind == .number) }
        forEachUsedRow { row, cells in
            let isTraining = split.isTraining(row)
            for index in tallies.indices { tallies[index].take(cells, isTraining: isTraining) }
        }
        var decided: [Column] = []
        for (index, tally) in zip(inputs, tallies) {
            if columns[index].kind == .number {
                if !isRecorded, settings.missing == .mean { columns[index].fill = .number(tally.mean) }
                var encoder = ColumnEncoder(slot: tally.slot, kind: .number, place: decided.count, count: 1)
                if case .number(let fill)? = columns[index].fill { encoder.fillNumber = fill }
                encoders.append(encoder)
                decided.append(Column(name: columns[index].name, range: tally.plotRange))
                continue
            }
            let texts = texts(of: index, tally)
            if !isRecorded {
                var seen: [String: Int] = [:]
                for (text, count) in texts.training { seen[text, default: 0] += count }
                let categories = seen.keys.sorted()
                if settings.missing == .mean {
                    let commonest = categories.max { (seen[$0]!, $1) < (seen[$1]!, $0) }
                    columns[index].fill = commonest.map { .text($0) }
                }
                if columns[index].kind == .category {
                    columns[index].categories = categories
                    let name = "the texts of “\(visibleText(columns[index].name))”"
                    if let note = variantsNote(categories, of: name) { warnings.append(note) }
                    if categories.count < 2 {
                        columns[index].kind = .leftOut
                        columns[index].reason = "the training rows hold one text alone"
                        warnings += TableChoice.notes(on: [columns[index]])
                        continue
                    }
                }
            }
            encoders.append(encoder(of: index, tally.slot, texts, at: decided.count))
            for name in columns[index].features {
                var column = Column(name: name, range: -0.1...1.1)
                column.isIndicator = true
                decided.append(column)
            }
        }
        guard !decided.isEmpty else {
            throw DataError(
                .malformed, place: file.name,
                message: "expected a column to learn from, found none: "
                    + TableChoice.notes(on: columns).joined(separator: "; "))
        }
        Self.number(&decided)
        width = decided.count
        return decided
    }

    /// A feature such as `sex=male` may be called like a column of the file.
    private static func number(_ columns: inout [Column]) {
        var taken: Set<String> = []
        for index in columns.indices {
            let name = columns[index].name
            var number = 2
            while !taken.insert(columns[index].name).inserted {
                columns[index].name = "\(name).\(number)"
                number += 1
            }
        }
    }

    private func texts(of index: Int, _ tally: ColumnTally) -> ColumnTexts {
        var texts = ColumnTexts()
        let table = file.columns[index].table
        let isBoolean = columns[index].kind == .boolean
        if table >= 0 {
            texts.byCode = file.texts[table].texts.map { text in
                if isBoolean, let boolean = CellText.boolean(text) { return boolean ? "true" : "false" }
                return file.string(text)
            }
        }
        if isRecorded {
            for category in columns[index].categories {
                if let number = Float(category), Double(number).plain == category { texts.byNumber[number] = category }
            }
        } else {
            for number in tally.numbers.keys { texts.byNumber[number] = Double(number).plain }
        }
        for (code, count) in tally.texts.enumerated() where count > 0 {
            texts.training.append((texts.byCode[code], count))
        }
        for (number, count) in tally.numbers { texts.training.append((Double(number).plain, count)) }
        return texts
    }

    private func encoder(of index: Int, _ slot: Int, _ texts: ColumnTexts, at place: Int) -> ColumnEncoder {
        let column = columns[index]
        let features = column.kind == .boolean ? ["true"] : Array(column.categories.suffix(column.features.count))
        var offsets: [String: Int] = [:]
        for (offset, text) in features.enumerated() { offsets[text] = offset }
        var encoder = ColumnEncoder(slot: slot, kind: column.kind, place: place, count: features.count)
        encoder.texts = texts.byCode.map { offsets[$0] ?? -1 }
        for (number, text) in texts.byNumber { encoder.numbers[number] = offsets[text] ?? -1 }
        if case .text(let text)? = column.fill { encoder.fillOffset = offsets[text] ?? -1 }
        return encoder
    }

    // MARK: - Rows

    mutating func consumeRows(_ body: (Int, UnsafeBufferPointer<Float>) -> Void) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { values in
            var row = 0
            var next = 0
            for index in file.blocks.indices {
                guard let block = file.blocks[index] else { continue }
                for place in 0..<min(file.rowsPerBlock, file.rowCount - row) {
                    let fileRow = row + place
                    if let used {
                        guard next < used.count, used[next] == fileRow else { continue }
                    }
                    encode(block.row(place), values)
                    body(next, UnsafeBufferPointer(values))
                    next += 1
                }
                row += file.rowsPerBlock
                file.blocks[index] = nil
            }
        }
    }

    mutating func consumeColumns(_ body: (Int, Int, Float) -> Void) -> Bool {
        for encoder in encoders {
            withUnsafeTemporaryAllocation(of: Float.self, capacity: encoder.count) { values in
                var next = 0
                var row = 0
                for block in file.blocks {
                    guard let block else { continue }
                    for place in 0..<min(file.rowsPerBlock, file.rowCount - row) {
                        if let used { guard next < used.count, used[next] == row + place else { continue } }
                        encoder.encode(block.row(place)[encoder.slot], values)
                        for offset in 0..<encoder.count { body(next, encoder.place + offset, values[offset]) }
                        next += 1
                    }
                    row += file.rowsPerBlock
                    block.forget(column: encoder.slot)
                }
            }
        }
        file.blocks = []
        return true
    }

    private func encode(_ cells: RowCells, _ values: UnsafeMutableBufferPointer<Float>) {
        for encoder in encoders {
            encoder.encode(
                cells[encoder.slot],
                UnsafeMutableBufferPointer(rebasing: values[encoder.place..<encoder.place + encoder.count]))
        }
    }
}
