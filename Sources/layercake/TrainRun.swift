import Basics
import Datasets
import Engine
import Session

/// One run of `train`: its limits, and its figures for reports.
final class TrainRun {
    let trainer: Trainer
    private let epochLimit: Int?
    private let stepLimit: Int?
    private let secondLimit: Double?
    private let firstStep: Int
    private let firstEpoch: Int
    /// Where the reported losses were measured.
    private(set) var epoch: Int
    private var step: Int
    private let clock = ContinuousClock()
    private let started: ContinuousClock.Instant
    private var reason: String?

    init(trainer: Trainer, epochs: Int?, steps: Int?, seconds: Double?) {
        self.trainer = trainer
        firstStep = trainer.procedure.step
        firstEpoch = trainer.procedure.epoch
        (epoch, step) = (firstEpoch, firstStep)
        epochLimit = epochs.map { $0 + trainer.procedure.epoch }
        stepLimit = steps.map { $0 + trainer.procedure.step }
        secondLimit = seconds
        started = clock.now
    }

    private(set) var seconds = 0.0
    private var stepsDone: Int { step - firstStep }

    /// Steps until the clock is read again: some milliseconds' worth, so that it costs nothing beside small steps and
    /// large ones end in time.
    private var clockInterval = 1
    private var clockStep = 0

    /// Trains until the first limit, a stop condition, a divergence or an interruption.
    /// - Parameter report: called wherever the losses were measured.
    /// - Returns: why it ended.
    func train(isInterrupted: () -> Bool, report: @escaping (TrainRun) -> Void) -> String {
        trainer.onEvaluation = { [unowned self] point in
            (epoch, step) = (point.epoch, point.step)
            report(self)
        }
        trainer.play()
        while true {
            if isInterrupted() { return finish { _ in "interrupted" } }
            if let limit = stepLimit, trainer.procedure.step >= limit { return finish { plural($0.stepsDone, "step") } }
            let first = trainer.procedure.step
            let progress = trainer.advance(
                steps: min(clockInterval - clockStep, (stepLimit ?? .max) - first))
            if progress == .ended { return finish(\.endReason) }
            readClock(after: trainer.procedure.step - first)
            if progress != .stepped, let limit = epochLimit, trainer.procedure.epoch >= limit {
                return finish { plural($0.epoch - $0.firstEpoch, "epoch") }
            }
            if let limit = secondLimit, seconds >= limit { return finish { _ in "time" } }
        }
    }

    private func readClock(after steps: Int) {
        clockStep += steps
        guard clockStep >= clockInterval else { return }
        let before = seconds
        seconds = elapsed
        clockInterval = seconds - before < 0.002 ? min(2 * clockInterval, 1024) : max(1, clockInterval / 2)
        clockStep = 0
    }

    /// - Parameter reason: why it ends, asked when a device has done all steps.
    private func finish(_ reason: (TrainRun) -> String) -> String {
        trainer.synchronize()
        seconds = elapsed
        trainer.onEvaluation = nil
        trainer.endRun()
        (epoch, step) = (trainer.procedure.epoch, trainer.procedure.step)
        return divergence == nil ? reason(self) : endReason
    }

    private var elapsed: Double {
        let duration = (clock.now - started).components
        return Double(duration.seconds) + Double(duration.attoseconds) * 1e-18
    }

    private var endReason: String {
        switch trainer.state {
        case .finished(let reason): reason
        case .diverged(let divergence): "diverged at step \(divergence.step) in \(divergence.layer)"
        case .paused, .training: "ended"
        }
    }

    private var divergence: Divergence? {
        if case .diverged(let divergence) = trainer.state { return divergence }
        return trainer.procedure.divergence
    }

