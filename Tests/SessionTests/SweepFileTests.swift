import Foundation
import Testing

@testable import Session

@Suite("The file of a sweep")
struct SweepFileTests {
    private let path = FileManager.default.temporaryDirectory.appending(path: "sweep-\(UUID().uuidString).jsonl").path

    private func sweep(_ vary: String = "layers.0.dense.units=1,2,3", epochs: Int? = 2, noise: Double = 0) throws
        -> Sweep
    {
        var experiment = Experiment.standard
        experiment.data.dataset.knobs["noise"] = .real(noise)
        return try Sweep(experiment, directory: nil, vary: [vary], seeds: 2, epochs: epochs)
    }

    private func mistake(_ sweep: Sweep, at path: String) -> ExperimentError? {
        do throws(ExperimentError) {
            _ = try SweepFile.open(path, for: sweep)
            return nil
        } catch { return error }
    }

    @Test("finished cells come back exactly, also in a larger grid")
    func goesOn() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let results: [Int: Sweep.Result] = [
            1: .init(trainLoss: 0.1 + 0.2, testLoss: 1e-17, diverged: false),
            4: .init(trainLoss: nil, testLoss: nil, diverged: true),
        ]
        do {
            let opened = try SweepFile.open(path, for: sweep())
            #expect(opened.finished.isEmpty)
            try opened.file.append([1], results: results)
            try opened.file.append([4], results: results)
        }
        #expect(try SweepFile.open(path, for: sweep()).finished == results)
        let larger = try SweepFile.open(path, for: sweep("layers.0.dense.units=9,1,2,3")).finished
        #expect(larger == [3: results[1]!, 6: results[4]!])
    }

    @Test("a line that was being written when the program ended is written again")
    func halfLine() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let result = Sweep.Result(trainLoss: 1, testLoss: 2, diverged: false)
        try SweepFile.open(path, for: sweep()).file.append([0], results: [0: result])
        let whole = try String(contentsOfFile: path, encoding: .utf8)
        try (whole + #"{"values":[1],"se"#).write(toFile: path, atomically: false, encoding: .utf8)
        let opened = try SweepFile.open(path, for: sweep())
        #expect(opened.finished == [0: result])
        try opened.file.append([1], results: [1: result])
        #expect(try SweepFile.results(in: path, for: sweep()) == [0: result, 1: result])
    }

    @Test("one sweep at a time writes to a file, others may read it")
    func twoWriters() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let result = Sweep.Result(trainLoss: 1, testLoss: 2, diverged: false)
        do {
            let first = try SweepFile.open(path, for: sweep()).file
            let refusal = mistake(try sweep(), at: path)
            #expect(refusal?.kind == .unwritable && refusal?.message.contains("another sweep writes to it") == true)
            try first.append([0], results: [0: result])
            #expect(try SweepFile.results(in: path, for: sweep()) == [0: result])
        }
        #expect(try SweepFile.open(path, for: sweep()).finished == [0: result])
    }

    @Test("a file in another encoding is refused and stays as it is: lines would be added in UTF-8")
    func otherEncoding() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try SweepFile.open(path, for: sweep()).file.append(
            [0], results: [0: Sweep.Result(trainLoss: 1, testLoss: 2, diverged: false)])
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.write(toFile: path, atomically: false, encoding: .utf16)
        let before = try Data(contentsOf: URL(filePath: path))
        #expect(before.count > text.utf8.count)
        #expect(mistake(try sweep(), at: path)?.message.contains("is compressed, or not UTF-8") == true)
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test("a file of another experiment, other keys or other epochs is refused and stays as it is")
    func another() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try SweepFile.open(path, for: sweep())
        let before = try String(contentsOfFile: path, encoding: .utf8)
        for (other, part) in [
            (try sweep(noise: 5), "data"), (try sweep("layers.1.dense.units=1,2"), "keys"),
            (try sweep(epochs: 3), "epochs"), (try sweep(epochs: nil), "epochs"),
        ] {
            let error = mistake(other, at: path)
            #expect(error?.kind == .malformed && error?.description.contains("its \(part)") == true)
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
    }

    @Test("the same file with other data is another experiment")
    func otherData() throws {
        let folder = FileManager.default.temporaryDirectory.path
        let name = "sweep-\(UUID().uuidString).csv"
        defer {
            try? FileManager.default.removeItem(atPath: path)
            try? FileManager.default.removeItem(atPath: folder + "/" + name)
        }
        func sweep(_ rows: String) throws -> Sweep {
            try rows.write(toFile: folder + "/" + name, atomically: false, encoding: .utf8)
            let text =
                "{\"data\": {\"dataset\": \"csv\", \"file\": \"\(name)\"}, \"layers\": [{\"dense\": {\"units\": 2}}]}"
            return try Sweep(
                Experiment(json: JSON(parsing: text)), directory: folder, vary: ["layers.0.dense.units=1,2"], seeds: 1,
                epochs: 2)
        }
        let first = try sweep("a,b,k\n1,2,x\n3,4,y\n")
        _ = try SweepFile.open(path, for: first)
        #expect(mistake(first, at: path) == nil)
        #expect(mistake(try sweep("a,b,k\n1,2,x\n3,5,y\n"), at: path)?.message.contains("other data") == true)
    }

    @Test("what differs in words and views alone is the same experiment")
    func words() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try SweepFile.open(path, for: sweep())
        var named = Experiment.standard
        named.data.dataset.knobs["noise"] = .real(0)
        named.title = "mine"
        named.view.logLoss = true
        let other = try Sweep(named, directory: nil, vary: ["layers.0.dense.units=1,2,3"], seeds: 2, epochs: 2)
        #expect(mistake(other, at: path) == nil)
    }

    @Test("a file that is no sweep's is refused, a broken line is named, and one that cannot be written too")
    func mistakes() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        for text in ["hello\n", "{}\n", "\n", "hello"] {
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            #expect(mistake(try sweep(), at: path)?.kind == .malformed)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        }
        try FileManager.default.removeItem(atPath: path)
        _ = try SweepFile.open(path, for: sweep())
        let header = try String(contentsOfFile: path, encoding: .utf8)
        try (header + "{\"values\": 3}\n").write(toFile: path, atomically: false, encoding: .utf8)
        #expect(mistake(try sweep(), at: path)?.place == "\(path):2")
        #expect(mistake(try sweep(), at: "/nowhere/x.jsonl")?.kind == .unwritable)
        #expect(mistake(try sweep(), at: "/")?.kind == .unwritable)
        #expect(mistake(try sweep(), at: "/dev/null")?.message.contains("no regular file") == true)
    }
}
