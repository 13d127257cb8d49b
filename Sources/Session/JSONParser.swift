import Basics

/// Reads JSON (RFC 8259) in order, with the line and column of every mistake. A key that stands twice is a mistake.
struct JSONParser {
    /// Deeper documents are refused before they exhaust the stack. A network's blocks take four levels each
    /// (`NetworkDescription.deepestBlock`).
    static let depthLimit = 1024

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        if scalars.first == "\u{FEFF}" { position = 1 }
    }

    mutating func document() throws(ExperimentError) -> JSON {
        let value = try value()
        skipSpace()
        if position < scalars.count { throw mistake("expected the end of the document, found \(found)") }
        return value
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    /// The text at the present position, for messages.
    private var found: String {
        guard let next else { return "the end of the text" }
        return quoted(String(next))
    }

    private func mistake(_ message: String, at place: Int? = nil) -> ExperimentError {
        let before = scalars[..<min(place ?? position, scalars.count)]
        let line = before.count { $0 == "\n" } + 1
        let column = before.count - (before.lastIndex(of: "\n").map { $0 + 1 } ?? 0) + 1
        return ExperimentError(.malformed, place: "\(line):\(column)", message: message)
    }

    private mutating func skipSpace() {
        while let next, next == " " || next == "\n" || next == "\r" || next == "\t" { position += 1 }
    }

    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(ExperimentError) -> JSON {
        skipSpace()
        switch next {
        case "{": return try nested { parser throws(ExperimentError) in try parser.object() }
        case "[": return try nested { parser throws(ExperimentError) in try parser.array() }
        case "\"": return .string(try string())
        case "-", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9": return .number(try number())
        default: return try word()
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(ExperimentError) -> JSON
    ) throws(ExperimentError) -> JSON {
        guard depth < Self.depthLimit else {
            throw mistake(
                "lists and objects are nested too deep; expected at most \(Self.depthLimit) inside each other")
        }
        depth += 1
        position += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(ExperimentError) -> JSON {
        var members: [JSON.Member] = []
        var keys: Set<String> = []
        if skip("}") { return .object([]) }
        repeat {
            skipSpace()
            let start = position
            guard next == "\"" else { throw mistake("expected a key in double quotes, found \(found)") }
            let key = try string()
            guard keys.insert(key).inserted else {
                throw mistake("the key \(quoted(key)) stands twice", at: start)
            }
            guard skip(":") else { throw mistake("expected “:” after the key \(quoted(key)), found \(found)") }
            members.append(JSON.Member(key, try value()))
        } while skip(",")
        guard skip("}") else { throw mistake("expected “,” or “}”, found \(found)") }
        return .object(members)
    }

    private mutating func array() throws(ExperimentError) -> JSON {
        var elements: [JSON] = []
        if skip("]") { return .array([]) }
        repeat { elements.append(try value()) } while skip(",")
        guard skip("]") else { throw mistake("expected “,” or “]”, found \(found)") }
        return .array(elements)
    }

    private mutating func word() throws(ExperimentError) -> JSON {
        let start = position
        var word = ""
        while let next, next.properties.isAlphabetic || ("0"..."9").contains(next) {
            word.unicodeScalars.append(next)
            position += 1
        }
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "":
            throw mistake("expected a value, found \(found)")
        default:
            throw mistake(
                "expected a value, found \(quoted(word)); a text stands in double quotes", at: start)
        }
    }

    private mutating func number() throws(ExperimentError) -> Double {
        let start = position
        func isDigit(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { ("0"..."9").contains($0) } ?? false }
        if next == "-" { position += 1 }
        let leadingZero = next == "0"
        let whole = position
        while isDigit(next) { position += 1 }
        var wellFormed = position > whole && !(leadingZero && position > whole + 1)
        if next == "." {
            position += 1
            wellFormed = wellFormed && isDigit(next)
            while isDigit(next) { position += 1 }
        }
        if next == "e" || next == "E" {
            position += 1
            if next == "+" || next == "-" { position += 1 }
            wellFormed = wellFormed && isDigit(next)
            while isDigit(next) { position += 1 }
        }
        let text = String(String.UnicodeScalarView(scalars[start..<position]))
        guard wellFormed, let number = Double(text) else {
            throw mistake("\(quoted(text)) is not a number as JSON writes them", at: start)
        }
        guard number.isFinite else { throw mistake("the number \(quoted(text)) is too large", at: start) }
        return number
    }

    private mutating func string() throws(ExperimentError) -> String {
        let start = position
        position += 1
        var text = String.UnicodeScalarView()
        while let scalar = next, scalar != "\"" {
            guard scalar.value >= 32 else {
                throw mistake("a text must end on its line; write a line break as \\n", at: start)
            }
            position += 1
            text.append(scalar == "\\" ? try escaped() : scalar)
        }
        guard next == "\"" else { throw mistake("this text has no closing quote", at: start) }
        position += 1
        return String(text)
    }

    private mutating func escaped() throws(ExperimentError) -> Unicode.Scalar {
        let start = position - 1
        let letter = next
        position += 1
        switch letter {
        case "\"", "\\", "/": return letter!
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            let first = try codeUnit(from: start)
            if let scalar = Unicode.Scalar(first) { return scalar }
            // The upper half of a surrogate pair: the lower one must follow.
            if first < 0xDC00, next == "\\", position + 1 < scalars.count, scalars[position + 1] == "u" {
                position += 2
                let second = try codeUnit(from: start)
                if (0xDC00...0xDFFF).contains(second),
                    let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
                {
                    return scalar
                }
            }
            throw mistake("half a surrogate pair", at: start)
        default:
            throw mistake("unknown escape; a backslash itself is written \\\\", at: start)
        }
    }

    /// The four hexadecimal digits after "\u".
    private mutating func codeUnit(from start: Int) throws(ExperimentError) -> UInt32 {
        let end = position + 4
        guard end <= scalars.count,
            scalars[position..<end].allSatisfy(\.properties.isASCIIHexDigit),
            let unit = UInt32(String(String.UnicodeScalarView(scalars[position..<end])), radix: 16)
        else { throw mistake("\\u needs four hexadecimal digits", at: start) }
        position = end
        return unit
    }
}
