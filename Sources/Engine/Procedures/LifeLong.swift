/// Tasks are learned one after the other; the accuracy on each is measured all the time.
final class LifeLong: DescentProcedure {
    static let entry = Entry(
        id: "lifeLong", title: "life-long",
        summary:
            "Learns several tasks one after the other, and measures what is left of each; remedies hold the old ones.",
        formula: "L + λ/2 · Σᵢ Fᵢ · (θᵢ − θ*ᵢ)²",
        source:
            "Kirkpatrick and others, Overcoming catastrophic forgetting in neural networks, 2017; van de Ven and Tolias, Three scenarios for continual learning, 2019",
        watch: "The curve of a task while another one is learned: where it falls, the network forgets.",
        knobs: [
            Knob(
                "tasks", title: "tasks", summary: "The number of tasks.", kind: .integer(2...mostTasks),
                default: .integer(2), raise: "for a harder test of memory", lower: "to look at one pair of tasks"),
            Knob(
                "division", title: "differ by",
                summary:
                    "What makes the tasks: all samples with their inputs in another order; classes of their own; or ranges of the first input, strips of a plane.",
                kind: .word(TaskDivision.all.map(\.word)), default: .text(TaskDivision.all[0].word)),
            Knob(
                "epochs", title: "epochs a task",
                summary: "The number of epochs for which each task is learned; the last one goes on.",
                kind: .integer(1...1_000_000), default: .integer(20),
                raise: "when a task is not learned when the next one comes", lower: "when tasks are learned long before"
            ),
            Knob(
                "answers", title: "answers",
                summary:
                    "Tasks with classes of their own: an answer is one of all classes, or one of those of the sample's task, which is then known.",
                kind: .word(["all", "task"]), default: .text("all")),
            Knob(
                "remedy", title: "remedy",
                summary:
                    "Against forgetting: none; weights that matter to old tasks are held; or some old samples are learned again.",
                kind: .word(Remedy.allCases.map(\.rawValue)), default: .text(Remedy.none.rawValue)),
            Knob(
                "strength", title: "held by", symbol: "λ",
                summary: "How strongly elasticWeights holds the weights.",
                kind: .real(0...1e9, steps: [0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 100_000]),
                default: .real(100), raise: "when old tasks are forgotten", lower: "when new tasks are not learned"),
            Knob(
                "kept", title: "samples kept", summary: "The samples of each old task that replay learns again.",
                kind: .integer(1...1_000_000), default: .integer(50), raise: "when old tasks are forgotten",
                lower: "when learning new ones takes too long"),
        ])
    static let metrics = Metric.supervised + [.task, .elasticPenalty]
    /// They decide which samples there are.
    static let startingKnobs = ["tasks", "division", "answers"]
    static let mostTasks = 10

    private enum Remedy: String, CaseIterable { case none, elasticWeights, replay }

    let descent: GradientDescent
    private var settings: Settings
    /// The task that learns now, counted from 0.
    private var task = 0
    /// The training rows of each task.
    private let rows: [[Int32]]
    /// The tasks are copies of the samples.
    private let hasCopies: Bool
    private let pull = WeightPull()

    private var remedy: Remedy { Remedy(rawValue: settings.text("remedy"))! }

    var metrics: [Metric] { Self.metrics + descent.taskMetrics + descent.stepMetrics }

    init(_ setup: TrainingSetup) throws(EngineError) {
        settings = try Settings(setup.learning.procedure, in: .procedure, place: "training.procedure")
        let given = setup.train.count
        let setup = try Self.divided(setup, settings)
        hasCopies = setup.train.count != given
        let marks = setup.train.tasks!
        rows = (0..<marks.count).map { task in
            marks.samples.indices.filter { marks.samples[$0] == task }.map { Int32($0) }
        }
        descent = try GradientDescent(setup)
        let least = descent.model.plan.program.smallestBatch
        if let task = rows.firstIndex(where: { $0.count < least }) {
            throw EngineError(
                place: "\(settings.place).tasks",
                message:
                    "task \(task + 1) has \(plural(rows[task].count, "training sample")), expected at least \(least); take more "
                    + "samples or fewer tasks")
        }
        guard descent.model.plan.program.carried.isEmpty else {
            throw EngineError(
                place: settings.place,
                message:
                    "a state that is carried from window to window cannot go on through tasks; leave carry out")
        }
        try check()
        descent.weightPull = pull
        choose()
    }

