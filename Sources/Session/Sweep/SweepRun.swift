import Basics
import Engine
import Synchronization

/// Trains the cells of a sweep on several threads. A cell's result depends neither on their number nor on which cells
/// were finished before.
public final class SweepRun: Sendable {
    /// The progress of the run.
    public struct Progress: Sendable {
        public var finishedCells: Int
        public var cells: Int
        /// 0…1, by the arithmetic done.
        public var fraction: Double
        /// nil while there is too little to tell.
        public var secondsLeft: Double?
    }

    private struct Shared {
        var results: [Int: Sweep.Result]
        /// Finished since they were last taken.
        var fresh: [Int] = []
        var runningThreads = 0
        var error: ExperimentError?
        var deviceFailure: EngineError?
    }

    public let sweep: Sweep
    /// The rows and columns of the cells' tables that are left out, with the reasons.
    public let warnings: [String]
    private let queue: [(plan: CohortPlan, epochs: Int)]
    private let threads: Int
    private let shared: Mutex<Shared>
    private let next = Atomic(0)
    private let interrupted = Atomic(false)
    /// The arithmetic that is done, in parts of a million of all of it.
    private let doneWork = Atomic(0)
    private let allWork: Double
    /// The cells that are trained here.
    private let cellCount: Int
    private let doorbell = Doorbell()

    /// Prepares the data and plans the networks.
    /// - Parameters:
    ///   - finished: results of cells that need no training, by the cells' places.
    ///   - shard: the part of the cells that is trained here; nil: all.
    ///   - threads: at most so many.
    ///   - device: where to train; what it fails to do, the processor does.
    /// - Throws: the first cell that cannot be trained, and why.
    public init(
        _ sweep: Sweep, finished: [Int: Sweep.Result] = [:], shard: SweepShard? = nil, threads: Int,
        device: ComputeDevice = .processor
    ) throws(ExperimentError) {
        self.sweep = sweep
        let chosen = shard.map { Set($0.cells(of: sweep)) }
        cellCount = chosen?.count ?? sweep.cells.count
        var preparation = MemberPreparation(directory: sweep.directory)
        var members: [PopulationMember] = []
        for cell in sweep.cells { members.append(try preparation.member(cell.experiment)) }
        warnings = preparation.warnings
        let plans: [CohortPlan]
        do throws(PopulationError) { plans = try CohortPlan.plans(for: members, device: device, chosen: chosen) } catch
        {
            throw ExperimentError(error.reason)
        }
        let most = plans.map(\.bytes).sorted(by: >).prefix(max(1, threads)).reduce(0, +)
        do throws(EngineError) {
            try MemoryRoom.require(
                most, for: "\(min(threads, plans.count)) of its networks at once",
                advice: "let fewer --threads train, or make them, their batch or their number of samples smaller")
        } catch { throw ExperimentError(error) }
        // The plans are those of the whole grid, whatever is finished: a cell then comes out the same. The longest go
        // first, so that the threads end together.
        queue =
            plans.filter { plan in plan.members.contains { finished[$0] == nil } }.map { plan in
                (plan, plan.members.map { sweep.expectedEpochs($0, plan: plan) }.max() ?? 0)
            }.sorted { $0.plan.workPerEpoch * Double($0.epochs) > $1.plan.workPerEpoch * Double($1.epochs) }
        allWork = queue.reduce(0) { $0 + $1.plan.workPerEpoch * Double($1.epochs) }
        self.threads = max(1, min(threads, queue.count))
        shared = Mutex(Shared(results: finished))
    }

    private func share(_ plan: CohortPlan, epochs: Int) -> Int {
        allWork > 0 ? Int(bounded: plan.workPerEpoch * Double(epochs) / allWork * 1e6) : 0
    }

    /// Trains what is not finished, and returns when that is done or interrupted.
    /// - Parameters:
    ///   - isInterrupted: asked some ten times a second.
    ///   - finished: told of cells as they are finished, in the caller's thread. When it throws, the run ends.
    ///   - report: called some ten times a second.
    public func train(
        isInterrupted: () -> Bool, finished: ([Int]) throws(ExperimentError) -> Void, report: (Progress) -> Void
    ) throws(ExperimentError) {
        guard !queue.isEmpty else { return }
        shared.withLock { $0.runningThreads = threads }
        let workers = (0..<threads).map { _ in
            BackgroundThread(name: "sweep", niceness: 0) { [self] in work() }
        }
        defer {
            interrupted.store(true, ordering: .relaxed)
            for worker in workers { worker.join() }
        }
        let start = monotonicSeconds()
        while true {
            let (fresh, isOver, error) = shared.withLock { shared in
                defer { shared.fresh = [] }
                return (shared.fresh, shared.runningThreads == 0, shared.error)
            }
            if !fresh.isEmpty { try finished(fresh) }
            report(progress(seconds: monotonicSeconds() - start))
            if let error { throw error }
            if isOver { return }
            if isInterrupted() { interrupted.store(true, ordering: .relaxed) }
            doorbell.wait(seconds: 0.1)
        }
    }

    /// The cells that are finished, by their places.
    public var results: [Int: Sweep.Result] { shared.withLock(\.results) }

    private func progress(seconds: Double) -> Progress {
        let done = doneWork.load(ordering: .relaxed)
        let fraction = min(1, Double(done) / 1e6)
        return Progress(
            finishedCells: shared.withLock(\.results.count), cells: cellCount, fraction: fraction,
            secondsLeft: fraction > 0.01 || fraction > 0 && seconds > 2 ? seconds * (1 - fraction) / fraction : nil)
    }

    /// Why cells were trained by the processor in place of the device.
    public var deviceFailure: EngineError? { shared.withLock { $0.deviceFailure } }

    /// One thread: whichever cohort is next.
    private func work() {
        while !interrupted.load(ordering: .relaxed) {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < queue.count else { break }
            train(queue[index].plan, epochs: queue[index].epochs)
        }
        shared.withLock { $0.runningThreads -= 1 }
        doorbell.ring()
    }

    private func train(_ plan: CohortPlan, epochs: Int) {
        let cohort: Cohort
        do throws(PopulationError) { cohort = try plan.make() } catch {
            shared.withLock { $0.error = ExperimentError(error.reason) }
            return
        }
        var run = CohortRun(cohort, cells: plan.members.map { sweep.cells[$0] }, epochs: sweep.epochs)
        var told = 0
        run.train(
            isInterrupted: { self.interrupted.load(ordering: .relaxed) },
            finishedEpoch: { epoch in
                let now = share(plan, epochs: min(epoch, epochs))
                doneWork.wrappingAdd(now - told, ordering: .relaxed)
                told = now
            },
            finished: { index, result in
                let member = plan.members[index]
                shared.withLock { shared in
                    guard shared.results[member] == nil else { return }
                    shared.results[member] = result
                    shared.fresh.append(member)
                }
            })
        if let failure = cohort.deviceFailure { shared.withLock { $0.deviceFailure = failure } }
        if !interrupted.load(ordering: .relaxed) {
            doneWork.wrappingAdd(share(plan, epochs: epochs) - told, ordering: .relaxed)
        }
        doorbell.ring()
    }
}

extension Sweep {
    /// The epochs after which a cell ends at the latest.
    fileprivate func expectedEpochs(_ cell: Int, plan: CohortPlan) -> Int {
        if let epochs { return epochs }
        let training = cells[cell].experiment.training
        var epochs = training.stop.epochs ?? .max
        if let steps = training.stop.steps { epochs = min(epochs, steps / plan.stepsPerEpoch + 1) }
        return epochs
    }
}
