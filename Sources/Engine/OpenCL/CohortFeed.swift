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
    private static let numbersOfStep = 24
    /// Floats in one launch.
    private static let mostNumbers = 1 << 20

    private let settings: CohortSettings
    private let queue: OpenCLQueue
    private let mostSteps: Int
    private let stepBuffer: OpenCLBuffer
    private let counterBuffer: OpenCLBuffer
    private let numberBuffer: OpenCLBuffer
    private let settingBuffer: OpenCLBuffer
    private var steps: [SIMD4<Int32>] = []
    private var counters: [UInt64] = []
    private var numbers: [Float] = []
    private var updates: Int64 = 0

    init(_ settings: CohortSettings, _ queue: OpenCLQueue, mostSteps: Int) throws(OpenCL.Failure) {
        self.settings = settings
        self.queue = queue
        let floats = Self.numbersOfStep * settings.count
        self.mostSteps = max(1, min(mostSteps, Self.mostNumbers / floats))
        stepBuffer = try OpenCLBuffer(queue.context, bytes: 16 * self.mostSteps)
        counterBuffer = try OpenCLBuffer(queue.context, bytes: 8 * self.mostSteps)
        numberBuffer = try OpenCLBuffer(queue.context, bytes: 4 * floats * self.mostSteps)
        settingBuffer = try OpenCLBuffer(queue.context, bytes: 4 * settings.settingOfNetwork.count)
        try queue.write(settings.settingOfNetwork, to: settingBuffer)
    }

    func bind(
        _ kernel: OpenCLKernel, steps: Int, counters: Int, numbers: Int, settings: Int
    ) throws(OpenCL.Failure) {
        try kernel.set(steps, stepBuffer)
        try kernel.set(counters, counterBuffer)
        try kernel.set(numbers, numberBuffer)
        try kernel.set(settings, settingBuffer)
    }

    var count: Int { steps.count }
    var isFull: Bool { steps.count >= mostSteps }

    /// - Parameter samples: those whose gradients an update takes; nil: no update.
    func add(first: Int, count: Int, adds: Bool, samples: Int?, number: Int, counter: UInt64) {
        steps.append(
            SIMD4(Int32(first), Int32(count), (adds ? 1 : 0) + (samples == nil ? 0 : 2), Int32(clamping: number)))
        counters.append(counter)
        if samples != nil { updates += 1 }
        for setting in settings.distinct {
            guard let samples else {
                numbers.append(contentsOf: repeatElement(0, count: Self.numbersOfStep))
                continue
            }
            let learning = setting.learning
            var update = UpdateStep(
                call: setting.call, samples: samples, l1: learning.l1, l2: learning.l2, clipNorm: learning.clipNorm)
            update.call.learningRate = setting.rate.rate(step: number)
            update.call.scale = Float(1 / Double(samples))
            update.call.step = updates
            update.append(to: &numbers, count: Self.numbersOfStep)
        }
    }

    /// Copies all to the device, when it has done what came before.
    /// - Returns: the number of steps.
    func send() throws(OpenCL.Failure) -> Int {
        try queue.write(steps, to: stepBuffer)
        try queue.write(counters, to: counterBuffer)
        try queue.write(numbers, to: numberBuffer)
        defer {
            steps.removeAll(keepingCapacity: true)
            counters.removeAll(keepingCapacity: true)
            numbers.removeAll(keepingCapacity: true)
        }
        return steps.count
    }
}

extension UpdateStep {
    /// The step's numbers as the kernels of whole epochs read them: sixteen constants, then scale, rate, l1, l2, clipNorm.
    func append(to numbers: inout [Float], count: Int) {
        let end = numbers.count + count
        let constants = constants
        for index in 0..<16 { numbers.append(constants[index]) }
        numbers += [call.scale, Float(call.learningRate), Float(l1), Float(l2), Float(clipNorm ?? -1)]
        while numbers.count < end { numbers.append(0) }
    }
}
