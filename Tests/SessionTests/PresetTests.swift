import Datasets
import Engine
import Foundation
import Testing

@testable import Session

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes the presets' files as the program prints them, when asked to by RECORD=1.
private func record(_ preset: Preset) throws {
    guard getenv("RECORD") != nil else { return }
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let path = "/\(root)/Presets/\(preset.name).json"
    guard let file = fopen(path, "w") else { return }
    fputs(try Experiment(json: JSON(parsing: preset.text)).json.text() + "\n", file)
    fclose(file)
}

@Suite("Presets")
struct PresetTests {
    @Test("every preset comes back byte for byte", arguments: Preset.builtIn)
    func roundTrip(preset: Preset) throws {
        try record(preset)
        let experiment = try Experiment(json: JSON(parsing: preset.text))
        #expect(experiment.json.text() + "\n" == preset.text)
    }

    @Test("every preset is sound, has a title and a story, and trains", arguments: Preset.builtIn)
    func trains(preset: Preset) throws {
        let experiment = try Experiment(json: JSON(parsing: preset.text))
        try experiment.validate()
        #expect(!experiment.title.isEmpty && experiment.title.count <= 32)
        let sentences = experiment.story.split(separator: ".").count
        #expect((2...5).contains(sentences) && experiment.story.count <= 370, "\(experiment.story.count)")
        #expect(preset.summary.count <= 105 && preset.summary.hasSuffix("."), "\(preset.summary)")
        let folder = "/tmp/layercake-mnist-\(getpid())"
        if experiment.data.dataset.knobs["file"] != nil { try writeDigits(to: folder + "/mnist") }
        defer {
            if experiment.data.dataset.knobs["file"] != nil { try? FileManager.default.removeItem(atPath: folder) }
        }
        let run = try TrainingRun(experiment, directory: folder)
        for _ in 0..<3 { #expect(run.procedure.advance(steps: 1) != .diverged) }
        #expect(run.procedure.step == 3)
    }

    @Test("a user's preset is found by its name, and the built-in one of that name comes first")
    func named() throws {
        let folder = "/tmp/layercake-presets-\(getpid())"
        mkdir(folder, 0o700)
        defer {
            for name in ["mine.json", "xor.json"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        try SavedFile.write(#"{"title":"Mine"}"#, to: folder + "/mine.json")
        try SavedFile.write(#"{"title":"Mine too"}"#, to: folder + "/xor.json")
        let mine = try Preset.named("mine", in: folder)
        #expect(mine.title == "Mine" && mine.path == folder + "/mine.json")
        #expect(mine == Preset.userPresets(in: folder).first)
        #expect(try Preset.named("xor", in: folder).path == nil)
        for name in ["other", "", "../mine", ".mine"] {
            let error = #expect(throws: ExperimentError.self) { try Preset.named(name, in: folder) }
            #expect(error?.kind == .missing, "\(name)")
        }
        #expect(throws: ExperimentError.self) { try Preset.named("mine", in: nil) }
    }

    @Test("the menu lists every file of the folder once, in teaching order")
    func list() throws {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let files = TextFile.jsonFiles(in: root + "/Presets").map { String($0.dropLast(".json".count)) }
        #expect(Preset.builtIn.map(\.name).sorted() == files.sorted())
        #expect(Preset.builtIn[0].name == "playground")
        for name in files { #expect(name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" }, "\(name)") }
    }
}

extension Preset {
    /// The built-in presets whose data are in the program, and not in a file.
    static var withOwnData: [Preset] {
        builtIn.filter { (try? Experiment(json: JSON(parsing: $0.text)).data.dataset.knobs["file"]) == nil }
    }
}

/// An experiment in training.
struct TrainingRun {
    let procedure: any Procedure

    /// - Parameter directory: what a relative file is relative to; nil: the working folder.
    init(_ experiment: Experiment, directory: String? = nil) throws {
        let data = try prepare(experiment.data, features: experiment.features, directory: directory)
            .holding(experiment, directory: directory)
        var setup = TrainingSetup(
            network: experiment.network(for: data), learning: experiment.learning, train: data.train, test: data.test,
            seed: experiment.seed, environment: data.schema.environment)
        (setup.ranges, setup.pictures) = (data.featureRanges, data.pictures)
        procedure = try setup.procedure()
    }

    /// A preset, or the variant of its `compare` list whose title begins with `variant`.
    init(_ name: String, variant: String? = nil) throws { try self.init(Self.experiment(name, variant: variant)) }

    static func experiment(_ name: String, variant: String? = nil) throws -> Experiment {
        var experiment = try Experiment(json: JSON(parsing: Preset.named(name).text))
        if let variant {
            let found = try #require(experiment.compare.first { $0.title.hasPrefix(variant) })
            for member in found.set { experiment = try experiment.setting(member.key, to: member.value) }
        }
        return experiment
    }

    /// A preset, or a variant of it, after so many epochs, measured only then.
    /// - Parameters:
    ///   - seed: of the weights.
    ///   - dataSeed: nil: the same as of the weights.
    static func end(
        _ name: String, _ variant: String? = nil, seed: UInt64 = 1, dataSeed: UInt64? = nil, set: [String] = [],
        epochs: Int
    ) throws -> (evaluation: Evaluation, parameters: Int) {
        var experiment = try Self.experiment(name, variant: variant).setting(assignments: set)
        (experiment.seed, experiment.data.seed) = (seed, dataSeed ?? seed)
        (experiment.training.stop, experiment.training.evaluateEvery) = (Experiment.Stop(), epochs)
        let trainer = try Trainer(experiment)
        for _ in 0..<epochs { _ = trainer.epoch() }
        return (trainer.evaluate(), trainer.procedure.outline.parameterCount)
    }

    /// The evaluation after so many epochs more.
    func after(epochs: Int) -> Evaluation {
        for _ in 0..<epochs { _ = procedure.advanceEpoch() }
        return procedure.measure()
    }
}
