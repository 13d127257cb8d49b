import Engine
import Session
import TerminalKit

/// A setting of the configuration.
struct ConfigurationSetting: Sendable {
    var name: String
    /// Its value where the user has no wish.
    var standard: JSON
    /// Takes a value over, or says why it cannot be.
    var take: @Sendable (JSON, inout Configuration) throws(ExperimentError) -> Void

    static let all = [
        word("theme", "auto", \.theme, none: ""), word("glyphs", "auto", \.glyphs), word("colors", "auto", \.colors),
        ConfigurationSetting(name: "palette", standard: .string(ColorPalette.all[0].id)) {
            value, configuration throws(ExperimentError) in
            let known = ColorPalette.all.map(\.id)
            guard case .string(let id) = value else { throw wrong("palette", "one of \(known.listed)", value) }
            guard let palette = ColorPalette.named(id) else {
                throw Configuration.mistake(
                    "palette", "no such palette as \(quoted(id)); \(NearestName.advice(id, among: known))")
            }
            configuration.palette = palette
        },
        whole("fps", RunOptions().framesPerSecond, 1...120, \.framesPerSecond),
        whole("threads", RunOptions().threads, 1...256, \.threads),
        ConfigurationSetting(name: "mouse", standard: .bool(true)) { value, configuration throws(ExperimentError) in
            guard case .bool(let on) = value else { throw wrong("mouse", "true or false", value) }
            configuration.mouse = on
        },
        ConfigurationSetting(name: "keepSeconds", standard: .number(RunOptions().keepSeconds)) {
            value, configuration throws(ExperimentError) in
            guard case .number(let seconds) = value, (0.02...86_400).contains(seconds) else {
                throw wrong("keepSeconds", "a number from 0.02 to 86,400", value)
            }
            configuration.keepSeconds = seconds
        },
        ConfigurationSetting(
            name: "keys",
            standard: .object(
                Commands.known.map { JSON.Member($0.id, .array($0.keys.map { .string($0) })) })
        ) { value, configuration throws(ExperimentError) in
            guard case .object(let members) = value else {
                throw wrong("keys", "an object such as {\"training.play\": [\"space\"]}", value)
            }
            (configuration.keys, configuration.mistakes) = KeyBindings.read(members, configuration.mistakes)
        },
    ]

    /// A word of a list; `auto`, or the word given as `none`, is the same as no wish.
    private static func word<Word: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ standard: String, _ path: WritableKeyPath<Configuration, Word?> & Sendable,
        none: String = "auto"
    ) -> ConfigurationSetting where Word.RawValue == String {
        ConfigurationSetting(name: name, standard: .string(standard)) { value, configuration throws(ExperimentError) in
            let known = (none.isEmpty ? [] : [none]) + Word.allCases.map(\.rawValue)
            guard case .string(let text) = value else { throw wrong(name, "one of \(known.listed)", value) }
            if text == none { return configuration[keyPath: path] = nil }
            guard let word = Word(rawValue: text) else {
                let advice =
                    NearestName.of(text, among: known).map { "did you mean \(quoted($0))?" }
                    ?? "choose one of \(known.listed)"
                throw Configuration.mistake(name, "no such word as \(quoted(text)); \(advice)")
            }
            configuration[keyPath: path] = word
        }
    }

    private static func whole(
        _ name: String, _ standard: Int, _ range: ClosedRange<Int>,
        _ path: WritableKeyPath<Configuration, Int?> & Sendable
    ) -> ConfigurationSetting {
        ConfigurationSetting(name: name, standard: .number(Double(standard))) {
            value, configuration throws(ExperimentError) in
            guard case .number(let number) = value, let whole = Int(exactly: number), range.contains(whole) else {
                throw wrong(name, "a whole number from \(range.lowerBound) to \(range.upperBound)", value)
            }
            configuration[keyPath: path] = whole
        }
    }

    static func wrong(_ place: String, _ expected: String, _ found: JSON) -> ExperimentError {
        Configuration.mistake(place, "expected \(expected), found \(found.text(compact: true).prefix(60))")
    }
}

extension [String] {
    fileprivate var listed: String { joined(separator: ", ") }
}
