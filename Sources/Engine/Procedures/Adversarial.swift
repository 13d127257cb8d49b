/// Two networks that train against each other: a generator makes samples of noise, a discriminator tells them from real ones,
/// and each learns from the other's answers.
///
/// The network runs from noise to the discriminator's answer: the layers up to the one that ends the generator, then the
/// others. A step is a round: some updates of the discriminator, each with as many real samples as generated ones, then some
/// of the generator. The discriminator also stands alone in a model of its own, whose parameters are copied to the network's
/// after each round. The document's optimizer is the generator's.
final class Adversarial: DescentProcedure {
    static let entry = Entry(
        id: "adversarial", title: "adversarial",
        summary:
            "A generator makes samples of noise and a discriminator tells them from real ones; each learns from the other.",
        formula: "min over G, max over D of  E ln D(x) + E ln(1 − D(G(z)))",
        source: "Goodfellow and others, Generative adversarial nets, 2014",
        watch:
            "Neither loss falls for good. Watch the samples and the divergence: all samples alike is mode collapse; a discriminator whose loss is 0 teaches nothing.",
        knobs: [
            Knob(
                "noise", title: "noise", symbol: "z", summary: "The numbers of noise that a sample is made of.",
                kind: .integer(1...64), default: .integer(2), raise: "when samples vary too little",
                lower: "when neighbouring noise gives unlike samples"),
            Knob(
                "noiseKind", title: "noise kind",
                summary: "The distribution of the noise: uniform from 0 to 1, or normal with deviation 1.",
                kind: .word(["uniform", "normal"]), default: .text("uniform")),
            Knob(
                "loss", title: "loss kind",
                summary:
                    "What both minimise: cross-entropy, for the generator by ln D or by 1 − D; the squared distance from 0 and 1; or the difference of the critic's means.",
                kind: .word(AdversarialLoss.all.map(\.id)), default: .text(AdversarialLoss.all[0].id)),
            Knob(
                "discriminatorOptimizer", title: "D optimizer",
                summary: "The discriminator's optimizer; the generator's is the training's.", kind: .choice(.optimizer),
                default: .choice(Choice(Catalogue.optimizers[0].entry.id, ["learningRate": .real(0.1)]))),
            Knob(
                "discriminatorSteps", title: "D steps",
                summary: "The discriminator's updates in a round.", kind: .integer(1...100), default: .integer(2),
                raise: "when the discriminator cannot tell samples apart",
                lower: "when its loss goes to 0 and the generator stands still"),
            Knob(
                "generatorSteps", title: "G steps", summary: "The generator's updates in a round.",
                kind: .integer(1...100), default: .integer(1), raise: "when the discriminator's loss is near 0",
                lower: "when the generator changes faster than the discriminator can follow"),
            Knob(
                "train", title: "train", summary: "The side that learns; the other one is held as it is.",
                kind: .word(["both", "generator", "discriminator"]), default: .text("both")),
            Knob(
                "realWeight", title: "weight of real",
                summary: "What a real sample's cross-entropy counts beside a generated one's.",
                kind: .real(0.01...10, steps: [0.5, 0.8, 0.9, 0.95, 1]), default: .real(0.95),
                raise: "when real samples are taken for generated ones", lower: "when the discriminator is too sure"),
            Knob(
                "smoothing", title: "label smoothing",
                summary: "How much less than 1 the target of a real sample is.",
                kind: .real(0...0.5, steps: [0, 0.05, 0.1, 0.2, 0.3]), default: .real(0),
                raise: "when the discriminator is too sure and its loss goes to 0",
                lower: "when it can no longer tell samples apart"),
            Knob(
                "clip", title: "weight limit",
                summary: "Of the loss wasserstein without a penalty: the largest weight of the critic.",
                kind: .real(0.001...10, steps: [0.01, 0.03, 0.1, 0.3, 1]), default: .real(0.1),
                raise: "when the critic learns too slowly", lower: "when the critic's answers run away"),
            Knob(
                "penalty", title: "slope penalty",
                summary:
                    "Of the loss wasserstein: λ (‖∇D‖ − 1)² between real and generated samples; 0: the weights are limited.",
                kind: .real(0...1000, steps: [0, 0.1, 1, 3, 10]), default: .real(0),
                raise: "when the critic's slope is far from 1", lower: "when the critic hardly learns"),
        ])
    static let metrics = AdversarialMetrics.all

