import Engine

/// A character that cannot be seen: its name among the symbols of a text, and the sign that stands for it on the screen.
public struct Whitespace: Sendable, Hashable {
    public let name: String
    let characters: [Character]
    public let sign: String
    /// The sign in ASCII.
    public let plainSign: String

    public static let space = Whitespace(name: "space", characters: [" "], sign: "·", plainSign: "_")
    public static let lineEnd = Whitespace(name: "line end", characters: ["\n", "\r\n"], sign: "↵", plainSign: "<")
    public static let tab = Whitespace(name: "tab", characters: ["\t"], sign: "⇥", plainSign: ">")
    public static let all = [space, lineEnd, tab]

    public static subscript(name: String) -> Whitespace? { all.first { $0.name == name } }
}

/// The symbols of a text: its characters, or its words and signs.
enum SymbolText {
    /// Stands for every word that is too rare for a number of its own.
    static let other = "<other>"

    /// The name of a character: a word for what cannot be seen.
    static func name(_ character: Character) -> String {
        Whitespace.all.first { $0.characters.contains(character) }?.name ?? String(character)
    }

    /// Whether a name is that of a single character.
    static func isCharacter(_ name: String) -> Bool { name.count == 1 || Whitespace[name] != nil }

    /// Gives each character's name to `body`.
    /// - Parameter progress: is told the bytes that are done, every few thousand characters.
    static func characters(
        _ text: String, progress: (Int) throws(DataError) -> Void, _ body: (Character) throws(DataError) -> Void
    ) throws(DataError) {
        var (bytes, count) = (0, 0)
        for character in text {
            try body(character)
            bytes += character.utf8.count
            count += 1
            if count & 0xFFFF == 0 { try progress(bytes) }
        }
    }

    /// Gives each word to `body`, and each sign by itself.
    static func words(
        _ text: String, progress: (Int) throws(DataError) -> Void = { _ throws(DataError) in },
        _ body: (String) throws(DataError) -> Void
    ) throws(DataError) {
        var word = ""
        try characters(text, progress: progress) { character throws(DataError) in
            if character.isLetter || character.isNumber || character == "'" || character == "’" {
                word.append(character)
                return
            }
            if !word.isEmpty { try body(word) }
            word = ""
            if !character.isWhitespace { try body(String(character)) }
        }
        if !word.isEmpty { try body(word) }
    }
}

extension SequenceKind {
    /// The numbers of the symbols of a text that somebody typed, as the data cut theirs: by character, or by word.
    /// - Throws: a symbol that the data do not have. Where they have one for all that is rare or new, it stands for such.
    public func numbers(of text: String) throws(DataError) -> [Int] {
        let names = alphabet
        let places = Dictionary(zip(names, 0...)) { first, _ in first }
        func mistake(_ symbol: String) -> DataError {
            // All other characters are equally far from one: only its other case is likely to be meant.
            let likely = isByCharacter ? names.filter { $0.lowercased() == symbol.lowercased() } : names
            return DataError(
                .malformed, place: "text",
                message: "\(quoted(symbol)) was never seen in training; the network knows "
                    + "\(plural(names.count, isByCharacter ? "character" : "word"))" + offer(symbol, among: likely))
        }
        var numbers: [Int] = []
        if isByCharacter {
            for character in text {
                let name = SymbolText.name(character)
                guard let number = places[name] else { throw mistake(name) }
                numbers.append(number)
            }
            return numbers
        }
        for written in text.split(whereSeparator: \.isWhitespace).map(String.init) {
            // A sign such as "___" is one symbol; "cake." is two.
            var words = [written]
            if places[written] == nil {
                words = []
                try SymbolText.words(written) { word throws(DataError) in words.append(word) }
            }
            for word in words {
                let isCapital = word.first?.isUppercase ?? false
                let unknown = [isCapital ? LastNames.newCapital : LastNames.new, LastNames.new, SymbolText.other]
                guard
                    let number = places[word] ?? places[word.lowercased()]
                        ?? unknown.lazy.compactMap({ places[$0] }).first
                else { throw mistake(word) }
                numbers.append(number)
            }
        }
        return numbers
    }
}
