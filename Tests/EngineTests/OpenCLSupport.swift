import CKernels
import Testing

@testable import Engine

/// The common parts of the tests of the OpenCL backend.
enum OpenCLSupport {
    /// The device that `gpu` names; nil: there is none, and the tests are skipped.
    static let device: OpenCLDevice? = {
        guard case .openCL(let device)? = try? ComputeDevice(named: "gpu") else { return nil }
        return device
    }()

    static let isHere = device != nil

    static let word: Comment = "no OpenCL device is installed: pocl-opencl-icd brings one for any processor"

    /// The device's own style of kernels and the other one, which has to be right on any device as well.
    static let styles: [KernelText.Style] = [1, 16].map { KernelText.Style(lanes: $0, hasDouble: true) }

    /// All kernels of a style in one program: each is compiled once for all tests.
    static func program(_ style: KernelText.Style, _ context: OpenCLContext) throws -> OpenCLObject {
        var text = KernelText()
        for activation in Catalogue.activations where activation.scope == .unit {
            text.add(activation: lc_activation_index(activation.entry.id))
        }
        text.addSoftmaxAndLosses()
        let rules = ["rosenblatt", "delta", "hebb"].map { "rule.\($0)" }
        for id in Catalogue.losses.map(\.entry.id) + rules { text.add(loss: lc_loss_index(id)) }
        text.addRowsAndSums()
        for extra in KernelText.Extra.allCases { text.add(extra) }
        text.addOptimizers()
        for optimizer in Catalogue.optimizers { text.add(optimizer: lc_optimizer_index(optimizer.entry.id)) }
        text.addProducts(style)
        return try context.program(text.text, options: style.options)
    }

    /// |a − b| ≤ 1e-5 · max|b|.
    static func expectEqual(_ a: [Float], _ b: [Float], _ comment: @autoclosure () -> String) {
        let scale = b.map(abs).max() ?? 0
        let worst = zip(a, b).map { abs($0 - $1) }.max() ?? 0
        // A maximum passes over what is no number.
        let isSound = zip(a, b).allSatisfy { $0.isFinite && $1.isFinite }
        #expect(
            a.count == b.count && isSound && worst <= 1e-5 * scale,
            "\(comment()): \(isSound ? "\(worst) beside \(scale)" : "not finite")")
    }
}

/// The same network on the processor and on the device, with the same weights and samples.
struct PassPair {
    let plan: Plan
    let cpu: CPUPass
    let gpu: OpenCLPass
    let parameters: Block
    let gradients: Block
    let count: Int
    private let steps: Int?

    init(_ network: NetworkDescription, style: KernelText.Style, capacity: Int, count: Int, blast: Bool = false) throws
    {
        plan = try Plan(network)
        steps = network.sequence.hasLengths ? network.input.axes[0] : nil
        self.count = count
        parameters = try Block(count: plan.outline.flatCount)
        gradients = try Block(count: plan.outline.flatCount)
        var random = Random(seed: 7)
        parameters.write(plan.initialParameters(&random))
        cpu = try CPUPass(
            plan.program, part: .training, capacity: capacity, parameters: parameters, gradients: gradients)
        let device = try #require(OpenCLSupport.device)
        let queue = try OpenCLQueue(try OpenCLContext.shared(device))
        let standard = KernelText.Style(lanes: style.lanes, hasDouble: style.hasDouble)
        let kernels =
            style == standard
            ? try OpenCLSupport.program(style, queue.context)
            : try queue.context.program(
                KernelText.training(plan, optimizer: lc_optimizer_index("sgd"), style: style), options: style.options)
        let memory = try OpenCLMemory(queue: queue, style: style, parameterCount: parameters.count, prefersBlast: blast)
        try queue.write(UnsafeBufferPointer(parameters.values), to: memory.parameters)
        gpu = try OpenCLPass(plan.program, part: .training, capacity: capacity, kernels: kernels, memory: memory)
    }

