import Basics
import Engine

/// A lesson's texts in another language, at the places of the English ones. A text that is missing stays English.
public struct LessonTranslation: Sendable, Hashable {
    /// The texts by place: "title", "steps.0.hints.1".
    public private(set) var texts: [String: String] = [:]
    /// The file's name or path, for messages.
    let name: String

    /// The keys of a file: those of a lesson that hold texts, with the same nesting.
    private static let root: [DocumentField] = [
        DocumentField("title", summary: "The lesson's name, at most 40 characters.", form: .value(.text)),
        DocumentField("summary", summary: "One sentence for the list of lessons.", form: .value(.text)),
        DocumentField("steps", summary: "The steps in the lesson's order.", form: .list(.object(step))),
    ]

    private static let texts = Form.list(.value(.text))

    private static let step: [DocumentField] = [
        DocumentField("text", summary: "The step's text.", form: .value(.text)),
        DocumentField(
            "question", summary: "The question and its answers.",
            form: .object([
                DocumentField("text", summary: "The question.", form: .value(.text)),
                DocumentField("answers", summary: "The answers in their order.", form: texts),
            ])),
        DocumentField(
            "goal", summary: "The conditions in their order; an empty text: the program's own words.", form: texts),
        DocumentField("done", summary: "The text for when the goal has been reached.", form: .value(.text)),
        DocumentField("hints", summary: "The hints in their order.", form: texts),
        DocumentField("answer", summary: "The answer in words.", form: .value(.text)),
    ]

    /// The JSON Schema of a file.
    public static var schema: JSON { SchemaWriter.document("Layercake lesson in another language", root) }

    /// - Parameter name: the file's name or path.
    public init(parsing text: String, name: String) throws(ExperimentError) {
        self.name = name
        let json: JSON
        do { json = try JSON(parsing: text) } catch {
            throw ExperimentError(error.kind, place: "\(name):\(error.place)", message: error.message)
        }
        do { try FormCheck.check(json, against: .object(Self.root), at: "") } catch {
            throw ExperimentError(error.kind, place: "\(name): \(error.place)", message: error.message)
        }
        take(json, at: "")
    }

    private mutating func take(_ json: JSON, at place: String) {
        func inner(_ key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }
        switch json {
        case .string(let text): if !text.isBlank { texts[place] = text }
        case .object(let members): for member in members { take(member.value, at: inner(member.key)) }
        case .array(let elements):
            for (index, element) in elements.enumerated() { take(element, at: inner("\(index)")) }
        default: break
        }
    }

    /// Both, the other's texts over these.
    public func merging(_ other: LessonTranslation) -> LessonTranslation {
        var merged = self
        merged.texts.merge(other.texts) { $1 }
        return merged
    }

    // MARK: Applying

    /// The lesson with these texts in place of its own.
    public func applied(to lesson: Lesson) -> Lesson {
        var lesson = lesson
        Self.visit(&lesson) { place, _ in texts[place] }
        return lesson
    }

    /// Goes through all texts of a lesson that can be translated, by their places.
    ///
    /// The program's own words of a condition are among them; they stay its own where nothing takes their place.
    /// - Parameter other: of a text at its place, the text in its stead; nil: it stays.
    private static func visit(_ lesson: inout Lesson, _ other: (String, String) -> String?) {
        func act(_ place: String, _ text: inout String) {
            if let other = other(place, text) { text = other }
        }
        act("title", &lesson.title)
        act("summary", &lesson.summary)
        for index in lesson.steps.indices {
            let place = "steps.\(index)"
            act("\(place).text", &lesson.steps[index].text)
            if var question = lesson.steps[index].question {
                act("\(place).question.text", &question.text)
                for answer in question.answers.indices {
                    act("\(place).question.answers.\(answer)", &question.answers[answer].text)
                }
                lesson.steps[index].question = question
            }
            for goal in lesson.steps[index].goals.indices {
                let words = lesson.steps[index].goals[goal].words
                if let other = other("\(place).goal.\(goal)", words) { lesson.steps[index].goals[goal].words = other }
            }
            act("\(place).done", &lesson.steps[index].done)
            for hint in lesson.steps[index].hints.indices {
                act("\(place).hints.\(hint)", &lesson.steps[index].hints[hint])
            }
            if var answer = lesson.steps[index].answer {
                act("\(place).answer", &answer.text)
                lesson.steps[index].answer = answer
            }
        }
    }

    // MARK: Checking

    /// The coverage of a lesson.
    public struct Coverage: Sendable, Hashable {
        public var translated = 0
        public var all = 0
        /// Places without a text.
        public var missing: [String] = []
        /// Places of texts that the lesson does not have.
        public var unknown: [String] = []
    }

    public func coverage(of lesson: Lesson) -> Coverage {
        var coverage = Coverage()
        var (lesson, places) = (lesson, Set<String>())
        let optional = Set(
            lesson.steps.enumerated().flatMap { index, step in
                step.goals.indices.filter { step.goals[$0].ownWords == nil }.map { "steps.\(index).goal.\($0)" }
            })
        Self.visit(&lesson) { place, text in
            places.insert(place)
            guard !text.isEmpty, !optional.contains(place) else { return nil }
            coverage.all += 1
            if texts[place] != nil { coverage.translated += 1 } else { coverage.missing.append(place) }
            return nil
        }
        coverage.unknown = texts.keys.filter { !places.contains($0) }.sorted()
        return coverage
    }
}
