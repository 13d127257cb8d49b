import Foundation
import Testing

@testable import Engine

/// Quantities of answers at each step.
@Suite struct SequenceMetricTests {
    private func procedure(_ train: Samples, _ test: Samples, loss: String = "softmaxCrossEntropy") throws
        -> any Procedure
    {
        var network = NetworkDescription(
            input: Shape(2, 1), task: .classification(classes: 3), layers: [], loss: Choice(loss))
        network.sequence.targetSteps = 2
        let setup = TrainingSetup(network: network, learning: LearningDescription(), train: train, test: test, seed: 1)
        let procedure = try setup.procedure()
        // For every input, class 0 is above class 1, and class 1 above class 2.
        for tensor in procedure.outline.tensors {
            for place in 0..<tensor.count {
                procedure.parameters[tensor.offset + place] = tensor.name == "output.bias" ? Float(2 - place) : 0
            }
        }
        return procedure
    }

    private let samples = Samples(
        count: 4, inputs: [Float](repeating: 1, count: 8),
        labels: [0, 0, 0, 1, 0, Samples.noLabel, 1, 0])

    @Test("a sequence is exact when every step is right, and legal when all that may stand there is above all else")
    func shares() throws {
        var legal = samples
        // {0}, {0, 1}; {0}, {1}: class 0 is above; {0}, no target; {0, 1}, {0}: legal, though the label is another.
        legal.legal = [1, 3, 1, 2, 1, 0, 3, 1]
        let measured = try procedure(legal, samples).measure()
        #expect(measured["trainExactMatch"] == 0.5 && measured["testExactMatch"] == 0.5)
        #expect(measured["trainLegalStrings"] == 0.75 && measured["testLegalStrings"] == nil)
    }

    @Test("perplexity and bits are those of the test cross-entropy, and other losses have none")
    func nats() throws {
        let measured = try procedure(samples, samples).measure()
        // −ln p of the classes: five targets of class 0, and two of class 1.
        let total = exp(2.0) + exp(1.0) + 1
        let (first, second) = (log(total) - 2, log(total) - 1)
        let loss = (5 * first + 2 * second) / 7
        #expect(abs(measured.testLoss! - loss) < 1e-6)
        #expect(
            abs(measured["perplexity"]! - exp(loss)) < 1e-5 && abs(measured["bitsPerSymbol"]! - loss / log(2)) < 1e-6)
        #expect(try procedure(samples, samples, loss: "squaredError").measure()["perplexity"] == nil)
        let none = Samples(count: 0, inputs: [], labels: [])
        #expect(try procedure(samples, none).measure()["perplexity"] == nil)
    }

    @Test("over samples with one answer each there are none of these")
    func others() throws {
        let network = NetworkDescription(
            input: Shape(2), task: .classification(classes: 3), layers: [], loss: Choice("softmaxCrossEntropy"))
        let samples = Samples(count: 3, inputs: [0, 1, 1, 0, 1, 1], labels: [0, 1, 2])
        let measured = try TrainingSetup(
            network: network, learning: LearningDescription(), train: samples, test: samples, seed: 1
        ).procedure().measure()
        for id in ["perplexity", "bitsPerSymbol", "trainExactMatch", "testLegalStrings"] {
            #expect(measured[id] == nil)
        }
    }

    @Test("repeat has all its steps for every sample, though the sequence that it repeats is as long as the longest")
    func repeats() throws {
        var network = NetworkDescription(
            input: Shape(3, 2), task: .regression,
            layers: [Choice("repeat", ["steps": .integer(3)]), Choice("meanOverTime")])
        network.sequence.hasLengths = true
        // The mean over the repetitions reads no lengths, that over the sequence itself does.
        func lengths(_ layers: [Choice]) throws -> Slice? {
            network.layers = layers
            let forward = try Plan(network).program.evaluationForward
            let mean = try #require(forward.last { $0.primitive.operands.contains { $0.name == "lengths" } })
            return mean.optional("lengths")
        }
        #expect(try lengths(network.layers) == nil)
        #expect(try lengths([Choice("meanOverTime")]) != nil)
    }

    @Test("symbols that no layer looks up are told; an embedding looks them up")
    func symbols() throws {
        func note(_ layers: [Choice]) throws -> [String] {
            let network = NetworkDescription(
                input: Shape(4, 1), task: .classification(classes: 2), layers: layers,
                sequence: SequenceForm(vocabulary: 9))
            return try LearningDescription().notes(of: 20, for: network.outline())
        }
        #expect(
            try note([Choice("lstm")]).first?.hasPrefix("the network takes the numbers of the 9 symbols as amounts")
                == true)
        #expect(try note([Choice("embedding"), Choice("lstm")]).isEmpty)
    }
}
