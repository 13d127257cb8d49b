import Basics
import Engine
import FoundationEssentials

/// The files of a sweep's parts as one.
///
/// The grid has the values and seeds of all grids with which the files were begun and gone on, and those that their cells have
/// besides; files of programs that kept no grid have the latter alone. Where no grid has all values of a key, they are numbers in
/// order, others as they first stand there.
public struct SweepMerge: Sendable {
    public let sweep: Sweep
    public let results: [Int: Sweep.Result]
    /// Cells that are missing or stand in several files, in words.
    public let notes: [String]
    /// Whether no cell of the grid is missing.
    public let isComplete: Bool
    private let header: JSON

    /// - Throws: files of different sweeps, a cell with different results, a file that is none.
    public init(_ paths: [String]) throws(ExperimentError) {
        var header: JSON?
        var grids: [JSON] = []
        var cells: [(path: String, cell: JSON)] = []
        for path in paths {
            guard let parts = try SweepFile.parts(of: path) else { continue }
            let own = SweepFile.identity(of: parts.header)
            if let header {
                try SweepFile.check(
                    own, against: header, path: path, advice: "merge parts of the sweep in \(paths[0]) alone")
            }
            header = own
            for grid in parts.grids where !grids.contains(grid) { grids.append(grid) }
            cells += parts.cells.map { (path, $0) }
        }
        guard let header else {
            throw paths.isEmpty
                ? ExperimentError(.arguments, place: "merge", message: "name the files of the parts")
                : ExperimentError(.malformed, place: paths[0], message: "is empty, as are all that were named")
        }
        let sweep = try Self.sweep(header, grids: grids, cells: cells.map(\.cell), path: paths[0])
        self.sweep = sweep
        self.header = header.replacing("grid", with: SweepFile.grid(of: sweep))
        var places: [JSON: Int] = [:]
        for (place, cell) in sweep.cells.enumerated() { places[cell.key] = place }
        var results: [Int: Sweep.Result] = [:]
        var owners: [Int: String] = [:]
        var doubled: [String] = []
        for (path, json) in cells {
            guard let values = json["values"], let seed = json["seed"], let place = places[.array([values, seed])]
            else {
                throw ExperimentError(.malformed, place: path, message: "has a cell that is none of the grid")
            }
            let result = Sweep.Result(json, metrics: sweep.metrics)
            if let known = results[place] {
                let own = "\(values.text(compact: true)) with seed \(seed.text(compact: true))"
                guard known == result else {
                    throw ExperimentError(
                        .malformed, place: path,
                        message:
                            "the cell \(shortened(own)) has another result than in \(owners[place] ?? ""): the parts were trained "
                            + "by different programs or machines; train one of them again")
                }
                doubled.append(own)
            }
            (results[place], owners[place]) = (result, path)
        }
        self.results = results
        var notes: [String] = []
        if !doubled.isEmpty {
            notes.append(
                "\(plural(doubled.count, "cell")) \(doubled.count == 1 ? "stands" : "stand") there twice, "
                    + "with equal results: \(shortened(doubled[0]))"
                    + (doubled.count > 1 ? ", …" : ""))
        }
        let missing = sweep.cells.indices.filter { results[$0] == nil }
        if let first = missing.first {
            let cell = sweep.cells[first]
            notes.append(
                "\(missing.count) of \(plural(sweep.cells.count, "cell")) \(missing.count == 1 ? "is" : "are") missing: "
                    + shortened("\(JSON.array(cell.values).text(compact: true)) with seed \(cell.seed)")
                    + (missing.count > 1 ? ", …" : ""))
        }
        var unfinished: [Int] = []
        if let count = Self.partCount(paths) {
            let begun = Set(Set(cells.map(\.path)).compactMap { SweepShard(named: $0)?.index })
            unfinished =
                grids.isEmpty
                ? Array((0..<count).lazy.filter { !begun.contains($0) }.prefix(Self.mostNamedParts + 1))
                : Set(missing.map { $0 % count }).sorted()
            if let note = Self.note(unfinished, of: count) { notes.append(note) }
        }
        self.notes = notes
        isComplete = missing.isEmpty && unfinished.isEmpty
    }

    private static let mostNamedParts = 4

    /// The number of parts by the files' names; nil: not every name is of a part, or they are of several divisions.
    private static func partCount(_ paths: [String]) -> Int? {
        let parts = paths.compactMap { SweepShard(named: $0) }
        guard let count = parts.first?.count, parts.count == paths.count, parts.allSatisfy({ $0.count == count }) else {
            return nil
        }
        return count
    }

