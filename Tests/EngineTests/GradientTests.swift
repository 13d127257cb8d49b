import CKernels
import Testing

@testable import Engine

/// Numeric gradients, in the product's own shapes: two or three inputs, two hidden layers, a batch that fills no vector.
@Suite struct GradientTests {
    /// Central differences of the fourth order with this step, of sums in Float: error about 1e-4.
    static let h: Float = 0.01
    static let batch = 6

    /// Compares all gradients of one training pass with differences of the loss.
    ///
    /// Initial weights are drawn until no value lies near a kink of an activation or a loss.
    func check(_ network: NetworkDescription, _ comment: Comment) throws {
        for seed: UInt64 in 1... {
            let probe = try Probe(network, seed: seed)
            guard probe.distanceToKinks() > 0.1 else {
                try #require(seed < 100_000, "no point away from kinks")
                continue
            }
            let (gradients, numeric) = (probe.gradients(), probe.numericGradients(h: Self.h))
            for tensor in probe.plan.outline.tensors where tensor.isTrained {
                let range = tensor.offset..<(tensor.offset + tensor.count)
                guard !tensor.isFrozen else {
                    #expect(range.allSatisfy { gradients[$0] == 0 }, "\(comment): \(tensor.name) is frozen")
                    continue
                }
                let scale = numeric[range].map(abs).max()!
                for index in range {
                    #expect(
                        abs(gradients[index] - numeric[index]) <= 2e-3 * scale + 2e-4,
                        "\(comment): \(tensor.name)[\(index - tensor.offset)]")
                }
            }
            return
        }
    }

    static let hidden = Catalogue.activations.filter { !$0.entry.outputOnly }.map(\.entry.id)
    static let losses = Catalogue.losses.map(\.entry.id)

    @Test("every activation has the right gradient under every loss", arguments: hidden, losses)
    func activationsAndLosses(_ activation: String, _ loss: String) throws {
        let layers = [dense(4, Choice(activation)), dense(3, Choice(activation))]
        try check(classifier(layers, loss: Choice(loss)), "two classes")
        try check(classifier(layers, loss: Choice(loss), classes: 3), "three classes")
        if Catalogue.losses.first(where: { $0.entry.id == loss })!.suitsRegression {
            try check(
                NetworkDescription(input: Shape(3), task: .regression, layers: layers, loss: Choice(loss)), "regression"
            )
        }
    }

    @Test("every output activation has the right gradient", arguments: Catalogue.activations.map(\.entry.id))
    func outputs(_ activation: String) throws {
        for loss in Catalogue.losses where loss.impliedActivation == nil {
            try check(
                classifier(
                    [dense(3, Choice("tanh"))], activation: Choice(activation), loss: Choice(loss.entry.id), classes: 3),
                "\(loss.entry.id)")
        }
    }

    /// An entry with its defaults, and with each setting at each value that the screen walks through or offers.
    /// - Parameter most: of whole numbers.
    private static func variants(of entry: Entry, most: Int = 19) -> [Choice] {
        [Choice(entry.id)]
            + entry.knobs.flatMap { knob in
                let values: [KnobValue] =
                    switch knob.kind {
                    case .integer(let range): [.integer(range.lowerBound), .integer(min(range.upperBound, most))]
                    case .real(_, let steps): steps.filter { $0 <= 10 }.map { .real($0) }
                    case .toggle: [.toggle(false), .toggle(true)]
                    case .text, .list: []
                    // Of numbers as words the first few.
                    case .word(let words): words.filter { Int($0) ?? 0 < 3 }.map { .text($0) }
                    case .choice(let list):
                        Catalogue.entries(list).filter { !$0.outputOnly }.map { .choice(Choice($0.id)) }
                    }
                return values.map { Choice(entry.id, [knob.name: $0]) }
            }
    }

    /// Activations whose functions have a kink. A layer of an image has too many values to keep all of them away from it.
    static let kinked = ["relu", "leakyReLU", "prelu", "elu", "threshold"]

    @Test("every layer has the right gradient at every setting", arguments: Catalogue.layers.map { $0.entry.id })
    func layers(_ id: String) throws {
        let type = Catalogue.layers.first { $0.entry.id == id }!
        let isImage = type.exampleInput.axes.count > 1
        // Of an image's layers the activations are smooth, but where another is the setting itself.
        let smooth = type.entry.knobs.filter { isImage && $0.kind == .choice(.activation) }
        // Larger windows make so many values that the differences take minutes.
        let most = isImage ? 5 : 19
        for var choice in Self.variants(of: type.entry, most: most) {
            for knob in smooth where choice.knobs[knob.name] == nil {
                choice.knobs[knob.name] = .choice(Choice("tanh"))
            }
            if isImage, case .choice(let function)? = choice.knobs["activation"], Self.kinked.contains(function.id) {
                continue
            }
            if case .text(let function)? = choice.knobs["activation"], Self.kinked.contains(function) { continue }
            // Before a layer with weights and behind one, so that its own gradient and the one it passes on are seen.
            // Four wide: a block's standard layers fit, and over two or three units a norm is nearly a step.
            let inside = network(around: choice, then: [dense(2, Choice("sigmoid"))])
            // The largest windows do not fit the example.
            guard (try? Plan(inside)) != nil else {
                let changed = type.entry.knobs.filter { choice.knobs[$0.name] == .integer(most) }
                #expect(changed.count == 1 && isImage, "\(choice)")
                continue
            }
            try check(inside, "\(choice)")
            var front = classifier([choice, dense(3, Choice("tanh"))])
            front.input = type.exampleInput
            front.sequence = type.exampleForm
            try check(front, "\(choice) in front")
        }
    }

    @Test("every activation has the right gradient at every setting", arguments: hidden)
    func activationSettings(_ id: String) throws {
        for choice in Self.variants(of: Catalogue.entry(.activation, id)!) {
            try check(classifier([dense(4, choice), dense(3, choice)]), "\(choice)")
        }
    }

    @Test("every loss has the right gradient at every setting", arguments: losses)
    func lossSettings(_ id: String) throws {
        for choice in Self.variants(of: Catalogue.entry(.loss, id)!) {
            try check(classifier([dense(4, Choice("tanh"))], loss: choice, classes: 3), "\(choice)")
        }
    }

    @Test("dropout has the right gradient under a fixed mask") func dropouts() throws {
        try check(
            classifier([dropout(0.2), dense(6, Choice("tanh")), dropout(0.5), dense(4, Choice("prelu")), dropout(0.3)]),
            "dropout")
    }

    @Test(
        "blocks have the right gradient, one in another too",
        arguments: [
            "dense:4:tanh residual( dense:3:sigmoid dense:4:tanh | ) dense:3:tanh",
            "residual( dense:3:tanh | dense:3:linear ) residual( layerNorm dense:3:gelu | )",
            "branches:concatenate( dense:2:tanh | | dense:3:sigmoid ) dense:3:tanh",
            "dense:4:tanh branches:sum( dense:4:tanh | | dense:4:sin ) branches:mean( | dense:4:tanh )",
            "dense:5:tanh residual( branches:sum( dense:5:gelu | residual( dense:5:tanh batchNorm | ) ) | ) dense:2:tanh",
        ]) func blocks(_ layers: String) throws
    { try check(classifier(stack(layers)), "\(layers)") }

    @Test(
        "tied and frozen layers have the right gradient, in blocks too",
        arguments: [
            "dense:4:tanh@a dense:2:sigmoid~a dense:3:tanh",
            "dense:3:tanh@a dense:2:tanh~a dense:3:sigmoid dense:2:tanh~a",
            "dense:3:tanh@a residual( dense:5:gelu@b residual( branches:sum( dense:3:tanh~b | dense:3:tanh ) dense:5:tanh | ) "
                + "dense:3:tanh~b | ) dense:2:tanh~a",
            "!dense:3:tanh@a dense:2:tanh~a dense:3:sigmoid@b !dense:2:prelu~b",
            "dense:4:tanh !batchNorm !dense:4:prelu !residual( !layerNorm dense:4:tanh | ) dense:3:tanh",
        ]) func tiedAndFrozen(_ layers: String) throws
    { try check(classifier(stack(layers)), "\(layers)") }

    @Test(
        "sequences have the right gradient: of different lengths, with targets at every step, in both directions",
        arguments: [
            ("rnn:units=3:returns=all", false, true), ("lstm:units=3:bidirectional=true:layers=2", true, false),
            ("gru:units=2:returns=all:bidirectional=true rnn:units=3:returns=all", true, true),
            (
                "conv1d:filters=3:dilation=2:activation=tanh lstm:units=2 repeat:steps=4 gru:units=2:returns=all", true,
                true
            ),
            ("eachStep( dense:2:tanh ) lstm:units=2:returns=all meanOverTime", true, false),
            ("attention:causal=false lstm:units=2:returns=all", true, true),
            ("lstm:units=2:returns=all eachStep( dense:3:tanh batchNorm ) lastStep", false, false),
            (
                "lstm:units=2:returns=all residual( eachStep( dense:3:tanh ) | eachStep( dense:3:sigmoid ) ) meanOverTime",
                true, false
            ),
            ("dense:2:tanh repeat:steps=1 eachStep( dense:3:tanh layerNorm ) lastStep", false, false),
        ]) func sequences(_ layers: String, _ hasLengths: Bool, _ hasTargets: Bool) throws
    {
        for loss in ["softmaxCrossEntropy", "squaredError"] {
            var network = classifier(stack(layers), loss: Choice(loss), classes: 3)
            network.input = Shape(4, 2)
            network.sequence = SequenceForm(hasLengths: hasLengths, targetSteps: hasTargets ? 4 : nil)
            try check(network, "\(layers), \(loss)")
        }
        var values = classifier(stack(layers))
        (values.input, values.task) = (Shape(4, 2), .regression)
        values.sequence = SequenceForm(hasLengths: hasLengths, targetSteps: hasTargets ? 4 : nil)
        try check(values, "\(layers), values")
    }

    @Test(
        "autoencoders have the right gradient: dense, tied, of images, of sequences, with penalties on their codes",
        arguments: [
            ([3], "dense:4:tanh dense:2:linear@code dense:4:sigmoid dense:3:linear"),
            ([3], "dense:2:tanh@code dense:3:linear~code"),
            ([3], "rbm:units=4 rbm:units=2"),
            ([1, 2, 2], "rbm:units=3"),
            ([3], "dense:4:sigmoid sparsity:target=0.2:weight=2 dense:3:tanh sparsity:target=0.1:weight=0.3"),
            ([3], "dense:3:tanh sampledCode:units=2:weight=0.7 dense:3:tanh dense:3:linear"),
            (
                [1, 4, 4],
                "conv2d:filters=2:stride=2:padding=1:activation=sigmoid sparsity conv2dTranspose:filters=1:stride=2:kernel=4:padding=1"
            ),
            ([4, 2], "gru:units=3 repeat:steps=4 lstm:units=2:returns=all"),
            ([4, 2], "lstm:units=3 sampledCode:units=2 repeat:steps=4 eachStep( dense:2:linear )"),
        ]) func autoencoders(_ axes: [Int], _ layers: String) throws
    {
        for loss in Catalogue.losses where loss.suitsReconstruction && loss.entry.id != "absoluteError" {
            let network = NetworkDescription(
                input: Shape(axes: axes), task: .reconstruction, layers: stack(layers), loss: Choice(loss.entry.id))
            try check(network, "\(layers), \(loss.entry.id)")
        }
    }

    @Test("a network without hidden layers has the right gradient") func shallow() throws {
        for loss in Self.losses { try check(classifier([], loss: Choice(loss)), "\(loss)") }
    }
}

