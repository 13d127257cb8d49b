import Engine
import Testing

@testable import Session

@Suite("Procedures of an experiment")
struct TrainerProcedureTests {
    @Test("the standard procedure is not written, another one is, with the settings that were set")
    func document() throws {
        #expect(Experiment.standard.json["training"]?["procedure"] == nil)
        let changed = try Experiment.standard.setting("training.procedure", to: .string("layerByLayer"))
        #expect(changed.json["training"]?["procedure"] == .string("layerByLayer"))
        let short = try changed.setting("training.procedure.layerByLayer.epochs", to: .number(3))
        #expect(short.training.procedure == Choice("layerByLayer", ["epochs": .integer(3)]))
        #expect(try Experiment(json: JSON(parsing: short.json.text())) == short)
        #expect(throws: ExperimentError.self) {
            try short.setting("training.procedure.layerByLayer.epochs", to: .number(0))
        }
    }

    @Test("another procedure starts again, its settings change live, and its metrics have curves of their own")
    func training() throws {
        let trainer = try Trainer(.standard)
        for _ in 0..<4 { _ = trainer.epoch() }
        #expect(trainer.history["trainedLayer"].isEmpty && trainer.history["trainLoss"].count == 5)
        let changed = try Experiment.standard.setting("training.procedure", to: .string("layerByLayer"))
        #expect(
            Change.between(.standard, changed).resetReason(keepWeights: false)
                == "another procedure: training starts again")
        try trainer.load(changed, directory: nil, .withFittingWeights)
        #expect(trainer.procedure.step == 0 && trainer.history.points.count == 1)
        let short = try changed.setting("training.procedure.layerByLayer.epochs", to: .number(1))
        #expect(Change.between(changed, short).resetReason(keepWeights: true) == nil)
        for _ in 0..<2 { _ = trainer.epoch() }
        try trainer.load(short, directory: nil, .withFittingWeights)
        #expect(trainer.procedure.epoch == 2)
        for _ in 0..<4 { _ = trainer.epoch() }
        // Turns of ten epochs, then of one: after the second epoch the third layer follows.
        #expect(trainer.history["trainedLayer"] == [1, 1, 1, 3, 1, 2, 3])
        let count = trainer.history.points.count
        #expect(trainer.history.metrics.allSatisfy { trainer.history[$0.id].count == count })
    }

    @Test("a checkpoint goes on exactly where it was, in the middle of a turn")
    func checkpoint() throws {
        var experiment = try Experiment.standard.setting("training.procedure", to: .string("layerByLayer"))
        experiment = try experiment.setting("training.procedure.layerByLayer.epochs", to: .number(2))
        let first = try Trainer(experiment)
        for _ in 0..<137 { _ = first.step() }
        let second = try Trainer(experiment)
        try second.restore(Checkpoint(first.checkpoint(for: "a").file.bytes, path: "a"))
        for trainer in [first, second] { for _ in 0..<60 { _ = trainer.step() } }
        #expect(first.procedure.state == second.procedure.state)
    }
}
