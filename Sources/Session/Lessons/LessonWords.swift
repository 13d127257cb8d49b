import Basics
import Engine
import Lessons

/// The program's own words around a lesson's texts.
public struct LessonWords: Sendable, Hashable {
    public enum Word: String, Sendable, Hashable, CaseIterable {
        case step, over, goal, now, reached, notYet, hint, answer, said, right, other, end, allDone, oneOpen, someOpen,
            next, nextCourse, last, oneStep, someSteps, done, oneLessonDone, lessonsDone

        /// {1}, {2} and {3} stand for what is filled in.
        var english: String {
            switch self {
            case .step: "step {1} of {2}"
            case .over: "end"
            case .goal: "Goal"
            case .now: "now {1}"
            case .reached: "reached"
            case .notYet: "not yet"
            case .hint: "Hint {1} of {2}: {3}"
            case .answer: "The answer: {1} Let it be done (A)."
            case .said: "You said {1}: {2}"
            case .right: "As you said: {1}"
            case .other: "You said {1}, but it is {2}: {3}"
            case .end: "The end of “{1}”."
            case .allDone: "All of its steps are done."
            case .oneOpen: "Step {1} is still open."
            case .someOpen: "Steps {1} are still open."
            case .next: "The next lesson (tab) is “{1}”."
            case .nextCourse: "The next course (tab) is “{1}”."
            case .last: "It is the last one here; all lessons stand in a list (F2)."
            case .oneStep: "1 step"
            case .someSteps: "{1} steps"
            case .done: "done"
            case .oneLessonDone: "{1} of 1 lesson done"
            case .lessonsDone: "{1} of {2} lessons done"
            }
        }
    }

    private var texts: [Word: String] = [:]
    private var goals: [GoalWord: String] = [:]
    /// Names of metrics by their ids.
    private var metrics: [String: String] = [:]

    /// English.
    public init() {}

    /// Those of the best of the languages that has any; the words of lists, in which lessons of several languages stand.
    public static func best(of languages: [Language] = Language.preferred) -> LessonWords {
        languages.first { !CourseTexts.of($0).words.isEmpty }.map { LessonWords($0) } ?? LessonWords()
    }

    /// Words that the language does not have stay English.
    init(_ language: Language) {
        let own = CourseTexts.of(language)
        (texts, goals, metrics) = (own.words, own.goals, own.metrics)
    }

    public func callAsFunction(_ word: Word, _ parts: String...) -> String {
        Self.filled(texts[word] ?? word.english, parts)
    }

    func callAsFunction(_ word: GoalWord, _ parts: String...) -> String {
        Self.filled(goals[word] ?? word.english, parts)
    }

    /// The metric's name.
    func title(of metric: Metric) -> String { metrics[metric.id] ?? metric.title }

    private static func filled(_ text: String, _ parts: [String]) -> String {
        var text = text
        for (index, part) in parts.enumerated() { text = text.replacing("{\(index + 1)}", with: part) }
        return text
    }
}

/// A language's titles of courses, and its words around lessons: `courses.json` in its folder.
public struct CourseTexts: Sendable, Hashable {
    public struct Titles: Sendable, Hashable {
        public var title = ""
        public var summary = ""
    }

    /// By the id of the course.
    public private(set) var courses: [String: Titles] = [:]
    private(set) var words: [LessonWords.Word: String] = [:]
    private(set) var goals: [GoalWord: String] = [:]
    /// Names of metrics by their ids.
    private(set) var metrics: [String: String] = [:]

    private static func text(_ name: String, _ summary: String) -> DocumentField {
        DocumentField(name, summary: summary, form: .value(.text))
    }

    private static let root: [DocumentField] = [
        DocumentField(
            "courses", summary: "The courses by their ids.",
            form: .object(
                (Lessons.courses.map(\.id) + [Course.ownID]).map { id in
                    DocumentField(
                        id, summary: "The course \(id).",
                        form: .object([
                            text("title", "Its title."), text("summary", "One sentence."),
                        ]))
                })),
        DocumentField(
            "words", summary: "The program's words around a lesson, with {1}, {2} and {3} as in the English ones.",
            form: .object(LessonWords.Word.allCases.map { text($0.rawValue, $0.english) })),
        DocumentField(
            "goals", summary: "The words of which the program composes conditions and their figures.",
            form: .object(GoalWord.allCases.map { text($0.rawValue, $0.english) })),
        DocumentField(
            "metrics", summary: "The metrics' names by their ids.",
            form: .object(Metric.all.map { text($0.id, $0.title) })),
    ]

    private mutating func read(_ text: String, name: String) throws(ExperimentError) {
        let json: JSON
        do { json = try JSON(parsing: text) } catch {
            throw ExperimentError(error.kind, place: "\(name):\(error.place)", message: error.message)
        }
        do { try FormCheck.check(json, against: .object(Self.root), at: "") } catch {
            throw ExperimentError(error.kind, place: "\(name): \(error.place)", message: error.message)
        }
        for member in json["courses"]?.members ?? [] {
            courses[member.key] = Titles(title: member.value.words("title"), summary: member.value.words("summary"))
        }
        func texts(_ key: String) -> [(String, String)] {
            (json[key]?.members ?? []).map { ($0.key, $0.value.ownWords) }.filter { !$0.1.isEmpty }
        }
        for (key, text) in texts("words") { if let word = LessonWords.Word(rawValue: key) { words[word] = text } }
        for (key, text) in texts("goals") { if let word = GoalWord(rawValue: key) { goals[word] = text } }
        for (key, text) in texts("metrics") { metrics[key] = text }
    }

    /// The built-in ones, and over them those in a folder of lessons.
    /// - Throws: what is wrong with a file.
    public static func reading(
        _ language: Language, folder: String? = Course.userFolder
    ) throws(ExperimentError) -> CourseTexts {
        var texts = CourseTexts()
        if let file = Lessons.translations.first(where: { $0.language == language.code })?.courses {
            try texts.read(file.text, name: file.name)
        }
        if let folder, case let file = "\(folder)/\(language.code)/\(fileName)", FilePath.exists(file) {
            try texts.read(TextFile.read(file), name: file)
        }
        return texts
    }

    static let fileName = "courses.json"

    /// The same; none where a file cannot be read.
    static func of(_ language: Language) -> CourseTexts { (try? reading(language)) ?? CourseTexts() }
}
