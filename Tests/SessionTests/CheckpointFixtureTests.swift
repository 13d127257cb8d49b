import Engine
import FoundationEssentials
import Testing

@testable import Session

/// Checkpoints beside PyTorch: files that Python wrote are read, and hold what ours hold at the same step.
struct CheckpointFixtureTests {
    /// A case of Tests/Fixtures/checkpoints.txt, as make_fixtures.py writes it.
    struct Fixture: Sendable, CustomTestStringConvertible {
        var optimizer: String
        var type: String
        var file: [UInt8] = []
        /// "inputs", "labels", "knob learningRate", "start layers.0.weight", ...
        var numbers: [String: [Double]] = [:]
        var testDescription: String { "\(optimizer) \(type)" }

        static let all: [Fixture] = {
            let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Fixtures/checkpoints.txt")
            var fixtures: [Fixture] = []
            for line in String(decoding: try! Data(contentsOf: path), as: UTF8.self).split(separator: "\n") {
                var parts = line.split(separator: " ").map(String.init)
                switch parts[0] {
                case "case": fixtures.append(Fixture(optimizer: parts[1], type: parts[2]))
                case "file": fixtures[fixtures.count - 1].file = bytes(parts[1])
                default:
                    let key = Double(parts[1]) == nil ? "\(parts[0]) \(parts.remove(at: 1))" : parts[0]
                    fixtures[fixtures.count - 1].numbers[key] = parts.dropFirst().map { Double($0)! }
                }
            }
            return fixtures
        }()

        private static func bytes(_ hexadecimal: String) -> [UInt8] {
            let digits = hexadecimal.utf8.map { UInt8($0 > 0x39 ? $0 - 0x57 : $0 - 0x30) }
            return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        }

        /// The experiment of the case, at PyTorch's start weights.
        func trainer() throws -> Trainer {
            let labels = numbers["labels"]!
            let points = zip(labels.indices, labels).map { row, label in
                JSON.array([
                    .number(numbers["inputs"]![2 * row]), .number(numbers["inputs"]![2 * row + 1]), .number(label),
                ])
            }
            let knobs = numbers.keys.filter { $0.hasPrefix("knob ") }.sorted().map {
                JSON.Member(String($0.dropFirst(5)), .number(numbers[$0]![0]))
            }
            let trainer = try Trainer(
                Experiment(
                    json: JSON.object([
                        JSON.Member(
                            "data",
                            .object([
                                JSON.Member("dataset", .string("points")), JSON.Member("points", .array(points)),
                                JSON.Member("shuffle", .bool(false)), JSON.Member("trainFraction", .number(1)),
                                JSON.Member("task", .string("classification")),
                            ])),
                        JSON.Member("features", .array([.string("x1"), .string("x2")])),
                        JSON.Member("layers", try JSON(parsing: Self.layers)),
                        JSON.Member(
                            "training",
                            .object([
                                JSON.Member("optimizer", .object([JSON.Member(optimizer, .object(knobs))])),
                                JSON.Member("batchSize", .number(Double(labels.count))),
                            ])),
                    ])))
            var parameters = trainer.procedure.parameters
            for tensor in trainer.procedure.outline.tensors {
                for (index, value) in try #require(numbers["start \(tensor.name)"]).enumerated() {
                    parameters[tensor.offset + index] = Float(value)
                }
            }
            trainer.procedure.parameters = parameters
            return trainer
        }

