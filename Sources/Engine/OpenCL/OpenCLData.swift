import CKernels

/// The samples on a device: the training set and the test set one after the other along the rows.
final class OpenCLData {
    let inputs: OpenCLBuffer
    /// The targets that the gradient is computed from.
    let targets: OpenCLBuffer
    /// The targets of the shown loss.
    let shownTargets: OpenCLBuffer
    /// Floats from one value's row to the next.
    let stride: Int
    /// Each set's samples among the columns.
    let train: Range<Int>
    let test: Range<Int>
    let trainLabels: [Float]
    let testLabels: [Float]
    /// The class of each sample, both sets one after the other; one number that means nothing for regression.
    let classes: OpenCLBuffer

    /// - Parameter hasClasses: the labels are classes, not values.
    init(
        _ queue: OpenCLQueue, train: ResidentSamples, test: ResidentSamples, hasClasses: Bool
    ) throws(OpenCL.Failure) {
        let total = train.count + test.count
        stride = total
        self.train = 0..<train.count
        self.test = train.count..<total
        (trainLabels, testLabels) = (train.labels, test.labels)
        let all = hasClasses ? (train.labels + test.labels).map { Int32($0) } : []
        classes = try OpenCLBuffer(queue.context, bytes: 4 * max(1, all.count))
        try queue.write(all, to: classes)
        inputs = try Self.joined(train.inputs, train.count, test.inputs, test.count, queue)
        targets = try Self.joined(train.targets, train.count, test.targets, test.count, queue)
        shownTargets =
            train.hasOneTarget
            ? targets : try Self.joined(train.shownTargets, train.count, test.shownTargets, test.count, queue)
    }

    private static func joined(
        _ train: ResidentRows, _ trainCount: Int, _ test: ResidentRows, _ testCount: Int, _ queue: OpenCLQueue
    ) throws(OpenCL.Failure) -> OpenCLBuffer {
        let total = trainCount + testCount
        try OpenCLLimits.check(
            floats: train.units * total, "the values of \(total) samples", advice: "use fewer samples")
        let buffer = try OpenCLBuffer(queue.context, bytes: 4 * train.units * total)
        for unit in 0..<train.units {
            for (rows, count, first) in [(train, trainCount, 0), (test, testCount, trainCount)] {
                let place = unit * total + first
                if rows.block != nil {
                    try queue.write(UnsafeBufferPointer(rows.row(unit, count: count)), to: buffer, at: place)
                } else {
                    try queue.write((0..<count).map { rows[unit, $0] }, to: buffer, at: place)
                }
            }
        }
        return buffer
    }
}

/// Computes losses and answers on a device (see `Evaluator`), a chunk of samples at once.
final class OpenCLEvaluator {
    private static let chunk = 2048

    private let queue: OpenCLQueue
    private let data: OpenCLData
    private let pass: OpenCLPass
    private let loss: OpenCLKernel
    /// The classes, or for regression half the squared distances.
    private let answers: OpenCLKernel
    /// Of each sample of a chunk, and of all chunks of a set: the losses, then the answers.
    private let chunkResults: OpenCLBuffer
    private let results: OpenCLBuffer
    private let mostChunks: Int
    private let order: OpenCLBuffer
    private let classes: Int

