import CKernels
import COpenCL

/// A network on an OpenCL device, an operation to a kernel: for networks of any size.
final class OpenCLBackend: Backend {
    private let device: OpenCLDevice
    private let queue: OpenCLQueue
    private let memory: OpenCLMemory
    private let slots: [OpenCLBuffer]
    private let pass: OpenCLPass
    private let data: OpenCLData
    /// nil where steps have targets of their own: the processor evaluates.
    private let evaluator: OpenCLEvaluator?
    private let updater: OpenCLUpdater
    /// The samples of the queued steps.
    private let turns = OpenCLTurns()
    private let rows: OpenCLStage<Int32>
    private let fetch: OpenCLFetch

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
            // Only the evaluator reads classes.
            data = try OpenCLData(
                queue, train: train, test: test, hasClasses: classes > 0 && plan.head.steps == nil)
            evaluator =
                plan.head.steps == nil
                ? try OpenCLEvaluator(plan, classes: classes, data: data, kernels: kernels, memory: memory) : nil
            updater = try OpenCLUpdater(
                optimizer, memory: memory, slots: slots, spans: plan.outline.trainedSpans,
                decayingCount: plan.decayingCount, kernels: kernels)
            rows = try OpenCLStage(queue, capacity: max(2 * batchSize, 1 << 14), turns: turns)
            fetch = try OpenCLFetch(
                queue, parts: [memory.parameters, updater.diverged] + slots + [memory.gradients])
        } catch { throw OpenCLContext.report(error, device) }
    }

    var deliverySize: Int { fetch.bytes }

    func write(_ blocks: ModelBlocks) throws(EngineError) {
        try OpenCLContext.attempt(on: device) { () throws(OpenCL.Failure) in
            try fetch.finish()
            try queue.write(UnsafeBufferPointer(blocks.parameters.values), to: memory.parameters)
            try queue.write(UnsafeBufferPointer(blocks.gradients.values), to: memory.gradients)
            for (block, slot) in zip(blocks.slots, slots) {
                try queue.write(UnsafeBufferPointer(block.values), to: slot)
            }
            try updater.forgetDivergence()
        }
    }

    func run(_ step: TrainingStep, rows order: UnsafeBufferPointer<Int32>) throws(EngineError) {
        try OpenCLContext.attempt(on: device) { () throws(OpenCL.Failure) in
            if rows.count + order.count > rows.capacity {
                try turns.change(queue)
                rows.begin()
            }
            let first = rows.count
            rows.append(count: order.count).update(from: order.baseAddress!, count: order.count)
            try rows.send(queue, from: first)
            try pass.gather(
                inputs: data.inputs, targets: data.targets, dataStride: data.stride, order: rows.buffer, first: first,
                count: step.count)
            try pass.run(count: step.count, seed: step.seed, counter: step.counter, accumulate: step.adds)
            if let update = step.update { try updater.update(update, entry: step.entry) }
            try queue.flush()
        }
    }

    /// Each step is given to the device at once.
    func launch() {}

    /// So large a network's losses are worth a wait.
    func measure(entry: Int) -> Bool { false }
    var isFull: Bool { false }

    func dispatch(gradients: Bool) throws(EngineError) {
        try OpenCLContext.attempt(on: device) { () throws(OpenCL.Failure) in
            try fetch.begin(count: slots.count + (gradients ? 3 : 2))
        }
    }

    func hasArrived() throws(EngineError) -> Bool {
        try OpenCLContext.attempt(on: device) { () throws(OpenCL.Failure) in try fetch.hasArrived() }
    }

    func collect(_ blocks: ModelBlocks) throws(EngineError) -> Delivery {
        try OpenCLContext.attempt(on: device) { () throws(OpenCL.Failure) in try fetch.finish() }
        _ = blocks.parameters.values.update(fromContentsOf: fetch.values(0, as: Float.self))
        for (index, block) in blocks.slots.enumerated() {
            _ = block.values.update(fromContentsOf: fetch.values(2 + index, as: Float.self))
        }
        if fetch.has(2 + slots.count) {
            _ = blocks.gradients.values.update(fromContentsOf: fetch.values(2 + slots.count, as: Float.self))
        }
        let end = fetch.values(1, as: Int32.self)[0]
        return Delivery(end: end == .max ? nil : Int(end))
    }

    func evaluate(_ set: SampleSet) throws(EngineError) -> Evaluator.Result? {
        try OpenCLContext.attempt(on: device) { () throws(OpenCL.Failure) in try evaluator?.evaluate(set) }
    }
}

extension KernelText {
    /// The kernels that train and evaluate a network.
    static func training(_ plan: Plan, optimizer: Int32, style: Style) -> String {
        var text = KernelText()
        text.addSoftmaxAndLosses()
        text.addFunctions(of: plan)
        text.addRowsAndSums()
        let extras = Set(plan.program.operations.compactMap(\.primitive.text))
        for extra in Extra.allCases where extras.contains(extra) { text.add(extra) }
        text.addOptimizers()
        text.add(optimizer: optimizer)
        text.addProducts(style)
        return text.text
    }
}
