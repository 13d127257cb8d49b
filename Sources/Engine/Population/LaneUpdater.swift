import CKernels

/// Applies gradients to the parameters of networks side by side, each with its own settings: what `Updater` does for
/// one network.
///
/// Properties that every step writes are exempt from the run-time check of exclusive access, and arrays are opened once
/// for all lanes: both together saved a fifth of a step.
final class LaneUpdater {
    private let layout: LaneLayout
    private let parameters: Block
    private let gradients: Block
    private let slots: [Block]
    /// The weights before the update, from which the decay is derived; nil where nothing decays.
    private let previous: Block?
    private let kernels: lc_population_kernels
    @exclusivity(unchecked) private var calls: [lc_update]
    private let bases: [Double]
    /// Distinct schedules for a base rate of 1, and which one each network has.
    private let schedules: [LearningRate]
    private let scheduleOfLane: [Int]
    private let isConstant: Bool
    private let clipNorms: [Double?]
    private let clips: Bool
    private let l1: [Float]
    private let l2: [Float]
    @exclusivity(unchecked) private var rates: [Float]
    @exclusivity(unchecked) private var norms: [Double]
    @exclusivity(unchecked) private var partNorms: [Double]
    @exclusivity(unchecked) private var isStopped: [Bool]
    @exclusivity(unchecked) private var steps = 0

    init(_ learnings: [LearningDescription], layout: LaneLayout, parameters: Block, gradients: Block)
        throws(EngineError)
    {
        self.layout = layout
        self.parameters = parameters
        self.gradients = gradients
        kernels = try Processor.kernels().pointee.population
        let lanes = learnings.count
        var calls: [lc_update] = []
        var bases: [Double] = []
        var choices: [Choice] = []
        var schedules: [LearningRate] = []
        var scheduleOfLane: [Int] = []
        for learning in learnings {
            let (call, rate) = try Updater.call(learning.optimizer)
            calls.append(call)
            bases.append(rate)
            if let index = choices.firstIndex(of: learning.schedule) {
                scheduleOfLane.append(index)
            } else {
                scheduleOfLane.append(choices.count)
                choices.append(learning.schedule)
                schedules.append(try LearningRate(learning.schedule, base: 1))
            }
        }
        slots = try (0..<Int(lc_optimizer_slots(calls[0].kind))).map { _ throws(EngineError) in
            try Block(count: parameters.count)
        }
        (self.calls, self.bases, self.schedules, self.scheduleOfLane) = (calls, bases, schedules, scheduleOfLane)
        isConstant = schedules.allSatisfy(\.isConstant)
        clipNorms = learnings.map(\.clipNorm)
        clips = clipNorms.contains { $0 != nil }
        l1 = learnings.map { Float($0.l1) }
        l2 = learnings.map { Float($0.l2) }
        let decays = learnings.contains { $0.l1 != 0 || $0.l2 != 0 }
        previous = decays ? try Block(count: layout.decayingCount * lanes) : nil
        rates = bases.map { Float($0) }
        norms = Array(repeating: 0, count: lanes)
        partNorms = norms
        isStopped = Array(repeating: false, count: lanes)
        for lane in 0..<lanes { self.calls[lane].learningRate = bases[lane] }
    }

    /// The base learning rate of a network.
    func learningRate(lane: Int) -> Double { bases[lane] }

    /// A network whose numbers are not finite any more: its weights become 0 and stay so.
    func stop(lane: Int) {
        isStopped[lane] = true
        for block in [parameters] + slots {
            for index in 0..<layout.count { block[index * calls.count + lane] = 0 }
        }
    }

    /// One update from gradients summed over `count` samples (see `Updater.update`).
    /// - Parameter counts: how much each network's samples count, where that is not alike.
    /// - Returns: a bit for each network with a parameter that is no longer finite.
    func update(count: Double, counts: [Double]? = nil, step: Int) -> UInt32 {
        steps += 1
        prepareRates(step: step)
        prepareScales(count: count, counts: counts)
        if let previous { previous.copy(parameters, count: previous.count) }
        let first = slots.first?.base
        let second = slots.count > 1 ? slots[1].base : nil
        var diverged: UInt32 = 0
        for span in layout.trainedSpans {
            let start = span.lowerBound * calls.count
            diverged |= kernels.update(
                calls, parameters.base + start, gradients.base + start, first.map { $0 + start },
                second.map { $0 + start }, Int64(span.count))
            let decaying = min(span.upperBound, layout.decayingCount) - span.lowerBound
            if let previous, decaying > 0 {
                kernels.decay(parameters.base + start, previous.base + start, Int64(decaying), rates, l1, l2)
            }
        }
        return diverged
    }

    private func prepareRates(step: Int) {
        let updates = Int64(steps)
        calls.withUnsafeMutableBufferPointer { calls in
            for lane in calls.indices { calls[lane].step = updates }
        }
        if isConstant { return }
        for (index, schedule) in schedules.enumerated() {
            let factor = schedule.rate(step: step)
            for lane in calls.indices where scheduleOfLane[lane] == index {
                calls[lane].learningRate = bases[lane] * factor
                rates[lane] = Float(bases[lane] * factor)
            }
        }
    }

    /// Each network's factor on its gradient: 1 / count, times min(1, clipNorm / (‖g‖ + 1e-6)); 0 for a stopped one.
    private func prepareScales(count: Double, counts: [Double]?) {
        let common = 1 / count
        if clips { sumSquares() }
        calls.withUnsafeMutableBufferPointer { calls in
            for lane in calls.indices {
                let mean = counts.map { 1 / $0[lane] } ?? common
                var scale = mean
                if let clipNorm = clipNorms[lane] {
                    scale *= min(1, clipNorm / (norms[lane].squareRoot() * mean + 1e-6))
                }
                calls[lane].scale = isStopped[lane] ? 0 : Float(scale)
            }
        }
    }
    /// Each network's Σ g² over what is trained, to `norms`.
    private func sumSquares() {
        for lane in norms.indices { norms[lane] = 0 }
        for span in layout.trainedSpans {
            kernels.sumOfSquares(gradients.base + span.lowerBound * norms.count, Int64(span.count), &partNorms)
            for lane in norms.indices { norms[lane] += partNorms[lane] }
        }
    }
}