    static var hasOwnLoss: Bool { true }

    static func noise(of choice: Choice) -> NoiseInput? {
        (try? Settings(choice, in: .procedure, place: "training.procedure")).map { NoiseInput($0) }
    }

    /// Whether a sample is real.
    static func task(_ task: Task, by choice: Choice) -> Task { .classification(classes: 2) }

    static func check(_ network: NetworkDescription, by choice: Choice) throws(EngineError) {
        _ = try network.discriminator()
    }

    static func adapt(_ network: inout NetworkDescription, _ choice: Choice) {
        guard network.generated == nil,
            let settings = try? Settings(choice, in: .procedure, place: "training.procedure")
        else { return }
        let noise = NoiseInput(settings)
        let loss = AdversarialLoss.named(settings.text("loss"))
        network.generated = network.input
        // Noise for images is an image of one place, which convolutions can make larger.
        network.input = network.input.axes.count == 3 ? Shape(noise.dimensions, 1, 1) : Shape(noise.dimensions)
        network.sequence = SequenceForm()
        network.loss = Catalogue.loss(withSigmoid: loss.isProbability)
        network.outputActivation = loss.isProbability ? nil : Catalogue.identity
    }

    let descent: GradientDescent
    private var knobs: AdversarialKnobs
    private var generator: GeneratorPass
    private let discriminator: Discriminator
    private var measures: AdversarialMeasures
    private let real: ResidentRows
    private let realCount: Int
    private let ranges: [ClosedRange<Float>]
    private var random: Random

    init(_ setup: TrainingSetup) throws(EngineError) {
        knobs = try AdversarialKnobs(setup.learning.procedure)
        let network = setup.network
        let (_, end) = try network.discriminator()
        guard setup.train.count >= 1 else { throw EngineError.noTrainingSamples }
        guard setup.train.inputs.width == network.generated?.count else {
            throw EngineError(
                place: "training data",
                message:
                    "expected samples of \(plural(network.generated?.count ?? 0, "value")), found "
                    + "\(setup.train.inputs.width)")
        }
        if let bad = setup.train.inputs.nonFinite {
            throw EngineError(
                place: "training data",
                message: "input \(bad.unit) of sample \(bad.sample) is not a finite number; check the feature's formula"
            )
        }
        (real, realCount, ranges) = (setup.train.inputs.rows, setup.train.count, setup.ranges)
        // The network's own samples are noise, fixed for measuring; as many, so that the feed's order is one of real ones.
        var setup = setup
        let noise = knobs.noise
        guard network.input.count == noise.dimensions else {
            throw EngineError(
                place: "training.procedure",
                message: "expected a network that takes \(plural(noise.dimensions, "number")) of noise, found "
                    + "\(network.input)")
        }
        setup.train = Samples(
            count: realCount, inputs: noise.values(count: realCount, seed: setup.seed),
            labels: [Float](repeating: 1, count: realCount))
        setup.test = Samples(count: 0, inputs: [], labels: [])
        setup.threads = 1
        setup.device = .processor
        descent = try GradientDescent(setup)
        discriminator = try Discriminator(
            network, outline: descent.model.outline, learning: setup.learning, optimizer: knobs.optimizer,
            samples: descent.batchSize)
        generator = try GeneratorPass(network, descent.model, samples: descent.batchSize)
        descent.model.updater.train(generator.plan.outline.trainedSpans)
        measures = try AdversarialMeasures(
            descent.model.plan, end: end, parameters: descent.model.parameterBlock, discriminator.model,
            noise: descent.train.inputs, noiseCount: realCount, real: real, realCount: realCount, ranges: ranges)
        random = Self.random(seed: setup.seed)
        try checkPenalty()
        takeDiscriminator()
    }

    /// A stream of its own, so that the network's draws do not move the noise.
    private static func random(seed: UInt64) -> Random { Random(seed: seed ^ 0x6164_7665_7273) }

    private func checkPenalty() throws(EngineError) {
        guard knobs.penalty > 0 else { return }
        let mixes = discriminator.model.plan.program.trainingForward.contains { operation in
            if case .stream = operation.kind { return true }
            return operation.primitive.isAcrossBatch
        }
        guard mixes else { return }
        throw EngineError(
            place: "training.procedure",
            message: "the slope penalty compares the critic at points side by side, which dropout, noise and batch "
                + "normalization behind the generator change; leave them out, or set the penalty to 0")
    }

