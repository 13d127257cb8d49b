import Basics
import Engine
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The open experiment as it is kept: the document on the screen, and where it is from.
public struct KeptExperiment: Sendable {
    public var experiment: Experiment
    /// The name that it was opened by.
    public var name: String
    /// The folder of its relative data files.
    public var directory: String?
    /// The loss on the screen.
    public var loss: Double?

    public init(_ session: Session, loss: Double?) {
        (experiment, name, directory) = (session.experiment, session.name, session.directory)
        self.loss = loss
    }

    /// The most bytes of weights, optimizer's state, replay memory and rivals that are kept; with more the document alone is.
    public static let mostBytes = 192 << 20

    /// As it is written to a path.
    /// - Parameter trained: its network; nil: the document alone.
    func checkpoint(_ trained: Checkpoint?, at path: String) -> Checkpoint {
        var checkpoint = trained ?? Checkpoint()
        let document = experiment.saved(to: path, from: directory)
        checkpoint.file.metadata["format"] = "layercake"
        checkpoint.file.metadata["experiment"] = document.json.text(compact: true)
        checkpoint.file.metadata["open.name"] = name
        checkpoint.file.metadata["open.title"] = title
        if let loss, loss.isFinite { checkpoint.file.metadata["open.loss"] = "\(loss)" }
        return checkpoint
    }

    private var title: String {
        if !experiment.title.isEmpty { return experiment.title }
        let last = name.split(separator: "/").last.map(String.init) ?? ""
        return last.isEmpty ? experiment.dataName : last
    }
}

extension Trainer {
    /// Everything that it holds, unless that is too large.
    /// - Parameter path: where it will lie.
    func given(for path: String, most: Int = KeptExperiment.mostBytes) -> GivenNetwork {
        let least = procedure.leastStateBytes
        guard least <= most else { return .tooLarge(bytes: least) }
        let checkpoint = checkpoint(for: path)
        return checkpoint.bytes <= most ? .network(checkpoint) : .tooLarge(bytes: checkpoint.bytes)
    }
}

/// Keeps the open experiment in the folder of recent ones, on a thread of its own: neither the screen nor training waits
/// for the disk. A file is written beside the one before and takes its place, so that one of the two is always whole.
public final class ExperimentKeeper: Sendable {
    public let folder: RecentFolder
    private let state: Mutex<State>
    private let bell = Doorbell()
    /// Rung when an order has been carried out.
    private let done = Doorbell()

    private struct State: Sendable {
        var path: String
        var lock: OpenLock?
        /// One for each file at most, the oldest first.
        var orders: [Order] = []
        /// The file that is being written.
        var writing: String?
        var isEnding = false
        var failure: ExperimentError?
        var hasWritten = false
        /// Of the file written last.
        var bytes = 0

        func isPending(_ path: String) -> Bool { writing == path || orders.contains { $0.path == path } }
    }

    private struct Order: Sendable {
        var kept: KeptExperiment
        var network: GivenNetwork
        var path: String
    }

    /// - Parameter recent: the recent experiment that is open at first; nil: it is none of them.
    public init(_ folder: RecentFolder, opening recent: String? = nil) {
        self.folder = folder
        state = Mutex(State(path: folder.newPath()))
        if recent != nil { begin(recent) }
        BackgroundThread(name: "keeper") { self.run() }.detach()
    }

    /// The file of the experiment that is open.
    public var path: String { state.withLock { $0.path } }
    /// Whether that file is there.
    public var hasWritten: Bool { state.withLock { $0.hasWritten } }
    /// The size of the file written last.
    public var bytes: Int { state.withLock { $0.bytes } }
    /// Why the last one could not be written, once; nil: it was.
    public func takeFailure() -> ExperimentError? {
        state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
    }

    /// Another experiment is open from now on: a recent one in its own file, unless another program has it open, else one
    /// in a new file.
    public func begin(_ recent: String? = nil) {
        let lock = recent.flatMap { folder.holds($0) ? OpenLock(of: $0) : nil }
        let path = lock == nil ? folder.newPath() : recent!
        let old = state.withLock { state in
            // A recent one is there already.
            defer { (state.path, state.lock, state.hasWritten) = (path, lock, lock != nil) }
            return state.lock
        }
        old?.end()
    }

    /// Writes an experiment as soon as those before are written; a newer one for the same file takes its place until then.
    public func keep(_ kept: KeptExperiment, _ network: GivenNetwork, at path: String) {
        state.withLock { state in
            state.orders.removeAll { $0.path == path }
            state.orders.append(Order(kept: kept, network: network, path: path))
        }
        bell.ring()
    }

    /// Waits until a file is written as it was ordered, at most so long.
    public func wait(for path: String, within seconds: Double) {
        wait(within: seconds) { $0.isPending(path) }
    }

    private func wait(within seconds: Double, while isPending: (State) -> Bool) {
        let deadline = monotonicSeconds() + seconds
        while state.withLock({ isPending($0) }), monotonicSeconds() < deadline {
            done.wait(seconds: deadline - monotonicSeconds())
        }
    }

    /// Waits until everything is written, at most so long, and ends.
    public func end(within seconds: Double) {
        wait(within: seconds) { !$0.orders.isEmpty || $0.writing != nil }
        let lock = state.withLock { state in
            state.isEnding = true
            return state.lock
        }
        lock?.end()
        bell.ring()
    }

    private func run() {
        while true {
            let (order, isEnding) = state.withLock { state in
                let order = state.orders.isEmpty ? nil : state.orders.removeFirst()
                state.writing = order?.path
                return (order, state.isEnding)
            }
            guard let order else {
                if isEnding { return }
                bell.wait(seconds: nil)
                continue
            }
            write(order)
            state.withLock { $0.writing = nil }
            done.ring()
        }
    }

    /// The checkpoint that is kept already; nil: there is none.
    private static func kept(at path: String) throws(ExperimentError) -> Checkpoint? {
        guard FilePath.exists(path) else { return nil }
        return try Checkpoint(readingFrom: path)
    }

    private func write(_ order: Order) {
        do throws(ExperimentError) { try folder.make() } catch { return state.withLock { $0.failure = error } }
        let isLocked = state.withLock { $0.path != order.path || $0.lock != nil }
        if !isLocked, let lock = OpenLock(of: order.path) {
            state.withLock { if $0.path == order.path { $0.lock = lock } }
        }
        do throws(ExperimentError) {
            try order.kept.experiment.writeKeptTable(besides: order.path, from: order.kept.directory)
            let network: Checkpoint? =
                switch order.network {
                case .network(let checkpoint): checkpoint
                case .tooLarge: nil
                // The weights of before stay until there are others.
                case .missing: try Self.kept(at: order.path)
                }
            let checkpoint = order.kept.checkpoint(network, at: order.path)
            try checkpoint.write(to: order.path)
            chmod(order.path, 0o600)
            state.withLock { state in
                if state.path == order.path { state.hasWritten = true }
                state.bytes = checkpoint.bytes
                guard case .tooLarge(let bytes) = order.network else { return }
                state.failure = ExperimentError(
                    .unwritable, place: order.kept.name,
                    message:
                        "its network with all its state takes \(byteWords(bytes)), and at most "
                        + "\(byteWords(KeptExperiment.mostBytes)) are kept; its settings are, and s saves all of it as .safetensors"
                )
            }
        } catch { state.withLock { $0.failure = error } }
        folder.tidy(keeping: order.path)
    }
}
