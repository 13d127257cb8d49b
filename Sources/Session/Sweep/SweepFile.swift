import Basics
import Engine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The finished cells of a sweep in a file, so that one that was interrupted goes on where it was: a line of JSON that
/// says which sweep it is, then one for each cell, written as soon as the cell is finished.
public final class SweepFile {
    public let path: String
    private let sweep: Sweep
    private let descriptor: Int32

    /// Opens the file, or begins it where there is none.
    /// - Returns: the file, and the results of the cells that it has, by their places in the sweep. Cells of another
    ///   grid of the same settings stay in the file.
    /// - Throws: a file of another experiment or of other settings, one that is no sweep's, one that cannot be written.
    public static func open(_ path: String, for sweep: Sweep) throws(ExperimentError) -> (
        file: SweepFile, finished: [Int: Sweep.Result]
    ) {
        try SavedFile.check(path)
        // Its cells are read first: of a pipe or a terminal there would be no end.
        guard SavedFile.isFile(path) else {
            throw SavedFile.unwritable(path, "is no regular file, from which a sweep could go on")
        }
        let file = try SweepFile(path, sweep: sweep)
        let text = try TextFile.read(path, limit: limit)
        let (lines, whole) = wholeLines(text)
        if lines.isEmpty, !header(of: sweep).text(compact: true).hasPrefix(text) { throw isOther(path) }
        let (finished, grids) = try read(lines, path: path, sweep: sweep)
        // A text that was unpacked while it was read has another length than the file, to which lines are to be added.
        guard TextFile.size(path) == text.utf8.count else {
            throw ExperimentError(
                .malformed, place: path, message: "is compressed, or not UTF-8: unpack it, for cells are added to it")
        }
        guard ftruncate(file.descriptor, off_t(text[..<whole].utf8.count)) == 0,
            lseek(file.descriptor, 0, SEEK_END) >= 0
        else { throw SavedFile.unwritable(path, SavedFile.reason(errno)) }
        if lines.isEmpty {
            try file.append([header(of: sweep)])
        } else if !grids.contains(grid(of: sweep)) {
            // Without it nobody would miss a cell that this grid alone has.
            try file.append([.object([JSON.Member("grid", grid(of: sweep))])])
        }
        return (file, finished)
    }

    /// Bytes of the largest file that is read: a million cells take about a hundred megabytes.
    private static let limit = 1 << 30

    /// The lines that have an end: one without was being written when the program was ended, or is being written.
    private static func wholeLines(_ text: String) -> (lines: ArraySlice<Substring>, end: String.Index) {
        let end = text.utf8.lastIndex(of: UInt8(ascii: "\n")).map { text.utf8.index(after: $0) } ?? text.startIndex
        return (text[..<end].split(separator: "\n", omittingEmptySubsequences: false).dropLast(), end)
    }

    /// The results in a file that another program may be writing, by the places of their cells.
    /// - Throws: a file of another experiment or of other settings, or one that is no sweep's.
    public static func results(in path: String, for sweep: Sweep) throws(ExperimentError) -> [Int: Sweep.Result] {
        try read(wholeLines(TextFile.read(path, limit: limit)).lines, path: path, sweep: sweep).finished
    }

    /// The first line of a file, the grids with which it was begun and gone on, and the cells; nil: an empty file, of a sweep that
    /// was ended before it wrote a line.
    static func parts(of path: String) throws(ExperimentError) -> (header: JSON, grids: [JSON], cells: [JSON])? {
        let text = try TextFile.read(path, limit: limit)
        if text.isEmpty { return nil }
        let lines = wholeLines(text).lines
        guard let first = lines.first, let header = try? JSON(parsing: String(first)), header["sweep"] != nil else {
            throw ExperimentError(.malformed, place: path, message: "is no file of a sweep")
        }
        var grids = [header["grid"]].compactMap(\.self)
        var cells: [JSON] = []
        for (number, text) in lines.enumerated().dropFirst() {
            switch try line(text, path: path, number: number) {
            case .grid(let grid): grids.append(grid)
            case .cell(let cell): cells.append(cell)
            }
        }
        return (header, grids, cells)
    }

    /// A line behind the first.
    private enum Line {
        case cell(JSON)
        /// The sweep went on in another grid than before.
        case grid(JSON)
    }

    private static func line(_ text: Substring, path: String, number: Int) throws(ExperimentError) -> Line {
        let found = try? JSON(parsing: String(text))
        if let grid = found?["grid"] { return .grid(grid) }
        guard let cell = found, cell["values"] != nil, cell["seed"] != nil, case .bool? = cell["diverged"] else {
            throw ExperimentError(
                .malformed, place: "\(path):\(number + 1)",
                message: "expected a cell as {\"values\": […], \"seed\": …, \"trainLoss\": …}; remove the line")
        }
        return .cell(cell)
    }

