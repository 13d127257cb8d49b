import Basics

/// The time of a run: how many steps are due, how many go between two looks at the clock, and how long they took.
struct TrainingClock {
    /// Epochs a second; nil: as fast as it goes.
    var speed: Double? { didSet { pace.restart() } }
    /// Spent training since the last reset.
    private(set) var seconds = 0.0
    private var steps = 0
    /// Steps between two looks at the clock.
    private(set) var slice = 1
    private var rate = TrainerRate()
    private var pace = TrainerPace()

    static let frameSeconds = 1.0 / 60
    /// A slice aims at this much time, so that the clock costs nothing beside the steps and speed follows at once.
    private static let sliceSeconds = 0.002

    var stepsPerSecond: Double { rate.stepsPerSecond }

    /// Steps a second of the training so far; of a run that has just been opened, of its last slice.
    var measuredSpeed: Double {
        seconds > 0.02 ? Double(steps) / max(seconds, 1e-6) : Double(slice) / Self.sliceSeconds
    }

    /// The steps that are due now, a slice at most, or how long none is.
    mutating func due(_ trainer: Trainer, at time: Double) -> TrainerPace.Due {
        guard let speed else { return .steps(slice) }
        let wanted = speed * Double(trainer.procedure.stepsPerEpoch)
        switch pace.due(at: time, stepsPerSecond: wanted, tick: Self.frameSeconds) {
        case .wait(let seconds):
            rate.note(seconds: time, step: trainer.procedure.step)
            return .wait(seconds)
        case .steps(let due): return .steps(min(slice, due))
        }
    }

    /// So many steps of a slice are done.
    /// - Parameter step: the number of the last one.
    mutating func note(_ count: Int, from start: Double, to end: Double, step: Int) {
        pace.did(count)
        add(count, seconds: end - start)
        rate.note(seconds: end, step: step)
        guard count > 0 else { return }
        // The number whose time is about `sliceSeconds`, at most twice as many at once.
        let fitting = Double(count) * Self.sliceSeconds / max(end - start, 1e-7)
        slice = max(1, min(count * 2, Int(bounded: min(fitting, 1e6))))
    }

    /// Steps that were asked for one by one.
    mutating func add(_ count: Int, seconds: Double) {
        steps += count
        self.seconds += seconds
    }

    /// After a reset: nothing measured before counts.
    mutating func begin() {
        (seconds, steps) = (0, 0)
        restart()
    }

    /// Neither the rate nor the pace counts the time until now.
    mutating func restart() {
        forgetRate()
        restartPace()
    }

    mutating func forgetRate() { rate.forget() }

    mutating func restartPace() { pace.restart() }
}
