import CKernels
import Testing

@testable import Engine

/// Layers whose parameters stay while others learn.
@Suite struct FrozenTests {
    /// Frozen and trained layers in turn, so that what is trained is several spans, with every kind of tensor.
    private static let layers =
        "dense:5:prelu !dense:4:prelu batchNorm !batchNorm "
        + "!residual( branches:sum( dense:4:tanh | residual( dense:3:tanh batchNorm dense:4:tanh | ) ) | ) dense:3:tanh"

    private func descent(
        _ layers: String, _ learning: LearningDescription = LearningDescription(), rows: Int = 43,
        device: ComputeDevice = .processor
    ) throws -> GradientDescent {
        try GradientDescent(
            network: classifier(stack(layers)), learning: learning, train: points(rows), test: points(9, seed: 2),
            seed: 5,
            device: device)
    }

    /// Whether each tensor has changed since `start`, and none that is frozen.
    private func expectFrozen(_ descent: GradientDescent, since start: [Float], _ comment: Comment) {
        let parameters = descent.parameters
        for tensor in descent.model.outline.tensors {
            let range = tensor.offset..<(tensor.offset + tensor.count)
            // To the bit: −0 is another number than 0.
            let isSame = parameters[range].map(\.bitPattern) == start[range].map(\.bitPattern)
            #expect(isSame == tensor.isFrozen, "\(comment): \(tensor.name)")
        }
    }

    @Test(
        "no optimizer, decay or running mean moves a frozen layer by a bit",
        arguments: Catalogue.optimizers.map(\.entry.id))
    func stays(_ optimizer: String) throws {
        let learning = LearningDescription(
            optimizer: Choice(optimizer), lastBatch: .carry, shuffle: true, l1: 0.001, l2: 0.01, clipNorm: 0.5)
        let descent = try descent(Self.layers, learning)
        let start = descent.parameters
        for _ in 0..<100 { _ = descent.advance() }
        expectFrozen(descent, since: start, "\(optimizer)")
        #expect(descent.model.outline.trainedSpans.count > 2)
    }

    @Test(
        "on a device frozen layers stay too, and the others come to the processor's weights",
        .enabled(if: OpenCLSupport.isHere, OpenCLSupport.word), arguments: ["sgd", "adam", "nesterov"])
    func staysOnDevice(_ optimizer: String) throws {
        let learning = LearningDescription(optimizer: Choice(optimizer), l1: 0.001, l2: 0.01, clipNorm: 0.5)
        let device = ComputeDevice.openCL(try #require(OpenCLSupport.device))
        for layers in [Self.layers, "!dense:4:tanh dense:3:tanh", "dense:4:tanh !dense:3:tanh"] {
            let (here, there) = (try descent(layers, learning), try descent(layers, learning, device: device))
            #expect(there.deviceSteps.device == device)
            let start = here.parameters
            for _ in 0..<30 {
                _ = here.advance()
                _ = there.advance()
            }
            expectFrozen(there, since: start, "\(layers)")
            let apart = zip(here.parameters, there.parameters).map { abs($0 - $1) }.max()!
            #expect(apart <= 1e-4, "\(layers): \(apart)")
        }
    }

    @Test("one kernel for a whole network declines frozen layers, which train an operation to a kernel")
    func declines() throws {
        #expect(try Plan(classifier(stack("dense:4:tanh dense:3:tanh"))).isFusible)
        #expect(try !Plan(classifier(stack("dense:4:tanh !dense:3:tanh"))).isFusible)
    }

    @Test("the backward pass computes no gradient of what is frozen, and none at all before the first trained layer")
    func backward() throws {
        func backward(_ layers: String) throws -> [String] {
            try Plan(classifier(stack(layers))).program.backward.map(\.primitive.id)
        }
        let (loss, output) = (["lossGradient", "activateGradient"], ["affineParameterGradient"])
        #expect(try backward("!dense:4:tanh !dense:3:tanh") == loss + output)
        #expect(
            try backward("dense:4:tanh !dense:3:linear") == loss + output + [
                "affineInputGradient", "affineInputGradient", "activateGradient", "affineParameterGradient",
            ])
        #expect(try backward("!residual( dense:2:tanh | ) !batchNorm !layerNorm !dense:3:prelu") == loss + output)
    }

    @Test("the spans that are trained are one, unless something between them is frozen")
    func spans() throws {
        func spans(_ layers: String) throws -> [Range<Int>] { try Plan(classifier(stack(layers))).outline.trainedSpans }
        // Weights in the order of the layers, each 16 floats for its 8, 12 and 3 numbers, then the biases.
        #expect(try spans("dense:4:tanh dense:3:tanh") == [0..<96])
        #expect(try spans("!dense:4:tanh dense:3:tanh") == [16..<48, 64..<96])
        #expect(try spans("dense:4:tanh !dense:3:tanh") == [0..<16, 32..<64, 80..<96])
        // Behind them the running statistics.
        #expect(try spans("dense:4:tanh batchNorm") == [0..<96])
    }