    /// Opens the file for writing, and keeps other sweeps from it: each would write over the lines of the other.
    private init(_ path: String, sweep: Sweep) throws(ExperimentError) {
        #if canImport(Glibc)
            let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        #else
            let descriptor = Darwin.open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        #endif
        guard descriptor >= 0 else { throw SavedFile.unwritable(path, SavedFile.reason(errno)) }
        // A file system without locks is no reason to stop.
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(descriptor)
            throw SavedFile.unwritable(
                path, "another sweep writes to it; wait until that one has ended, or name another file")
        }
        (self.path, self.sweep, self.descriptor) = (path, sweep, descriptor)
    }

    deinit { close(descriptor) }

    /// Adds cells that are finished.
    public func append(_ cells: [Int], results: [Int: Sweep.Result]) throws(ExperimentError) {
        try append(cells.compactMap { cell in results[cell].map { sweep.cells[cell].json(result: $0) } })
    }

    private func append(_ lines: [JSON]) throws(ExperimentError) {
        let bytes = Array(lines.map { $0.text(compact: true) + "\n" }.joined().utf8)
        if let failure = SavedFile.write(bytes, to: descriptor) {
            throw SavedFile.unwritable(path, SavedFile.reason(failure))
        }
    }

    private static func isOther(_ path: String) -> ExperimentError {
        ExperimentError(
            .malformed, place: path, message: "is no file of a sweep; name another, which --resume then begins")
    }

    // MARK: Which sweep it is

    /// The first line: which sweep it is, and the grid that the file was begun with.
    private static func header(of sweep: Sweep) -> JSON {
        identity(of: sweep).replacing("grid", with: grid(of: sweep))
    }

    /// A first line without the grid, which may become another one while the file is kept.
    static func identity(of header: JSON) -> JSON {
        guard case .object(let members) = header else { return header }
        return .object(members.filter { $0.key != "grid" })
    }

    /// The values of each key and the number of seeds: without them nobody would miss a cell that alone has a value.
    static func grid(of sweep: Sweep) -> JSON {
        .object([
            JSON.Member("values", .array(sweep.axes.map { .array($0.values) })),
            JSON.Member("seeds", .number(Double(sweep.seeds))),
        ])
    }

    /// The settings that must be the same for the results to be the same; words and views may differ.
    private static func identity(of sweep: Sweep) -> JSON {
        var experiment = sweep.experiment
        experiment.title = ""
        experiment.story = ""
        experiment.view = ViewSettings()
        experiment.hide = []
        experiment.compare = []
        var members = [
            JSON.Member("sweep", .number(1)), JSON.Member("experiment", experiment.json),
            JSON.Member("keys", .array(sweep.axes.map { .string($0.key) })),
            JSON.Member("epochs", sweep.epochs.map { .number(Double($0)) } ?? .null),
        ]
        if let digest = dataDigest(of: sweep) { members.append(JSON.Member("dataDigest", .string(digest))) }
        return .object(members)
    }

    /// Of the data file's bytes; nil without a file: generators say in the experiment what they make.
    private static func dataDigest(of sweep: Sweep) -> String? {
        guard case .text(let file)? = sweep.experiment.data.dataset.knobs["file"], !file.isEmpty else { return nil }
        let path = file.hasPrefix("/") ? file : (sweep.directory ?? ".") + "/" + file
        guard let text = try? TextFile.read(path) else { return nil }
        return String(stableHash(text.utf8), radix: 16)
    }

    private static func read(
        _ lines: ArraySlice<Substring>, path: String, sweep: Sweep
    ) throws(ExperimentError) -> (finished: [Int: Sweep.Result], grids: [JSON]) {
        guard let first = lines.first else { return ([:], []) }
        guard let found = try? JSON(parsing: String(first)), found["sweep"] != nil else {
            throw isOther(path)
        }
        try check(
            identity(of: found), against: identity(of: sweep), path: path,
            advice: "name another file, or give what it was begun with")
        var places: [JSON: Int] = [:]
        for (index, cell) in sweep.cells.enumerated() { places[cell.key] = index }
        var finished: [Int: Sweep.Result] = [:]
        var grids = [found["grid"]].compactMap(\.self)
        for (number, text) in lines.enumerated().dropFirst() {
            switch try line(text, path: path, number: number) {
            case .grid(let grid): grids.append(grid)
            case .cell(let cell):
                if let values = cell["values"], let seed = cell["seed"], let place = places[.array([values, seed])] {
                    finished[place] = Sweep.Result(cell, metrics: sweep.metrics)
                }
            }
        }
        return (finished, grids)
    }

    /// - Throws: the first difference of two first lines without their grids.
    static func check(
        _ found: JSON, against header: JSON, path: String, advice: String
    ) throws(ExperimentError) {
        func differs(_ what: String) -> ExperimentError {
            ExperimentError(
                .malformed, place: path, message: "is a sweep of another experiment: \(what); \(advice)")
        }
        guard found != header else { return }
        func shown(_ json: JSON?) -> String? { json.map { shortened($0.text(compact: true)) } }
        for part in ["data", "features", "layers", "output", "training", "seed"] {
            let (its, mine) = (found["experiment"]?[part], header["experiment"]?[part])
            guard its == mine else {
                throw differs(
                    "its \(part) is \(shown(its) ?? "another"), here \(shown(mine) ?? "the default")"
                )
            }
        }
        guard found["dataDigest"] == header["dataDigest"] else { throw differs("its data file held other data") }
        for part in ["keys", "epochs"] where found[part] != header[part] {
            throw differs(
                "its \(part) are \(shown(found[part]) ?? "missing"), here "
                    + "\(shown(header[part]) ?? "none")")
        }
        throw differs("its first line says something else")
    }
}

extension Sweep.Result {
    /// Of a cell's line.
    init(_ json: JSON, metrics: [Metric]) {
        self.init([:], diverged: json["diverged"] == .bool(true))
        for metric in metrics {
            if case .number(let value)? = json[metric.id] { values[metric.id] = value }
        }
    }
}

extension Sweep.Cell {
    /// The key that tells it from the other cells of its sweep.
    var key: JSON { .array([.array(values), .number(Double(seed))]) }

    /// As `--format json` and the file show it.
    func json(result: Sweep.Result) -> JSON {
        func number(_ value: Double?) -> JSON { value.map { $0.isFinite ? .number($0) : .null } ?? .null }
        return .object(
            [JSON.Member("values", .array(values)), JSON.Member("seed", .number(Double(seed)))]
                + experiment.sweptMetrics.map { JSON.Member($0.id, number(result.values[$0.id])) }
                + [JSON.Member("diverged", .bool(result.diverged))])
    }
}
