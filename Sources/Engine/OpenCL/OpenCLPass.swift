import CKernels
import COpenCL

/// A program bound to a device's memory for batches of up to `capacity` samples: the rows that a pass fills, and the
/// kernels that fill them. What `CPUPass` is on the processor, with the same layout of rows.
final class OpenCLPass {
    /// An instance of a kernel, and which of its arguments change from step to step.
    struct Launch {
        /// A product of CLBlast's in place of the kernel.
        var product: OpenCLProduct?
        var kernel: OpenCLKernel
        var global: [Int]
        var local: [Int]
        var countAt: Int?
        var accumulateAt: Int?
        /// Whether it adds to what is there in every pass.
        var adds = false
        /// The seed; the counter follows.
        var seedAt: Int?
    }

    let program: Program
    let capacity: Int
    /// Floats from one unit's row to the next.
    let stride: Int
    let memory: OpenCLMemory
    private let values: OpenCLBuffer
    private let training: OpenCLBuffer
    private let launches: [Launch]
    private let gathers: [OpenCLKernel]
    private let queue: OpenCLQueue
    private var count: Int32 = -1
    private var accumulates: Int32 = -1

    /// - Parameter kernels: the built text, with all that the program's operations need.
    init(
        _ program: Program, part: CPUPass.Part, capacity: Int, kernels: OpenCLObject, memory: OpenCLMemory
    ) throws(OpenCL.Failure) {
        self.program = program
        self.capacity = capacity
        self.memory = memory
        queue = memory.queue
        let width = memory.style.rowAlignment
        stride = (capacity + width - 1) / width * width
        try OpenCLLimits.check(
            floats: max(program.valueRows, program.trainingRows) * stride,
            "the values of a batch of \(capacity) samples", advice: "use a smaller batch or a smaller network")
        values = try OpenCLBuffer(queue, zeros: program.valueRows * stride)
        let trainingRows = part == .training ? program.trainingRows : program.target.count
        training = try OpenCLBuffer(queue, zeros: trainingRows * stride)
        let binding = OpenCLBinding(
            memory: memory, values: values, training: training, stride: stride, kernels: kernels)
        var launches: [Launch] = []
        for operation in part == .training ? program.trainingForward + program.backward : program.evaluationForward {
            launches += try binding.bind(operation)
        }
        for launch in launches where launch.product == nil {
            try launch.kernel.expect(local: launch.local, queue.context)
        }
        self.launches = launches
        gathers = [
            try OpenCLKernel("gather", in: kernels, queue.context),
            try OpenCLKernel("gather", in: kernels, queue.context),
        ]
        for kernel in gathers { try kernel.expect(local: [memory.style.items(1).local, 1], queue.context) }
    }

    /// Runs the part's operations on the first `count` samples.
    /// - Parameters: seed, counter: the key and the position of the noise streams.
    ///   accumulate: adds the parameters' gradients to what is there.
    func run(count: Int, seed: UInt64 = 0, counter: UInt64 = 0, accumulate: Bool = false) throws(OpenCL.Failure) {
        let accumulates: Int32 = accumulate ? 1 : 0
        let isSame = Int32(count) == self.count && accumulates == self.accumulates
        for launch in launches {
            if !isSame {
                if let index = launch.countAt { try launch.kernel.set(index, Int32(count)) }
                if let index = launch.accumulateAt {
                    try launch.kernel.set(index, launch.adds ? 1 : accumulates)
                }
            }
            if let index = launch.seedAt {
                try launch.kernel.set(index, seed)
                try launch.kernel.set(index + 1, counter)
            }
            if let product = launch.product {
                try product.run(queue, accumulate: accumulate || launch.adds)
                continue
            }
            try queue.run(launch.kernel, global: launch.global, local: launch.local)
        }
        (self.count, self.accumulates) = (Int32(count), accumulates)
    }

    /// Copies rows of a data set into the inputs and the targets.
    /// - Parameter order: the rows' numbers, of which `count` from `first` on are taken.
    func gather(
        inputs: OpenCLBuffer, targets: OpenCLBuffer, dataStride: Int, order: OpenCLBuffer, first: Int, count: Int
    ) throws(OpenCL.Failure) {
        for (kernel, (slice, data)) in zip(gathers, [(program.input, inputs), (program.target, targets)]) {
            try kernel.set(0, slice.block == .values ? values : training)
            try kernel.set(1, Int32(slice.offset * stride))
            try kernel.set(2, data)
            try kernel.set(3, Int32(dataStride))
            try kernel.set(4, order)
            try kernel.set(5, Int32(first))
            try kernel.set(6, Int32(count))
            try kernel.set(7, Int32(stride))
            let (global, local) = memory.style.items(stride / memory.style.rowAlignment)
            try queue.run(kernel, global: [global, slice.count], local: [local, 1])
        }
    }

    /// A slice's buffer, and where it begins there, in lanes.
    func place(_ slice: Slice) -> (buffer: OpenCLBuffer, offset: Int32) {
        (slice.block == .values ? values : training, Int32(slice.offset * stride / memory.style.lanes))
    }

    /// A slice's values, `[count, stride]`, for tests.
    func read(_ slice: Slice) throws(OpenCL.Failure) -> [Float] {
        var out = [Float](repeating: 0, count: slice.count * stride)
        try out.withUnsafeMutableBufferPointer { (out) throws(OpenCL.Failure) in
            try queue.read(slice.block == .values ? values : training, at: slice.offset * stride, into: out)
        }
        return out
    }
}

/// The buffers that the passes of one network share on a device.
struct OpenCLMemory {
    let queue: OpenCLQueue
    let style: KernelText.Style
    let parameters: OpenCLBuffer
    let gradients: OpenCLBuffer
    /// Whether large products go to CLBlast.
    let prefersBlast: Bool

    init(
        queue: OpenCLQueue, style: KernelText.Style, parameterCount: Int, prefersBlast: Bool? = nil
    ) throws(OpenCL.Failure) {
        (self.queue, self.style) = (queue, style)
        try OpenCLLimits.check(floats: parameterCount, "the parameters", advice: "use a smaller network")
        self.prefersBlast = prefersBlast ?? (queue.context.device.kind == .gpu)
        parameters = try OpenCLBuffer(queue, zeros: parameterCount)
        gradients = try OpenCLBuffer(queue, zeros: parameterCount)
    }
}

extension KernelText.Style {
    /// Rows begin at multiples of so many floats: a vector, or what a card reads at once.
    var rowAlignment: Int { lanes > 1 ? lanes : 32 }
    /// Work-items of a group that adds up together.
    var sumGroup: Int { lanes > 1 ? 1 : group }

    /// Work-items that share `count` pieces of work in a loop. The sizes of groups are always the same, for some
    /// drivers compile a kernel anew for each.
    func items(_ count: Int) -> (global: Int, local: Int) {
        lanes > 1 ? (min(count, 32), 1) : (min((count + group - 1) / group, 4096) * group, group)
    }
}
