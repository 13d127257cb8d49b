import Foundation
import Testing

@testable import Engine

/// Networks whose hidden layers learn one after the other, without labels, before the labels are learned.
@Suite struct PretrainingTests {
    static func setup(
        _ layers: String, _ knobs: [String: KnobValue] = [:], labelled: Int? = 12, input: Shape = Shape(3),
        train: Samples? = nil, isClassifier: Bool = true
    ) -> TrainingSetup {
        var all = knobs
        all["optimizer"] = all["optimizer"] ?? .choice(Choice("adam"))
        all["epochs"] = all["epochs"] ?? .integer(4)
        return TrainingSetup(
            network: NetworkDescription(
                input: input, task: .classification(classes: 2), layers: stack(layers),
                loss: Choice("binaryCrossEntropy")),
            learning: LearningDescription(
                procedure: Choice(isClassifier ? "greedy" : "supervised", isClassifier ? all : [:]),
                optimizer: Choice("adam"), batchSize: 7, lastBatch: .carry, shuffle: true, labelled: labelled),
            train: train ?? ReconstructionTests.samples(40, inputs: input.count),
            test: ReconstructionTests.samples(20, inputs: input.count, seed: 2), seed: 3)
    }

    private static func tensor(_ name: String, _ procedure: any Procedure) throws -> [Float] {
        let tensor = try #require(procedure.outline.tensors.first { $0.name == name })
        return Array(procedure.parameters[tensor.offset..<tensor.offset + tensor.count])
    }

