import Engine

/// Changes bytes at random, as accidents and attackers do: some bits, whole pieces, numbers that are too large, and
/// tokens of the format at places where they do not belong. The same generator makes the same changes.
struct Mutator {
    var random: Random

    init(seed: UInt64) { random = Random(seed: seed) }

    /// Numbers at the ends of the types that numbers are read into.
    private static let numbers = [
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615", "2147483648",
        "9007199254740993", "1e308", "-1e308", "1e999", "1e-320", "-0", "0", "-1", "0.5", "1e19", "NaN", "inf", "4096",
        "1000000", "3.4e38", "00", "1e", "0x10", "１", "1_000",
    ]

    /// Characters that mean something to a terminal, to a text's direction or to a reader of texts.
    private static let characters = [
        "\u{1B}[2J", "\u{9B}31m", "\u{202E}", "\u{0}", "\u{FEFF}", "\u{7F}", "\r", "\n", "\t", "\u{2028}", "e\u{301}",
        "👩‍💻", "\u{FF}", "\"", "'", "\\", "`", "%", "&", "#", "=", ",", ";", "{", "}", "[", "]", ":", "(", ")", "|", ".",
        " ",
    ]

    private mutating func below(_ count: Int) -> Int { Int(random.uniform() * Double(count)) }

    /// - Parameters:
    ///   - seed: what is changed.
    ///   - others: inputs of the same kind, of which pieces may be taken.
    ///   - tokens: words of the format.
    mutating func mutated(_ seed: [UInt8], others: [[UInt8]], tokens: [String]) -> [UInt8] {
        var bytes = seed
        // Half of them keep the form, and so come further than to the first mistake in it.
        if below(2) == 0 {
            if tokens.isEmpty || below(3) > 0 {
                replaceNumber(&bytes)
            } else {
                replaceWord(&bytes, with: tokens[below(tokens.count)])
            }
            return bytes
        }
        for _ in 0...below(4) { change(&bytes, others: others, tokens: tokens) }
        return Array(bytes.prefix(200_000))
    }

    private mutating func change(_ bytes: inout [UInt8], others: [[UInt8]], tokens: [String]) {
        let place = below(bytes.count + 1)
        switch below(12) {
        case 0 where !bytes.isEmpty: bytes[below(bytes.count)] ^= 1 << UInt8(below(8))
        case 1 where !bytes.isEmpty: bytes[below(bytes.count)] = UInt8(below(256))
        case 2: bytes.insert(UInt8(below(256)), at: place)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(20)))
        case 4: bytes.removeSubrange(place...)
        case 5:
            let piece = Array(bytes[place..<min(bytes.count, place + 1 + below(60))])
            bytes.insert(
                contentsOf: repeatElement(piece, count: 1 + below(below(8) == 0 ? 200 : 3)).joined(), at: place)
        case 6:
            let other = others[below(others.count)]
            let from = below(other.count + 1)
            let piece = other[from..<min(other.count, from + 1 + below(80))]
            bytes.insert(contentsOf: piece, at: place)
        case 7, 8: replaceNumber(&bytes)
        case 9 where !tokens.isEmpty: bytes.insert(contentsOf: tokens[below(tokens.count)].utf8, at: place)
        case 10 where !tokens.isEmpty: replaceWord(&bytes, with: tokens[below(tokens.count)])
        default: bytes.insert(contentsOf: Self.characters[below(Self.characters.count)].utf8, at: place)
        }
    }

    /// One of the numbers becomes another.
    private mutating func replaceNumber(_ bytes: inout [UInt8]) {
        let number = Self.numbers[below(Self.numbers.count)]
        replaceRun(&bytes, with: number) {
            $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") || $0 == UInt8(ascii: ".")
        }
    }

    private mutating func replaceWord(_ bytes: inout [UInt8], with word: String) {
        replaceRun(&bytes, with: word) { Unicode.Scalar($0).properties.isAlphabetic && $0 < 0x80 }
    }

    /// Replaces the first run of such bytes behind a random place.
    private mutating func replaceRun(_ bytes: inout [UInt8], with text: String, where belongs: (UInt8) -> Bool) {
        guard let start = bytes[below(bytes.count + 1)...].firstIndex(where: belongs) else { return }
        let end = bytes[start...].firstIndex { !belongs($0) } ?? bytes.endIndex
        bytes.replaceSubrange(start..<end, with: text.utf8)
    }
}
