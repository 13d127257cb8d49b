import CKernels

/// Applies gradients to the parameters on a device (see `Updater`).
final class OpenCLUpdater {
    private let queue: OpenCLQueue
    private let kernel: OpenCLKernel
    private let norm: OpenCLKernel
    private let sums: OpenCLBuffer
    /// The entry whose update left a weight that is not finite; the largest number: none.
    let diverged: OpenCLBuffer
    private let style: KernelText.Style
    /// The spans of the parameters that are trained.
    private let spans: [Range<Int>]
    private let sumGroup: Int

    /// Groups that add up squares; each makes one partial sum.
    private static let groups = 64

    init(
        _ optimizer: Int32, memory: OpenCLMemory, slots: [OpenCLBuffer], spans: [Range<Int>], decayingCount: Int,
        kernels: OpenCLObject
    ) throws(OpenCL.Failure) {
        queue = memory.queue
        style = memory.style
        self.spans = spans
        let lanes = style.lanes
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
        // A multiple of the plan's alignment, as the spans are.
        try kernel.set(8, Int32(decayingCount / lanes))
        try kernel.set(9, diverged)
        norm = try OpenCLKernel("sumOfSquares", in: kernels, queue.context)
        try norm.set(0, memory.gradients)
        try norm.set(4, sums)
        try norm.reserve(5, localBytes: 4 * sumGroup)
        try kernel.expect(local: [style.items(1).local], queue.context)
        try norm.expect(local: [sumGroup], queue.context)
        try forgetDivergence()
    }

    func forgetDivergence() throws(OpenCL.Failure) { try queue.write([Int32.max], to: diverged) }

    func update(_ update: UpdateStep, entry: Int) throws(OpenCL.Failure) {
        if update.clipNorm != nil {
            for (place, span) in spans.enumerated() {
                try norm.set(1, Int32(span.lowerBound))
                try norm.set(2, Int32(span.count))
                try norm.set(3, Int32(place == 0 ? 0 : 1))
                try queue.run(norm, global: [Self.groups * sumGroup], local: [sumGroup])
            }
        }
        try kernel.set(10, Int32(entry))
        try kernel.set(11, update.constants)
        try kernel.set(12, update.call.scale)
        try kernel.set(13, Float(update.clipNorm ?? -1))
        try kernel.set(14, Float(update.call.learningRate))
        try kernel.set(15, Float(update.l1))
        try kernel.set(16, Float(update.l2))
        for span in spans {
            let vectors = span.count / style.lanes
            let items = style.items(vectors)
            try kernel.set(6, Int32(span.lowerBound / style.lanes))
            try kernel.set(7, Int32(vectors))
            try queue.run(kernel, global: [items.global], local: [items.local])
        }
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
