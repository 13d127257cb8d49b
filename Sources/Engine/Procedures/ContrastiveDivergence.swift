#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Layers that draw each other learn what is likely, one after the other: restricted Boltzmann machines, and deep belief
/// networks of several. Each takes the probabilities of the one below as its values. Then the labels may come in: beside the
/// values of the last layer, or as the targets of the whole network, which gradient descent goes on to train.
final class ContrastiveDivergence: DescentProcedure {
    static let entry = Entry(
        id: "contrastiveDivergence", title: "contrastive",
        summary:
            "Trains restricted Boltzmann machines, layer after layer and without labels: makes the data likelier, and what a short chain draws from it less likely.",
        formula: "Δw = m · Δw + η · (⟨x h⟩ data − ⟨x h⟩ after k steps − cost · w)",
        source:
            "Hinton, Training products of experts by minimizing contrastive divergence, 2002; Tieleman, 2008; Hinton, A practical guide to training restricted Boltzmann machines, 2010",
        watch:
            "The reconstruction error falls though the model may get worse: look at the chains' pictures, the pseudo-likelihood, and the gap of free energies.",
        knobs: [
            Knob(
                "labels", title: "labels",
                summary:
                    "Labels play no part, stand beside the values of the last RBM, or train the whole network when all RBMs have had their epochs.",
                kind: .word(["none", "joint", "fineTuning"]), default: .text("none")),
            Knob(
                "epochs", title: "epochs a layer",
                summary: "The number of epochs for which each RBM learns before the next one, or before fine-tuning.",
                kind: .integer(1...1_000_000), default: .integer(10), raise: "when the units' weights still change",
                lower: "when later layers wait too long"),
            Knob(
                "steps", title: "Gibbs steps", symbol: "k",
                summary: "The number of times that values and units draw each other before the chain is compared.",
                kind: .integer(1...100), default: .integer(1),
                raise: "when chains leave the data and draw something else", lower: "when an epoch takes too long"),
            Knob(
                "persistent", title: "persistent",
                summary: "Whether the chains go on from update to update; else they begin at the data each time.",
                kind: .toggle, default: .toggle(false)),
            Knob(
                "reconstructions", title: "rebuild by",
                summary:
                    "The values of chains that begin at the data: probabilities, which disturb less, or samples, drawn by them.",
                kind: .word(["probabilities", "samples"]), default: .text("probabilities")),
            Knob(
                "momentum", title: "momentum", symbol: "m",
                summary:
                    "The part of the last update that the next one keeps; 0.5 at most in a layer's first five epochs.",
                kind: .real(0...0.999, steps: [0, 0.5, 0.8, 0.9, 0.95, 0.99]), default: .real(0.9),
                raise: "when learning is slow but steady", lower: "when the error jumps"),
            Knob(
                "weightCost", title: "weight cost", symbol: "cost",
                summary: "How strongly weights are drawn towards 0.",
                kind: .real(0...10, steps: [0, 0.00001, 0.0001, 0.0002, 0.001, 0.01]), default: .real(0.0002),
                raise: "when weights grow and chains hardly move", lower: "when the units' weights stay pale"),
        ])
    static let metrics = Metric.supervised + EnergyMetrics.all

    private enum Labels: String {
        case none, joint, fineTuning

        /// The metrics of the whole network.
        var metrics: [Metric] { self == .none ? [.trainLoss, .testLoss] : Metric.supervised }
    }

    static let learnsFromUnlabelled = true

    /// The whole network, which learns the labels that there are.
    let descent: GradientDescent
    /// Hands out all samples, labelled or not, while the pairs learn.
    private let feed: BatchFeed
    private let test: ResidentSamples
    private var settings: ChosenSteps
    /// The pairs that learn, in the order of their turns.
    private var turns: [EnergyPair] = []
    /// The place in `turns` of the one that learns; as many as there are: the whole network does.
    private var turn = 0
    /// The epoch at which the turn began.
    private var turnStart = 0
    /// Updates and passes of the pairs.
    private var pairSteps = 0
    private var learner: EnergyLearner?
    private var measures: EnergyMeasures

    /// Epochs of a layer in which the momentum is small (the program of Hinton and Salakhutdinov, 2006).
    private static let firstEpochs = 5
    private static let firstMomentum = 0.5

    /// The knobs.
    private struct ChosenSteps {
        var labels: Labels
        var epochs: Int
        var chain: EnergyProgram.Chain
        var momentum: Double
        var weightCost: Double

