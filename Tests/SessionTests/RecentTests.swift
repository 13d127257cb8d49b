import FoundationEssentials
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@testable import Session

@Suite("Recent experiments")
struct RecentTests {
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    private func folder() -> RecentFolder { RecentFolder(temporary.file("recent")) }

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
        keeper.keep(kept(), .tooLarge(bytes: 1_000_000_000), at: keeper.path)
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
            keeper.keep(kept(name: "\(number)"), .tooLarge(bytes: 1_000_000_000), at: keeper.path)
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
        keeper.keep(kept(), .tooLarge(bytes: 1_000_000_000), at: keeper.path)
        keeper.end(within: 20)
        #expect(keeper.takeFailure()?.kind == .unwritable)
        #expect(!keeper.hasWritten)
    }

    @Test("what is opened one after the other while a file is written is all kept, and read again as it was left")
    func queue() throws {
        let folder = folder()
        let keeper = ExperimentKeeper(folder)
        let trainer = try Trainer(.standard)
        var paths: [String] = []
        for name in ["a", "b", "c", "d"] {
            paths.append(keeper.path)
            keeper.keep(kept(name: name), network(trainer, keeper), at: keeper.path)
            // Of one experiment the last state counts.
            keeper.keep(kept(name: name + "!"), network(trainer, keeper), at: keeper.path)
            keeper.begin()
        }
        keeper.wait(for: paths[3], within: 20)
        let names = try paths.map { try ExperimentSource.open($0).name }
        #expect(names == ["a!", "b!", "c!", "d!"])
        keeper.end(within: 20)
    }

    @Test("all of the state counts for the size, a replay memory and rivals too; what is too large is told")
    func size() throws {
        let (game, rivals) = (try Trainer(.open("catch")), try Trainer(.open("neighbours")))
        for _ in 0..<300 { _ = game.step() }
        rivals.fitRivals()
        for trainer in [game, rivals] {
            let bytes = trainer.checkpoint(for: "x").bytes
            #expect(bytes > trainer.procedure.leastStateBytes)
            if case .tooLarge(let found) = trainer.given(for: "x", most: bytes - 1) {
                #expect(found == bytes)
            } else {
                Issue.record("\(bytes) bytes are not too many")
            }
            if case .network = trainer.given(for: "x", most: bytes) {} else { Issue.record("\(bytes) bytes fit") }
        }
        let keeper = ExperimentKeeper(folder())
        keeper.keep(kept(), .tooLarge(bytes: 1_000_000_000), at: keeper.path)
        keeper.end(within: 20)
        #expect(keeper.takeFailure()?.message.contains("1 GB") == true && keeper.hasWritten)
    }

    @Test("where all are too large the weights of a large one go, and no small one makes place for it")
    func fairShare() throws {
        let folder = folder()
        let trainer = try Trainer(.standard)
        var paths: [String] = []
        for name in ["small", "large", "newest"] {
            let keeper = ExperimentKeeper(folder)
            paths.append(keeper.path)
            keeper.keep(kept(name: name), network(trainer, keeper), at: keeper.path)
            keeper.end(within: 20)
            // Longer by nothing but zeros, which take no place on the disk.
            if name == "large" { truncate(keeper.path, off_t(RecentFolder.mostBytes)) }
        }
        folder.tidy(keeping: paths[2])
        #expect(folder.experiments().map(\.path) == paths.reversed())
        let sources = try paths.map { try ExperimentSource.open($0) }
        #expect(sources.map { $0.weights != nil } == [true, false, true])
        #expect(sources[1].experiment == .standard && sources[1].name == "large")
    }

    @Test("a file that is cut off is told and left alone, and its document is never written without its weights")
    func damaged() throws {
        let folder = folder()
        let keeper = ExperimentKeeper(folder)
        let path = keeper.path
        keeper.keep(kept(), network(try Trainer(.standard), keeper), at: path)
        keeper.wait(for: path, within: 20)
        let whole = try #require(FileManager.default.contents(atPath: path))
        truncate(path, off_t(whole.count - 4))
        #expect(folder.experiments().isEmpty)
        #expect(folder.experimentsAndDamaged.map(\.isDamaged) == [true])
        keeper.keep(kept(), .missing, at: path)
        keeper.end(within: 20)
        #expect(keeper.takeFailure() != nil)
        #expect(FileManager.default.contents(atPath: path)?.count == whole.count - 4)
    }
}

extension Experiment {
    fileprivate static func open(_ preset: String) throws -> Experiment { try ExperimentSource.open(preset).experiment }
}