        private static let layers = """
            [{"dense": {"units": 4, "activation": "prelu"}}, {"dense": {"units": 3, "activation": "prelu"}}]
            """
    }

    /// The norm of the difference over the norm of what was expected.
    private func relativeError(_ found: [Float], _ expected: [Double]) -> Double {
        func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        return norm(zip(found, expected).map { Double($0) - $1 }) / max(norm(expected), 1e-12)
    }

    private func restored(_ fixture: Fixture) throws -> Trainer {
        let path = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID()).safetensors").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(fixture.file).write(to: URL(filePath: path))
        let trainer = try fixture.trainer()
        try trainer.restore(Checkpoint(readingFrom: path))
        return trainer
    }

    @Test("There is a file for every optimizer, and one in double precision") func covers() {
        #expect(Set(Fixture.all.map(\.optimizer)) == Set(Catalogue.entries(.optimizer).map(\.id)))
        #expect(Set(Fixture.all.map(\.type)) == ["float32", "float64"])
    }

    @Test("Training goes on from a file that Python wrote as PyTorch goes on", arguments: Fixture.all)
    func reads(_ fixture: Fixture) throws {
        let trainer = try restored(fixture)
        #expect(trainer.procedure.step == 10 && trainer.procedure.epoch == 10)
        func compare(_ key: String, within tolerance: Double) throws {
            for tensor in trainer.procedure.outline.tensors {
                let found = Array(trainer.procedure.parameters[tensor.offset..<tensor.offset + tensor.count])
                let error = relativeError(found, try #require(fixture.numbers["\(key) \(tensor.name)"]))
                #expect(error <= tolerance, "\(fixture.testDescription): \(key) \(tensor.name)")
            }
        }
        try compare("saved", within: 1e-9)
        for step in 1...100 {
            _ = trainer.step()
            if step == 1 { try compare("step1", within: 1e-6) }
            if step == 10 { try compare("step10", within: 2e-6) }
            if step == 100 { try compare("step100", within: 1e-5) }
        }
    }

    @Test("A file holds PyTorch's tensors under the same names, in the same shapes and order", arguments: Fixture.all)
    func writes(_ fixture: Fixture) throws {
        let trainer = try fixture.trainer()
        for _ in 0..<10 { _ = trainer.step() }
        let ours = try Safetensors(trainer.checkpoint(for: "").file.bytes, path: "ours")
        let theirs = try Safetensors(fixture.file, path: "theirs")
        #expect(Set(ours.tensors.map(\.name)) == Set(theirs.tensors.map(\.name)))
        for tensor in theirs.tensors {
            let own = try #require(ours.tensors.first { $0.name == tensor.name })
            #expect(own.axes == tensor.axes, "\(tensor.name)")
            let error = relativeError(own.values, try #require(fixture.numbers["saved \(tensor.name)"]))
            // The state is made of gradients, sums whose rounding is large beside what is left of them.
            #expect(error <= (tensor.name.hasPrefix("optimizer.") ? 1e-5 : 2e-6), "\(tensor.name)")
        }
    }

    @Test("A restored state is written again to the bit", arguments: Fixture.all)
    func returns(_ fixture: Fixture) throws {
        let again = try Safetensors(restored(fixture).checkpoint(for: "").file.bytes, path: "again")
        for tensor in try Safetensors(fixture.file, path: "theirs").tensors {
            // It is written in single precision, whatever it was read from.
            let own = again.tensors.first { $0.name == tensor.name }
            #expect(own?.axes == tensor.axes && own?.values == tensor.values, "\(tensor.name)")
        }
    }

    @Test("The tensors' bytes follow each other without a gap, after a header of whole words, as the format asks")
    func layout() throws {
        let bytes = try #require(Fixture.all.last).trainer().checkpoint(for: "").file.bytes
        let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
        #expect(length % 8 == 0 && bytes[8] == UInt8(ascii: "{"))
        guard case .object(let members) = try JSON(parsing: String(decoding: bytes[8..<8 + length], as: UTF8.self))
        else {
            Issue.record("expected an object")
            return
        }
        var end = 0.0
        for member in members where member.key != "__metadata__" {
            guard case .array(let offsets)? = member.value["data_offsets"], case .number(let first) = offsets[0],
                case .number(let last) = offsets[1]
            else {
                Issue.record("\(member.key) has no offsets")
                continue
            }
            #expect(first == end && last > first, "\(member.key)")
            end = last
        }
        #expect(Int(end) == bytes.count - 8 - length)
    }
}
