/// One sample of two networks that train against each other, generated or real, with the losses that both have of it.
public struct AdversarialWay: Sendable {
    /// Laid out as the whole network from noise to an answer; of a real sample without the layers that generate.
    public var trace: SampleTrace
    /// The derivatives of the trace's loss at the numbers of noise; empty: not asked for, or the sample is real.
    public var inputGradients: [Float] = []
    /// Those at the whole network's flat parameters; empty: not asked for.
    public var gradients: [Float] = []
}

/// A loss that the other of two networks has of the same sample.
public struct OpposedLoss: Sendable, Hashable {
    /// "discriminator"
    public var name: String
    public var formula: String
    public var value: Double
}

extension SampleTrace {
    /// Takes the discriminator's loss of a real sample.
    mutating func setRealLoss(_ loss: AdversarialLoss, answer: Double, weight: Double, smoothing: Double) {
        self.weight = weight
        self.loss = weight * loss.discriminatorLoss(answer, smoothing)
        lossFormula = smoothing > 0 ? loss.smoothedFormula : loss.formulas.real
        targets = loss.real.answers(less: smoothing)
    }

    /// Takes the discriminator's loss of a generated sample.
    mutating func setGeneratedLoss(_ loss: AdversarialLoss, answer: Double) {
        self.loss = loss.generatedLoss(answer)
        lossFormula = loss.formulas.generated
        targets = loss.generated.answers()
    }

    /// Takes the generator's loss of a sample that it made.
    mutating func setGeneratorLoss(_ loss: AdversarialLoss, answer: Double) {
        self.loss = loss.generatorLoss(answer)
        lossFormula = loss.formulas.generator
        targets = loss.generator.answers()
    }
}

extension AdversarialLoss.Line {
    /// The answer that the derivative y − t compares with; empty: the derivative is another one.
    fileprivate func answers(less smoothing: Double = 0) -> [Float] { slope == 1 ? [target - Float(smoothing)] : [] }

    /// The derivative at an answer.
    /// - Parameter smoothing: the part by which the target is less than the line's.
    fileprivate func derivative(at answer: Float, less smoothing: Double = 0) -> Float {
        slope == 0 ? offset : slope * (answer - target + Float(smoothing))
    }
}

extension AdversarialNetworks {
    /// The way of one sample, and its loss: of a generated one the generator's, with the discriminator's beside it.
    /// - Parameters:
    ///   - values: numbers of noise, or of a real sample the values that the discriminator takes.
    ///   - procedure: the training's, which has the losses.
    ///   - derives: the loss's derivatives are wanted, too.
    public func way(
        of values: [Float], isReal: Bool, by procedure: Choice, derives: Bool
    ) throws(EngineError) -> AdversarialWay {
        let knobs = try AdversarialKnobs(procedure)
        let loss = knobs.loss
        let shift = judge.end + 1
        var trace: SampleTrace
        if isReal {
            discriminator.forward(values, count: 1)
            trace = discriminator.trace(label: nil)
            trace.layers = Dictionary(
                uniqueKeysWithValues: trace.layers.map { path, layer in
                    var path = path
                    path.index += shift
                    return (path, layer)
                })
            trace.layers[LayerPath(judge.end)] = LayerTrace(sums: values, values: values)
            trace.inputs = []
        } else {
            whole.forward(values, count: 1)
            trace = whole.trace(label: nil)
        }
        let answer = trace.layers[whole.outline.output]?.values.first ?? .nan
        let slope: Float
        if isReal {
            trace.setRealLoss(loss, answer: Double(answer), weight: knobs.realWeight, smoothing: knobs.smoothing)
            slope = Float(knobs.realWeight) * loss.real.derivative(at: answer, less: knobs.smoothing)
        } else {
            trace.setGeneratorLoss(loss, answer: Double(answer))
            trace.opposed = OpposedLoss(
                name: "discriminator", formula: loss.formulas.generated, value: loss.generatedLoss(Double(answer)))
            slope = loss.generator.derivative(at: answer)
        }
        guard derives else { return AdversarialWay(trace: trace) }
        return try derived(AdversarialWay(trace: trace), values, isReal: isReal, slope: slope)
    }

    /// The same way with the derivatives.
    /// - Parameter slope: the loss's derivative at the sum behind the answer.
    private func derived(
        _ way: AdversarialWay, _ values: [Float], isReal: Bool, slope: Float
    ) throws(EngineError) -> AdversarialWay {
        let network = try gradientNetwork(isReal: isReal)
        let outline = network.outline
        network.run(
            values, goals: [.init(layer: outline.output, stage: .preActivation, units: 0..<1, weight: slope)])
        var way = way
        for path in way.trace.layers.keys where !isReal || path.index > judge.end {
            var own = path
            own.index -= isReal ? judge.end + 1 : 0
            // At the output the loss is derived together with the sigmoid.
            way.trace.layers[path]?.valueGradients =
                own == outline.output ? [slope] : network.gradient(layer: own)
        }
        let input = network.gradient(layer: .input)
        if isReal {
            way.trace.layers[LayerPath(judge.end)]?.valueGradients = input
        } else {
            way.inputGradients = input
        }
        var gradients = [Float](repeating: 0, count: outline.flatCount)
        for tensor in outline.tensors where tensor.isTrained {
            gradients.replaceSubrange(tensor.offset..<tensor.offset + tensor.count, with: network.gradient(of: tensor))
        }
        way.gradients = isReal ? judge.whole(gradients, count: whole.outline.flatCount) : gradients
        return way
    }
}