        init(_ choice: Choice) throws(EngineError) {
            let settings = try Settings(choice, in: .procedure, place: "training.procedure")
            labels = Labels(rawValue: settings.text("labels"))!
            epochs = settings.integer("epochs")
            let isPersistent = settings.toggle("persistent")
            chain = EnergyProgram.Chain(
                steps: settings.integer("steps"), isPersistent: isPersistent,
                drawsValues: isPersistent || settings.text("reconstructions") == "samples")
            momentum = settings.real("momentum")
            weightCost = settings.real("weightCost")
        }
    }

    static func task(_ task: Task, by choice: Choice) -> Task {
        choice.value(of: entry.knobs[0]) == .text(Labels.none.rawValue) ? .reconstruction : task
    }

    static func drawsLabels(by choice: Choice) -> Bool {
        choice.value(of: entry.knobs[0]) == .text(Labels.joint.rawValue)
    }

    static func check(_ network: NetworkDescription, by choice: Choice) throws(EngineError) {
        _ = try pairs(of: network, Plan(network), ChosenSteps(choice))
    }

    init(_ setup: TrainingSetup) throws(EngineError) {
        settings = try ChosenSteps(setup.learning.procedure)
        var labelled = setup
        if settings.labels != .none { labelled.train = setup.train.labelled(setup.learning.labelled) }
        descent = try GradientDescent(labelled, metrics: settings.labels.metrics)
        let model = descent.model
        let pairs = try Self.pairs(of: model.network, model.plan, settings)
        // Labels count beside the values alone: then the samples are those that have one.
        let isJoint = settings.labels == .joint
        func resident(_ samples: Samples, _ place: String) throws(EngineError) -> ResidentSamples {
            let resident = try ResidentSamples(
                samples, task: model.network.task, head: model.plan.head, inputs: model.network.inputWidth, place: place
            )
            try Self.check(resident, pairs[0], place: place)
            return resident
        }
        feed = try BatchFeed(
            resident(isJoint ? labelled.train : setup.train, "training data"), network: model.network,
            learning: setup.learning, smallest: 1, seed: setup.seed)
        test = try resident(setup.test, "test data")
        measures = try EnergyMeasures(model.plan, pairs[0], parameters: model.parameterBlock)
        turns = try Self.turns(pairs, model)
        try begin(turn: turn(at: 0))
    }

    var metrics: [Metric] { settings.labels.metrics + EnergyMetrics.all }

    // MARK: - Steps

    var step: Int { pairSteps + descent.step }
    var epoch: Int { feed.epoch + descent.epoch }
    var stepsPerEpoch: Int { learner == nil ? descent.stepsPerEpoch : feed.batches.perEpoch }

    func advance(steps: Int) -> TrainingProgress {
        if descent.divergence != nil { return .diverged }
        takeTurn()
        guard let learner else { return descent.advance(steps: steps) }
        let momentum =
            feed.epoch - turnStart < Self.firstEpochs ? min(Self.firstMomentum, settings.momentum) : settings.momentum
        for _ in 0..<steps {
            let progress = advance(learner, momentum)
            if progress != .stepped { return progress }
        }
        return .stepped
    }

    private func advance(_ learner: EnergyLearner, _ momentum: Double) -> TrainingProgress {
        let count = feed.begin()
        let isUnsound = learner.step(
            feed, count: count, seed: descent.noiseKey, counter: UInt64(pairSteps),
            EnergyLearner.Update(
                momentum: momentum, rate: descent.rate(step: pairSteps), weightCost: settings.weightCost))
        descent.model.parametersChanged()
        pairSteps += 1
        feed.position += count
        if isUnsound {
            descent.divergence = descent.diagnose()
            descent.divergence?.step = step
            return .diverged
        }
        guard feed.isEpochOver else { return .stepped }
        feed.position = 0
        feed.epoch += 1
        return .finishedEpoch
    }

    var scheduledRate: Double { learner == nil ? descent.scheduledRate : descent.rate(step: pairSteps) }

    // MARK: - Turns

