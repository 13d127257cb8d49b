/// A network learns what each action is worth by playing: deep Q-learning.
///
/// A step is one step of the game, and with it an update from a batch of remembered steps once there are enough of them; an
/// epoch is a number of steps, which a knob says. Everything random comes from one generator in the order in which it
/// happens, so that the same seed plays the same games.
final class QLearning: PlayingProcedure {
    static let entry = Entry(
        id: "qLearning", title: "Q-learning",
        summary: "Plays a game and learns what each action is worth from the rewards, by replaying remembered steps.",
        formula: "L = ℓ(Q(s,a), r + γ · Q⁻(s′, argmax over a of Q(s′,a)))",
        source: "Mnih and others, 2015; double: van Hasselt and others, 2016; prioritized: Schaul and others, 2016",
        watch:
            "The mean return over a hundred episodes, not the loss: the loss may rise while the play gets better, for the values that it learns grow.",
        knobs: [
            Knob(
                "gamma", title: "discount", symbol: "γ",
                summary: "How much a reward counts that comes one step later.",
                kind: .real(0...1, steps: [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1]), default: .real(0.99),
                raise: "when only the next reward counts and ways to later ones are not found",
                lower: "when values grow without end, or the game is short"),
            Knob(
                "memory", title: "replay memory", summary: "The number of the last steps that are remembered.",
                kind: .integer(1...1_000_000), default: .integer(10_000),
                raise: "when the network forgets situations that are rare",
                lower: "when old, bad play is replayed too long"),
            Knob(
                "start", title: "learn from step", summary: "The remembered steps with which learning begins.",
                kind: .integer(1...1_000_000), default: .integer(200),
                raise: "when the first updates learn from a few steps alone", lower: "when learning begins too late"),
            Knob(
                "updateEvery", title: "update every", summary: "The steps of the game from one update to the next.",
                kind: .integer(1...10_000), default: .integer(1),
                raise: "when the game should be faster than the learning",
                lower: "when there is too little learning for each step played"),
            Knob(
                "targetEvery", title: "target every",
                summary: "The updates from one change of the target network to the next.",
                kind: .integer(1...1_000_000), default: .integer(200),
                raise: "when the return falls again and again after good times",
                lower: "when learning is slow but steady"),
            Knob(
                "targetRate", title: "target rate", symbol: "τ",
                summary: "How far the target network then goes to the network: 1 copies it, a little follows softly.",
                kind: .real(0...1, steps: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1]), default: .real(1),
                raise: "when learning is slow", lower: "when values run away or swing"),
            Knob(
                "epsilonFrom", title: "explore from", symbol: "ε",
                summary: "The chance of a random action at the beginning.",
                kind: .real(0...1, steps: [0, 0.1, 0.2, 0.5, 0.9, 1]), default: .real(1),
                raise: "when nothing is found at the beginning", lower: "when the network knows the game already"),
            Knob(
                "epsilonTo", title: "explore to", summary: "The chance of a random action in the end.",
                kind: .real(0...1, steps: [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]), default: .real(0.05),
                raise: "when it stays with a way that is not the best",
                lower: "when single random actions end good games"),
            Knob(
                "epsilonOver", title: "explore for",
                summary: "The steps over which the chance goes from one to the other.",
                kind: .integer(1...100_000_000), default: .integer(2000), raise: "when the goal is found late",
                lower: "when random play takes too long"),
            Knob(
                "double", title: "double",
                summary: "The network itself chooses the next action, and the target network says its worth.",
                kind: .toggle, default: .toggle(true)),
            Knob(
                "priority", title: "priority", symbol: "α",
                summary: "How much oftener steps with a large error are replayed; 0: all alike.",
                kind: .real(0...1, steps: [0, 0.3, 0.5, 0.6, 0.8, 1]), default: .real(0),
                raise: "when rare steps with a reward are learned too late",
                lower: "when it replays a few noisy steps again and again"),
            Knob(
                "correction", title: "correction", symbol: "β",
                summary: "How much steps that priority replays oftener count less each time.",
                kind: .real(0...1, steps: [0, 0.4, 0.6, 0.8, 1]), default: .real(0.4),
                raise: "when priority makes the values too large", lower: "when rare steps should count in full"),
            Knob(
                "epochSteps", title: "epoch's steps", summary: "The steps of the game that make an epoch.",
                kind: .integer(1...1_000_000), default: .integer(200),
                raise: "when measuring takes too much of the time", lower: "when the curve should have more points"),
        ])
    static let metrics = Metric.games

    let descent: GradientDescent
    @exclusivity(unchecked) private var knobs: Knobs
    let played: PlayedGame
    private var memory: ReplayMemory
    /// The parameters of the target network.
    private let target: Block
    private var passes: Passes
    /// Updates done.
    @exclusivity(unchecked) private var updates = 0
    /// Of the present batch: the remembered steps, and how much each counts.
    @exclusivity(unchecked) private var places: [Int]
    @exclusivity(unchecked) private var weights: [Float]
    private var loss: CPULoss

    /// The settings, read once.
    private struct Knobs {
        let gamma: Float
        let memory: Int
        let start: Int
        let updateEvery: Int
        let targetEvery: Int
        let targetRate: Float
        let epsilon: (from: Double, to: Double, over: Int)
        let isDouble: Bool
        let priority: Double
        let correction: Double
        let epochSteps: Int

        init(_ choice: Choice) throws(EngineError) {
            let settings = try Settings(choice, in: .procedure, place: "training.procedure")
            gamma = Float(settings.real("gamma"))
            (memory, start) = (settings.integer("memory"), settings.integer("start"))
            (updateEvery, targetEvery) = (settings.integer("updateEvery"), settings.integer("targetEvery"))
            targetRate = Float(settings.real("targetRate"))
            epsilon = (settings.real("epsilonFrom"), settings.real("epsilonTo"), settings.integer("epsilonOver"))
            isDouble = settings.toggle("double")
            (priority, correction) = (settings.real("priority"), settings.real("correction"))
            epochSteps = settings.integer("epochSteps")
            guard start <= memory else {
                throw EngineError(
                    place: "\(settings.place).start",
                    message:
                        "expected at most the replay memory's \(memory) steps, found \(start); with more it would never "
                        + "learn")
            }
        }
    }

    /// The passes beside the training pass: for one observation, and for a batch of the states that followed, with the
    /// network's and with the target network's parameters.
    private struct Passes {
        let acting: CPUPass
        let online: CPUPass
        let target: CPUPass

        init(_ model: Model, target: Block) throws(EngineError) {
            func pass(_ capacity: Int, _ parameters: Block) throws(EngineError) -> CPUPass {
                try CPUPass(model.plan.program, part: .evaluation, capacity: capacity, parameters: parameters)
            }
            acting = try pass(1, model.parameterBlock)
            online = try pass(model.pass.capacity, model.parameterBlock)
            self.target = try pass(model.pass.capacity, target)
        }
    }

    init(_ setup: TrainingSetup) throws(EngineError) {
        knobs = try Knobs(setup.learning.procedure)
        // The steps of one pass are taken in turns: forward, then the targets, then back.
        var setup = setup
        setup.threads = 1
        descent = try GradientDescent(setup)
        try Self.checkBatch(setup.learning, of: setup.train.count)
        played = try PlayedGame(setup, of: Self.entry, outputs: descent.model.plan.head.units)
        memory = try ReplayMemory(capacity: knobs.memory, width: played.game.shape.count, priority: knobs.priority)
        target = try Block(count: descent.model.outline.flatCount)
        passes = try Passes(descent.model, target: target)
        places = [Int](repeating: 0, count: descent.batchSize)
        weights = [Float](repeating: 1, count: descent.batchSize)
        loss = CPULoss(descent.model.plan.head)
        target.copy(descent.model.parameterBlock, count: target.count)
    }

    private static func checkBatch(_ learning: LearningDescription, of count: Int) throws(EngineError) {
        guard learning.batchSize > count else { return }
        throw EngineError(
            place: "training.batchSize",
            message: "expected at most \(plural(count, "remembered step")) in a batch, found \(learning.batchSize)")
    }

    // MARK: - Steps

    var stepsPerEpoch: Int { knobs.epochSteps }

    /// The chance of a random action at the present step.
    private var exploration: Double {
        let (from, to, over) = knobs.epsilon
        // The last chance is met exactly, without what the sum is rounded by.
        return descent.step >= over ? to : from + (to - from) * Double(descent.step) / Double(over)
    }

    var isUpdateDue: Bool { memory.count >= knobs.start && descent.step % knobs.updateEvery == 0 }

    func play() {
        let action =
            played.random.uniform() < exploration
            ? played.random.index(played.game.actions.count) : greedyAction
        let state = played.game.observation
        let move = played.move(action)
        memory.append(
            state: state, action: action, reward: move.reward, follower: played.game.observation, isOver: move.isOver)
        if move.endsEpisode { played.beginEpisode(descent.model.parameterBlock) }
    }

    /// The action that the network finds best; the first of equal ones.
    private var greedyAction: Int {
        let pass = passes.acting
        pass.write(played.game.observation, to: pass.program.input, count: 1)
        pass.run(count: 1)
        return Self.best(pass.rows(pass.program.output), pass.stride, lane: 0, of: played.game.actions.count)
    }

    private static func best(_ rows: UnsafeMutablePointer<Float>, _ stride: Int, lane: Int, of actions: Int) -> Int {
        var best = 0
        for action in 1..<actions where rows[action * stride + lane] > rows[best * stride + lane] { best = action }
        return best
    }

    /// One update from remembered steps.
    func learn() -> Bool {
        let (model, count) = (descent.model, places.count)
        memory.draw(into: &places, weights: &weights, correction: knobs.correction, &played.random)
        let program = model.plan.program
        func pass(_ pass: CPUPass) {
            memory.gather(places, following: true, into: pass.rows(program.input), stride: pass.stride)
            pass.run(count: count)
        }
        pass(passes.target)
        if knobs.isDouble { pass(passes.online) }
        let training = model.pass
        memory.gather(places, following: false, into: training.rows(program.input), stride: training.stride)
        let forward = program.trainingForward.count
        training.run(0..<forward, count: count, seed: descent.noiseKey, counter: descent.passes)
        setTargets(training)
        played.note(loss: training.sum(of: loss, at: program.output, count: count), of: count)
        // The way back begins at the loss's gradient, with which a step's weight is multiplied.
        training.run(forward..<forward + 1, count: count, seed: descent.noiseKey, counter: descent.passes)
        if knobs.priority > 0 { weigh(training.rows(program.backward[0]["gradient"]), training.stride) }
        training.run(
            forward + 1..<forward + program.backward.count, count: count, seed: descent.noiseKey,
            counter: descent.passes)
        descent.passes += 1
        let learning = descent.learning
        let diverged = model.updater.update(
            count: Double(count), rate: descent.scheduledRate, l1: learning.l1, l2: learning.l2,
            clipNorm: learning.clipNorm)
        model.parametersChanged()
        updates += 1
        if updates % knobs.targetEvery == 0 { followTarget() }
        return diverged
    }

    /// Writes the targets of a batch: r + γ · (1 − end) · Q⁻(s′, a′) for the action that was taken, and the network's own
    /// output for the others, whose error is 0.
    private func setTargets(_ training: CPUPass) {
        let (actions, stride) = (played.game.actions.count, training.stride)
        let outputs = training.rows(training.program.output)
        let targets = training.rows(training.program.target)
        let worths = passes.target.rows(passes.target.program.output)
        let chooser = knobs.isDouble ? passes.online : passes.target
        let choices = chooser.rows(chooser.program.output)
        for (lane, place) in places.enumerated() {
            for action in 0..<actions { targets[action * stride + lane] = outputs[action * stride + lane] }
            let next = Self.best(choices, chooser.stride, lane: lane, of: actions)
            let worth = worths[next * passes.target.stride + lane]
            let action = Int(memory.actions[place])
            let target = memory.rewards[place] + knobs.gamma * (1 - memory.ends[place]) * worth
            targets[action * stride + lane] = target
            memory.note(error: abs(target - outputs[action * stride + lane]), of: place)
        }
    }

    private func weigh(_ gradient: UnsafeMutablePointer<Float>, _ stride: Int) {
        for action in 0..<played.game.actions.count {
            for lane in weights.indices { gradient[action * stride + lane] *= weights[lane] }
        }
    }

    /// θ⁻ ← θ⁻ + τ (θ − θ⁻).
    private func followTarget() {
        let (parameters, rate) = (descent.model.parameterBlock, knobs.targetRate)
        guard rate < 1 else { return target.copy(parameters, count: target.count) }
        let (to, from) = (target.base, parameters.base)
        for index in 0..<target.count { to[index] += rate * (from[index] - to[index]) }
    }

    // MARK: - Measuring

    func measure() -> Evaluation {
        descent.checkFinite(loss: played.loss)
        return Evaluation(played.record, loss: played.loss, exploration: exploration)
    }

    var gameReport: GameReport? {
        played.report(
            exploration: exploration, gamma: Double(knobs.gamma), answers: .worths, memory: memory.report)
    }

    // MARK: - Settings and state

    func apply(_ learning: LearningDescription, to network: NetworkDescription?) throws(EngineError) {
        let knobs = try Knobs(learning.procedure)
        try Self.checkBatch(learning, of: descent.train.count)
        var memory = memory
        if knobs.memory != self.knobs.memory {
            memory = try ReplayMemory(capacity: knobs.memory, width: played.game.shape.count, priority: knobs.priority)
            memory.take(from: self.memory)
        }
        let old = descent.model.pass
        try descent.apply(learning, to: network)
        if descent.model.pass !== old { passes = try Passes(descent.model, target: target) }
        if knobs.priority != self.knobs.priority { memory.setPriority(knobs.priority) }
        (self.knobs, self.memory) = (knobs, memory)
        places = [Int](repeating: 0, count: descent.batchSize)
        weights = [Float](repeating: 1, count: descent.batchSize)
    }

    func reset(seed: UInt64) {
        descent.reset(seed: seed)
        played.begin(seed: seed)
        memory.forget()
        target.copy(descent.model.parameterBlock, count: target.count)
        updates = 0
    }

    var parameters: [Float] {
        get { descent.parameters }
        set {
            descent.parameters = newValue
            target.copy(descent.model.parameterBlock, count: target.count)
        }
    }

    func inherit(_ parameters: [Float], from old: Outline, paths: [String: String]) {
        descent.inherit(parameters, from: old, paths: paths)
        target.copy(descent.model.parameterBlock, count: target.count)
    }

    /// The names of the parts of a state.
    private enum Part { static let (updates, target) = ("updates", "target") }

    var state: TrainingState {
        var state = descent.state
        played.save(to: &state)
        state.generators[Part.updates] = [UInt64(updates)]
        state.parts[Part.target] = target.array
        memory.save(to: &state)
        return state
    }

    func restore(_ state: TrainingState) throws(EngineError) {
        let takeGame = try played.restoring(state, parameters: target.count)
        guard let words = state.generators[Part.updates], words.count == 1,
            words[0] <= UInt64(TrainingState.counts.upperBound)
        else {
            throw EngineError(
                place: "generators.\(Part.updates)", message: "expected the number of updates, found another")
        }
        try TrainingState.checkPart(Part.target, state.parts[Part.target], count: target.count)
        try memory.check(state, actions: played.game.actions.count)
        try descent.restore(state)
        takeGame()
        memory.restore(state)
        target.write(state.parts[Part.target]!)
        updates = Int(words[0])
    }
}
