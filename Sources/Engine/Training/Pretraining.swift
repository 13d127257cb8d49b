/// A part of a network that learns without labels, from the values that the layers before it make of all samples.
protocol LayerLearner: AnyObject {
    /// Updates and epochs of this part alone.
    var step: Int { get }
    var epoch: Int { get }
    var stepsPerEpoch: Int { get }
    var scheduledRate: Double { get }
    var divergence: Divergence? { get }

    /// So many updates; fewer where an epoch ends or numbers stop being finite.
    func advance(steps: Int) -> TrainingProgress
    /// The mean of (x̂ − x)² over all values of the test samples, or of the training samples where there are none.
    func reconstructionError() -> Double
    func apply(_ learning: LearningDescription) throws(EngineError)
    /// The parameters of the part by the names of their tensors, counted from its first layer: "0.weight".
    var tensors: [String: [Float]] { get set }
    var state: TrainingState { get }
    /// - Throws: the part of the state that does not fit; nothing has changed then.
    func restore(_ state: TrainingState) throws(EngineError)
}

/// Training in two parts: the hidden layers learn one after the other, without labels, from all samples; then the network
/// learns the labels that there are, as a whole or its output alone.
///
/// A procedure says which layers learn in which stage, and makes their learners (`PretrainingProcedure`).
final class Pretraining {
    /// One stage, ready to begin.
    struct Stage {
        /// The layers that learn, as places among the network's.
        var places: Range<Int>
        var layers: [Choice]
        /// The shape of the values before them, and of those of the first of them.
        var input: Shape
        var output: Shape
        var learning: LearningDescription
        /// The values before them, of all samples.
        var train: Samples
        var test: Samples
        var seed: UInt64
        var threads: Int
    }

    static let epochs = Knob(
        "epochs", title: "epochs a layer",
        summary: "The number of epochs for which each hidden layer learns without labels; 0: none does.",
        kind: .integer(0...1_000_000), default: .integer(10),
        raise: "when the layer's error still falls when its turn ends", lower: "when it stands still long before")
    static let then = Knob(
        "then", title: "then",
        summary:
            "What learns from the labels afterwards: all layers (fineTune), or the output alone, on what the others give it (classifier).",
        kind: .word(["fineTune", "classifier"]), default: .text("fineTune"))

    /// The classifier's, and the number and the error of the layers that learn without labels.
    static let metrics = Metric.supervised + own
    private static let own: [Metric] = [.trainedLayer, .layerError]

    let descent: GradientDescent
    private(set) var learning: LearningDescription
    /// As the document describes it, with the layers frozen that never learn.
    private var network: NetworkDescription
    private let (train, test): (Samples, Samples)
    private let threads: Int
    private var seed: UInt64
    private let stages: [Range<Int>]
    private let makeLearner: (Stage) throws(EngineError) -> any LayerLearner
    private var epochsPerStage = 0
    private var leavesLayers = false
    /// The stage at work; `stages.count`: the labels are learned.
    private var stage = 0
    /// nil: the labels are learned.
    private var learner: (any LayerLearner)?
    /// Whether the learner has learned what the network does not know yet.
    private var isBehind = false
    /// Of the stages that are over.
    private var pastSteps = 0
    private var pastEpochs = 0
    /// A stage that could not begin.
    private var failure: Divergence?

    /// - Parameter stages: the layers of each stage, as places among the network's.
    /// - Throws: a mistake in the network, the settings or the samples, with its place.
    init(
        _ setup: TrainingSetup, stages: [Range<Int>],
        makeLearner: @escaping (Stage) throws(EngineError) -> any LayerLearner
    ) throws(EngineError) {
        (network, learning, seed, threads) = (setup.network, setup.learning, setup.seed, setup.threads)
        (train, test) = (setup.train, setup.test)
        (self.stages, self.makeLearner) = (stages, makeLearner)
        var labelled = setup
        labelled.learning = Self.supervised(setup.learning)
        labelled.train = setup.train.labelled(learning.labelled)
        descent = try GradientDescent(labelled)
        try readKnobs()
        try begin(0)
        goOn()
    }

