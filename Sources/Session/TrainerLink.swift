import Engine

/// What the screen tells the trainer.
public enum TrainerCommand: Sendable {
    /// A new document. `reset`: nil lets the trainer decide what can be kept; weights that fit a changed network are kept when `keepWeights`.
    case load(Experiment, directory: String?, keepWeights: Bool)
    case play
    case pause
    /// One batch, or one epoch, then pause.
    case stepBatch
    case stepEpoch
    /// The same initial weights again.
    case reset
    /// Sets one parameter (a weight typed by the user): index into the flat parameters.
    case setParameter(index: Int, value: Float)
    /// Epochs a second; nil: unlimited.
    case setSpeed(Double?)
    case loadCheckpoint(path: String)
    case saveCheckpoint(path: String)
}

/// The one object that the trainer thread and the screen share: an inbox, an outbox and a stop flag.
public final class TrainerLink: Sendable {
    /// Starts the trainer thread (at a lower priority), which publishes at most `framesPerSecond` snapshots a second and
    /// calls `onSnapshot` from its thread after each.
    public init(
        experiment: Experiment, directory: String?, playing: Bool, threads: Int, onSnapshot: @escaping @Sendable () -> Void
    ) { fatalError("not built yet") }

    public func send(_ command: TrainerCommand) { fatalError("not built yet") }
    /// The newest snapshot; nil before the first, and while the experiment cannot be trained (`failure` says why).
    public var latest: Snapshot? { fatalError("not built yet") }
    /// Why the newest experiment cannot be trained (a data file that is missing, …), or nil.
    public var failure: String? { fatalError("not built yet") }
    /// Ends the thread and waits for it.
    public func stop() { fatalError("not built yet") }
}
