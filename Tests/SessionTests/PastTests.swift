import Engine
import Testing

@testable import Session

/// A run that is looked at as it was.
@Suite("Moments before")
struct PastTests {
    /// A trainer with the parameters and metrics of each of its epochs.
    private final class Recorded {
        let trainer: Trainer
        var parameters: [[Float]]
        var evaluations: [Evaluation?]

        init(_ experiment: Experiment, _ moments: RunMoments = RunMoments()) throws {
            trainer = try Trainer(experiment)
            trainer.keepMoments(moments)
            parameters = [trainer.procedure.parameters]
            evaluations = [trainer.evaluation]
            trainer.play()
        }

        func train(_ epochs: Int) {
            for _ in 0..<epochs {
                _ = trainer.epoch()
                parameters.append(trainer.procedure.parameters)
                evaluations.append(trainer.evaluation)
            }
        }

        /// The moment at the end of an epoch.
        func past(_ epoch: Int, stepsPerSecond: Double = 1e9) throws -> Snapshot {
            try trainer.goBack(to: epoch, stepsPerSecond: stepsPerSecond)
            while let past = trainer.past, !past.isThere { past.advance(steps: 7) }
            return try #require(trainer.pastSnapshot(revision: 1, now: snapshot))
        }

        var snapshot: Snapshot {
            trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        }
    }

    private func run(_ settings: String...) throws -> Experiment {
        try Experiment.standard.setting(assignments: settings)
    }

    @Test("at kept moments and between them everything is as in a run that stopped there, bit for bit")
    func exact() throws {
        let experiment = try run(
            "training.optimizer=adam", "training.shuffle=true", "training.batchSize=7", "training.lastBatch=carry")
        let run = try Recorded(experiment, RunMoments(most: 8))
        run.train(60)
        #expect(run.trainer.moments!.moments.count <= 8)
        for epoch in [60, 3, 17, 18, 33, 0, 59, 32] {
            let then = try run.past(epoch)
            #expect(then.epoch == epoch && then.past?.tooLong == nil)
            #expect(then.parameters == run.parameters[epoch], "epoch \(epoch)")
            #expect(then.evaluation == run.evaluations[epoch])
            #expect(then.history == run.trainer.history)
        }
        #expect(run.trainer.procedure.epoch == 60 && run.trainer.procedure.parameters == run.parameters[60])
    }

    @Test("the pictures of a moment before are those of a run that stopped there")
    func pictures() throws {
        let run = try Recorded(.standard, RunMoments(most: 8))
        run.train(40)
        var request = ViewRequest()
        request.boundary = ViewRequest.Size(columns: 24, rows: 16)
        for epoch in [7, 32] {
            let stopped = try Trainer(.standard)
            for _ in 0..<epoch { _ = stopped.epoch() }
            let snapshot = stopped.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
            let then = try run.past(epoch)
            #expect(then.step == snapshot.step && then.parameters == snapshot.parameters)
            let (first, second) = (
                PictureMaker().makePicture(then, request), PictureMaker().makePicture(snapshot, request)
            )
            #expect(first.boundary != nil && first.boundary == second.boundary && first.mistakes == second.mistakes)
        }
    }

    @Test(
        "every kind of learning goes back exactly",
        arguments: ["denoising", "rbm-bars", "gan-line", "catch", "gridworld", "dropout", "recall-rnn-lstm-gru"])
    func procedures(preset: String) throws {
        let experiment = try ExperimentSource.open(preset).experiment
        let run = try Recorded(experiment, RunMoments(most: 4))
        run.train(7)
        for epoch in [5, 2, 3, 6] {
            let then = try run.past(epoch)
            #expect(then.epoch == epoch && then.parameters == run.parameters[epoch], "epoch \(epoch)")
        }
    }

    @Test("a change by hand is gone back over, with its words")
    func changes() throws {
        let run = try Recorded(try run("training.optimizer=momentum"), RunMoments(most: 12))
        run.train(10)
        let faster = try run.trainer.experiment.setting("training.optimizer.momentum.learningRate", to: .number(0.1))
        try run.trainer.load(faster, directory: nil, .withFittingWeights)
        run.train(10)
        run.trainer.setParameter(0, to: 0.5)
        run.parameters[20] = run.trainer.procedure.parameters
        run.train(10)
        for epoch in [4, 10, 13, 19, 27, 11, 30] {
            let then = try run.past(epoch)
            #expect(then.parameters == run.parameters[epoch], "epoch \(epoch)")
            let rate = then.experiment.value(at: "training.optimizer.momentum.learningRate")
            #expect(rate == .number(epoch > 10 || epoch == 10 ? 0.1 : 0.03))
        }
        #expect(run.trainer.changes.map(\.epoch) == [10, 20])
        #expect(run.trainer.changes[0].words == "learning rate 0.03 → 0.1")
        #expect(run.trainer.changes[1].words.hasSuffix("→ 0.5"))
    }

    @Test("a run that goes on from a moment before has the bits of the run, and keeps its curve to there")
    func branch() throws {
        let run = try Recorded(try run("training.optimizer=adam"), RunMoments(most: 8))
        run.train(50)
        let whole = run.trainer.history
        _ = try run.past(21)
        run.trainer.goOnFromPast()
        #expect(run.trainer.procedure.epoch == 21 && run.trainer.history.points.last?.epoch == 21)
        run.trainer.play()
        for _ in 21..<50 { _ = run.trainer.epoch() }
        #expect(run.trainer.procedure.parameters == run.parameters[50])
        #expect(run.trainer.history.points == whole.points)
        // A series may hold values that are none, which equal nothing.
        #expect(run.trainer.history.csv == whole.csv)
        #expect(try run.past(11).parameters == run.parameters[11])
        #expect(try run.past(40).parameters == run.parameters[40])
    }

