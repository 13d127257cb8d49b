import Testing

@testable import Engine

@Suite("Layers that see later steps")
struct LaterStepsTests {
    private static let steps = 6

    private func network(_ layers: [Choice]) -> NetworkDescription {
        var description = classifier(layers, loss: Choice("softmaxCrossEntropy"), classes: 3)
        description.input = Shape(Self.steps, 3)
        description.sequence = SequenceForm(targetSteps: Self.steps)
        return description
    }

    /// Whether the answers before the last step change with the input at the last.
    private func dependsOnLaterSteps(_ layers: [Choice]) throws -> Bool {
        let description = network(layers)
        let network = try Network(description, capacity: 1)
        network.load(parameters: try description.initialParameters(seed: 9))
        var random = Random(seed: 3)
        var inputs = (0..<Self.steps * 3).map { _ in Float(random.uniform(-1, 1)) }
        func answers() -> [Float] {
            network.forward(inputs, count: 1)
            return Array(network.values(layer: LayerPath(layers.count)).prefix((Self.steps - 1) * 3))
        }
        let before = answers()
        for feature in 0..<3 { inputs[inputs.count - 1 - feature] += 1 }
        return answers() != before
    }

    @Test(
        "they are those of which a step's answer changes with the steps after it",
        arguments: [
            ("lstm:units=4:returns=all", nil, true),
            ("gru:units=2:returns=all:bidirectional=true", "set bidirectional to false", true),
            ("conv1d:filters=3:activation=tanh", nil, true),
            ("conv1d:filters=3:activation=tanh:causal=false", "set causal to true", true),
            ("conv1d:filters=3:activation=tanh:kernel=2:causal=false", "set causal to true", true),
            ("conv1d:filters=3:activation=tanh:kernel=1:causal=false", nil, true),
            ("attention", nil, true), ("attention:causal=false", "set causal to true", true),
            ("rnn:units=3:returns=all residual( attention:causal=false | )", "set causal to true", true),
            ("eachStep( dense:3:tanh )", nil, true),
            ("eachStep( repeat:steps=2 gru:units=3:bidirectional=true )", nil, true),
            ("dense:4:tanh", "take layers that hand on a value for each step", false),
            (
                "lstm:units=3 repeat:steps=6 gru:units=2:returns=all",
                "take layers that hand on a value for each step", false
            ),
        ] as [(String, String?, Bool)])
    func found(_ text: String, _ advice: String?, _ canBeKept: Bool) throws {
        let layers = stack(text)
        #expect(try network(layers).outline().laterSteps?.advice == advice)
        #expect(try dependsOnLaterSteps(layers) == (advice != nil))
        let kept = layers.map(\.seeingNoLaterSteps)
        #expect(try (network(kept).outline().laterSteps == nil) == canBeKept)
        #expect(try dependsOnLaterSteps(kept) != canBeKept)
    }

    @Test("what is no sequence has no later steps")
    func tables() throws {
        #expect(try classifier(stack("dense:4:tanh")).outline().laterSteps == nil)
    }
}
