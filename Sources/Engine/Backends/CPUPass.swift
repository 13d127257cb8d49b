import CKernels

/// A program bound to the processor's memory for batches of up to `capacity` samples: the rows that a pass fills, and
/// the operations that fill them. Parameters and their gradients belong to the owner.
///
/// Row u of a slice begins at `(offset + u) · stride`; sample s is in lane s. `stride` is the capacity rounded up to
/// whole vectors.
final class CPUPass {
    enum Part { case training, evaluation }

    let program: Program
    let capacity: Int
    let stride: Int
    private let parameters: Block
    private let gradients: Block?
    private let values: Block
    private let training: Block?
    /// The first rows of the input and of the targets, which each step fills.
    private let inputRows: UnsafeMutablePointer<Float>
    private let targetRows: UnsafeMutablePointer<Float>
    private let operations: OperationList
    private let kernels: UnsafePointer<lc_kernels>
    /// The same operations for several threads, where they pay.
    private let shared: SharedPass?
    /// Those that are done with other copies of the model, by their places among the operations.
    private let meetings: [(place: Int, operation: MeetingOperation)]
    private let runOperations: @convention(c) (UnsafePointer<lc_op>?, Int32, UnsafePointer<lc_batch>?) -> Void
    private let gather:
        @convention(c) (
            UnsafeMutablePointer<Float>?, Int32, UnsafePointer<Float>?, Int64, Int32, UnsafePointer<Int32>?, Int64,
            Int32
        ) -> Void
    private let lossSum:
        @convention(c) (
            Int32, UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int32, UnsafePointer<lc_batch>?
        ) -> Double
    /// The rows that go on from pass to pass, as many of each as samples.
    private let carried: [(rows: UnsafeMutablePointer<Float>, count: Int)]
    private let stepsLossSum:
        @convention(c) (
            Int32, UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int32,
            Int32,
            UnsafePointer<lc_batch>?
        ) -> Double

    /// - Parameters:
    ///   - gradients: where a training pass leaves the parameters' gradients; an evaluation pass needs none.
    ///   - team: threads that share a training pass where that pays.
    ///   - copies: of the model, that share the batches of a training pass; nil: there is one.
    ///   - other: a training pass of the same program for as many vectors of samples, which lends its rows; nil: it has its
    ///     own. Each pass then overwrites the values of the other one.
    init(
        _ program: Program, part: Part, capacity: Int, parameters: Block, gradients: Block? = nil,
        team: ThreadTeam? = nil, copies: (any ModelCopies)? = nil, inRowsOf other: CPUPass? = nil
    ) throws(EngineError) {
        let kernels = try Processor.kernels()
        let stride = Plan.wholeVectors(capacity)
        // In rows of another length, those that no operation writes would not stay 0.
        precondition(other.map { $0.stride == stride && part == .evaluation } ?? true, "rows of another length")
        self.program = program
        self.capacity = capacity
        self.stride = stride
        self.parameters = parameters
        self.gradients = gradients
        let values: Block
        if let other {
            (values, training) = (other.values, other.training)
        } else {
            values = try Block(count: program.valueRows * stride)
            // An evaluation pass keeps its targets there.
            training = try Block(
                count: (part == .training ? program.trainingRows : program.target.count) * stride)
        }
        self.values = values
        runOperations = kernels.pointee.run
        gather = kernels.pointee.gather
        self.kernels = kernels
        lossSum = kernels.pointee.loss
        stepsLossSum = kernels.pointee.stepsLoss
        let list = part == .training ? program.trainingForward + program.backward : program.evaluationForward
        let binding = Binding(
            parameters: parameters, gradients: gradients, values: values, training: training, stride: stride)
        operations = OperationList(list.map { binding.bind($0) })
        (inputRows, targetRows) = (binding.address(program.input), binding.address(program.target))
        carried = program.carried.map { (values.base + $0.slice.offset * stride, $0.slice.count) }
        func meeting(_ operation: Operation) -> MeetingOperation? {
            MeetingOperation(operation, part == .training ? copies : nil) { binding.bind($0) }
        }
        meetings = list.enumerated().compactMap { place, operation in meeting(operation).map { (place, $0) } }
        shared = SharedPass(
            list, team: part == .training ? team : nil, stride: stride, kernels: kernels, bind: binding.bind,
            meeting: meeting)
    }

