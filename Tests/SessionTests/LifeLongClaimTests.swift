import Engine
import Testing

@testable import Session

@Suite("Tasks in turn")
struct LifeLongClaimTests {
    /// The accuracy on each task at the end of a preset's variant, from each of ten starts with data drawn anew.
    private static func accuracies(_ name: String, _ variant: String) throws -> [[Double]] {
        try (1...10).map { seed in
            var experiment = try TrainingRun.experiment(name, variant: variant)
            (experiment.seed, experiment.data.seed) = (UInt64(seed), UInt64(seed))
            // Measured only where it ends.
            experiment.training.evaluateEvery = try #require(experiment.training.stop.epochs)
            let trainer = try Trainer(experiment)
            while trainer.epoch() != .ended {}
            let measured = trainer.evaluate()
            return measured.metrics.filter { $0.plot == .task }.map { measured[$0.id]! }
        }
    }

    /// Whether at least nine of ten hold.
    private func mostly(_ starts: [[Double]], _ holds: ([Double]) -> Bool) {
        #expect(starts.count(where: holds) >= 9, "\(starts)")
    }

    @Test(
        "five digits unlearn five others; of ten classes only replay keeps them, of each task's five elastic weights too"
    )
    func lifeLong() throws {
        try mostly(Self.accuracies("life-long", "No remedy")) { $0[0] < 0.05 && $0[1] > 0.95 }
        try mostly(Self.accuracies("life-long", "Elastic weights")) { $0[0] < 0.7 && $0[1] > 0.93 }
        try mostly(Self.accuracies("life-long", "Replay")) { $0[0] > 0.83 && $0[1] > 0.95 }
        try mostly(Self.accuracies("life-long", "None, task known")) { $0[0] > 0.78 && $0[1] > 0.95 }
        try mostly(Self.accuracies("life-long", "Elastic, task known")) { $0[0] > 0.96 && $0[1] > 0.94 }
    }

    @Test("pixels in another order unlearn those before; elastic weights hold them at the last one's cost, replay too")
    func permuted() throws {
        try mostly(Self.accuracies("permuted", "No remedy")) { $0[0] < 0.65 && $0[2] > 0.9 }
        try mostly(Self.accuracies("permuted", "Elastic weights")) { $0[0] > 0.65 && $0[2] < 0.93 }
        try mostly(Self.accuracies("permuted", "Replay")) { $0[0] > 0.83 && $0[2] > 0.91 }
    }

    @Test(
        "a checkpoint goes on exactly where it was, in the middle of the second task", arguments: ["Elastic", "Replay"])
    func checkpoint(_ variant: String) throws {
        let experiment = try TrainingRun.experiment("permuted", variant: variant)
        let first = try Trainer(experiment)
        for _ in 0..<11 { _ = first.epoch() }
        for _ in 0..<7 { _ = first.step() }
        let second = try Trainer(experiment)
        try second.restore(Checkpoint(first.checkpoint(for: "a").file.bytes, path: "a"))
        #expect(first.procedure.state == second.procedure.state)
        for trainer in [first, second] { for _ in 0..<60 { _ = trainer.step() } }
        #expect(first.procedure.state == second.procedure.state)
    }

    @Test("another division of tasks starts again, another remedy changes live")
    func changes() throws {
        let experiment = try TrainingRun.experiment("life-long", variant: "No remedy")
        func reason(_ knob: String, _ value: JSON) throws -> String? {
            let changed = try experiment.setting("training.procedure.lifeLong.\(knob)", to: value)
            return Change.between(experiment, changed).resetReason(keepWeights: false)
        }
        #expect(try reason("division", .string("permutedInputs")) != nil)
        #expect(try reason("tasks", .number(5)) != nil && reason("answers", .string("task")) != nil)
        #expect(try reason("remedy", .string("replay")) == nil && reason("epochs", .number(5)) == nil)
    }
}
