import CKernels

/// A training pass shared by a team in phases: operations that keep samples apart, some samples after the others; then an
/// operation across the batch and its group, by units, with the gradients of parameters whose values are there, which sum over
/// all samples, by rows. The threads meet after each phase; a network without operations across the batch has two.
final class SharedPass: SharedTask {
    /// Multiply-adds of one batch from which two threads are faster than one: they meet within two microseconds, and a
    /// thread does some hundred thousand in that time.
    static let leastWork = 1 << 20
    /// Vectors of samples that the kernels take at once where they can.
    private static let vectorsAtOnce = 2
    /// More parts than threads even out what delays one thread.
    private static let partsPerThread = 4

    private struct Part {
        /// The first lane and their number, for a part that is some of the samples; nil: it sees all of them.
        var samples: (firstLane: Int, lanes: Int)?
        let operations: OperationList
    }

    private enum Phase {
        case parts([Part])
        /// With other copies of the model, on one thread.
        case meeting(MeetingOperation)
    }

    private let team: ThreadTeam
    private let phases: [Phase]
    private let runOperations: @convention(c) (UnsafePointer<lc_op>?, Int32, UnsafePointer<lc_batch>?) -> Void
    private var batch = lc_batch()
    private var parts: [Part] = []

    /// - Parameters:
    ///   - bind: an operation's addresses, `lane` lanes to the right.
    ///   - meeting: an operation that is done with other copies of the model; nil: it is not.
    /// - Returns: nil where one thread is faster, or where an operation cannot be divided.
    init?(
        _ operations: [Operation], team: ThreadTeam?, stride: Int, kernels: UnsafePointer<lc_kernels>,
        bind: @escaping (_ operation: Operation, _ lane: Int) -> lc_op,
        meeting: (_ operation: Operation) -> MeetingOperation?
    ) {
        guard let team, team.size > 1 else { return nil }
        let work = operations.reduce(0) { $0 + $1.multiplications * stride }
        guard work >= Self.leastWork, operations.allSatisfy({ $0.isSampleBySample || $0.primitive.part != nil }) else {
            return nil
        }
        let vectors = stride / Int(LC_LANES)
        guard vectors > 1 else { return nil }
        self.team = team
        runOperations = kernels.pointee.run
        let step = vectors >= Self.vectorsAtOnce * team.size ? Self.vectorsAtOnce : 1
        func bySamples(_ operations: [Operation]) -> [Part] {
            Swift.stride(from: 0, to: vectors, by: step).map { first in
                let lane = first * Int(LC_LANES)
                return Part(
                    samples: (lane, min(step, vectors - first) * Int(LC_LANES)),
                    operations: OperationList(operations.map { bind($0, lane) }))
            }
        }
        func byUnits(_ operations: [Operation]) -> [Part] {
            guard !operations.isEmpty else { return [] }
            let count = team.size * Self.partsPerThread
            return (0..<count).map { part in
                Part(
                    operations: OperationList(
                        operations.compactMap { $0.primitive.part!($0, part, count) }.map { bind($0, 0) }))
            }
        }
        var phases: [Phase] = []
        /// Those that no phase does yet; the group is before them.
        var pending: [Operation] = []
        var group: UnitGroup?
        func close() {
            if let group {
                let parts = group.parts(atLeast: team.size * Self.partsPerThread, stride: stride)
                let sums = group.sums.inPhases
                phases.append(.parts(parts.map { Part(operations: $0) } + byUnits(sums.first ?? [])))
                phases += sums.dropFirst().map { Phase.parts(byUnits($0)) }
            }
            group = nil
        }
        func closeSamples() {
            let samples = pending.filter(\.isSampleBySample)
            if !samples.isEmpty { phases.append(.parts(bySamples(samples))) }
            pending.removeAll(where: \.isSampleBySample)
        }
        for operation in operations {
            if operation.primitive.isAcrossBatch {
                if let meeting = meeting(operation) {
                    close()
                    closeSamples()
                    phases.append(.meeting(meeting))
                } else {
                    let next = UnitGroup(operation, pending: &pending, bind: bind)
                    close()
                    closeSamples()
                    group = next
                }
            } else if !pending.isEmpty || group?.append(operation) != true {
                pending.append(operation)
            }
        }
        close()
        closeSamples()
        self.phases = phases + pending.inPhases.map { Phase.parts(byUnits($0)) }
    }

    func run(_ batch: lc_batch) {
        self.batch = batch
        for phase in phases {
            switch phase {
            case .parts(let parts):
                self.parts = parts
                team.run(self, parts: parts.count)
            case .meeting(let meeting): meeting.run(batch)
            }
        }
    }

    override func work(_ part: Int, thread: Int) {
        var own = batch
        let part = parts[part]
        if let samples = part.samples {
            own.first += Int32(samples.firstLane)
            own.count = Int32(min(max(0, Int(batch.count) - samples.firstLane), samples.lanes))
            if own.count == 0 { return }
        }
        runOperations(part.operations.base, Int32(part.operations.count), &own)
    }
}

extension [Operation] {
    /// Sums for phases, in their order. One that adds to the sum of another primitive, whose parts are other rows, is in a
    /// later phase than that one.
    var inPhases: [[Operation]] {
        var phases: [[Operation]] = []
        var primitives: [Slice: Primitive] = [:]
        for operation in self {
            let sums = operation.slices(.sums)
            let own = operation.primitive
            if phases.isEmpty || sums.contains(where: { primitives[$0, default: own] != own }) {
                phases.append([])
                primitives = [:]
            }
            phases[phases.count - 1].append(operation)
            for sum in sums { primitives[sum] = own }
        }
        return phases
    }
}
