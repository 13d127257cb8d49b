import Foundation
import Testing

@Suite("sweep without a screen")
struct SweepProgramTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let grid = [
        "sweep", "xor", "--vary", "layers.0.dense.units=1,3", "--vary",
        "training.optimizer.sgd.learningRate=0.01..0.1:2:log", "--seeds", "2", "--epochs", "3",
    ]

    @Test("json has the keys, and a cell for each combination and seed")
    func json() throws {
        let result = try Program.run(Self.grid + ["--format", "json"])
        #expect(result.status == 0, "\(result.errors)")
        let object = try result.json()
        #expect(object["keys"] as? [String] == ["layers.0.dense.units", "training.optimizer.sgd.learningRate"])
        let cells = try #require(object["cells"] as? [[String: Any]])
        #expect(cells.count == 8)
        #expect(
            cells.map { $0["values"] as? [Double] ?? [] }
                == [1, 1, 1, 1, 3, 3, 3, 3].enumerated().map { index, units in
                    [units, [0.01, 0.01, 0.1, 0.1][index % 4]]
                })
        let first = try Program.run([
            "train", "xor", "--set", "layers.0.dense.units=1", "--set",
            "training.optimizer.sgd.learningRate=0.01", "--epochs", "3", "--format", "json",
        ]).json()
        let loss = try #require(cells[0]["testLoss"] as? Double)
        #expect(abs(loss - (try #require(first["testLoss"] as? Double))) < 1e-5)
    }

    @Test("the table marks the best row, and the plot shows both keys and no colours in a file")
    func table() throws {
        let result = try Program.run(Self.grid + ["--plot"])
        #expect(result.status == 0)
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines[0].hasPrefix("units  learningRate  seeds"))
        #expect(lines.filter { $0.hasSuffix("best") }.count == 1)
        #expect(result.output.contains("test loss, median of 2 seeds") && !result.output.contains("\u{1B}"))
        let equal = try Program.run(["sweep", "xor", "--vary", "layers.0.dense.name=a,b", "--epochs", "1"])
        #expect(equal.status == 0 && !equal.output.contains("best"), "\(equal.output)")
        let curves = try Program.run([
            "sweep", "xor", "--vary", "layers.0.dense.units=1..6:6", "--epochs", "3", "--plot", "--format", "csv",
        ])
        #expect(curves.output.split(separator: "\n").count == 7, "standard output has the table alone")
        #expect(curves.errors.contains("units"))
    }

    @Test(
        "mistakes end with the status of their kind and a message that says what to do",
        arguments: [
            (["sweep", "xor"], 64, "--vary"), (["sweep", "xor", "--seeds", "0"], 64, "--seeds: expected 1"),
            (["sweep", "xor", "--vary", "data.nois=1,2"], 64, "noise"),
            (["sweep", "xor", "--vary", "data.noise=1..x:3"], 64, "LO..HI:N"),
            (["sweep", "xor", "--vary", "data.noise=1,2", "--epochs", "9000000000000000000"], 64, "--epochs"),
            (
                [
                    "sweep", "xor", "--vary", "data.noise=1,2", "--plot", "--vary", "seed=1,2", "--vary",
                    "data.seed=1,2",
                ], 64, "--plot"
            ),
            (["sweep", "nowhere", "--vary", "data.noise=1,2"], 66, "nowhere"),
            (
                ["sweep", "xor", "--vary", "data.noise=1,2", "--epochs", "1", "--resume", "/nowhere/x"], 74,
                "/nowhere/x"
            ),
        ] as [([String], Int, String)])
    func mistakes(arguments: [String], status: Int, part: String) throws {
        let result = try Program.run(arguments)
        #expect(Int(result.status) == status, "\(result.errors)")
        #expect(result.errors.contains(part), "\(result.errors)")
    }

    @Test("Ctrl-C prints and keeps what is finished, and the file is refused for another experiment")
    func interruption() throws {
        let file = folder.path("cells")
        let arguments = [
            "sweep", "xor", "--vary", "training.stop.epochs=2,1000000000", "--format", "json", "--resume", file,
        ]
        func lines() -> Int { (try? String(contentsOfFile: file, encoding: .utf8))?.split(separator: "\n").count ?? 0 }
        for _ in 0..<2 {
            let result = try Program.run(
                arguments,
                started: { Program.interrupt($0, SIGINT) { lines() == 2 } })
            #expect(result.status == 130, "\(result.errors)")
            #expect((try result.json()["cells"] as? [Any])?.count == 1)
            #expect(lines() == 2, "a header and the finished cell, once")
        }
        let other = try Program.run(
            ["sweep", "circle", "--vary", "training.stop.epochs=2,3", "--resume", file])
        #expect(other.status == 65 && other.errors.contains("another experiment"), "\(other.errors)")
    }
}