    @Test("layer after layer learns while all others stay, then all do; or the output alone")
    func turns() throws {
        let names = ["layers.0.weight", "layers.2.weight", "output.weight"]
        for then in ["fineTune", "classifier"] {
            let procedure = try Self.setup("dense:5:sigmoid dropout:rate=0.1 dense:4:sigmoid", ["then": .text(then)])
                .procedure()
            var before = try names.map { try Self.tensor($0, procedure) }
            func changed() throws -> [Bool] {
                let now = try names.map { try Self.tensor($0, procedure) }
                defer { before = now }
                return zip(now, before).map { $0 != $1 }
            }
            #expect(procedure.measure()["trainedLayer"] == 1)
            for _ in 0..<4 { #expect(procedure.advanceEpoch() == .finishedEpoch) }
            #expect(try changed() == [true, false, false])
            #expect(procedure.measure()["trainedLayer"] == 3)
            for _ in 0..<4 { _ = procedure.advanceEpoch() }
            #expect(try changed() == [false, true, false])
            #expect(procedure.measure()["reconstructionError"] == nil && procedure.measure()["trainedLayer"] == 4)
            for _ in 0..<4 { _ = procedure.advanceEpoch() }
            #expect(try changed() == [then == "fineTune", then == "fineTune", true])
            #expect(procedure.epoch == 12 && procedure.models[0].model.network.layers[1].isFrozen == false)
        }
    }

    @Test("a layer learns what an autoencoder of it alone learns, on the values before it")
    func alone() throws {
        let corruption = Choice("mask", ["rate": .real(0.25)])
        let setup = Self.setup(
            "dense:5:sigmoid dense:4:sigmoid", ["corruption": .choice(corruption)])
        let procedure = try setup.procedure()
        for _ in 0..<4 { _ = procedure.advanceEpoch() }
        // The values of the first layer, which has learned.
        let network = try Network(setup.network, capacity: 40)
        network.load(parameters: procedure.parameters)
        func values(_ samples: Samples) -> Samples {
            network.forward(samples.inputs.values, count: samples.count)
            let hidden = (0..<samples.count).flatMap { sample in
                (0..<5).map { network.value(layer: 0, stage: .activation, unit: $0, sample: sample) }
            }
            return Samples(count: samples.count, inputs: hidden, labels: [])
        }
        let alone = try GradientDescent(
            TrainingSetup(
                network: NetworkDescription(
                    input: Shape(5), task: .reconstruction, layers: stack("dense:4:sigmoid dense:5:linear"),
                    loss: Choice("binaryCrossEntropy")),
                learning: LearningDescription(
                    procedure: Choice("reconstruction", ["corruption": .choice(corruption)]),
                    optimizer: Choice("adam"), batchSize: 7, lastBatch: .carry, shuffle: true),
                train: values(setup.train), test: values(setup.test), seed: 4), metrics: Metric.reconstruction)
        var start = alone.parameters
        for tensor in alone.model.outline.tensors where tensor.name.hasPrefix("layers.0") {
            let own = try Self.tensor(tensor.name.replacing("layers.0", with: "layers.1"), procedure)
            start.replaceSubrange(tensor.offset..<tensor.offset + tensor.count, with: own)
        }
        alone.parameters = start
        for _ in 0..<11 {
            _ = procedure.advance(steps: 1)
            _ = alone.advance(steps: 1)
        }
        for tensor in alone.model.outline.tensors where tensor.name.hasPrefix("layers.0") {
            let own = try Self.tensor(tensor.name.replacing("layers.0", with: "layers.1"), procedure)
            #expect(own == Array(alone.parameters[tensor.offset..<tensor.offset + tensor.count]), "\(tensor.name)")
        }
        #expect(procedure.measure()["reconstructionError"] == alone.reconstructionError())
    }

    @Test("without epochs for the layers it is supervised learning of the labelled samples, bit by bit")
    func none() throws {
        let layers = "dense:5:sigmoid dense:4:sigmoid"
        let one = try Self.setup(layers, ["epochs": .integer(0)]).procedure()
        let other = try Self.setup(layers, isClassifier: false).procedure()
        #expect(one.stepsPerEpoch == other.stepsPerEpoch && one.stepsPerEpoch == 1)
        for _ in 0..<30 {
            _ = one.advance(steps: 1)
            _ = other.advance(steps: 1)
        }
        #expect(one.parameters == other.parameters)
        #expect(one.measure().trainLoss == other.measure().trainLoss)
    }

    @Test("only labelled samples are learned with their labels: others may have any")
    func labelled() throws {
        var setup = Self.setup("dense:4:tanh", isClassifier: false)
        let procedure = try setup.procedure()
        for sample in 12..<40 { setup.train.labels[sample] = 1 - setup.train.labels[sample] }
        let other = try setup.procedure()
        setup.train = setup.train.labelled(12)
        setup.learning.labelled = nil
        let fewer = try setup.procedure()
        for one in [procedure, other, fewer] { for _ in 0..<20 { _ = one.advance(steps: 1) } }
        #expect(procedure.state == other.state && procedure.state == fewer.state)
    }

    @Test(
        "a state is restored in every stage, goes on to the same bits, and survives a file's numbers",
        arguments: [3, 23, 24, 29, 48, 60])
    func states(_ steps: Int) throws {
        let setup = Self.setup("dense:5:sigmoid dense:4:sigmoid")
        let (first, second) = (try setup.procedure(), try setup.procedure())
        for _ in 0..<steps { _ = first.advance(steps: 1) }
        let state = first.state
        #expect(state.step == steps && state.epoch == first.epoch)
        try second.restore(state)
        #expect(second.state == state && second.measure() == first.measure())
        for _ in 0..<30 { #expect(first.advance(steps: 1) == second.advance(steps: 1)) }
        #expect(first.state == second.state)
        var broken = state
        broken.parts = [:]
        let error = #expect(throws: EngineError.self) { try second.restore(broken) }
        #expect(error?.place == "pretraining.progress")
        #expect(second.state == first.state)
    }

    @Test("a nested state comes back as it was, with numbers that a float has not")
    func nested() throws {
        let procedure = try ReconstructionTests.setup("dense:2:tanh dense:3:linear").procedure()
        for _ in 0..<8 { _ = procedure.advance(steps: 1) }
        var inner = procedure.state
        inner.step = 1 << 50 + 3
        inner.parts = ["more": [1, 2]]
        var outer = TrainingState(parameters: [], slots: [], step: 0, epoch: 0, position: 0)
        outer.nest(inner, as: "one")
        #expect(outer.nested("one") == inner && outer.nested("other") == nil)
        outer.parts["one.counts"]?[1] = 0.5
        #expect(outer.nested("one") == nil)
    }

    @Test("a weight that is changed meanwhile is what the layer goes on with")
    func edited() throws {
        let procedure = try Self.setup("dense:5:sigmoid dense:4:sigmoid", ["optimizer": .choice(Choice("sgd"))])
            .procedure()
        for steps in [3, 24] {
            _ = procedure.advanceEpoch()
            _ = procedure.advance(steps: steps)
            var parameters = procedure.parameters
            for index in parameters.indices { parameters[index] = Float(index) / 100 }
            procedure.parameters = parameters
            #expect(procedure.parameters == parameters && procedure.divergence == nil)
            _ = procedure.advance(steps: 1)
            let moved = zip(procedure.parameters, parameters).filter { $0 != $1 }
            #expect(!moved.isEmpty && moved.allSatisfy { abs($0 - $1) < 0.1 })
        }
    }

    @Test("convolutions learn to give back the maps before them, pools between them stay")
    func images() throws {
        let setup = Self.setup(
            "conv2d:filters=3:padding=1 maxPool conv2d:filters=2:kernel=2:stride=2 dense:4:sigmoid",
            input: Shape(1, 8, 8))
        let procedure = try setup.procedure()
        for layer in [1, 3, 4] {
            #expect(procedure.measure()["trainedLayer"] == Double(layer))
            let before = try #require(procedure.measure()["reconstructionError"])
            for _ in 0..<4 { _ = procedure.advanceEpoch() }
            _ = before
        }
        #expect(procedure.measure()["trainedLayer"] == 5)
    }

    @Test(
        "recurrent layers, convolutions over time and blocks learn to give back the values before them, each in its turn",
        arguments: [
            ("rnn:units=3:returns=all gru:units=4 dense:3:sigmoid", [1, 2, 3]),
            ("conv1d:filters=3 lstm:units=3:layers=2:bidirectional=true", [1, 2]),
            ("eachStep( dense:3:tanh ) attention lastStep dense:2:tanh", [1, 2, 4]),
            ("residual( lstm:units=2:returns=all | ) flatten dense:4:tanh", [1, 3]),
            (
                "flatten branches:concatenate( dense:2:tanh | dense:3:tanh ) batchNorm residual( dense:5:tanh | )",
                [2, 4]
            ),
        ])
    func sequences(_ layers: String, _ turns: [Int]) throws {
        let samples = (ReconstructionTests.samples(40, inputs: 8), ReconstructionTests.samples(20, inputs: 8, seed: 2))
        var setup = Self.setup(layers, input: Shape(4, 2), train: samples.0)
        setup.test = samples.1
        let procedure = try setup.procedure()
        for layer in turns {
            #expect(procedure.measure()["trainedLayer"] == Double(layer))
            let before = procedure.parameters
            for _ in 0..<4 { #expect(procedure.advanceEpoch() == .finishedEpoch) }
            let after = procedure.parameters
            // The layer's own tensors change, and no others.
            for tensor in procedure.outline.tensors where tensor.isTrained {
                let range = tensor.offset..<tensor.offset + tensor.count
                let isOwn = tensor.name.hasPrefix("layers.\(layer - 1).")
                #expect((before[range] != after[range]) == isOwn, "\(tensor.name) in the turn of layer \(layer)")
            }
        }
        #expect(procedure.measure()["trainedLayer"] == Double(setup.network.layers.count + 1))
        let state = procedure.state
        let other = try setup.procedure()
        try other.restore(state)
        for one in [procedure, other] { for _ in 0..<9 { _ = one.advance(steps: 1) } }
        #expect(procedure.state == other.state)
    }

    @Test("cells that hand on their last state alone learn to unfold it: their error falls far below that of the mean")
    func unfolding() throws {
        var random = Random(seed: 4)
        // Half of a wave from a random phase: one number tells all six steps.
        let waves = (0..<60).flatMap { _ in
            let phase = random.uniform(0, 6.28)
            return (0..<6).map { Float(0.5 + 0.5 * sin(phase + Double($0) / 2)) }
        }
        let train = Samples(count: 60, inputs: waves, labels: (0..<60).map { Float($0 % 2) })
        let setup = Self.setup(
            "gru:units=6",
            [
                "epochs": .integer(300), "corruption": .choice(Choice("none")),
                "optimizer": .choice(Choice("adam", ["learningRate": .real(0.02)])),
            ], input: Shape(6, 1), train: train)
        var own = setup
        own.test = noSamples
        let procedure = try own.procedure()
        for _ in 0..<290 { _ = procedure.advanceEpoch() }
        // The values' variance is 1/8.
        #expect(try #require(procedure.measure()["reconstructionError"]) < 0.02)
    }

    @Test(
        "an embedding's vectors are given back by the layer behind it; symbols themselves are refused, and different lengths"
    )
    func symbols() throws {
        func setup(_ layers: String, hasLengths: Bool = false) -> TrainingSetup {
            let width = hasLengths ? 6 : 5
            let inputs = (0..<40 * width).map { Float($0 * 7 % 11 % 3) }
            var setup = Self.setup(
                layers, input: Shape(5, 1),
                train: Samples(count: 40, inputs: inputs, labels: (0..<40).map { Float($0 % 2) }))
            setup.network.sequence = SequenceForm(vocabulary: 3, hasLengths: hasLengths)
            setup.test = noSamples
            return setup
        }
        let procedure = try setup("embedding:size=3 lstm:units=4").procedure()
        let before = try Self.tensor("layers.0.weight", procedure)
        #expect(procedure.measure()["trainedLayer"] == 2)
        for _ in 0..<4 { _ = procedure.advanceEpoch() }
        #expect(try Self.tensor("layers.0.weight", procedure) == before)
        #expect(procedure.measure()["trainedLayer"] == 3)
        let numbers = #expect(throws: EngineError.self) { try setup("lstm:units=4").procedure() }
        #expect(numbers?.place == "layers.0" && numbers?.message.contains("embedding") == true)
        let lengths = #expect(throws: EngineError.self) {
            try setup("embedding:size=3 lstm:units=4", hasLengths: true).procedure()
        }
        #expect(lengths?.message.contains("one length") == true)
    }

    @Test("the error of a layer falls while it learns")
    func learns() throws {
        let procedure = try Self.setup(
            "dense:8:sigmoid",
            [
                "epochs": .integer(100), "optimizer": .choice(Choice("adam", ["learningRate": .real(0.01)])),
                "corruption": .choice(Choice("none")),
            ]
        ).procedure()
        let before = try #require(procedure.measure()["reconstructionError"])
        for _ in 0..<90 { _ = procedure.advanceEpoch() }
        #expect(try #require(procedure.measure()["reconstructionError"]) < before / 3)
    }

    @Test("settings change while it learns, and mistakes are refused")
    func live() throws {
        let setup = Self.setup("dense:5:sigmoid dense:4:sigmoid")
        let procedure = try setup.procedure()
        _ = procedure.advanceEpoch()
        _ = procedure.advanceEpoch()
        var learning = setup.learning
        learning.procedure.knobs["epochs"] = .integer(2)
        try procedure.apply(learning, to: nil)
        #expect(procedure.measure()["trainedLayer"] == 2)
        learning.procedure.knobs["corruption"] = .choice(Choice("mist"))
        #expect(throws: EngineError.self) { try procedure.apply(learning, to: nil) }
        _ = procedure.advanceEpoch()
        #expect(procedure.epoch == 3)
        for layers in ["", "!dense:3:tanh", "batchNorm"] {
            let error = #expect(throws: EngineError.self) { try Self.setup(layers).procedure() }
            #expect(error?.place == "layers")
        }
    }
}