/// One training pass whose loss can be asked for at any parameters.
private struct Probe {
    let plan: Plan
    let parameters: Block
    let gradientBlock: Block
    let pass: CPUPass
    /// The pass outside training, for what layers add to the loss; nil: none does.
    let penalties: CPUPass?
    let samples: ResidentSamples
    let network: NetworkDescription

    init(_ network: NetworkDescription, seed: UInt64) throws {
        self.network = network
        plan = try Plan(network)
        parameters = try Block(count: plan.outline.flatCount)
        gradientBlock = try Block(count: plan.outline.flatCount)
        var random = Random(seed: seed)
        parameters.write(plan.initialParameters(&random))
        // Biases too, which the initializers leave alike.
        for tensor in plan.outline.tensors {
            for index in tensor.offset..<(tensor.offset + tensor.count) {
                parameters[index] += Float(random.uniform(-0.3, 0.3))
            }
        }
        pass = try CPUPass(
            plan.program, part: .training, capacity: GradientTests.batch, parameters: parameters,
            gradients: gradientBlock)
        penalties =
            plan.program.penalties.isEmpty
            ? nil
            : try CPUPass(plan.program, part: .evaluation, capacity: GradientTests.batch, parameters: parameters)
        let width = network.inputWidth
        let range = network.task == .reconstruction && plan.head.loss.targetRange != nil ? (0.0, 1.0) : (-1.5, 1.5)
        var (inputs, labels): ([Float], [Float]) = ([], [])
        for sample in 0..<GradientTests.batch {
            for _ in 0..<network.input.count { inputs.append(Float(random.uniform(range.0, range.1))) }
            if network.sequence.hasLengths { inputs.append(Float(1 + sample % network.input.axes[0])) }
            for step in 0..<network.targetsPerSample {
                if network.sequence.targetSteps != nil, (sample + step) % 5 == 4 {
                    labels.append(Samples.noLabel)
                } else if case .classification(let classes) = network.task {
                    labels.append(Float(Int(random.uniform() * Double(classes))))
                } else {
                    labels.append(Float(random.uniform(-2, 2)))
                }
            }
        }
        let data = Samples(count: GradientTests.batch, inputs: inputs, labels: labels)
        samples = try ResidentSamples(data, task: network.task, head: plan.head, inputs: width, place: "samples")
    }