    /// The setup with its samples marked by their tasks.
    private static func divided(_ setup: TrainingSetup, _ settings: Settings) throws(EngineError) -> TrainingSetup {
        guard setup.network.task != .regression else {
            throw EngineError(
                place: settings.place,
                message: "life-long learning compares accuracies, but this data has values; choose data with classes")
        }
        var setup = setup
        let division = TaskDivision.all.first { $0.word == settings.text("division") }!
        try division.divide(&setup, settings.integer("tasks"), "\(settings.place).division")
        setup.network.limitsAnswers = limits(setup.train, settings)
        return setup
    }

    /// Whether answers are limited to the classes of a sample's task.
    private static func limits(_ samples: Samples, _ settings: Settings) -> Bool {
        settings.text("answers") == "task" && samples.tasks?.classes != nil
    }

    // MARK: - Steps

    func advance(steps: Int) -> TrainingProgress {
        goOnToTask()
        return descent.advance(steps: steps)
    }

    /// At the beginning of an epoch: goes on to the task whose turn it is, and chooses the samples.
    private func goOnToTask() {
        guard descent.feed.position == 0, descent.divergence == nil else { return }
        let next = min(descent.epoch / settings.integer("epochs"), rows.count - 1)
        if next != task {
            // Those of samples of the task before.
            descent.feed.carriedCount = 0
            if next < task { pull.memories.removeAll { $0.task >= next } }
            if next > task, remedy == .elasticWeights {
                pull.memories.append(
                    WeightPull.Memory(
                        task: task, importance: descent.fisherDiagonal(of: rows[task]), weights: descent.parameters))
            }
            task = next
        }
        choose()
    }

    /// Takes the samples of the present task, and with replay some of those before.
    private func choose() {
        choose((replayed + rows[task]).sorted())
    }

    private func choose(_ rows: [Int32]) {
        // A batch is as large as a task at most.
        guard
            let batches = try? Batches(
                samples: rows.count, learning: descent.learning, smallest: descent.model.plan.program.smallestBatch)
        else { return }
        descent.feed.choose(rows, batches: batches)
    }

    /// The samples of old tasks that are learned again, drawn from the key of the run.
    private var replayed: [Int32] {
        guard remedy == .replay else { return [] }
        return (0..<task).flatMap { task in
            let order = RowOrder(count: rows[task].count)
            var random = Random(seed: descent.noiseKey ^ 0x7265_706C_6179 &+ UInt64(task))
            order.shuffle(&random)
            return order.array.prefix(settings.integer("kept")).map { rows[task][Int($0)] }
        }
    }

    // MARK: - Metrics

    func measure() -> Evaluation {
        descent.ownMetrics = [
            (.task, Double(task + 1)), (.elasticPenalty, pull.penalty(at: descent.parameters)),
        ]
        return descent.evaluate()
    }

    // MARK: - Settings and state

    /// - Throws: that the remedy does not suit the network.
    private func check() throws(EngineError) {
        pull.strength = remedy == .elasticWeights ? settings.real("strength") : 0
        guard remedy == .elasticWeights else { return }
        if let refusal = descent.fisherRefusal(place: "\(settings.place).remedy") { throw refusal }
        try MemoryRoom.require(
            8 * (rows.count - 1) * descent.model.outline.flatCount, for: "what elasticWeights keeps of the tasks",
            advice: MemoryRoom.advice)
    }