    /// The settings of the part with labels.
    private static func supervised(_ learning: LearningDescription) -> LearningDescription {
        var learning = learning
        learning.procedure = Catalogue.standard(.procedure)
        return learning
    }

    private func readKnobs() throws(EngineError) {
        let settings = try Settings(learning.procedure, in: .procedure, place: "training.procedure")
        epochsPerStage = settings.integer(Self.epochs.name)
        leavesLayers = settings.text(Self.then.name) != "fineTune"
    }

    // MARK: - Progress

    var step: Int { pastSteps + (learner?.step ?? 0) + descent.step }
    var epoch: Int { pastEpochs + (learner?.epoch ?? 0) + descent.epoch }
    var stepsPerEpoch: Int { learner?.stepsPerEpoch ?? descent.stepsPerEpoch }
    var scheduledRate: Double { learner?.scheduledRate ?? descent.scheduledRate }

    var divergence: Divergence? {
        if let divergence = failure ?? descent.divergence { return divergence }
        guard var divergence = learner?.divergence else { return nil }
        divergence.step += pastSteps
        divergence.layer = place
        return divergence
    }

    /// The part at work, as a place in the experiment.
    private var place: String { stage < stages.count ? "layers.\(stages[stage].lowerBound)" : "output" }

    func advance(steps: Int) -> TrainingProgress {
        if divergence != nil { return .diverged }
        guard let learner else { return descent.advance(steps: steps) }
        let progress = learner.advance(steps: steps)
        isBehind = true
        descent.model.parametersChanged()
        if progress == .finishedEpoch { goOn() }
        return progress
    }

    func measure() -> Evaluation {
        takeTensors()
        var measured = descent.evaluate()
        measured.append(.trainedLayer, Double((learner == nil ? network.layers.count : stages[stage].lowerBound) + 1))
        measured.append(.layerError, learner.map { $0.reconstructionError() })
        return measured
    }

    /// Begins the next stages where the present one has had its epochs.
    private func goOn() {
        while let learner, learner.epoch >= epochsPerStage {
            takeTensors()
            pastSteps += learner.step
            pastEpochs += learner.epoch
            do throws(EngineError) { try begin(stage + 1) } catch {
                failure = Divergence(step: step, layer: place, advice: error.message)
                return
            }
        }
    }

    /// Begins a stage with the present parameters, and freezes the layers whose turn it is not.
    private func begin(_ number: Int) throws(EngineError) {
        stage = number
        learner = nil
        if number < stages.count { learner = try newLearner(number, parameters: descent.parameters) }
        try freeze()
    }

    /// A stage's learner that knows the network's parameters.
    private func newLearner(_ number: Int, parameters: [Float]) throws(EngineError) -> any LayerLearner {
        let places = stages[number]
        let learner = try makeLearner(
            Stage(
                places: places, layers: Array(network.layers[places]),
                input: descent.model.outline.layers[places.lowerBound].input,
                output: descent.model.outline.layers[places.lowerBound].output, learning: learning,
                train: try values(before: places.lowerBound, of: train, parameters),
                test: try values(before: places.lowerBound, of: test, parameters), seed: seed &+ UInt64(number),
                threads: threads))
        giveTensors(to: learner, number, parameters: parameters)
        return learner
    }

    /// The values that the layers before a place make of samples.
    private func values(before place: Int, of samples: Samples, _ parameters: [Float]) throws(EngineError) -> Samples {
        guard place > 0, samples.count > 0 else { return Samples(inputs: samples.inputs, labels: []) }
        let path = LayerPath(place - 1)
        let units = descent.model.outline.layers[place - 1].output.count
        // The values, and a copy of them on the way.
        try MemoryRoom.require(
            2 * 4 * units * samples.count,
            for: "\(units) values of \(plural(samples.count, "sample")) before layer \(place + 1)",
            advice: MemoryRoom.advice)
        let network = try Network(self.network, capacity: min(samples.count, 512), threads: threads)
        network.load(parameters: parameters)
        let found = try network.values(
            of: (0..<units).map { Network.Wanted(layer: path, stage: .activation, unit: $0) },
            at: FixedInputs(samples.inputs, count: samples.count))
        let builder = try SampleBuilder(count: samples.count, width: units)
        for (unit, values) in found.enumerated() { _ = builder.values(of: unit).update(fromContentsOf: values) }
        return Samples(inputs: builder.store(), labels: [])
    }

