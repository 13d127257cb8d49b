import Datasets
import Engine
import Foundation

@testable import PlaygroundUI
@testable import Session

/// One kind of input: what is changed, and what reads it.
struct FuzzKind: Sendable {
    let name: String
    let seeds: [[UInt8]]
    /// Words of the format.
    var tokens: [String] = []
    /// The name that a message about it must contain; nil: it is no file.
    var file: String?
    /// Reads it and uses what was read.
    let run: @Sendable ([UInt8]) throws -> Void

    /// - Parameter folder: for files.
    static func all(in folder: String) throws -> [FuzzKind] {
        [
            document(folder), link, table(folder), steps(folder), prose(folder), picture(folder), idx(folder), formula,
            try checkpoint(folder),
            try resume(folder), configuration,
            assignment, axis, lesson,
        ]
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Writes an input as a file and hands its path on.
    private static func withFile(_ bytes: [UInt8], _ path: String, _ body: (String) throws -> Void) throws {
        try writeFile(bytes, to: path)
        defer { unlink(path) }
        try body(path)
    }

    /// Describes and trains an experiment, as far as it is small; a large one is planned.
    static func use(_ source: ExperimentSource) throws {
        var experiment = source.experiment
        let again = try Experiment(json: JSON(parsing: experiment.json.text()))
        guard again.json == experiment.json else { throw FuzzFailure(words: "does not read back as it was written") }
        _ = PlaygroundLink.link(for: experiment)
        if let knob = Datasets.entry(experiment.data.dataset.id)?.knob("samples"), case .integer = knob.kind {
            experiment.data.dataset.knobs["samples"] = .integer(20)
        }
        guard experiment.trainingBytes < 4 << 20, experiment.data.points.count < 1000 else { return }
        let small = ExperimentSource(name: source.name, experiment: experiment, directory: source.directory)
        _ = try ExperimentTable(small).text
        let trainer = try Trainer(experiment, directory: source.directory)
        for _ in 0..<3 { _ = trainer.step() }
        let snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 1, seconds: 1, message: nil, waits: true)
        var request = ViewRequest()
        request.boundary = ViewRequest.Size(columns: 6, rows: 4)
        _ = PictureMaker(samples: 64).makePicture(snapshot, request)
    }

    private static func document(_ folder: String) -> FuzzKind {
        FuzzKind(
            name: "document",
            seeds: Preset.builtIn.map { Array($0.text.utf8) } + FuzzSeeds.documents.map { Array($0.utf8) },
            tokens: FuzzSeeds.words, file: "layercake-fuzz.json"
        ) { bytes in
            try withFile(bytes, folder + "/layercake-fuzz.json") { path in
                let source = try ExperimentSource.open(path)
                try source.naming { try use(source) }
            }
        }
    }

    private static let link = FuzzKind(
        name: "link", seeds: FuzzSeeds.links.map { Array($0.utf8) },
        tokens: ["%23", "%26", "%3D", "%25", "&amp;", "https://", "https%3A%2F%2F", "?url=", "-3A__", "__;", "/v3/__"]
            + PlaygroundLink.controls.map { $0.0 + "=" }
    ) { bytes in
        let link = text(bytes)
        _ = PlaygroundLink.looksLikeLink(link)
        let experiment = try PlaygroundLink.experiment(from: link)
        try experiment.validate()
        guard case .success(let written) = PlaygroundLink.link(for: experiment) else { return }
        guard try PlaygroundLink.experiment(from: written) == experiment else {
            throw FuzzFailure(words: "does not come back from \(written)")
        }
    }

    private static let lesson = FuzzKind(
        name: "lesson", seeds: Course.builtIn.flatMap(\.lessons).compactMap { try? Array($0.source().utf8) },
        tokens: FuzzSeeds.words + ["steps", "goal", "question", "weights", "most", "least"], file: "layercake-fuzz.json"
    ) { bytes in
        let read = try Lesson(parsing: text(bytes), name: "layercake-fuzz.json")
        _ = LessonKeys.findings(of: read)
        for step in read.steps { _ = step.goals.map(\.words) }
    }

