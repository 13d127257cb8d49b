import Basics

/// A lesson as lists show it: its title, and how far the user has come.
public struct LessonOverview: Sendable {
    public var title: String
    public var summary: String
    /// "done", "step 3 of 6", "6 steps", or that it cannot be read.
    public var state: String
    public var isDone = false

    public init(_ entry: Course.Entry, _ progress: LessonProgress) {
        do throws(ExperimentError) {
            let lesson = try entry.read()
            (title, summary) = (lesson.title, lesson.summary)
            let record = progress[entry.name]
            isDone = progress.isDone(entry.name, steps: lesson.steps.count)
            state =
                isDone
                ? "done"
                : record.done.isEmpty && record.step == 0
                    ? plural(lesson.steps.count, "step") : "step \(record.step + 1) of \(lesson.steps.count)"
        } catch {
            title = entry.name
            summary = error.description
            state = "cannot be read"
        }
    }
}