    @Test("the gradient's norm, decay and the shown regularization count what is trained alone")
    func norms() throws {
        let learning = LearningDescription(optimizer: Choice("sgd", ["learningRate": .real(1)]), batchSize: 43)
        let free = try descent("dense:4:tanh !dense:3:tanh", learning)
        _ = free.advance()
        var clipped = learning
        clipped.clipNorm = 0.01
        let bound = try descent("dense:4:tanh !dense:3:tanh", clipped)
        let start = bound.parameters
        _ = bound.advance()
        let moved = zip(bound.parameters, start).map { Double($0 - $1) }
        #expect(abs(moved.reduce(0) { $0 + $1 * $1 }.squareRoot() - 0.01) < 1e-6)

        var decaying = learning
        (decaying.l1, decaying.l2) = (0.1, 0.2)
        let shown = try descent("dense:4:tanh !dense:3:tanh", decaying)
        let expected = shown.model.outline.tensors.filter { $0.decays && !$0.isFrozen }.reduce(0.0) { sum, tensor in
            shown.parameters[tensor.offset..<(tensor.offset + tensor.count)].reduce(sum) {
                $0 + 0.1 * Double(abs($1)) + 0.1 * Double($1) * Double($1)
            }
        }
        #expect(abs(shown.model.regularization(shown.learning) - expected) < 1e-9 * expected)
    }

    @Test("a frozen batchNorm uses its running statistics in training, in batches of one too")
    func batchNorm() throws {
        let learning = LearningDescription(batchSize: 1)
        #expect(throws: EngineError.self) { try descent("batchNorm dense:3:tanh", learning) }
        let network = classifier(stack("!batchNorm dense:3:tanh"))
        let own = try GradientDescent(network: network, learning: learning, train: points(8), test: noSamples, seed: 1)
        #expect(own.model.outline.smallestBatch == 1)
        var parameters = own.parameters
        for tensor in own.model.outline.tensors where !tensor.isTrained {
            for index in 0..<tensor.count { parameters[tensor.offset + index] = 0.5 + Float(index) }
        }
        own.parameters = parameters
        // A network that learns from what the layer makes of its input, without the layer: γ = 1, β = 0.
        let given = points(8)
        let inputs = given.inputs.values.enumerated().map { index, value in
            let unit = Float(index % 2)
            return (value - (0.5 + unit)) / (0.5 + unit + 1e-5).squareRoot()
        }
        let plain = Samples(count: given.count, inputs: inputs, labels: given.labels)
        let other = try GradientDescent(
            network: classifier(stack("dense:3:tanh")), learning: learning, train: plain, test: noSamples, seed: 1)
        for _ in 0..<20 {
            _ = own.advance()
            _ = other.advance()
        }
        let tensors = own.model.outline.tensors.filter { !$0.isFrozen }
        for (tensor, its) in zip(tensors, other.model.outline.tensors) {
            for index in 0..<tensor.count {
                #expect(abs(own.parameters[tensor.offset + index] - other.parameters[its.offset + index]) < 1e-5)
            }
        }
    }

    @Test(
        "freezing and thawing keep the weights, the optimizer's state and the place in the data",
        arguments: [LastBatch.short, .carry, .drop])
    func live(_ lastBatch: LastBatch) throws {
        let learning = LearningDescription(optimizer: Choice("adam"), lastBatch: lastBatch, shuffle: true)
        let (free, changed) = (
            try descent("dense:4:tanh dropout dense:3:tanh", learning),
            try descent("dense:4:tanh dropout dense:3:tanh", learning)
        )
        for _ in 0..<17 {
            _ = free.advance()
            _ = changed.advance()
        }
        let before = changed.state
        try changed.apply(learning, to: classifier(stack("!dense:4:tanh@first dropout dense:3:tanh")))
        #expect(changed.outline.layers[0].name == "first" && changed.outline.layers[0].isFrozen)
        let isSame =
            changed.state.parameters == before.parameters && changed.state.slots == before.slots
            && changed.state.order == before.order && changed.state.generators == before.generators
        #expect(isSame && changed.step == 17 && changed.epoch == free.epoch)
        let start = changed.parameters
        for _ in 0..<30 { _ = changed.advance() }
        expectFrozen(changed, since: start, "after 30 steps")
        // Thawed at once, nothing has happened, unless gradients of the frozen layer were waiting.
        let there = try descent("dense:4:tanh dropout dense:3:tanh", learning)
        for _ in 0..<17 { _ = there.advance() }
        if lastBatch != .carry {
            try there.apply(learning, to: classifier(stack("!dense:4:tanh dropout dense:3:tanh")))
            try there.apply(learning, to: classifier(stack("dense:4:tanh dropout dense:3:tanh")))
        }
        for _ in 0..<30 {
            _ = there.advance()
            _ = free.advance()
        }
        let isEqual = there.parameters == free.parameters
        #expect(isEqual)
    }

    @Test("a name is unique in the network, in blocks too, and no address contains it")
    func names() throws {
        let plan = try Plan(classifier(stack("dense:4:tanh@code residual@block( dense:4:tanh@inner | )")))
        #expect(plan.outline.tensors.map(\.name).allSatisfy { $0.hasPrefix("layers.") || $0.hasPrefix("output.") })
        #expect(plan.outline.layers.map(\.name) == ["code", "block", nil])
        #expect(plan.outline.layers[1].stacks[0].layers[0].name == "inner")
        for layers in ["dense:4:tanh@a dense:4:tanh@a", "dense:4:tanh@a residual( residual( dense:4:tanh@a | ) | )"] {
            let error = #expect(throws: EngineError.self) { try Plan(classifier(stack(layers))) }
            #expect(error?.place.hasSuffix(".dense.name") == true)
            #expect(error?.message.contains("layers.0 is called “a” already") == true, "\(error?.message ?? "")")
        }
    }

    @Test("a frozen layer draws the weights that it would draw anyway")
    func draws() throws {
        let layers = "dense:4:tanh residual( dense:4:prelu batchNorm | ) dense:3:tanh"
        let frozen = layers.replacing("dense:4", with: "!dense:4").replacing("batchNorm", with: "!batchNorm")
        #expect(try descent(layers).parameters == descent(frozen).parameters)
    }
}
