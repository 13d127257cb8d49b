import Basics
import Engine

/// Watches a run's losses for the experiment's stop conditions.
///
/// They are asked only where the losses are measured (`training.evaluateEvery`), so that a run is repeatable.
struct StopConditions: Sendable {
    private var stop: Experiment.Stop
    private var evaluateEvery: Int
    /// The best test loss so far and its epoch, for `stop.patience`.
    private var bestTestLoss = Double.infinity
    private var bestEpoch: Int
    /// The user has gone on after the run had ended: the conditions are met already, and no longer asked.
    var areIgnored = false

    /// - Parameters:
    ///   - epoch: where the run begins.
    ///   - evaluation: there; nil: not measured.
    init(_ training: Experiment.Training, epoch: Int, evaluation: Evaluation?) {
        stop = training.stop
        evaluateEvery = max(1, training.evaluateEvery)
        bestEpoch = epoch
        if let testLoss = evaluation?.testLoss, testLoss.isFinite { bestTestLoss = testLoss }
    }

    /// Other conditions for the same run: what it has reached counts.
    mutating func change(to training: Experiment.Training) {
        stop = training.stop
        evaluateEvery = max(1, training.evaluateEvery)
    }

    /// Whether the conditions are asked at the end of this epoch.
    func areAsked(after epoch: Int) -> Bool { epoch % evaluateEvery == 0 }

    /// Whether any needs the losses.
    var needLosses: Bool {
        !areIgnored && (stop.trainLoss != nil || stop.testLoss != nil || stop.patience != nil)
    }

    /// Takes the metrics after an epoch.
    mutating func note(_ evaluation: Evaluation, epoch: Int) {
        guard let testLoss = evaluation.testLoss, testLoss < bestTestLoss else { return }
        bestTestLoss = testLoss
        bestEpoch = epoch
    }

    /// The condition that is met after an epoch, in words; nil: none. `note` comes before.
    /// - Parameter evaluation: at its end; nil: not measured, as is allowed unless `needLosses`.
    func reason(epoch: Int, step: Int, evaluation: Evaluation?) -> String? {
        guard !areIgnored else { return nil }
        if let epochs = stop.epochs, epoch >= epochs { return plural(epochs, "epoch") }
        if let steps = stop.steps, step >= steps { return plural(steps, "step") }
        guard let evaluation else { return nil }
        func atMost(_ limit: Double) -> String { "at most \(formatNumber(limit, digits: 7))" }
        if let limit = stop.trainLoss, evaluation.trainLoss <= limit { return "train loss \(atMost(limit))" }
        guard let testLoss = evaluation.testLoss else { return nil }
        if let limit = stop.testLoss, testLoss <= limit { return "test loss \(atMost(limit))" }
        if let patience = stop.patience, epoch - bestEpoch >= patience {
            return "no better test loss for \(plural(patience, "epoch"))"
        }
        return nil
    }
}
