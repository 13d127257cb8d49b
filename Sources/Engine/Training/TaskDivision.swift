/// A way to make several tasks of one set of samples, to be learned in turn.
struct TaskDivision: Sendable {
    /// The knob's value.
    let word: String
    /// Marks the samples of a setup with the tasks that they belong to, and makes further ones where the tasks need them.
    /// - Throws: that the data have no such tasks.
    let divide: @Sendable (_ setup: inout TrainingSetup, _ tasks: Int, _ place: String) throws(EngineError) -> Void

    /// The first is the standard one.
    static let all: [TaskDivision] = [.permutedInputs, .classes, .firstInput]

    /// Every task is a copy of all samples: from the second one on, with the inputs in another order. Of images all channels are
    /// moved alike. The orders are the same in every run.
    static let permutedInputs = TaskDivision(word: "permutedInputs") { setup, tasks, place throws(EngineError) in
        let network = setup.network
        guard network.sequence == SequenceForm() else {
            throw EngineError(
                place: place, message: "the order of a sequence is what it says; divide by classes or firstInput")
        }
        let axes = network.input.axes
        let channels = axes.count == 3 ? axes[0] : 1
        let places = network.input.count / channels
        let orders = (0..<tasks).map { order(task: $0, places: places) }
        let copied = (tasks - 1) * (setup.train.inputs.bytes + setup.test.inputs.bytes)
        try MemoryRoom.require(copied, for: "\(tasks) tasks of these samples", advice: MemoryRoom.advice)
        func copies(_ samples: Samples) throws(EngineError) -> Samples {
            Samples(
                inputs: try samples.inputs.copies(orders, channels: channels),
                labels: (0..<tasks).flatMap { _ in samples.labels },
                tasks: TaskMarks(
                    count: tasks,
                    samples: (0..<tasks).flatMap { [Int32](repeating: Int32($0), count: samples.count) }))
        }
        (setup.train, setup.test) = (
            try copies(setup.train), setup.test.count > 0 ? try copies(setup.test) : setup.test
        )
    }

    /// The order of the inputs in a task: another than their own in all but the first.
    private static func order(task: Int, places: Int) -> [Int] {
        let rows = RowOrder(count: places)
        guard task > 0, places > 1 else { return rows.array.map { Int($0) } }
        var random = Random(seed: UInt64(task))
        let own = rows.array
        repeat { rows.shuffle(&random) } while rows.array == own
        return rows.array.map { Int($0) }
    }

    /// Every task has its own classes: equally many, in their order.
    static let classes = TaskDivision(word: "classes") { setup, tasks, place throws(EngineError) in
        guard case .classification(let count) = setup.network.task, setup.network.sequence.targetSteps == nil else {
            throw EngineError(
                place: place,
                message: "tasks with classes of their own need samples of one class each; divide by permutedInputs or "
                    + "firstInput")
        }
        guard count >= tasks else {
            throw EngineError(
                place: place,
                message: "the data have \(plural(count, "class")), too few for \(tasks) tasks; take fewer tasks")
        }
        let tasksOfClasses = (0..<count).map { Int32($0 * tasks / count) }
        // A label that is no class is told of with the samples.
        func task(_ label: Float) -> Int32 {
            Int(exactly: label).flatMap { tasksOfClasses.indices.contains($0) ? tasksOfClasses[$0] : nil } ?? 0
        }
        func mark(_ samples: inout Samples) {
            samples.tasks = TaskMarks(
                count: tasks, samples: samples.labels.map(task), classes: tasksOfClasses)
        }
        mark(&setup.train)
        mark(&setup.test)
    }

    /// Every task has the samples within a range of the first input, from its smallest to its largest values, equally many of
    /// them in training: of a plane strips from the left to the right.
    static let firstInput = TaskDivision(word: "firstInput") { setup, tasks, place throws(EngineError) in
        func first(_ samples: Samples) -> [Float] { (0..<samples.count).map { samples.inputs[$0, 0] } }
        let sorted = first(setup.train).sorted()
        guard let smallest = sorted.first else { throw EngineError.noTrainingSamples }
        let limits = (1..<tasks).map { sorted[$0 * sorted.count / tasks] }
        guard Set([smallest] + limits).count == tasks else {
            throw EngineError(
                place: place,
                message:
                    "the first input has the same value in too many samples to divide them into \(tasks) tasks; divide "
                    + "by permutedInputs or classes")
        }
        func mark(_ samples: inout Samples) {
            let tasksOfSamples = first(samples).map { value in Int32(limits.count { $0 <= value }) }
            samples.tasks = TaskMarks(count: tasks, samples: tasksOfSamples)
        }
        mark(&setup.train)
        mark(&setup.test)
    }
}
