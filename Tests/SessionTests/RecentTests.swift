import FoundationEssentials
import Testing

@testable import Session

@Suite("Recent experiments")
struct RecentTests {
    private func folder() -> RecentFolder {
        RecentFolder(FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID())/recent").path)
    }

    private func kept(_ experiment: Experiment = .standard, name: String = "playground") -> KeptExperiment {
        KeptExperiment(Session(experiment, name: name), loss: 0.25)
    }

    private func network(_ trainer: Trainer, _ keeper: ExperimentKeeper) -> GivenNetwork {
        .network(trainer.checkpoint(for: keeper.path))
    }

    @Test("one that was kept goes on where it was, under the name that it was opened by")
    func goesOn() throws {
        let folder = folder()
        let keeper = ExperimentKeeper(folder)
        let path = keeper.path
        let experiment = try Experiment.standard.setting("training.optimizer", to: .string("adam"))
        let trainer = try Trainer(experiment)
        for _ in 0..<3 { _ = trainer.epoch() }
        keeper.keep(kept(experiment), network(trainer, keeper), at: path)
        keeper.end(within: 20)
        let recent = try #require(folder.experiments().first)
        #expect(recent.path == path && recent.epoch == 3 && recent.loss == 0.25 && !recent.isOpen)
        let source = try ExperimentSource.open(path)
        #expect(source.name == "playground" && source.kept == path && source.saved == .standard)
        let session = Session(source)
        #expect(session.edited && session.experiment.json == experiment.json)
        let again = try Trainer(source.experiment, directory: source.directory)
        try again.restore(Checkpoint(readingFrom: try #require(source.weights)))
        _ = again.epoch()
        _ = trainer.epoch()
        #expect(again.procedure.state == trainer.procedure.state)
    }

    @Test("while the data are missing the weights of before stay")
    func missing() throws {
        let folder = folder()
        let keeper = ExperimentKeeper(folder)
        let path = keeper.path
        let trainer = try Trainer(.standard)
        keeper.keep(kept(), network(trainer, keeper), at: path)
        while !keeper.hasWritten { Doorbell().wait(seconds: 0.002) }
        keeper.keep(kept(try Experiment.standard.setting("title", to: .string("Other"))), .missing, at: path)
        keeper.end(within: 20)
        #expect(folder.experiments().map(\.title) == ["Other"])
        #expect(try Checkpoint(readingFrom: path).weights.count == trainer.procedure.outline.tensors.count)
    }

    @Test("an experiment without a network is opened as a document alone")
    func document() throws {
        let keeper = ExperimentKeeper(folder())
        keeper.keep(kept(), .tooLarge, at: keeper.path)
        keeper.end(within: 20)
        let source = try ExperimentSource.open(keeper.path)
        #expect(source.weights == nil && source.experiment == .standard)
    }

    @Test("two playgrounds keep theirs beside each other, and neither takes the other's")
    func several() throws {
        let folder = folder()
        let (first, second) = (ExperimentKeeper(folder), ExperimentKeeper(folder))
        let trainer = try Trainer(.standard)
        for keeper in [first, second] {
            keeper.keep(kept(), network(trainer, keeper), at: keeper.path)
            while !keeper.hasWritten { Doorbell().wait(seconds: 0.002) }
        }
        #expect(first.path != second.path)
        #expect(folder.experiments().map(\.isOpen) == [true, true])
        let path = first.path
        second.begin(path)
        #expect(second.path != path, "it is open elsewhere")
        first.end(within: 20)
        second.begin(path)
        #expect(second.path == path)
        second.end(within: 20)
        #expect(folder.experiments().map(\.isOpen) == [false, false])
    }

    @Test("the oldest go, those that are open and the newest stay, and nobody else can look into the folder")
    func tidy() throws {
        let folder = folder()
        var paths: [String] = []
        for number in 0..<RecentFolder.most + 3 {
            let keeper = ExperimentKeeper(folder)
            paths.append(keeper.path)
            keeper.keep(kept(name: "\(number)"), .tooLarge, at: keeper.path)
            keeper.end(within: 20)
        }
        #expect(folder.experiments().count == RecentFolder.most)
        #expect(!FileManager.default.fileExists(atPath: paths[0]))
        #expect(FileManager.default.fileExists(atPath: paths.last!))
        let mode = try #require(
            try FileManager.default.attributesOfItem(atPath: folder.path)[.posixPermissions] as? Int)
        #expect(mode & 0o077 == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.allSatisfy { $0.hasSuffix(".safetensors") }, "\(names)")
    }

    @Test("a folder that cannot be made is told, and nothing else happens")
    func unwritable() {
        let keeper = ExperimentKeeper(RecentFolder("/proc/nowhere/recent"))
        keeper.keep(kept(), .tooLarge, at: keeper.path)
        keeper.end(within: 20)
        #expect(keeper.takeFailure()?.kind == .unwritable)
        #expect(!keeper.hasWritten)
    }
}
