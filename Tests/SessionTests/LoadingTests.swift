import Datasets
import Engine
import Foundation
import Testing

@testable import Session

/// A data file whose reader waits until the test writes it: a pipe.
final class SlowTable: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID().uuidString).csv").path
        try #require(mkfifo(path, 0o600) == 0)
    }

    /// Lets a reader that still waits see the end of the file.
    deinit {
        let descriptor = open(path, O_RDWR | O_NONBLOCK)
        unlink(path)
        if descriptor >= 0 { close(descriptor) }
    }

    /// Writes it to the reader, for whom it may wait.
    func write(rows: Int) throws {
        let text = "a,b,kind\n" + (0..<rows).map { "\($0),\($0 % 7),\($0 % 2 == 0 ? "x" : "y")\n" }.joined()
        try Data(text.utf8).write(to: URL(filePath: path), options: [])
    }

    func experiment() throws -> Experiment {
        try Experiment.standard.setting(assignments: [#"data={"dataset": "csv", "file": "\#(path)"}"#, "features=[]"])
    }
}

@Suite("Data that take their time")
struct LoadingTests {
    private func link(_ experiment: Experiment) -> TrainerLink {
        let link = TrainerLink(experiment: experiment, directory: nil, playing: false, threads: 1, onSnapshot: {})
        link.send(.setSpeed(nil))
        return link
    }

    /// Polls: how fast a machine is must not matter.
    private func wait(_ what: Comment, _ condition: () -> Bool) throws {
        let end = monotonicSeconds() + 20
        while !condition() {
            try #require(monotonicSeconds() < end, what)
            Doorbell().wait(seconds: 0.002)
        }
    }

    @Test("a table that is still being read is told of, and the trainer ends all the same")
    func end() throws {
        let table = try SlowTable()
        let link = link(try table.experiment())
        try wait("loading") { link.loading != nil }
        #expect(link.loading?.name.hasSuffix(".csv") == true && link.latest == nil)
        link.stop()
    }

    @Test("an edit cancels the reading of a table, and the network before it goes on as it was")
    func cancelled() throws {
        let link = link(.standard)
        link.send(.stepEpoch)
        try wait("an epoch") { link.latest?.epoch == 1 }
        let table = try SlowTable()
        link.send(.load(try table.experiment(), directory: nil, .withFittingWeights))
        try wait("loading") { link.loading != nil }
        #expect(link.latest?.epoch == 1)
        link.send(.load(.standard, directory: nil, .withFittingWeights))
        try wait("the network before") { link.loading == nil }
        #expect(link.latest?.epoch == 1 && link.failure == nil)
    }

    @Test("pause and speed are obeyed while a table is read; steps are done when it is there")
    func commands() throws {
        let table = try SlowTable()
        let link = link(try table.experiment())
        try wait("loading") { link.loading != nil }
        link.send(.stepEpoch)
        link.send(.setSpeed(5))
        #expect(throws: ExperimentError.self, "there are no weights yet") {
            try link.saveCheckpoint(to: "/dev/full")
        }
        try table.write(rows: 100)
        try wait("an epoch of the table") { link.latest?.epoch == 1 && link.loading == nil }
        #expect(link.latest?.data.classNames == ["x", "y"] && link.latest?.state == .paused)
    }

    @Test("weights for an experiment whose table cannot be read do not come into the network before it")
    func failed() throws {
        let link = link(.standard)
        link.send(.stepEpoch)
        try wait("an epoch") { link.latest?.epoch == 1 }
        let before = link.latest?.parameters
        let weights = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID()).safetensors").path
        defer { unlink(weights) }
        let other = try Trainer(.standard)
        for _ in 0..<5 { _ = other.epoch() }
        try other.checkpoint(for: weights).write(to: weights)
        let table = try SlowTable()
        link.send(.load(try table.experiment(), directory: nil, .fromTheStart))
        try wait("loading") { link.loading != nil }
        link.send(.loadCheckpoint(path: weights))
        try table.write(rows: 0)
        try wait("the failure") { link.failure != nil }
        link.send(.load(.standard, directory: nil, .withFittingWeights))
        try wait("the network before") { link.failure == nil }
        #expect(link.latest?.epoch == 1 && link.latest?.parameters == before)
        // Commands after the failure were meant for the network that did not come, too.
        link.send(.load(try table.experiment(), directory: "/nowhere", .fromTheStart))
        try wait("the failure") { link.failure != nil }
        link.send(.loadCheckpoint(path: weights))
        link.send(.reset)
        link.send(.setParameter(index: 0, value: 7))
        link.send(.stepEpoch)
        link.send(.load(.standard, directory: nil, .withFittingWeights))
        try wait("the network before") { link.failure == nil }
        #expect(link.latest?.epoch == 1 && link.latest?.parameters == before)
    }

    @Test("what is opened while something else is being read begins from its own weights")
    func opened() throws {
        let link = link(.standard)
        link.send(.stepEpoch)
        try wait("an epoch") { link.latest?.epoch == 1 }
        let table = try SlowTable()
        link.send(.load(try table.experiment(), directory: nil, .fromTheStart))
        try wait("loading") { link.loading != nil }
        // An edit of what never came.
        let edited = try Experiment.standard.setting("training.batchSize", to: .number(20))
        link.send(.load(edited, directory: nil, .withFittingWeights))
        try wait("the edited one") { link.latest?.experiment == edited }
        #expect(link.latest?.step == 0)
    }

    @Test("an edit waits for no table that has not been read", .timeLimit(.minutes(1)))
    func edits() throws {
        let table = try SlowTable()
        var session = Session(try table.experiment())
        for (path, value) in [("layers.0.dense.units", 7), ("training.batchSize", 20), ("data.trainFraction", 0.7)] {
            let effects = try session.reduce(.set(path: path, .number(value)))
            #expect(effects.count == 1 && session.experiment.value(at: path) == .number(value))
        }
    }

    @Test("a file that nobody writes to is opened on a thread of its own")
    func opening() throws {
        let table = try SlowTable()
        let opening = ExperimentOpening(table.path) {}
        #expect(opening.take(within: 0) == nil)
        let preset = ExperimentOpening("xor") {}
        guard case .experiment(let source) = try #require(preset.take(within: 60)).get() else {
            Issue.record("a preset is no file of weights")
            return
        }
        #expect(source.name == "xor")
    }
}