    /// The figures as `--format json` prints them. `confusion` has a row for each true class and a column for each
    /// predicted one, in the order of `classes`, over the test samples, or the training samples where there are none;
    /// `classAccuracy` is null for a class without samples. For regression all three are null. R² is null for classes,
    /// and for a set whose targets are all equal. `metrics` has an `initialLoss` where the network starts from another
    /// one. `rivals` has an object for each rival: its scores are shares of right classes, or R². `greedyReturn` is there of games alone, at the end, `divergedStep` and `advice` after a divergence alone.
    func report(stopReason: String?) -> JSON {
        let evaluation = trainer.evaluation
        // Before the end training on a device may be further than what is reported.
        let divergence = stopReason == nil ? nil : self.divergence
        let confusion = evaluation?.confusion
        // Before a game's first update there is no loss.
        let isFinite = trainer.metrics.allSatisfy { $0.plot != .loss || evaluation?[$0.id]?.isFinite ?? true }
        func number(_ value: Double?) -> JSON { value.map { $0.isFinite ? .number($0) : .null } ?? .null }
        var members: [JSON.Member] = [
            JSON.Member("experiment", trainer.experiment.json),
            JSON.Member("epochs", .number(Double(epoch))),
            JSON.Member("steps", .number(Double(step))),
            JSON.Member("trainLoss", number(evaluation?.trainLoss)),
            JSON.Member("testLoss", number(evaluation?.testLoss)),
            JSON.Member("trainAccuracy", number(evaluation?.trainAccuracy)),
            JSON.Member("testAccuracy", number(evaluation?.testAccuracy)),
            JSON.Member("classes", confusion.map { _ in .array(trainer.data.classNames.map { .string($0) }) } ?? .null),
            JSON.Member(
                "confusion",
                confusion.map { .array($0.rows.map { .array($0.map { .number(Double($0)) }) }) } ?? .null),
            JSON.Member("classAccuracy", confusion.map { .array($0.classAccuracy.map(number)) } ?? .null),
            JSON.Member("trainR2", number(evaluation?.trainR2)),
            JSON.Member("testR2", number(evaluation?.testR2)),
            JSON.Member(
                "metrics",
                .object(
                    trainer.metrics.map { JSON.Member($0.id, number(evaluation?[$0.id])) })),
            JSON.Member(
                "referenceLevels",
                ReferenceLevel.json(trainer.data.referenceLevels(for: trainer.procedure.model.network))),
            JSON.Member("rivals", .array(trainer.rivalReports.map(\.json))),
            JSON.Member("seconds", number(seconds)),
            JSON.Member("stepsPerSecond", number(seconds > 0 ? Double(stepsDone) / seconds : nil)),
            JSON.Member("parameters", .number(Double(trainer.procedure.outline.parameterCount))),
            JSON.Member("backend", .string(trainer.procedure.device.name)),
            JSON.Member("threads", .number(Double(trainer.threads))),
            JSON.Member("seed", .number(Double(trainer.experiment.seed))),
            JSON.Member("diverged", .bool(divergence != nil || !isFinite)),
            JSON.Member("stopReason", stopReason.map { .string($0) } ?? .null),
        ]
        if stopReason != nil, let greedy = greedyReturns { members.append(JSON.Member("greedyReturn", greedy.json)) }
        if let divergence {
            members.append(JSON.Member("divergedStep", .number(Double(divergence.step))))
            members.append(JSON.Member("advice", .string(divergence.advice)))
        }
        return .object(members)
    }

    private func figure(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "–" }
        guard value != 0, abs(value) < 1e-3 || abs(value) >= 1e6 else {
            return "\((value * 10_000).rounded() / 10_000)"
        }
        return "\(Float(value))"
    }

    /// One line of a text report.
    var textLine: String {
        let evaluation = trainer.evaluation
        var line = "epoch \(epoch)"
        for metric in trainer.rivalMetrics where trainer.procedure.metrics.isEmpty {
            line += "  \(metric.title) \(figure(evaluation?[metric.id]))"
        }
        let hasSets = trainer.metrics.contains { $0.plot == .loss && $0.set != nil }
        if hasSets {
            line += "  train \(figure(evaluation?.trainLoss))  test \(figure(evaluation?.testLoss))"
        }
        if let accuracy = evaluation?.testAccuracy ?? evaluation?.trainAccuracy {
            line += "  accuracy \(figure(accuracy))"
        }
        if let r2 = evaluation?.testR2 ?? evaluation?.trainR2 { line += "  R² \(figure(r2))" }
        let hasScore = trainer.metrics.contains { $0.plot == .score }
        let others = hasScore ? trainer.metrics : hasSets ? [] : trainer.procedure.metrics
        for metric in others where metric.set == nil {
            line += "  \(metric.title) \(figure(evaluation?[metric.id]))"
        }
        for metric in trainer.initialMetrics {
            if let value = evaluation?[metric.id] { line += "  \(metric.title) \(figure(value))" }
        }
        return line
    }

    /// "[####----]  40 %  epoch 400  train 0.1 …": how far the nearest limit is; without one, the figures alone.
    var progressLine: String {
        let stop = trainer.experiment.training.stop
        func share(_ done: Int, of all: Int) -> Double { all > 0 ? Double(done) / Double(all) : 1 }
        let shares = [
            stepLimit.map { share(step - firstStep, of: $0 - firstStep) },
            epochLimit.map { share(epoch - firstEpoch, of: $0 - firstEpoch) }, secondLimit.map { seconds / $0 },
            stop.epochs.map { share(epoch, of: $0) }, stop.steps.map { share(step, of: $0) },
        ].compactMap(\.self)
        guard let done = shares.max().map({ min($0, 1) }) else { return textLine }
        return ProgressBar.text(done) + "  " + textLine
    }

    func summary(stopReason: String) -> String {
        var lines = [
            "stopped: \(stopReason)", textLine,
            "\(plural(stepsDone, "step")) in \(figure(seconds)) s, "
                + "\(seconds > 0 ? Int(bounded: Double(stepsDone) / seconds) : 0) steps/s, \(plural(trainer.procedure.outline.parameterCount, "parameter"))",
        ]
        if let greedy = greedyReturns { lines.append(greedy.words) }
        if let divergence { lines.append(divergence.advice) }
        lines += RivalTable.lines(trainer)
        if let evaluation = trainer.evaluation, let confusion = evaluation.confusion {
            lines += ConfusionTable.lines(
                confusion, names: trainer.data.classNames,
                samples: evaluation.testConfusion == nil ? "training samples" : "test samples")
        }
        return lines.joined(separator: "\n")
    }

    /// Of a game, when the run has ended.
    private var greedyReturns: GreedyReturns? { trainer.greedyReturns() }

    /// The state that the plots draw.
    var snapshot: Snapshot {
        trainer.snapshot(
            revision: trainer.revision, stepsPerSecond: seconds > 0 ? Double(stepsDone) / seconds : 0, seconds: seconds,
            message: nil, waits: true)
    }
}
