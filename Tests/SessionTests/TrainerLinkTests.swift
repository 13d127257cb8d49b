import Engine
import Synchronization
import Testing

@testable import Session

@Suite("The trainer's thread")
struct TrainerLinkTests {
    private func link(
        playing: Bool = false, speed: Double? = nil, _ settings: String...
    ) throws -> TrainerLink {
        let experiment = try Experiment.standard.setting(assignments: settings)
        let link = TrainerLink(
            experiment: experiment, directory: nil, playing: playing, threads: 1, onSnapshot: {})
        link.send(.setSpeed(speed))
        return link
    }

    private func pause(_ seconds: Double) { Doorbell().wait(seconds: seconds) }

    /// Polls: how fast a machine is must not matter.
    @discardableResult
    private func wait(
        for link: TrainerLink, _ condition: (Snapshot) -> Bool, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Snapshot {
        let end = monotonicSeconds() + 20
        while monotonicSeconds() < end {
            if let snapshot = link.latest, condition(snapshot) { return snapshot }
            pause(0.002)
        }
        Issue.record("no such snapshot came: \(String(describing: link.latest?.state))", sourceLocation: sourceLocation)
        throw CancellationError()
    }

    @Test("paused, it publishes the network before training and does nothing")
    func paused() throws {
        let link = try link()
        let snapshot = try wait(for: link) { $0.state == .paused }
        pause(0.06)
        #expect(snapshot.step == 0)
        #expect(link.latest?.step == 0)
        #expect(snapshot.parameters.count >= 25)
    }

    @Test("a network that was too large to be kept is kept once it has shrunk, in the same run too")
    func shrunk() throws {
        let large = try Experiment.standard.setting("layers.0.dense.units", to: .number(200))
        let trainer = StillTrainer(large, directory: nil)
        func isGiven() -> Bool {
            let given = Mutex(false)
            trainer.perform(
                .giveNetwork(path: "/tmp/x", most: 4000) { network in
                    if case .network = network { given.withLock { $0 = true } }
                })
            return given.withLock { $0 }
        }
        #expect(!isGiven() && !isGiven())
        trainer.perform(.load(.standard, directory: nil, .withFittingWeights))
        #expect(isGiven())
    }

    @Test("an update walked through stays while the network is only read, and goes with the next step")
    func tracedUpdate() throws {
        let link = try link()
        link.send(.traceStep(sample: 0, turn: 0))
        try wait(for: link) { $0.stepTrace != nil }
        link.waitForCommands(seconds: 20)
        link.send(.setSpeed(2))
        link.send(.saveCheckpoint(path: "/nowhere/x.safetensors") { _ in })
        link.waitForCommands(seconds: 20)
        #expect(try wait(for: link) { $0.state == .paused }.stepTrace != nil)
        link.send(.stepBatch)
        #expect(try wait(for: link) { $0.step == 1 && $0.state == .paused }.stepTrace == nil)
    }

    @Test("a batch and an epoch are done once each, then it pauses")
    func steps() throws {
        let link = try link()
        link.send(.stepBatch)
        #expect(try wait(for: link) { $0.step > 0 && $0.state == .paused }.step == 1)
        link.send(.stepEpoch)
        let snapshot = try wait(for: link) { $0.epoch > 0 && $0.state == .paused }
        #expect(snapshot.epoch == 1 && snapshot.step == 25)
    }

    @Test("its steps are those of a trainer without a thread")
    func equal() throws {
        let link = try link()
        for _ in 0..<3 { link.send(.stepEpoch) }
        let snapshot = try wait(for: link) { $0.epoch == 3 && $0.state == .paused }
        let trainer = try Trainer(Experiment.standard)
        for _ in 0..<3 { _ = trainer.epoch() }
        #expect(snapshot.parameters == trainer.procedure.parameters)
    }

    @Test("at a set pace the epochs follow the clock; unlimited is faster")
    func pace() throws {
        let slow = try link(playing: true, speed: 20)
        try wait(for: slow) { $0.epoch >= 1 }
        let (first, start) = (slow.latest!.epoch, monotonicSeconds())
        pause(0.5)
        let done = slow.latest!.epoch - first
        let seconds = monotonicSeconds() - start
        #expect(Double(done) <= seconds * 20 + 3, "\(done) epochs in \(seconds) s")
        slow.send(.setSpeed(nil))
        try wait(for: slow) { $0.epoch > first + 2000 }
    }

    @Test("play and pause are obeyed at unlimited speed")
    func playPause() throws {
        let link = try link(playing: true)
        try wait(for: link) { $0.step > 100 }
        link.send(.pause)
        let paused = try wait(for: link) { $0.state == .paused }
        pause(0.05)
        #expect(link.latest?.step == paused.step)
        link.send(.play)
        try wait(for: link) { $0.step > paused.step }
    }

    @Test("reset brings the initial weights back, to the bit")
    func reset() throws {
        let link = try link()
        let start = try wait(for: link) { $0.state == .paused }
        link.send(.stepEpoch)
        try wait(for: link) { $0.epoch == 1 }
        link.send(.reset)
        let again = try wait(for: link) { $0.step == 0 && $0.generation != start.generation }
        #expect(again.parameters == start.parameters)
    }

    @Test("an experiment that cannot be trained is a failure in words, and the next one mends it")
    func failure() throws {
        let link = try link()
        try wait(for: link) { $0.state == .paused }
        let broken = try Experiment.standard.setting(assignments: [
            #"data={"dataset": "csv", "file": "/nowhere/absent.csv"}"#
        ])
        link.send(.load(broken, directory: nil, .withFittingWeights))
        let end = monotonicSeconds() + 20
        while link.failure == nil, monotonicSeconds() < end { pause(0.002) }
        #expect(link.failure?.contains("absent.csv") == true)
        link.send(.load(.standard, directory: nil, .withFittingWeights))
        while link.failure != nil, monotonicSeconds() < end { pause(0.002) }
        #expect(link.failure == nil && link.latest != nil)
    }

    @Test("a setting of the learning changes live")
    func live() throws {
        let link = try link()
        link.send(.stepEpoch)
        try wait(for: link) { $0.epoch == 1 }
        let changed = try Experiment.standard.setting(assignments: ["training.optimizer.sgd.learningRate=0.1"])
        link.send(.load(changed, directory: nil, .withFittingWeights))
        let snapshot = try wait(for: link) { $0.experiment == changed }
        #expect(snapshot.epoch == 1)
    }

    @Test("it ends within a batch, however fast it trains")
    func stop() throws {
        for _ in 0..<20 {
            let link = try link(playing: true)
            link.stop()
            link.stop()
        }
        let link = try link(playing: true)
        try wait(for: link) { $0.step > 1000 }
        link.stop()
        let last = link.latest?.step
        pause(0.03)
        #expect(link.latest?.step == last)
    }
}
