import CKernels

/// The distinct settings of a cohort's networks, and who has which.
struct CohortSettings {
    fileprivate struct Setting {
        let call: lc_update
        let rate: LearningRate
        let learning: LearningDescription
    }
    fileprivate var distinct: [Setting] = []
    fileprivate var settingOfNetwork: [Int32] = []

    var count: Int { distinct.count }

    init(_ learnings: [LearningDescription]) throws(EngineError) {
        var places: [LearningDescription: Int] = [:]
        for learning in learnings {
            if let place = places[learning] {
                settingOfNetwork.append(Int32(place))
                continue
            }
            let (call, base) = try Updater.call(learning.optimizer)
            places[learning] = distinct.count
            settingOfNetwork.append(Int32(distinct.count))
            distinct.append(
                Setting(call: call, rate: try LearningRate(learning.schedule, base: base), learning: learning))
        }
    }
}

/// Steps of a cohort on their way to the kernel: what is the same for all networks, and the numbers of each setting.
final class CohortFeed {
    /// Floats in one launch.
    private static let mostNumbers = 1 << 20

    private let settings: CohortSettings
    private let queue: OpenCLQueue
    private let turns = OpenCLTurns()
    /// First row, samples, flags (1: adds to the gradients, 2: updates), number.
    private let steps: OpenCLStage<SIMD4<Int32>>
    private let counters: OpenCLStage<UInt64>
    private let numbers: OpenCLStage<Float>
    /// Each network's setting.
    let settingOfNetwork: OpenCLBuffer
    private var updates: Int64 = 0

    /// Steps of a launch: as many as take about `launchSeconds`, for a card that also shows the screen does nothing else
    /// meanwhile.
    private var limit = 1
    private var launched: (end: ContinuousClock.Instant, steps: Int)?
    private static let launchSeconds = 0.02

    init(_ settings: CohortSettings, _ queue: OpenCLQueue, mostSteps: Int) throws(OpenCL.Failure) {
        self.settings = settings
        self.queue = queue
        let floats = UpdateStep.numberCount * settings.count
        let capacity = max(1, min(mostSteps, Self.mostNumbers / floats))
        steps = try OpenCLStage(queue, capacity: capacity, turns: turns)
        counters = try OpenCLStage(queue, capacity: capacity, turns: turns)
        numbers = try OpenCLStage(queue, capacity: floats * capacity, turns: turns)
        settingOfNetwork = try OpenCLBuffer(queue.context, bytes: 4 * settings.settingOfNetwork.count)
        try queue.write(settings.settingOfNetwork, to: settingOfNetwork)
    }

    var isEmpty: Bool { steps.count == 0 }
    var isFull: Bool { steps.count >= min(limit, steps.capacity) }

    /// - Parameter samples: those whose gradients an update takes; nil: no update.
    func add(first: Int, count: Int, adds: Bool, samples: Int?, number: Int, counter: UInt64) {
        steps.append(
            SIMD4(
                Int32(first), Int32(count), (adds ? 1 : 0) + (samples == nil ? 0 : 2),
                Int32(min(number, Int(Int32.max) - 1))))
        counters.append(counter)
        if samples != nil { updates += 1 }
        for setting in settings.distinct {
            let place = numbers.append(count: UpdateStep.numberCount)
            guard let samples else { continue }
            let learning = setting.learning
            var update = UpdateStep(
                call: setting.call, samples: Double(samples), l1: learning.l1, l2: learning.l2,
                clipNorm: learning.clipNorm)
            update.call.learningRate = setting.rate.rate(step: number)
            update.call.scale = Float(1 / Double(samples))
            update.call.step = updates
            update.write(to: place)
        }
    }

    /// One launch over all that was added.
    /// - Parameters: stepsAt, countersAt, numbersAt, countAt: the kernel's arguments.
    func launch(
        _ kernel: OpenCLKernel, stepsAt: Int, countersAt: Int, numbersAt: Int, countAt: Int, global: [Int],
        local: [Int]
    ) throws(OpenCL.Failure) {
        try steps.send(queue)
        try counters.send(queue)
        try numbers.send(queue)
        try kernel.set(stepsAt, steps.buffer)
        try kernel.set(countersAt, counters.buffer)
        try kernel.set(numbersAt, numbers.buffer)
        try kernel.set(countAt, Int32(steps.count))
        try queue.run(kernel, global: global, local: local)
        try turns.change(queue)
        adapt()
        steps.begin()
        counters.begin()
        numbers.begin()
    }

    /// The host waited for the device: what comes next does not follow on what came before.
    func pause() { launched = nil }

    /// The launch before has ended now.
    private func adapt() {
        let now = ContinuousClock.now
        if let launched, launched.steps >= limit {
            let seconds = (now - launched.end) / .seconds(1)
            let fitting = Double(launched.steps) * Self.launchSeconds / max(seconds, 1e-6)
            limit = max(1, min(2 * limit, steps.capacity, Int(min(fitting, 1e6))))
        }
        launched = (now, steps.count)
    }
}