    @Test("where training again would take too long the nearest kept moment is shown, and the time is told")
    func tooLong() throws {
        let run = try Recorded(.standard, RunMoments(most: 8))
        run.train(64)
        let kept = run.trainer.moments!.moments.map(\.state.epoch)
        let wanted = try #require((0..<64).first { !kept.contains($0) })
        let then = try run.past(wanted, stepsPerSecond: 1)
        #expect(kept.contains(then.epoch) && abs(then.epoch - wanted) <= run.trainer.moments!.spacing)
        #expect(then.parameters == run.parameters[then.epoch])
        #expect(try #require(then.past?.tooLong) > 1)
    }

    @Test("a long run keeps no more moments than a short one, over all of it")
    func bounded() throws {
        let experiment = try run("data.dataset=and", "layers=[]", "training.evaluateEvery=1000")
        let run = try Trainer(experiment)
        run.keepMoments(RunMoments(mostBytes: 20_000, most: 64))
        run.play()
        var most = 0
        for _ in 0..<30_000 {
            _ = run.epoch()
            most = max(most, run.moments!.bytes)
        }
        let moments = run.moments!
        #expect(most <= 20_000 && moments.moments.count <= 64 && moments.moments.count > 16)
        #expect(moments.bytes == moments.moments.reduce(0) { $0 + $1.bytes })
        let epochs = moments.moments.map(\.state.epoch)
        #expect(epochs.first == 0 && epochs == epochs.sorted())
        #expect(zip(epochs, epochs.dropFirst()).allSatisfy { $1 - $0 <= 2 * moments.spacing })
    }

    @Test("many changes by hand do not fill the memory either")
    func manyChanges() throws {
        let run = try Trainer(.standard)
        run.keepMoments(RunMoments(most: 20))
        for change in 0..<200 {
            run.setParameter(change % 8, to: Float(change))
            _ = run.epoch()
        }
        #expect(run.moments!.moments.count <= 20 && run.moments!.stretches.count <= 21 && run.changes.count == 200)
    }

    @Test("data that moments before alone hold count, and go with these moments where they are too large")
    func data() throws {
        let experiment = try run("data.samples=2000")
        let run = try Trainer(experiment)
        let bytes = run.data.bytes
        run.keepMoments(RunMoments(mostBytes: 5 * bytes))
        let points = try #require(run.data.drawnPoints(most: 900))
        for count in 0..<12 {
            _ = run.epoch()
            var next = run.experiment
            next.data = next.data.drawn(points + Array(repeating: points[0], count: count))
            try run.load(next, directory: nil, .withFittingWeights)
            let moments = run.moments!
            #expect(moments.bytes + moments.oldDataBytes <= 5 * bytes)
            #expect(moments.oldDataBytes > 0 || count == 0)
        }
        #expect(run.generation == 1)
        // Ways back that are left show the data of then.
        let first = try #require(run.moments?.moments.first)
        #expect(first.state.epoch > 0)
        try run.goBack(to: first.state.epoch, stepsPerSecond: 1e9)
        let then = try #require(
            run.pastSnapshot(
                revision: 1, now: run.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)))
        #expect(then.data.train.count < run.data.train.count)
        // Data too large to be kept beside the present ones go at once.
        let large = try Trainer(experiment)
        large.keepMoments(RunMoments(mostBytes: bytes))
        _ = large.epoch()
        var next = experiment
        next.data = next.data.drawn(points)
        try large.load(next, directory: nil, .withFittingWeights)
        #expect(large.moments?.stretches.count == 1 && large.moments?.moments.count == 1)
    }

    @Test("on a device, where a moment waits for the steps under way, a second lies between two")
    func device() throws {
        let run = try Trainer(.standard)
        run.keepMoments()
        var moments = try #require(run.moments)
        #expect(moments.isDue(at: 1, onDevice: true, now: 10))
        _ = run.epoch()
        moments.note(run.procedure, onDevice: true, now: 10)
        #expect(!moments.isDue(at: 2, onDevice: true, now: 10.5))
        #expect(moments.isDue(at: 2, onDevice: true, now: 11) && moments.isDue(at: 2, now: 10.5))
    }

    @Test("a network of which two moments do not fit says so")
    func tooLarge() throws {
        let run = try Trainer(.standard)
        run.keepMoments(RunMoments(mostBytes: 100))
        for _ in 0..<5 { _ = run.epoch() }
        #expect(run.moments!.moments.isEmpty)
        #expect(throws: ExperimentError.self) { try run.goBack(to: 2, stepsPerSecond: 1e9) }
        #expect(run.moments!.refusal?.contains("two do not fit") == true)
    }

    @Test("the trainer's thread shows a moment, and the present stays where it is")
    func thread() throws {
        let link = TrainerLink(experiment: .standard, directory: nil, playing: false, threads: 1, onSnapshot: {})
        for _ in 0..<6 { link.send(.stepEpoch) }
        link.send(.goBack(epoch: 2))
        link.send(.goBack(epoch: 4))
        let end = monotonicSeconds() + 20
        while link.past?.epoch != 4, monotonicSeconds() < end { Doorbell().wait(seconds: 0.002) }
        #expect(link.past?.epoch == 4 && link.past?.past?.now == 6 && link.latest?.epoch == 6)
        link.send(.goOnFromPast)
        while link.latest?.epoch != 4, monotonicSeconds() < end { Doorbell().wait(seconds: 0.002) }
        #expect(link.latest?.epoch == 4 && link.past == nil)
    }
}
