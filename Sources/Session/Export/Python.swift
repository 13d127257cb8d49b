import Basics

/// Values as Python writes them.
enum Python {
    static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    /// With a point or an exponent.
    static func real(_ value: Double) -> String { "\(value)" }

    static func word(_ value: Bool) -> String { value ? "True" : "False" }

    static func list(_ values: [Int]) -> String { "[" + values.map(String.init).joined(separator: ", ") + "]" }

    /// A text in double quotes, exactly: it may be a file's name.
    static func text(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "\"": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                quoted += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// A text between three quotes, which it does not end.
    static func comment(_ text: String) -> String {
        visibleLines(text).replacing("\\", with: "/").replacing("\"\"\"", with: "'''")
    }

    /// A comment's words in lines of at most so many characters.
    static func wrapped(_ text: String, width: Int = 100) -> [String] {
        var lines = [""]
        for word in comment(text).split(separator: " ") {
            if lines[lines.count - 1].count + word.count + 1 > width, !lines[lines.count - 1].isEmpty {
                lines.append("")
            }
            lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
        }
        return lines
    }
}