    init(
        _ plan: Plan, classes: Int, data: OpenCLData, kernels: OpenCLObject, memory: OpenCLMemory
    ) throws(OpenCL.Failure) {
        queue = memory.queue
        self.data = data
        self.classes = classes
        let head = plan.head
        let capacity = max(1, min(Self.chunk, max(data.train.count, data.test.count)))
        pass = try OpenCLPass(
            plan.program, part: .evaluation, capacity: capacity, kernels: kernels, memory: memory)
        chunkResults = try OpenCLBuffer(queue, zeros: pass.stride)
        mostChunks = (max(data.train.count, data.test.count) + capacity - 1) / capacity
        results = try OpenCLBuffer(queue, zeros: 2 * max(1, mostChunks) * pass.stride)
        order = try OpenCLBuffer(queue.context, bytes: 4 * max(1, data.stride))
        try queue.write((0..<Int32(data.stride)).map { $0 }, to: order)

        let last = plan.program.layers[plan.program.layers.count - 1]
        let vectors = Int32(pass.stride / memory.style.lanes)
        let compared = pass.place(head.lossStage == .activation ? last.activation : last.preActivation)
        let target = pass.place(plan.program.target)
        let output = pass.place(last.activation)
        let destination = chunkResults
        func lossKernel(
            _ id: String, _ knobs: [Double], _ at: (buffer: OpenCLBuffer, offset: Int32)
        ) throws(OpenCL.Failure) -> OpenCLKernel {
            let kernel = try OpenCLKernel(
                "\(Operation.Kind.loss(id).symbol)LossValue", in: kernels, memory.queue.context)
            try kernel.set(0, destination)
            try kernel.set(1, at.buffer)
            try kernel.set(2, at.offset)
            try kernel.set(3, target.buffer)
            try kernel.set(4, target.offset)
            try kernel.set(5, OpenCLBinding.knobs(knobs))
            try kernel.set(6, Int32(head.units))
            try kernel.set(7, vectors)
            return kernel
        }
        loss = try lossKernel(head.loss.entry.id, head.lossSettings.parameters, compared)
        guard classes > 0 else {
            answers = try lossKernel(Catalogue.halfSquare.entry.id, [], output)
            return
        }
        answers = try OpenCLKernel("answers", in: kernels, queue.context)
        try answers.set(0, destination)
        try answers.set(1, output.buffer)
        try answers.set(2, output.offset)
        try answers.set(3, Int32(head.units))
        try answers.set(4, vectors)
        try answers.set(5, head.targets.boundary)
    }

    /// - Returns: nil for an empty set.
    func evaluate(_ set: SampleSet) throws(OpenCL.Failure) -> Evaluator.Result? {
        let samples = set == .train ? data.train : data.test
        let truth = set == .train ? data.trainLabels : data.testLabels
        guard !samples.isEmpty else { return nil }
        let chunks = (samples.count + pass.capacity - 1) / pass.capacity
        for chunk in 0..<chunks {
            let first = samples.lowerBound + chunk * pass.capacity
            try pass.gather(
                inputs: data.inputs, targets: data.shownTargets, dataStride: data.stride, order: order, first: first,
                count: min(pass.capacity, samples.upperBound - first))
            try pass.run(count: pass.capacity)
            try compute(loss, as: chunk)
            try compute(answers, as: mostChunks + chunk)
        }
        // All of it at once, for each reading is a wait.
        var found = [Float](repeating: 0, count: results.bytes / 4)
        try found.withUnsafeMutableBufferPointer { (found) throws(OpenCL.Failure) in
            try queue.read(results, into: found)
        }
        var sum = 0.0
        var squares = 0.0
        var confusion = [Int](repeating: 0, count: classes * classes)
        for sample in 0..<samples.count {
            let place = sample / pass.capacity * pass.stride + sample % pass.capacity
            sum += Double(found[place])
            let answer = found[mostChunks * pass.stride + place]
            if classes > 0 {
                confusion[Int(truth[sample]) * classes + Int(answer)] += 1
            } else {
                squares += 2 * Double(answer)
            }
        }
        return Evaluator.Result(
            loss: sum / Double(samples.count), confusion: confusion,
            squaredDistance: classes > 0 ? nil : squares / Double(samples.count))
    }

    private func compute(_ kernel: OpenCLKernel, as chunk: Int) throws(OpenCL.Failure) {
        let style = pass.memory.style
        let (global, local) = style.items(pass.stride / style.lanes)
        try queue.run(kernel, global: [global], local: [local])
        try queue.copy(chunkResults, to: results, atByte: 4 * chunk * pass.stride)
    }
}
