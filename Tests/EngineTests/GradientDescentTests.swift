import Testing

@testable import Engine

@Suite struct GradientDescentTests {
    @Test("a 2-2-1 network learns xor") func learnsXor() throws {
        let network = classifier([dense(4, Choice("tanh"))])
        let descent = try GradientDescent(
            network: network, learning: LearningDescription(optimizer: Choice("sgd", ["learningRate": .real(0.3)])),
            train: xorSamples, test: noSamples, seed: 3)
        #expect(descent.evaluate().trainLoss > 0.2)
        for _ in 0..<2000 { _ = descent.advanceEpoch() }
        let result = descent.evaluate()
        #expect(result.trainLoss < 0.01)
        #expect(result.trainAccuracy == 1)
        #expect(result.testLoss == nil)
        #expect(result.confusion == ConfusionMatrix([[2, 0], [0, 2]]))
        #expect(descent.epoch == 2000)
        #expect(descent.step == 2000)
    }

    @Test("the same seed gives the same bits, another seed others") func repeats() throws {
        func run(_ seed: UInt64) throws -> [Float] {
            let descent = try GradientDescent(
                network: classifier([dense(5, Choice("relu")), dropout(0.3), dense(3, Choice("tanh"))]),
                learning: LearningDescription(optimizer: Choice("adam"), shuffle: true), train: points(37),
                test: noSamples, seed: seed)
            for _ in 0..<200 { _ = descent.advance() }
            return descent.parameters
        }
        #expect(try run(7) == run(7))
        #expect(try run(7) != run(8))
    }

    @Test("reset draws the same weights again and trains the same way") func resets() throws {
        let descent = try GradientDescent(
            network: classifier([dense(5, Choice("relu")), dropout(0.3)]),
            learning: LearningDescription(optimizer: Choice("rmsprop"), shuffle: true), train: points(37),
            test: noSamples, seed: 7)
        let start = descent.parameters
        for _ in 0..<50 { _ = descent.advance() }
        let end = descent.parameters
        descent.reset(seed: 7)
        #expect(descent.parameters == start)
        #expect(descent.step == 0 && descent.epoch == 0)
        for _ in 0..<50 { _ = descent.advance() }
        #expect(descent.parameters == end)
        #expect(end != start)
    }

