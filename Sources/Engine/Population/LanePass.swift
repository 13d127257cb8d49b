import CKernels

/// A program bound to memory for sixteen networks of the same shape side by side, for batches of up to `capacity`
/// samples of each. Row u of a slice begins at `(offset + u) · capacity · 16`; sample s of network l is at s · 16 + l.
final class LanePass {
    static let lanes = Int(LC_LANES)

    let program: Program
    let capacity: Int
    private let parameters: Block
    private let gradients: Block?
    private let layout: LaneLayout
    private let values: Block
    private let training: Block
    /// The knob of each layer that draws random numbers, for each network.
    private let rates: [Block]
    private let operations: OperationList
    private let kernels: lc_population_kernels
    /// The rows that go on from pass to pass, as many floats of each network as samples and rows.
    private let carried: [UnsafeMutableBufferPointer<Float>]

    /// - Parameters:
    ///   - programs: one for each lane; they differ in the knobs of dropout and noise alone.
    ///   - gradients: where a training pass leaves the parameters' gradients.
    init(
        _ programs: [Program], part: CPUPass.Part, capacity: Int, layout: LaneLayout, parameters: Block,
        gradients: Block? = nil
    ) throws(EngineError) {
        precondition(programs.count == Self.lanes, "one program for each lane")
        let program = programs[0]
        kernels = try Processor.kernels().pointee.population
        self.program = program
        self.capacity = capacity
        self.layout = layout
        self.parameters = parameters
        self.gradients = gradients
        let stride = capacity * Self.lanes
        let values = try Block(count: program.valueRows * stride)
        // An evaluation pass keeps its targets there.
        let training = try Block(count: (part == .training ? program.trainingRows : program.target.count) * stride)
        (self.values, self.training) = (values, training)

        let list = part == .training ? program.trainingForward + program.backward : program.evaluationForward
        var rates: [Block] = []
        let bound = try list.enumerated().map { (index, operation) throws(EngineError) -> lc_op in
            var bound = operation.bound { slice in
                switch slice.block {
                case .parameters: parameters.base + layout.packed(slice.offset) * Self.lanes
                case .parameterGradients: gradients!.base + layout.packed(slice.offset) * Self.lanes
                case .values: values.base + slice.offset * stride
                case .training: training.base + slice.offset * stride
                }
            }
            if operation.primitive.hasKnobsPerNetwork {
                let block = try Block(count: Self.lanes)
                for lane in 0..<Self.lanes { block[lane] = Float(programs[lane].trainingForward[index].knobs[0]) }
                bound.f = block.base
                rates.append(block)
            }
            return bound
        }
        self.rates = rates
        operations = OperationList(bound)
        carried = program.carried.map {
            UnsafeMutableBufferPointer(start: values.base + $0.slice.offset * stride, count: $0.slice.count * stride)
        }
    }

    /// Runs the part's operations on the first `count` samples of each network.
    /// - Parameters:
    ///   - seeds: the networks' keys of the noise streams.
    ///   - counter: their position.
    ///   - continues: whether each sample goes on where that of the last pass ended; else what is carried begins at 0.
    func run(
        count: Int, seeds: [UInt64], counter: UInt64, accumulate: Bool = false, continues: Bool = false
    ) {
        if !continues { for rows in carried { rows.update(repeating: 0) } }
        var batch = self.batch(count: count)
        batch.counter = counter
        batch.flags = accumulate ? Int32(LC_ACCUMULATE) : 0
        seeds.withUnsafeBufferPointer { seeds in
            kernels.run(operations.base, Int32(operations.count), &batch, seeds.baseAddress)
        }
    }

    /// Copies rows of each network's data into a slice.
    /// - Parameter orders: nil: as the rows are.
    func gather(
        _ slice: Slice, from data: LaneAddresses<Float>, dataStride: Int, orders: LaneAddresses<Int32>?, first: Int,
        count: Int
    ) {
        kernels.gather(
            rows(slice), Int32(capacity), data.base, Int64(dataStride), Int32(slice.count), orders?.base, Int64(first),
            Int32(count))
    }

    /// Adds to each network's sum the loss of the first `count` samples.
    /// - Parameter steps: those that have a target each; nil: each sample has one.
    func add(_ loss: CPULoss, at slice: Slice, steps: Int?, count: Int, to sums: inout [Double]) {
        var batch = self.batch(count: count)
        if let steps {
            let (units, targets) = (slice.count / steps, rows(program.target))
            return sums.withUnsafeMutableBufferPointer { sums in
                kernels.stepsLoss(
                    loss.kind, loss.knobs, rows(slice), targets, targets + steps * units * capacity * Self.lanes,
                    Int32(units), Int32(steps), &batch, sums.baseAddress)
            }
        }
        sums.withUnsafeMutableBufferPointer { sums in
            kernels.loss(
                loss.kind, loss.knobs, rows(slice), rows(program.target), Int32(program.target.count), &batch,
                sums.baseAddress)
        }
    }

    /// Whether a network's first `count` samples hold a value that is infinite or not a number.
    func hasNonFinite(_ slice: Slice, lane: Int, count: Int) -> Bool {
        let base = rows(slice)
        for unit in 0..<slice.count {
            for sample in 0..<count where !base[(unit * capacity + sample) * Self.lanes + lane].isFinite {
                return true
            }
        }
        return false
    }

    private func batch(count: Int) -> lc_batch {
        lc_batch(count: Int32(count), stride: Int32(capacity), seed: 0, counter: 0, flags: 0, first: 0)
    }

    private func rows(_ slice: Slice) -> UnsafeMutablePointer<Float> {
        let block = slice.block == .values ? values : training
        return block.base + slice.offset * capacity * Self.lanes
    }
}
