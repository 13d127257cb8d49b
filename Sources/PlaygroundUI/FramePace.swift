import Basics

/// When the next frame is due. The rate falls when frames run late or change much, and rises again when they do not.
struct FramePace: Sendable {
    /// Seconds between frames.
    private(set) var interval: Double
    private let shortest: Double
    static let longest = 0.2
    /// The most that news from the trainer may send, for the sake of ssh, as long as five frames a second remain.
    static let bytesPerSecond = 50_000.0
    private var lastStart = -1.0
    /// The bytes of a frame, on average over the last few.
    private var frameBytes = 0.0

    init(framesPerSecond: Int) {
        shortest = 1 / Double(min(max(framesPerSecond, 1), 120))
        interval = shortest
    }

    func isDue(at time: Double) -> Bool { time >= lastStart + interval - 0.0005 }

    func millisecondsLeft(at time: Double) -> Int {
        max(0, Int(bounded: ((lastStart + interval - time) * 1000).rounded(.up)))
    }

    /// A frame that takes more than a third of its time makes the next ones rarer, and so do many bytes.
    mutating func drew(from start: Double, to end: Double, bytes: Int) {
        lastStart = start
        frameBytes += (Double(bytes) - frameBytes) * 0.2
        let wanted = max(shortest, (end - start) * 3, frameBytes / Self.bytesPerSecond)
        interval = min(max(Self.longest, shortest), wanted > interval ? wanted : max(wanted, interval * 0.9))
    }
}
