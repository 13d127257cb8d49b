import AllocationCount
import Datasets
import Engine
import Foundation
import Testing

@testable import Session

/// Work grows no faster than n log n with the length of what comes from outside.
///
/// Counted are a thread's allocations, the bytes that they ask for, and its comparisons of texts: what is searched or copied
/// again for each element shows in one of them. The names that are worked on have all one length of more than 15 bytes, for
/// others are compared without a call. Sixteen times the length is at most 25 times the work where it is n log n, and 256
/// times where it is quadratic.
@Suite(.enabled(if: allocationCount() >= 0, "this system does not count allocations"))
struct WorkTests {
    private static let factor = 16
    private static let limit = 40

    private struct Work {
        var allocations: Int
        var bytes: Int
        var comparisons: Int

        static var now: Work {
            Work(allocations: allocationCount(), bytes: allocatedBytes(), comparisons: comparisonCount())
        }
    }

    /// Of the second time: the first one makes what is made once.
    private func work(_ body: () throws -> Void) rethrows -> Work {
        try body()
        let start = Work.now
        try body()
        let end = Work.now
        return Work(
            allocations: end.allocations - start.allocations, bytes: end.bytes - start.bytes,
            comparisons: end.comparisons - start.comparisons)
    }

    /// How often each kind of work of the larger length is that of the smaller one.
    private func growth<Input>(
        from count: Int, _ make: (Int) throws -> Input, _ body: (Input) throws -> Void
    ) rethrows -> [String: Int] {
        let (small, large) = (try make(count), try make(count * Self.factor))
        let (few, many) = (try work { try body(small) }, try work { try body(large) })
        return [
            "allocations": many.allocations / max(16, few.allocations), "bytes": many.bytes / max(1024, few.bytes),
            "comparisons": many.comparisons / max(16, few.comparisons),
        ]
    }

    /// - Parameters:
    ///   - count: the smaller length.
    ///   - make: what is worked on, which does not count.
    private func expectGrowth<Input>(
        from count: Int, _ make: (Int) throws -> Input, _ body: (Input) throws -> Void
    ) rethrows {
        let growth = try growth(from: count, make, body)
        #expect(growth.values.allSatisfy { $0 < Self.limit }, "\(count): \(growth)")
    }

    /// A name as long as any other.
    private static func name(_ number: Int) -> String { "the element number \(1_000_000 + number)" }

    @Test("quadratic work is seen: names that are searched one by one, and lists that are copied for each element")
    func quadratic() {
        let names = { (count: Int) in (0..<count).map(Self.name) }
        let searched = growth(from: 60, names) { names in
            for name in names { #expect(names.firstIndex { $0 == name + "" } != nil) }
        }
        #expect(searched["comparisons", default: 0] > 200, "\(searched)")
        let copied = growth(from: 60, names) { names in
            var list: [String] = []
            for name in names { list = list + [name] }
        }
        #expect(copied["bytes", default: 0] > 150, "\(copied)")
    }

    @Test("a table with many columns: opened, described, chosen, left out, and asked with weights")
    func columns() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func table(_ count: Int) throws -> String {
            let path = folder.appending(path: "\(count).csv").path
            var text = (0..<count).map(Self.name).joined(separator: ",") + ",y\n"
            for row in 0..<4 {
                text += (0..<count).map { $0 % 7 == 0 ? ["a", "b"][row % 2] : "\($0 * row % 11)" }.joined(
                    separator: ",")
                text += ",\(row % 2)\n"
            }
            try Data(text.utf8).write(to: URL(filePath: path))
            return path
        }
        try expectGrowth(from: 100, table) { path in
            var source = try ExperimentSource.open(path)
            source.experiment.layers = []
            let data = try PreparedData.prepared(for: source.experiment, directory: source.directory)
            _ = try ExperimentTable(source).json.text()
            source.experiment.data.columns = data.columns.filter { !$0.isIndicator }.map(\.name)
            source.experiment.data.table.exclude = Array(source.experiment.data.columns.dropFirst(2).suffix(50))
            source.experiment.features = Array(source.experiment.data.columns.prefix(2))
            _ = try ExperimentTable(source).text
            let rows = try TableRows(
                path: path, name: "t", description: source.experiment.data, features: [], record: data.record,
                columns: [])
            #expect(rows.rowCount == 4)
        }
    }

