/// Many independent networks, of the same or of different shapes, that train at once on several threads. Between two
/// calls of `advance` each one's losses and parameters can be read. Not Sendable: lives in one thread, and calls others.
///
/// Results do not depend on the number of threads.
public final class Population {
    public let count: Int
    private let cohorts: [Cohort]
    /// Of each member: its cohort, and its place in it.
    private let places: [(cohort: Int, index: Int)]
    private var losses: [[Evaluation]?]
    private let team: ThreadTeam

    /// - Throws: the first member that cannot be trained, and why.
    /// - Parameters:
    ///   - device: where they train; what does not fit it trains on the processor.
    ///   - besides: bytes that others take for them.
    ///   - mostBytes: what all that may take, where that is less than there is.
    ///   - isInterrupted: asked before each is made; then nobody wants them any more, and it throws.
    public init(
        _ members: [PopulationMember], threads: Int = 1, device: ComputeDevice = .processor,
        besides: Int = 0, mostBytes: Int = .max, isInterrupted: () -> Bool = { false }
    ) throws(PopulationError) {
        count = members.count
        var cohorts: [Cohort] = []
        var places = [(cohort: Int, index: Int)](repeating: (0, 0), count: members.count)
        let plans = try CohortPlan.plans(for: members, device: device)
        do throws(EngineError) { try MemoryRoom.require(plans, besides: besides, mostBytes: mostBytes) } catch {
            throw PopulationError(member: 0, reason: error)
        }
        for plan in plans {
            guard !isInterrupted() else {
                throw PopulationError(
                    member: plan.members[0], reason: EngineError(place: "population", message: "was interrupted"))
            }
            for (index, member) in plan.members.enumerated() { places[member] = (cohorts.count, index) }
            cohorts.append(try plan.make())
        }
        self.cohorts = cohorts
        self.places = places
        losses = Array(repeating: nil, count: cohorts.count)
        team = ThreadTeam(threads: max(1, min(threads, cohorts.count)))
    }

    /// Asked between the steps that the processor does again after a device has failed.
    public func setInterruption(_ isInterrupted: @escaping @Sendable () -> Bool) {
        for cohort in cohorts { cohort.isInterrupted = isInterrupted }
    }

    /// So many updates of every member that has not diverged.
    public func advance(steps: Int) {
        forEachCohort { cohort in
            for _ in 0..<steps { cohort.advance() }
        }
    }

    /// Updates of every member until it has completed so many epochs in all.
    /// - Parameter isInterrupted: asked before every step, on any of the threads; the next call goes on where this one
    ///   ended.
    public func advance(toEpoch last: Int, isInterrupted: @Sendable () -> Bool = { false }) {
        forEachCohort { cohort in
            while cohort.epoch < last, !cohort.isOver, !isInterrupted() { cohort.advance() }
        }
    }

    /// A member's quantities at its present weights: the mean losses, dropout off, without regularization, and of a procedure
    /// without losses all that it measures. Losses are not finite after a divergence.
    public func evaluation(of member: Int) -> Evaluation {
        let (cohort, index) = places[member]
        if losses[cohort] == nil { losses[cohort] = cohorts[cohort].evaluate() }
        return losses[cohort]![index]
    }

    /// Measures the losses of all members, on all threads.
    public func evaluate() {
        var measured = losses
        measured.withUnsafeMutableBufferPointer { slots in
            let base = slots.baseAddress
            team.run(parts: cohorts.count) { index, _ in base?[index] = cohorts[index].evaluate() }
        }
        losses = measured
    }

    public func divergence(of member: Int) -> Divergence? {
        let (cohort, index) = places[member]
        return cohorts[cohort].divergences[index]
    }

    /// A member's flat parameters, as in its outline's tensors.
    public func parameters(of member: Int) -> [Float] {
        let (cohort, index) = places[member]
        return cohorts[cohort].parameters(at: index)
    }

    /// Why networks left a device, or never came to it; the processor trains them.
    public var deviceFailure: EngineError? { cohorts.lazy.compactMap(\.deviceFailure).first }

    public func outline(of member: Int) -> Outline { cohorts[places[member].cohort].outline }

    /// Epochs that a member has completed.
    public func epoch(of member: Int) -> Int { cohorts[places[member].cohort].epoch }

    /// Updates that a member has had.
    public func step(of member: Int) -> Int { cohorts[places[member].cohort].step }

    private func forEachCohort(_ work: (Cohort) -> Void) {
        team.run(parts: cohorts.count) { index, _ in work(cohorts[index]) }
        for index in losses.indices { losses[index] = nil }
    }
}
