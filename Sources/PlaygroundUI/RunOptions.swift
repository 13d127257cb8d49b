import Engine
import Session
import TerminalKit

/// How the playground is started.
public struct RunOptions: Sendable {
    public enum ThemeChoice: String, Sendable, CaseIterable { case auto, dark, light }
    public var paused = false
    /// The most frames a second.
    public var framesPerSecond = 30
    public var threads = 1
    public var device = ComputeDevice.processor
    public var theme = ThemeChoice.auto
    public var palette = ColorPalette.standard
    public var keys = KeyBindings.standard
    /// One line on what is wrong in the configuration; nil: nothing is.
    public var trouble: String?
    /// The lesson to begin with; nil: none.
    public var lesson: LessonStart?
    /// The folder that keeps the open experiment; nil: it is not kept.
    public var recent: RecentFolder?
    /// Seconds between two times that it is kept.
    public var keepSeconds = 30.0
    /// The one opened last is offered at the start.
    public var offersRecent = false
    /// It begins before an audience.
    public var presents = false
    /// Lines in place of a screen.
    public var plain = false
    /// The class that the playground belongs to; nil: none.
    public var classroom: Classroom?
    public init() {}
}

/// A lesson to open, and how far the user has come in it.
public struct LessonStart: Sendable {
    var course: Course
    /// The lesson's place in the course.
    var place: Int
    var lesson: Lesson
    var record: LessonProgress.Record

    /// Reads the lesson.
    public init(_ course: Course, _ place: Int, _ progress: LessonProgress) throws(ExperimentError) {
        (self.course, self.place) = (course, place)
        lesson = try course.lessons[place].read()
        record = progress[course.lessons[place].name]
    }

    /// The experiment of the first step.
    public var experiment: Experiment { lesson.steps[0].experiment }
    public var directory: String? { lesson.directory }
}
