import Session

/// Keeps the open experiment while it is edited and trained: every so many seconds, before another one is opened, and at
/// the end.
final class Keeping {
    private let keeper: ExperimentKeeper
    private let interval: Double
    private var due: Double
    /// The document and the version of the parameters that were given to the keeper last.
    private var last: (document: Experiment, version: Int?)?
    private var told: String?

    /// The longest that the end waits for the trainer and for the disk, in seconds.
    private static let patience = 5.0

    init(_ keeper: ExperimentKeeper, every seconds: Double) {
        self.keeper = keeper
        interval = seconds
        due = seconds
    }

    /// The file of the open experiment; nil: there is none.
    var path: String? { keeper.hasWritten ? keeper.path : nil }

    func millisecondsLeft(at time: Double) -> Int { max(1, Int(((due - time) * 1000).rounded(.up))) }

    /// Keeps it when it is due and has changed.
    /// - Returns: what went wrong the last time, once.
    func keep(_ app: App, _ trainer: TrainerLink, at time: Double) -> ExperimentError? {
        guard time >= due else { return nil }
        due = time + interval
        if isNew(app) { order(app, trainer) }
        guard let failure = keeper.takeFailure(), failure.description != told else { return nil }
        told = failure.description
        return failure
    }

    /// Keeps it before another one takes its place.
    /// - Parameter recent: the recent experiment that comes; nil: it is none of them.
    func leave(_ app: App, _ trainer: TrainerLink, for recent: String?) {
        if isNew(app) { order(app, trainer) }
        keeper.begin(recent)
        last = nil
    }

    /// Keeps it at the end, and waits until it is written.
    func finish(_ app: App, _ trainer: TrainerLink) {
        if isNew(app) {
            order(app, trainer)
            trainer.waitForCommands(seconds: Self.patience)
        }
        keeper.end(within: Self.patience)
    }

    /// Whether there is something to lose: it has been edited or trained since it was kept, or opened.
    private func isNew(_ app: App) -> Bool {
        if let last {
            return last.document != app.experiment || last.version != app.newest?.parameterVersion
        }
        return app.session.edited || (app.newest?.step ?? 0) > 0
    }

    private func order(_ app: App, _ trainer: TrainerLink) {
        let now = app.newest
        let kept = KeptExperiment(app.session, loss: now?.evaluation.map { $0.testLoss ?? $0.trainLoss })
        let (keeper, path) = (keeper, keeper.path)
        last = (app.experiment, now?.parameterVersion)
        trainer.send(.giveNetwork(path: path) { keeper.keep(kept, $0, at: path) })
    }
}