    /// The pairs at the beginning of the stack.
    /// - Throws: that there are none, or that what follows them does not suit the labels' part.
    private static func pairs(
        of network: NetworkDescription, _ plan: Plan, _ settings: ChosenSteps
    ) throws(EngineError) -> [EnergyPair] {
        let (outline, all) = (plan.outline, plan.program.pairs)
        let pairs = Array(all.prefix { pair in pair.layer < all.count && all[pair.layer] == pair })
        guard !pairs.isEmpty else {
            throw EngineError(
                place: "layers",
                message: "contrastiveDivergence trains layers of the kind rbm at the beginning of the stack, found "
                    + (outline.layers.count > 1 ? outline.layers[0].title : "no layer")
                    + "; begin with an rbm, or choose another procedure")
        }
        for (pair, previous) in zip(pairs.dropFirst(), pairs) where pair.isNormal {
            throw EngineError(
                place: "layers.\(pair.layer).rbm.visible",
                message: "the values of this layer are the probabilities of \(outline.layers[previous.layer].title), "
                    + "expected binary ones; only the first layer takes Gaussian values")
        }
        if settings.labels != .fineTuning, outline.layers.count - 1 > pairs.count {
            throw EngineError(
                place: "layers.\(pairs.count)",
                message: "\(outline.layers[pairs.count].title) learns by back-propagation alone; leave it out, or set "
                    + "training.procedure.contrastiveDivergence.labels to fineTuning")
        }
        if settings.labels == .joint {
            guard case .classification(let classes) = network.task,
                plan.head.units == classes, plan.head.targets == .binary
            else {
                throw EngineError(
                    place: "output.loss",
                    message: "labels beside an RBM are units of which one is on, expected classes and the loss "
                        + "softmaxCrossEntropy, found \(network.loss.id)"
                        + (network.task.classes == nil ? " and values" : ""))
            }
        }
        return pairs
    }

    /// - Throws: values that no unit that is on or off can have.
    private static func check(_ samples: ResidentSamples, _ pair: EnergyPair, place: String) throws(EngineError) {
        guard !pair.isNormal else { return }
        for unit in 0..<samples.inputs.units {
            for sample in 0..<samples.count where !(0...1).contains(samples.inputs[unit, sample]) {
                throw EngineError(
                    place: "layers.0.rbm.visible",
                    message: "binary values lie from 0 to 1, but input \(unit) of sample \(sample) of the \(place) is "
                        + "\(samples.inputs[unit, sample]); choose gaussian, or leave the data unstandardized")
            }
        }
    }

    /// Those that learn: frozen ones do not.
    /// - Throws: that all are.
    private static func turns(_ pairs: [EnergyPair], _ model: Model) throws(EngineError) -> [EnergyPair] {
        let turns = pairs.filter { !model.outline.layers[$0.layer].isFrozen }
        guard !turns.isEmpty else {
            throw EngineError(
                place: "layers",
                message: "every rbm is frozen, so that none learns; let one learn, or choose supervised")
        }
        return turns
    }

    /// The place in `turns` at an epoch.
    private func turn(at epoch: Int) -> Int {
        let last = settings.labels == .fineTuning ? turns.count : max(0, turns.count - 1)
        return min(epoch / settings.epochs, last)
    }

    /// Goes on with the layer whose epoch it is. Where there is no memory for its pass the present one goes on.
    private func takeTurn() {
        let next = turn(at: feed.epoch)
        if next != turn { try? begin(turn: next) }
    }

    /// Begins a layer's turn with chains and momentum at rest and, where that is so far the value 0, with the log-odds of its
    /// values as their biases (Hinton's guide, section 8).
    private func begin(turn next: Int) throws(EngineError) {
        try prepare(turn: next)
        turnStart = feed.epoch
        guard next < turns.count else {
            descent.model.gradientBlock.fill(0)
            descent.model.updater.reset()
            return
        }
        let pair = turns[next]
        let biases = descent.model.parameterBlock
        guard (0..<pair.n).allSatisfy({ biases[pair.valueBias.offset + $0] == 0 }) else { return }
        for (unit, mean) in measures.means(feed.samples).enumerated() {
            // Of a value that is always 0 or 1, Laplace's rule.
            let count = Double(feed.samples.count)
            let p = (mean * count + 1) / (count + 2)
            biases[pair.valueBias.offset + unit] = Float(pair.isNormal ? mean : log(p / (1 - p)))
        }
        descent.model.parametersChanged()
    }

    /// Makes the passes of a turn; in fine-tuning the last pair is measured on.
    private func prepare(turn next: Int) throws(EngineError) {
        let model = descent.model
        let pair = turns[min(next, turns.count - 1)]
        let isJoint = settings.labels == .joint && next == turns.count - 1
        let learner: EnergyLearner? =
            try next < turns.count
            ? EnergyLearner(
                model, pair, settings.chain, labels: isJoint ? EnergyLabels(model.outline) : nil,
                batchSize: feed.batches.size) : nil
        measures = try EnergyMeasures(model.plan, pair, parameters: model.parameterBlock)
        self.learner = learner
        turn = next
    }

