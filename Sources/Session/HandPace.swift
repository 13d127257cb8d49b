/// The pace at which numbers that a hand sets again and again are measured over all data: once a frame at most.
struct HandPace {
    private var last = -Double.infinity
    /// Something has been set that is not measured yet.
    private(set) var isOwed = false

    /// Numbers are set.
    /// - Parameter time: seconds of a clock that runs forward.
    /// - Returns: whether they are measured at once; else they are owed.
    mutating func measures(at time: Double) -> Bool {
        isOwed = time - last < TrainingClock.frameSeconds
        if !isOwed { last = time }
        return !isOwed
    }

    /// Seconds until what is owed is due; nil: nothing is.
    func rest(at time: Double) -> Double? { isOwed ? max(0, last + TrainingClock.frameSeconds - time) : nil }

    /// The owed numbers have been measured.
    mutating func done(at time: Double) { (last, isOwed) = (time, false) }
}
