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

        public func read() throws(ExperimentError) -> Lesson {
            guard let path else { return try Lesson(parsing: text, name: name) }
            return try Lesson(parsing: TextFile.read(path), name: path, directory: FilePath.directory(path))
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

    /// The built-in courses in their order, then the user's own.
    public static var all: [Course] { builtIn + own(in: userFolder) }

    public static let builtIn: [Course] = Lessons.courses.map { course in
        Course(
            id: course.id, title: course.title, summary: course.summary,
            lessons: course.lessons.map { Entry(name: $0.name, path: nil, text: $0.text) })
    }

    /// `$XDG_CONFIG_HOME/layercake/lessons`, by default in `~/.config`.
    public static var userFolder: String? {
        Preset.userFolder.map { FilePath.directory($0) + "/lessons" }
    }

    /// The lessons in a folder of the user's, by name; none: no course.
    static func own(in folder: String?) -> [Course] {
        guard let folder, case let files = TextFile.jsonFiles(in: folder), !files.isEmpty else { return [] }
        let lessons = files.map { Entry(name: String($0.dropLast(".json".count)), path: "\(folder)/\($0)", text: "") }
        return [Course(id: "own", title: "Your own", summary: "Lessons in \(folder).", lessons: lessons)]
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
