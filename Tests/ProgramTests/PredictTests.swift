import Foundation
import Testing

@Suite("predict lets a trained network answer a table")
struct PredictTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Lines of CSV without quotes.
    private func cells(_ text: String) -> [[String]] {
        text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }

    /// Rows whose label follows from size, colour and wetness.
    private func animals() -> String {
        var rows = "size,colour,wet,kind\n"
        for number in 0..<60 {
            let colour = ["red", "green", "blue"][number % 3]
            let size = Double(number * 7 % 20) / 2
            let wet = number % 4 < 2
            rows += "\(size),\(colour),\(wet),\(colour == "blue" ? "fish" : wet ? "frog" : size > 5 ? "fox" : "ant")\n"
        }
        return rows
    }

    /// Trains on a table and saves the weights.
    private func trained(_ text: String, _ settings: [String] = []) throws -> (weights: String, report: [String: Any]) {
        _ = try folder.write(text, as: "train.csv")
        let document =
            #"{"data": {"dataset": "csv", "file": "train.csv", "trainFraction": 1},"#
            + #""layers": [{"dense": {"units": 12}}], "training": {"optimizer": {"adam": {"learningRate": 0.02}}}}"#
        let experiment = try folder.write(document, as: "experiment.json")
        let weights = folder.path("weights.safetensors")
        let run = try Program.run(
            ["train", experiment, "--epochs", "300", "--format", "json", "--save", weights]
                + settings.flatMap { ["--set", $0] })
        #expect(run.status == 0, "\(run.errors)")
        return (weights, try run.json())
    }

    @Test("the training table is answered as training measured it, without that table being there")
    func classes() throws {
        let (weights, report) = try trained(animals())
        try FileManager.default.removeItem(atPath: folder.path("train.csv"))
        let table = try folder.write(animals(), as: "asked.csv")
        let result = try Program.run(["predict", weights, table])
        #expect(result.status == 0, "\(result.errors)")
        let rows = cells(result.output)
        #expect(rows[0].prefix(6) == ["size", "colour", "wet", "kind", "prediction", "probability"])
        #expect(rows[0].suffix(4).sorted() == ["output=ant", "output=fish", "output=fox", "output=frog"])
        #expect(rows.count == 61 && rows.allSatisfy { $0.count == 10 })
        let right = rows.dropFirst().count { $0[3] == $0[4] }
        #expect(Double(right) / 60 == report["trainAccuracy"] as? Double && right > 50)
        for row in rows.dropFirst() {
            let outputs = row.suffix(4).compactMap(Double.init)
            #expect(abs(outputs.reduce(0, +) - 1) < 1e-5 && Double(row[5]) == outputs.max())
            #expect(rows[0][6 + outputs.firstIndex(of: outputs.max()!)!] == "output=" + row[4])
        }
    }

    @Test("columns are matched by name, the label need not be there, and other columns are passed on as they are")
    func otherTable() throws {
        let (weights, _) = try trained(animals())
        let whole = cells(try Program.run(["predict", weights, try folder.write(animals(), as: "a.csv")]).output)
        // Another order, separator and header; a colour never seen; a missing cell; a name that is taken.
        let asked = "wet;prediction;colour;size\ntrue;\"a;b\";red;0\nfalse;2,5;mauve;1\nyes;x;blue;NA\n"
        let result = try Program.run(["predict", weights, "-", "--format", "json"], input: asked)
        #expect(result.status == 0 && result.errors.contains("1 row has no answer"), "\(result.errors)")
        let rows = try #require(JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
        #expect(rows.count == 3)
        #expect(rows[0]["prediction"] as? String == "a;b" && rows[0]["colour"] as? String == "red")
        #expect(rows[0]["size"] as? Double == 0)
        let same = try #require(whole.first { $0.prefix(3) == ["0.0", "red", "true"] })
        #expect(rows[0]["prediction.2"] as? String == same[4])
        #expect(abs((try #require(rows[0]["probability"] as? Double)) - Double(same[5])!) < 1e-6)
        #expect(rows[1]["prediction.2"] is String && rows[2]["prediction.2"] is NSNull && rows[2]["size"] is String)
    }

    @Test("notes are on what the answers lack alone")
    func notes() throws {
        let (weights, _) = try trained(animals())
        let whole = try Program.run(["predict", weights, folder.path("train.csv")])
        #expect(whole.status == 0 && whole.errors.isEmpty, "\(whole.errors)")
        let other = try Program.run(
            ["predict", weights, "-"], input: "wet;extra;colour;size\ntrue;5;red;0\nfalse;7;red;inf\n")
        let notes = other.errors.split(separator: "\n")
        #expect(notes.count == 3 && notes.allSatisfy { $0.hasPrefix("layercake: standard input: ") }, "\(notes)")
        for part in [
            "“extra” is left out: the weights were trained without it", "1 cell is infinite", "1 row has no answer",
        ] {
            #expect(notes.contains { $0.contains(part) }, "\(part): \(notes)")
        }
    }

    @Test("a cell is a number in JSON only where its text stays")
    func cellsInJSON() throws {
        let (weights, _) = try trained(animals())
        let texts = ["01234", "9007199254740993", "+5", "1e400", "0x10", "nan"]
        let numbers: [(String, Double)] = [("7", 7), ("-2.5", -2.5), ("9007199254740992", 9_007_199_254_740_992)]
        let table =
            "code,size,colour,wet\n" + (texts + numbers.map(\.0)).map { "\($0),1,red,true\n" }.joined()
        let result = try Program.run(["predict", weights, "-", "--format", "json"], input: table)
        let rows = try #require(JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
        #expect(rows.prefix(texts.count).map { $0["code"] as? String } == texts, "\(result.output)")
        #expect(rows.dropFirst(texts.count).map { $0["code"] as? Double } == numbers.map(\.1), "\(result.output)")
    }

    @Test("cells steer no terminal, and stay as they are in a pipe")
    func controls() throws {
        let (weights, _) = try trained(animals())
        let row = "\u{1B}[31mred \u{9B}32m naïve,1,red,true"
        let table = try folder.write("name,size,colour,wet\n" + row + "\n", as: "asked.csv")
        let ascii = ["LC_ALL": "C"]
        for environment in [[:], ascii] {
            let csv = try Program.run(["predict", weights, table], environment: environment)
            #expect(csv.status == 0 && csv.output.contains("\n" + row + ","), "\(csv.output.debugDescription)")
        }
        let arguments = ["predict", weights, table, "--format", "json"]
        for (environment, isPlain) in [
            ([:], { $0 >= 0x20 && $0 != 0x7F && $0 != 0x9B }), (ascii, { 0x20..<0x7F ~= $0 }),
        ]
            as [([String: String], (UInt32) -> Bool)]
        {
            let json = try Program.run(arguments, environment: environment)
            #expect(json.output.unicodeScalars.allSatisfy { $0 == "\n" || isPlain($0.value) }, "\(json.output)")
            let rows = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
            #expect(rows.first?["name"] as? String == "\u{1B}[31mred \u{9B}32m naïve")
        }
        for (environment, part) in [([:], "␛[31mred �32m naïve,1,red,true,"), (ascii, "[31mred ")] {
            let terminal = try PseudoTerminal()
            try terminal.start(["predict", weights, table], environment: environment)
            #expect(terminal.end() == 0)
            #expect(terminal.shown.contains(part), "\(terminal.shown.debugDescription)")
            #expect(!terminal.shown.contains("\u{1B}") && !terminal.shown.contains("\u{9B}"))
            if !environment.isEmpty { #expect(terminal.shown.utf8.allSatisfy { $0 < 0x7F }) }
        }
    }

    @Test("missing cells have what stood in for them in training")
    func filled() throws {
        let (weights, _) = try trained(animals() + "NA,red,true,frog\n", ["data.missing=mean"])
        let result = try Program.run(["predict", weights, "-"], input: "size,colour,wet\n,red,true\n4.75,red,true\n")
        let rows = cells(result.output)
        #expect(rows.count == 3 && !rows[1][3].isEmpty && rows[1].count == 9, "\(result.output) \(result.errors)")
    }

    @Test("a regression answers in the label's own unit")
    func regression() throws {
        let rows = (0..<80).map { "\($0 % 9),\($0 / 9),\(1000 + 50 * ($0 % 9) - 30 * ($0 / 9) + $0 % 9 * ($0 / 9)).5" }
        let (weights, report) = try trained(
            "a,b,price\n" + rows.joined(separator: "\n") + "\n", ["data.task=regression"])
        let output = folder.path("answers.csv")
        let result = try Program.run(["predict", weights, folder.path("train.csv"), "--output", output])
        #expect(result.status == 0 && result.output.isEmpty, "\(result.errors)")
        let answers = cells(try String(contentsOfFile: output, encoding: .utf8))
        #expect(answers[0] == ["a", "b", "price", "prediction"])
        let pairs = answers.dropFirst().map { (Double($0[2])!, Double($0[3])!) }
        let mean = pairs.map(\.0).reduce(0, +) / Double(pairs.count)
        let total = pairs.map { ($0.0 - mean) * ($0.0 - mean) }.reduce(0, +)
        let r2 = 1 - pairs.map { ($0.0 - $0.1) * ($0.0 - $0.1) }.reduce(0, +) / total
        #expect(abs(r2 - (try #require(report["trainR2"] as? Double))) < 1e-4 && r2 > 0.9)
    }

    @Test("an experiment answers with --load, and points of a drawn dataset are a table too")
    func experiment() throws {
        let weights = folder.path("circle.safetensors")
        #expect(try Program.run(["train", "circle", "--epochs", "300", "--save", weights]).status == 0)
        let points = "x2,x1\n0,0\n5,1\n"
        let own = try Program.run(["predict", weights, "-"], input: points)
        let loaded = try Program.run(["predict", "circle", "-", "--load", weights], input: points)
        #expect(own.output == loaded.output && own.status == 0, "\(own.errors)\(loaded.errors)")
        let rows = cells(own.output)
        #expect(rows[0] == ["x2", "x1", "prediction", "output"])
        #expect(rows[1][2] == "+1" && rows[2][2] == "-1" || rows[1][2] != rows[2][2], "\(own.output)")
        #expect(Double(rows[1][3])! > 0.5 && Double(rows[2][3])! < -0.5)
    }

    @Test("mistakes are named with their place")
    func mistakes() throws {
        let (weights, _) = try trained(animals())
        let cases: [([String], String, Int32, [String])] = [
            (
                [weights, "-"], "size,color,wet\n1,red,true\n2,red,true\n", 65,
                ["colour", "did you mean", "standard input"]
            ),
            (
                [weights, "-"], "size,colour,wet\n1,red,true\nlarge,red,true\n3,red,true\n", 65,
                ["input:3", "size", "large"]
            ),
            (["circle", "-"], "x1,x2\n1,2\n", 64, ["--load"]),
            ([weights, folder.path("none.csv")], "", 66, ["none.csv"]),
            ([weights, "-", "--output", folder.path("no/x.csv")], "size,colour,wet\n1,red,true\n", 74, ["no/x.csv"]),
            ([weights, "-", "--output", ""], "size,colour,wet\n1,red,true\n", 64, ["--output"]),
        ]
        for (arguments, input, status, parts) in cases {
            let result = try Program.run(["predict"] + arguments, input: input)
            #expect(result.status == status, "\(arguments): \(result.errors)")
            for part in parts { #expect(result.errors.contains(part), "\(arguments): \(result.errors)") }
        }
    }
}