    /// Runs the part's operations on the first `count` samples; of none there are the gradients 0.
    /// - Parameters: first: the number of the first sample in its batch, by which the noise streams know it.
    ///   seed, counter: the key and the position of the noise streams.
    ///   accumulate: adds the parameters' gradients to what is there.
    ///   continues: whether each sample goes on where that of the last pass ended; else what is carried begins at 0.
    func run(
        count: Int, first: Int = 0, seed: UInt64 = 0, counter: UInt64 = 0, accumulate: Bool = false,
        continues: Bool = false
    ) {
        if !continues { forgetCarried() }
        var batch = self.batch(count: count)
        batch.seed = seed
        batch.counter = counter
        batch.flags = accumulate ? Int32(LC_ACCUMULATE) : 0
        batch.first = Int32(first)
        if count == 0 {
            if !accumulate { gradients?.fill(0) }
            for (_, meeting) in meetings { meeting.run(batch) }
        } else if let shared {
            shared.run(batch)
        } else if meetings.isEmpty {
            runOperations(operations.base, Int32(operations.count), &batch)
        } else {
            runAroundMeetings(&batch)
        }
    }

    private func runAroundMeetings(_ batch: inout lc_batch) {
        var start = 0
        for (place, meeting) in meetings {
            runOperations(operations.base + start, Int32(place - start), &batch)
            meeting.run(batch)
            start = place + 1
        }
        runOperations(operations.base + start, Int32(operations.count - start), &batch)
    }

    private func forgetCarried() {
        for carried in carried { carried.rows.update(repeating: 0, count: carried.count * stride) }
    }

    /// The values that go on to the next pass: the first `count` samples of each of the program's carried rows, row-major.
    func carriedValues(count: Int) -> [[Float]] {
        carried.map { carried in
            (0..<carried.count).flatMap { row in
                UnsafeBufferPointer(start: carried.rows + row * stride, count: count)
            }
        }
    }

    func write(carried arrays: [[Float]], count: Int) {
        for (carried, values) in zip(carried, arrays) {
            for row in 0..<carried.count {
                for sample in 0..<count { carried.rows[row * stride + sample] = values[row * count + sample] }
            }
        }
    }

    /// Runs some of the part's operations, in their order, on one thread.
    func run(_ range: Range<Int>, count: Int, seed: UInt64, counter: UInt64, accumulate: Bool = false) {
        precondition(shared == nil && range.upperBound <= operations.count, "no such part of a pass")
        var batch = self.batch(count: count)
        batch.seed = seed
        batch.counter = counter
        batch.flags = accumulate ? Int32(LC_ACCUMULATE) : 0
        runOperations(operations.base + range.lowerBound, Int32(range.count), &batch)
    }

    /// The sum over the first `count` samples of the loss between a slice and the targets.
    /// - Parameter steps: those that have a target each; nil: each sample has one.
    func sum(of loss: CPULoss, at slice: Slice, steps: Int? = nil, count: Int) -> Double {
        var batch = self.batch(count: count)
        if let steps {
            let (units, targets) = (slice.count / steps, rows(program.target))
            return stepsLossSum(
                loss.kind, loss.knobs, rows(slice), targets, targets + steps * units * stride, Int32(units),
                Int32(steps),
                &batch)
        }
        return lossSum(
            loss.kind, loss.knobs, rows(slice), rows(program.target), Int32(slice.count), &batch)
    }

    /// The first sample's loss of one step, whatever its share.
    func sum(of loss: CPULoss, at slice: Slice, steps: Int, only step: Int) -> Double {
        var batch = self.batch(count: 1)
        let units = slice.count / steps
        return lossSum(
            loss.kind, loss.knobs, rows(slice) + step * units * stride, rows(program.target) + step * units * stride,
            Int32(units), &batch)
    }

    /// The sum of a slice's values over its rows and the first `count` samples.
    func sum(of slice: Slice, count: Int) -> Double {
        let base = rows(slice)
        var sum = 0.0
        for unit in 0..<slice.count { for sample in 0..<count { sum += Double(base[unit * stride + sample]) } }
        return sum
    }

    /// Copies the input's rows to the targets', of which there are as many.
    func copyInputToTargets() {
        precondition(program.input.count == program.target.count, "targets of another width")
        rows(program.target).update(from: rows(program.input), count: program.input.count * stride)
    }

    private func batch(count: Int) -> lc_batch {
        lc_batch(count: Int32(count), stride: Int32(stride), seed: 0, counter: 0, flags: 0, first: 0)
    }

