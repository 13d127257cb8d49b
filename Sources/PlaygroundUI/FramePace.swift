import Basics

/// When the next frame is due. The rate falls when frames run late, cost or change much, and rises again when they do not.
struct FramePace: Sendable {
    /// The reason for a frame; a pressed key has one at once.
    enum Cause: Sendable {
        /// From the trainer, the viewer or a clock.
        case news
        /// The mouse, on its way.
        case passing
    }

    /// Seconds between frames of news.
    private(set) var interval: Double
    /// Seconds between frames that follow the mouse.
    private var passingInterval: Double
    private let shortest: Double
    static let longest = 0.2
    /// The most that news from the trainer may send, for the sake of ssh, as long as five frames a second remain.
    static let bytesPerSecond = 50_000.0
    private var lastStart = -1.0
    /// The bytes of a frame and its seconds of processor time, on average over the last few.
    private var (frameBytes, frameSeconds) = (0.0, 0.0)

    init(framesPerSecond: Int) {
        shortest = 1 / Double(min(max(framesPerSecond, 1), 120))
        (interval, passingInterval) = (shortest, shortest)
    }

    private func due(_ cause: Cause) -> Double { lastStart + (cause == .news ? interval : passingInterval) }

    func isDue(_ cause: Cause = .news, at time: Double) -> Bool { time >= due(cause) - 0.0005 }

    func millisecondsLeft(_ cause: Cause = .news, at time: Double) -> Int {
        max(0, Int(bounded: ((due(cause) - time) * 1000).rounded(.up)))
    }

    /// A frame that takes more than a third of its time makes the next ones rarer, and so do many bytes.
    /// - Parameters:
    ///   - processor: seconds of processor time that the frame took.
    ///   - share: the most of a core that frames of news may take.
    mutating func drew(from start: Double, to end: Double, processor: Double, share: Double, bytes: Int) {
        lastStart = start
        frameBytes += (Double(bytes) - frameBytes) * 0.2
        let wanted = max(shortest, (end - start) * 3, frameBytes / Self.bytesPerSecond)
        let longest = max(Self.longest, shortest)
        passingInterval = min(longest, wanted > passingInterval ? wanted : max(wanted, passingInterval * 0.9))
        frameSeconds += (processor - frameSeconds) * 0.2
        interval = min(longest, max(passingInterval, frameSeconds / share))
    }
}