    // MARK: - Measuring

    func measure() -> Evaluation {
        let train = measures.measure(feed.samples)
        let test = measures.measure(test)
        let isDescent = learner == nil
        descent.ownMetrics = [
            (.reconstructionError, (test ?? train)?.reconstructionError),
            (
                EnergyMetrics.logLikelihood,
                train.flatMap { train in (try? measures.likelihood(freeEnergy: train.freeEnergy)) ?? nil }
            ), (EnergyMetrics.pseudoLikelihood, (test ?? train)?.pseudoLikelihood),
            (EnergyMetrics.freeEnergyGap, train.flatMap { train in test.map { $0.freeEnergy - train.freeEnergy } }),
            (EnergyMetrics.learningLayer, isDescent ? 0 : Double(turns[turn].layer + 1)),
            (EnergyMetrics.trainFreeEnergy, train?.freeEnergy), (EnergyMetrics.testFreeEnergy, test?.freeEnergy),
        ]
        return descent.evaluate()
    }

    // MARK: - Settings and state

    func apply(_ learning: LearningDescription, to network: NetworkDescription?) throws(EngineError) {
        let next = try ChosenSteps(learning.procedure)
        let batches = try Batches(samples: feed.samples.count, learning: learning, smallest: 1)
        try descent.apply(learning, to: network)
        let pairs = try Self.pairs(of: descent.model.network, descent.model.plan, next)
        let working = turn < turns.count ? turns[turn] : nil
        let isOther =
            settings.chain != next.chain || settings.labels != next.labels || batches.size != feed.batches.size
        let kept = (chains: learner?.chains ?? [], velocity: learner?.velocity.array ?? [])
        turns = try Self.turns(pairs, descent.model)
        settings = next
        feed.apply(learning, batches: batches, augmenter: nil, corrupter: nil)
        let place = turn(at: feed.epoch)
        guard place < turns.count, turns[place] == working else {
            if place != turn || learner != nil { try begin(turn: place) }
            return
        }
        guard place != turn || isOther else { return }
        try prepare(turn: place)
        learner?.restore(chains: kept.chains, velocity: kept.velocity)
    }

    func reset(seed: UInt64) {
        descent.reset(seed: seed)
        feed.reset(seed: seed)
        pairSteps = 0
        try? begin(turn: turn(at: 0))
    }

    private static let name = "pairs"

    var state: TrainingState {
        var state = descent.state
        // The feed's place, and in the slot and the states what the pair that learns keeps.
        var own = TrainingState(parameters: [Float(turn)], slots: [], step: pairSteps, epoch: 0, position: 0)
        feed.save(to: &own)
        own.parts["start"] = TrainingState.floats([UInt64(turnStart)])
        if let learner {
            own.parts["velocity"] = learner.velocity.array
            own.parts["chains"] = learner.chains
        }
        state.nest(own, as: Self.name)
        (state.step, state.epoch) = (step, epoch)
        return state
    }

    func restore(_ state: TrainingState) throws(EngineError) {
        var (whole, own) = (state, state.nested(Self.name))
        if var pairs = own {
            guard pairs.parameters.count == 1, let saved = Int(exactly: pairs.parameters[0]),
                (0...turns.count).contains(saved), pairs.step <= state.step, pairs.epoch <= state.epoch
            else {
                throw EngineError(
                    place: Self.name,
                    message:
                        "expected the place of one of \(plural(turns.count, "layer")) that learn; the state is of another network"
                )
            }
            pairs.fit(samples: feed.samples.count)
            try feed.check(pairs)
            (whole.step, whole.epoch) = (state.step - pairs.step, state.epoch - pairs.epoch)
            own = pairs
        }
        whole.parts = [:]
        try descent.restore(whole)
        guard let own else {
            // Weights alone: the first layer's turn, or that of its epoch, begins.
            return try begin(turn: turn(at: feed.epoch))
        }
        feed.restore(own)
        pairSteps = own.step
        try prepare(turn: Int(own.parameters[0]))
        turnStart = TrainingState.words(own.parts["start"])?.first.flatMap { Int(exactly: $0) } ?? feed.epoch
        learner?.restore(chains: own.parts["chains"] ?? [], velocity: own.parts["velocity"] ?? [])
    }
}
