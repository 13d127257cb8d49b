import CKernels

/// A training pass shared by a team: first each thread takes the whole pass, forward and backward, for its part of the
/// samples, then each takes some rows of every weight gradient, which sums over all samples. The threads meet twice.
final class SharedPass {
    /// Multiply-adds of one batch from which two threads are faster than one: they meet within two microseconds, and a
    /// thread does some hundred thousand in that time.
    static let leastWork = 1 << 20

    private struct Part {
        let firstLane: Int
        let lanes: Int
        let samples: OperationList
        let gradients: OperationList
    }

    private let team: ThreadTeam
    private let parts: [Part]
    private let runOperations: @convention(c) (UnsafePointer<lc_op>?, Int32, UnsafePointer<lc_batch>?) -> Void

    /// - Parameter bind: an operation's addresses, `lane` lanes to the right.
    /// - Returns: nil where one thread is faster, or where an operation sums over the samples in a way of its own.
    init?(
        _ operations: [Operation], team: ThreadTeam?, stride: Int, kernels: UnsafePointer<lc_kernels>,
        bind: (_ operation: Operation, _ lane: Int) -> lc_op
    ) {
        guard let team, team.size > 1 else { return nil }
        let work = operations.reduce(0) { $0 + $1.m * $1.n * stride }
        guard work >= Self.leastWork, operations.allSatisfy({ $0.f == nil }) else { return nil }
        let vectors = stride / Int(LC_LANES)
        guard vectors >= team.size else { return nil }
        self.team = team
        runOperations = kernels.pointee.run
        parts = (0..<team.size).map { part in
            let (first, end) = (vectors * part / team.size, vectors * (part + 1) / team.size)
            let lane = first * Int(LC_LANES)
            return Part(
                firstLane: lane, lanes: (end - first) * Int(LC_LANES),
                samples: OperationList(
                    operations.filter { $0.code != .affineParameterGradient }.map { bind($0, lane) }),
                gradients: OperationList(
                    operations.filter { $0.code == .affineParameterGradient }
                        .compactMap { $0.rows(part, of: team.size) }.map { bind($0, 0) }))
        }
    }

    func run(_ batch: lc_batch) {
        let count = Int(batch.count)
        team.run(parts: parts.count) { index in
            let part = parts[index]
            var own = batch
            own.first = Int32(part.firstLane)
            own.count = Int32(min(max(0, count - part.firstLane), part.lanes))
            if own.count > 0 { runOperations(part.samples.base, Int32(part.samples.count), &own) }
        }
        team.run(parts: parts.count) { index in
            var whole = batch
            runOperations(parts[index].gradients.base, Int32(parts[index].gradients.count), &whole)
        }
    }
}

extension Operation {
    /// The part of a weight gradient's rows that one of `count` threads takes, in blocks of four; nil: none.
    fileprivate func rows(_ part: Int, of count: Int) -> Operation? {
        let blocks = (m + 3) / 4
        let (first, end) = (4 * (blocks * part / count), min(m, 4 * (blocks * (part + 1) / count)))
        guard end > first else { return nil }
        func cut(_ slice: Slice?, width: Int) -> Slice? {
            slice.map { Slice(block: $0.block, offset: $0.offset + first * width, count: (end - first) * width) }
        }
        var own = self
        own.m = end - first
        own.a = cut(a, width: n)
        own.c = cut(c, width: 1)
        own.d = cut(d, width: 1)
        return own
    }
}
