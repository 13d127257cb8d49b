import Engine

/// Sequences in a table: each row is a step.
enum CSVSequences {
    static let dataset = Dataset(
        sequences: Entry(
            id: "csvSequences", title: "CSV sequences",
            summary:
                "Sequences of your own: each row of a table is a step, and a column tells to which sequence it belongs.",
            formula: "rows of a sequence → a label, one for each row, or a list", source: "RFC 4180",
            watch: "How rows were put together to sequences (describe tells): an unsorted file gives short ones.",
            knobs: [
                CSV.fileKnob,
                Knob(
                    "sequence", title: "sequence",
                    summary: "The column whose cells are the same in all rows of a sequence; empty: the first one.",
                    kind: .text, default: .text("")),
                CSV.labelKnob,
                Knob(
                    "targets", title: "targets",
                    summary:
                        "Whether each sequence has a label (n→1), each of its rows (n→n; where the cell is empty, none), or a list of its own length (n→m): the labels of its rows that have one.",
                    kind: .word(["sequence", "row", "list"]), default: .text("sequence")),
                Knob(
                    "inputs", title: "inputs",
                    summary: "Whether all rows of a sequence come in, or the first alone (1→n).",
                    kind: .word(["all", "first"]), default: .text("all")),
            ]),
        task: nil, standardization: .featuresAndTargets, labelKnob: CSV.labelKnob.name, schema: { _ in nil }
    ) { request throws(DataError) in try TableSequences(&request) }
}

/// The rows of a table as steps of sequences, in the order of the file. Numbers have mean 0 and deviation 1 over the rows of the
/// training sequences, where the description does not say otherwise.
private struct TableSequences: SequenceSource {
    let schema: DataSchema
    let count: Int
    let trainCount: Int?
    let target: (mean: Float, scale: Float)
    let report: TableReport?
    /// Row-major `[rows, features]`, sequence after sequence.
    private let values: [Float]
    /// A class or a value for each row; NaN: none.
    private let labels: [Float]
    /// The first row of each sequence, and behind them the number of rows.
    private let starts: [Int]
    /// Whether labels stand close together, those of rows without one left out.
    private let isList: Bool
    private var given = 0

    init(_ request: inout DataRequest) throws(DataError) {
        let (file, description) = (request.text("file"), request.description)
        let table = try CSV.file(request, group: request.text("sequence"))
        var rows = try FileRows(table, description, record: request.record, keepsUnlabelled: true)
        let groups = try Self.groups(rows, table, file)
        // The training sequences come first.
        var order = Array(0..<Int32(groups.names.count))
        let training = try request.trainCount(of: order.count)
        if description.shuffle { order = request.random.permutation(order.count) }
        var places = [Int](repeating: 0, count: order.count)
        for (place, group) in order.enumerated() { places[Int(group)] = place }
        // Rows sorted by the place of their sequence, in the order of the file within it.
        var starts = [Int](repeating: 0, count: order.count + 1)
        for group in groups.rows { starts[places[Int(group)] + 1] += 1 }
        for place in 0..<order.count { starts[place + 1] += starts[place] }
        var next = starts
        let rowPlaces = groups.rows.map { group in
            defer { next[places[Int(group)]] += 1 }
            return next[places[Int(group)]]
        }
        var rowOrder = [Int32](repeating: 0, count: rowPlaces.count)
        for (row, place) in rowPlaces.enumerated() { rowOrder[place] = Int32(row) }
        let split = Split(count: rowPlaces.count, trainCount: starts[training], order: rowOrder)
        let columns = try rows.decideColumns(split)
        // The values of all rows, and the labels, before the store takes its own.
        do throws(EngineError) {
            try MemoryRoom.require(
                rowPlaces.count * (columns.count + 2) * MemoryLayout<Float>.stride, place: "data.file",
                for: "\(plural(rowPlaces.count, "row")) of \(plural(columns.count, "column"))",
                advice: "use fewer rows or columns")
        } catch { throw DataError(error) }
        var values = [Float](repeating: 0, count: rowPlaces.count * columns.count)
        rows.consumeRows { row, cells in
            let first = rowPlaces[row] * columns.count
            for column in columns.indices { values[first + column] = cells[column] }
        }
        let isByRow = request.text("targets") != "sequence"
        let isOfFirst = request.text("inputs") == "first"
        var labels = rowOrder.map { rows.labels[Int($0)] }
        if !isByRow { labels = try Self.labels(labels, starts, order, rows, groups, file) }
        for place in 0..<order.count where isByRow && labels[starts[place]..<starts[place + 1]].allSatisfy(\.isNaN) {
            throw Self.noLabel(groups, Int(order[place]), file)
        }
        var target: (mean: Float, scale: Float) = (0, 1)
        if description.standardizes(CSVSequences.dataset) {
            for (column, facts) in columns.enumerated() where !facts.isIndicator {
                let count = isOfFirst ? training : starts[training]
                let known = (0..<count).map { values[(isOfFirst ? starts[$0] : $0) * columns.count + column] }
                let (mean, scale) = known.withUnsafeBufferPointer { moments($0) }
                for row in rowPlaces.indices {
                    values[row * columns.count + column] = (values[row * columns.count + column] - mean) / scale
                }
            }
            if rows.task == .regression {
                let known = labels.prefix(isByRow ? starts[training] : training).filter { !$0.isNaN }
                target = known.withUnsafeBufferPointer { moments($0) }
                labels = labels.map { ($0 - target.mean) / target.scale }
            }
        }
        let lengths = zip(starts.dropFirst(), starts).map { $0 - $1 }
        let longest = lengths.max() ?? 1
        isList = request.text("targets") == "list"
        let counts =
            isList
            ? order.indices.map { starts[$0]..<starts[$0 + 1] }.map { rows in
                labels[rows].count { !$0.isNaN }
            } : lengths
        schema = DataSchema(
            .sequence(
                SequenceKind(
                    steps: isOfFirst ? 1 : longest, features: columns.map(\.name),
                    hasLengths: !isOfFirst && lengths.min() != longest, targetSteps: isByRow ? counts.max() : nil)),
            task: rows.task, classNames: rows.classNames)
        (count, trainCount, self.target) = (order.count, training, target)
        (self.values, self.labels, self.starts, report) = (values, labels, starts, rows.report)
    }

