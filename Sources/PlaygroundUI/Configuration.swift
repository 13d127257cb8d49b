import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// The user's standing wishes: `$XDG_CONFIG_HOME/layercake/config.json` (`~/.config/layercake/config.json`), an object
/// with the names of the options of `play`: {"theme": "light", "fps": 20, "glyphs": "block", "colors": "256",
/// "mouse": false, "threads": 2}, and "keepSeconds", the seconds between two times that the open experiment is kept. Options on the command line come before it.
public struct Configuration: Sendable, Hashable {
    public var theme: RunOptions.ThemeChoice?
    public var framesPerSecond: Int?
    public var threads: Int?
    public var glyphs: Capabilities.Glyphs?
    public var colors: Capabilities.Colors?
    public var mouse: Bool?
    public var keepSeconds: Double?

    public init() {}

    /// The user's own; a file that is not there is no mistake.
    public static func read() throws(ExperimentError) -> Configuration {
        guard let path = Files.configurationFile, FilePath.exists(path) else { return Configuration() }
        let text: String
        do throws(DataError) { text = try FileContent.text(path: path, name: path, limit: mostBytes) } catch {
            throw ExperimentError(error)
        }
        do {
            return try Configuration(parsing: text)
        } catch {
            throw ExperimentError(
                error.kind, place: error.place.isEmpty ? path : "\(path): \(error.place)", message: error.message)
        }
    }

    init(parsing text: String) throws(ExperimentError) {
        guard case .object(let members) = try JSON(parsing: text) else {
            throw ExperimentError(.malformed, place: "", message: "expected an object, such as {\"theme\": \"light\"}")
        }
        for member in members {
            switch (member.key, member.value) {
            case ("theme", .string(let word)): theme = try Self.word(word, member.key)
            case ("glyphs", .string(let word)): glyphs = try Self.word(word, member.key)
            case ("colors", .string(let word)): colors = try Self.word(word, member.key)
            case ("fps", .number(let number)): framesPerSecond = try Self.whole(number, member.key, 1...120)
            case ("threads", .number(let number)): threads = try Self.whole(number, member.key, 1...256)
            case ("mouse", .bool(let on)): mouse = on
            case ("keepSeconds", .number(let number)) where (0.02...86_400).contains(number): keepSeconds = number
            default:
                guard let expected = Self.expectations[member.key] else {
                    throw ExperimentError(
                        .malformed, place: shortened(member.key),
                        message: "there is no such setting; "
                            + NearestName.advice(member.key, among: Self.expectations.keys.sorted()))
                }
                throw ExperimentError(
                    .malformed, place: member.key, message: "expected \(expected), found \(member.value.words)")
            }
        }
    }

    private static let expectations = [
        "theme": "a word", "glyphs": "a word", "colors": "a word", "fps": "a number", "threads": "a number",
        "keepSeconds": "a number from 0.02 to 86400", "mouse": "true or false",
    ]
    private static let mostBytes = 1 << 20

    private static func word<Word: RawRepresentable & CaseIterable>(
        _ text: String, _ place: String
    ) throws(ExperimentError) -> Word where Word.RawValue == String {
        if let word = Word(rawValue: text) { return word }
        let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
        throw ExperimentError(.malformed, place: place, message: "expected one of \(known), found \(quoted(text))")
    }

    private static func whole(_ number: Double, _ place: String, _ range: ClosedRange<Int>) throws(ExperimentError)
        -> Int
    {
        guard let whole = Int(exactly: number), range.contains(whole) else {
            throw ExperimentError(
                .malformed, place: place,
                message:
                    "expected a whole number from \(range.lowerBound) to \(range.upperBound), found \(formatNumber(number))"
            )
        }
        return whole
    }
}
