import CKernels
import COpenCL

/// A learner's network on an OpenCL device, an operation to a kernel: for networks of any size.
final class OpenCLBackend: Backend {
    private let device: OpenCLDevice
    private let queue: OpenCLQueue
    private let memory: OpenCLMemory
    private let slots: [OpenCLBuffer]
    private let pass: OpenCLPass
    private let data: OpenCLData
    private let judge: OpenCLJudge
    private let updater: OpenCLUpdater
    /// Rows of the queued steps, here and there; when they are full, the queue is waited for.
    private let hostRows: RowOrder
    private let rows: OpenCLBuffer
    private var rowsUsed = 0

    /// - Parameters:
    ///   - optimizer: the index of its kernel.
    ///   - style: other than the device's, for tests.
    init(
        _ device: OpenCLDevice, plan: Plan, optimizer: Int32, batchSize: Int, train: ResidentSamples,
        test: ResidentSamples, classes: Int, style: KernelText.Style? = nil
    ) throws(EngineError) {
        self.device = device
        do throws(OpenCL.Failure) {
            let style = style ?? KernelText.Style(device)
            let context = try OpenCLContext.shared(device)
            queue = try OpenCLQueue(context)
            let kernels = try context.program(
                KernelText.training(plan, optimizer: optimizer, style: style), options: style.options)
            let count = plan.outline.flatCount
            memory = try OpenCLMemory(queue: queue, style: style, parameterCount: count)
            var slots: [OpenCLBuffer] = []
            for _ in 0..<lc_optimizer_slots(optimizer) { slots.append(try OpenCLBuffer(queue, zeros: count)) }
            self.slots = slots
            pass = try OpenCLPass(
                plan.program, part: .training, capacity: batchSize, kernels: kernels, memory: memory)
            data = try OpenCLData(queue, train: train, test: test)
            judge = try OpenCLJudge(plan, classes: classes, data: data, kernels: kernels, memory: memory)
            updater = try OpenCLUpdater(
                optimizer, memory: memory, slots: slots, count: count, decayingCount: plan.decayingCount,
                kernels: kernels)
            hostRows = RowOrder(count: max(2 * batchSize, 1 << 14))
            rows = try OpenCLBuffer(context, bytes: 4 * hostRows.count)
        } catch { throw OpenCLContext.report(error, device) }
    }

    private func attempt<T>(_ work: () throws(OpenCL.Failure) -> T) throws(EngineError) -> T {
        do throws(OpenCL.Failure) { return try work() } catch { throw OpenCLContext.report(error, device) }
    }

    func write(_ blocks: LearnerBlocks) throws(EngineError) {
        try attempt { () throws(OpenCL.Failure) in
            try queue.write(UnsafeBufferPointer(blocks.parameters.values), to: memory.parameters)
            try queue.write(UnsafeBufferPointer(blocks.gradients.values), to: memory.gradients)
            for (block, slot) in zip(blocks.slots, slots) {
                try queue.write(UnsafeBufferPointer(block.values), to: slot)
            }
            try updater.forgetDivergence()
        }
    }

    func run(_ step: TrainingStep, rows order: UnsafeBufferPointer<Int32>) throws(EngineError) {
        try attempt { () throws(OpenCL.Failure) in
            if rowsUsed + order.count > hostRows.count {
                try queue.finish()
                rowsUsed = 0
            }
            let staged = hostRows.base + rowsUsed
            staged.update(from: order.baseAddress!, count: order.count)
            try queue.begin(
                writing: UnsafeBufferPointer(start: staged, count: order.count), to: rows, at: rowsUsed)
            try pass.gather(
                inputs: data.inputs, targets: data.targets, dataStride: data.stride, order: rows, first: rowsUsed,
                count: step.count)
            rowsUsed += order.count
            try pass.run(count: step.count, seed: step.seed, counter: step.counter, accumulate: step.adds)
            if let update = step.update { try updater.update(update, step: step.number) }
            try queue.flush()
        }
    }

    func read(_ blocks: LearnerBlocks, gradients: Bool) throws(EngineError) -> Int? {
        try attempt { () throws(OpenCL.Failure) in
            // All of it or nothing: a device that fails in between must leave the last state to go on from.
            var wanted = [(memory.parameters, blocks.parameters)] + Array(zip(slots, blocks.slots))
            if gradients { wanted.append((memory.gradients, blocks.gradients)) }
            var arrived: [[Float]] = []
            for (buffer, block) in wanted {
                var values = [Float](repeating: 0, count: block.count)
                try values.withUnsafeMutableBufferPointer { (values) throws(OpenCL.Failure) in
                    try queue.read(buffer, into: values)
                }
                arrived.append(values)
            }
            let diverged = try updater.divergedStep()
            for (values, (_, block)) in zip(arrived, wanted) { _ = block.values.update(fromContentsOf: values) }
            return diverged
        }
    }

    func evaluate(_ set: SampleSet) throws(EngineError) -> Evaluator.Result? {
        try attempt { () throws(OpenCL.Failure) in try judge.evaluate(set) }
    }
}

extension KernelText {
    /// The kernels that train and evaluate a network.
    static func training(_ plan: Plan, optimizer: Int32, style: Style) -> String {
        var text = KernelText()
        text.addSoftmaxAndLosses()
        text.addFunctions(of: plan)
        text.addRowsAndSums()
        text.addOptimizers()
        text.add(optimizer: optimizer)
        text.addProducts(style)
        return text.text
    }
}
