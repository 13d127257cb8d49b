import Engine
import Testing

@testable import Session

@Suite("Weights set by hand")
struct InitialValueTests {
    private func experiment(_ values: String) throws -> Experiment {
        try Experiment.standard.setting(assignments: ["layers=[]", "initial.values=\(values)"])
    }

    @Test("they are there at the start and after a reset, and the others are drawn as without them")
    func start() throws {
        let trainer = try Trainer(experiment(#"["output.weight 0.5 -2"]"#))
        let plain = try Trainer(experiment("[]"))
        let outline = trainer.procedure.outline
        let weight = try #require(outline.tensors.first { $0.name == "output.weight" })
        var expected = plain.procedure.parameters
        expected.replaceSubrange(weight.offset..<weight.offset + 2, with: [0.5, -2])
        #expect(trainer.procedure.parameters == expected)
        _ = trainer.epoch()
        #expect(trainer.procedure.parameters != expected)
        trainer.reset()
        #expect(trainer.procedure.parameters == expected)
    }

    @Test(
        "a tensor that is not there, another count and a text that is no number say what was expected",
        arguments: [
            (#"["output.weigth 1 2"]"#, "output.weight"), (#"["output.weight 1"]"#, "2 numbers"),
            (#"["output.weight 1 x"]"#, "output.bias -2"), (#"["output.weight"]"#, "output.bias -2"),
        ])
    func mistakes(values: String, words: String) throws {
        let error = #expect(throws: ExperimentError.self) { try experiment(values) }
        let message = error.map { "\($0.place): \($0.message)" } ?? ""
        #expect(message.contains("initial.values.0") && message.contains(words), "\(message)")
    }

    @Test("other numbers start the network again, from them")
    func change() throws {
        let trainer = try Trainer(experiment(#"["output.weight 1 1"]"#))
        _ = trainer.epoch()
        try trainer.load(experiment(#"["output.weight 3 4"]"#), directory: nil, .withFittingWeights)
        let weight = try #require(trainer.procedure.outline.tensors.first { $0.name == "output.weight" })
        #expect(Array(trainer.procedure.parameters[weight.offset..<weight.offset + 2]) == [3, 4])
        #expect(trainer.procedure.step == 0)
    }

    @Test(
        "McCulloch and Pitts: AND, OR, NAND and XOR by hand are right, and stay so",
        arguments: ["AND", "OR", "NAND", "XOR"])
    func mcCullochPitts(variant: String) throws {
        let trainer = try Trainer(TrainingRun.experiment("mcculloch-pitts", variant: variant))
        #expect(trainer.evaluate().trainAccuracy == 1)
        let before = trainer.procedure.parameters
        for _ in 0..<5 { _ = trainer.epoch() }
        #expect(trainer.procedure.parameters == before && trainer.evaluate().trainAccuracy == 1)
    }

    @Test("parameters that are drawn anew are others, with a fresh optimizer, and all else is as it was")
    func drawnAnew() throws {
        let trainer = try Trainer(Experiment.standard.setting("training.optimizer", to: .string("adam")))
        for _ in 0..<4 { _ = trainer.epoch() }
        let before = trainer.procedure.state
        let layer = trainer.procedure.outline.tensors[0]
        let indices = Array(layer.offset..<layer.offset + layer.count)
        trainer.reinitialize(indices, draw: 1)
        let after = trainer.procedure.state
        for index in before.parameters.indices {
            if indices.contains(index) {
                #expect(after.parameters[index] != before.parameters[index])
                #expect(after.slots.allSatisfy { $0.values[index] == 0 })
            } else {
                #expect(after.parameters[index] == before.parameters[index])
                #expect(zip(after.slots, before.slots).allSatisfy { $0.values[index] == $1.values[index] })
            }
        }
        #expect(after.step == before.step && after.epoch == before.epoch)
        let first = after.parameters
        trainer.reinitialize(indices, draw: 2)
        #expect(trainer.procedure.parameters != first, "each time others")
        #expect(trainer.changes.last?.words.contains("drawn anew") == true)
    }

    @Test(
        "a locked weight stays as it is while the others learn, live and from the start",
        arguments: ["sgd", "adam", "momentum"])
    func locked(optimizer: String) throws {
        let experiment = try Experiment.standard.setting("training.optimizer", to: .string(optimizer))
        let trainer = try Trainer(experiment)
        for _ in 0..<3 { _ = trainer.epoch() }
        let tensor = try #require(trainer.procedure.outline.tensors.first { $0.name == "layers.0.weight" })
        let before = trainer.procedure.parameters
        let locked = try experiment.setting("training.locked", to: .array([.string("layers.0.weight 3")]))
        try trainer.load(locked, directory: nil, .withFittingWeights)
        #expect(trainer.procedure.epoch == 3)
        for _ in 0..<5 { _ = trainer.epoch() }
        let after = trainer.procedure.parameters
        for index in tensor.offset..<tensor.offset + tensor.count {
            #expect((after[index] == before[index]) == (index == tensor.offset + 3), "\(index)")
        }
        try trainer.load(experiment, directory: nil, .withFittingWeights)
        _ = trainer.epoch()
        #expect(trainer.procedure.parameters[tensor.offset + 3] != before[tensor.offset + 3])
        let again = try Trainer(locked)
        let start = again.procedure.parameters[tensor.offset + 3]
        _ = again.epoch()
        #expect(again.procedure.parameters[tensor.offset + 3] == start)
        #expect(again.experiment.learning.deviceRefusal != nil)
    }

    @Test("a lock that is no name with an index is a mistake; one of a layer that is gone is left out")
    func lockMistakes() throws {
        let wrong = try Experiment.standard.setting("training.locked", to: .array([.string("weight")]))
        #expect(throws: ExperimentError.self) { try Trainer(wrong) }
        let gone = try Experiment.standard.setting("training.locked", to: .array([.string("layers.9.weight 0")]))
        _ = try Trainer(gone).epoch()
    }

    @Test("the weights of a thoughtful hand are better than those of training")
    func beatTheTraining() throws {
        let byHand = try TrainingRun.experiment("beat-the-training")
        #expect(try Trainer(byHand).evaluate().testLoss == 0.5)
        let good = try Trainer(byHand.setting("initial.values", to: .array([.string("output.weight 0 0 6")])))
        for _ in 0..<3 { _ = good.epoch() }
        let trained = try Trainer(TrainingRun.experiment("beat-the-training", variant: "Trained"))
        for _ in 0..<300 { _ = trained.epoch() }
        let (hand, training) = (try #require(good.evaluate().testLoss), try #require(trained.evaluate().testLoss))
        #expect(hand < training && training < 0.1, "\(hand) against \(training)")
    }
}
