import Foundation
import Testing

@Suite("train, describe and presets without a screen")
struct TrainTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(
        "mistakes end with the status of their kind and a message that says what to do",
        arguments: [
            (["train"], 64, "Usage"),
            (["train", "circle", "--epochs", "0"], 64, "--epochs: expected 1 to"),
            (["train", "circle", "--format", "xml"], 64, "xml"),
            (["train", "circle", "--threads", "0"], 64, "--threads"),
            (["train", "circle", "--set", "data.nois=3"], 64, "did you mean “noise”"),
            (["train", "circle", "--set", "layers.0.dense.units=1000000"], 64, "from 1 to 4096"),
            (["describe", "circle", "--set", "layers.9.dense.units=3"], 64, "layers.9"),
            (["train", "#dataset=nowhere"], 65, "nowhere"),
            (["train", "circl"], 66, "did you mean “circle”"),
            (["train", "/nowhere/x.json"], 66, "/nowhere/x.json"),
            (["train", "/"], 66, "folder"),
            (["train", "circle", "--epochs", "1", "--load", "/nowhere/x.safetensors"], 66, "/nowhere/x.safetensors"),
            (["train", "circle", "--epochs", "1", "--save", "/nowhere/x.safetensors"], 74, "/nowhere/x.safetensors"),
            (["train", "circle", "--epochs", "1", "--history", "/nowhere/x.csv"], 74, "/nowhere/x.csv"),
            (["presets", "circl"], 66, "circle"),
            (["train", "circle", "--save", ""], 64, "--save: expected the path of a file"),
            (["export", "circle", "--format", "dot", "--output", "-"], 64, "--output: expected the path of a file"),
            (["train", "circle", "--load", ""], 64, "--load: expected the path of a file"),
            (["train", "circle", "--history", ""], 64, "--history: expected the path of a file"),
            (["sweep", "circle", "--seeds", "2", "--resume", ""], 64, "--resume: expected the path of a file"),
        ] as [([String], Int, String)])
    func mistakes(arguments: [String], status: Int, part: String) throws {
        let result = try Program.run(arguments)
        #expect(Int(result.status) == status, "\(result.errors)")
        #expect(result.errors.contains(part), "\(result.errors)")
    }

    @Test(
        "a malformed file ends with 65, its place and what was expected",
        arguments: [
            ("", "it is empty"), ("{\"data\": {\"dataset\": \"circle\"}, \"layers\": [}", "1:44"),
            ("{\"data\": {\"dataset\": \"circle\"}}", "layers"),
            ("{\"data\": {\"dataset\": \"circle\"}, \"layers\": [], \"trainig\": {}}", "did you mean “training”"),
            (String(repeating: "[", count: 100_000), "nested"),
            ("{\"data\": {\"dataset\": \"circle\", \"samples\": 1e9}, \"layers\": []}", "data.samples"),
            ("{\"data\": {\"dataset\": \"csv\", \"file\": \"bad.csv\"}, \"layers\": []}", "bad.csv:3"),
        ] as [(String, String)])
    func malformed(text: String, part: String) throws {
        _ = try folder.write("a,b,class\n1,2,x\n3,y\n", as: "bad.csv")
        let path = try folder.write(text, as: "experiment.json")
        let result = try Program.run(["train", path, "--epochs", "1"])
        #expect(result.status == 65, "\(result.errors)")
        #expect(result.errors.contains(part), "\(result.errors)")
    }

    @Test("a file that becomes too large for its disk is an error, and what was there stays")
    func noRoom() throws {
        let path = try folder.write("what was there", as: "old.safetensors")
        let result = try Program.run(
            [
                "-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" train circle --epochs 1 --save \"$1\" >/dev/null",
                Program.path,
                path,
            ], executable: "/bin/sh")
        #expect(result.status == 74, "\(result.errors)")
        #expect(result.errors.contains("old.safetensors: cannot be written"), "\(result.errors)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "what was there")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["old.safetensors"])
    }

    @Test("what was printed before a file could not be written has arrived")
    func printedBeforeFailure() throws {
        let path = folder.path("w.safetensors")
        let result = try Program.run(
            ["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" train xor --epochs 1 --save \"$1\"", Program.path, path],
            executable: "/bin/sh")
        #expect(result.status == 74 && result.errors.contains("w.safetensors: cannot be written"), "\(result.errors)")
        #expect(result.output.hasPrefix("stopped: 1 epoch"), "\(result.output)")
    }

    @Test("weights that PyTorch wrote are loaded, and its own files are named with the way to convert them")
    func fromPyTorch() throws {
        // torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Tanh()), saved with safetensors in half precision.
        let header =
            #"{"0.bias":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"#
            + #""0.weight":{"dtype":"F16","shape":[1,2],"data_offsets":[2,6]},"#
            + #""2.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[6,14]}}"#
        let bytes: [UInt8] =
            [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + header.utf8 + [0, 0x38, 0, 0x3C, 0, 0xBC]
            + [UInt8](repeating: 0, count: 8)
        let path = folder.path("net.safetensors")
        try Data(bytes).write(to: URL(filePath: path))
        let saved = folder.path("own.safetensors")
        let result = try Program.run([
            "train", "gauss", "--set", "layers=[]", "--set", "training.optimizer.sgd.learningRate=1e-12", "--load",
            path,
            "--steps", "1", "--save", saved,
        ])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("left out") && result.errors.contains("2.num_batches_tracked"))
        // The weights 1 and −1 and the bias 0.5, which so small a step does not move far.
        let own = try Data(contentsOf: URL(filePath: saved))
        for value in [1, -1, 0.5] as [Float] {
            let pattern = withUnsafeBytes(of: value.bitPattern.littleEndian) { Data($0) }
            #expect(own.range(of: pattern) != nil, "\(value)")
        }
        let foreign = folder.path("net.pt")
        try Data(Array("PK\u{3}\u{4}".utf8) + Array("net/data.pkl".utf8)).write(to: URL(filePath: foreign))
        for arguments in [["train", foreign], ["train", "circle", "--load", foreign], ["describe", foreign]] {
            let refused = try Program.run(arguments)
            #expect(refused.status == 65 && refused.errors.contains("torch.load(\"net.pt\""), "\(refused.errors)")
        }
    }

    @Test("a data file that is not there ends with 66")
    func missingData() throws {
        let path = try folder.write(
            #"{"data": {"dataset": "csv", "file": "absent.csv"}, "layers": []}"#, as: "experiment.json")
        let result = try Program.run(["train", path])
        #expect(result.status == 66)
        #expect(result.errors.contains("absent.csv"))
    }

    @Test("json is one object with the experiment after --set and every figure")
    func json() throws {
        let result = try Program.run([
            "train", "circle", "--set", "data.noise=20", "--set", "training.optimizer.adam.learningRate=0.01",
            "--epochs", "7", "--seed", "5", "--format", "json", "--report-every", "2",
        ])
        #expect(result.status == 0)
        let object = try result.json()
        let keys = [
            "experiment", "epochs", "steps", "trainLoss", "testLoss", "trainAccuracy", "testAccuracy", "classes",
            "confusion", "classAccuracy", "trainR2", "testR2", "seconds", "stepsPerSecond", "parameters", "backend",
            "threads", "seed", "diverged", "stopReason",
        ]
        for key in keys { #expect(object[key] != nil, "\(key) is missing") }
        #expect(object["epochs"] as? Int == 7)
        #expect(object["steps"] as? Int == 175)
        #expect(object["seed"] as? Int == 5)
        #expect(object["diverged"] as? Bool == false)
        let experiment = try #require(object["experiment"] as? [String: Any])
        let optimizer = try #require((experiment["training"] as? [String: Any])?["optimizer"] as? [String: Any])
        #expect((optimizer["adam"] as? [String: Any])?["learningRate"] as? Double == 0.01)
        #expect(result.errors.split(separator: "\n").count == 3)
        // Every metric of the procedure, by its id.
        let metrics = try #require(object["metrics"] as? [String: Any])
        #expect(metrics.count >= 7 && metrics["trainR2"] is NSNull && metrics["regularization"] as? Double == 0)
        for key in ["trainLoss", "testLoss", "trainAccuracy", "testAccuracy"] {
            #expect(metrics[key] as? Double == object[key] as? Double && metrics[key] is Double, "\(key)")
        }
    }

    @Test("a regression has no accuracy, and without a test set there is no test loss")
    func nulls() throws {
        let object = try Program.run([
            "train", "sine-regression", "--epochs", "1", "--set", "data.trainFraction=1", "--format", "json",
        ]).json()
        #expect(object["testLoss"] is NSNull)
        #expect(object["trainAccuracy"] is NSNull)
        #expect(object["trainLoss"] is Double)
        for key in ["classes", "confusion", "classAccuracy", "testR2"] { #expect(object[key] is NSNull, "\(key)") }
        #expect(try #require(object["trainR2"] as? Double) < 1)
    }

    @Test("json tells classes apart, and so does text at the end")
    func classes() throws {
        let arguments = ["train", "spirals-softmax", "--epochs", "20", "--set", "data.arms=3"]
        let object = try Program.run(arguments + ["--format", "json"]).json()
        let confusion = try #require(object["confusion"] as? [[Int]])
        #expect((object["classes"] as? [String])?.count == 3 && confusion.count == 3)
        let all = confusion.flatMap(\.self).reduce(0, +)
        let accuracy = Double((0..<3).map { confusion[$0][$0] }.reduce(0, +)) / Double(all)
        #expect(abs(accuracy - (try #require(object["testAccuracy"] as? Double))) < 1e-9)
        let byClass = try #require(object["classAccuracy"] as? [Double])
        for (row, part) in zip(confusion, byClass) {
            #expect(row.contains { abs(Double($0) / Double(row.reduce(0, +)) - part) < 1e-9 })
        }
        #expect(object["trainR2"] is NSNull)
        let text = try Program.run(arguments).output
        #expect(text.contains("test samples by class (rows) and answer (columns):"))
        #expect(try Program.run(["train", "sine-regression", "--epochs", "2"]).output.contains("  R² "))
    }

    @Test("a run that diverges ends with 0, nulls for what is not finite, and its step")
    func diverged() throws {
        let result = try Program.run([
            "train", "playground", "--set", "training.optimizer.sgd.learningRate=1000", "--set",
            "layers.0.dense.activation=linear", "--set", "layers.1.dense.activation=linear", "--set",
            "output.activation=linear", "--epochs", "50", "--format", "json",
        ])
        #expect(result.status == 0)
        let object = try result.json()
        #expect(object["diverged"] as? Bool == true)
        #expect((object["divergedStep"] as? Int ?? 0) > 0)
        #expect(object["trainLoss"] is NSNull)
        #expect(!result.output.lowercased().contains("nan"))
    }

    @Test("jsonl prints a line for each report and one at the end")
    func jsonLines() throws {
        let lines = try Program.run([
            "train", "circle", "--epochs", "10", "--report-every", "5", "--format", "jsonl",
        ]).lines()
        #expect(lines.map { $0["epochs"] as? Int } == [5, 10, 10])
        #expect(lines.last?["stopReason"] as? String == "10 epochs")
    }

    @Test("the first limit reached ends a run, and the experiment's own stop counts without limits")
    func limits() throws {
        let steps = try Program.run([
            "train", "circle", "--epochs", "100", "--steps", "30", "--format", "json",
        ]).json()
        #expect(steps["steps"] as? Int == 30)
        let own = try Program.run(["train", "circle", "--set", "training.stop.epochs=3", "--format", "json"]).json()
        #expect(own["epochs"] as? Int == 3)
        let standard = try Program.run(["train", "perceptron-and", "--set", "training.stop={}", "--format", "json"])
        #expect(try standard.json()["epochs"] as? Int == 1000)
    }

    @Test("a run saved and loaded ends with the weights of an uninterrupted one, to the bit")
    func continued() throws {
        let (half, whole, joined) = (folder.path("half"), folder.path("whole"), folder.path("joined"))
        let source = ["train", "spiral", "--set", "training.optimizer=adam", "--set", "training.shuffle=true"]
        #expect(try Program.run(source + ["--epochs", "4", "--save", half]).status == 0)
        #expect(try Program.run(source + ["--epochs", "3", "--load", half, "--save", joined]).status == 0)
        #expect(try Program.run(source + ["--epochs", "7", "--save", whole]).status == 0)
        let (a, b) = (try Data(contentsOf: URL(filePath: joined)), try Data(contentsOf: URL(filePath: whole)))
        #expect(a == b)
        #expect(a.count > 193 * 4)
    }

    @Test("weights of another shape are an error that names the tensor and both shapes")
    func otherShape() throws {
        let file = folder.path("weights")
        _ = try Program.run(["train", "circle", "--epochs", "1", "--save", file])
        let result = try Program.run([
            "train", "circle", "--set", "layers.0.dense.units=5", "--epochs", "1", "--load", file,
        ])
        #expect(result.status == 65)
        #expect(result.errors.contains("layers.0.weight"))
        #expect(result.errors.contains("[5, 2]") && result.errors.contains("[4, 2]"), "\(result.errors)")
    }

    @Test(
        "what asks a run to end prints the result so far, saves, and ends with 128 and the signal's number",
        arguments: [SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGALRM, SIGUSR1, SIGUSR2])
    func interrupted(signal: Int32) throws {
        let file = folder.path("weights")
        let result = try Program.run(
            ["train", "spiral", "--seconds", "3600", "--format", "jsonl", "--report-every", "100", "--save", file]
        ) { Program.interrupt($0, signal) }
        #expect(result.status == 128 + signal)
        let last = try #require(try result.lines().last)
        #expect(last["stopReason"] as? String == "interrupted")
        #expect((last["seconds"] as? Double ?? 3600) < 3000)
        #expect(FileManager.default.fileExists(atPath: file))
    }

    @Test("the history is a table with a row for each evaluation")
    func history() throws {
        let file = folder.path("history.csv")
        _ = try Program.run(["train", "circle", "--epochs", "20", "--history", file])
        let rows = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        #expect(rows[0] == "epoch,step,trainLoss,testLoss,trainAccuracy,testAccuracy,trainR2,testR2,regularization")
        #expect(rows.count == 22)
        #expect(rows.last?.hasPrefix("20,500,") == true)
    }

    @Test("a preset, its file, a link and standard input give the same run")
    func sources() throws {
        let preset = try Program.run(["presets", "playground"])
        let file = try folder.write(preset.output, as: "playground.json")
        func loss(_ result: Program.Result) throws -> Double {
            try #require(try result.json()["testLoss"] as? Double)
        }
        let tail = ["--epochs", "20", "--format", "json"]
        let expected = try loss(Program.run(["train", "playground"] + tail))
        #expect(try loss(Program.run(["train", file] + tail)) == expected)
        #expect(try loss(Program.run(["train", "-"] + tail, input: preset.output)) == expected)
        let link = "https://playground.tensorflow.org/#dataset=circle&networkShape=4,2&seed=0.5"
        #expect(try Program.run(["train", link] + tail).status == 0)
        #expect(try Program.run(["train", String(link.drop { $0 != "#" })] + tail).status == 0)
    }

    @Test("--plot prints the plots without escape sequences when the output is no terminal")
    func plot() throws {
        let output = try Program.run(["train", "circle", "--epochs", "20", "--plot"]).output
        #expect(output.contains("Output") && output.contains("after tanh") && output.contains("Loss"))
        #expect(!output.contains("\u{1B}"))
    }

    @Test("describe tells shapes, parameters and settings")
    func describe() throws {
        let output = try Program.run(["describe", "circle", "--set", "layers.0.dense.units=7"]).output
        for part in ["dense 7", "21", "squaredError", "sgd", "circle", "total"] {
            #expect(output.contains(part), "\(part) is missing")
        }
    }

    @Test("the list of presets, a preset and the schema are printed")
    func presets() throws {
        #expect(try Program.run(["presets"]).output.split(separator: "\n").count >= 20)
        #expect(try Program.run(["presets", "spiral"]).json()["layers"] is [Any])
        #expect(try Program.run(["presets", "--schema"]).json()["$schema"] is String)
    }

    @Test(
        "a level that is no level is an error of every command, not a crash",
        arguments: ["train circle", "describe circle", "play circle", "bench mlp"])
    func level(command: String) throws {
        let arguments = command.split(separator: " ").map(String.init)
        let result = try Program.run(arguments, environment: ["LAYERCAKE_SIMD": "v9"])
        #expect(result.status == 64)
        #expect(result.errors.contains("LAYERCAKE_SIMD") && result.errors.contains("baseline"))
    }

    @Test("training comes to the same loss at every level that the processor has")
    func levels() throws {
        var losses: [String: Double] = [:]
        for level in ["baseline", "v3", "v4"] {
            let result = try Program.run(
                ["train", "spiral", "--epochs", "20", "--threads", "1", "--format", "json"],
                environment: ["LAYERCAKE_SIMD": level])
            if result.status == 64, result.errors.contains("has no \(level)") { continue }
            losses[level] = try #require(try result.json()["trainLoss"] as? Double, "\(level): \(result.errors)")
        }
        let plain = try #require(losses["baseline"])
        // 500 steps: each level rounds in another order and to the next number at most.
        for (level, loss) in losses { #expect(abs(loss - plain) <= 1e-6 * plain, "\(level)") }
    }

    @Test("play without a terminal says so and ends with 64")
    func noTerminal() throws {
        let result = try Program.run(["play"], environment: ["TERM": "xterm"])
        #expect(result.status == 64, "\(result.status) \(result.errors)")
        #expect(result.errors.contains("terminal"))
    }

    @Test("completion scripts are made for each shell", arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) throws {
        let result = try Program.run(["--generate-completion-script", shell])
        #expect(result.status == 0 && result.output.contains("layercake"))
    }

    @Test("what cannot be written is said before training, and a disk that is full after printing")
    func unwritable() throws {
        let start = Date()
        let result = try Program.run(["train", "circle", "--seconds", "60", "--history", "/nowhere/x.csv"])
        #expect(result.status == 74 && Date().timeIntervalSince(start) < 30)
        guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
        let line = "'\(Program.path)' train circle --epochs 3 --format jsonl > /dev/full"
        let full = try Program.run(["-c", line], executable: "/bin/sh")
        #expect(full.status == 74 && full.errors.contains("standard output"), "\(full.errors)")
    }

    @Test("reports come where the losses are measured, and the history ends where the run does")
    func evaluateEvery() throws {
        let history = folder.path("history.csv")
        let result = try Program.run([
            "train", "xor", "--set", "training.evaluateEvery=10", "--report-every", "5", "--epochs", "25",
            "--history", history,
        ])
        let epochs = result.output.split(separator: "\n").filter { $0.hasPrefix("epoch ") }
            .map { $0.split(separator: " ")[1] }
        #expect(epochs == ["10", "20", "25"], "the last line is the summary's")
        let rows = try String(contentsOfFile: history, encoding: .utf8).split(separator: "\n").dropFirst()
        #expect(rows.map { $0.split(separator: ",")[0] } == ["0", "10", "20", "25"])
    }

    @Test("a run by the clock ends in time with large steps too")
    func seconds() throws {
        let result = try Program.run([
            "train", "circle", "--seconds", "1", "--threads", "1", "--format", "json", "--set",
            #"layers=[{"dense":{"units":4096}},{"dense":{"units":2048}}]"#,
        ])
        let seconds = try #require(result.json()["seconds"] as? Double)
        // One step takes some tens of milliseconds; 64 of them took seconds.
        #expect(seconds >= 1 && seconds < 2, "\(seconds)")
    }

    @Test("rivals of values that are all equal have no R², which is said, and the network stands beside them")
    func equalValues() throws {
        let rows = (0..<20).map { "\($0),\($0 % 3),2.5" }.joined(separator: "\n")
        _ = try folder.write("a,b,y\n\(rows)\n", as: "equal.csv")
        let arguments = [
            "train", folder.path("equal.csv"), "--epochs", "1", "--set", "rivals=[\"linearRegression\",\"kNN\"]",
        ]
        let result = try Program.run(arguments)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("all training and test samples have one value, and no R²"))
        let lines = result.output.split(separator: "\n").map(String.init)
        for name in ["network", "linear", "k neighbours"] {
            let words = lines.first { $0.hasPrefix(name) }?.split(separator: " ").suffix(from: 1) ?? []
            #expect(words.filter { $0 == "–" }.count == 2, "\(name)\n\(result.output)")
        }
        let json = try Program.run(arguments + ["--format", "json"]).json()
        let rivals = try #require(json["rivals"] as? [[String: Any]])
        #expect(rivals.count == 2 && rivals.allSatisfy { $0["trainR2"] is NSNull && $0["testR2"] is NSNull })
    }
}
