import Testing

@testable import Engine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Consequences of task, loss and rule: output units, targets, shown losses, accuracies.
@Suite struct OutputTests {
    /// A network without hidden layers on one input, its weights and biases as given.
    func descent(
        _ network: NetworkDescription, _ samples: Samples, weights: [Float], biases: [Float], rate: Double = 0.5
    ) throws -> GradientDescent {
        let descent = try GradientDescent(
            network: network,
            learning: LearningDescription(
                optimizer: Choice("sgd", ["learningRate": .real(rate)]), batchSize: samples.count), train: samples,
            test: noSamples, seed: 1)
        var parameters = descent.parameters
        let (weight, bias) = (descent.model.outline.tensors[0], descent.model.outline.tensors[1])
        parameters.replaceSubrange(weight.offset..<(weight.offset + weight.count), with: weights)
        parameters.replaceSubrange(bias.offset..<(bias.offset + bias.count), with: biases)
        descent.parameters = parameters
        return descent
    }

    func network(
        _ task: Engine.Task, loss: String = "squaredError", activation: Choice? = nil, rule: LearningRule = .gradient
    ) -> NetworkDescription {
        NetworkDescription(
            input: Shape(1), task: task, layers: [], outputActivation: activation, loss: Choice(loss), rule: rule)
    }

    @Test("output units and activations follow from task and loss") func units() throws {
        func output(_ task: Engine.Task, _ loss: String) throws -> String {
            let layer = try network(task, loss: loss).outline().layers.last!
            return "\(layer.output.count) \(layer.activation!.id) \(layer.title)"
        }
        #expect(try output(.regression, "squaredError") == "1 linear output 1")
        #expect(try output(.regression, "huber") == "1 linear output 1")
        #expect(try output(.classification(classes: 2), "hinge") == "1 tanh output 1")
        #expect(try output(.classification(classes: 2), "binaryCrossEntropy") == "1 sigmoid output 1")
        #expect(try output(.classification(classes: 2), "softmaxCrossEntropy") == "2 softmax output 2")
        #expect(try output(.classification(classes: 5), "softmaxCrossEntropy") == "5 softmax output 5")
        #expect(try output(.classification(classes: 5), "squaredError") == "5 tanh output 5")
        #expect(try output(.classification(classes: 5), "binaryCrossEntropy") == "5 sigmoid output 5")
    }

    @Test("losses compare with the targets that they are defined for") func losses() throws {
        let samples = Samples(count: 2, inputs: [1, -1], labels: [1, 0])
        let (z, s) = (0.25, 1 / (1 + exp(-0.25)))
        // z = ±0.25: right by symmetry, so that both samples have the same loss.
        let expected: [String: Double] = [
            "squaredError": 0.5 * (tanh(z) - 1) * (tanh(z) - 1), "absoluteError": 1 - tanh(z),
            "huber": 0.5 * (tanh(z) - 1) * (tanh(z) - 1), "hinge": 1 - tanh(z), "binaryCrossEntropy": -log(s),
        ]
        for (loss, value) in expected {
            let result = try descent(
                network(.classification(classes: 2), loss: loss), samples, weights: [0.25], biases: [0]
            ).evaluate()
            #expect(abs(result.trainLoss - value) < 1e-6, "\(loss)")
            #expect(result.trainAccuracy == 1, "\(loss)")
        }
        let wide = try descent(
            network(.classification(classes: 2), loss: "softmaxCrossEntropy"), samples, weights: [-0.125, 0.125],
            biases: [0, 0]
        ).evaluate()
        #expect(abs(wide.trainLoss + log(s)) < 1e-6)
        #expect(wide.confusion == ConfusionMatrix([[1, 0], [0, 1]]))
    }

