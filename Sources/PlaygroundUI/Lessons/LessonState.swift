import Session
import TerminalKit

/// The lesson on the screen: where it stands, what has been answered, what the goal's figures are now.
public struct LessonState: Sendable {
    /// The text in the band.
    enum Page: Sendable, Hashable {
        case text
        case hint(Int)
        /// The model answer in words.
        case answer
        /// Told when the goal has been reached.
        case done
    }

    /// The trainer's way to the step's start: the experiment first, then its numbers.
    struct Arrival: Sendable {
        /// The generation of the network before; nil: there was none.
        var generation: Int?
        var parameters: [Parameter]?
        /// The numbers have been sent.
        var isSent = false
    }

    struct Parameter: Sendable, Hashable {
        var index: Int
        var value: Float
    }

    let course: Course
    /// The lesson's place in the course.
    let place: Int
    let lesson: Lesson
    /// The next lesson of the course, or the first of the course after it; nil: this is the last of all.
    let following: (course: Course, place: Int)?
    private(set) var step: Int
    /// The lesson is at its end: its last step is over.
    private(set) var isOver = false
    var page = Page.text
    /// The user's answer to the step's question; nil: none yet.
    var chosen: Int?
    /// The answer that came true.
    var outcome: Int?
    /// The step's goal has been reached since the step began.
    var isMet = false
    var verdicts: [LessonGoal.Verdict] = []
    /// Those through which the step's goals measure.
    private(set) var networks = GoalNetworks()
    var record: LessonProgress.Record
    /// The networks with which steps began that went on with the one before, by step.
    private var starts: [Int: (experiment: Experiment, parameters: [Parameter])] = [:]
    /// The network as it was when the step began, where it goes on with the one before.
    var kept: (experiment: Experiment, parameters: [Parameter])? {
        get { starts[step] }
        set { starts[step] = newValue }
    }
    var arrival: Arrival?
    /// The model answer's moves that wait for the trainer to have its settings.
    var answering: Lesson.Moves?
    /// The user's runs before the lesson, and before those that it followed.
    let setAside: EarlierRuns
    /// Rows of the band; 0: not laid out yet.
    var height = 0

    init(
        course: Course, place: Int, lesson: Lesson, record: LessonProgress.Record, step: Int, setAside: EarlierRuns
    ) {
        (self.course, self.place, self.lesson, self.record) = (course, place, lesson, record)
        self.setAside = setAside
        self.step = min(max(0, step), lesson.steps.count - 1)
        following = Self.following(course, place)
    }

    private static func following(_ course: Course, _ place: Int) -> (course: Course, place: Int)? {
        if course.lessons.indices.contains(place + 1) { return (course, place + 1) }
        let courses = Course.all
        guard let own = courses.firstIndex(where: { $0.id == course.id }) else { return nil }
        return courses[(own + 1)...].first { !$0.lessons.isEmpty }.map { ($0, 0) }
    }

    /// The lesson's end: it goes on later with the first step that is still open.
    mutating func end() {
        (isOver, page) = (true, .text)
        record.step = lesson.steps.indices.first { !record.done.contains($0) } ?? 0
    }

    /// Back to the last step, with which the lesson then goes on later.
    mutating func returnFromEnd() {
        isOver = false
        record.step = step
    }

    var present: Lesson.Step { lesson.steps[step] }

    /// The name under which the progress is kept.
    var name: String { course.lessons[place].name }

    /// A question waits: nothing runs before it is answered.
    var asks: Bool { present.question != nil && chosen == nil && !isOver }

    mutating func enter(_ step: Int) {
        self.step = step
        (isOver, page, chosen, outcome, isMet) = (false, .text, nil, nil, false)
        (verdicts, arrival, answering) = ([], nil, nil)
        networks = GoalNetworks()
        record.step = step
    }

    /// The pages that ? goes through after the text.
    var helpPages: [Page] {
        present.hints.indices.map { .hint($0) } + (present.answer == nil ? [] : [.answer])
    }

    /// Whether a key works in the step.
    /// - Parameter panels: where it is pressed, or the command's; nil: anywhere.
    func allows(_ key: Key, in panels: Set<PanelID>? = nil) -> Bool {
        !asks && !isOver
            && present.keys.compactMap { LessonKey($0) }.contains { own in
                own.key == key && (own.panel == nil || panels == nil || panels!.contains(own.panel!))
            }
    }
}
