import AllocationCount
import Engine
import Testing

@testable import Session

struct TrainerTests {
    @Test("Reset gives the same weights and the same run again, to the bit")
    func reset() throws {
        let trainer = try Trainer(.standard)
        let start = trainer.procedure.parameters
        for _ in 0..<30 { _ = trainer.step() }
        let first = trainer.procedure.parameters
        trainer.reset()
        #expect(trainer.procedure.parameters == start && trainer.procedure.step == 0)
        for _ in 0..<30 { _ = trainer.step() }
        #expect(trainer.procedure.parameters == first && first != start)
    }

    @Test(
        "What is shown counts the steps and epochs of every procedure",
        arguments: Catalogue.entries(.procedure).map(\.id))
    func counts(procedure: String) throws {
        let presets = try Preset.builtIn.map { try Experiment(json: JSON(parsing: $0.text)) }
        let own = presets.first { $0.training.procedure.id == procedure }
        let game = try Experiment(json: JSON(parsing: Preset.named("catch").text))
        let base = Catalogue.learnsGames(Choice(procedure)) ? game : .standard
        let trainer = try Trainer(own ?? base.setting("training.procedure", to: .string(procedure)))
        trainer.play()
        for _ in 0..<10 { _ = trainer.step() }
        let shown = trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        #expect(shown.step == 10 && shown.step == trainer.procedure.step && shown.epoch == trainer.procedure.epoch)
    }

    @Test("After warm-up steps and epochs reserve no memory, but where the losses are measured")
    func allocatesNothing() throws {
        guard allocationCount() >= 0 else { return }
        let trainer = try Trainer(
            Experiment.standard.setting("training.evaluateEvery", to: .number(1000))
                .setting("training.shuffle", to: .bool(true)))
        trainer.play()
        for _ in 0..<60 { _ = trainer.step() }
        let before = allocationCount()
        for _ in 0..<200 { _ = trainer.step() }
        #expect(allocationCount() == before && trainer.procedure.epoch >= 8)
    }

    @Test("A learning rate changes while training goes on; the weights stay")
    func live() throws {
        let trainer = try Trainer(.standard)
        for _ in 0..<30 { _ = trainer.step() }
        let weights = trainer.procedure.parameters
        let faster = try Experiment.standard.setting("training.optimizer.sgd.learningRate", to: .number(0.1))
        try trainer.load(faster, directory: nil, .withFittingWeights)
        #expect(trainer.procedure.parameters == weights && trainer.procedure.step == 30)
        #expect(abs(trainer.procedure.scheduledRate - 0.1) < 1e-12)
    }

    @Test("Weights inside a block follow their layers, and another initializer draws new ones")
    func keepsInsideBlocks() throws {
        func values(_ trainer: Trainer, _ name: String) throws -> [Float] {
            let tensor = try #require(trainer.procedure.outline.tensors.first { $0.name == name })
            return Array(trainer.procedure.parameters[tensor.offset..<tensor.offset + tensor.count])
        }
        func block(_ body: String) throws -> Experiment {
            let inner = #"{"residual":{"body":[{"residual":{"body":[\#(body)]}}]}}"#
            let branches = #"{"branches":{"stacks":[[\#(inner)],[]]}}"#
            return try Experiment(
                json: JSON(parsing: #"{"data":{"dataset":"circle"},"layers":[{"dense":{"units":4}},\#(branches)]}"#))
        }
        let (tanh, relu) = (#"{"dense":{"units":4}}"#, #"{"dense":{"units":4,"activation":"relu"}}"#)
        let body = "layers.1.stacks.0.0.body.0.body"
        let trainer = try Trainer(block("\(tanh),\(relu)"))
        let (first, second) = (try values(trainer, "\(body).0.weight"), try values(trainer, "\(body).1.weight"))

        let sine = #"{"dense":{"units":4,"activation":"sin"}}"#
        try trainer.load(block("\(sine),\(tanh),\(relu)"), directory: nil, .withFittingWeights)
        #expect(try values(trainer, "\(body).1.weight") == first && values(trainer, "\(body).2.weight") == second)

        let zeros = #"{"dense":{"units":4,"activation":"relu","initializer":"zeros"}}"#
        try trainer.load(block("\"batchNorm\",\(tanh),\(zeros)"), directory: nil, .withFittingWeights)
        #expect(try values(trainer, "\(body).0.bias").allSatisfy { $0 == 0 })
        #expect(try values(trainer, "\(body).1.weight") == first)
        #expect(try values(trainer, "\(body).2.weight").allSatisfy { $0 == 0 })
    }

    @Test("A stop condition ends the run at the evaluation that meets it")
    func stops() throws {
        let trainer = try Trainer(Experiment.standard.setting("training.stop.epochs", to: .number(3)))
        trainer.play()
        var progress = Trainer.Progress.stepped
        while progress != .ended { progress = trainer.epoch() }
        #expect(trainer.procedure.epoch == 3)
        #expect(trainer.state == .finished("3 epochs"))
    }

    @Test("The history stays bounded and keeps its first and last points")
    func history() {
        var history = History(capacity: 64)
        for epoch in 0...10_000 {
            history.append(
                Evaluation(trainLoss: Double(epoch), testLoss: nil), epoch: epoch, step: epoch)
        }
        let losses = history["trainLoss"]
        #expect(losses == history.points.map { Float($0.epoch) })
        #expect(history["testLoss"].allSatisfy(\.isNaN) && history["testLoss"].count == losses.count)
        #expect(history["unknown"].isEmpty)
        #expect(history.points.count <= 65)
        #expect(history.points.first?.epoch == 0 && history.points.last?.epoch == 10_000)
    }
}