    var models: [NamedModel] {
        [
            NamedModel(name: "generator", model: descent.model),
            NamedModel(name: "discriminator", model: discriminator.model),
        ]
    }

    // MARK: - Steps

    /// Rounds that take about as many real samples as there are.
    var stepsPerEpoch: Int {
        let updates = knobs.trains.discriminator ? knobs.steps.discriminator : 1
        return max(1, (descent.feed.batches.perEpoch + updates - 1) / updates)
    }

    func advance(steps: Int) -> TrainingProgress {
        for _ in 0..<steps {
            if descent.divergence != nil { return .diverged }
            let diverged = round()
            descent.step += 1
            if diverged {
                descent.divergence = descent.diagnose()
                return .diverged
            }
            if descent.step % stepsPerEpoch == 0 {
                descent.feed.epoch += 1
                return .finishedEpoch
            }
        }
        return .stepped
    }

    /// - Returns: whether a parameter is no longer finite.
    private func round() -> Bool {
        var diverged = false
        if knobs.trains.discriminator {
            for _ in 0..<knobs.steps.discriminator where !diverged { diverged = stepDiscriminator() }
            giveDiscriminator()
        }
        if knobs.trains.generator {
            for _ in 0..<knobs.steps.generator where !diverged { diverged = stepGenerator() }
        }
        return diverged
    }

    /// Copies the discriminator's parameters from its own model to the network.
    private func giveDiscriminator() {
        discriminator.places.copy(from: discriminator.model.parameterBlock, intoWhole: descent.model.parameterBlock)
        descent.model.parametersChanged()
    }

    private func stepDiscriminator() -> Bool {
        let count = passDiscriminator()
        penalizeDiscriminator(count: count)
        return updateDiscriminator(count: count)
    }

    /// - Returns: the samples of each kind, whose gradients lie in its model.
    private func passDiscriminator() -> Int {
        let (feed, pass) = (descent.feed, discriminator.model.pass)
        let count = feed.begin()
        drawNoise(count: count)
        generator.make(count: count, seed: descent.noiseKey, counter: descent.passes)
        pass.gather(pass.program.input, from: real, order: feed.order, first: feed.position, count: count)
        let (samples, made) = (discriminator.inputs, generator.pass.rows(generator.made))
        for unit in 0..<pass.program.input.count {
            (samples + unit * pass.stride + count).update(from: made + unit * generator.pass.stride, count: count)
        }
        discriminator.descend(
            knobs.loss, count: count, weight: Float(knobs.realWeight), smoothing: Float(knobs.smoothing),
            seed: descent.noiseKey, counter: descent.passes + 1)
        descent.passes += 2
        feed.position += count
        if feed.isEpochOver { feed.position = 0 }
        return count
    }

    /// Adds the penalty's gradients, for which other samples take the place of those in the pass.
    private func penalizeDiscriminator(count: Int) {
        guard knobs.penalty > 0 else { return }
        // Without memory for its pass the round is done without the penalty.
        try? discriminator.penalize(knobs.penalty, count: count) { Float(random.uniform()) }
    }

    private func updateDiscriminator(count: Int) -> Bool {
        discriminator.update(count: count, step: descent.step, learning: descent.learning, clip: knobs.clip)
    }

    private func stepGenerator() -> Bool {
        passGenerator()
        return updateGenerator()
    }

    private func passGenerator() {
        drawNoise(count: descent.batchSize)
        generator.descend(
            knobs.loss, count: descent.batchSize, seed: descent.noiseKey, counter: descent.passes)
        descent.passes += 1
    }

    private func updateGenerator() -> Bool {
        let (model, learning) = (descent.model, descent.learning)
        let diverged = model.updater.update(
            count: Double(descent.batchSize), rate: descent.scheduledRate, l1: learning.l1, l2: learning.l2,
            clipNorm: learning.clipNorm)
        model.parametersChanged()
        return diverged
    }

    private func drawNoise(count: Int) {
        knobs.noise.fill(generator.noise, stride: generator.pass.stride, count: count, &random)
    }

    // MARK: - Slow motion

    static let tracesSteps = true

    static func turns(_ network: NetworkDescription, _ choice: Choice) -> [StepTurn] {
        (try? AdversarialKnobs(choice).turns(network)) ?? [.whole(network)]
    }

