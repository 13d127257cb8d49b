import Engine

/// A table in a file, or on standard input.
enum CSV {
    static let dataset = Dataset(
        Entry(
            id: "csv", title: "CSV file",
            summary: "A table of your own: columns of numbers and texts, and a class or a number to learn.",
            formula: "columns → label", source: "RFC 4180",
            watch:
                "Which columns are read as numbers and which as texts (describe tells); a column that contains the answer makes the task too easy.",
            knobs: [fileKnob, labelKnob]),
        task: nil, standardization: .featuresAndTargets, labelKnob: labelKnob.name, schema: { _ in nil }, make: make)

    static let fileKnob = Knob(
        "file", title: "file", summary: "The file's path, relative to the experiment; \"-\" for standard input.",
        kind: .text, default: .text(""))
    static let labelKnob = Knob(
        "label", title: "label", summary: "The column to learn; empty: the last one.", kind: .text, default: .text(""))

    @Sendable static func make(_ request: inout DataRequest) throws(DataError) -> any RowSource {
        try FileRows(file(request), request.description, record: request.record)
    }

    /// Reads the table that the description names.
    /// - Parameter group: the column that groups rows into sequences; nil: none.
    static func file(_ request: DataRequest, group: String? = nil) throws(DataError) -> TableFile {
        let name = request.text("file")
        guard !name.isEmpty else {
            throw DataError(.malformed, place: "data.file", message: "expected a file's path, found none")
        }
        let path = TablePath.path(name, directory: request.directory)
        let description = request.description
        let called = TablePath.title(name)
        let recorded = (request.record?.columns ?? []).map(\.name)
        var form = try TableForm.form(
            TableSample(ByteSource(path: path, name: called, loading: request.loading)), description.table,
            inputs: recorded)
        var places: [String: Int] = [:]
        for (index, name) in form.names.enumerated() { places[name] = index }
        func index(_ column: String, _ place: String) throws(DataError) -> Int {
            if let index = places[column] { return index }
            throw DataError(
                .malformed, place: place,
                message:
                    "expected one of the columns \(listed(form.names.map { visibleText($0) })), found \(quoted(column))"
                    + offer(column, among: form.names)
            )
        }
        let told = request.text("label")
        let label = told.isEmpty ? form.names.count - 1 : try index(told, "data.label")
        let grouping: Int? = if let group { group.isEmpty ? 0 : try index(group, "data.sequence") } else { nil }
        guard grouping != label else {
            throw DataError(
                .malformed, place: "data.label",
                message:
                    "expected a column to learn, found the one that names the sequences, \(quoted(form.names[label]))")
        }
        var chosen: Set<Int> = []
        for (at, column) in description.columns.enumerated() {
            let index = try index(column, "data.columns.\(at)")
            guard index != label else {
                throw DataError(
                    .malformed, place: "data.columns.\(at)",
                    message: "expected an input, found the label \(quoted(column))")
            }
            chosen.insert(index)
        }
        var excluded: Set<Int> = []
        for (at, column) in description.table.exclude.enumerated() {
            excluded.insert(try index(column, "data.exclude.\(at)"))
        }
        if told.isEmpty {
            form.notes.append("the last column, “\(visibleText(form.names[label]))”, is the label")
        }
        let names = form.names
        let known = recorded.isEmpty ? nil : Set(recorded)
        return try TableFile(
            ByteSource(path: path, name: called), form, label: label, group: grouping,
            isWanted: {
                known?.contains(names[$0]) ?? !excluded.contains($0) && (chosen.isEmpty || chosen.contains($0))
            },
            recorded: request.record?.columns ?? [], loading: request.loading)
    }
}

/// Where a table lies.
public enum TablePath {
    /// - Parameters:
    ///   - file: as the experiment names it; "~/" is the home folder, "-" standard input.
    ///   - directory: what it is relative to; nil: the working folder.
    public static func path(_ file: String, directory: String?) -> String {
        if FilePath.isStandardInput(file) { return "-" }
        let whole = FilePath.expanded(file)
        return whole.hasPrefix("/") ? whole : (directory ?? ".") + "/" + whole
    }

    /// The name in messages.
    public static func title(_ file: String) -> String { FilePath.isStandardInput(file) ? "standard input" : file }
}
