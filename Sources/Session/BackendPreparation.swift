import Engine
import Synchronization

/// A backend that is being made on a thread of its own, while training goes on elsewhere.
final class BackendPreparation: Sendable {
    let description: BackendDescription
    private let result = Mutex<Result<ReadyBackend, EngineError>?>(nil)

    /// - Parameter done: called from that thread at the end.
    init(_ description: BackendDescription, done: @escaping @Sendable () -> Void) {
        self.description = description
        // Detached: a compiler cannot be interrupted, and the program's end must not wait for it.
        BackgroundThread(name: "compiler") {
            do throws(EngineError) {
                let made = try description.make()
                self.result.withLock { $0 = .success(made) }
            } catch {
                self.result.withLock { $0 = .failure(error) }
            }
            done()
        }.detach()
    }

    /// The result, to the one who asks first; nil: not yet.
    func take() -> Result<ReadyBackend, EngineError>? {
        result.withLock { result in
            defer { result = nil }
            return result
        }
    }
}
