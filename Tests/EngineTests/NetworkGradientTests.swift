import Testing

@testable import Engine

/// Gradients at the input and at layers' values, outside training.
@Suite struct NetworkGradientTests {
    /// Central differences of the output at the input, against the way back, from weights that have few kinks nearby.
    private func check(_ description: NetworkDescription, _ comment: Comment) throws {
        for seed: UInt64 in 3..<60 where try isChecked(description, seed: seed, comment) { return }
        Issue.record("\(comment): kinks nearly everywhere")
    }

    /// - Returns: false: steps over kinks leave too little to compare.
    private func isChecked(_ description: NetworkDescription, seed: UInt64, _ comment: Comment) throws -> Bool {
        let network = try NetworkGradient(description, capacity: 2)
        let parameters = try description.initialParameters(seed: seed)
        network.load(parameters: parameters)
        var random = Random(seed: 5)
        let width = description.input.count
        let input = (0..<width).map { _ in Float(random.uniform(-1, 1)) }
        let layer = network.outline.output
        let goal = NetworkGradient.Goal(layer: layer, stage: .preActivation, units: 0..<1, weight: 2)
        let other = NetworkGradient.Goal(layer: layer, stage: .preActivation, units: 1..<2)
        func score(_ input: [Float]) -> Float {
            network.run(input, goals: [goal])
            return 2 * network.values(layer: layer, stage: .preActivation)[0]
        }
        func differences(_ h: Float) -> [Float] {
            input.indices.map { at in
                var (above, below) = (input, input)
                above[at] += h
                below[at] -= h
                return (score(above) - score(below)) / (2 * h)
            }
        }
        let (fine, coarse) = (differences(0.01), differences(0.02))
        network.run(input + input, goals: [other, goal])
        let gradient = network.gradient(layer: .input, sample: 1)
        let scale = fine.map(abs).max()!
        // Steps over a kink disagree with each other.
        let smooth = input.indices.filter { abs(fine[$0] - coarse[$0]) <= 2e-3 * scale + 2e-4 }
        guard smooth.count > width / 2 else { return false }
        for at in smooth {
            #expect(abs(gradient[at] - fine[at]) <= 4e-3 * scale + 4e-4, "\(comment): value \(at)")
        }
        // The other sample's goal is another one.
        #expect(network.gradient(layer: .input, sample: 0) != gradient, "\(comment)")
        return true
    }

    @Test("the gradients at parameters are the loss's own, of frozen layers too, and running statistics stay")
    func parameters() throws {
        let conv = Choice(
            "conv2d",
            ["filters": .integer(2), "activation": .choice(Choice("tanh")), "frozen": .toggle(true)])
        let back = Choice(
            "conv2dTranspose",
            ["filters": .integer(3), "kernel": .integer(2), "activation": .choice(Choice("tanh"))])
        var description = classifier(
            [conv, Choice("batchNorm"), back], loss: Choice("softmaxCrossEntropy"), classes: 3)
        description.input = Shape(1, 5, 5)
        let network = try NetworkGradient(description, capacity: 1, ofLoss: true, ofParameters: true)
        var random = Random(seed: 4)
        let parameters = try description.initialParameters(seed: 3)
        let input = (0..<25).map { _ in Float(random.uniform(-1, 1)) }
        let plain = try Network(description, capacity: 1)
        func loss(_ parameters: [Float]) -> Double {
            plain.load(parameters: parameters)
            plain.forward(input, count: 1)
            return plain.loss(ofLabel: 1)
        }
        network.load(parameters: parameters)
        network.run(input, labels: [1])
        for tensor in network.outline.tensors {
            let gradient = network.gradient(of: tensor)
            for at in 0..<tensor.count {
                var (above, below) = (parameters, parameters)
                above[tensor.offset + at] += 0.01
                below[tensor.offset + at] -= 0.01
                let difference = (loss(above) - loss(below)) / 0.02
                let expected = tensor.isTrained ? difference : 0
                #expect(abs(Double(gradient[at]) - expected) < 2e-3, "\(tensor.name) \(at)")
            }
        }
    }

    @Test(
        "through every layer the gradient at the input is that of the pass outside training",
        // Symbols have no derivative.
        arguments: Catalogue.entries(.layer).map(\.id).filter { $0 != "embedding" })
    func layers(_ layer: String) throws {
        var description = network(around: Choice(layer), then: [dense(3, Choice("tanh"))])
        description.task = .classification(classes: 3)
        description.loss = Choice("softmaxCrossEntropy")
        try check(description, "\(layer)")
    }