    private func run() {
        let count = GradientTests.batch
        pass.gather(pass.program.input, from: samples.inputs, order: nil, first: 0, count: count)
        pass.gather(pass.program.target, from: samples.targets, order: nil, first: 0, count: count)
        pass.run(count: count, seed: 5, counter: 3)
    }

    private var lossValues: Slice {
        plan.head.lossStage == .activation
            ? plan.program.layers.last!.activation : plan.program.layers.last!.preActivation
    }

    func gradients() -> [Float] {
        run()
        return gradientBlock.array
    }

    private func loss() -> Double {
        run()
        let loss = pass.sum(of: CPULoss(plan.head), at: lossValues, steps: plan.head.steps, count: GradientTests.batch)
        guard let penalties else { return loss }
        penalties.gather(
            penalties.program.input, from: samples.inputs, order: nil, first: 0, count: GradientTests.batch)
        penalties.run(count: GradientTests.batch)
        return plan.program.penalties.reduce(loss) { $0 + penalties.sum(of: $1, count: GradientTests.batch) }
    }

    func numericGradients(h: Float) -> [Float] {
        var result = [Float](repeating: 0, count: plan.outline.flatCount)
        for tensor in plan.outline.tensors {
            for index in tensor.offset..<(tensor.offset + tensor.count) {
                let value = parameters[index]
                func loss(at offset: Float) -> Double {
                    parameters[index] = value + offset
                    return self.loss()
                }
                let near = loss(at: h) - loss(at: -h)
                let far = loss(at: 2 * h) - loss(at: -2 * h)
                parameters[index] = value
                result[index] = Float((8 * near - far) / Double(12 * h))
            }
        }
        return result
    }