    /// Runs both, the second time with gradients added to the first's, and compares what every operation made.
    func expectParity(_ comment: String) throws {
        let (inputs, targets) = (
            try ResidentRows.random(plan.program.input, count, steps: steps), try plan.randomTargets(count)
        )
        cpu.gather(plan.program.input, from: inputs, order: nil, first: 0, count: count)
        cpu.gather(plan.program.target, from: targets, order: nil, first: 0, count: count)
        let queue = gpu.memory.queue
        let order = try OpenCLBuffer(queue.context, bytes: 4 * count)
        try queue.write((0..<Int32(count)).map { $0 }, to: order)
        try gpu.gather(
            inputs: try upload(inputs), targets: try upload(targets), dataStride: inputs.stride, order: order, first: 0,
            count: count)
        for counter: UInt64 in 0..<2 {
            cpu.run(count: count, seed: 5, counter: counter, accumulate: counter > 0)
            try gpu.run(count: count, seed: 5, counter: counter, accumulate: counter > 0)
            for operation in plan.program.trainingForward + plan.program.backward {
                for slice in operation.slices(.writes) + operation.slices(.sums) {
                    try compare(slice, "\(comment), \(operation.primitive.id)")
                }
            }
        }
    }

    private func upload(_ rows: ResidentRows) throws -> OpenCLBuffer {
        let buffer = try OpenCLBuffer(gpu.memory.queue.context, bytes: 4 * rows.units * rows.stride)
        try gpu.memory.queue.write(UnsafeBufferPointer(rows.block!.values), to: buffer)
        return buffer
    }

    private func compare(_ slice: Slice, _ comment: String) throws {
        var (here, there): ([Float], [Float]) = ([], [])
        if slice.block == .parameterGradients || slice.block == .parameters {
            let isGradient = slice.block == .parameterGradients
            here = Array((isGradient ? gradients : parameters).array[slice.offset..<slice.offset + slice.count])
            there = [Float](repeating: 0, count: slice.count)
            try there.withUnsafeMutableBufferPointer {
                let memory = gpu.memory
                try memory.queue.read(isGradient ? memory.gradients : memory.parameters, at: slice.offset, into: $0)
            }
        } else {
            let rows = try gpu.read(slice)
            for unit in 0..<slice.count {
                for sample in 0..<count {
                    here.append(cpu.value(slice, unit: unit, sample: sample))
                    there.append(rows[unit * gpu.stride + sample])
                }
            }
        }
        OpenCLSupport.expectEqual(there, here, comment)
    }
}

extension ResidentRows {
    /// - Parameter steps: of sequences of different lengths, which the last row tells.
    fileprivate static func random(_ slice: Slice, _ count: Int, steps: Int?) throws -> ResidentRows {
        let rows = try ResidentRows(units: slice.count, samples: count)
        var random = Random(seed: 3)
        for unit in 0..<slice.count { for sample in 0..<count { rows[unit, sample] = Float(random.uniform(-2, 2)) } }
        if let steps { for sample in 0..<count { rows[slice.count - 1, sample] = Float(1 + sample % steps) } }
        return rows
    }
}

extension Plan {
    /// Targets as the loss takes them: of one unit either value, of several units one high.
    fileprivate func randomTargets(_ count: Int) throws -> ResidentRows {
        let rows = try ResidentRows(units: head.targetRows, samples: count)
        var random = Random(seed: 4)
        let steps = head.steps ?? 1
        for sample in 0..<count {
            for step in 0..<steps {
                let chosen = Int(random.uniform() * Double(max(2, head.units)))
                for unit in 0..<head.units {
                    let isHigh = head.units == 1 ? chosen == 1 : chosen == unit
                    rows[step * head.units + unit, sample] =
                        isHigh ? head.gradientTargets.high : head.gradientTargets.low
                }
                // Every third step has no target.
                if head.steps != nil {
                    rows[steps * head.units + step, sample] = (sample + step) % 3 == 2 ? 0 : 1 / Float(steps)
                }
            }
        }
        return rows
    }
}
