import Engine
import Synchronization

/// A backend that is being made on a thread of its own, while training goes on elsewhere.
final class BackendPreparation: Sendable {
    let recipe: BackendRecipe
    private let result = Mutex<Result<MadeBackend, EngineError>?>(nil)

    /// - Parameter done: called from that thread at the end.
    init(_ recipe: BackendRecipe, done: @escaping @Sendable () -> Void) {
        self.recipe = recipe
        // Nobody waits for it, not even the program's end: compilers cannot be interrupted.
        BackgroundThread(name: "compiler") {
            do throws(EngineError) {
                let made = try recipe.make()
                self.result.withLock { $0 = .success(made) }
            } catch {
                self.result.withLock { $0 = .failure(error) }
            }
            done()
        }.detach()
    }

    /// The result, to the one who asks first; nil: not yet.
    func take() -> Result<MadeBackend, EngineError>? {
        result.withLock { result in
            defer { result = nil }
            return result
        }
    }
}