    @Test("an epoch has ⌈n/b⌉ steps with short and ⌊n/b⌋ else", arguments: LastBatch.allCases)
    func countsSteps(_ lastBatch: LastBatch) throws {
        let descent = try GradientDescent(
            network: classifier([]), learning: LearningDescription(batchSize: 10, lastBatch: lastBatch),
            train: points(25), test: noSamples, seed: 1)
        let steps = lastBatch == .short ? 3 : 2
        #expect(descent.stepsPerEpoch == steps)
        for epoch in 1...4 {
            for _ in 1..<steps { #expect(descent.advance() == .stepped) }
            #expect(descent.advance() == .finishedEpoch)
            #expect(descent.epoch == epoch)
            #expect(descent.step == epoch * steps)
        }
    }

    @Test("a batch larger than the training set is the whole set", arguments: LastBatch.allCases)
    func wholeSet(_ lastBatch: LastBatch) throws {
        func run(_ size: Int) throws -> [Float] {
            let descent = try GradientDescent(
                network: classifier([dense(2, Choice("tanh"))]),
                learning: LearningDescription(batchSize: size, lastBatch: lastBatch), train: points(25),
                test: noSamples, seed: 1)
            #expect(descent.stepsPerEpoch == 1)
            for _ in 0..<10 { #expect(descent.advance() == .finishedEpoch) }
            return descent.parameters
        }
        #expect(try run(25) == run(1000))
    }

    @Test("a state goes on to the bit, under every optimizer", arguments: Catalogue.optimizers.map(\.entry.id))
    func restoresStates(_ optimizer: String) throws {
        func descent(_ seed: UInt64) throws -> GradientDescent {
            try GradientDescent(
                network: classifier([dense(5, Choice("prelu")), dropout(0.3)]),
                learning: LearningDescription(
                    optimizer: Choice(optimizer), schedule: Choice("exponential"), batchSize: 10, lastBatch: .carry,
                    shuffle: true, l1: 0.001), train: points(37), test: noSamples, seed: seed)
        }
        for steps in [0, 2, 3, 10] {
            let first = try descent(7)
            for _ in 0..<steps { _ = first.advance() }
            let second = try descent(99)
            _ = second.advance()
            try second.restore(first.state)
            #expect(second.state == first.state)
            for _ in 0..<20 { #expect(first.advance() == second.advance()) }
            #expect(first.state == second.state)
        }
    }

    @Test("weights without an optimizer's state begin with a fresh one") func restoresWeights() throws {
        func descent() throws -> GradientDescent {
            try GradientDescent(
                network: classifier([dense(3, Choice("tanh"))]),
                learning: LearningDescription(optimizer: Choice("adam")), train: points(40), test: noSamples, seed: 3)
        }
        let (trained, fresh) = (try descent(), try descent())
        let start = trained.state
        for _ in 0..<8 { _ = trained.advance() }
        var weights = start
        weights.slots = []
        weights.generators["optimizer"] = [500]
        try trained.restore(weights)
        for _ in 0..<8 { #expect(trained.advance() == fresh.advance()) }
        #expect(trained.parameters == fresh.parameters)
    }

    @Test("a state that does not fit is refused with what was expected") func refusesStates() throws {
        let descent = try GradientDescent(
            network: classifier([]), learning: LearningDescription(), train: points(12), test: noSamples, seed: 1)
        let good = descent.state
        func message(_ change: (inout TrainingState) -> Void) -> String {
            var state = good
            change(&state)
            do throws(EngineError) {
                try descent.restore(state)
                return "none"
            } catch {
                return error.description
            }
        }
        #expect(message { $0.parameters.removeLast() }.contains("expected 32 values, found 31"))
        #expect(
            message { $0.slots = [.init(name: "momentum", values: [])] }.contains("the optimizer sgd keeps no state"))
        #expect(message { $0.position = 12 }.contains("expected a place within 12"))
        #expect(message { $0.order = [1, 2] }.contains("12 training samples once"))
        #expect(message { $0.carriedCount = 3 }.contains("carried"))
        #expect(message { $0.generators["shuffle"] = [1] }.contains("expected 4 words, found 1"))
        #expect(descent.state == good)
    }

    @Test("a divergence stops training, and names step, layer and what to change") func diverges() throws {
        let descent = try GradientDescent(
            network: NetworkDescription(
                input: Shape(2), task: .regression, layers: [dense(4, Choice("relu")), dense(4, Choice("relu"))]),
            learning: LearningDescription(optimizer: Choice("sgd", ["learningRate": .real(1000)])),
            train: Samples(count: 4, inputs: [5, 6, -3, 5, 6, -6, 4, 4], labels: [9, -9, 5, 7]), test: noSamples,
            seed: 2)
        var result = TrainingProgress.stepped
        for _ in 0..<200 where result != .diverged { result = descent.advance() }
        #expect(result == .diverged)
        let divergence = try #require(descent.divergence)
        #expect(divergence.step == descent.step && descent.step > 0)
        #expect(descent.model.outline.tensors.contains { $0.name.hasPrefix(divergence.layer) })
        #expect(divergence.advice.contains("lower the learning rate (it is 1000) to 100 or less"))
        let frozen = descent.step
        #expect(descent.advance() == .diverged && descent.step == frozen)
        descent.reset(seed: 2)
        #expect(descent.divergence == nil && descent.advance() != .diverged)
    }

    @Test("settings change while training goes on, and the optimizer keeps its state") func appliesSettings() throws {
        let descent = try GradientDescent(
            network: classifier([dense(3, Choice("tanh"))]),
            learning: LearningDescription(optimizer: Choice("adam")), train: points(50), test: noSamples, seed: 1)
        for _ in 0..<7 { _ = descent.advance() }
        let before = descent.state
        try descent.apply(
            LearningDescription(optimizer: Choice("adam", ["learningRate": .real(0.5)]), batchSize: 20, l2: 0.1))
        #expect(descent.state == before)
        #expect(descent.scheduledRate == 0.5)
        _ = descent.advance()
        #expect(descent.epoch == 1 || descent.step == 8)
        try descent.apply(LearningDescription(optimizer: Choice("momentum")))
        #expect(descent.state.slots.map(\.name) == ["momentum"])
        #expect(descent.state.slots[0].values.allSatisfy { $0 == 0 })
        #expect(throws: EngineError.self) { try descent.apply(LearningDescription(batchSize: 0)) }
        #expect(descent.learning.optimizer == Choice("momentum"))
    }

    @Test("a changed network inherits what both shapes have") func inherits() throws {
        let small = try GradientDescent(
            network: classifier([dense(3, Choice("tanh"))]), learning: LearningDescription(), train: xorSamples,
            test: noSamples, seed: 1)
        let large = try GradientDescent(
            network: classifier([dense(2, Choice("relu")), dense(5, Choice("tanh"))]), learning: LearningDescription(),
            train: xorSamples, test: noSamples, seed: 2)
        let before = large.parameters
        large.inherit(small.parameters, from: small.model.outline, paths: ["layers.1": "layers.0", "output": "output"])
        func value(_ outline: Outline, _ flat: [Float], _ name: String, _ row: Int, _ column: Int) -> Float {
            let tensor = outline.tensors.first { $0.name == name }!
            return flat[tensor.offset + row * (tensor.axes.count > 1 ? tensor.axes[1] : 1) + column]
        }
        let (old, new) = (small.parameters, large.parameters)
        for row in 0..<3 {
            for column in 0..<2 {
                #expect(
                    value(large.model.outline, new, "layers.1.weight", row, column)
                        == value(small.model.outline, old, "layers.0.weight", row, column))
            }
            #expect(
                value(large.model.outline, new, "output.weight", 0, row)
                    == value(small.model.outline, old, "output.weight", 0, row)
            )
        }
        #expect(
            value(large.model.outline, new, "output.weight", 0, 4)
                == value(large.model.outline, before, "output.weight", 0, 4))
        #expect(
            value(large.model.outline, new, "layers.0.weight", 1, 1)
                == value(large.model.outline, before, "layers.0.weight", 1, 1))
    }
}
