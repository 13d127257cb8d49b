import Engine
import Basics

/// A JSON value whose objects keep the order of their keys.
public enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([Member])

    public struct Member: Sendable, Hashable {
        public var key: String
        public var value: JSON
        public init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }

    public subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }

    /// Parses a document; the error names line and column.
    /// A text whose values would take more memory than may be had is refused.
    public init(parsing text: String) throws(ExperimentError) {
        try Self.checkMemory(text)
        var parser = JSONParser(text)
        self = try parser.document()
    }

    /// Pretty text as people write it: short arrays and objects on one line. `compact`: all on one line.
    public func text(compact: Bool = false) -> String {
        compact ? JSONPrinter.line(self, spaced: false) : JSONPrinter.pretty(self)
    }

    /// A document as it was written, safe to print on a terminal.
    public static func visible(_ text: String) -> String { JSONPrinter.visible(text) }
}

extension JSON {
    /// Bytes that a byte of text may become: "[0,0,…" is read into code points, then into values.
    private static let bytesPerCharacter = 36

    private static func checkMemory(_ text: String) throws(ExperimentError) {
        do throws(EngineError) {
            try MemoryRoom.require(
                text.utf8.count * bytesPerCharacter, for: "reading this document", advice: "make it shorter")
        } catch { throw ExperimentError(error) }
    }

    /// The object with `value` at `key`, in the place of an older one or at the end.
    func replacing(_ key: String, with value: JSON) -> JSON {
        guard case .object(var members) = self else { return .object([Member(key, value)]) }
        if let index = members.firstIndex(where: { $0.key == key }) {
            members[index].value = value
        } else {
            members.append(Member(key, value))
        }
        return .object(members)
    }

    /// The value as a message says that it was found.
    public var words: String {
        switch self {
        case .null: "null"
        case .bool(let on): on ? "true" : "false"
        case .number(let number): JSONPrinter.number(number)
        case .string(let text): quoted(text)
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// A mistake in an experiment document, a link, a setting or a checkpoint, in words for the user.
public struct ExperimentError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable { case arguments, malformed, missing, unwritable }
    /// Exit status 64, 65, 66, 74.
    public var kind: Kind
    /// The key path ("training.optimizer.adam.beta1"), the file, or the file with line and column.
    public var place: String
    /// The words: expected, found, what to do (the nearest valid key).
    public var message: String
    /// A setting that mends it; nil: there is none, or several.
    public var remedy: EngineError.Remedy?
    public init(_ kind: Kind, place: String, message: String, remedy: EngineError.Remedy? = nil) {
        self.kind = kind
        self.place = place
        self.message = message
        self.remedy = remedy
    }
    public var description: String { visibleText(place.isEmpty ? message : "\(place): \(message)") }
}
