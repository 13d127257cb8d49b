import CKernels
import COpenCL

/// Networks of the same shape that train on a device, a lane to each, many steps to a launch: what `LaneDescent` does
/// for sixteen on the processor. Each comes out as it would alone, but for the order in which numbers are added up.
final class DeviceCohort {
    private let members: [PopulationMember]
    private let device: OpenCLDevice
    private let plan: Plan
    private let layout: LaneLayout
    private let queue: OpenCLQueue
    private let epochs: OpenCLKernel
    private let losses: OpenCLKernel
    private let lanes: Int
    /// Work-items of a group, on a card.
    private let group: Int
    private let groups: Int
    private let data: DeviceSamples
    private let parameters: OpenCLBuffer
    private let diverged: OpenCLBuffer
    private let means: OpenCLBuffer
    private let feed: CohortFeed
    /// Memory that only the kernels use.
    private let kept: [OpenCLBuffer]
    private let batchSize: Int
    private let lastBatch: LastBatch

    private(set) var step = 0
    private(set) var epoch = 0
    private var position = 0
    private var carriedCount = 0
    private var passes: UInt64 = 0
    private var known: [Divergence?]
    /// Whether `known` is as of the last launch.
    private var isKnown = true
    /// All networks' parameters, read since the last launch: an atlas asks for one after the other.
    private var newest: [Float]?

    var outline: Outline { plan.outline }

    /// Parameters of a network up to which it stays near the processing element that has it.
    static let mostParameters = 1024
    /// Networks of one cohort: they fill any card, and their memory fits it.
    static let mostNetworks = 1 << 15

    /// Members are many; a launch of one step's worth of them already fills the device.
    private static let mostSteps = 1024