    func apply(_ learning: LearningDescription, to network: NetworkDescription?) throws(EngineError) {
        let old = settings
        settings = try Settings(learning.procedure, in: .procedure, place: "training.procedure")
        do throws(EngineError) {
            try check()
            var network = network
            network?.limitsAnswers = descent.model.network.limitsAnswers
            try descent.apply(learning, to: network)
        } catch {
            settings = old
            try check()
            throw error
        }
    }

    func reset(seed: UInt64) {
        (task, pull.memories) = (0, [])
        descent.reset(seed: seed)
        choose()
    }

    /// The names of a state's parts.
    private enum Part {
        static let task = "task"
        /// The samples of the present epoch.
        static let samples = "samples"
        static func importance(_ task: Int) -> String { "importance.\(task)" }
        static func weights(_ task: Int) -> String { "weights.\(task)" }
    }

    var state: TrainingState {
        var state = descent.state
        state.parts[Part.task] = [Float(task)]
        state.parts[Part.samples] = [Float(descent.feed.epochSamples)]
        for memory in pull.memories {
            state.parts[Part.importance(memory.task)] = memory.importance
            state.parts[Part.weights(memory.task)] = memory.weights
        }
        return state
    }

    func restore(_ state: TrainingState) throws(EngineError) {
        let old = (task: task, memories: pull.memories, chosen: descent.feed.chosen!, key: descent.noiseKey)
        var state = state
        // There are more or fewer samples than the state knew: with copies in between its order is void.
        if hasCopies, !state.order.isEmpty, state.order.count != descent.train.count {
            (state.order, state.position, state.carried, state.carriedCount) = ([], 0, [], 0)
        }
        do throws(EngineError) {
            try take(state)
            try descent.restore(state)
        } catch {
            (task, pull.memories, descent.noiseKey) = (old.task, old.memories, old.key)
            choose(old.chosen)
            throw error
        }
    }

    /// Takes the task and what is kept of those before, and chooses the samples of the state's epoch.
    private func take(_ state: TrainingState) throws(EngineError) {
        let turn = min(state.epoch / settings.integer("epochs"), rows.count - 1)
        task = try count(state, Part.task, 0...(rows.count - 1)) ?? max(0, turn)
        pull.memories = []
        for task in 0..<task {
            guard let importance = state.parts[Part.importance(task)], let weights = state.parts[Part.weights(task)]
            else {
                continue
            }
            let expected = descent.model.outline.flatCount
            guard importance.count == expected, weights.count == expected,
                importance.allSatisfy({ $0.isFinite && $0 >= 0 }), weights.allSatisfy(\.isFinite)
            else {
                throw EngineError(
                    place: Part.importance(task),
                    message: "expected \(plural(expected, "finite value")), of the importance from 0")
            }
            pull.memories.append(WeightPull.Memory(task: task, importance: importance, weights: weights))
        }
        if let words = state.generators[TrainingState.Generator.noise.name], let key = words.first {
            descent.noiseKey = key
        }
        // In mid-epoch, the samples that it began with.
        if state.position > 0, state.order.count == descent.train.count,
            let samples = try count(state, Part.samples, 1...descent.train.count)
        {
            let chosen = state.order.prefix(samples).sorted()
            guard zip(chosen, chosen.dropFirst()).allSatisfy({ $0 < $1 }),
                chosen.allSatisfy({ (0..<Int32(descent.train.count)).contains($0) })
            else {
                throw EngineError(
                    place: "order", message: "expected each of \(plural(descent.train.count, "training sample")) once")
            }
            choose(chosen)
        } else {
            choose()
        }
    }

    private func count(
        _ state: TrainingState, _ name: String, _ range: ClosedRange<Int>
    ) throws(EngineError) -> Int? {
        guard let values = state.parts[name] else { return nil }
        guard values.count == 1, let count = Int(exactly: values[0]), range.contains(count) else {
            throw EngineError(
                place: name, message: "expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return count
    }
}
