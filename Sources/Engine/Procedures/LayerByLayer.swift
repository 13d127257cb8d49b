/// One layer learns at a time while all others are frozen, each for some epochs, in turn.
final class LayerByLayer: DescentProcedure {
    static let entry = Entry(
        id: "layerByLayer", title: "layer by layer",
        summary: "Trains one layer for some epochs while all others are frozen, then the next one, and so around.",
        formula: "w⁽ˡ⁾ ← w⁽ˡ⁾ − η · ∂L/∂w⁽ˡ⁾,  l = ⌊epoch / n⌋ mod layers",
        source: "block coordinate descent; Wright, Coordinate descent algorithms, 2015",
        watch: "The loss goes down in stairs: each layer finds what the frozen ones allow.",
        knobs: [
            Knob(
                "epochs", title: "epochs a layer", summary: "The number of epochs for which a layer learns at a time.",
                kind: .integer(1...1_000_000), default: .integer(10),
                raise: "when a layer still gets better when its turn ends", lower: "when it stands still long before"),
            Knob(
                "first", title: "first layer",
                summary: "The layer that learns first: the one at the input, or the output.",
                kind: .word(["input", "output"]), default: .text("input")),
        ])
    static let metrics = Metric.supervised + [.trainedLayer]

    static let tracesSteps = true

    let descent: GradientDescent
    /// As the document describes it, with the layers frozen that never learn.
    private var network: NetworkDescription
    /// The places in `outline.layers` of the layers that learn, in the order of their turns.
    private var turns: [Int] = []
    private var epochsPerTurn = 1
    /// The layer that learns now, a place in `outline.layers`.
    private var trained: Int?

    init(_ setup: TrainingSetup) throws(EngineError) {
        network = setup.network
        descent = try GradientDescent(setup)
        try arrange(setup.learning)
        takeTurn()
    }

    func advance(steps: Int) -> TrainingProgress {
        takeTurn()
        return descent.advance(steps: steps)
    }

    func traceStep(sample: Int, turn: Int) throws(EngineError) -> StepTrace? {
        takeTurn()
        return try descent.traceStep(sample: sample)
    }

    func apply(_ learning: LearningDescription, to network: NetworkDescription?) throws(EngineError) {
        // Of all layers, as the document has it: a mistake is found now and not at the next turn.
        try descent.apply(learning, to: network ?? self.network)
        self.network = network ?? self.network
        try arrange(learning)
        takeTurn()
    }

    func reset(seed: UInt64) {
        descent.reset(seed: seed)
        takeTurn()
    }

    func restore(_ state: TrainingState) throws(EngineError) {
        // Gradients that wait belong to the layer of the state's epoch: meanwhile none is frozen that learns.
        try descent.apply(descent.learning, to: network)
        trained = nil
        defer { takeTurn() }
        try descent.restore(state)
    }

    /// Finds the turns; the network of `descent` is the document's.
    private func arrange(_ learning: LearningDescription) throws(EngineError) {
        let settings = try Settings(learning.procedure, in: .procedure, place: "training.procedure")
        epochsPerTurn = settings.integer("epochs")
        let outline = try network.outline()
        turns = outline.layers.indices.filter { layer in
            outline.layers[layer].tensors.contains { outline.tensors[$0].isTrained && !outline.tensors[$0].isFrozen }
        }
        if settings.text("first") == "output" { turns.reverse() }
        trained = nil
    }

    /// Freezes the layers whose turn it is not; those that have nothing to learn stay as they are. Where there is no memory for
    /// another pass the present layer goes on.
    private func takeTurn() {
        let layer = turns[descent.epoch / epochsPerTurn % turns.count]
        guard layer != trained else { return }
        var only = network
        for index in turns where index != layer && index < network.layers.count {
            only.layers[index].isFrozen = true
        }
        only.isOutputFrozen = layer != network.layers.count
        guard (try? descent.apply(descent.learning, to: only)) != nil else { return }
        // At the beginning of a turn the samples whose gradients wait were passed for the layer before.
        if turns.count > 1, descent.epoch % epochsPerTurn == 0 { descent.feed.carriedCount = 0 }
        trained = layer
        descent.ownMetrics = [(.trainedLayer, Double(layer + 1))]
    }
}
