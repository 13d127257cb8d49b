import Basics

/// A lesson as lists show it: its title, and how far the user has come.
public struct LessonOverview: Sendable {
    public var title: String
    public var summary: String
    /// "done", "step 3 of 6", "6 steps" in the user's language, or that it cannot be read.
    public var state: String
    public var isDone = false

    /// - Parameter languages: the best first.
    public init(_ entry: Course.Entry, _ progress: LessonProgress, in languages: [Language] = Language.preferred) {
        do throws(ExperimentError) {
            let lesson = try entry.read(in: languages)
            let words = LessonWords.best(of: languages)
            let count = lesson.steps.count
            (title, summary) = (lesson.title, lesson.summary)
            let record = progress[entry.name]
            isDone = progress.isDone(entry.name, steps: count)
            let isNew = record.done.isEmpty && record.step == 0
            state =
                isDone
                ? words(.done)
                : !isNew
                    ? words(.step, "\(record.step + 1)", "\(count)")
                    : count == 1 ? words(.oneStep) : words(.someSteps, "\(count)")
        } catch {
            title = entry.name
            summary = error.description
            state = "cannot be read"
        }
    }
}
