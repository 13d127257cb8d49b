#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A network learns which action to take by playing: the policy gradient.
///
/// Its outputs are the actions' chances. A step is one step of the game, whose action is drawn by them; after some episodes
/// there is an update from all their steps, and they are forgotten.
final class Reinforce: PlayingProcedure {
    static let entry = Entry(
        id: "reinforce", title: "REINFORCE",
        summary: "Plays a game by chance, and makes the actions likelier that were followed by more reward than usual.",
        formula: "∇L = −A(s,a) · ∇ ln π(a|s) − β ∇H(π(·|s)),  A = (G − mean G) / spread of G",
        source: "Williams, Simple statistical gradient-following algorithms (REINFORCE), 1992",
        watch:
            "The return varies much from update to update. An entropy near 0 means that the policy tries nothing new any more.",
        knobs: [
            Knob(
                "gamma", title: "discount", symbol: "γ",
                summary: "How much a reward counts that comes one step later.",
                kind: .real(0...1, steps: [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1]), default: .real(0.99),
                raise: "when early actions get no credit for late rewards", lower: "when returns vary too much"),
            Knob(
                "episodes", title: "episodes", summary: "The number of episodes that are played for one update.",
                kind: .integer(1...1000), default: .integer(8), raise: "when the return jumps from update to update",
                lower: "when updates come too seldom"),
            Knob(
                "baseline", title: "baseline",
                summary:
                    "Returns count by how far they are above the mean of the update's, in their spread; else as they are.",
                kind: .toggle, default: .toggle(true)),
            Knob(
                "entropy", title: "entropy", symbol: "β",
                summary: "How much it counts that the policy stays undecided, so that it goes on trying.",
                kind: .real(0...10, steps: [0, 0.001, 0.003, 0.01, 0.03, 0.1]), default: .real(0.01),
                raise: "when the policy settles on one action too early", lower: "when it stays undecided to the end"),
            Knob(
                "epochSteps", title: "epoch's steps", summary: "The steps of the game that make an epoch.",
                kind: .integer(1...1_000_000), default: .integer(200),
                raise: "when measuring takes too much of the time", lower: "when the curve should have more points"),
        ])
    static let entropy = Metric(
        "policyEntropy", title: "entropy",
        summary:
            "How undecided the policy was at the steps of the last update, in nats: ln of the number of actions at most.",
        formula: "−Σ π(a|s) ln π(a|s)",
        source: "Williams and Peng, Function optimization using connectionist reinforcement learning algorithms, 1991",
        watch: "Near 0 nothing new is tried any more, good or bad."
    )
    static let metrics = Metric.games + [entropy]

    /// The network answers with the chance of each action, as of classes.
    static func task(_ task: Task, by choice: Choice) -> Task {
        if case .values(let count) = task { .classification(classes: count) } else { task }
    }

    let descent: GradientDescent
    @exclusivity(unchecked) private var knobs: Knobs
    let played: PlayedGame
    private var acting: CPUPass
    /// The steps since the last update.
    @exclusivity(unchecked) private var rollout = Rollout()
    /// The mean over the steps of the last update; nil: there was none.
    private var undecided: (entropy: Double, exploration: Double)?
    /// The last update; nil: there was none since the run was begun or restored.
    private var update: PolicyUpdate?
    private let loss: CPULoss

    /// The settings, read once.
    private struct Knobs {
        let gamma: Float
        let episodes: Int
        let hasBaseline: Bool
        let entropy: Float
        let epochSteps: Int

        init(_ choice: Choice) throws(EngineError) {
            let settings = try Settings(choice, in: .procedure, place: "training.procedure")
            gamma = Float(settings.real("gamma"))
            (episodes, hasBaseline) = (settings.integer("episodes"), settings.toggle("baseline"))
            entropy = Float(settings.real("entropy"))
            epochSteps = settings.integer("epochSteps")
        }
    }

    init(_ setup: TrainingSetup) throws(EngineError) {
        knobs = try Knobs(setup.learning.procedure)
        // A pass is run in parts: forward, then the weights of its steps, then back.
        var setup = setup
        setup.threads = 1
        descent = try GradientDescent(setup)
        let head = descent.model.plan.head
        guard head.isInNats(setup.network.task), head.units > 1 else {
            throw EngineError(
                place: "output.loss",
                message: "a policy needs the chance of each action: leave it out, or choose "
                    + "\(Catalogue.standardLoss(classes: 3).id), found \(setup.network.loss.id)")
        }
        played = try PlayedGame(setup, of: Self.entry, outputs: head.units)
        acting = try Self.actingPass(descent.model)
        loss = CPULoss(head)
    }

    private static func actingPass(_ model: Model) throws(EngineError) -> CPUPass {
        try CPUPass(model.plan.program, part: .evaluation, capacity: 1, parameters: model.parameterBlock)
    }

    // MARK: - Steps

