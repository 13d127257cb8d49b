import Basics
import Datasets
import Synchronization

/// Work on a thread of its own for the screen, which answers keys meanwhile and takes the result when it is there.
public final class BackgroundWork<Value: Sendable>: Sendable {
    /// The way to end it; work that takes long asks it now and then.
    private let loading = Loading()
    private let result = Mutex<Value?>(nil)
    private let bell = Doorbell()

    /// - Parameters:
    ///   - name: what the system's tools show for the thread.
    ///   - done: called from that thread at the end.
    public init(
        _ name: StaticString, done: @escaping @Sendable () -> Void, _ work: @escaping @Sendable (Loading) -> Value
    ) {
        BackgroundThread(name: name, niceness: 0) {
            let value = work(self.loading)
            self.result.withLock { $0 = value }
            self.bell.ring()
            done()
        }.detach()
    }

    /// Nobody waits for the result any more.
    public func cancel() { loading.cancel() }

    /// The result, to the one who asks first; nil: not yet.
    /// - Parameter seconds: the longest to wait for it.
    public func take(within seconds: Double) -> Value? {
        if let value = take() { return value }
        guard seconds > 0 else { return nil }
        bell.wait(seconds: seconds)
        return take()
    }

    private func take() -> Value? {
        result.withLock { result in
            defer { result = nil }
            return result
        }
    }
}