    /// Copies samples into this pass: their inputs, and the targets that the gradient is computed from.
    func gather(_ samples: ResidentSamples, order: RowOrder?, first: Int, count: Int) {
        gather(
            into: inputRows, units: program.input.count, from: samples.inputs, order: order, first: first, count: count)
        gather(
            into: targetRows, units: program.target.count, from: samples.targets, order: order, first: first,
            count: count)
    }

    /// Copies rows of resident data into a slice of this pass.
    func gather(_ slice: Slice, from data: ResidentRows, order: RowOrder?, first: Int, count: Int) {
        gather(into: rows(slice), units: slice.count, from: data, order: order, first: first, count: count)
    }

    @inline(__always)
    private func gather(
        into rows: UnsafeMutablePointer<Float>, units: Int, from data: ResidentRows, order: RowOrder?, first: Int,
        count: Int
    ) {
        if let block = data.block {
            gather(
                rows, Int32(stride), block.base, Int64(data.stride), Int32(units), order?.base, Int64(first),
                Int32(count))
        } else {
            data.compact!.gather(into: rows, stride: stride, order: order, first: first, count: count, kernels)
        }
    }

    /// Copies row-major `[count, slice.count]` values into a slice; the rest of the last vector becomes 0.
    func write(_ array: [Float], to slice: Slice, count: Int) {
        precondition(count <= capacity, "\(count) samples do not fit a pass of \(capacity)")
        precondition(array.count >= count * slice.count, "expected \(slice.count) values for each of \(count) samples")
        let base = rows(slice)
        let end = (count + Int(LC_LANES) - 1) / Int(LC_LANES) * Int(LC_LANES)
        let units = slice.count
        array.withUnsafeBufferPointer { source in
            for unit in 0..<units {
                let row = base + unit * stride
                for sample in 0..<count { row[sample] = source[sample * units + unit] }
                for sample in count..<end { row[sample] = 0 }
            }
        }
    }

    /// The address of a slice's first row.
    func rows(_ slice: Slice) -> UnsafeMutablePointer<Float> {
        switch slice.block {
        case .values: values.base + slice.offset * stride
        case .training: training!.base + slice.offset * stride
        case .parameters: parameters.base + slice.offset
        case .parameterGradients: gradients!.base + slice.offset
        }
    }

    /// One value of the last pass.
    func value(_ slice: Slice, unit: Int, sample: Int) -> Float {
        precondition(unit >= 0 && unit < slice.count && sample >= 0 && sample < capacity, "outside the pass")
        return rows(slice)[unit * stride + sample]
    }

    /// Whether any of the first `count` samples holds a value that is infinite or not a number.
    func hasNonFinite(_ slice: Slice, count: Int) -> Bool {
        let base = rows(slice)
        for unit in 0..<slice.count {
            for sample in 0..<count where !base[unit * stride + sample].isFinite { return true }
        }
        return false
    }

    /// Appends the first `count` samples of a unit.
    func append(_ slice: Slice, unit: Int, count: Int, to out: inout [Float]) {
        precondition(unit >= 0 && unit < slice.count && count <= capacity, "outside the pass")
        out.append(contentsOf: UnsafeBufferPointer(start: rows(slice) + unit * stride, count: count))
    }
}

/// The addresses of a single network's slices.
private struct Binding {
    let parameters: Block
    let gradients: Block?
    let values: Block
    let training: Block?
    let stride: Int

    /// - Parameter lane: the first of the samples' lanes.
    func bind(_ operation: Operation, lane: Int = 0) -> lc_op { operation.bound { address($0, lane: lane) } }

    func address(_ slice: Slice, lane: Int = 0) -> UnsafeMutablePointer<Float> {
        switch slice.block {
        case .parameters: return parameters.base + slice.offset
        case .parameterGradients: return gradients!.base + slice.offset
        case .values: return values.base + slice.offset * stride + lane
        case .training: return training!.base + slice.offset * stride + lane
        }
    }
}

/// A loss as its kernel takes it.
struct CPULoss {
    let kind: Int32
    let knobs: [Float]

    init(_ head: OutputHead) {
        kind = lc_loss_index(head.loss.entry.id)
        // Never empty, so that there is an address to pass.
        knobs = head.lossSettings.parameters.map { Float($0) } + [0]
    }

    private init(id: String) {
        kind = lc_loss_index(id)
        knobs = [0]
    }

    /// ½(y − t)², also for a network with another loss.
    static let halfSquare = CPULoss(id: Catalogue.halfSquare.entry.id)
}
