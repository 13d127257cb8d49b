import Synchronization
import TerminalKit

/// Values that one frame asks for many times, calculated once. It goes with an app or a context that does not change any more;
/// no value may hold it.
final class FrameCache: Sendable {
    enum Key: Sendable, Hashable {
        case context
        case layout
        case stack(Rect)
        case output(Rect)
        case story
        case tellsWholeStory(Rect)
    }

    private let values = Mutex<[Key: any Sendable]>([:])

    /// The value under a key, made where it is not there yet; one key has values of one type.
    func once<Value: Sendable>(_ key: Key, make: () -> Value) -> Value {
        // Making one may ask for others.
        if let there = values.withLock({ $0[key] }) { return there as! Value }
        let value = make()
        values.withLock { $0[key] = value }
        return value
    }
}

extension App {
    /// The same app, to be drawn and not to be changed.
    var frozen: App {
        var app = self
        app.cache = FrameCache()
        return app
    }
}