    /// "part 3-of-4 has not finished: start it again, it goes on where it was"; nil: all have.
    private static func note(_ unfinished: [Int], of count: Int) -> String? {
        guard !unfinished.isEmpty else { return nil }
        let names = unfinished.prefix(mostNamedParts).map { "\($0)-of-\(count)" }.joined(separator: ", ")
        return unfinished.count == 1
            ? "part \(names) has not finished: start it again, it goes on where it was"
            : "parts \(names)\(unfinished.count > mostNamedParts ? ", …" : "") have not finished: start them again, they go on "
                + "where they were"
    }

    /// The file of the whole sweep, as `--resume` keeps it, in the order of the grid.
    public var text: String {
        ([header] + sweep.cells.indices.compactMap { cell in results[cell].map { sweep.cells[cell].json(result: $0) } })
            .map { $0.text(compact: true) + "\n" }.joined()
    }

    private static func sweep(
        _ header: JSON, grids: [JSON], cells: [JSON], path: String
    ) throws(ExperimentError) -> Sweep {
        func malformed(_ message: String) -> ExperimentError {
            ExperimentError(.malformed, place: path, message: message)
        }
        guard let document = header["experiment"], case .array(let keys)? = header["keys"] else {
            throw malformed("its first line names no experiment and keys")
        }
        let experiment = try Experiment(json: document)
        var epochs: Int?
        if case .number(let value)? = header["epochs"] {
            guard let count = Int(exactly: value), count > 0 else { throw malformed("expected a count as epochs") }
            epochs = count
        }
        var told: [[[JSON]]] = Array(repeating: [], count: keys.count)
        var seeds: [Int] = []
        for grid in grids {
            guard case .array(let lists)? = grid["values"], lists.count == keys.count,
                case .number(let number)? = grid["seeds"], let count = Int(exactly: number),
                (1...100_000).contains(count)
            else { throw malformed("expected a grid as {\"values\": [[…]], \"seeds\": …}, with a list for each key") }
            for (index, list) in lists.enumerated() {
                guard case .array(let values) = list else { throw malformed("expected lists as the grid's values") }
                told[index].append(values)
            }
            seeds.append(Int(clamping: experiment.seed) + count - 1)
        }
        var axes: [SweepAxis] = []
        for (index, key) in keys.enumerated() {
            guard case .string(let key) = key else { throw malformed("expected texts as keys") }
            var values: [JSON] = []
            var known: Set<JSON> = []
            for value in told[index].joined() where known.insert(value).inserted { values.append(value) }
            for cell in cells {
                guard case .array(let own)? = cell["values"], own.count == keys.count else {
                    throw malformed("expected \(plural(keys.count, "value")) in each cell")
                }
                if known.insert(own[index]).inserted { values.append(own[index]) }
            }
            // As the last grid that has all asked for them.
            let asked = told[index].last { $0.count == values.count }
            axes.append(SweepAxis(key: key, values: asked ?? ordered(values)))
        }
        for cell in cells {
            guard case .number(let seed)? = cell["seed"] else { continue }
            guard let whole = Int(exactly: seed), (0...1 << 53).contains(whole) else {
                throw malformed("expected whole numbers as seeds")
            }
            seeds.append(whole)
        }
        let variesSeed = axes.contains { $0.key == "seed" }
        let count = variesSeed ? 1 : max(1, (seeds.max() ?? 0) - Int(clamping: experiment.seed) + 1)
        guard seeds.allSatisfy({ variesSeed || $0 >= experiment.seed }), count <= 100_000 else {
            throw malformed("has seeds that are none of the sweep's")
        }
        return try Sweep(experiment, directory: nil, axes: axes, seeds: count, epochs: epochs)
    }

    /// Numbers from the least on; others as they are.
    private static func ordered(_ values: [JSON]) -> [JSON] {
        let numbers = values.compactMap { value -> Double? in
            if case .number(let number) = value { number } else { nil }
        }
        return numbers.count == values.count ? numbers.sorted().map { .number($0) } : values
    }
}

/// The results of a sweep that other processes write into files of a folder.
public final class SweepWatch {
    public let sweep: Sweep
    private let folder: String
    public private(set) var results: [Int: Sweep.Result] = [:]
    /// Files that are of another sweep, with the reason.
    public private(set) var others: [String: ExperimentError] = [:]

    public init(_ folder: String, for sweep: Sweep) throws(ExperimentError) {
        guard FilePath.isFolder(folder) else {
            throw ExperimentError(
                .missing, place: folder, message: "is no folder; expected the one that the parts' files are in")
        }
        (self.folder, self.sweep) = (folder, sweep)
    }

    public var isComplete: Bool { results.count == sweep.cells.count }

    /// Reads what has been written.
    public func read() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where name.hasSuffix(".jsonl") {
            let path = folder + "/" + name
            do throws(ExperimentError) {
                results.merge(try SweepFile.results(in: path, for: sweep)) { $1 }
                others[path] = nil
            } catch { others[path] = error }
        }
    }
}
