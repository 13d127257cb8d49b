import CKernels
import COpenCL

/// A small network on an OpenCL device, many steps to a launch: a kernel made for the network trains
/// whole epochs with all parameters in local memory, and measures the losses in between.
final class OpenCLFusedBackend: Backend {
    private let device: OpenCLDevice
    private let queue: OpenCLQueue
    private let kernel: OpenCLKernel
    private let layout: LaneLayout
    private let padded: Int
    private let group: Int
    private let parameters: OpenCLBuffer
    private let gradients: OpenCLBuffer
    private let slots: [OpenCLBuffer]
    /// The entry in which numbers stopped being finite; the largest number: none.
    private let diverged: OpenCLBuffer
    private let data: OpenCLData
    private let feed: OpenCLFeed
    private let results: OpenCLMeasurements
    private let fetch: OpenCLFetch
    /// The kernel's inputs, kept as long as it.
    private let drawKnobs: OpenCLBuffer

    /// Parameters up to which a network's gradients stay near the processing elements.
    private static let mostParameters = 2048

    /// Samples of a batch up to which one group of a card, with the rest of it idle, is worth while.
    private static let mostSamples = 2048

    /// Whether a network is small enough for the device.
    static func fits(_ plan: Plan, _ device: OpenCLDevice, batchSize: Int) -> Bool {
        guard plan.isFusible else { return false }
        let count = plan.outline.parameterCount
        let bytes = UInt64(4 * 4 * (count + 16) + 20_000)
        return count <= mostParameters && bytes <= device.localMemory
            && (device.kind == .cpu || batchSize <= mostSamples)
    }

    init(
        _ device: OpenCLDevice, plan: Plan, optimizer: Int32, batchSize: Int, train: ResidentSamples,
        test: ResidentSamples, classes: Int, style: KernelText.Style? = nil
    ) throws(EngineError) {
        self.device = device
        do throws(OpenCL.Failure) {
            let style = style ?? KernelText.Style(device)
            let context = try OpenCLContext.shared(device)
            queue = try OpenCLQueue(context)
            layout = LaneLayout(plan.outline)
            padded = (layout.count + 15) / 16 * 16
            // A card's group has a work-item for each sample of a batch, up to eight warps; a processor's vector has.
            group = style.lanes > 1 ? 1 : device.group(upTo: min(256, max(32, 2 * batchSize - 1)))
            let fused = FusedText(plan.program, layout: layout, axis: .samples)
            let source = KernelText.fused(fused, plan: plan, optimizer: optimizer, group: group, classes: classes)
            let program = try context.program(source, options: style.options)
            kernel = try OpenCLKernel("epochs", in: program, context)
            try kernel.expect(local: [group], context)
            parameters = try OpenCLBuffer(queue, zeros: padded)
            gradients = try OpenCLBuffer(queue, zeros: padded)
            var slots: [OpenCLBuffer] = []
            for _ in 0..<lc_optimizer_slots(optimizer) { slots.append(try OpenCLBuffer(queue, zeros: padded)) }
            self.slots = slots
            diverged = try OpenCLBuffer(context, bytes: 4)
            data = try OpenCLData(queue, train: train, test: test, hasClasses: classes > 0)
            feed = try OpenCLFeed(queue, batchSize: batchSize)
            results = try OpenCLMeasurements(queue, hasTest: test.count > 0, classes: classes)
            drawKnobs = try OpenCLBuffer(queue, zeros: max(1, fused.draws.count))
            try queue.write(fused.draws.map { Float($0.knobs[0]) }, to: drawKnobs)
            let kept = [parameters, diverged, results.sums, results.counts]
            fetch = try OpenCLFetch(queue, parts: kept + slots + [gradients])
            let buffers = [
                parameters, slots.first ?? parameters, slots.count > 1 ? slots[1] : parameters, gradients, data.inputs,
                data.targets,
            ]
            for (index, buffer) in buffers.enumerated() { try kernel.set(index, buffer) }
            try kernel.set(6, Int32(data.stride))
            try kernel.set(12, drawKnobs)
            try kernel.set(13, diverged)
            try kernel.set(14, data.shownTargets)
            try kernel.set(15, data.classes)
            try kernel.set(16, Int32(train.count))
            try kernel.set(17, Int32(test.count))
            try kernel.set(18, results.sums)
            try kernel.set(19, results.counts)
            // A launch without steps: what the driver does for a kernel's first launch is done.
            try queue.write([Int32.max], to: diverged)
            try launchFeed()
            try queue.finish()
        } catch { throw OpenCLContext.report(error, device) }
    }

    var deliverySize: Int { fetch.bytes }

    func write(_ blocks: ModelBlocks) throws(EngineError) {
        try OpenCLContext.attempt(on: device) { () throws(OpenCL.Failure) in
            try fetch.finish()
            feed.removeAll()
            results.removeAll()
            try queue.write(layout.packed(blocks.parameters.values, padded: padded), to: parameters)
            try queue.write(layout.packed(blocks.gradients.values, padded: padded), to: gradients)
            for (block, slot) in zip(blocks.slots, slots) {
                try queue.write(layout.packed(block.values, padded: padded), to: slot)
            }
            try queue.write([Int32.max], to: diverged)
        }
    }

