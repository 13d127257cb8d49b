/// Networks that one thread trains together: up to sixteen of the same shape side by side, or a single one for which
/// that would not pay. Not Sendable: one thread at a time.
public final class Cohort {
    private enum Learning {
        case sideBySide(LaneDescent)
        case single(any Procedure)
        case onDevice(DeviceCohort)
        /// The cohorts on the processor that replace one on a device that failed.
        case divided([Cohort])
    }

    /// The members' places in the list that the plan was made from.
    public let members: [Int]
    private var learning: Learning
    private let descriptions: [PopulationMember]
    /// Why the networks left a device, or never came to it, and train on the processor.
    public var deviceFailure: EngineError? {
        if let failure { return failure }
        if case .single(let procedure) = learning { return procedure.deviceFailure }
        return nil
    }
    private var failure: EngineError?
    /// Asked between the steps that the processor repeats after a failure: true ends them.
    public var isInterrupted: @Sendable () -> Bool = { false }

    init(_ plan: CohortPlan) throws(PopulationError) {
        members = plan.members
        descriptions = plan.descriptions
        if case .openCL(let device) = plan.device, plan.isSideBySide {
            do throws(EngineError) {
                learning = .onDevice(try DeviceCohort(plan.descriptions, plans: plan.plans, device: device))
            } catch {
                failure = error
                learning = .divided(
                    try CohortPlan.plans(for: plan.descriptions).map { plan throws(PopulationError) in
                        try plan.make()
                    })
            }
            return
        }
        do throws(EngineError) {
            if plan.isSideBySide {
                learning = .sideBySide(try LaneDescent(plan.descriptions, plans: plan.plans))
            } else {
                let member = plan.descriptions[0]
                var setup = TrainingSetup(
                    network: member.network, learning: member.learning, train: member.train, test: member.test,
                    seed: member.seed, device: plan.device, environment: member.environment)
                setup.ranges = member.ranges
                setup.pictures = member.pictures
                let procedure = try setup.procedure()
                if let start = member.start { procedure.parameters = start }
                learning = .single(procedure)
            }
        } catch { throw PopulationError(member: plan.members[0], reason: error) }
    }

    /// Updates done; all members are at the same, but for those that diverged.
    public var step: Int {
        switch learning {
        case .sideBySide(let lanes): lanes.step
        case .single(let procedure): procedure.step
        case .onDevice(let cohort): cohort.step
        case .divided(let cohorts): cohorts[0].step
        }
    }

    /// Epochs completed.
    public var epoch: Int {
        switch learning {
        case .sideBySide(let lanes): lanes.epoch
        case .single(let procedure): procedure.epoch
        case .onDevice(let cohort): cohort.epoch
        case .divided(let cohorts): cohorts[0].epoch
        }
    }

    public var outline: Outline {
        switch learning {
        case .sideBySide(let lanes): lanes.outline
        case .single(let procedure): procedure.outline
        case .onDevice(let cohort): cohort.outline
        case .divided(let cohorts): cohorts[0].outline
        }
    }

    /// One update of every member that has not diverged.
    public func advance() {
        switch learning {
        case .sideBySide(let lanes): lanes.advance()
        case .single(let procedure): _ = procedure.advance(steps: 1)
        case .onDevice(let cohort):
            let step = cohort.step
            do throws(EngineError) { try cohort.advance() } catch {
                leave(error, at: step)
                advance()
            }
        case .divided(let cohorts): for cohort in cohorts { cohort.advance() }
        }
    }

    /// The divergence of each member; nil: none.
    public var divergences: [Divergence?] {
        switch learning {
        case .sideBySide(let lanes): lanes.divergences
        case .single(let procedure): [procedure.divergence]
        case .onDevice(let cohort):
            attempt(cohort) { () throws(EngineError) in
                try cohort.finish()
                return cohort.divergences
            } ?? self.divergences
        case .divided(let cohorts): gathered(cohorts) { $0.divergences }
        }
    }

    /// Whether all members have diverged, as far as is known: nothing more happens then.
    public var isOver: Bool {
        switch learning {
        case .sideBySide(let lanes): lanes.aliveCount == 0
        case .single(let procedure): procedure.divergence != nil
        case .onDevice(let cohort): cohort.divergences.allSatisfy { $0 != nil }
        case .divided(let cohorts): cohorts.allSatisfy(\.isOver)
        }
    }

    /// Each member's losses at its present weights; not finite after a divergence, which this may find.
    public func evaluate() -> [Evaluation] {
        switch learning {
        case .sideBySide(let lanes): return lanes.evaluate()
        case .single(let procedure):
            let evaluation = procedure.measure()
            return type(of: procedure).learnsGames || !evaluation.metrics.contains(.trainLoss)
                ? [evaluation]
                : [Evaluation(trainLoss: evaluation.trainLoss, testLoss: evaluation.testLoss)]
        case .onDevice(let cohort):
            return attempt(cohort) { () throws(EngineError) in try cohort.evaluate() } ?? self.evaluate()
        case .divided(let cohorts): return gathered(cohorts) { $0.evaluate() }
        }
    }

    /// A member's flat parameters, as in `outline.tensors`, by its place in this cohort.
    public func parameters(at index: Int) -> [Float] {
        switch learning {
        case .sideBySide(let lanes): return lanes.parameters(lane: index)
        case .single(let procedure): return procedure.parameters
        case .onDevice(let cohort):
            return attempt(cohort) { () throws(EngineError) in try cohort.parameters(at: index) }
                ?? parameters(at: index)
        case .divided(let cohorts):
            let cohort = cohorts.first { $0.members.contains(index) }!
            return cohort.parameters(at: cohort.members.firstIndex(of: index)!)
        }
    }

    // MARK: - A device that fails

    /// - Returns: nil after the members have left the device.
    private func attempt<T>(_ cohort: DeviceCohort, _ work: () throws(EngineError) -> T) -> T? {
        do throws(EngineError) { return try work() } catch {
            leave(error, at: cohort.step)
            return nil
        }
    }

    /// Goes on with the processor, which does all steps again: nothing is lost but time.
    private func leave(_ error: EngineError, at step: Int) {
        failure = error
        guard
            let cohorts = try? CohortPlan.plans(for: descriptions).map({ plan throws(PopulationError) in
                try plan.make()
            })
        else { preconditionFailure("what a device trained, the processor trains too") }
        for part in cohorts {
            while part.step < step, !part.isOver, !isInterrupted() { part.advance() }
        }
        learning = .divided(cohorts)
    }

    private func gathered<T>(_ cohorts: [Cohort], _ values: (Cohort) -> [T]) -> [T] {
        var all = [T?](repeating: nil, count: members.count)
        for cohort in cohorts { for (place, value) in zip(cohort.members, values(cohort)) { all[place] = value } }
        return all.map { $0! }
    }
}
