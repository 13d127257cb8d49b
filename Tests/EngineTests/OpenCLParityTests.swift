import CKernels
import COpenCL
import Testing

@testable import Engine

/// The OpenCL kernels against the processor's: |a − b| ≤ 1e-5 · max|b| for the results of every operation.
@Suite("OpenCL against the processor", .enabled(if: OpenCLSupport.isHere, OpenCLSupport.word))
struct OpenCLParityTests {
    static let hidden = Catalogue.activations.filter { !$0.entry.outputOnly }.map(\.entry.id)

    @Test("Every activation, forward and backward", arguments: hidden, OpenCLSupport.styles)
    func activations(_ activation: String, _ style: KernelText.Style) throws {
        let network = classifier([dense(9, Choice(activation)), dense(5, Choice(activation))], classes: 3)
        try PassPair(network, style: style, capacity: 40, count: 37).expectParity(activation)
    }

    @Test("Every loss with every output activation it takes", arguments: Catalogue.losses.map(\.entry.id))
    func losses(_ loss: String) throws {
        for style in OpenCLSupport.styles {
            for classes in [2, 4] {
                for activation in [nil, "sigmoid", "linear", "softmax"] {
                    let network = classifier(
                        [dense(6, Choice("tanh"))], activation: activation.map { Choice($0) }, loss: Choice(loss),
                        classes: classes)
                    // Which pairs go together is the planner's to say.
                    guard (try? Plan(network)) != nil else { continue }
                    try PassPair(network, style: style, capacity: 20, count: 20)
                        .expectParity("\(loss), \(activation ?? "its own"), \(classes) classes")
                }
            }
        }
    }

    @Test("The perceptron's rules", arguments: LearningRule.allCases, OpenCLSupport.styles)
    func rules(_ rule: LearningRule, _ style: KernelText.Style) throws {
        for classes in [2, 3] {
            var network = classifier([], classes: classes)
            network.rule = rule
            try PassPair(network, style: style, capacity: 16, count: 11).expectParity("\(rule)")
        }
    }

    @Test(
        "Every layer with its standard settings", arguments: Catalogue.layers.map { $0.entry.id }, OpenCLSupport.styles)
    func layers(_ layer: String, _ style: KernelText.Style) throws {
        let network = network(around: Choice(layer), then: [dense(7, Choice("relu"))])
        // Some layers are computed on the processor alone.
        guard try Plan(network).program.deviceRefusal == nil else { return }
        try PassPair(network, style: style, capacity: 33, count: 30).expectParity(layer)
    }

    @Test(
        "Sequences of different lengths, in both directions",
        arguments: [
            "lstm:units=5:bidirectional=true:returns=all gru:units=4:layers=2", "gru:units=7:bidirectional=true",
            "rnn:units=3:activation=relu:returns=all lstm:units=4:returns=all meanOverTime",
            "conv1d:filters=5:dilation=2:activation=tanh rnn:units=4:returns=all:bidirectional=true lastStep",
        ], OpenCLSupport.styles)
    func sequences(_ layers: String, _ style: KernelText.Style) throws {
        var network = classifier(stack(layers), classes: 3)
        (network.input, network.sequence) = (Shape(5, 3), SequenceForm(hasLengths: true))
        try PassPair(network, style: style, capacity: 33, count: 30).expectParity(layers)
    }

    @Test(
        "Targets at every step, with every loss", arguments: Catalogue.losses.map(\.entry.id), OpenCLSupport.styles)
    func stepTargets(_ loss: String, _ style: KernelText.Style) throws {
        var network = classifier(stack("lstm:units=4:returns=all"), loss: Choice(loss), classes: 3)
        (network.input, network.sequence) = (Shape(5, 3), SequenceForm(hasLengths: true, targetSteps: 5))
        #expect(try Plan(network).program.deviceRefusal == nil)
        try PassPair(network, style: style, capacity: 33, count: 30).expectParity(loss)
    }

