import Foundation
import Testing

@Suite("export and gradcheck")
struct ExportProgramTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("text goes to standard output or a file, a script and its tensors beside each other")
    func files() throws {
        let dot = try Program.run(["export", "xor", "--format", "dot"])
        #expect(dot.status == 0 && dot.output.hasPrefix("digraph network {"), "\(dot.errors)")
        let path = folder.path("xor.py")
        let script = try Program.run(["export", "xor", "--format", "pytorch", "--output", path])
        #expect(script.status == 0 && script.output.isEmpty, "\(script.errors)")
        #expect(
            try String(contentsOfFile: path, encoding: .utf8).contains(
                "load_file(Path(__file__).with_name(\"xor-data.safetensors\"))"))
        #expect(FileManager.default.fileExists(atPath: folder.path("xor-data.safetensors")))
        let link = try Program.run(["export", "playground", "--format", "link"])
        #expect(link.output.hasPrefix("http") && link.output.contains("#activation="))
    }

    @Test("the file beside a script is written over where an earlier export wrote it, else it is left alone")
    func beside() throws {
        let (path, tensors) = (folder.path("own.py"), folder.path("own-data.safetensors"))
        let export = ["export", "xor", "--format", "pytorch", "--output", path]
        try "mine".write(toFile: tensors, atomically: true, encoding: .utf8)
        let refused = try Program.run(export)
        #expect(refused.status == 74 && refused.errors.contains(tensors), "\(refused.errors)")
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(try String(contentsOfFile: tensors, encoding: .utf8) == "mine")
        try FileManager.default.removeItem(atPath: tensors)
        for force in [[], ["--force"]] { #expect(try Program.run(export + force).status == 0) }
    }

    @Test(
        "refusals end with the status of their kind and the place",
        arguments: [
            (["catch", "--format", "pytorch", "--output", "x.py"], 65, "data:"),
            (["gan-line", "--format", "pytorch", "--output", "x.py"], 65, "training.procedure"),
            (["lenet", "--format", "link"], 65, "link cannot"), (["xor", "--format", "onnx"], 64, "--output"),
            (["xor", "--format", "torch"], 64, "pytorch"),
            (["xor", "--format", "dot", "--output", "x.svg"], 64, "end the name in .dot"),
            (["nothing", "--format", "dot"], 66, "nothing"),
            (["xor", "--format", "dot", "--output", "/nowhere/x.dot"], 74, "/nowhere"),
        ])
    func refusals(arguments: [String], status: Int32, words: String) throws {
        let result = try Program.run(["export"] + arguments)
        #expect(result.status == status && result.errors.contains(words), "\(result.status) \(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test("gradcheck prints a row for each tensor and ends with 0")
    func gradients() throws {
        let result = try Program.run(["gradcheck", "xor", "--samples", "4", "--entries", "5"])
        #expect(
            result.status == 0 && result.output.contains("layers.0.weight")
                && result.output.contains("all gradients are right"))
        let json = try Program.run(["gradcheck", "xor", "--format", "json", "--entries", "3"]).json()
        #expect(json["right"] as? Bool == true && (json["tensors"] as? [Any])?.isEmpty == false)
    }

    @Test("parts of a sweep are merged by the program, and an unknown surrounding is refused")
    func shards() throws {
        let grid = ["sweep", "xor", "--vary", "layers.0.dense.units=1,3", "--seeds", "2", "--epochs", "2"]
        for part in 0..<2 {
            let run = try Program.run(grid + ["--shard", "\(part)/2", "--resume", folder.path("cells.jsonl")])
            #expect(run.status == 0, "\(run.errors)")
        }
        let merged = try Program.run(
            [
                "sweep", "merge", folder.path("cells.0-of-2.jsonl"), folder.path("cells.1-of-2.jsonl"), "--format",
                "json",
            ]
                + ["--output", folder.path("all.jsonl")])
        let whole = try Program.run(grid + ["--format", "json"])
        #expect(merged.status == 0 && merged.output == whole.output, "\(merged.errors)")
        let file = folder.path("half")
        let half = try Program.run([
            "sweep", "merge", folder.path("cells.0-of-2.jsonl"), "--format", "json", "--output", file,
        ])
        #expect(half.status == 1 && half.errors.contains("2 of 4 cells are missing"), "\(half.errors)")
        #expect((try half.json()["cells"] as? [Any])?.count == 2)
        #expect(try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").count == 3)
        let watched = try Program.run(grid + ["--watch", folder.path(""), "--format", "json"])
        #expect(watched.output == whole.output, "\(watched.errors)")
        #expect(
            try Program.run(
                grid + ["--shard", "auto", "--resume", folder.path("x.jsonl")], environment: ["SLURM_PROCID": ""]
            ).status == 64)
        #expect(try Program.run(grid + ["--shard", "0/2"]).status == 64)
        #expect(try Program.run(["sweep", "merge"]).status == 64)
        let varied = try Program.run(["sweep", "merge", file, "--vary", "layers.0.dense.units=1,3"])
        #expect(varied.status == 64 && varied.errors.contains("the files say the rest"), "\(varied.errors)")
    }
}
