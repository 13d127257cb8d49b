import CKernels

/// Applies gradients to the parameters on a device (see `Updater`).
final class OpenCLUpdater {
    private let queue: OpenCLQueue
    private let kernel: OpenCLKernel
    private let norm: OpenCLKernel
    private let sums: OpenCLBuffer
    /// The entry whose update left a weight that is not finite; the largest number: none.
    let diverged: OpenCLBuffer
    private let items: (global: Int, local: Int)
    private let sumGroup: Int

    /// Groups that add up squares; each makes one partial sum.
    private static let groups = 64

    init(
        _ optimizer: Int32, memory: OpenCLMemory, slots: [OpenCLBuffer], count: Int, decayingCount: Int,
        kernels: OpenCLObject
    ) throws(OpenCL.Failure) {
        queue = memory.queue
        let lanes = memory.style.lanes
        // Both counts are multiples of the plan's alignment.
        let vectors = count / lanes
        items = memory.style.items(vectors)
        sumGroup = memory.style.sumGroup
        sums = try OpenCLBuffer(queue, zeros: Self.groups)
        diverged = try OpenCLBuffer(queue.context, bytes: 4)
        let symbol = String(cString: lc_optimizer_symbol(optimizer))
        kernel = try OpenCLKernel("\(symbol)Update", in: kernels, queue.context)
        try kernel.set(0, memory.parameters)
        try kernel.set(1, memory.gradients)
        // A slot that the optimizer lacks is never touched.
        try kernel.set(2, slots.first ?? memory.gradients)
        try kernel.set(3, slots.count > 1 ? slots[1] : memory.gradients)
        try kernel.set(4, sums)
        try kernel.set(5, Int32(Self.groups))
        try kernel.set(6, Int32(vectors))
        try kernel.set(7, Int32(decayingCount / lanes))
        try kernel.set(8, diverged)
        norm = try OpenCLKernel("sumOfSquares", in: kernels, queue.context)
        try norm.set(0, memory.gradients)
        try norm.set(1, Int32(count))
        try norm.set(2, sums)
        try norm.reserve(3, localBytes: 4 * sumGroup)
        try kernel.expect(local: [items.local], queue.context)
        try norm.expect(local: [sumGroup], queue.context)
        try forgetDivergence()
    }

    func forgetDivergence() throws(OpenCL.Failure) { try queue.write([Int32.max], to: diverged) }

    func update(_ update: UpdateStep, entry: Int) throws(OpenCL.Failure) {
        if update.clipNorm != nil {
            try queue.run(norm, global: [Self.groups * sumGroup], local: [sumGroup])
        }
        try kernel.set(9, Int32(entry))
        try kernel.set(10, update.constants)
        try kernel.set(11, update.call.scale)
        try kernel.set(12, Float(update.clipNorm ?? -1))
        try kernel.set(13, Float(update.call.learningRate))
        try kernel.set(14, Float(update.l1))
        try kernel.set(15, Float(update.l2))
        try queue.run(kernel, global: [items.global], local: [items.local])
    }
}

extension UpdateStep {
    /// The constants that the optimizer computes once for the step.
    var constants: SIMD16<Float> {
        var numbers = SIMD16<Float>()
        var call = call
        withUnsafeMutableBytes(of: &numbers) { bytes in
            _ = lc_optimizer_constants(&call, bytes.bindMemory(to: Float.self).baseAddress!)
        }
        return numbers
    }
}