    @Test("several classes are one against the rest, summed over outputs") func severalClasses() throws {
        let samples = Samples(count: 1, inputs: [1], labels: [2])
        let z: [Float] = [0.5, -1, 0.25]
        let squared = try descent(
            network(.classification(classes: 3), activation: Choice("linear")), samples, weights: z, biases: [0, 0, 0]
        ).evaluate()
        #expect(abs(squared.trainLoss - 0.5 * (1.5 * 1.5 + 0 + 0.75 * 0.75)) < 1e-6)
        #expect(squared.trainAccuracy == 0)
        #expect(squared.confusion == ConfusionMatrix([[0, 0, 0], [0, 0, 0], [1, 0, 0]]))
        let binary = try descent(
            network(.classification(classes: 3), loss: "binaryCrossEntropy"), samples, weights: z, biases: [0, 0, 0]
        ).evaluate()
        let terms = [log(1 + exp(0.5)), log(1 + exp(-1)), log(1 + exp(-0.25))]
        #expect(abs(binary.trainLoss - terms.reduce(0, +)) < 1e-6)
    }

    @Test("regression compares values, without accuracy") func regression() throws {
        let result = try descent(
            network(.regression), Samples(count: 2, inputs: [1, 2], labels: [3, -1]), weights: [0.5], biases: [0.25]
        ).evaluate()
        #expect(abs(result.trainLoss - 0.5 * (2.25 * 2.25 + 2.25 * 2.25) / 2) < 1e-6)
        #expect(result.trainAccuracy == nil && result.confusion == nil)
    }

    @Test(
        "R² compares the squared distances with those from the targets' own mean, whatever the loss",
        arguments: ["squaredError", "absoluteError", "huber"])
    func r2(_ loss: String) throws {
        // y = 2x: the distances are −1, 0 and 1; the targets' mean is 4, theirs are −3, 0 and 3.
        let descent = try GradientDescent(
            network: network(.regression, loss: loss), learning: LearningDescription(),
            train: Samples(count: 3, inputs: [1, 2, 3], labels: [1, 4, 7]),
            test: Samples(count: 2, inputs: [1, 2], labels: [5, 5]), seed: 1)
        descent.parameters[descent.model.outline.tensors[0].offset] = 2
        descent.parameters[descent.model.outline.tensors[1].offset] = 0
        let result = descent.evaluate()
        #expect(abs(try #require(result.trainR2) - (1 - 2.0 / 18)) < 1e-6)
        #expect(result.testR2 == nil, "equal targets leave nothing to explain")
    }

    @Test("R² is for values alone, and a class without samples has no accuracy") func classAccuracy() throws {
        let result = try descent(
            network(.classification(classes: 3), activation: Choice("linear")),
            Samples(count: 3, inputs: [1, 1, 1], labels: [0, 0, 2]), weights: [1, 0, 0], biases: [0, 0, 0]
        ).evaluate()
        #expect(result.trainR2 == nil && result.testR2 == nil && result.testConfusion == nil)
        let confusion = try #require(result.confusion)
        #expect(confusion.rows == [[2, 0, 0], [0, 0, 0], [1, 0, 0]])
        #expect(confusion.classAccuracy == [1, nil, 0])
        #expect(abs(confusion.accuracy - 2.0 / 3) < 1e-12 && result.trainAccuracy == confusion.accuracy)
        #expect(confusion[2, 0] == 1)
    }

    @Test("training and test samples are counted apart") func bothConfusions() throws {
        let descent = try GradientDescent(
            network: network(.classification(classes: 2)), learning: LearningDescription(),
            train: Samples(count: 2, inputs: [1, -1], labels: [1, 0]),
            test: Samples(count: 1, inputs: [1], labels: [0]), seed: 1)
        descent.parameters[descent.model.outline.tensors[0].offset] = 1
        descent.parameters[descent.model.outline.tensors[1].offset] = 0
        let result = descent.evaluate()
        #expect(result.trainConfusion == ConfusionMatrix([[1, 0], [0, 1]]))
        #expect(result.testConfusion == ConfusionMatrix([[0, 1], [0, 0]]))
        #expect(result.confusion == result.testConfusion)
        #expect(result.trainAccuracy == 1 && result.testAccuracy == 0)
    }

