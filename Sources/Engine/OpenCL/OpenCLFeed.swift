/// Steps on their way to a kernel that does many in one launch: their rows, keys and numbers.
final class OpenCLFeed {
    /// Floats of a step: the optimizer's constants, then scale, rate, l1, l2 and clipNorm (whole-single.cl).
    private static let numbersOfStep = 24
    private static let mostSteps = 4096

    private let queue: OpenCLQueue
    private let mostRows: Int
    private let rowBuffer: OpenCLBuffer
    private let stepBuffer: OpenCLBuffer
    private let keyBuffer: OpenCLBuffer
    private let numberBuffer: OpenCLBuffer
    private var rows: [Int32] = []
    /// First row, samples, flags (1: adds to the gradients, 2: updates), number.
    private var steps: [SIMD4<Int32>] = []
    private var keys: [SIMD2<UInt64>] = []
    private var numbers: [Float] = []

    init(_ queue: OpenCLQueue, batchSize: Int) throws(OpenCL.Failure) {
        self.queue = queue
        mostRows = max(1 << 16, batchSize)
        rowBuffer = try OpenCLBuffer(queue.context, bytes: 4 * mostRows)
        stepBuffer = try OpenCLBuffer(queue.context, bytes: 16 * Self.mostSteps)
        keyBuffer = try OpenCLBuffer(queue.context, bytes: 16 * Self.mostSteps)
        numberBuffer = try OpenCLBuffer(queue.context, bytes: 4 * Self.numbersOfStep * Self.mostSteps)
    }

    func bind(_ kernel: OpenCLKernel, rows: Int, steps: Int, keys: Int, numbers: Int) throws(OpenCL.Failure) {
        try kernel.set(rows, rowBuffer)
        try kernel.set(steps, stepBuffer)
        try kernel.set(keys, keyBuffer)
        try kernel.set(numbers, numberBuffer)
    }

    var count: Int { steps.count }

    func hasRoom(for count: Int) -> Bool { steps.count < Self.mostSteps && rows.count + count <= mostRows }

    func add(_ step: TrainingStep, _ order: UnsafeBufferPointer<Int32>) {
        let flags: Int32 = (step.adds ? 1 : 0) + (step.update == nil ? 0 : 2)
        steps.append(
            SIMD4(Int32(rows.count), Int32(step.count), flags, Int32(clamping: step.number)))
        rows.append(contentsOf: order)
        keys.append(SIMD2(step.seed, step.counter))
        if let update = step.update {
            update.append(to: &numbers, count: Self.numbersOfStep)
        } else {
            numbers.append(contentsOf: repeatElement(0, count: Self.numbersOfStep))
        }
    }

    /// Copies all to the device, when it has done what came before.
    /// - Returns: the number of steps.
    func send() throws(OpenCL.Failure) -> Int {
        try queue.write(rows, to: rowBuffer)
        try queue.write(steps, to: stepBuffer)
        try queue.write(keys, to: keyBuffer)
        try queue.write(numbers, to: numberBuffer)
        defer {
            rows.removeAll(keepingCapacity: true)
            steps.removeAll(keepingCapacity: true)
            keys.removeAll(keepingCapacity: true)
            numbers.removeAll(keepingCapacity: true)
        }
        return steps.count
    }
}