    init(
        _ members: [PopulationMember], plans: [Plan], device: OpenCLDevice, style: KernelText.Style? = nil
    ) throws(EngineError) {
        self.members = members
        self.device = device
        plan = plans[0]
        layout = LaneLayout(plan.outline)
        known = Array(repeating: nil, count: members.count)
        batchSize = min(members[0].learning.batchSize, members[0].train.count)
        lastBatch = members[0].learning.lastBatch
        let optimizer = lc_optimizer_index(members[0].learning.optimizer.id)
        let style = style ?? KernelText.Style(device)
        lanes = style.lanes
        groups = (members.count + lanes - 1) / lanes
        // The lanes without a member repeat the first.
        let all = members + Array(repeating: members[0], count: groups * lanes - members.count)
        let arranged = try DeviceSamples.Arrangement(all, head: plan.head)
        let settings = try CohortSettings(all.map(\.learning))
        do throws(OpenCL.Failure) {
            let context = try OpenCLContext.shared(device)
            queue = try OpenCLQueue(context)
            let fused = FusedText(plan.program, layout: layout, axis: .networks)
            let constants =
                "#define ALIKE \(arranged.isAlike ? 1 : 0)\n#define SETTINGS \(settings.count)\n"
            let source = constants + KernelText.fused(fused, plan: plan, optimizer: optimizer, group: 1, classes: 0)
            let program = try context.program(source, options: style.options)
            epochs = try OpenCLKernel("epochs", in: program, context)
            losses = try OpenCLKernel("losses", in: program, context)
            group = style.group
            if lanes == 1 { for kernel in [epochs, losses] { try kernel.expect(local: [group], context) } }
            data = try DeviceSamples(arranged, queue)
            let count = layout.count * groups * lanes
            try OpenCLLimits.check(
                floats: count, "the parameters of \(groups * lanes) networks", advice: "use fewer networks")
            parameters = try OpenCLBuffer(queue, zeros: count)
            var slots: [OpenCLBuffer] = []
            for _ in 0..<lc_optimizer_slots(optimizer) { slots.append(try OpenCLBuffer(queue, zeros: count)) }
            let carried = try OpenCLBuffer(queue, zeros: count)
            diverged = try OpenCLBuffer(context, bytes: 4 * groups * lanes)
            means = try OpenCLBuffer(context, bytes: 4 * groups * lanes)
            feed = try CohortFeed(settings, queue, mostSteps: Self.mostSteps)
            let seeds = try OpenCLBuffer(context, bytes: 8 * all.count)
            let drawKnobs = try OpenCLBuffer(queue, zeros: max(1, fused.draws.count) * all.count)
            kept = slots + [carried, seeds, drawKnobs]
            try queue.write(all.map { GradientDescent.noiseKey(seed: $0.seed) }, to: seeds)
            var knobs = [Float](repeating: 0, count: max(1, fused.draws.count) * all.count)
            let padded = plans + Array(repeating: plans[0], count: all.count - plans.count)
            for (network, plan) in padded.enumerated() {
                let draws = plan.program.trainingForward.filter(\.primitive.hasKnobsPerNetwork)
                for (draw, operation) in draws.enumerated() {
                    knobs[draw * all.count + network] = Float(operation.knobs[0])
                }
            }
            try queue.write(knobs, to: drawKnobs)
            try queue.write([Int32](repeating: .max, count: all.count), to: diverged)

            let buffers = [
                parameters, slots.first ?? parameters, slots.count > 1 ? slots[1] : parameters, carried, data.inputs,
                data.targets,
            ]
            for (index, buffer) in buffers.enumerated() { try epochs.set(index, buffer) }
            try epochs.set(6, Int32(data.stride))
            try epochs.set(7, data.sets)
            try epochs.set(8, data.orders.buffer)
            try epochs.set(9, Int32(data.orderStride))
            try epochs.set(13, feed.settingOfNetwork)
            try epochs.set(15, seeds)
            try epochs.set(16, drawKnobs)
            try epochs.set(17, diverged)
            try epochs.set(18, Int32(groups))
            try losses.set(0, parameters)
            try losses.set(1, data.inputs)
            try losses.set(2, data.shownTargets)
            try losses.set(3, Int32(data.stride))
            try losses.set(4, data.sets)
            try losses.set(7, means)
            try losses.set(8, Int32(groups))
            try queue.write(initialParameters(all, plans: padded), to: parameters)
        } catch { throw OpenCLContext.report(error, device) }
    }

    private func initialParameters(_ members: [PopulationMember], plans: [Plan]) -> [Float] {
        var values = [Float](repeating: 0, count: layout.count * members.count)
        for (network, member) in members.enumerated() {
            var flat = member.initialParameters(plans[network])
            let packed = flat.withUnsafeMutableBufferPointer { layout.packed($0, padded: layout.count) }
            for index in 0..<layout.count { values[index * members.count + network] = packed[index] }
        }
        return values
    }

    /// One update of each network, as `LaneDescent.advance`; it is done when enough have come together, or are asked
    /// for.
    func advance() throws(EngineError) {
        let total = members[0].train.count
        if position == 0, data.isShuffled {
            // The rows' order changes for all of them.
            try launch()
            try OpenCLContext.attempt(on: device) { () throws(OpenCL.Failure) in
                try data.shuffle(queue)
                try epochs.set(8, data.orders.buffer)
            }
        }
        let count = min(batchSize, total - position)
        try add(count: count, adding: carriedCount > 0, samples: count + carriedCount)
        carriedCount = 0
        step += 1
        position += count
        let rest = total - position
        guard rest == 0 || (rest < batchSize && lastBatch != .short) else { return }
        if rest > 0, lastBatch == .carry {
            try add(count: rest, adding: false, samples: nil)
            carriedCount = rest
        }
        position = 0
        epoch += 1
    }

    /// - Parameter samples: those whose gradients the update takes; nil: they wait.
    private func add(count: Int, adding: Bool, samples: Int?) throws(EngineError) {
        if feed.isFull { try launch() }
        feed.add(
            first: position, count: count, adds: adding, samples: samples, number: step, counter: passes)
        passes += 1
    }

