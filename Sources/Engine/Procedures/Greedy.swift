/// Stacked denoising autoencoders: each hidden layer in turn learns, without labels, to give back the values before it from a
/// disturbed copy of them; then the network learns the labels that there are.
final class Greedy: PretrainingProcedure {
    static let entry = Entry(
        id: "greedy", title: "greedy",
        summary:
            "Each hidden layer first learns without labels to give back its own input, disturbed, one layer after the other; then the network learns the labels.",
        formula: "W⁽ˡ⁾ ← W⁽ˡ⁾ − η · ∂L(x̂⁽ˡ⁾, x⁽ˡ⁾)/∂W⁽ˡ⁾,  x̂⁽ˡ⁾ = decode(f(W⁽ˡ⁾ x̃⁽ˡ⁾ + b))",
        source:
            "Bengio, Lamblin, Popovici and Larochelle, Greedy layer-wise training of deep networks, 2006; Vincent and others, Stacked denoising autoencoders, 2010",
        knobs: [
            Pretraining.epochs,
            Knob(
                "corruption", title: "corruption",
                summary: "A random change of each layer's input while it learns; the target is the input without it.",
                kind: .choice(.corruption), default: .choice(Choice(Corruption.mask.entry.id))),
            optimizer, Pretraining.then,
        ])
    private static let optimizer = Knob(
        "optimizer", title: "optimizer", summary: "How the layers learn before the labels come.",
        kind: .choice(.optimizer), default: .choice(Choice(Catalogue.optimizers[0].entry.id)))

    let pretraining: Pretraining

    init(_ setup: TrainingSetup) throws(EngineError) {
        let stages = try Self.stages(of: setup.network)
        pretraining = try Pretraining(setup, stages: stages) { stage throws(EngineError) in
            try LayerAutoencoder(stage, optimizer: Self.optimizer)
        }
    }

    /// Each layer with parameters that a decoder exists for, with those behind it that have none and keep its shape.
    /// - Throws: that there is no such layer, or that the values before the first are no amounts.
    private static func stages(of network: NetworkDescription) throws(EngineError) -> [Range<Int>] {
        guard network.sequence.vocabulary == nil, !network.sequence.hasLengths else {
            throw EngineError(
                place: "training.procedure",
                message: "expected amounts that the first layer can give back, found sequences of "
                    + (network.sequence.vocabulary == nil ? "different lengths" : "symbols")
                    + "; choose other data, or another procedure")
        }
        let outline = try network.outline()
        var stages: [Range<Int>] = []
        for (place, choice) in network.layers.enumerated() {
            let layer = outline.layers[place]
            if layer.tensors.isEmpty, layer.stacks.isEmpty {
                let follows = stages.last.map { $0.upperBound == place } ?? false
                if follows, layer.input == layer.output {
                    stages[stages.count - 1] = stages.last!.lowerBound..<place + 1
                }
            } else if !layer.isFrozen, try Catalogue.decoder(of: choice, input: layer.input) != nil {
                stages.append(place..<place + 1)
            }
        }
        guard !stages.isEmpty else {
            throw EngineError(
                place: "layers",
                message:
                    "expected a hidden layer that can learn to give back its input (dense or conv2d, not frozen or "
                    + "tied), found none; add one, or choose another procedure")
        }
        return stages
    }
}

/// The layers of one stage with a decoder behind them.
private final class LayerAutoencoder: LayerLearner {
    private let descent: GradientDescent
    private let optimizer: Knob
    /// The tensors of the stage's layers; those of the decoder are this learner's own.
    private let own: [Outline.Tensor]

    init(_ stage: Pretraining.Stage, optimizer: Knob) throws(EngineError) {
        self.optimizer = optimizer
        let decoder = try Catalogue.decoder(of: stage.layers[0], input: stage.input)!
        let layers = stage.layers.map(\.fresh) + [decoder]
        var learning = Self.learning(stage.learning, optimizer)
        if stage.places.lowerBound > 0 { learning.augment = [] }
        let loss = Catalogue.lossOfReconstruction { range in
            stage.train.inputs.isWithin(range) && stage.test.inputs.isWithin(range)
        }
        descent = try GradientDescent(
            TrainingSetup(
                network: NetworkDescription(input: stage.input, task: .reconstruction, layers: layers, loss: loss),
                learning: learning, train: stage.train, test: stage.test, seed: stage.seed, threads: stage.threads),
            metrics: Metric.reconstruction)
        let decoderName = "layers.\(stage.layers.count)."
        own = descent.model.outline.tensors.filter { !$0.name.hasPrefix(decoderName) }
    }

    /// The document's settings with the optimizer of this part, and nothing that is meant for the labels.
    private static func learning(_ learning: LearningDescription, _ knob: Knob) -> LearningDescription {
        var learning = learning
        if case .choice(let optimizer) = learning.procedure.value(of: knob) { learning.optimizer = optimizer }
        learning.schedule = Catalogue.standard(.schedule)
        (learning.l1, learning.l2) = (0, 0)
        return learning
    }

    var step: Int { descent.step }
    var epoch: Int { descent.epoch }
    var stepsPerEpoch: Int { descent.stepsPerEpoch }
    var scheduledRate: Double { descent.scheduledRate }
    var divergence: Divergence? { descent.divergence }
    var state: TrainingState { descent.state }

    func advance(steps: Int) -> TrainingProgress { descent.advance(steps: steps) }
    func reconstructionError() -> Double { descent.reconstructionError() }
    func restore(_ state: TrainingState) throws(EngineError) { try descent.restore(state) }

    func apply(_ learning: LearningDescription) throws(EngineError) {
        var own = Self.learning(learning, optimizer)
        if descent.learning.augment.isEmpty { own.augment = [] }
        try descent.apply(own)
    }

    var tensors: [String: [Float]] {
        get {
            let parameters = descent.parameters
            return Dictionary(
                uniqueKeysWithValues: own.map { tensor in
                    (
                        String(tensor.name.dropFirst("layers.".count)),
                        Array(parameters[tensor.offset..<tensor.offset + tensor.count])
                    )
                })
        }
        set {
            var parameters = descent.parameters
            for tensor in own {
                guard let values = newValue[String(tensor.name.dropFirst("layers.".count))],
                    values.count == tensor.count
                else { continue }
                parameters.replaceSubrange(tensor.offset..<tensor.offset + tensor.count, with: values)
            }
            descent.parameters = parameters
        }
    }
}
