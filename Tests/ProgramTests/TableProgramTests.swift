import Foundation
import Testing

@Suite("tables, opened by the program as they are")
struct TableProgramTests {
    private let folder: TemporaryFolder
    private let flowers =
        "width,length,kind\n" + (0..<40).map { "\($0 % 8).5,\($0 % 5),\($0 % 8 < 4 ? "a" : "b")\n" }.joined()

    init() throws { folder = try TemporaryFolder() }

    @Test("a table is known by its content, whatever it is called, and learned by its last column")
    func opening() throws {
        for name in ["flowers.csv", "flowers", "flowers.json"] {
            let result = try Program.run([
                "train", try folder.write(flowers, as: name), "--epochs", "100", "--format", "json",
            ])
            #expect(result.status == 0, "\(result.errors)")
            #expect(try result.json()["trainAccuracy"] as? Double ?? 0 > 0.9)
        }
    }

    @Test("describe tells in JSON too what blocks hold")
    func blocks() throws {
        let branches = #"layers.1={"branches":{"stacks":[[],[{"residual":{"body":["batchNorm"]}}]]}}"#
        let json = try Program.run(["describe", "circle", "--set", branches, "--format", "json"]).json()
        func list(_ json: [String: Any]?, _ key: String) -> [[String: Any]] { json?[key] as? [[String: Any]] ?? [] }
        let stacks = list(list(json, "layers").dropFirst().first, "stacks")
        #expect(stacks.map { $0["name"] as? String } == ["stacks.0", "stacks.1"])
        #expect(list(stacks.first, "layers").isEmpty)
        let body = list(list(stacks.last, "layers").first, "stacks").first
        #expect(list(body, "layers").map { $0["title"] as? String } == ["batchNorm"])
    }

    @Test("describe shows every column with its kind, range and missing cells, and every guess")
    func describe() throws {
        let table = try folder.write("id,sex,age,y\n1,m,20,0\n2,f,30.5,1\n3,m,NA,0\n4,f,50,1\n", as: "t.csv")
        let text = try Program.run(["describe", table])
        #expect(text.status == 0, "\(text.errors)")
        for part in [
            "left out  it only counts the rows", "f, m", "20 to 50", "3 of 4, 1 row left out",
            "cells are separated by commas", "the first row is the header", "sex=m, age",
        ] { #expect(text.output.contains(part), "\(part)\n\(text.output)") }

        let json = try Program.run(["describe", table, "--format", "json", "--set", "data.missing=mean"]).json()
        let data = try #require(json["data"] as? [String: Any])
        #expect(data["rows"] as? Int == 4 && data["leftOut"] as? Int == 0)
        #expect(data["classes"] as? [String] == ["0", "1"] && data["features"] as? [String] == ["sex=m", "age"])
        let columns = try #require(data["columns"] as? [[String: Any]])
        #expect(columns.map { $0["name"] as? String } == ["id", "sex", "age", "y"])
        #expect(columns.map { $0["kind"] as? String } == ["leftOut", "category", "number", "label"])
        #expect(columns.map { $0["missing"] as? Int } == [0, 0, 1, 0])
        #expect(columns[0]["reason"] as? String == "it only counts the rows")
        #expect(json["parameters"] as? Int == 2 * 8 + 8 + 8 * 8 + 8 + 8 + 1)
        #expect((json["layers"] as? [Any])?.count == 3 && json["loss"] != nil && json["optimizer"] != nil)
        let preset = try Program.run(["describe", "circle", "--format", "json"]).json()
        #expect((preset["data"] as? [String: Any])?["rows"] as? Int == 500)
    }

    @Test("a table on standard input is learned, and written beside the weights that are saved")
    func standardInput() throws {
        let weights = folder.path("w.safetensors")
        let result = try Program.run(["train", "-", "--epochs", "3", "--save", weights], input: flowers)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try String(contentsOfFile: folder.path("w.csv"), encoding: .utf8) == flowers)
        let again = try Program.run(["train", weights, "--epochs", "1"])
        #expect(again.status == 0, "\(again.errors)")
        // Another table does not take its place.
        let other = try Program.run(
            ["train", "-", "--epochs", "3", "--save", weights], input: flowers + "9.5,1,b\n")
        #expect(other.status == 0, "\(other.errors)")
        #expect(try String(contentsOfFile: folder.path("w.csv"), encoding: .utf8) == flowers)
        #expect(FileManager.default.fileExists(atPath: folder.path("w-2.csv")))
        let experiment = #"{"data": {"dataset": "csv", "file": "-", "label": "width"}, "layers": []}"#
        let named = try Program.run(
            ["describe", try folder.write(experiment, as: "e.json"), "--format", "json"], input: flowers)
        #expect((try named.json()["data"] as? [String: Any])?["task"] as? String == "regression")
    }

