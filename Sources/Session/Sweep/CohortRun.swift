import Engine

/// Trains the cells of one cohort, each to its own end, as `Trainer` and `train` end a run.
struct CohortRun {
    private struct Progress {
        var bestTestLoss = Double.infinity
        var bestEpoch = 0
        var result: Sweep.Result?
    }

    private let cohort: Cohort
    private let cells: [Sweep.Cell]
    private let epochs: Int?
    private var progress: [Progress]
    /// At the present weights.
    private var losses: [PopulationLosses]?

    /// - Parameter cells: the cohort's members, in its order.
    init(_ cohort: Cohort, cells: [Sweep.Cell], epochs: Int?) {
        self.cohort = cohort
        self.cells = cells
        self.epochs = epochs
        progress = Array(repeating: Progress(), count: cells.count)
    }

    /// - Parameters:
    ///   - isInterrupted: asked before every step.
    ///   - finishedEpoch: told the number of epochs done.
    /// - Returns: one result for each cell; nil when it was interrupted.
    mutating func train(isInterrupted: () -> Bool, finishedEpoch: (Int) -> Void) -> [Sweep.Result]? {
        if cells.contains(where: { $0.experiment.training.stop.patience != nil }) {
            for (index, losses) in cohort.evaluate().enumerated() {
                if let test = losses.test, test.isFinite { progress[index].bestTestLoss = test }
            }
        }
        while progress.contains(where: { $0.result == nil }), !cohort.isOver {
            let epoch = cohort.epoch
            while cohort.epoch == epoch, !cohort.isOver {
                if isInterrupted() { return nil }
                cohort.advance()
            }
            losses = nil
            finishedEpoch(cohort.epoch)
            for index in cells.indices where progress[index].result == nil { endEpoch(index) }
        }
        return cells.indices.map { progress[$0].result ?? measured($0) }
    }

    private mutating func endEpoch(_ index: Int) {
        if let epochs {
            if cohort.epoch >= epochs { progress[index].result = measured(index) }
            return
        }
        let training = cells[index].experiment.training
        guard cohort.epoch % max(1, training.evaluateEvery) == 0 else { return }
        if isMet(training.stop, index) { progress[index].result = measured(index) }
    }

    /// Whether a stop condition is met at the end of an epoch after which the losses are looked at.
    private mutating func isMet(_ stop: Experiment.Stop, _ index: Int) -> Bool {
        if let epochs = stop.epochs, cohort.epoch >= epochs { return true }
        if let steps = stop.steps, cohort.step >= steps { return true }
        guard stop.trainLoss != nil || stop.testLoss != nil || stop.patience != nil else { return false }
        let losses = presentLosses[index]
        if let limit = stop.trainLoss, losses.train <= limit { return true }
        guard let test = losses.test else { return false }
        if let limit = stop.testLoss, test <= limit { return true }
        guard let patience = stop.patience else { return false }
        if test < progress[index].bestTestLoss {
            progress[index].bestTestLoss = test
            progress[index].bestEpoch = cohort.epoch
        }
        return cohort.epoch - progress[index].bestEpoch >= patience
    }

    private var presentLosses: [PopulationLosses] {
        mutating get {
            let present = losses ?? cohort.evaluate()
            losses = present
            return present
        }
    }

    private mutating func measured(_ index: Int) -> Sweep.Result {
        let losses = presentLosses[index]
        guard cohort.divergences[index] == nil else {
            return Sweep.Result(trainLoss: nil, testLoss: nil, diverged: true)
        }
        return Sweep.Result(trainLoss: losses.train, testLoss: losses.test, diverged: false)
    }
}
