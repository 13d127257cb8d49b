import Basics

/// Keeps training at a number of steps a second, by deadlines: what came late is caught up, but never more than a
/// few ticks of it, so that a slow moment is not followed by a rush.
struct TrainerPace {
    enum Due: Equatable {
        case steps(Int)
        /// Nothing before this many seconds have passed.
        case wait(Double)
    }
    /// When the count began; nil: with the next question.
    private var origin: Double?
    private var stepsPerSecond = 0.0
    /// Steps done since the origin.
    private var done = 0

    mutating func restart() { origin = nil }

    /// - Parameters:
    ///   - now: seconds on a clock that does not go back.
    ///   - tick: the shortest sleep in seconds; all steps that fall into one tick are due together.
    mutating func due(at now: Double, stepsPerSecond rate: Double, tick: Double) -> Due {
        if origin == nil || rate != stepsPerSecond || (now - origin!) * rate - Double(done) > max(2, 6 * tick * rate) {
            origin = now
            stepsPerSecond = rate
            done = 0
        }
        let elapsed = now - origin!
        let due = Int(bounded: elapsed * rate) + 1 - done
        if due > 0 { return .steps(due) }
        return .wait(max(tick, Double(done) / rate - elapsed))
    }

    mutating func did(_ steps: Int) { done += steps }
}