    @Test("training and sweeps say on standard error what is left out of a table, and no other guess")
    func leftOut() throws {
        let table = try folder.write(
            "id,x,y\n" + (0..<40).map { "\($0),\($0 % 7 == 3 ? "NA" : "\($0 % 5)"),\($0 % 2)\n" }.joined(), as: "t.csv")
        for command in [["train", table, "--epochs", "1"], ["sweep", table, "--seeds", "2", "--epochs", "1"]] {
            let result = try Program.run(command)
            #expect(result.status == 0)
            #expect(
                result.errors.split(separator: "\n") == [
                    "layercake: t.csv: “id” is left out: it only counts the rows",
                    "layercake: t.csv: 6 rows left out: missing cells in “x” (data.missing = mean fills them)",
                ], "\(result.errors)")
        }
    }

    @Test("weights that go into a pipe leave no table beside it")
    func pipe() throws {
        let pipe = folder.path("w.pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        // Somebody must read.
        let reader = open(pipe, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        let result = try Program.run(["train", "-", "--epochs", "1", "--save", pipe], input: flowers)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["w.pipe"])
    }

    @Test("a table that cannot be written beside the weights does not keep these from being written")
    func noRoomForTable() throws {
        let weights = folder.path("w.safetensors")
        let (short, long) = ("a", String(repeating: "b", count: 100))
        let rows = (0..<4000).map { "\($0 % 8).5,\($0 % 5),\($0 % 8 < 4 ? short : long)\n" }.joined()
        let result = try Program.run(
            ["-c", "trap '' XFSZ; ulimit -f 80; exec \"$0\" train - --epochs 1 --save \"$1\"", Program.path, weights],
            executable: "/bin/sh", input: "width,length,kind\n" + rows)
        #expect(result.status == 74 && result.errors.contains("w.csv: cannot be written"), "\(result.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["w.safetensors"])
    }

    @Test("weights that are called like a table get the table beside them under another name")
    func weightsCalledTable() throws {
        let weights = folder.path("w.csv")
        let result = try Program.run(["train", "-", "--epochs", "1", "--save", weights], input: flowers)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try String(contentsOfFile: folder.path("w-2.csv"), encoding: .utf8) == flowers)
        #expect(try Program.run(["train", weights, "--epochs", "1"]).status == 0)
    }

    @Test("what is neither experiment nor weights nor table is said to be none of them")
    func neither() throws {
        for (text, part) in [
            ("just a line of words", "two rows"), ("words\nand more words\n", "two columns"), ("", "empty"),
            ("a\0b", "not text"), ("{\"data\": ", "1:10"),
        ] {
            let result = try Program.run(["describe", try folder.write(text, as: "thing")])
            #expect(result.status == 65 && result.errors.contains(part), "\(result.errors)")
        }
    }

    @Test("a sweep and the presets' settings work on a table")
    func sweep() throws {
        let table = try folder.write(flowers, as: "t.csv")
        let result = try Program.run([
            "sweep", table, "--vary", "layers.0.dense.units=2..4:2", "--set", "data.exclude=[\"length\"]", "--epochs",
            "3",
            "--seeds", "1", "--format", "json",
        ])
        #expect(result.status == 0, "\(result.errors)")
    }
}
