import Basics
import Engine
import Synchronization

/// The screen's commands to the trainer.
public enum TrainerCommand: Sendable {
    /// A new document. The trainer decides what can be kept (see `Trainer.load`).
    case load(Experiment, directory: String?, Continuation)
    case play
    case pause
    /// One batch, or one epoch, then pause.
    case stepBatch
    case stepEpoch
    /// The next update with all its numbers, those of one sample of its batch among them, into the snapshots; training stands
    /// where it stood. `turn`: of the updates of a round the one that is told.
    case traceStep(sample: Int, turn: Int)
    /// The same initial weights again.
    case reset
    /// Sets one parameter (a weight typed by the user): index into the flat parameters.
    case setParameter(index: Int, value: Float)
    /// Sets some parameters back: indices into the flat parameters, and a number for each.
    case setParameters([Int], [Float])
    /// Draws some parameters again: indices into the flat parameters.
    case reinitialize([Int], UInt64)
    /// Shows the run as it was at the end of an epoch, in `TrainerLink.past`; the run itself stays where it is.
    case goBack(epoch: Int)
    /// The present moment alone is looked at.
    case leavePast
    /// The run goes on from the moment that is shown, paused.
    case goOnFromPast
    /// Epochs a second; nil: unlimited.
    case setSpeed(Double?)
    /// The device to train on from now on.
    case setDevice(ComputeDevice)
    case loadCheckpoint(path: String, words: String? = nil)
    /// Ends the training of the preset that the experiment starts from: it starts from drawn weights.
    case skipInitial
    /// Gives the network as it is now, for a file at a path.
    /// - Parameter path: nil: it is not wanted, the answer alone is.
    case giveNetwork(path: String?, most: Int = KeptExperiment.mostBytes, done: @Sendable (GivenNetwork) -> Void)
    /// Writes a checkpoint and tells what went wrong, or nil.
    case saveCheckpoint(path: String, done: @Sendable (ExperimentError?) -> Void)

    /// The next update stays what it was: the network is only read, or the pace is set.
    var leavesUpdate: Bool {
        switch self {
        case .giveNetwork, .saveCheckpoint, .setSpeed: true
        default: false
        }
    }
}

extension TrainerCommand {
    /// Those of a row of commands that count: of several ways back in time, and of several settings of the same numbers, that
    /// follow each other, the last one.
    static func counting(among commands: [TrainerCommand]) -> [TrainerCommand] {
        commands.enumerated().filter { place, command in
            guard place + 1 < commands.count else { return true }
            return switch (command, commands[place + 1]) {
            case (.goBack, .goBack): false
            case (.setParameters(let own, _), .setParameters(let next, _)): own != next
            default: true
            }
        }.map(\.element)
    }
}

/// The network as the trainer has it.
public enum GivenNetwork: Sendable {
    case network(Checkpoint)
    /// It is too large to be kept.
    case tooLarge(bytes: Int)
    /// There is none: the data are still being read, or the experiment cannot be trained.
    case missing
}

/// Data that are being read, long enough for a word on the screen.
public struct DataLoading: Sendable, Hashable {
    /// The file's name, else the dataset's.
    public var name: String
    /// 0 to 100.
    public var percent: Int
    /// It is the network that the experiment starts from, which can be done without.
    public var isInitial: Bool

    public init(name: String, percent: Int, isInitial: Bool = false) {
        (self.name, self.percent, self.isInitial) = (name, percent, isInitial)
    }
}

/// The one object that the trainer thread and the screen share: an inbox, an outbox and a stop flag.
public final class TrainerLink: Sendable {
    private let boxes = TrainerBoxes()
    private let thread: Mutex<BackgroundThread?>

    /// Starts the trainer thread (at a lower priority), which publishes at most sixty snapshots a second, and one
    /// after every command at once, and calls `onSnapshot` from its thread after each.
    public init(
        experiment: Experiment, directory: String?, playing: Bool, threads: Int,
        device: ComputeDevice = .processor,
        onSnapshot: @escaping @Sendable () -> Void
    ) {
        let boxes = boxes
        thread = Mutex(
            BackgroundThread(name: "trainer") {
                var loop = TrainerLoop(
                    boxes: boxes, threads: threads, device: device, onSnapshot: onSnapshot)
                loop.run(experiment, directory: directory, playing: playing)
            })
    }