    private func freeze() throws(EngineError) {
        var own = network
        let learns = learner == nil ? leavesLayers ? 0..<0 : own.layers.indices : stages[stage]
        for place in own.layers.indices where !learns.contains(place) {
            let layer = descent.model.outline.layers[place]
            if !layer.tensors.isEmpty || !layer.stacks.isEmpty { own.layers[place].isFrozen = true }
        }
        if learner != nil { own.isOutputFrozen = true }
        try descent.apply(Self.supervised(learning), to: own)
    }

    // MARK: - Parameters

    /// Copies what the learner has learned into the network, before anybody looks at it.
    private func takeTensors() {
        guard isBehind, let learner else { return }
        isBehind = false
        for (name, values) in learner.tensors {
            guard let tensor = tensor(name, stage) else { continue }
            let place = descent.model.parameterBlock.base + tensor.offset
            values.withUnsafeBufferPointer { place.update(from: $0.baseAddress!, count: min($0.count, tensor.count)) }
        }
    }

    /// Copies the network's parameters into a learner.
    private func giveTensors(to learner: any LayerLearner, _ number: Int, parameters: [Float]) {
        var tensors = learner.tensors
        for name in tensors.keys {
            guard let tensor = tensor(name, number) else { continue }
            tensors[name] = Array(parameters[tensor.offset..<tensor.offset + tensor.count])
        }
        learner.tensors = tensors
    }

    /// The network's tensor of a name that counts from a stage's first layer; nil: it has none.
    private func tensor(_ name: String, _ number: Int) -> Outline.Tensor? {
        let parts = name.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let layer = Int(parts[0]) else { return nil }
        let whole = "layers.\(stages[number].lowerBound + layer).\(parts[1])"
        return descent.model.outline.tensors.first { $0.name == whole }
    }

    var parameters: [Float] {
        get {
            takeTensors()
            return descent.parameters
        }
        set {
            takeTensors()
            descent.parameters = newValue
            renewLearner()
        }
    }

    func inherit(_ parameters: [Float], from old: Outline, paths: [String: String]) {
        takeTensors()
        descent.inherit(parameters, from: old, paths: paths)
        renewLearner()
    }

    /// After a change of the network's parameters: the present stage goes on with them.
    private func renewLearner() {
        guard let old = learner else { return }
        failure = nil
        do throws(EngineError) {
            let state = old.state
            let new = try newLearner(stage, parameters: descent.parameters)
            let tensors = new.tensors
            try new.restore(state)
            new.tensors = tensors
            learner = new
        } catch {
            failure = Divergence(step: step, layer: place, advice: error.message)
        }
    }

    // MARK: - Settings

    func apply(_ learning: LearningDescription, to network: NetworkDescription?) throws(EngineError) {
        // Of all layers, as the document has it: a mistake is found now and not at the next stage.
        try descent.apply(Self.supervised(learning), to: network ?? self.network)
        let (oldLearning, oldNetwork) = (self.learning, self.network)
        (self.learning, self.network) = (learning, network ?? self.network)
        do throws(EngineError) {
            try readKnobs()
            try learner?.apply(learning)
            try freeze()
        } catch {
            (self.learning, self.network) = (oldLearning, oldNetwork)
            try readKnobs()
            try freeze()
            throw error
        }
        goOn()
    }

    func reset(seed: UInt64) {
        self.seed = seed
        (pastSteps, pastEpochs, failure, isBehind) = (0, 0, nil, false)
        descent.reset(seed: seed)
        do throws(EngineError) { try begin(0) } catch {
            failure = Divergence(step: 0, layer: "layers.0", advice: error.message)
        }
        goOn()
    }