    @Test("Blocks, one in another too", arguments: OpenCLSupport.styles)
    func blocks(_ style: KernelText.Style) throws {
        let layers =
            "dense:4:tanh residual( dense:3:relu noise dense:4:linear | ) branches:max( dense:3:tanh | "
            + "branches:mean( residual( batchNorm dense:3:relu | dense:3:tanh ) | dropout dense:3:sin ) )"
        try PassPair(classifier(stack(layers)), style: style, capacity: 40, count: 37).expectParity("blocks")
    }

    @Test("Dropout has the processor's masks", arguments: OpenCLSupport.styles)
    func masks(_ style: KernelText.Style) throws {
        let network = classifier([dropout(0.3), dense(40, Choice("relu")), dropout(0.5)])
        try PassPair(network, style: style, capacity: 100, count: 90).expectParity("dropout")
    }

    @Test("Products of many shapes, whole tiles and parts of tiles", arguments: OpenCLSupport.styles)
    func products(_ style: KernelText.Style) throws {
        for (units, capacity) in [([1, 1], 1), ([64, 64], 64), ([65, 3], 70), ([130, 17], 128), ([7, 200], 33)] {
            let network = classifier(units.map { dense($0, Choice("linear")) }, classes: 3)
            try PassPair(network, style: style, capacity: capacity, count: capacity).expectParity(
                "\(units) × \(capacity)")
        }
    }

    @Test(
        "CLBlast's products, where it is installed",
        .enabled(if: lcl_clblast_sgemm() != nil, "libclblast1 is not installed"))
    func blast() throws {
        let network = classifier([dense(130, Choice("linear")), dense(140, Choice("tanh"))], classes: 3)
        try PassPair(network, style: KernelText.Style(lanes: 1, hasDouble: true), capacity: 96, count: 90, blast: true)
            .expectParity("CLBlast")
    }

    @Test(
        "Every optimizer, with clipping and decay", arguments: Catalogue.optimizers.map(\.entry.id),
        OpenCLSupport.styles)
    func optimizers(_ id: String, _ style: KernelText.Style) throws {
        let (count, decaying) = (480, 320)
        let (parameters, gradients) = (try Block(count: count), try Block(count: count))
        let updater = try Updater(
            Choice(id), parameters: parameters, gradients: gradients, spans: [0..<count],
            decayingCount: decaying)
        let device = try #require(OpenCLSupport.device)
        let queue = try OpenCLQueue(try OpenCLContext.shared(device))
        let kernels = try OpenCLSupport.program(style, queue.context)
        let memory = try OpenCLMemory(queue: queue, style: style, parameterCount: count)
        let slots = try updater.slots.map { _ in try OpenCLBuffer(queue, zeros: count) }
        let other = try OpenCLUpdater(
            updater.kind, memory: memory, slots: slots, spans: [0..<count], decayingCount: decaying, kernels: kernels)
        var random = Random(seed: 9)
        parameters.write((0..<count).map { _ in Float(random.uniform(-1, 1)) })
        try queue.write(UnsafeBufferPointer(parameters.values), to: memory.parameters)
        for step in 0..<8 {
            gradients.write((0..<count).map { _ in Float(random.uniform(-1, 1)) })
            try queue.write(UnsafeBufferPointer(gradients.values), to: memory.gradients)
            let clip = step % 2 == 0 ? nil : 0.3
            let request = updater.deviceUpdate(count: 3, rate: 0.01, l1: 0.02, l2: 0.1, clipNorm: clip)
            try other.update(request, entry: step)
            #expect(!updater.repeatUpdate(request))
            for (here, there) in zip([parameters] + updater.slots, [memory.parameters] + slots) {
                var values = [Float](repeating: 0, count: count)
                try values.withUnsafeMutableBufferPointer { try queue.read(there, into: $0) }
                OpenCLSupport.expectEqual(values, here.array, "\(id), step \(step)")
            }
        }
        var end = [Int32](repeating: 0, count: 1)
        try end.withUnsafeMutableBufferPointer { try queue.read(other.diverged, into: $0) }
        #expect(end == [.max])
    }

    @Test("A device without Double has every activation too", arguments: hidden)
    func withoutDouble(_ activation: String) throws {
        let network = classifier([dense(9, Choice(activation))])
        try PassPair(network, style: KernelText.Style(lanes: 1, hasDouble: false), capacity: 20, count: 20)
            .expectParity(activation)
    }
}
