import Synchronization

/// An experiment that is opened on a thread of its own: a file may be large, on a slow disk, or a pipe that nobody
/// writes to.
public final class ExperimentOpening: Sendable {
    /// A preset's name, a path or a link, as it was asked for.
    public let argument: String
    private let result = Mutex<Result<ExperimentSource, ExperimentError>?>(nil)
    private let bell = Doorbell()

    /// - Parameter done: called from that thread at the end.
    public init(_ argument: String, done: @escaping @Sendable () -> Void) {
        self.argument = argument
        BackgroundThread(name: "opener", niceness: 0) {
            let result = Result<ExperimentSource, ExperimentError> { () throws(ExperimentError) in
                try ExperimentSource.open(argument)
            }
            self.result.withLock { $0 = result }
            self.bell.ring()
            done()
        }.detach()
    }

    /// What came of it, to the one who asks first; nil: not yet.
    /// - Parameter seconds: the longest to wait for it.
    public func take(within seconds: Double) -> Result<ExperimentSource, ExperimentError>? {
        if let result = take() { return result }
        guard seconds > 0 else { return nil }
        bell.wait(seconds: seconds)
        return take()
    }

    private func take() -> Result<ExperimentSource, ExperimentError>? {
        result.withLock { result in
            defer { result = nil }
            return result
        }
    }
}
