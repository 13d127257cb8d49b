import Basics
import Engine
import Lessons

/// Lessons in an order: one of the program's own, or those in a folder of the user's.
public struct Course: Sendable, Hashable {
    /// A lesson by its file, read when it is wanted.
    public struct Entry: Sendable, Hashable {
        /// The name by which it is opened, and under which its progress is kept.
        public var name: String
        /// nil: it is built into the program.
        public var path: String?
        /// The JSON of one that is built in.
        fileprivate var text: String

        /// - Parameter languages: the best first; a text that none of them has stays English, and so does all of a
        ///   translation that cannot be read (`LessonCheck` tells what is wrong with it).
        public func read(in languages: [Language] = Language.preferred) throws(ExperimentError) -> Lesson {
            var lesson =
                if let path {
                    try Lesson(parsing: TextFile.read(path), name: path, directory: FilePath.directory(path))
                } else { try Lesson(parsing: text, name: name) }
            for language in languages.reversed() {
                guard let found = try? translations(in: language), !found.isEmpty else { continue }
                for translation in found { lesson = translation.applied(to: lesson) }
                lesson.words = LessonWords(language)
            }
            return lesson
        }

        /// The translations into a language, those that come later over those before: the built-in one, then the user's
        /// own, which stands in a folder of that language beside the lessons.
        public func translations(in language: Language) throws(ExperimentError) -> [LessonTranslation] {
            var translations: [LessonTranslation] = []
            if path == nil, let file = Lessons.translation(of: name, in: language.code) {
                translations.append(try LessonTranslation(parsing: file.text, name: file.name))
            }
            if let folder = path.map(FilePath.directory) ?? Course.userFolder {
                let file = "\(folder)/\(language.code)/\(FilePath.name(path ?? "\(name).json"))"
                if FilePath.exists(file) {
                    translations.append(try LessonTranslation(parsing: TextFile.read(file), name: file))
                }
            }
            return translations
        }

        /// All of them as one; nil: there is none.
        public func translation(into language: Language) throws(ExperimentError) -> LessonTranslation? {
            let all = try translations(in: language)
            return all.dropFirst().reduce(all.first) { $0?.merging($1) }
        }

        /// The languages in which there may be a translation, by code.
        public var languages: [Language] {
            let own = (path.map(FilePath.directory) ?? Course.userFolder).map(TextFile.folders) ?? []
            return Set(Lessons.languages + own).sorted().map { Language($0) }
        }

        /// The JSON as it is written.
        public func source() throws(ExperimentError) -> String {
            if let path { try TextFile.read(path) } else { text }
        }
    }

    public var id: String
    public var title: String
    public var summary: String
    public var lessons: [Entry]

    /// The built-in courses in their order, then the user's own, their titles in the user's language.
    public static var all: [Course] {
        (builtIn + own(in: userFolder)).map { course in
            var course = course
            for language in Language.preferred.reversed() {
                guard let texts = CourseTexts.of(language).courses[course.id] else { continue }
                if !texts.title.isEmpty { course.title = texts.title }
                if !texts.summary.isEmpty { course.summary = texts.summary }
            }
            return course
        }
    }

    public static let builtIn: [Course] = Lessons.courses.map { course in
        Course(
            id: course.id, title: course.title, summary: course.summary,
            lessons: course.lessons.map { Entry(name: $0.name, path: nil, text: $0.text) })
    }

    /// `$XDG_CONFIG_HOME/layercake/lessons`, by default in `~/.config`.
    public static var userFolder: String? {
        Preset.userFolder.map { FilePath.directory($0) + "/lessons" }
    }

    static let ownID = "own"

    /// The lessons in a folder of the user's, by name; none: no course.
    static func own(in folder: String?) -> [Course] {
        guard let folder, case let files = TextFile.jsonFiles(in: folder), !files.isEmpty else { return [] }
        let lessons = files.map { Entry(name: String($0.dropLast(".json".count)), path: "\(folder)/\($0)", text: "") }
        return [Course(id: ownID, title: "Your own", summary: "Lessons in \(folder).", lessons: lessons)]
    }

    /// A course or a lesson by name, or a lesson's file.
    /// - Returns: the course, and the place of the lesson in it; nil: a course was named.
    public static func named(
        _ name: String, among courses: [Course] = Course.all
    ) throws(ExperimentError) -> (course: Course, lesson: Int?) {
        if let course = courses.first(where: { $0.id == name }) { return (course, nil) }
        for course in courses {
            if let place = course.lessons.firstIndex(where: { $0.name == name }) { return (course, place) }
        }
        guard FilePath.exists(name) else {
            if name.hasSuffix(".json") || name.contains("/") {
                throw ExperimentError(.missing, place: shortened(name, to: 255), message: "there is no such file")
            }
            let names = courses.map(\.id) + courses.flatMap { $0.lessons.map(\.name) }
            let advice = NearestName.of(name, among: names).map { "did you mean \(quoted($0))? " } ?? ""
            throw ExperimentError(
                .missing, place: shortened(name),
                message: "there is no such course or lesson; \(advice)“layercake learn” lists them")
        }
        let entry = Entry(name: FilePath.absolute(name), path: name, text: "")
        return (Course(id: name, title: "", summary: "", lessons: [entry]), 0)
    }
}
