import Basics
import Synchronization

/// An experiment that is opened on a thread of its own: a file may be large, on a slow disk, or a pipe that nobody
/// writes to.
public final class ExperimentOpening: Sendable {
    public enum Opened: Sendable {
        case experiment(ExperimentSource)
        /// A file of weights without an experiment, which belong to the one that is open.
        case weights(path: String)

        /// Reads what an argument names.
        init(_ argument: String) throws(ExperimentError) {
            if FilePath.exists(argument), Checkpoint.isOne(argument),
                try Checkpoint(readingFrom: argument).isWeightsAlone
            {
                self = .weights(path: argument)
            } else {
                self = .experiment(try ExperimentSource.open(argument))
            }
        }
    }

    /// A preset's name, a path or a link, as it was asked for.
    public let argument: String
    private let result = Mutex<Result<Opened, ExperimentError>?>(nil)
    private let bell = Doorbell()

    /// - Parameter done: called from that thread at the end.
    public init(_ argument: String, done: @escaping @Sendable () -> Void) {
        self.argument = argument
        BackgroundThread(name: "opener", niceness: 0) {
            let result = Result<Opened, ExperimentError> { () throws(ExperimentError) in try Opened(argument) }
            self.result.withLock { $0 = result }
            self.bell.ring()
            done()
        }.detach()
    }

    /// The result, to the one who asks first; nil: not yet.
    /// - Parameter seconds: the longest to wait for it.
    public func take(within seconds: Double) -> Result<Opened, ExperimentError>? {
        if let result = take() { return result }
        guard seconds > 0 else { return nil }
        bell.wait(seconds: seconds)
        return take()
    }

    private func take() -> Result<Opened, ExperimentError>? {
        result.withLock { result in
            defer { result = nil }
            return result
        }
    }
}
