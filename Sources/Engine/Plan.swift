/// A network planned: its outline, how its parameters start, and its program. No memory is reserved yet.
struct Plan: Sendable {
    /// Tensors begin at multiples of this many floats: 64 bytes, a vector of the widest processors.
    static let alignment = 16

    let outline: Outline
    let head: OutputHead
    let program: Program
    /// How each of `outline.tensors` starts.
    let initials: [ParameterTensor.Initial]
    /// The first floats of the flat parameters are those that decay.
    let decayingCount: Int

    init(_ description: NetworkDescription) throws(EngineError) {
        guard description.input.count >= 1 else {
            throw EngineError(place: "features", message: "a network needs at least one input; choose a feature")
        }
        guard description.layers.count <= NetworkDescription.mostLayers else {
            throw EngineError(
                place: "layers",
                message: "expected at most \(NetworkDescription.mostLayers) layers, found \(description.layers.count)")
        }
        head = try OutputHead(description)
        let stack = try Stack(description, head: head)
        let layout = Layout(stack)
        (program, outline) = Self.emit(stack, layout: layout, head: head, input: description.input)
        initials = stack.layers.flatMap { $0.tensors.map(\.initial) }
        decayingCount = layout.decayingCount
    }

    /// Draws all parameters from the generator, in the order of the tensors; padding is 0.
    func initialParameters(_ random: inout Random) -> [Float] {
        var flat = [Float](repeating: 0, count: outline.flatCount)
        for (tensor, initial) in zip(outline.tensors, initials) {
            for index in tensor.offset..<(tensor.offset + tensor.count) {
                switch initial {
                case .constant(let value): flat[index] = value
                case .drawn(let initializer, let settings, let fan):
                    flat[index] = Float(initializer.draw(fan, settings, &random))
                }
            }
        }
        return flat
    }
}

/// The layers with their shapes and tensors.
private struct Stack {
    struct Item {
        var layer: any Layer
        /// Index in the description; nil for the output layer.
        var index: Int?
        var input: Shape
        var output: Shape
        var tensors: [ParameterTensor]
    }

    var layers: [Item] = []

    init(_ description: NetworkDescription, head: OutputHead) throws(EngineError) {
        var shape = description.input
        func append(_ layer: any Layer, index: Int?) throws(EngineError) {
            let output = try layer.outputShape(for: shape)
            layers.append(
                Item(layer: layer, index: index, input: shape, output: output, tensors: layer.tensors(for: shape)))
            shape = output
        }
        for (index, choice) in description.layers.enumerated() {
            let settings = try Settings(choice, in: .layer, place: "layers.\(index)")
            let type = Catalogue.layers.first { $0.entry.id == choice.id }!
            try append(type.init(settings: settings), index: index)
        }
        try append(
            Dense(units: head.units, title: "output", activation: head.activation, initializer: head.initializer),
            index: nil)
    }
}

/// The place of every tensor in the flat parameters: first all that decay, then the others.
private struct Layout {
    var tensors: [Outline.Tensor] = []
    var flatCount = 0
    var decayingCount = 0

    init(_ stack: Stack) {
        for item in stack.layers {
            let owner = item.index.map { "layers.\($0)" } ?? "output"
            for tensor in item.tensors {
                tensors.append(
                    Outline.Tensor(
                        name: "\(owner).\(tensor.name)", axes: tensor.axes, offset: 0,
                        count: tensor.axes.reduce(1, *), decays: tensor.decays))
            }
        }
        for decaying in [true, false] {
            for index in tensors.indices where tensors[index].decays == decaying {
                tensors[index].offset = flatCount
                flatCount += (tensors[index].count + Plan.alignment - 1) / Plan.alignment * Plan.alignment
            }
            if decaying { decayingCount = flatCount }
        }
    }
}

extension Plan {
    /// Lets every layer emit its operations.
    private static func emit(
        _ stack: Stack, layout: Layout, head: OutputHead, input: Shape
    ) -> (Program, Outline) {
        var program = Program(
            input: Slice(block: .values, offset: 0, count: input.count),
            target: Slice(block: .training, offset: 0, count: head.units))
        program.valueRows = input.count
        program.trainingRows = head.units
        var layers: [Outline.Layer] = []
        var backward: [[Operation]] = []
        var source = program.input
        var sourceGradient: Slice?
        var firstTensor = 0
        var trainable = false
        for (position, item) in stack.layers.enumerated() {
            let isOutput = item.index == nil
            let names = item.tensors.map(\.name)
            let indices = Array(firstTensor..<(firstTensor + names.count))
            firstTensor += names.count
            let outputGradient = Slice(block: .training, offset: program.trainingRows, count: item.output.count)
            var plan = LayerPlan(
                index: position, inputShape: item.input, outputShape: item.output, input: source,
                outputGradient: outputGradient,
                gradientIsAtPreActivation: isOutput && head.gradientArrival == .preActivation,
                trainingNeedsOutput: !isOutput || head.gradientStage == .activation,
                inputGradient: trainable ? sourceGradient : nil,
                parameters: Dictionary(
                    uniqueKeysWithValues: zip(names, indices.map { layout.tensors[$0].parameter })),
                valueRows: program.valueRows, trainingRows: program.trainingRows + item.output.count)
            item.layer.emit(into: &plan)
            guard let output = plan.output, let preActivation = plan.preActivation else {
                preconditionFailure("\(item.layer.title) named no results")
            }
            layers.append(
                Outline.Layer(
                    index: item.index, title: item.layer.title, input: item.input, output: item.output,
                    tensors: indices, parameterCount: indices.reduce(0) { $0 + layout.tensors[$1].count },
                    activation: item.layer.activation?.choice,
                    bytesPerSample: 4 * (plan.valueRows - program.valueRows + plan.trainingRows - program.trainingRows))
            )
            program.layers.append(Program.LayerValues(preActivation: preActivation, activation: output))
            program.trainingForward += plan.trainingForward
            program.evaluationForward += plan.evaluationForward
            program.valueRows = plan.valueRows
            program.trainingRows = plan.trainingRows
            backward.append(plan.backward)
            source = output
            sourceGradient = outputGradient
            trainable = trainable || !names.isEmpty
        }
        let last = program.layers[program.layers.count - 1]
        let seed = Operation(
            code: .lossGradient, kind: .loss(head.gradientKind), m: head.units,
            knobs: head.gradientKind == head.loss.entry.id ? head.lossSettings.parameters : [], a: sourceGradient,
            b: head.gradientStage == .activation ? last.activation : last.preActivation, c: program.target)
        program.backward = [seed] + backward.reversed().flatMap { $0 }
        let outline = Outline(
            input: input, layers: layers, tensors: layout.tensors, flatCount: layout.flatCount,
            parameterCount: layout.tensors.reduce(0) { $0 + $1.count },
            bytesPerSample: 4 * (program.valueRows + program.trainingRows))
        return (program, outline)
    }
}

extension Outline.Tensor {
    fileprivate var parameter: LayerPlan.Parameter {
        LayerPlan.Parameter(
            value: Slice(block: .parameters, offset: offset, count: count),
            gradient: Slice(block: .parameterGradients, offset: offset, count: count))
    }
}