    mutating func next(into sample: inout SequenceSample) {
        let range = starts[given]..<starts[given + 1]
        let width = sample.kind.features.count
        let count = min(range.count, sample.kind.steps)
        sample.inputs.replaceSubrange(
            0..<count * width, with: values[range.lowerBound * width..<(range.lowerBound + count) * width])
        if sample.kind.hasLengths { sample.length = range.count }
        if sample.kind.targetSteps == nil {
            sample.labels[0] = labels[given]
        } else {
            let rows = isList ? range.filter { !labels[$0].isNaN } : Array(range)
            for (step, row) in rows.enumerated() where !labels[row].isNaN { sample.labels[step] = labels[row] }
        }
        given += 1
    }

    // MARK: - Groups and labels

    private typealias Groups = (rows: [Int32], names: [String], lines: [Int])

    /// - Throws: rows that belong to no sequence, or fewer than two sequences.
    private static func groups(_ rows: FileRows, _ table: TableFile, _ file: String) throws(DataError) -> Groups {
        let column = table.group!
        let name = table.form.names[column]
        guard !table.groups.isFull else {
            throw DataError(
                .malformed, place: TablePath.title(file),
                message: "expected at most \(TableFile.mostGroups) sequences in the column \(quoted(name)), found more")
        }
        guard table.columns[column].missing == 0 else {
            throw DataError(
                .malformed, place: table.place(line: table.columns[column].missingLine, column: column),
                message: "expected the name of a sequence in the column \(quoted(name)), found an empty cell "
                    + "(\(plural(table.columns[column].missing, "row")) of \(table.rowCount))")
        }
        let groups = rows.sequences
        guard groups.names.count >= 2 else {
            throw DataError(
                .malformed, place: TablePath.title(file),
                message: "expected at least two sequences in the column \(quoted(name)), found "
                    + "\(listed(groups.names.map { quoted($0) })) alone; data.sequence chooses another column")
        }
        var counts = [Int](repeating: 0, count: groups.names.count)
        for row in groups.rows { counts[Int(row)] += 1 }
        if let empty = counts.firstIndex(of: 0) {
            throw DataError(
                .malformed, place: "\(TablePath.title(file)):\(groups.lines[empty])",
                message:
                    "every row of the sequence \(quoted(groups.names[empty])) has a missing cell, so that none is left; "
                    + "data.missing = mean fills them")
        }
        return groups
    }

    private static func noLabel(_ groups: Groups, _ group: Int, _ file: String) -> DataError {
        DataError(
            .malformed, place: "\(TablePath.title(file)):\(groups.lines[group])",
            message: "expected a label in the rows of the sequence \(quoted(groups.names[group])), found none")
    }

    /// The label of each sequence, in the order of the sequences.
    /// - Parameter labels: of each row, sequence after sequence; NaN: none.
    /// - Throws: a sequence without a label, or with several.
    private static func labels(
        _ labels: [Float], _ starts: [Int], _ order: [Int32], _ rows: FileRows, _ groups: Groups, _ file: String
    ) throws(DataError) -> [Float] {
        var own: [Float] = []
        for (place, group) in order.enumerated() {
            let found = labels[starts[place]..<starts[place + 1]].filter { !$0.isNaN }
            guard let first = found.first else { throw noLabel(groups, Int(group), file) }
            if let other = found.first(where: { $0 != first }) {
                func name(_ label: Float) -> String {
                    rows.classNames.isEmpty ? "\(label)" : quoted(rows.classNames[Int(label)])
                }
                throw DataError(
                    .malformed, place: "\(TablePath.title(file)):\(groups.lines[Int(group)])",
                    message:
                        "expected one label for all rows of the sequence \(quoted(groups.names[Int(group)])), found "
                        + "\(name(first)) and \(name(other)); data.targets = row learns a label for each row")
            }
            own.append(first)
        }
        return own
    }
}