    @Test("a goal within the network reaches what lies before it, and nothing behind it")
    func goalWithin() throws {
        let description = classifier([dense(3, Choice("linear")), dense(2, Choice("linear"))])
        let network = try NetworkGradient(description, capacity: 1)
        var parameters = [Float](repeating: 0, count: network.outline.flatCount)
        let weight = network.outline.tensors.first { $0.name == "layers.0.weight" }!
        for (index, value) in [1, 2, 3, 4, 5, 6].enumerated() { parameters[weight.offset + index] = Float(value) }
        network.load(parameters: parameters)
        network.run([1, 1], goals: [.init(layer: 0, stage: .activation, units: 1..<3)])
        // Units 1 and 2 weigh the inputs by (3, 4) and (5, 6).
        #expect(network.gradient(layer: .input) == [8, 10])
        #expect(network.gradient(layer: 0) == [0, 1, 1])
        #expect(network.gradient(layer: 1) == [0, 0])
        #expect(network.values(layer: 0) == [3, 7, 11])
    }

    @Test("its values are those of the forward-only network, dropout and normalization included")
    func values() throws {
        let description = classifier([
            dense(4, Choice("tanh")), Choice("batchNorm"), dropout(0.5), Choice("noise"), dense(3, Choice("relu")),
        ])
        var parameters = try description.initialParameters(seed: 2)
        let outline = try description.outline()
        let mean = outline.tensors.first { $0.name == "layers.1.running_mean" }!
        parameters[mean.offset] = 0.5
        let (forward, both) = (
            try Network(description, capacity: 1), try NetworkGradient(description, capacity: 1)
        )
        forward.load(parameters: parameters)
        both.load(parameters: parameters)
        forward.forward([0.3, -0.7], count: 1)
        both.run([0.3, -0.7], goals: [.init(layer: outline.output, stage: .activation, units: 0..<1)])
        for layer in outline.paths { #expect(both.values(layer: layer) == forward.values(layer: layer)) }
    }

    @Test("the largest of a map's values is found with its place")
    func largest() throws {
        var description = classifier([])
        description.input = Shape(2, 2, 2)
        let network = try Network(description, capacity: 3)
        network.load(parameters: try description.initialParameters(seed: 1))
        let samples: [Float] = [
            1, 2, 3, 4, 8, 7, 6, 5,
            0, 9, 0, 0, 0, 0, 0, 9,
            .nan, 1, .nan, 0, .nan, .nan, .nan, .nan,
            5, 5, 5, 5, -4, -3, -2, -1,
        ]
        let inputs = try FixedInputs(samples, width: 8)
        let found = network.largest(
            in: [.init(layer: .input, units: 0..<4), .init(layer: .input, units: 4..<8)], at: inputs, rows: 0..<4)
        #expect(found[0].map(\.value) == [4, 9, 1, 5])
        #expect(found[0].map(\.place) == [3, 1, 1, 0])
        #expect(found[1].map(\.value) == [8, 9, -.infinity, -1])
        #expect(found[1].map(\.place) == [0, 3, 0, 3])
        #expect(
            network.largest(in: [.init(layer: .input, units: 0..<4)], at: inputs, rows: 1..<2)[0].map(\.place) == [1])
    }

    @Test(
        "the gradient of a sample's loss is that of its differences",
        arguments: ["softmaxCrossEntropy", "squaredError"])
    func loss(_ loss: String) throws {
        var description = network(around: Choice("conv2d"), then: [dense(3, Choice("tanh"))])
        description.task = .classification(classes: 3)
        description.loss = Choice(loss)
        let parameters = try description.initialParameters(seed: 3)
        let backward = try NetworkGradient(description, capacity: 2, ofLoss: true)
        let forward = try Network(description, capacity: 1)
        backward.load(parameters: parameters)
        forward.load(parameters: parameters)
        var random = Random(seed: 5)
        let input = (0..<description.input.count).map { _ in Float(random.uniform(-1, 1)) }
        backward.run(input + input, labels: [2, 0])
        for (sample, label) in [Float(2), 0].enumerated() {
            let gradient = backward.gradient(layer: .input, sample: sample)
            let scale = gradient.map(abs).max()!
            #expect(scale > 0)
            var disagreeing = 0
            for at in input.indices {
                func loss(_ step: Float) -> Double {
                    var moved = input
                    moved[at] += step
                    forward.forward(moved, count: 1)
                    return forward.loss(ofLabel: label)
                }
                let difference = Float((loss(0.01) - loss(-0.01)) / 0.02)
                if abs(gradient[at] - difference) > 0.01 * scale + 1e-3 { disagreeing += 1 }
            }
            // A step over a kink of the activation differs.
            #expect(disagreeing <= input.count / 10, "label \(label)")
        }
    }
}
