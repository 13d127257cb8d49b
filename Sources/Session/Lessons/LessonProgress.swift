import Basics

/// How far the user has come in each lesson, kept in `$XDG_STATE_HOME/layercake/lessons.json`.
public struct LessonProgress: Sendable, Hashable {
    public struct Record: Sendable, Hashable {
        /// The step that was open last, from 0.
        public var step = 0
        /// The steps whose goal has been reached, or that were read.
        public var done: Set<Int> = []
        public init() {}
    }

    public private(set) var records: [String: Record] = [:]

    public init() {}

    public subscript(lesson: String) -> Record {
        get { records[lesson] ?? Record() }
        set { records[lesson] = newValue }
    }

    /// - Parameter steps: the lesson's.
    public func isDone(_ lesson: String, steps: Int) -> Bool { self[lesson].done.count(where: { $0 < steps }) >= steps }

    /// Reads the file; what is no progress there counts for none.
    public init(readingFrom path: String?) {
        guard let path, let text = try? TextFile.read(path), let json = try? JSON(parsing: text),
            let lessons = json["lessons"]
        else { return }
        for member in lessons.members {
            var record = Record()
            if let step = member.value["step"].flatMap(Self.step) { record.step = step }
            if case .array(let steps)? = member.value["done"] { record.done = Set(steps.compactMap(Self.step)) }
            records[member.key] = record
        }
    }

    private static func step(_ json: JSON) -> Int? {
        guard case .number(let number) = json, let step = Int(exactly: number), (0...1000).contains(step) else {
            return nil
        }
        return step
    }

    private var json: JSON {
        let lessons = records.sorted { $0.key < $1.key }.map { name, record in
            JSON.Member(
                name,
                .object([
                    JSON.Member("step", .number(Double(record.step))),
                    JSON.Member("done", .array(record.done.sorted().map { .number(Double($0)) })),
                ]))
        }
        return .object([JSON.Member("version", .number(1)), JSON.Member("lessons", .object(lessons))])
    }

    /// Writes one lesson's record into the file, beside it and renamed: what other windows have written there stays.
    public static func save(_ record: Record, of lesson: String, to path: String) throws(ExperimentError) {
        var progress = LessonProgress(readingFrom: path)
        var merged = record
        merged.done.formUnion(progress[lesson].done)
        progress[lesson] = merged
        FilePath.makeFolder(FilePath.directory(path))
        try SavedFile.write(progress.json.text() + "\n", to: path)
    }

    /// The file; nil: there is no home folder.
    public static var file: String? { FilePath.stateFolder.map { $0 + "/lessons.json" } }
}
