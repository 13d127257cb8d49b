/// A trainer without a thread and without a clock, for screens that are drawn once: it trains as far as it is told, and the
/// same commands give the same snapshots.
public final class StillTrainer {
    private let boxes = TrainerBoxes()
    private var loop: TrainerLoop

    public init(_ experiment: Experiment, directory: String?) {
        loop = TrainerLoop(boxes: boxes, threads: 1, device: .processor) {}
        loop.begin(experiment, directory: directory, playing: false)
        loop.finishCommands()
    }

    /// Carries a command out.
    public func perform(_ command: TrainerCommand) {
        boxes.put(command)
        loop.finishCommands()
    }

    public func train(epochs: Int) {
        for _ in 0..<epochs {
            boxes.put(.stepEpoch)
            loop.finishCommands()
        }
    }

    /// The network now; nil: it cannot be trained.
    public var snapshot: Snapshot? { boxes.outbox.withLock { $0.snapshot }.map(Self.withoutTimes) }
    /// The moment before that is looked at.
    public var past: Snapshot? { boxes.outbox.withLock { $0.past }.map(Self.withoutTimes) }
    /// Why the experiment cannot be trained, or nil.
    public var failure: String? { boxes.outbox.withLock { $0.failure } }

    /// The times of a run are different each time, and so is the update that is measured when its time has come.
    private static func withoutTimes(_ snapshot: Snapshot) -> Snapshot {
        var still = snapshot
        (still.seconds, still.stepsPerSecond, still.epochsPerSecond) = (0, 0, 0)
        still.updates = nil
        for index in still.rivals.indices { still.rivals[index].seconds = 0 }
        return still
    }
}

/// Networks side by side without a thread and without a clock: what `StillTrainer` is for one.
public final class StillGrid {
    private let boxes = GridBoxes()
    private var loop: GridLoop

    /// - Parameter fitsRivals: the experiments' rivals learn too.
    public init(_ experiments: [Experiment], directory: String?, fitsRivals: Bool) {
        loop = GridLoop(
            boxes: boxes, playing: false, epochsPerSecond: nil, threads: 1, device: .processor, fitsRivals: fitsRivals
        ) {}
        loop.begin(experiments, directory: directory)
    }

    /// Carries a command out; nothing trains by itself.
    public func perform(_ command: GridCommand) {
        if case .play = command { return }
        boxes.put { $0.commands.append(command) }
        loop.finishCommands()
    }

    public func train(epochs: Int) {
        boxes.put { $0.commands += Array(repeating: .stepEpoch, count: epochs) }
        loop.finishCommands()
    }

    /// - Parameter requests: the view of each network.
    public func news(_ requests: [ViewRequest]) -> GridNews {
        boxes.put { $0.requests = requests }
        loop.finishCommands()
        return boxes.news.withLock { $0 }
    }
}