    @Test("a safetensors header with many tensors")
    func tensors() throws {
        func file(_ count: Int) -> [UInt8] {
            var file = Safetensors()
            file.tensors = (0..<count).map { Safetensors.Tensor(name: Self.name($0), axes: [1], values: [1]) }
            return file.bytes
        }
        try expectGrowth(from: 1000, file) { _ = try Safetensors($0, path: "x") }
    }

    @Test("a JSON object with many keys, read and written")
    func keys() throws {
        func object(_ count: Int) -> String {
            "{" + (0..<count).map { "\"\(Self.name($0))\": \($0)" }.joined(separator: ",") + "}"
        }
        try expectGrowth(from: 2000, object) { _ = try JSON(parsing: $0).text() }
    }

    @Test("a document with many points")
    func points() throws {
        func document(_ count: Int) -> String {
            let points = (0..<count).map { "[\($0 % 11 - 5), \($0 % 7 - 3), \($0 % 2)]" }.joined(separator: ",")
            return #"{"data": {"dataset": "points", "points": [\#(points)]}, "layers": []}"#
        }
        try expectGrowth(from: 500, document) { try Experiment(json: JSON(parsing: $0)).validate() }
    }

    @Test("a network with many layers: reading, planning, matching after a change, changing all")
    func layers() throws {
        func experiment(_ count: Int) throws -> Experiment {
            let layers = (0..<count).map { #"{"dense": {"units": \#($0 % 5 + 1)}}"# }.joined(separator: ",")
            return try Experiment(
                json: JSON(parsing: #"{"data": {"dataset": "xorTable"}, "layers": [\#(layers)]}"#))
        }
        try expectGrowth(from: 62, experiment) { experiment in
            try experiment.validate()
            _ = try experiment.settingAllLayers("activation", to: .string("relu"))
            let trainer = try Trainer(experiment)
            var changed = experiment
            changed.layers.reverse()
            try trainer.load(changed, directory: nil, .withFittingWeights)
        }
    }

    @Test("a sweep with many values, and its file")
    func sweeps() throws {
        func list(_ count: Int) -> String { (0..<count).map { "\(Double($0) / 1e6)" }.joined(separator: ",") }
        try expectGrowth(from: 125, list) { values in
            let sweep = try Sweep(
                .standard, directory: nil, vary: ["training.regularization.l2=\(values)"], seeds: 1, epochs: 1)
            let path = FileManager.default.temporaryDirectory.path + "/layercake-\(UUID())"
            defer { try? FileManager.default.removeItem(atPath: path) }
            let file = try SweepFile.open(path, for: sweep).file
            let result = Sweep.Result(trainLoss: 1, testLoss: nil, diverged: false)
            try file.append(
                Array(sweep.cells.indices), results: Dictionary(sweep.cells.indices.map { ($0, result) }) { $1 })
            #expect(try SweepFile.results(in: path, for: sweep).count == sweep.cells.count)
        }
    }

    @Test("a link with many layers and hidden controls")
    func links() throws {
        func link(_ count: Int) -> String {
            "#networkShape=" + Array(repeating: "1", count: count).joined(separator: ",")
                + (1...count).map { "&numNodes\($0)_hide=true&noise=\($0 % 50)" }.joined()
        }
        try expectGrowth(from: 60, link) { _ = try PlaygroundLink.experiment(from: $0) }
    }

    @Test("many edits, all undone")
    func undo() throws {
        func edits(_ count: Int) -> Int { count }
        try expectGrowth(from: 60, edits) { count in
            var session = Session(.standard)
            for edit in 0..<count {
                _ = try session.reduce(.set(path: "data.noise", .number(Double(edit % 50))), at: Double(2 * edit))
            }
            while session.canUndo { _ = try session.reduce(.undo) }
        }
    }
}