    // MARK: - State

    private static let progress = "pretraining.progress"
    private static let layer = "pretraining.layer"

    var state: TrainingState {
        takeTensors()
        var state = descent.state
        let counts = [stage, pastSteps, pastEpochs, state.step, state.epoch].map { UInt64($0) }
        state.parts[Self.progress] = TrainingState.floats(counts)
        if let learner { state.nest(learner.state, as: Self.layer) }
        (state.step, state.epoch) = (step, epoch)
        return state
    }

    func restore(_ state: TrainingState) throws(EngineError) {
        guard let counts = TrainingState.words(state.parts[Self.progress])?.compactMap({ Int(exactly: $0) }),
            counts.count == 5, counts[0] <= stages.count, counts.allSatisfy(TrainingState.counts.contains),
            state.parameters.count == descent.model.outline.flatCount
        else {
            throw EngineError(
                place: Self.progress,
                message: "expected the stage of \(stages.count) that was at work and the parameters of this network; "
                    + "the state is of another procedure or network")
        }
        var next: (any LayerLearner)?
        if counts[0] < stages.count {
            guard var own = state.nested(Self.layer) else {
                throw EngineError(
                    place: Self.layer, message: "the state of the layer that was at work is missing or mistaken")
            }
            own.fit(samples: train.count)
            let learner = try newLearner(counts[0], parameters: state.parameters)
            try learner.restore(own)
            next = learner
        }
        var own = state
        (own.step, own.epoch, own.parts) = (counts[3], counts[4], [:])
        // Gradients that wait belong to the layers of the state's stage: meanwhile none is frozen that learns.
        try descent.apply(Self.supervised(learning), to: network)
        do throws(EngineError) { try descent.restore(own) } catch {
            try freeze()
            throw error
        }
        (stage, pastSteps, pastEpochs, learner, failure) = (counts[0], counts[1], counts[2], next, nil)
        isBehind = false
        try freeze()
        goOn()
    }
}

extension Metric {
    static let layerError = Metric(
        "reconstructionError", title: "layer's error",
        summary:
            "Of the layer that learns without labels the mean of (x̂ − x)² over the values that it is to give back.",
        formula: "Σ (x̂ − x)² / values", source: "Vincent and others, Stacked denoising autoencoders, 2010",
        watch: "It jumps when the next layer begins: its input is another one.",
        plot: .loss)
}

/// A procedure whose hidden layers learn one after the other without labels, before the network learns those that there are.
protocol PretrainingProcedure: Procedure {
    var pretraining: Pretraining { get }
}

extension PretrainingProcedure {
    static var metrics: [Metric] { Pretraining.metrics }
    static var learnsFromUnlabelled: Bool { true }

    var models: [NamedModel] { [NamedModel(name: "network", model: pretraining.descent.model)] }
    var learning: LearningDescription { pretraining.learning }
    var step: Int { pretraining.step }
    var epoch: Int { pretraining.epoch }
    var stepsPerEpoch: Int { pretraining.stepsPerEpoch }
    var scheduledRate: Double { pretraining.scheduledRate }
    var divergence: Divergence? { pretraining.divergence }
    var state: TrainingState { pretraining.state }
    var parameters: [Float] {
        get { pretraining.parameters }
        set { pretraining.parameters = newValue }
    }
    var deviceSteps: DeviceSteps { pretraining.descent.deviceSteps }

    func advance(steps: Int) -> TrainingProgress { pretraining.advance(steps: steps) }
    func measure() -> Evaluation { pretraining.measure() }
    func apply(_ learning: LearningDescription, to network: NetworkDescription?) throws(EngineError) {
        try pretraining.apply(learning, to: network)
    }
    func reset(seed: UInt64) { pretraining.reset(seed: seed) }
    func restore(_ state: TrainingState) throws(EngineError) { try pretraining.restore(state) }
    func inherit(_ parameters: [Float], from old: Outline, paths: [String: String]) {
        pretraining.inherit(parameters, from: old, paths: paths)
    }
}
