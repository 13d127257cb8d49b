import Engine

/// The labels of a table's rows as classes or values.
struct FileLabels {
    /// For each row of the file a class index or a value; NaN: it has none.
    private(set) var values: [Float]
    private(set) var task: Task
    private(set) var classNames: [String] = []
    private(set) var note: String

    /// Of a table without labels.
    init(unlabelled count: Int) {
        (values, task, note) = (Array(repeating: 0, count: count), .regression, "")
    }

    /// A text, or at most 20 different whole numbers, is a class; `told` overrides. Classes stand in the order first seen.
    /// - Parameters:
    ///   - isUsed: whether a row counts.
    ///   - known: the classes' names in their order; empty: the rows' own.
    init(
        _ file: TableFile, told: TaskKind?, known: [String], isUsed: (Int) -> Bool
    ) throws(DataError) {
        guard let column = file.label else { preconditionFailure("a table without a label has no labels") }
        let cells = file.labels
        let name = file.form.names[column]
        func mistake(line: Int?, _ message: String) -> DataError {
            DataError(
                .malformed, place: line.map { file.place(line: $0, column: column) } ?? file.name, message: message)
        }
        let isNumeric = cells.isNumeric
        let firstMark = isNumeric ? nil : cells.kinds.firstIndex { $0 == .mark || $0 == .infinite }
        let textual = cells.firstText ?? firstMark.map { (text: cells.texts[$0], line: cells.lines[$0]) }
        if let textual, cells.isFull, told != .regression {
            throw mistake(
                line: textual.line,
                "expected at most \(TableFile.mostClasses) classes in the label \(quoted(name)), found more different "
                    + "texts; data.label chooses another column")
        }
        var order: [Int] = []
        var seen = [Bool](repeating: false, count: cells.texts.count)
        if !cells.isFull {
            for (row, code) in cells.codes.enumerated() where code >= 0 && isUsed(row) && !seen[Int(code)] {
                seen[Int(code)] = true
                if cells.isLabel(Int(code)) { order.append(Int(code)) }
            }
        }
        let isWhole =
            isNumeric
            && cells.values.indices.allSatisfy { row in
                cells.values[row].isNaN || cells.values[row] == cells.values[row].rounded()
            }
        let isClass =
            told.map { $0 == .classification } ?? (!isNumeric || isWhole && !cells.isFull && order.count <= 20)
        guard isClass else {
            if let textual {
                throw mistake(
                    line: textual.line,
                    "expected a number to learn in the column \(quoted(name)), found "
                        + quoted(file.string(textual.text)))
            }
            (values, task) = (cells.values, .regression)
            note = "“\(visibleText(name))” is a value to learn"
            return
        }
        guard !cells.isFull else {
            throw mistake(
                line: nil, "expected at most \(TableFile.mostClasses) classes in the label \(quoted(name)), found more")
        }
        // true, True and TRUE are one class.
        let areBooleans = !isNumeric && order.allSatisfy { CellText.boolean(cells.texts[$0]) != nil }
        var names: [String] = []
        var indices = [Float](repeating: .nan, count: cells.texts.count)
        var knownIndices: [String: Int] = [:]
        var knownNumbers: [Double: Int] = [:]
        for (index, name) in known.enumerated() {
            knownIndices[name] = index
            if let number = Double(name) { knownNumbers[number] = index }
        }
        var booleans: [Bool: Float] = [:]
        for code in order {
            let text = file.string(cells.texts[code])
            if !known.isEmpty {
                guard let index = knownIndices[text] ?? Double(text).flatMap({ knownNumbers[$0] }) else {
                    throw mistake(
                        line: cells.lines[code],
                        "expected one of the classes that the weights know (\(listed(known.map { visibleText($0) }))), "
                            + "found \(quoted(text))")
                }
                indices[code] = Float(index)
            } else if areBooleans, let boolean = CellText.boolean(cells.texts[code]), let index = booleans[boolean] {
                indices[code] = index
            } else {
                indices[code] = Float(names.count)
                if areBooleans, let boolean = CellText.boolean(cells.texts[code]) {
                    booleans[boolean] = Float(names.count)
                }
                names.append(text)
            }
        }
        if !known.isEmpty { names = known }
        guard names.count >= 2 else {
            throw mistake(
                line: order.first.map { cells.lines[$0] },
                "expected labels of at least two classes, found only "
                    + quoted(order.first.map { file.string(cells.texts[$0]) } ?? ""))
        }
        values = cells.codes.map { $0 < 0 ? .nan : indices[Int($0)] }
        task = .classification(classes: names.count)
        classNames = names
        note = "“\(visibleText(name))” has \(plural(names.count, "class"))"
        if told == nil, isNumeric { note += ", which are whole numbers (data.task = regression learns them as values)" }
    }

    /// Whether a row has a label.
    static func hasLabel(_ file: TableFile, _ row: Int) -> Bool {
        guard file.label != nil else { return true }
        let cells = file.labels
        if !cells.values[row].isNaN { return true }
        // Too many texts are an error of their own.
        if cells.isFull { return !cells.isNumeric }
        let code = cells.codes[row]
        guard code >= 0 else { return false }
        return cells.isLabel(Int(code))
    }
}