    deinit { stop() }

    public func send(_ command: TrainerCommand) { boxes.put(command) }

    /// Writes a checkpoint between two batches, and returns when it is written.
    public func saveCheckpoint(to path: String) throws(ExperimentError) {
        let answer = SaveAnswer()
        send(.saveCheckpoint(path: path) { answer.give($0) })
        if let error = answer.wait() { throw error }
    }

    /// Waits, at most so long, until all commands so far are carried out.
    public func waitForCommands(seconds: Double) {
        let bell = Doorbell()
        send(.giveNetwork(path: nil) { _ in bell.ring() })
        bell.wait(seconds: seconds)
    }

    /// The newest snapshot; nil before the first, and while the experiment cannot be trained (`failure` says why).
    public var latest: Snapshot? { boxes.outbox.withLock { $0.snapshot } }

    /// The moment before that is looked at; nil: none, or it is not reached yet.
    public var past: Snapshot? { boxes.outbox.withLock { $0.past } }

    /// Why the newest experiment cannot be trained (a data file that is missing, …), or nil.
    public var failure: String? { boxes.outbox.withLock { $0.failure } }

    /// The data that are being read for the newest experiment; meanwhile `latest` is of the one before. nil: none, or
    /// not for long yet.
    public var loading: DataLoading? { boxes.loading }

    /// Ends the thread and waits for it: one batch and one evaluation at most.
    public func stop() { ended()?.join() }

    /// Ends the thread without waiting for it: a batch of a large network takes its time.
    public func end() { ended()?.detach() }

    /// Tells the thread to end. The first caller gets the thread, and joins or detaches it.
    private func ended() -> BackgroundThread? {
        boxes.stop()
        return thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
    }
}

/// Carries the outcome of saving a checkpoint to the thread that waits for it.
private final class SaveAnswer: Sendable {
    private let error = Mutex<ExperimentError?>(nil)
    private let bell = Doorbell()

    func give(_ error: ExperimentError?) {
        self.error.withLock { $0 = error }
        bell.ring()
    }

    func wait() -> ExperimentError? {
        bell.wait(seconds: nil)
        return error.withLock { $0 }
    }
}

/// The shared state. Between batches the trainer reads `mail` alone, and takes a lock only when it is set.
final class TrainerBoxes: Sendable {
    struct Outbox: Sendable {
        @Boxed var snapshot: Snapshot? = nil
        var failure: String?
        var loading: DataLoading?
        /// The moment before that is looked at.
        @Boxed var past: Snapshot? = nil
    }
    let inbox = Mutex<[TrainerCommand]>([])
    let outbox = Mutex(Outbox())
    /// Set with every command, and for the end.
    let mail = Atomic(false)
    let stopping = Atomic(false)
    let bell = Doorbell()

    func put(_ command: TrainerCommand) {
        inbox.withLock { $0.append(command) }
        mail.store(true, ordering: .releasing)
        bell.ring()
    }

    /// Wakes the loop without a command.
    func wake() {
        mail.store(true, ordering: .releasing)
        bell.ring()
    }

    func stop() {
        stopping.store(true, ordering: .releasing)
        mail.store(true, ordering: .releasing)
        bell.ring()
    }

    /// The commands since the last time, in order.
    func takeCommands() -> [TrainerCommand] {
        // Cleared first: a command that comes now is either in this list or sets the flag again.
        mail.store(false, ordering: .sequentiallyConsistent)
        return inbox.withLock { commands in
            defer { commands.removeAll(keepingCapacity: true) }
            return commands
        }
    }

    var loading: DataLoading? { outbox.withLock { $0.loading } }

    func publish(_ snapshot: Snapshot?, failure: String?, loading: DataLoading?, past: Snapshot?) {
        var next = Outbox(snapshot: snapshot, failure: failure, loading: loading, past: past)
        // Swapped, so that the old snapshot is freed outside the lock.
        outbox.withLock { swap(&$0, &next) }
    }
}
