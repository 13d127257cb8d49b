/// Steps a second over the last second of training.
struct TrainerRate {
    private struct Mark {
        var seconds: Double
        var step: Int
    }
    /// Ascending in time, about one per twentieth of a second.
    private var marks: [Mark] = []

    /// - Parameter seconds: the time now, on any clock that does not go back.
    mutating func note(seconds: Double, step: Int) {
        if let last = marks.last {
            if step < last.step {
                // A reset counts from zero again.
                marks.removeAll(keepingCapacity: true)
            } else if marks.count > 1, seconds - marks[marks.count - 2].seconds < 0.05 {
                marks.removeLast()
            }
        }
        marks.append(Mark(seconds: seconds, step: step))
        while marks.count > 2, seconds - marks[1].seconds >= 1 { marks.removeFirst() }
    }

    mutating func forget() { marks.removeAll(keepingCapacity: true) }

    var stepsPerSecond: Double {
        guard let first = marks.first, let last = marks.last, last.seconds > first.seconds else { return 0 }
        return Double(last.step - first.step) / (last.seconds - first.seconds)
    }
}
