import CKernels

/// A training pass shared by a team: first the whole pass, forward and backward, for some samples after the others, then
/// rows of every weight gradient, which sums over all samples. The threads meet twice.
final class SharedPass: SharedTask {
    /// Multiply-adds of one batch from which two threads are faster than one: they meet within two microseconds, and a
    /// thread does some hundred thousand in that time.
    static let leastWork = 1 << 20
    /// Vectors of samples that the kernels take at once where they can.
    private static let vectorsAtOnce = 2
    /// More parts than threads even out what delays one thread.
    private static let gradientPartsPerThread = 4

    private struct Samples {
        let firstLane: Int
        let lanes: Int
        let operations: OperationList
    }

    private let team: ThreadTeam
    private let samples: [Samples]
    private let gradients: [OperationList]
    private let runOperations: @convention(c) (UnsafePointer<lc_op>?, Int32, UnsafePointer<lc_batch>?) -> Void
    private var batch = lc_batch()
    private var sumsGradients = false

    /// - Parameter bind: an operation's addresses, `lane` lanes to the right.
    /// - Returns: nil where one thread is faster, or where an operation sums over the samples in a way of its own.
    init?(
        _ operations: [Operation], team: ThreadTeam?, stride: Int, kernels: UnsafePointer<lc_kernels>,
        bind: (_ operation: Operation, _ lane: Int) -> lc_op
    ) {
        guard let team, team.size > 1 else { return nil }
        let work = operations.reduce(0) { $0 + $1.m * $1.n * stride }
        guard work >= Self.leastWork, operations.allSatisfy({ !$0.sumsOverSamples || $0.primitive.part != nil }) else {
            return nil
        }
        let vectors = stride / Int(LC_LANES)
        guard vectors >= team.size else { return nil }
        self.team = team
        runOperations = kernels.pointee.run
        let step = vectors >= Self.vectorsAtOnce * team.size ? Self.vectorsAtOnce : 1
        samples = Swift.stride(from: 0, to: vectors, by: step).map { first in
            let lane = first * Int(LC_LANES)
            return Samples(
                firstLane: lane, lanes: min(step, vectors - first) * Int(LC_LANES),
                operations: OperationList(
                    operations.filter { !$0.sumsOverSamples }.map { bind($0, lane) }))
        }
        let parts = team.size * Self.gradientPartsPerThread
        gradients = (0..<parts).map { part in
            OperationList(
                operations.filter(\.sumsOverSamples).compactMap { $0.primitive.part!($0, part, parts) }
                    .map { bind($0, 0) })
        }
    }

    func run(_ batch: lc_batch) {
        self.batch = batch
        sumsGradients = false
        team.run(self, parts: samples.count)
        sumsGradients = true
        team.run(self, parts: gradients.count)
    }

    override func work(_ part: Int, thread: Int) {
        var own = batch
        if sumsGradients {
            runOperations(gradients[part].base, Int32(gradients[part].count), &own)
            return
        }
        let samples = samples[part]
        own.first = Int32(samples.firstLane)
        own.count = Int32(min(max(0, Int(batch.count) - samples.firstLane), samples.lanes))
        if own.count > 0 { runOperations(samples.operations.base, Int32(samples.operations.count), &own) }
    }
}