    func traceStep(sample: Int, turn: Int) throws(EngineError) -> StepTrace? {
        guard descent.divergence == nil else { return nil }
        let turns = Self.turns(descent.model.network, descent.learning.procedure)
        let turn = min(max(0, turn), turns.count - 1)
        for step in turns[..<turn] {
            if step.kinds.isEmpty ? stepGenerator() : stepDiscriminator() { return nil }
            giveDiscriminator()
        }
        let trace = AdversarialTrace(
            descent: descent, discriminator: discriminator, generator: generator, loss: knobs.loss,
            realWeight: knobs.realWeight, smoothing: knobs.smoothing, end: descent.model.network.generatorEnd ?? 0,
            turn: (turn, turns[turn]))
        if turns[turn].kinds.isEmpty {
            passGenerator()
            return try trace.ofGenerator(sample, count: descent.batchSize) { _ = updateGenerator() }
        }
        let count = passDiscriminator()
        var told = try trace.ofDiscriminator(
            sample, count: count, penalize: { penalizeDiscriminator(count: count) },
            update: { _ = updateDiscriminator(count: count) })
        told.limit = knobs.clip
        return told
    }

    // MARK: - Measuring

    func measure() -> Evaluation {
        let result = measures.measure(knobs.loss, weight: knobs.realWeight, smoothing: knobs.smoothing)
        let evaluation = Evaluation(
            Self.metrics,
            [
                result.discriminatorLoss, result.generatorLoss, result.divergence?.jensenShannon,
                result.divergence?.kullbackLeibler, result.divergence?.coverage, result.variety,
            ])
        let isFinite =
            result.discriminatorLoss.isFinite && result.generatorLoss.isFinite
            && descent.model.parameterBlock.values.allSatisfy(\.isFinite)
        if descent.divergence == nil, !isFinite { descent.divergence = descent.diagnose() }
        return evaluation
    }

    // MARK: - Settings and parameters

    func apply(_ learning: LearningDescription, to network: NetworkDescription?) throws(EngineError) {
        let knobs = try AdversarialKnobs(learning.procedure)
        let old = self.knobs
        self.knobs = knobs
        do throws(EngineError) { try checkPenalty() } catch {
            self.knobs = old
            throw error
        }
        do throws(EngineError) { try descent.apply(learning, to: network) } catch {
            self.knobs = old
            throw error
        }
        try discriminator.apply(
            descent.model.network, learning: learning, optimizer: knobs.optimizer, samples: descent.batchSize)
        generator = try GeneratorPass(descent.model.network, descent.model, samples: descent.batchSize)
        descent.model.updater.train(generator.plan.outline.trainedSpans)
    }

    func reset(seed: UInt64) {
        descent.reset(seed: seed)
        discriminator.model.updater.reset()
        random = Self.random(seed: seed)
        takeDiscriminator()
    }

    var parameters: [Float] {
        get { descent.parameters }
        set {
            descent.parameters = newValue
            takeDiscriminator()
        }
    }

    func inherit(_ parameters: [Float], from old: Outline, paths: [String: String]) {
        descent.inherit(parameters, from: old, paths: paths)
        takeDiscriminator()
    }

    /// Copies the discriminator's parameters from the network to its own model.
    private func takeDiscriminator() {
        discriminator.places.copy(from: descent.model.parameterBlock, to: discriminator.model.parameterBlock)
        discriminator.model.parametersChanged()
    }

    // MARK: - State

    /// The name of the noise's generator in a state.
    private static let noiseName = "noise"

    var state: TrainingState {
        var state = descent.state
        state.generators[Self.noiseName] = random.state
        discriminator.write(into: &state)
        return state
    }

    func restore(_ state: TrainingState) throws(EngineError) {
        let words = state.generators[Self.noiseName]
        if let words, words.count != 4 || words.allSatisfy({ $0 == 0 }) {
            throw EngineError(
                place: "generators.\(Self.noiseName)", message: "expected a generator's state, found another")
        }
        try discriminator.check(state)
        try descent.restore(state)
        discriminator.restore(state)
        if let words { random = Random(state: words) }
        takeDiscriminator()
    }
}

extension NoiseInput {
    /// - Parameter settings: of the procedure.
    init(_ settings: Settings) {
        self.init(dimensions: settings.integer("noise"), isNormal: settings.text("noiseKind") == "normal")
    }
}