    var stepsPerEpoch: Int { knobs.epochSteps }

    var isUpdateDue: Bool { rollout.episodes >= knobs.episodes || rollout.count >= Rollout.most }

    func play() {
        acting.write(played.game.observation, to: acting.program.input, count: 1)
        acting.run(count: 1)
        let (chances, stride) = (acting.rows(acting.program.output), acting.stride)
        let last = played.game.actions.count - 1
        var (rest, action) = (Float(played.random.uniform()), 0)
        while action < last, rest >= chances[action * stride] {
            rest -= chances[action * stride]
            action += 1
        }
        rollout.append(state: played.game.observation, action: action)
        let move = played.move(action)
        rollout.finish(reward: Float(move.reward), isLast: move.endsEpisode)
        if move.endsEpisode { played.beginEpisode(descent.model.parameterBlock) }
    }

    /// One update from the steps since the last one, which are forgotten.
    func learn() -> Bool {
        let (model, total) = (descent.model, rollout.count)
        let advantages = rollout.advantages(gamma: knobs.gamma, hasBaseline: knobs.hasBaseline)
        var sums = (entropy: 0.0, exploration: 0.0)
        var first = 0
        while first < total {
            let steps = first..<min(total, first + descent.batchSize)
            run(steps, advantages, &sums)
            first = steps.upperBound
        }
        undecided = (sums.entropy / Double(total), sums.exploration / Double(total))
        update = PolicyUpdate(
            rollout, gamma: knobs.gamma, hasBaseline: knobs.hasBaseline, advantages: advantages,
            actions: played.game.actions.count, entropy: sums.entropy / Double(total))
        rollout.forget()
        let learning = descent.learning
        let diverged = model.updater.update(
            count: Double(total), rate: descent.scheduledRate, l1: learning.l1, l2: learning.l2,
            clipNorm: learning.clipNorm)
        model.parametersChanged()
        return diverged
    }

    /// A pass over some of the steps, which adds its gradients to those of the steps before.
    private func run(_ steps: Range<Int>, _ advantages: [Float], _ sums: inout (entropy: Double, exploration: Double)) {
        let pass = descent.model.pass
        let (program, stride, count, actions) = (pass.program, pass.stride, steps.count, played.game.actions.count)
        rollout.gather(steps, into: pass.rows(program.input), stride: stride)
        let targets = pass.rows(program.target)
        for (lane, step) in steps.enumerated() {
            for action in 0..<actions { targets[action * stride + lane] = 0 }
            targets[rollout.actions[step] * stride + lane] = 1
        }
        func run(_ part: Range<Int>) {
            pass.run(
                part, count: count, seed: descent.noiseKey, counter: descent.passes, accumulate: steps.lowerBound > 0)
        }
        let forward = program.trainingForward.count
        run(0..<forward)
        // The way back begins at the loss's gradient, which is the chances less the targets.
        run(forward..<forward + 1)
        let gradient = pass.rows(program.backward[0]["gradient"])
        func chance(_ place: Int) -> Float { max(gradient[place] + targets[place], 0) }
        var lossSum: Float = 0
        for (lane, step) in steps.enumerated() {
            let advantage = advantages[step]
            var (entropy, largest): (Float, Float) = (0, 0)
            for action in 0..<actions {
                let chance = chance(action * stride + lane)
                entropy -= chance * logf(max(chance, Self.leastChance))
                largest = max(largest, chance)
            }
            let taken = max(chance(rollout.actions[step] * stride + lane), Self.leastChance)
            for action in 0..<actions {
                let place = action * stride + lane
                let chance = chance(place)
                gradient[place] =
                    advantage * gradient[place]
                    + knobs.entropy * chance * (logf(max(chance, Self.leastChance)) + entropy)
            }
            lossSum -= advantage * logf(taken) + knobs.entropy * entropy
            sums.entropy += Double(entropy)
            sums.exploration += Double(1 - largest)
        }
        played.note(loss: Double(lossSum), of: count)
        run(forward + 1..<forward + program.backward.count)
        descent.passes += 1
    }

    /// Keeps the logarithm finite.
    private static let leastChance: Float = 1e-30

    // MARK: - Measuring

    func measure() -> Evaluation {
        descent.checkFinite(loss: played.loss)
        var measured = Evaluation(played.record, loss: played.loss, exploration: undecided?.exploration)
        measured.append(Self.entropy, undecided?.entropy)
        return measured
    }

    var gameReport: GameReport? {
        var report = played.report(
            exploration: undecided?.exploration, gamma: Double(knobs.gamma), answers: .chances, memory: nil)
        report.policyUpdate = update
        return report
    }

    // MARK: - Settings and state

    func apply(_ learning: LearningDescription, to network: NetworkDescription?) throws(EngineError) {
        let knobs = try Knobs(learning.procedure)
        let old = descent.model.pass
        try descent.apply(learning, to: network)
        if descent.model.pass !== old { acting = try Self.actingPass(descent.model) }
        self.knobs = knobs
    }

