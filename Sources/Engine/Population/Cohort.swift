/// Networks that one thread trains together: up to sixteen of the same shape side by side, or a single one for which
/// that would not pay. Not Sendable: one thread at a time.
public final class Cohort {
    private enum Learning {
        case sideBySide(LaneLearner)
        case single(Learner)
    }

    /// The members' places in the list that the plan was made from.
    public let members: [Int]
    private let learning: Learning

    init(_ plan: CohortPlan) throws(PopulationError) {
        members = plan.members
        do throws(EngineError) {
            if plan.isSideBySide {
                learning = .sideBySide(try LaneLearner(plan.descriptions, plans: plan.plans))
            } else {
                let member = plan.descriptions[0]
                learning = .single(
                    try Learner(
                        network: member.network, learning: member.learning, train: member.train, test: member.test,
                        seed: member.seed))
            }
        } catch { throw PopulationError(member: plan.members[0], reason: error) }
    }

    /// Updates done; all members are at the same, but for those that diverged.
    public var step: Int {
        switch learning {
        case .sideBySide(let learner): learner.step
        case .single(let learner): learner.step
        }
    }

    /// Epochs completed.
    public var epoch: Int {
        switch learning {
        case .sideBySide(let learner): learner.epoch
        case .single(let learner): learner.epoch
        }
    }

    public var stepsPerEpoch: Int {
        switch learning {
        case .sideBySide(let learner): learner.stepsPerEpoch
        case .single(let learner): learner.stepsPerEpoch
        }
    }

    public var outline: Outline {
        switch learning {
        case .sideBySide(let learner): learner.outline
        case .single(let learner): learner.outline
        }
    }

    /// One update of every member that has not diverged.
    public func advance() {
        switch learning {
        case .sideBySide(let learner): learner.advance()
        case .single(let learner): _ = learner.advance()
        }
    }

    /// Where and when each member's numbers stopped being finite.
    public var divergences: [Divergence?] {
        switch learning {
        case .sideBySide(let learner): learner.divergences
        case .single(let learner): [learner.divergence]
        }
    }

    /// Whether all members have diverged: nothing more happens then.
    public var isOver: Bool {
        switch learning {
        case .sideBySide(let learner): learner.aliveCount == 0
        case .single(let learner): learner.divergence != nil
        }
    }

    /// Each member's losses at its present weights; not finite after a divergence, which this may find.
    public func evaluate() -> [PopulationLosses] {
        switch learning {
        case .sideBySide(let learner): return learner.evaluate()
        case .single(let learner):
            let evaluation = learner.evaluate()
            return [PopulationLosses(train: evaluation.trainLoss, test: evaluation.testLoss)]
        }
    }

    /// A member's flat parameters, as in `outline.tensors`, by its place in this cohort.
    public func parameters(at index: Int) -> [Float] {
        switch learning {
        case .sideBySide(let learner): return learner.parameters(lane: index)
        case .single(let learner): return learner.parameters
        }
    }
}
