import Engine
import Testing

@testable import Session

/// The figures in lessons' texts that no goal holds, reached as the lessons reach them.
@Suite("The lessons' texts are true")
struct LessonClaimTests {
    /// A step's network after so many epochs.
    private func trainer(_ name: String, _ step: Int, epochs: Int, _ change: [String] = []) throws -> Trainer {
        let entry = try #require(Course.builtIn.flatMap(\.lessons).first { $0.name == name })
        let experiment = try entry.read().steps[step - 1].experiment.setting(assignments: change)
        let trainer = try Trainer(experiment)
        for _ in 0..<epochs { _ = trainer.epoch() }
        return trainer
    }

    private func evaluation(_ name: String, _ step: Int, epochs: Int, _ change: [String] = []) throws -> Evaluation {
        try trainer(name, step, epochs: epochs, change).evaluate()
    }

    @Test("the delta rule rests at 0.153 on clouds that overlap, learns at 0.1, and at 0.126 on AND")
    func delta() throws {
        #expect(abs(try evaluation("neuron-delta", 2, epochs: 60).trainLoss - 0.153) < 0.0006)
        #expect(
            try evaluation("neuron-delta", 3, epochs: 60, ["training.optimizer.sgd.learningRate=0.1"]).trainLoss < 0.16)
        #expect(abs(try evaluation("neuron-delta", 4, epochs: 150).trainLoss - 0.126) < 0.0006)
        #expect(abs(try evaluation("neuron-xor", 4, epochs: 100).trainLoss - 0.5) < 0.003)
    }

    @Test("Rosenblatt's rule keeps its weights small on XOR, and comes back to where it was")
    func circle() throws {
        let trainer = try trainer("neuron-xor", 3, epochs: 50)
        var seen: [[Float]] = []
        for _ in 0..<60 {
            #expect(trainer.procedure.parameters.allSatisfy { abs($0) < 0.6 })
            seen.append(trainer.procedure.parameters.map { ($0 * 1000).rounded() })
            _ = trainer.epoch()
        }
        #expect(Set(seen).count < seen.count)
    }

    @Test("two hidden neurons leave 0.29 of the disc, three sigmoid layers do nothing in 200 epochs")
    func layers() throws {
        #expect(abs(try evaluation("layers-dimension", 2, epochs: 300).testLoss! - 0.29) < 0.006)
        #expect(abs(try evaluation("layers-activations", 2, epochs: 100).testLoss! - 0.51) < 0.006)
        #expect(abs(try evaluation("layers-activations", 4, epochs: 300).testLoss! - 0.31) < 0.006)
        let three = try evaluation(
            "layers-vanishing", 2, epochs: 200,
            [
                "layers=["
                    + Array(
                        repeating: #"{"dense":{"units":8,"activation":"sigmoid","initializer":"xavierUniform"}}"#,
                        count: 4
                    )
                    .joined(separator: ",") + "]"
            ])
        #expect(three.trainLoss > 0.49)
        #expect(try evaluation("layers-approximation", 2, epochs: 400, ["layers.0.dense.units=3"]).testLoss! > 0.025)
    }

    @Test("the network of 337 numbers ends at 0.001 and 0.41, with a thousand points it does not")
    func byHeart() throws {
        let trainer = try trainer("learning-overfitting", 2, epochs: 300)
        #expect(trainer.procedure.outline.parameterCount == 337)
        #expect(abs(trainer.evaluate().trainLoss - 0.001) < 0.0005 && abs(trainer.evaluate().testLoss! - 0.41) < 0.006)
        #expect(try evaluation("learning-dropout", 2, epochs: 300).testLoss! < 0.206)
        #expect(try evaluation("learning-momentum", 2, epochs: 15).trainLoss > 0.025)
    }

    @Test("of twelve seeds six learn XOR's clouds with three ReLU neurons, and all with eight")
    func luck() throws {
        func learned(_ step: Int) throws -> Int {
            try (1...12).count { try evaluation("exercises-start", step, epochs: 400, ["seed=\($0)"]).testLoss! < 0.02 }
        }
        #expect(try learned(1) == 6 && learned(2) == 12)
    }

    @Test("two tanh neurons end at 0.178 on noisy clouds; three ReLU layers of eight learn the spiral from most starts")
    func exercises() throws {
        let two = try evaluation("exercises-small", 2, epochs: 300, [#"layers=[{"dense":{"units":2}}]"#])
        #expect(abs(two.testLoss! - 0.178) < 0.0006)
        let layers =
            "layers=["
            + Array(repeating: #"{"dense":{"units":8,"activation":"relu"}}"#, count: 3).joined(separator: ",") + "]"
        let learned = try (1...8).count {
            try evaluation("exercises-spiral", 2, epochs: 500, [layers, "seed=\($0)"]).testLoss! <= 0.1
        }
        #expect(learned >= 5, "\(learned)")
    }
}
