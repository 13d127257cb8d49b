import Engine
import Foundation
import Testing

@testable import Session

/// Work grows no faster than n log n with the length of what comes from outside.
///
/// Work is counted in the thread's own processor time, and of that only how it grows is asked: neither the machine's
/// speed nor what else runs on it matters. Sixteen times the length is at most 25 times the work where it is n log n,
/// and 256 times where it is quadratic.
@Suite(.serialized)
struct WorkTests {
    private static let factor = 16
    private static let limit = 90.0

    /// The least of three measurements, in seconds of this thread.
    private func work(_ body: () throws -> Void) rethrows -> Double {
        var least = Double.infinity
        for _ in 0..<3 {
            var (start, end) = (timespec(), timespec())
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
            try body()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
            let seconds = Double(end.tv_sec - start.tv_sec) + 1e-9 * Double(end.tv_nsec - start.tv_nsec)
            least = min(least, seconds)
        }
        return least
    }

    /// - Parameters:
    ///   - count: the smaller length.
    ///   - make: what is worked on, which does not count.
    private func expectGrowth<Input>(
        from count: Int, _ make: (Int) throws -> Input, _ body: (Input) throws -> Void
    ) rethrows {
        let (small, large) = (try make(count), try make(count * Self.factor))
        let (few, many) = (try work { try body(small) }, try work { try body(large) })
        #expect(many < Self.limit * few, "\(count): \(few) s, \(count * Self.factor): \(many) s")
    }

    @Test("a safetensors header with many tensors")
    func tensors() throws {
        func file(_ count: Int) -> [UInt8] {
            var file = Safetensors()
            file.tensors = (0..<count).map { Safetensors.Tensor(name: "tensor.\($0)", axes: [1], values: [1]) }
            return file.bytes
        }
        try expectGrowth(from: 1000, file) { _ = try Safetensors($0, path: "x") }
    }

    @Test("a JSON object with many keys, read and written")
    func keys() throws {
        func object(_ count: Int) -> String {
            "{" + (0..<count).map { "\"key\($0)\": \($0)" }.joined(separator: ",") + "}"
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
            #expect(try SweepFile.open(path, for: sweep).finished.count == sweep.cells.count)
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
