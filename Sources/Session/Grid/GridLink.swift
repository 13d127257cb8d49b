import Basics
import Datasets
import Engine
import Synchronization

/// The screen's commands to a grid.
public enum GridCommand: Sendable {
    case play
    case pause
    /// One epoch of every experiment, then pause.
    case stepEpoch
    /// The same initial weights again.
    case reset
    /// Epochs a second; nil: unlimited.
    case setSpeed(Double?)
}

/// One state of all experiments of a grid.
public struct GridNews: Sendable {
    public struct Member: Sendable {
        @Boxed public var snapshot: Snapshot
        /// As the newest requests ask for; nil where none does.
        @Boxed public var picture: Picture?
    }
    /// In the experiments' order; empty before the first news.
    public var members: [Member] = []
    /// Why they train on the processor and not on the device, or nil.
    public var deviceFailure: String?
    /// Why they cannot be trained, or nil.
    public var failure: String?
    /// Counts the news.
    public var number = 0

    public init() {}
}

/// Several experiments that train side by side in a thread of their own, in step: all complete an epoch before any
/// completes the next but one. What `TrainerLink` and `Viewer` are for one experiment, this is for many small ones.
public final class GridLink: Sendable {
    private let boxes: GridBoxes
    private let thread: Mutex<BackgroundThread?>

    /// Starts the thread, which publishes at most thirty times a second, and after every command at once.
    /// - Parameters:
    ///   - epochsPerSecond: nil: unlimited.
    ///   - fitsRivals: the experiments' rivals learn too, on the processor.
    ///   - onNews: called from the thread after each.
    public init(
        _ experiments: [Experiment], directory: String?, playing: Bool, epochsPerSecond: Double?, threads: Int,
        device: ComputeDevice = .processor, fitsRivals: Bool = false, onNews: @escaping @Sendable () -> Void
    ) {
        let boxes = GridBoxes()
        self.boxes = boxes
        thread = Mutex(
            BackgroundThread(name: "grid") {
                var loop = GridLoop(
                    boxes: boxes, playing: playing, epochsPerSecond: epochsPerSecond, threads: threads, device: device,
                    fitsRivals: fitsRivals, onNews: onNews)
                loop.run(experiments, directory: directory)
            })
    }

    deinit { end() }

    public func send(_ command: GridCommand) { boxes.put { $0.commands.append(command) } }

    /// Sets the view of each experiment. The same again costs nothing.
    public func show(_ requests: [ViewRequest]) { if boxes.wants(requests) { boxes.put { $0.requests = requests } } }

    public var latest: GridNews { boxes.news.withLock { $0 } }

    /// Ends the thread without waiting for it: preparing large networks may take it a while to notice.
    public func end() { ended()?.detach() }

    /// Ends the thread and waits for it.
    public func stop() { ended()?.join() }

    /// Tells the thread to end. The first caller gets the thread, and joins or detaches it.
    private func ended() -> BackgroundThread? {
        boxes.stopping.store(true, ordering: .releasing)
        boxes.loading.cancel()
        boxes.put { _ in }
        return thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
    }
}

/// The state that both sides share.
final class GridBoxes: Sendable {
    struct Inbox: Sendable {
        var commands: [GridCommand] = []
        var requests: [ViewRequest] = []
    }
    let inbox = Mutex(Inbox())
    let news = Mutex(GridNews())
    /// Set with everything that is put in, and for the end: between two steps it is all that is read.
    let mail = Atomic(false)
    let stopping = Atomic(false)
    /// Cancelled at the end: preparing data, or a preset that networks start from, may take long.
    let loading = Loading()
    let bell = Doorbell()

    func put(_ change: (inout Inbox) -> Void) {
        inbox.withLock { change(&$0) }
        mail.store(true, ordering: .releasing)
        bell.ring()
    }

    func wants(_ requests: [ViewRequest]) -> Bool { inbox.withLock { $0.requests != requests } }

    /// The commands since the last time, and the newest requests.
    func take() -> Inbox {
        // Cleared first: what comes now is either in this box or sets the flag again.
        mail.store(false, ordering: .sequentiallyConsistent)
        return inbox.withLock { inbox in
            defer { inbox.commands.removeAll() }
            return inbox
        }
    }
}
