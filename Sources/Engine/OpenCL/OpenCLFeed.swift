import CKernels

/// Steps on their way to a kernel that does many in one launch: their rows, keys and numbers, and where in between the
/// losses are measured.
final class OpenCLFeed {
    private static let mostSteps = 4096

    private let queue: OpenCLQueue
    private let turns = OpenCLTurns()
    private let rows: OpenCLStage<Int32>
    /// First row, samples, flags (1: adds to the gradients, 2: updates), entry. A measurement: its place among the
    /// results, 0, 4, entry.
    private let steps: OpenCLStage<SIMD4<Int32>>
    private let keys: OpenCLStage<SIMD2<UInt64>>
    private let numbers: OpenCLStage<Float>

    init(_ queue: OpenCLQueue, batchSize: Int) throws(OpenCL.Failure) {
        self.queue = queue
        rows = try OpenCLStage(queue, capacity: max(1 << 16, batchSize), turns: turns)
        steps = try OpenCLStage(queue, capacity: Self.mostSteps, turns: turns)
        keys = try OpenCLStage(queue, capacity: Self.mostSteps, turns: turns)
        numbers = try OpenCLStage(queue, capacity: UpdateStep.numberCount * Self.mostSteps, turns: turns)
    }

    var isEmpty: Bool { steps.count == 0 }

    func hasRoom(for count: Int) -> Bool { steps.count < Self.mostSteps && rows.count + count <= rows.capacity }

    func add(_ step: TrainingStep, _ order: UnsafeBufferPointer<Int32>) {
        let flags: Int32 = (step.adds ? 1 : 0) + (step.update == nil ? 0 : 2)
        steps.append(SIMD4(Int32(rows.count), Int32(step.count), flags, Int32(step.entry)))
        rows.append(count: order.count).update(from: order.baseAddress!, count: order.count)
        keys.append(SIMD2(step.seed, step.counter))
        let place = numbers.append(count: UpdateStep.numberCount)
        step.update?.write(to: place)
    }

    func addMeasurement(at place: Int, entry: Int) {
        steps.append(SIMD4(Int32(place), 0, 4, Int32(entry)))
        keys.append(SIMD2(0, 0))
        _ = numbers.append(count: UpdateStep.numberCount)
    }

    /// One launch over all that was added.
    /// - Parameters: rowsAt, stepsAt, keysAt, numbersAt, countAt: the kernel's arguments.
    func launch(
        _ kernel: OpenCLKernel, rowsAt: Int, stepsAt: Int, keysAt: Int, numbersAt: Int, countAt: Int,
        global: [Int], local: [Int]
    ) throws(OpenCL.Failure) {
        try rows.send(queue)
        try steps.send(queue)
        try keys.send(queue)
        try numbers.send(queue)
        try kernel.set(rowsAt, rows.buffer)
        try kernel.set(stepsAt, steps.buffer)
        try kernel.set(keysAt, keys.buffer)
        try kernel.set(numbersAt, numbers.buffer)
        try kernel.set(countAt, Int32(steps.count))
        try queue.run(kernel, global: global, local: local)
        try turns.change(queue)
        removeAll()
    }

    func removeAll() {
        rows.begin()
        steps.begin()
        keys.begin()
        numbers.begin()
    }
}

extension UpdateStep {
    /// Floats of a step in the kernels of whole epochs: sixteen constants of the optimizer, then scale, rate, l1, l2
    /// and clipNorm (−1: none).
    static let numberCount = 24
    /// The places of the numbers behind the optimizer's.
    private static let (scalePlace, ratePlace, l1Place, l2Place, clipPlace) = (16, 17, 18, 19, 20)
    /// The names of their places in the kernels.
    static let places = [
        ("NUMBERS", "\(numberCount)"), ("AT_SCALE", "\(scalePlace)"), ("AT_RATE", "\(ratePlace)"),
        ("AT_L1", "\(l1Place)"), ("AT_L2", "\(l2Place)"), ("AT_CLIP", "\(clipPlace)"),
    ]

    func write(to place: UnsafeMutablePointer<Float>) {
        var call = call
        _ = lc_optimizer_constants(&call, place)
        place[Self.scalePlace] = call.scale
        place[Self.ratePlace] = Float(call.learningRate)
        place[Self.l1Place] = Float(l1)
        place[Self.l2Place] = Float(l2)
        place[Self.clipPlace] = Float(clipNorm ?? -1)
    }
}
