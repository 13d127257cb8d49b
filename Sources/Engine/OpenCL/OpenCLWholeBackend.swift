import CKernels
import COpenCL

/// A learner's small dense network on an OpenCL device, many steps to a launch: a kernel made for the network trains
/// whole epochs with all parameters in local memory.
final class OpenCLWholeBackend: Backend {
    private let device: OpenCLDevice
    private let queue: OpenCLQueue
    private let kernel: OpenCLKernel
    private let layout: LaneLayout
    private let padded: Int
    private let group: Int
    private let parameters: OpenCLBuffer
    private let gradients: OpenCLBuffer
    private let slots: [OpenCLBuffer]
    private let diverged: OpenCLBuffer
    private let data: OpenCLData
    private let feed: OpenCLFeed
    /// What the kernel reads, kept as long as it.
    private let rates: OpenCLBuffer

    /// Parameters up to which a network's gradients stay near the processing elements.
    private static let mostParameters = 2048

    /// Whether a network is small enough for the device.
    static func fits(_ plan: Plan, _ device: OpenCLDevice) -> Bool {
        let count = plan.outline.parameterCount
        let bytes = UInt64(4 * 4 * (count + 16) + 20_000)
        return count <= mostParameters && bytes <= device.localMemory
    }

    init(
        _ device: OpenCLDevice, plan: Plan, optimizer: Int32, batchSize: Int, train: ResidentSamples,
        test: ResidentSamples, style: KernelText.Style? = nil
    ) throws(EngineError) {
        self.device = device
        do throws(OpenCL.Failure) {
            let style = style ?? KernelText.Style(device)
            let context = try OpenCLContext.shared(device)
            queue = try OpenCLQueue(context)
            layout = LaneLayout(plan.outline)
            padded = (layout.count + 15) / 16 * 16
            // A card's group has a work-item for each sample of a batch, up to eight warps; a processor's vector has.
            group = style.lanes > 1 ? 1 : min(256, (batchSize + 31) / 32 * 32)
            let whole = WholeText(plan.program, layout: layout, axis: .samples)
            let source = KernelText.whole(whole, plan: plan, optimizer: optimizer, group: group)
            let program = try context.program(source, options: style.options)
            kernel = try OpenCLKernel("epochs", in: program, context)
            parameters = try OpenCLBuffer(queue, zeros: padded)
            gradients = try OpenCLBuffer(queue, zeros: padded)
            var slots: [OpenCLBuffer] = []
            for _ in 0..<lc_optimizer_slots(optimizer) { slots.append(try OpenCLBuffer(queue, zeros: padded)) }
            self.slots = slots
            diverged = try OpenCLBuffer(context, bytes: 4)
            data = try OpenCLData(queue, train: train, test: test)
            feed = try OpenCLFeed(queue, batchSize: batchSize)
            rates = try OpenCLBuffer(queue, zeros: max(1, whole.masks.count))
            try queue.write(whole.masks.map { Float($0.knobs[0]) }, to: rates)
            let buffers = [
                parameters, slots.first ?? parameters, slots.count > 1 ? slots[1] : parameters, gradients, data.inputs,
                data.targets,
            ]
            for (index, buffer) in buffers.enumerated() { try kernel.set(index, buffer) }
            try kernel.set(6, Int32(data.stride))
            try feed.bind(kernel, rows: 7, steps: 8, keys: 9, numbers: 10)
            try kernel.set(12, rates)
            try kernel.set(13, diverged)
        } catch { throw OpenCLContext.report(error, device) }
    }

    func write(_ blocks: LearnerBlocks) throws(EngineError) {
        try attempt { () throws(OpenCL.Failure) in
            try launch()
            try queue.write(layout.packed(blocks.parameters.values, padded: padded), to: parameters)
            try queue.write(layout.packed(blocks.gradients.values, padded: padded), to: gradients)
            for (block, slot) in zip(blocks.slots, slots) {
                try queue.write(layout.packed(block.values, padded: padded), to: slot)
            }
            try queue.write([Int32.max], to: diverged)
        }
    }

    func run(_ step: TrainingStep, rows: UnsafeBufferPointer<Int32>) throws(EngineError) {
        if !feed.hasRoom(for: rows.count) { try attempt { () throws(OpenCL.Failure) in try launch() } }
        feed.add(step, rows)
    }

