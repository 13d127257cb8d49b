import Foundation
import Testing

@Suite("What comes from outside, in the real program")
struct OutsideTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Runs the program with at most so much address space.
    private func run(_ arguments: [String], kilobytes: Int, input: String) throws -> Program.Result {
        try Program.run(
            ["-c", "ulimit -v \(kilobytes); exec \"$@\"", "sh", Program.path] + arguments, executable: "/bin/sh",
            environment: ["OPENBLAS_NUM_THREADS": "1"], input: input)
    }

    @Test("a network that does not fit the memory is refused with the numbers, and described all the same")
    func memory() throws {
        let layer = #"{"dense": {"units": 4096}}"#
        let document =
            #"{"data": {"dataset": "circle"}, "layers": [\#(Array(repeating: layer, count: 500).joined(separator: ", "))]}"#
        #expect(document.utf8.count < 20_000)
        for arguments in [["train", "-", "--epochs", "1"], ["play", "-"], ["sweep", "-", "--seeds", "2"]] {
            let result = try run(arguments, kilobytes: 3_000_000, input: document)
            #expect(result.status == 65, "\(arguments): \(result.errors)")
            #expect(result.errors.contains("GB can be had (the process's limit on address space)"), "\(result.errors)")
        }
        let described = try run(["describe", "-"], kilobytes: 3_000_000, input: document)
        #expect(described.status == 0 && described.output.contains("GB"))
    }

    @Test("the header of a file of weights that does not fit the memory is refused")
    func header() throws {
        let header = #"{"a":["# + String(repeating: "0,", count: 20_000_000) + "0]}"
        var file = Data(withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) })
        file.append(contentsOf: header.utf8)
        let path = folder.path("w.safetensors")
        try file.write(to: URL(filePath: path))
        let result = try run(["describe", path], kilobytes: 1_000_000, input: "")
        #expect(result.status == 65 && result.errors.contains("reading this document would take"), "\(result.errors)")
    }

    @Test("features that do not fit the memory are refused")
    func features() throws {
        let features = (0..<20_000).map { "\"x1+\($0)\"" }.joined(separator: ",")
        let document = #"{"data": {"dataset": "circle", "samples": 100000}, "features": [\#(features)], "layers": []}"#
        let result = try run(["train", "-", "--epochs", "1"], kilobytes: 3_000_000, input: document)
        #expect(result.status == 65 && result.errors.contains("20000 features of 100000 rows"), "\(result.errors)")
    }

    @Test("numbers at the ends of the types end with 64 or 65")
    func numbers() throws {
        let weights = folder.path("w.safetensors")
        #expect(try Program.run(["train", "circle", "--epochs", "1", "--save", weights]).status == 0)
        let most = "9223372036854775807"
        for (arguments, status) in [
            (["train", "circle", "--load", weights, "--steps", most], 64), (["train", "circle", "--epochs", most], 64),
            (["train", "circle", "--load", weights, "--epochs", "1000000000000"], 64),
            (["train", "circle", "--report-every", most], 64),
            (["train", "circle", "--seed", "18446744073709551615"], 64),
            (["train", "circle", "--seconds", "inf"], 64), (["train", "circle", "--threads", most], 64),
            (["sweep", "circle", "--vary", "data.noise=-1e308..1e308:5"], 64),
            (["sweep", "circle", "--vary", "layers.0.dense.units=1..\(most):5"], 64),
            (["sweep", "circle", "--seeds", most], 64), (["sweep", "circle", "--seeds", "2", "--epochs", most], 64),
            (["bench", "mlp", "--batch", most], 64), (["bench", "--seconds", "1e308"], 64),
            (["play", "--fps", most], 64),
            (["train", "circle", "--epochs", "1", "--device", most], 64),
            (["train", "circle", "--set", "training.stop.steps=1e300"], 64),
            (["train", "#batchSize=1e300"], 65), (["train", "#seed=1e308&noise=-1e308"], 65),
        ] {
            let result = try Program.run(arguments)
            #expect(Int(result.status) == status, "\(arguments): \(result.errors)")
        }
    }

    @Test("no control character of an argument or a file reaches the terminal, and messages are short")
    func characters() throws {
        let evil = "\u{1B}[2J\u{9B}31m\u{202E}"
        let long = String(repeating: "x", count: 5000)
        let file = try folder.write(
            #"{"title": "a\u001b[31m\#(evil.dropFirst(4))b", "data": {"dataset": "circle"}, "layers": []}"#,
            as: "t\u{9B}.json")
        let broken = try folder.write("{\"\(long)\u{9B}\": }", as: "broken.json")
        for arguments in [
            ["train", evil], ["train", "--\(evil)"], ["train", "circle", "--epochs", evil], ["train", long],
            ["train", "circle", "--epochs", long], ["train", "circle", "--epochs=\(long)"], ["train", "#\(long)=1"],
            ["train", "#activation=\(evil)\(long)"], ["train", "circle", "--set", "\(long)=\(evil)"],
            ["train", "circle", "--set", "data.noise=\"\(evil)\(long)\""], ["train", broken],
            ["train", "circle", "--device", evil],
            ["sweep", "circle", "--vary", "\(evil)\(long)=1,2"], ["presets", evil], ["bench", evil],
            ["describe", file],
            ["train", "circle", "--load", "/nowhere/\(evil)"],
            ["train", "circle", "--epochs", "1", "--save", "/nowhere/\(evil)"],
        ] {
            let result = try Program.run(arguments)
            let text = result.output + result.errors
            let shown = text.unicodeScalars.filter { $0 != "\n" }
            #expect(
                shown.allSatisfy { $0.properties.generalCategory != .control && $0.value != 0x202E },
                "\(arguments.map { $0.prefix(20) }): \(text.debugDescription)")
            #expect(text.unicodeScalars.count < 3000, "\(arguments.map { $0.prefix(20) })")
            #expect(!text.contains(String(repeating: "x", count: 200)), "\(arguments.map { $0.prefix(20) })")
        }
        #expect(try Program.run(["train", broken]).errors.contains("broken.json"))
    }

    @Test("a mistake in a checkpoint names the file")
    func checkpoint() throws {
        let weights = folder.path("w.safetensors")
        #expect(try Program.run(["train", "circle", "--epochs", "1", "--save", weights]).status == 0)
        let result = try Program.run(["train", "xor", "--epochs", "1", "--load", weights])
        #expect(result.status == 0 || result.errors.contains("w.safetensors"), "\(result.errors)")
        let other = try Program.run(
            ["train", "circle", "--epochs", "1", "--load", weights, "--set", "layers.0.dense.units=7"])
        #expect(other.status == 65 && other.errors.contains("w.safetensors: layers.0.weight"), "\(other.errors)")
    }
}