    /// How near any value comes to a point where its function has no derivative.
    func distanceToKinks() -> Float {
        run()
        var nearest = Float.infinity
        func visit(_ slice: Slice, _ distance: (Float, _ unit: Int, _ sample: Int) -> Float) {
            for unit in 0..<slice.count {
                for sample in 0..<GradientTests.batch {
                    nearest = min(nearest, distance(pass.value(slice, unit: unit, sample: sample), unit, sample))
                }
            }
        }
        for (values, layer) in zip(plan.program.layers, plan.outline.layers) {
            guard let activation = layer.activation, GradientTests.kinked.contains(activation.id) else { continue }
            visit(values.preActivation) { z, _, _ in abs(z) }
        }
        for operation in plan.program.backward where operation.primitive.kernel == LC_OP_POOL_MAXIMUM_GRAD {
            nearest = min(nearest, distanceToTies(operation))
        }
        // A hard threshold's output moves no loss.
        if plan.head.activation.entry.id == "threshold" { return nearest }
        visit(lossValues) { y, unit, sample in
            let t = samples.targets[unit, sample]
            return switch network.loss.id {
            case "absoluteError": abs(y - t)
            case "hinge": abs(1 - t * y)
            default: .infinity
            }
        }
        return nearest
    }

    /// By how much the largest value of any window exceeds the next one.
    private func distanceToTies(_ pooling: Operation) -> Float {
        let (window, x) = (pooling.window!, pooling["input"])
        var nearest = Float.infinity
        for (channel, place) in (0..<pooling.m).flatMap({ channel in (0..<window.places).map { (channel, $0) } }) {
            let (top, left) = (
                place / window.outWidth * window.stride - window.padding,
                place % window.outWidth * window.stride - window.padding
            )
            for sample in 0..<GradientTests.batch {
                var values: [Float] = []
                for row in max(0, top)..<min(window.height, top + window.kernelHeight) {
                    for column in max(0, left)..<min(window.width, left + window.kernelWidth) {
                        let unit = (channel * window.height + row) * window.width + column
                        values.append(pass.value(x, unit: unit, sample: sample))
                    }
                }
                values.sort(by: >)
                if values.count > 1 { nearest = min(nearest, values[0] - values[1]) }
            }
        }
        return nearest
    }
}