    func run(_ step: TrainingStep, rows: UnsafeBufferPointer<Int32>) throws(EngineError) {
        if !feed.hasRoom(for: rows.count) { try launch() }
        feed.add(step, rows)
    }

    func measure(entry: Int) throws(EngineError) -> Bool {
        if !feed.hasRoom(for: 0) { try launch() }
        feed.addMeasurement(at: results.add(entry: entry), entry: entry)
        return true
    }

    var isFull: Bool { results.isFull }

    func launch() throws(EngineError) {
        guard !feed.isEmpty else { return }
        try OpenCLContext.attempt(on: device) { () throws(OpenCL.Failure) in try launchFeed() }
    }

    private func launchFeed() throws(OpenCL.Failure) {
        try feed.launch(
            kernel, rowsAt: 7, stepsAt: 8, keysAt: 9, numbersAt: 10, countAt: 11, global: [group], local: [group])
    }

    func dispatch(gradients: Bool) throws(EngineError) {
        try OpenCLContext.attempt(on: device) { () throws(OpenCL.Failure) in
            try fetch.begin(count: slots.count + (gradients ? 5 : 4))
        }
        results.dispatched()
    }

    func hasArrived() throws(EngineError) -> Bool {
        try OpenCLContext.attempt(on: device) { () throws(OpenCL.Failure) in try fetch.hasArrived() }
    }

    func collect(_ blocks: ModelBlocks) throws(EngineError) -> Delivery {
        try OpenCLContext.attempt(on: device) { () throws(OpenCL.Failure) in try fetch.finish() }
        func unpack(_ part: Int, _ block: Block) {
            layout.unpack(fetch.values(part, as: Float.self), into: block.values)
        }
        unpack(0, blocks.parameters)
        for (index, block) in blocks.slots.enumerated() { unpack(4 + index, block) }
        if fetch.has(4 + slots.count) { unpack(4 + slots.count, blocks.gradients) }
        let found = fetch.values(1, as: Int32.self)[0]
        let end = found == .max ? nil : Int(found)
        let measured = results.measured(
            sums: fetch.values(2, as: Float.self), counts: fetch.values(3, as: Int32.self), until: end)
        return Delivery(end: end, measurements: measured)
    }

    /// So small a network's losses are quicker computed here than asked for.
    func evaluate(_ set: SampleSet) throws(EngineError) -> Evaluator.Result? { nil }
}

extension KernelText {
    /// The functions and constants of a network in one text, and the kernels over them.
    /// - Parameters:
    ///   - group: work-items of a group.
    ///   - classes: 0 for regression.
    static func fused(_ fused: FusedText, plan: Plan, optimizer: Int32, group: Int, classes: Int) -> String {
        var text = KernelText()
        text.addSoftmaxAndLosses()
        text.addFunctions(of: plan, kernels: false)
        text.addOptimizers()
        text.add(optimizer: optimizer, kernels: false)
        let (program, layout) = (plan.program, fused.layout)
        let symbol = String(cString: lc_optimizer_symbol(optimizer))
        let streams = fused.draws.map { draw in
            if case .stream(let number) = draw.kind { "\(number)" } else { "0" }
        }
        let output = program.layers[program.layers.count - 1].activation
        let constants: [(String, String)] = [
            ("PARAMETERS", "\(layout.count)"), ("PADDED", "\((layout.count + 15) / 16 * 16)"),
            ("DECAYING", "\(layout.decayingCount)"), ("VALUES", "\(program.valueRows)"),
            ("TRAINING", "\(program.trainingRows)"), ("INPUTS", "\(program.input.count)"),
            ("TARGETS", "\(program.target.count)"), ("TARGET_AT", "\(program.target.offset)"),
            ("OUTPUTS", "\(output.count)"), ("OUTPUT_AT", "\(output.offset)"), ("CLASSES", "\(classes)"),
            ("BOUNDARY", "\(plan.head.targets.boundary)f"),
            ("DRAWS", "\(streams.count)"), ("SLOTS", "\(lc_optimizer_slots(optimizer))"), ("GROUP", "\(group)"),
            ("UPDATE_LANES", "\(symbol)Lanes"), ("UPDATE_SPREAD", "\(symbol)Spread"), ("UPDATE_STEP", "\(symbol)Step"),
            ("UPDATE_FROM", "\(symbol)From"), ("UNROLLS", fused.isUnrolled ? "1" : "0"),
        ]
        text.add((constants + UpdateStep.places).map { "#define \($0) \($1)" }.joined(separator: "\n"))
        text.add("__constant int streams[DRAWS + 1] = {\((streams + ["0"]).joined(separator: ", "))};")
        text.add("#define splat1(x) \(fused.axis == .samples ? "splat(x)" : "(x)")")
        text.add("#pragma OPENCL FP_CONTRACT ON")
        text.add(fused.functions())
        text.add(fused.lossFunction(plan.head))
        text.add(
            String(cString: fused.axis == .samples ? lcl_text_fusedSingle() : lcl_text_fusedPopulation()))
        return text.text
    }
}
