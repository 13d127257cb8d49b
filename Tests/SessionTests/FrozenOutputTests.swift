import Engine
import Testing

@testable import Session

/// An output whose weights stay as they are.
@Suite struct FrozenOutputTests {
    private func experiment(_ layers: String, _ rest: String) throws -> Experiment {
        try Experiment(json: JSON(parsing: #"{"data":{"dataset":"circle"},"layers":[\#(layers)]\#(rest)}"#))
    }

    private let plain = #"{"dense":{"units":4}},{"dense":{"units":3}}"#

    private func values(_ trainer: Trainer, _ name: String) throws -> [Float] {
        let tensor = try #require(trainer.procedure.outline.tensors.first { $0.name == name })
        return Array(trainer.procedure.parameters[tensor.offset..<tensor.offset + tensor.count])
    }

    @Test(
        "the output is frozen live by its own setting, and by what is taken from another network",
        arguments: [#","output":{"frozen":true}"#, #","initial":{"preset":"xor","epochs":1,"freeze":["output"]}"#])
    func frozenOutput(_ rest: String) throws {
        let trainer = try Trainer(experiment(plain, rest))
        #expect(trainer.procedure.outline.layers.map(\.isFrozen) == [false, false, true])
        let (output, hidden) = (try values(trainer, "output.weight"), try values(trainer, "layers.0.weight"))
        for _ in 0..<20 { _ = trainer.step() }
        #expect(try values(trainer, "output.weight") == output)
        #expect(try values(trainer, "layers.0.weight") != hidden)
        let weights = trainer.procedure.parameters
        var thawed = trainer.experiment
        (thawed.output.isFrozen, thawed.initial.freeze) = (false, [])
        #expect(!Change.between(trainer.experiment, thawed).startsAgain)
        try trainer.load(thawed, directory: nil, .withNewWeights)
        #expect(trainer.procedure.parameters == weights && trainer.procedure.step == 20)
        _ = trainer.step()
        #expect(try values(trainer, "output.weight") != output)
    }

    @Test("a network of which nothing learns is refused, whichever procedure is to train it")
    func nothingLearns() throws {
        for procedure in ["supervised", "layerByLayer"] {
            let error = #expect(throws: ExperimentError.self) {
                _ = try Trainer(
                    experiment(
                        #"{"dense":{"frozen":true}}"#,
                        #","output":{"frozen":true},"training":{"procedure":"\#(procedure)"}"#))
            }
            #expect(error?.place == "output.frozen" && error?.message.contains("nothing learns") == true)
        }
    }
}