    private func launch() throws(EngineError) {
        guard !feed.isEmpty else { return }
        newest = nil
        isKnown = false
        let (global, local) = size
        try OpenCLContext.attempt(on: device) { () throws(OpenCL.Failure) in
            try feed.launch(
                epochs, stepsAt: 10, countersAt: 11, numbersAt: 12, countAt: 14, global: global, local: local)
        }
    }

    private var size: (global: [Int], local: [Int]) {
        let local = lanes > 1 ? 1 : group
        return ([(groups + local - 1) / local * local], [local])
    }

    /// Does all that `advance` asked for.
    func finish() throws(EngineError) {
        try launch()
        guard !isKnown else { return }
        let steps = try read(diverged, as: Int32.self)
        isKnown = true
        feed.pause()
        for index in members.indices where known[index] == nil && steps[index] != .max {
            noteDivergence(of: index, step: Int(steps[index]) + 1)
        }
    }

    private func noteDivergence(of index: Int, step: Int) {
        let learning = members[index].learning
        let rate = (try? Updater.call(learning.optimizer).learningRate) ?? 0
        known[index] = Divergence(
            step: step, layer: plan.outline.layers[plan.outline.layers.count - 1].place,
            advice: learning.adviceAfterDivergence(rate: rate))
    }

    /// The divergence of each network, as of the last `finish`; nil: none.
    var divergences: [Divergence?] { known }

    /// Each network's losses at its present weights; not a number after a divergence.
    func evaluate() throws(EngineError) -> [Evaluation] {
        try finish()
        let train = try mean(first: 0, count: members[0].train.count)
        let testCount = members[0].test.count
        let test = testCount > 0 ? try mean(first: members[0].train.count, count: testCount) : []
        for index in members.indices where known[index] == nil {
            guard !train[index].isFinite || (testCount > 0 && !test[index].isFinite) else { continue }
            noteDivergence(of: index, step: step)
        }
        return members.indices.map { index in
            guard known[index] == nil else {
                return Evaluation(trainLoss: .nan, testLoss: testCount > 0 ? .nan : nil)
            }
            return Evaluation(trainLoss: Double(train[index]), testLoss: testCount > 0 ? Double(test[index]) : nil)
        }
    }

    private func mean(first: Int, count: Int) throws(EngineError) -> [Float] {
        try OpenCLContext.attempt(on: device) { () throws(OpenCL.Failure) in
            try losses.set(5, Int32(first))
            try losses.set(6, Int32(count))
            let (global, local) = size
            try queue.run(losses, global: global, local: local)
        }
        return try read(means, as: Float.self)
    }

    /// A network's flat parameters, as in `outline.tensors`; zeros after a divergence.
    func parameters(at index: Int) throws(EngineError) -> [Float] {
        try finish()
        guard known[index] == nil else { return [Float](repeating: 0, count: plan.outline.flatCount) }
        let all: [Float]
        if let newest { all = newest } else { all = try read(parameters, as: Float.self) }
        newest = all
        let networks = groups * lanes
        var flat = [Float](repeating: 0, count: plan.outline.flatCount)
        let packed = (0..<layout.count).map { all[$0 * networks + index] }
        flat.withUnsafeMutableBufferPointer { flat in packed.withUnsafeBufferPointer { layout.unpack($0, into: flat) } }
        return flat
    }

    private func read<T: BitwiseCopyable & ExpressibleByIntegerLiteral>(
        _ buffer: OpenCLBuffer, as type: T.Type
    ) throws(EngineError) -> [T] {
        try OpenCLContext.attempt(on: device) { () throws(OpenCL.Failure) in
            var values = [T](repeating: 0, count: buffer.bytes / MemoryLayout<T>.stride)
            try values.withUnsafeMutableBufferPointer { (values) throws(OpenCL.Failure) in
                try queue.read(buffer, into: values)
            }
            return values
        }
    }
}
