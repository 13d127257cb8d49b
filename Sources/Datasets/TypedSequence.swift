import Basics
import Engine

extension PreparedData {
    /// The symbols of a typed sequence: characters where the data's symbols are such, else words, which are found whatever
    /// their case is.
    /// - Throws: a symbol that the data do not have, or more than the longest sequence has.
    public func symbols(ofTyped text: String) throws(DataError) -> [Int] {
        guard case .sequence(let kind) = schema.kind, !kind.symbols.isEmpty else {
            throw DataError(.malformed, place: "sequence", message: "the steps of these data are values, not symbols")
        }
        let numbers = Dictionary(zip(kind.symbols, 0...)) { first, _ in first }
        let byCharacter = !kind.symbols.contains { $0.count > 1 && !WhitespaceNames.all.contains($0) }
        let folded = Dictionary(kind.symbols.enumerated().map { ($1.lowercased(), $0) }) { first, _ in first }
        let parts =
            byCharacter ? text.map { WhitespaceNames.name(of: $0) } : text.split(separator: " ").map(String.init)
        var symbols: [Int] = []
        for part in parts {
            if let number = numbers[part] ?? folded[part.lowercased()] {
                symbols.append(number)
                continue
            }
            // A sign behind a word may be a symbol by itself.
            if let sign = part.last, part.count > 1, let end = numbers[String(sign)],
                let word = numbers[String(part.dropLast())] ?? folded[part.dropLast().lowercased()]
            {
                symbols += [word, end]
                continue
            }
            let unknown = byCharacter ? "characters" : "words"
            throw DataError(
                .malformed, place: "sequence",
                message: "\(quoted(part)) is not among the \(kind.symbols.count) \(unknown) of the data"
                    + offer(part, among: kind.symbols))
        }
        guard symbols.count <= kind.steps else {
            throw DataError(
                .malformed, place: "sequence",
                message:
                    "expected at most \(kind.steps) symbols, found \(symbols.count): the network's longest sequence")
        }
        return symbols
    }
}

/// Names of characters that cannot be seen.
enum WhitespaceNames {
    static let all: Set<String> = ["space", "line end", "tab"]

    static func name(of character: Character) -> String {
        switch character {
        case " ": "space"
        case "\n", "\r\n": "line end"
        case "\t": "tab"
        default: String(character)
        }
    }
}