    @Test("the learning rules change a weight as the lectures give them") func rules() throws {
        // One input of 1, weight 0.5, bias 0.25: z = 0.75, y = 1.
        func step(_ rule: LearningRule, label: Float, input: Float = 1) throws -> [Float] {
            let samples = Samples(count: 1, inputs: [input], labels: [label])
            let descent = try descent(
                network(.classification(classes: 2), rule: rule), samples, weights: [0.5], biases: [0.25])
            _ = descent.advance()
            let tensors = descent.model.outline.tensors
            return [descent.parameters[tensors[0].offset], descent.parameters[tensors[1].offset]]
        }
        // Rosenblatt: y − t.
        #expect(try step(.rosenblatt, label: 1) == [0.5, 0.25])
        #expect(try step(.rosenblatt, label: 0) == [0, -0.25])
        #expect(try step(.rosenblatt, label: 1, input: -1) == [0, 0.75])
        // Delta: z − t.
        #expect(try step(.delta, label: 1) == [0.625, 0.375])
        #expect(try step(.delta, label: 0) == [0.125, -0.125])
        // Hebb: −t where z·t ≤ 0, t = ±1.
        #expect(try step(.hebb, label: 1) == [0.5, 0.25])
        #expect(try step(.hebb, label: 0) == [0, -0.25])
        #expect(try step(.hebb, label: 1, input: -1) == [0, 0.75])
        #expect(try step(.hebb, label: 1, input: -0.5) == [0.25, 0.75])
    }

    @Test("the rules show half the rate of mistakes", arguments: [LearningRule.rosenblatt, .delta, .hebb])
    func ruleLoss(_ rule: LearningRule) throws {
        let samples = Samples(count: 4, inputs: [1, 1, -1, -1], labels: [1, 0, 0, 0])
        let result = try descent(
            network(.classification(classes: 2), rule: rule), samples, weights: [1], biases: [0]
        ).evaluate()
        #expect(result.trainLoss == 0.125)
        #expect(result.trainAccuracy == 0.75)
        #expect(result.confusion == ConfusionMatrix([[2, 1], [0, 1]]))
    }

    @Test("the perceptron rules learn AND", arguments: [LearningRule.rosenblatt, .hebb])
    func learnsAnd(_ rule: LearningRule) throws {
        let and = Samples(count: 4, inputs: [-1, -1, -1, 1, 1, -1, 1, 1], labels: [0, 0, 0, 1])
        var network = classifier([])
        network.rule = rule
        let descent = try GradientDescent(
            network: network,
            learning: LearningDescription(optimizer: Choice("sgd", ["learningRate": .real(0.1)]), batchSize: 1),
            train: and, test: noSamples, seed: 1)
        for _ in 0..<100 { _ = descent.advanceEpoch() }
        #expect(descent.evaluate().trainAccuracy == 1)
        #expect(descent.evaluate().trainLoss == 0)
    }

    @Test("labels and inputs that do not fit the task are refused") func refusesData() {
        func message(_ samples: Samples, _ task: Engine.Task) -> String {
            do throws(EngineError) {
                _ = try GradientDescent(
                    network: network(task), learning: LearningDescription(), train: samples, test: noSamples, seed: 1)
                return "none"
            } catch {
                return error.description
            }
        }
        let two = Engine.Task.classification(classes: 2)
        #expect(message(Samples(count: 1, inputs: [0], labels: [2]), two).contains("a class from 0 to 1, found 2.0"))
        #expect(message(Samples(count: 1, inputs: [.nan], labels: [1]), two).contains("input 0 of sample 0"))
        #expect(message(Samples(count: 2, inputs: [1], labels: [1]), two).contains("expected 1 input and 1 label"))
        #expect(message(noSamples, two).contains("no training samples"))
        #expect(message(Samples(count: 1, inputs: [0], labels: [.infinity]), .regression).contains("label of sample 0"))
    }
}
