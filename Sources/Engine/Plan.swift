/// A network planned: its outline, the initial numbers of its parameters, and its program. No memory is reserved yet.
struct Plan: Sendable {
    /// Tensors begin at multiples of this many floats: 64 bytes, a vector of the widest processors.
    static let alignment = 16

    let outline: Outline
    let head: OutputHead
    let program: Program
    /// The initial numbers of each of `outline.tensors`.
    let initials: [Initial]
    /// The first floats of the flat parameters are those that decay.
    let decayingCount: Int

    /// A tensor's initial numbers.
    enum Initial: Sendable {
        case drawn(by: Initializer, settings: Settings, fan: Initializer.Fan)
        case constant(Float)
        /// Uniform within a limit.
        case uniform(Double)
        /// As many numbers as the tensor has.
        case made(@Sendable (inout Random) -> [Float])
        /// The first numbers; the others start in another way.
        indirect case given([Float], rest: Initial)
    }

    /// - Parameters:
    ///   - isOutsideTraining: plans the gradients at values, the input's too, in place of those at the parameters.
    ///   - descendsLoss: the way back begins at the loss.
    ///   - derivesParameters: outside training, the gradients at all parameters beside those at values.
    init(
        _ description: NetworkDescription, isOutsideTraining: Bool = false, descendsLoss: Bool = true,
        derivesParameters: Bool = false
    ) throws(EngineError) {
        guard description.input.count >= 1 else {
            throw EngineError(place: "features", message: "a network needs at least one input; choose a feature")
        }
        guard description.layers.count <= NetworkDescription.mostLayers else {
            throw EngineError(
                place: "layers",
                message: "expected at most \(NetworkDescription.mostLayers) layers, found \(description.layers.count)")
        }
        let head = try OutputHead(description)
        var builder = PlanBuilder(
            input: description.input, targets: head.targetRows,
            names: description.layers.flatMap(\.allLayers).compactMap(\.name), sequence: description.sequence,
            generated: description.generated, isOutsideTraining: isOutsideTraining,
            derivesParameters: derivesParameters)
        let hidden = try builder.run(description.layers, builder.input, name: "layers", place: "layers")
        try self.init(
            head, &builder, hidden, isOutputFrozen: description.isOutputFrozen, descendsLoss: descendsLoss)
    }

    /// The output and the loss behind the layers that have been planned.
    init(
        _ head: OutputHead, _ builder: inout PlanBuilder, _ hidden: Value, isOutputFrozen: Bool = false,
        descendsLoss: Bool = true
    ) throws(EngineError) {
        let output = try builder.emit(
            Catalogue.outputLayer(head), hidden, path: "output", index: nil, isFrozen: isOutputFrozen)
        var target = builder.target
        if descendsLoss {
            var compared = head.gradientStage.slice(of: output)
            if head.limitsAnswers {
                let limited = builder.value(Shape(head.units), isDifferentiable: false).slice
                builder.emit(
                    Operation(
                        .add, m: head.units,
                        [
                            "output": limited, "input": compared,
                            "other": Slice(block: target.block, offset: target.offset + head.units, count: head.units),
                        ]), evaluation: false)
                compared = limited
                target = Slice(block: target.block, offset: target.offset, count: head.units)
            }
            builder.addGradient(of: head.gradientArrival.slice(of: output)) { gradient in
                let knobs = head.gradientKind == head.loss.entry.id ? head.lossSettings.parameters : []
                guard let steps = head.steps else {
                    return Operation(
                        .lossGradient, kind: .loss(head.gradientKind), m: head.units, knobs: knobs,
                        ["gradient": gradient, "output": compared, "target": target])
                }
                return Operation(
                    .stepsLossGradient, kind: .loss(head.gradientKind), m: head.units, knobs: knobs,
                    steps: Steps(count: steps, pitch: head.units, inputPitch: head.units),
                    [
                        "gradient": gradient, "output": compared, "target": target,
                        "shares": Slice(
                            block: target.block, offset: target.offset + steps * head.units, count: steps),
                    ])
            }
        }
        self.head = head
        let trains = !builder.isOutsideTraining
        (outline, program, initials, decayingCount) = builder.finish()
        guard head.reconstructed == nil || !trains || !outline.trainedSpans.isEmpty else {
            throw EngineError(
                place: "layers",
                message:
                    "expected layers that encode the input and decode it again, found none that learns; add one, or "
                    + "let one learn")
        }
        guard !isOutputFrozen || !trains || !outline.trainedSpans.isEmpty else {
            throw EngineError(
                place: "output.frozen", message: "every layer is frozen, so that nothing learns; let one of them learn")
        }
    }

    /// Draws all parameters from the generator, in the order of the tensors; padding is 0.
    func initialParameters(_ random: inout Random) -> [Float] {
        var flat = [Float](repeating: 0, count: outline.flatCount)
        for (tensor, initial) in zip(outline.tensors, initials) {
            flat.replaceSubrange(
                tensor.offset..<(tensor.offset + tensor.count), with: initial.numbers(tensor.count, &random))
        }
        return flat
    }
}

extension NetworkDescription {
    /// The flat parameters that training starts from, drawn from a seed.
    /// - Throws: a mistake in the description.
    public func initialParameters(seed: UInt64) throws(EngineError) -> [Float] {
        var random = Random(seed: seed)
        return try Plan(self).initialParameters(&random)
    }
}

extension Plan.Initial {
    /// A tensor's numbers.
    fileprivate func numbers(_ count: Int, _ random: inout Random) -> [Float] {
        switch self {
        case .constant(let value): [Float](repeating: value, count: count)
        case .drawn(let initializer, let settings, let fan):
            (0..<count).map { _ in Float(initializer.draw(fan, settings, &random)) }
        case .uniform(let limit): (0..<count).map { _ in Float(random.uniform(-limit, limit)) }
        case .made(let make): make(&random)
        case .given(let numbers, let rest): numbers + rest.numbers(count - numbers.count, &random)
        }
    }
}

extension OutputHead.Stage {
    fileprivate func slice(of value: Value) -> Slice {
        switch self {
        case .preActivation: value.preActivation
        case .activation: value.slice
        }
    }
}