    private static func table(_ folder: String) -> FuzzKind {
        FuzzKind(
            name: "table", seeds: FuzzSeeds.tables,
            tokens: ["NA", "nan", "inf", "%", "$", "\"", "\"\"", "\r\n", "sep=;\n", "# ", ";", "\t"],
            file: "layercake-fuzz.csv"
        ) { bytes in
            try withFile(bytes, folder + "/layercake-fuzz.csv") { path in
                // The same input is always read in the same way.
                let missing = ["drop", "mean", "error"][bytes.count % 3]
                let data = try JSON(
                    parsing: #"{"data": {"dataset": "csv", "file": "layercake-fuzz.csv", "missing": "\#(missing)"}, "#
                        + #""layers": []}"#)
                let source = ExperimentSource(name: path, experiment: try Experiment(json: data), directory: folder)
                try source.naming { try use(source) }
            }
        }
    }

    /// A table whose rows are the steps of sequences.
    private static func steps(_ folder: String) -> FuzzKind {
        FuzzKind(
            name: "steps", seeds: FuzzSeeds.steps, tokens: ["NA", "nan", "\"", "\r\n", ";", "\n1,"],
            file: "layercake-fuzz.csv"
        ) { bytes in
            try withFile(bytes, folder + "/layercake-fuzz.csv") { path in
                let targets = ["sequence", "row"][bytes.count % 2]
                let data = try JSON(
                    parsing:
                        #"{"data": {"dataset": "csvSequences", "file": "layercake-fuzz.csv", "targets": "\#(targets)"}, "#
                        + #""layers": []}"#)
                let source = ExperimentSource(name: path, experiment: try Experiment(json: data), directory: folder)
                try source.naming { try use(source) }
            }
        }
    }

    /// A text whose next symbols are learned.
    private static func prose(_ folder: String) -> FuzzKind {
        FuzzKind(
            name: "prose", seeds: FuzzSeeds.prose.map { Array($0.utf8) }, tokens: ["ä", "𝄞", "\r\n", "\t", "'", " "],
            file: "layercake-fuzz.txt"
        ) { bytes in
            try withFile(bytes, folder + "/layercake-fuzz.txt") { path in
                let unit = ["character", "word"][bytes.count % 2]
                let data = try JSON(
                    parsing:
                        #"{"data": {"dataset": "text", "file": "layercake-fuzz.txt", "window": 4, "unit": "\#(unit)"}, "#
                        + #""layers": [{"embedding": {"size": 2}}]}"#)
                let source = ExperimentSource(name: path, experiment: try Experiment(json: data), directory: folder)
                try source.naming { try use(source) }
            }
        }
    }

    private static func picture(_ folder: String) -> FuzzKind {
        FuzzKind(name: "picture", seeds: FuzzSeeds.pictures, tokens: ["P5", "IHDR", "IDAT", "255"], file: "a.png") {
            bytes in
            let root = folder + "/layercake-fuzz-pictures"
            defer { try? FileManager.default.removeItem(atPath: root) }
            for name in ["a", "b"] {
                try FileManager.default.createDirectory(atPath: "\(root)/\(name)", withIntermediateDirectories: true)
            }
            try writeFile(bytes, to: root + "/a/a.png")
            try writeFile(Array("P5 1 1 255 x".utf8), to: root + "/b/b.pgm")
            let dataset = Choice("images", ["file": .text(root), "size": .integer(4)])
            _ = try prepare(DataDescription(dataset: dataset), features: [], directory: nil)
        }
    }

    private static func idx(_ folder: String) -> FuzzKind {
        FuzzKind(name: "idx", seeds: FuzzSeeds.idx, file: "layercake-fuzz-") { bytes in
            try withFile(bytes, folder + "/layercake-fuzz-images") { path in
                try withFile([0, 0, 8, 1, 0, 0, 0, 2, 0, 1], folder + "/layercake-fuzz-labels") { _ in
                    let dataset = Choice("idx", ["file": .text(path)])
                    _ = try prepare(DataDescription(dataset: dataset), features: [], directory: nil)
                }
            }
        }
    }

    private static let formula = FuzzKind(
        name: "formula", seeds: FuzzSeeds.formulas.map { Array($0.utf8) },
        tokens: ["sin(", "max(", "^", "²", "−", "|", "`x1`", "pi", "1e308", ",", "((((", "----"]
    ) { bytes in
        let formula = text(bytes)
        _ = featureTitle(formula)
        try checkFeature(formula, columns: ["x1", "x2"])
        var data = DataDescription(dataset: Choice("circle", ["samples": .integer(10)]))
        _ = try prepare(data, features: [formula], directory: nil)
        data.dataset = Choice("function", ["samples": .integer(10), "formula": .text(formula)])
        _ = try prepare(data, features: [], directory: nil)
        _ = try FormulaAndValues(formula + " x1=0.5 x2=-2").graph()
    }

    private static func checkpoint(_ folder: String) throws -> FuzzKind {
        let path = folder + "/layercake-fuzz.safetensors"
        var seeds: [[UInt8]] = []
        for optimizer in ["sgd", "adam"] {
            let trainer = try trained(optimizer)
            try trainer.checkpoint(for: path).write(to: path)
            seeds.append(try Array(Data(contentsOf: URL(filePath: path))))
        }
        return FuzzKind(
            name: "checkpoint", seeds: seeds,
            tokens: ["F16", "F64", "I64", "\"step\"", "layers.0.weight", "data_offsets"],
            file: "layercake-fuzz.safetensors"
        ) { bytes in
            try withFile(bytes, path) { path in
                let checkpoint = try Checkpoint(readingFrom: path)
                if let source = try? checkpoint.source(path: path) {
                    do { try use(source) } catch let failure as FuzzFailure { throw failure } catch {}
                }
                let trainer = try trained("adam")
                try trainer.restore(checkpoint)
                for _ in 0..<30 { _ = trainer.step() }
            }
        }
    }

    private static func trained(_ optimizer: String) throws -> Trainer {
        let trainer = try Trainer(
            Experiment.standard.setting(assignments: [
                "training.optimizer=\(optimizer)", "training.shuffle=true", "training.lastBatch=carry",
                "data.samples=20",
                "training.batchSize=3",
            ]))
        for _ in 0..<7 { _ = trainer.step() }
        return trainer
    }

    private static func resume(_ folder: String) throws -> FuzzKind {
        let path = folder + "/layercake-fuzz.sweep"
        let sweep = try Sweep(
            .standard, directory: nil, vary: ["layers.0.dense.units=1..4:4", "data.noise=0,5"], seeds: 2, epochs: 1)
        try? FileManager.default.removeItem(atPath: path)
        let file = try SweepFile.open(path, for: sweep).file
        let results = sweep.cells.indices.map {
            let losses: [String: Double?] = ["trainLoss": Double($0) / 7, "testLoss": $0 % 3 == 0 ? nil : 0.25]
            return ($0, Sweep.Result(losses.compactMapValues(\.self), diverged: $0 % 5 == 0))
        }
        try file.append(Array(sweep.cells.indices), results: Dictionary(uniqueKeysWithValues: results))
        let whole = try Array(Data(contentsOf: URL(filePath: path)))
        return FuzzKind(
            name: "resume", seeds: [whole, Array(whole.prefix(whole.count / 2))],
            tokens: ["\"values\"", "\"seed\"", "null", "\n", "{}", "\"sweep\":1"], file: "layercake-fuzz.sweep"
        ) { bytes in
            try withFile(bytes, path) { path in
                let finished = try SweepFile.open(path, for: sweep).finished
                _ = SweepReport(sweep, results: finished).csv
                _ = SweepReport(sweep, results: finished).json.text()
            }
        }
    }

    private static let configuration = FuzzKind(
        name: "configuration", seeds: FuzzSeeds.configurations.map { Array($0.utf8) },
        tokens: ["\"theme\"", "\"fps\"", "\"threads\"", "\"glyphs\"", "true", "null", "\"256\""]
    ) { bytes in _ = Configuration(parsing: text(bytes)) }

    private static let assignment = FuzzKind(
        name: "set", seeds: FuzzSeeds.assignments.map { Array($0.utf8) }, tokens: FuzzSeeds.words
    ) { bytes in
        let changed = try Experiment.standard.setting(assignments: [text(bytes)])
        try use(ExperimentSource(name: "", experiment: changed, directory: nil))
    }

    private static let axis = FuzzKind(
        name: "vary", seeds: FuzzSeeds.axes.map { Array($0.utf8) }, tokens: FuzzSeeds.words + ["..", ":log", ":5", ","]
    ) { bytes in
        let axis = try SweepAxis(parsing: text(bytes), for: .standard)
        guard axis.values.count <= 50 else { return }
        _ = try Sweep(.standard, directory: nil, vary: [text(bytes)], seeds: 1, epochs: 1)
    }
}