    func reset(seed: UInt64) {
        descent.reset(seed: seed)
        played.begin(seed: seed)
        rollout.forget()
        undecided = nil
        update = nil
    }

    /// The names of the parts of a state.
    private enum Part { static let (states, steps, undecided) = ("rollout.states", "rollout.steps", "undecided") }

    var state: TrainingState {
        var state = descent.state
        played.save(to: &state)
        state.parts[Part.states] = rollout.states
        state.parts[Part.steps] = rollout.steps
        if let undecided {
            state.generators[Part.undecided] = [undecided.entropy.bitPattern, undecided.exploration.bitPattern]
        }
        return state
    }

    func restore(_ state: TrainingState) throws(EngineError) {
        let takeGame = try played.restoring(state, parameters: descent.model.outline.flatCount)
        guard
            let rollout = Rollout(
                states: state.parts[Part.states] ?? [], steps: state.parts[Part.steps] ?? [],
                width: played.game.shape.count, actions: played.game.actions.count)
        else {
            throw EngineError(
                place: Part.steps, message: "expected steps of this game, found others; the data is another")
        }
        try descent.restore(state)
        takeGame()
        self.rollout = rollout
        undecided = nil
        update = nil
        if let words = state.generators[Part.undecided], words.count == 2 {
            undecided = (Double(bitPattern: words[0]), Double(bitPattern: words[1]))
        }
    }
}

/// The steps of whole episodes, and of one that goes on.
struct Rollout {
    /// Steps after which there is an update though an episode goes on.
    static let most = 50_000

    /// `[count, width]`.
    private(set) var states: [Float] = []
    private(set) var actions: [Int] = []
    private var rewards: [Float] = []
    /// Whether a step is the last of an episode.
    private var ends: [Bool] = []
    private(set) var episodes = 0

    var count: Int { actions.count }

    init() {}

    mutating func forget() {
        states.removeAll(keepingCapacity: true)
        actions.removeAll(keepingCapacity: true)
        rewards.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        episodes = 0
    }

    /// Begins a step, which `finish` ends.
    mutating func append(state: [Float], action: Int) {
        states.append(contentsOf: state)
        actions.append(action)
    }

    mutating func finish(reward: Float, isLast: Bool) {
        rewards.append(reward)
        ends.append(isLast)
        if isLast { episodes += 1 }
    }

    /// For each step G, or with a baseline (G − mean) / (standard deviation + 1e-6) over all steps, as n samples have it.
    func advantages(gamma: Float, hasBaseline: Bool) -> [Float] {
        let returns = returns(gamma: gamma)
        guard hasBaseline, count > 0 else { return returns }
        let (mean, deviation) = Self.moments(returns)
        return returns.map { Float((Double($0) - mean) / (deviation + 1e-6)) }
    }

    /// The mean and the standard deviation, as n samples have it.
    static func moments(_ values: [Float]) -> (mean: Double, deviation: Double) {
        let count = Double(max(1, values.count))
        let mean = values.reduce(0.0) { $0 + Double($1) } / count
        let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
        return (mean, variance.squareRoot())
    }

    /// For each step G = r + γ · G of the next one in its episode.
    func returns(gamma: Float) -> [Float] {
        var returns = [Float](repeating: 0, count: count)
        var next: Float = 0
        for step in (0..<count).reversed() {
            next = rewards[step] + (ends[step] ? 0 : gamma * next)
            returns[step] = next
        }
        return returns
    }

    /// Copies states into the rows of a pass, a sample in each lane.
    func gather(_ steps: Range<Int>, into rows: UnsafeMutablePointer<Float>, stride: Int) {
        let width = states.count / max(1, count)
        states.withUnsafeBufferPointer { states in
            for (lane, step) in steps.enumerated() {
                for value in 0..<width { rows[value * stride + lane] = states[step * width + value] }
            }
        }
    }

    // MARK: - State

    /// Action, reward and end of each step.
    var steps: [Float] { (0..<count).flatMap { [Float(actions[$0]), rewards[$0], ends[$0] ? 1 : 0] } }

    /// - Returns: nil: the numbers are no steps of this game.
    init?(states: [Float], steps: [Float], width: Int, actions actionCount: Int) {
        guard steps.count % 3 == 0, states.count == steps.count / 3 * width, steps.count / 3 <= Self.most,
            (states + steps).allSatisfy(\.isFinite)
        else { return nil }
        self.states = states
        for first in stride(from: 0, to: steps.count, by: 3) {
            guard let action = Int(exactly: steps[first]), (0..<actionCount).contains(action),
                steps[first + 2] == 0 || steps[first + 2] == 1
            else { return nil }
            actions.append(action)
            finish(reward: steps[first + 1], isLast: steps[first + 2] == 1)
        }
    }
}
