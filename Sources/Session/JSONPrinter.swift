import Basics

/// Writes JSON the way people do: what is short stands on one line.
enum JSONPrinter {
    private static let width = 100

    /// All on one line; `spaced`: with a space after each comma and colon.
    static func line(_ value: JSON, spaced: Bool) -> String {
        let gap = spaced ? " " : ""
        return switch value {
        case .null: "null"
        case .bool(let on): on ? "true" : "false"
        case .number(let value): number(value)
        case .string(let text): quoted(text)
        case .array(let elements):
            "[" + elements.map { line($0, spaced: spaced) }.joined(separator: ",\(gap)") + "]"
        case .object(let members):
            "{"
                + members.map { "\(quoted($0.key)):\(gap)\(line($0.value, spaced: spaced))" }.joined(
                    separator: ",\(gap)")
                + "}"
        }
    }

    /// A document: the outermost object has a line for each member, what is in it breaks only when it is long.
    static func pretty(_ value: JSON) -> String {
        if case .object(let members) = value, !members.isEmpty { return broken(members, indent: 0) }
        return nested(value, indent: 0, column: 0)
    }

    private static func nested(_ value: JSON, indent: Int, column: Int) -> String {
        let short = line(value, spaced: true)
        // One column stays free for the comma that may follow.
        if column + short.unicodeScalars.count < width { return short }
        switch value {
        case .object(let members) where !members.isEmpty: return broken(members, indent: indent)
        case .array(let elements) where !elements.isEmpty:
            return elements.allSatisfy(\.isFlat) ? filled(elements, indent: indent) : broken(elements, indent: indent)
        default: return short
        }
    }

    private static func broken(_ members: [JSON.Member], indent: Int) -> String {
        let inner = indent + 2
        let lines = members.map { member in
            let key = quoted(member.key) + ": "
            return spaces(inner) + key
                + nested(member.value, indent: inner, column: inner + key.unicodeScalars.count)
        }
        return "{\n" + lines.joined(separator: ",\n") + "\n" + spaces(indent) + "}"
    }

    private static func broken(_ elements: [JSON], indent: Int) -> String {
        let inner = indent + 2
        let lines = elements.map { spaces(inner) + nested($0, indent: inner, column: inner) }
        return "[\n" + lines.joined(separator: ",\n") + "\n" + spaces(indent) + "]"
    }

    /// Lists of numbers and points: as many on a line as fit.
    private static func filled(_ elements: [JSON], indent: Int) -> String {
        let inner = indent + 2
        var lines: [String] = []
        var current = ""
        for (index, element) in elements.enumerated() {
            let text = line(element, spaced: true) + (index + 1 < elements.count ? "," : "")
            if current.isEmpty {
                current = spaces(inner) + text
            } else if current.unicodeScalars.count + 1 + text.unicodeScalars.count <= width {
                current += " " + text
            } else {
                lines.append(current)
                current = spaces(inner) + text
            }
        }
        lines.append(current)
        return "[\n" + lines.joined(separator: "\n") + "\n" + spaces(indent) + "]"
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    /// The shortest text that reads back as the same number; null for what JSON cannot say (NaN and infinities).
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        return plainNumber(value)
    }

    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            default: out += escaped(scalar)
            }
        }
        return out + "\""
    }

    /// The scalar, or its escape where it would have to be shown as something else.
    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        guard Basics.visible(scalar) != scalar else { return String(scalar) }
        return UTF16.encode(scalar)!.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }

    /// A document's text as it was written, with escapes for the control characters that JSON allows within texts, and
    /// without what it allows between them beside line feeds and tabs.
    static func visible(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\n", "\t": String(scalar)
            case "\r", "\u{FEFF}": ""
            default: escaped(scalar)
            }
        }.joined()
    }
}

extension JSON {
    /// A single value, or a list of single values.
    fileprivate var isFlat: Bool {
        switch self {
        case .object: false
        case .array(let elements):
            elements.allSatisfy {
                if case .array = $0 { return false }
                if case .object = $0 { return false }
                return true
            }
        default: true
        }
    }
}
