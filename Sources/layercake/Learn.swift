import ArgumentParser
import Basics
import PlaygroundUI
import Session

struct Learn: ParsableCommand, DeviceCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn",
        abstract: "List the courses, or go on with one: lessons with goals that the program checks.",
        discussion: """
            NAME is a course, a lesson, or a lesson's file. Lessons of one's own stand in \
            ~/.config/layercake/lessons, progress in ~/.local/state/layercake/lessons.json.
            """)

    @Argument(
        help: "A course, a lesson or a lesson's JSON file.",
        completion: .custom { _, _, _ in Course.all.flatMap { [$0.id] + $0.lessons.map(\.name) } })
    var name: String?

    @Flag(help: "Play the model answers without a screen: of NAME, or of all lessons.")
    var check = false

    @Flag(name: .customLong("print"), help: "Print the lesson's JSON.")
    var prints = false

    @Flag(help: "Print the JSON Schema of lessons.")
    var schema = false

    @OptionGroup var screen: ScreenOptions

    var place: DeviceOption { screen.place }

    func validate() throws {
        if prints, name == nil { throw ValidationError("--print: name the lesson to print") }
    }

    func run() throws {
        if schema { return print(json: Lesson.schema.text()) }
        if check { return try checkLessons() }
        guard let name else { return list() }
        let progress = LessonProgress(readingFrom: LessonProgress.file)
        let (course, lesson) = try Course.named(name)
        let chosen = lesson ?? next(course, progress)
        if prints { return print(json: JSON.visible(try course.lessons[chosen].source()), terminator: "") }
        let start = try LessonStart(course, chosen, progress)
        try screen.play(Session(start.experiment, name: name, directory: start.directory), lesson: start)
    }

    /// The first lesson that is not done; where all are, the first.
    private func next(_ course: Course, _ progress: LessonProgress) -> Int {
        course.lessons.firstIndex { !LessonOverview($0, progress).isDone } ?? 0
    }

    private func list() {
        let progress = LessonProgress(readingFrom: LessonProgress.file)
        let words = LessonWords.best()
        for (index, course) in Course.all.enumerated() {
            let lessons = course.lessons.map { ($0, LessonOverview($0, progress)) }
            let done = lessons.count { $0.1.isDone }
            if index > 0 { print("") }
            let state =
                lessons.count == 1
                ? words(.oneLessonDone, "\(done)") : words(.lessonsDone, "\(done)", "\(lessons.count)")
            print("\(course.id): \(course.title), \(state)")
            print("  \(course.summary)")
            let width = lessons.map { $0.0.name.count }.max() ?? 0
            let titles = lessons.map { $0.1.title.count }.max() ?? 0
            for (entry, overview) in lessons {
                let gap = String(repeating: " ", count: width - entry.name.count + 2)
                let space = String(repeating: " ", count: titles - overview.title.count + 2)
                print("  \(entry.name)\(gap)\(overview.title)\(space)\(overview.state)")
            }
        }
        let open = Course.all.first { $0.lessons.contains { !LessonOverview($0, progress).isDone } }
        let next = open.map { "; next: layercake learn \($0.id)" } ?? ""
        print("\nlayercake learn NAME begins a course or a lesson, or goes on with it\(next)")
    }

    private func checkLessons() throws {
        let courses: [Course]
        if let name {
            var (course, lesson) = try Course.named(name)
            if let lesson { course.lessons = [course.lessons[lesson]] }
            courses = [course]
        } else {
            courses = Course.all
        }
        var mistakes = 0
        for entry in courses.flatMap(\.lessons) {
            let findings: [LessonCheck.Finding]
            var steps = 0
            do throws(ExperimentError) {
                let lesson = try entry.read(in: [])
                steps = lesson.steps.count
                findings = LessonCheck.findings(of: lesson) + LessonKeys.findings(of: lesson)
            } catch {
                print("✗ \(entry.path ?? entry.name)\n  \(error.description)")
                mistakes += 1
                continue
            }
            print("\(findings.isEmpty ? "✓" : "✗") \(entry.path ?? entry.name): \(plural(steps, "step"))")
            for finding in findings { print("  step \(finding.step + 1): \(visibleText(finding.words))") }
            mistakes += findings.count
            for language in entry.languages { mistakes += checkTranslation(of: entry, into: language) }
        }
        for language in Set(courses.flatMap(\.lessons).flatMap(\.languages)).sorted(by: { $0.code < $1.code }) {
            do throws(ExperimentError) { _ = try CourseTexts.reading(language) } catch {
                print("✗ \(language.code)\n  \(error.description)")
                mistakes += 1
            }
        }
        if mistakes > 0 {
            throw ExperimentError(
                .malformed, place: name ?? "", message: "\(plural(mistakes, "mistake")) in lessons")
        }
    }
    /// Tells what a translation of a lesson lacks.
    /// - Returns: the number of mistakes.
    private func checkTranslation(of entry: Course.Entry, into language: Language) -> Int {
        var findings = LessonCheck.findings(of: entry, in: language)
        let translation = try? entry.translation(into: language)
        if let translation, let lesson = try? entry.read(in: []) {
            findings += LessonKeys.findings(of: translation.applied(to: lesson)).map { "steps.\($0.step): \($0.words)" }
            let coverage = translation.coverage(of: lesson)
            let texts = plural(coverage.all, "text")
            print("  \(findings.isEmpty ? "✓" : "✗") \(language.code): \(coverage.translated) of \(texts)")
        } else if !findings.isEmpty {
            print("  ✗ \(language.code)")
        }
        for finding in findings { print("    \(visibleText(finding))") }
        return findings.count
    }
}
