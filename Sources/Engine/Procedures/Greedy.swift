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
        watch:
            "The error of the layer that learns; then whether the labels are learned faster than from random weights.",
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

    static func check(_ network: NetworkDescription, by choice: Choice) throws(EngineError) {
        _ = try stages(of: network)
    }

    /// Each layer or block with parameters that a decoder exists for, with those behind it that have none and keep its shape.
    /// - Throws: that there is no such layer, or that the values before the first are no amounts.
    private static func stages(of network: NetworkDescription) throws(EngineError) -> [Range<Int>] {
        guard !network.sequence.hasLengths else {
            throw EngineError(
                place: "training.procedure",
                message:
                    "greedy gives back every step of a sequence, expected sequences of one length, found different "
                    + "lengths; choose other data, or another procedure")
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
            } else if layer.tensors.contains(where: { outline.tensors[$0].isTrained && !outline.tensors[$0].isFrozen }),
                choice.allLayers.allSatisfy({ $0.tied == nil }),
                try !Catalogue.decoder(of: choice, from: layer.output, to: layer.input).isEmpty
            {
                stages.append(place..<place + 1)
            }
        }
        guard let first = stages.first else {
            throw EngineError(
                place: "layers",
                message:
                    "expected a hidden layer that can learn to give back its input (dense, a convolution, a recurrent layer "
                    + "or a block with one, not frozen or tied), found none; add one, or choose another procedure")
        }
        guard network.sequence.vocabulary == nil || first.lowerBound > 0 else {
            throw EngineError(
                place: "layers.0",
                message:
                    "the first layer is to give back its input, expected amounts, found the numbers of symbols; put "
                    + "an embedding before it, whose vectors it can give back, or choose another procedure")
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
        let layers = stage.layers.map { $0.fresh.beginningAnew }
        let decoder = try Catalogue.decoder(of: stage.layers[0], from: stage.output, to: stage.input)
        var learning = Self.learning(stage.learning, optimizer)
        if stage.places.lowerBound > 0 { learning.augment = [] }
        let loss = Catalogue.lossOfReconstruction { range in
            stage.train.inputs.isWithin(range) && stage.test.inputs.isWithin(range)
        }
        descent = try GradientDescent(
            TrainingSetup(
                network: NetworkDescription(
                    input: stage.input, task: .reconstruction, layers: layers + decoder, loss: loss),
                learning: learning, train: stage.train, test: stage.test, seed: stage.seed, threads: stage.threads),
            metrics: Metric.reconstruction)
        own = descent.model.outline.layers.prefix(layers.count).flatMap(\.tensors)
            .map { [descent] in descent.model.outline.tensors[$0] }
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
