import Engine

/// Trains the cells of one cohort, each to its own end, as `Trainer` and `train` end a run.
struct CohortRun {
    private struct Progress {
        var stop: StopConditions
        var result: Sweep.Result?
    }

    private let cohort: Cohort
    private let cells: [Sweep.Cell]
    private let epochs: Int?
    private var progress: [Progress]
    /// At the present weights.
    private var evaluations: [Evaluation]?

    /// - Parameter cells: the cohort's members, in its order.
    init(_ cohort: Cohort, cells: [Sweep.Cell], epochs: Int?) {
        self.cohort = cohort
        self.cells = cells
        self.epochs = epochs
        progress = cells.map {
            Progress(stop: StopConditions($0.experiment.training, epoch: 0, evaluation: nil))
        }
    }

    /// - Parameters:
    ///   - isInterrupted: asked before every step.
    ///   - finishedEpoch: told the number of epochs done.
    ///   - finished: told each cell's result as soon as it is there; an interruption leaves the others without.
    mutating func train(
        isInterrupted: @escaping @Sendable () -> Bool, finishedEpoch: (Int) -> Void,
        finished: (_ index: Int, Sweep.Result) -> Void
    ) {
        cohort.isInterrupted = isInterrupted
        if cells.contains(where: { $0.experiment.training.stop.patience != nil }) {
            for (index, evaluation) in cohort.evaluate().enumerated() {
                progress[index].stop = StopConditions(
                    cells[index].experiment.training, epoch: 0, evaluation: evaluation)
            }
        }
        while progress.contains(where: { $0.result == nil }), !cohort.isOver {
            let epoch = cohort.epoch
            while cohort.epoch == epoch, !cohort.isOver {
                if isInterrupted() { return }
                cohort.advance()
            }
            evaluations = nil
            finishedEpoch(cohort.epoch)
            for index in cells.indices where progress[index].result == nil {
                endEpoch(index)
                // A run that an interruption left half done is no result.
                if isInterrupted() { return }
                if let result = progress[index].result { finished(index, result) }
            }
        }
        // The rest have diverged.
        for index in cells.indices where progress[index].result == nil { finished(index, measured(index)) }
    }

    private mutating func endEpoch(_ index: Int) {
        if let epochs {
            if cohort.epoch >= epochs { progress[index].result = measured(index) }
            return
        }
        guard progress[index].stop.areAsked(after: cohort.epoch) else { return }
        let evaluation = progress[index].stop.needLosses ? presentEvaluations[index] : nil
        if let evaluation { progress[index].stop.note(evaluation, epoch: cohort.epoch) }
        let met = progress[index].stop.reason(
            epoch: cohort.epoch, step: cohort.step, evaluation: evaluation)
        if met != nil { progress[index].result = measured(index) }
    }

    private var presentEvaluations: [Evaluation] {
        mutating get {
            let present = evaluations ?? cohort.evaluate()
            evaluations = present
            return present
        }
    }

    private mutating func measured(_ index: Int) -> Sweep.Result {
        guard cohort.divergences[index] == nil else {
            return Sweep.Result([:], diverged: true)
        }
        let evaluation = presentEvaluations[index]
        let values = cells[index].experiment.sweptMetrics.compactMap { metric in
            evaluation[metric.id].map { (metric.id, $0) }
        }
        return Sweep.Result(Dictionary(uniqueKeysWithValues: values), diverged: false)
    }
}
