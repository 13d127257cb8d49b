import Basics
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes a student's files on a thread of its own: neither the screen nor training waits for the disk.
public final class ClassReporter: Sendable {
    public let folder: ClassFolder
    private let state = Mutex(State())
    private let bell = Doorbell()
    /// Rung when all is written.
    private let done = Doorbell()

    private struct State: Sendable {
        var report: ClassReport?
        var experiment: (KeptExperiment, GivenNetwork)?
        var isWriting = false
        var isEnding = false
        var failure: ExperimentError?
        /// Of the experiment written last.
        var bytes = 0
    }

    /// Seconds between two signs of life.
    static let interval = 5.0

    /// - Throws: that there is no such class, or that the user's file cannot be written.
    public init(_ folder: ClassFolder, _ first: ClassReport) throws(ExperimentError) {
        self.folder = folder
        try folder.owner()
        try folder.write(Array(first.json.text().utf8), as: ClassFolder.reportSuffix)
        BackgroundThread(name: "class") { self.run(first) }.detach()
    }

    /// Writes a report as soon as the one before is written.
    public func tell(_ report: ClassReport) {
        state.withLock { $0.report = report }
        bell.ring()
    }

    /// Writes the experiment that the teacher may open.
    public func keep(_ kept: KeptExperiment, _ network: GivenNetwork) {
        state.withLock { $0.experiment = (kept, network) }
        bell.ring()
    }

    /// Why the last file could not be written, once; nil: it was.
    public func takeFailure() -> ExperimentError? {
        state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
    }

    /// Writes what is still to be written, and waits for it, at most so long.
    public func end(within seconds: Double) {
        state.withLock { $0.isEnding = true }
        bell.ring()
        let deadline = monotonicSeconds() + seconds
        while state.withLock({ $0.report != nil || $0.experiment != nil || $0.isWriting }),
            monotonicSeconds() < deadline
        {
            done.wait(seconds: deadline - monotonicSeconds())
        }
    }

    private func run(_ first: ClassReport) {
        var last = first
        let name = ClassFolder.reportSuffix
        while true {
            let (report, experiment, isEnding) = state.withLock { state in
                defer {
                    state.isWriting = state.report != nil || state.experiment != nil
                    (state.report, state.experiment) = (nil, nil)
                }
                return (state.report, state.experiment, state.isEnding)
            }
            if report == nil, experiment == nil {
                if isEnding { return done.ring() }
                bell.wait(seconds: Self.interval)
                // The teacher may have taken the file away.
                if state.withLock({ $0.report == nil && $0.experiment == nil && !$0.isEnding }), !folder.touchReport() {
                    write { () throws(ExperimentError) in try folder.write(Array(last.json.text().utf8), as: name) }
                }
                continue
            }
            if let experiment {
                write { () throws(ExperimentError) in try write(experiment.0, experiment.1) }
            }
            if let report, report != last || !folder.touchReport() {
                last = report
                write { () throws(ExperimentError) in try folder.write(Array(report.json.text().utf8), as: name) }
            }
            state.withLock { $0.isWriting = false }
            done.ring()
        }
    }

    private func write(_ action: () throws(ExperimentError) -> Void) {
        do throws(ExperimentError) { try action() } catch { state.withLock { $0.failure = error } }
    }

    private func write(_ kept: KeptExperiment, _ network: GivenNetwork) throws(ExperimentError) {
        // Of a network that is too large the document alone.
        var trained: Checkpoint?
        if case .network(let checkpoint) = network { trained = checkpoint }
        let bytes = kept.checkpoint(trained, at: experimentPath).file.bytes
        state.withLock { $0.bytes = bytes.count }
        try folder.write(bytes, as: ClassFolder.experimentSuffix)
    }

    /// The size of the experiment written last.
    public var experimentBytes: Int { state.withLock { $0.bytes } }

    /// A path in the folder of the experiment, from which data files are named.
    public var experimentPath: String { "\(folder.path)/x\(ClassFolder.experimentSuffix)" }

    /// The most bytes of a network that is kept.
    public static let mostNetworkBytes = ClassFolder.mostExperimentBytes - ClassFolder.mostHeaderBytes
}

/// Reads the reports of a class on a thread of its own.
public final class ClassWatcher: Sendable {
    public let folder: ClassFolder
    private let state = Mutex((members: [ClassMember](), number: 0))
    private let bell = Doorbell()
    private let isEnding = Mutex(false)

    /// Seconds between two looks.
    static let interval = 1.0

    /// - Parameter onNews: called from the thread when anything has changed.
    public init(_ folder: ClassFolder, onNews: @escaping @Sendable () -> Void) {
        self.folder = folder
        let first = folder.members()
        state.withLock { $0 = (first, 1) }
        BackgroundThread(name: "class", niceness: 4) { self.run(onNews) }.detach()
    }

    /// The students, and how often they have changed.
    public var latest: (members: [ClassMember], number: Int) { state.withLock { $0 } }

    public func end() {
        isEnding.withLock { $0 = true }
        bell.ring()
    }

    private func run(_ onNews: @Sendable () -> Void) {
        while true {
            bell.wait(seconds: Self.interval)
            if isEnding.withLock({ $0 }) { return }
            let members = folder.members()
            // How long somebody has been silent changes by itself.
            let isSilent = members.contains { $0.silence(at: ClassMember.now) != nil }
            let isNew = state.withLock { state in
                guard members != state.members || isSilent else { return false }
                state = (members, state.number + 1)
                return true
            }
            if isNew { onNews() }
        }
    }
}
