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
    /// The experiments that were left for others.
    private var left: Set<String> = []

    /// The longest that the end waits for the trainer and for the disk, in seconds.
    private static let patience = 5.0
    /// A large experiment is kept the more rarely: so much is written a second at most, on average.
    private static let bytesPerSecond = 2e6

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
        if time >= due {
            due = time + max(interval, Double(keeper.bytes) / Self.bytesPerSecond)
            if isNew(app) { order(app, trainer) }
        }
        return failure
    }

    /// The last failure, once.
    private var failure: ExperimentError? {
        guard let failure = keeper.takeFailure(), failure.description != told else { return nil }
        told = failure.description
        return failure
    }

    /// Why the open experiment cannot be kept, where the folder says so before anything is written.
    var refusal: ExperimentError? {
        do throws(ExperimentError) {
            try keeper.folder.make()
            return nil
        } catch {
            told = error.description
            return error
        }
    }

    /// Keeps it before another one takes its place.
    /// - Parameter recent: the recent experiment that comes; nil: it is none of them.
    func leave(_ app: App, _ trainer: TrainerLink, for recent: String?) {
        if isNew(app) { order(app, trainer) }
        left.insert(keeper.path)
        keeper.begin(recent)
        last = nil
    }

    /// Waits until an experiment that was left is written as it was then, before it is read again.
    func waitUntilWritten(_ path: String, _ trainer: TrainerLink) {
        guard left.contains(path) else { return }
        trainer.waitForCommands(seconds: Self.patience)
        keeper.wait(for: path, within: Self.patience)
    }

    /// Keeps it at the end, and waits until it is written.
    /// - Returns: why it could not be kept; nil: it is.
    func finish(_ app: App, _ trainer: TrainerLink) -> ExperimentError? {
        told = nil
        if isNew(app) {
            order(app, trainer)
            trainer.waitForCommands(seconds: Self.patience)
        }
        keeper.end(within: Self.patience)
        return failure
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
