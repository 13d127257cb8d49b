import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a student is, as the student's playground says.
public struct ClassReport: Sendable, Hashable {
    public enum State: String, Sendable, CaseIterable { case training, paused, finished, diverged, left }

    public struct Lesson: Sendable, Hashable {
        public var title: String
        /// From 1.
        public var step: Int
        public var steps: Int
        /// Steps whose goal has been reached.
        public var done: Int

        public init(title: String, step: Int, steps: Int, done: Int) {
            (self.title, self.step, self.steps, self.done) = (title, step, steps, done)
        }
    }

    public var title = ""
    /// nil: none is open.
    public var lesson: Lesson?
    public var epoch = 0
    /// Of the test samples, else of the training samples; nil: not measured.
    public var loss: Double?
    public var state = State.paused

    public init() {}

    var json: JSON {
        var members = [
            JSON.Member("version", .number(1)), .init("title", .string(title)), .init("epoch", .number(Double(epoch))),
            .init("state", .string(state.rawValue)),
        ]
        if let loss, loss.isFinite { members.append(.init("loss", .number(loss))) }
        if let lesson {
            members.append(
                .init(
                    "lesson",
                    .object([
                        .init("title", .string(lesson.title)), .init("step", .number(Double(lesson.step))),
                        .init("steps", .number(Double(lesson.steps))), .init("done", .number(Double(lesson.done))),
                    ])))
        }
        return .object(members)
    }

    /// Reads one; what is not as it should be counts for nothing.
    init(_ json: JSON) {
        title = Self.text(json["title"])
        epoch = Self.count(json["epoch"])
        if case .number(let number)? = json["loss"], number.isFinite { loss = number }
        if case .string(let word)? = json["state"] { state = State(rawValue: word) ?? .paused }
        if let lesson = json["lesson"], case .object = lesson {
            self.lesson = Lesson(
                title: Self.text(lesson["title"]), step: Self.count(lesson["step"]), steps: Self.count(lesson["steps"]),
                done: Self.count(lesson["done"]))
        }
    }

    /// As it may be shown: a student may write anything into the file.
    private static func text(_ json: JSON?) -> String {
        guard case .string(let text)? = json else { return "" }
        return visibleText(String(String.UnicodeScalarView(text.unicodeScalars.prefix(120))))
    }

    private static func count(_ json: JSON?) -> Int {
        guard case .number(let number)? = json, let count = Int(exactly: number),
            (0...1_000_000_000_000).contains(count)
        else { return 0 }
        return count
    }
}

/// One student of a class.
public struct ClassMember: Sendable, Hashable {
    public var user: uid_t
    public var name: String
    public var report: ClassReport
    /// When the playground was last heard of, in seconds since 1970.
    public var time: Double
    /// There is an experiment to open.
    public var hasExperiment: Bool

    public init(user: uid_t, name: String, report: ClassReport, time: Double, hasExperiment: Bool) {
        (self.user, self.name, self.report, self.time) = (user, name, report, time)
        self.hasExperiment = hasExperiment
    }

    /// Longer than a playground that runs lets pass between two signs of life, in seconds.
    static let patience = 4 * ClassReporter.interval

    /// Seconds without a sign of life; nil: it is there, or has left as it should.
    public func silence(at now: Double) -> Double? {
        report.state == .left || now - time <= Self.patience ? nil : now - time
    }

    /// Seconds since 1970.
    public static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