    private func launch() throws(OpenCL.Failure) {
        guard feed.count > 0 else { return }
        let count = try feed.send()
        try kernel.set(11, Int32(count))
        try queue.run(kernel, global: [group], local: [group])
        try queue.flush()
    }

    func read(_ blocks: LearnerBlocks, gradients wantsGradients: Bool) throws(EngineError) -> Int? {
        try attempt { () throws(OpenCL.Failure) in
            try launch()
            // All of it or nothing: a device that fails in between must leave the last state to go on from.
            var arrived: [(values: [Float], block: Block)] = []
            func fetch(_ buffer: OpenCLBuffer, _ block: Block) throws(OpenCL.Failure) {
                var values = [Float](repeating: 0, count: padded)
                try values.withUnsafeMutableBufferPointer { (values) throws(OpenCL.Failure) in
                    try queue.read(buffer, into: values)
                }
                arrived.append((values, block))
            }
            try fetch(parameters, blocks.parameters)
            if wantsGradients { try fetch(gradients, blocks.gradients) }
            for (block, slot) in zip(blocks.slots, slots) { try fetch(slot, block) }
            var step = [Int32.max]
            try step.withUnsafeMutableBufferPointer { (step) throws(OpenCL.Failure) in
                try queue.read(diverged, into: step)
            }
            for part in arrived { layout.unpack(part.values, into: part.block.values) }
            return step[0] == .max ? nil : Int(step[0])
        }
    }

    /// So small a network's answers are quicker computed than asked for.
    func evaluate(_ set: SampleSet) throws(EngineError) -> Evaluator.Result? { nil }

    private func attempt<T>(_ work: () throws(OpenCL.Failure) -> T) throws(EngineError) -> T {
        do throws(OpenCL.Failure) { return try work() } catch { throw OpenCLContext.report(error, device) }
    }
}

extension KernelText {
    /// The functions and constants of a network as one whole, and the kernels over them.
    static func whole(_ whole: WholeText, plan: Plan, optimizer: Int32, group: Int) -> String {
        var text = KernelText()
        text.addSoftmaxAndLosses()
        text.addFunctions(of: plan, kernels: false)
        text.addOptimizers()
        text.add(optimizer: optimizer, kernels: false)
        let (program, layout) = (plan.program, whole.layout)
        let symbol = String(cString: lc_optimizer_symbol(optimizer))
        let streams = whole.masks.map { mask in
            if case .stream(let number) = mask.kind { "\(number)" } else { "0" }
        }
        let constants: [(String, String)] = [
            ("PARAMETERS", "\(layout.count)"), ("PADDED", "\((layout.count + 15) / 16 * 16)"),
            ("DECAYING", "\(layout.decayingCount)"), ("VALUES", "\(program.valueRows)"),
            ("TRAINING", "\(program.trainingRows)"), ("INPUTS", "\(program.input.count)"),
            ("TARGETS", "\(program.target.count)"), ("TARGET_AT", "\(program.target.offset)"),
            ("MASKS", "\(streams.count)"), ("SLOTS", "\(lc_optimizer_slots(optimizer))"), ("GROUP", "\(group)"),
            ("UPDATE_LANES", "\(symbol)Lanes"), ("UPDATE_SPREAD", "\(symbol)Spread"), ("UPDATE_STEP", "\(symbol)Step"),
            ("UPDATE_FROM", "\(symbol)From"), ("UNROLLS", whole.isUnrolled ? "1" : "0"),
        ]
        text.add(constants.map { "#define \($0) \($1)" }.joined(separator: "\n"))
        text.add("__constant int streams[MASKS + 1] = {\((streams + ["0"]).joined(separator: ", "))};")
        text.add("#define splat1(x) \(whole.axis == .samples ? "splat(x)" : "(x)")")
        text.add("#pragma OPENCL FP_CONTRACT ON")
        text.add(whole.functions())
        if whole.axis == .networks { text.add(whole.lossFunction(plan.head)) }
        text.add(
            String(cString: whole.axis == .samples ? lcl_text_wholeSingle() : lcl_text_wholePopulation()))
        return text.text
    }
}
