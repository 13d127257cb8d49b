import Testing

@testable import Engine

@Suite("Evaluation in the rows of the training's pass")
struct EvaluatorRowsTests {
    private func descent(_ layers: String, batchSize: Int, threads: Int = 1, continues: Bool = false) throws
        -> GradientDescent
    {
        var random = Random(seed: 4)
        let (count, steps, features) = (70, 24, 8)
        let samples = Samples(
            count: count, inputs: (0..<count * steps * features).map { _ in Float(random.uniform(-1, 1)) },
            labels: (0..<count * steps).map { Float($0 % 3) })
        return try GradientDescent(
            network: NetworkDescription(
                input: Shape(steps, features), task: .classification(classes: 3), layers: stack(layers),
                loss: Choice("softmaxCrossEntropy"),
                sequence: SequenceForm(targetSteps: steps, continues: continues)),
            learning: LearningDescription(optimizer: Choice("adam"), batchSize: batchSize, clipNorm: 1), train: samples,
            test: samples, seed: 3, threads: threads)
    }

    private static let large = "dropout:rate=0.2 lstm:units=48:returns=all gru:units=24:returns=all:bidirectional=true"

    @Test("a large network's losses are those that an evaluator with rows of its own finds", arguments: [20, 32, 70])
    func losses(batchSize: Int) throws {
        let descent = try descent(Self.large, batchSize: batchSize)
        for _ in 0..<7 { _ = descent.advance() }
        let own = try Evaluator(
            descent.model.plan, task: .classification(classes: 3), parameters: descent.model.parameterBlock,
            largestSet: descent.train.count)
        #expect(descent.evaluator.sharesRows && !own.sharesRows)
        let (shared, expected) = (descent.evaluator.evaluate(descent.test)!, own.evaluate(descent.test)!)
        #expect(abs(shared.loss - expected.loss) <= 1e-6 * expected.loss && shared.confusion == expected.confusion)
    }

    @Test("an evaluation between two steps leaves the bits of the training as they are", arguments: [1, 2])
    func training(threads: Int) throws {
        let (watched, alone) = (
            try descent(Self.large, batchSize: 32, threads: threads),
            try descent(Self.large, batchSize: 32, threads: threads)
        )
        for _ in 0..<8 {
            _ = watched.advance()
            _ = watched.evaluator.evaluate(watched.test)
            _ = alone.advance()
        }
        let isSame = watched.parameters == alone.parameters
        #expect(watched.evaluator.sharesRows && isSame)
    }

    @Test("small networks, small batches and states that go on have rows of their own")
    func own() throws {
        #expect(try !descent("rnn:units=2:returns=all", batchSize: 32).evaluator.sharesRows)
        #expect(
            try !descent("lstm:units=48:returns=all:carry=true", batchSize: 32, continues: true).evaluator.sharesRows)
        #expect(try !descent(Self.large, batchSize: 8).evaluator.sharesRows)
    }
}
