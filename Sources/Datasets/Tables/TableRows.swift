import Engine

/// The rows of a table as a trained network takes them, whether they have labels or not.
public struct TableRows: Sendable {
    /// The names of the file's columns.
    public let columns: [String]
    /// Rows of the file.
    public let rowCount: Int
    /// Whether the network can take a row: none of its inputs is missing, or what is missing is filled.
    public let isComplete: [Bool]
    /// The features of the complete rows, standardized.
    public let inputs: SampleStore
    /// Notes on rows without an answer, and on columns that the network does not take.
    public let notes: [String]
    private let path: String
    private let name: String
    private let form: TableForm

    /// - Parameters:
    ///   - path: a file; "-" is standard input.
    ///   - description: of the data that the network was trained with, for what is told of the table and missing cells.
    ///   - features: the experiment's: names or formulas; empty: every column.
    ///   - record: what the network was trained with. Where it names no columns, `columns` are numbers by these names.
    public init(
        path: String, name: String, description: DataDescription, features: [String], record: DataRecord,
        columns: [String], loading: Loading? = nil
    ) throws(DataError) {
        (self.path, self.name) = (path, name)
        var record = record
        if record.columns.isEmpty { record.columns = columns.map { TableColumn(name: $0, kind: .number) } }
        let form = try TableForm.form(
            TableSample(ByteSource(path: path, name: name, loading: loading)), description.table,
            inputs: record.columns.map(\.name))
        self.form = form
        let known = Set(record.columns.map(\.name))
        let file = try TableFile(
            ByteSource(path: path, name: name), form, label: nil, isWanted: { known.contains(form.names[$0]) },
            recorded: record.columns, loading: loading)
        var source: any RowSource = try FileRows(file, description, record: record)
        let split = Split(count: source.count, trainCount: source.count, order: nil)
        let decided = try source.decideColumns(split)
        let map = try FeatureMap(features, columns: decided.map(\.name))
        guard record.featureMeans.isEmpty || record.featureMeans.count == map.names.count else {
            throw DataError(
                .malformed, place: "features",
                message: "the weights were trained with \(plural(record.featureMeans.count, "feature")), found "
                    + "\(map.names.count)")
        }
        isComplete = (source as? FileRows)?.isUsed ?? []
        let inputs = try RowInputs(&source, split, columns: decided.count, map: map, loading)
        inputs.standardize(means: record.featureMeans, scales: record.featureScales)
        self.inputs = inputs.train.store()
        self.columns = form.names
        rowCount = file.rowCount
        notes = source.report?.warnings ?? []
    }

    /// Reads the table again, and gives the texts of each row's cells to `body`, in the file's order.
    public func forEachRow(_ body: (_ row: Int, _ cells: [String]) throws -> Void) throws {
        var reader = try CellReader(
            ByteSource(path: path, name: name), form.dialect, skippedBytes: form.skippedBytes,
            skippedLines: form.skippedLines)
        if form.hasHeader, try reader.beginRow() { while try !reader.nextCell() {} }
        var row = 0
        while row < rowCount, try reader.beginRow() {
            var cells: [String] = []
            var isLast = false
            while !isLast {
                isLast = try reader.nextCell()
                let text = reader.text
                cells.append(CellText.decoded(text, isUTF8: CellText.isUTF8(text)))
            }
            if cells.count > columns.count { cells.removeLast(cells.count - columns.count) }
            try body(row, cells)
            row += 1
        }
    }
}
