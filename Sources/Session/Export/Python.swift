/// Values as Python writes them.
enum Python {
    static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    /// With a point or an exponent.
    static func real(_ value: Double) -> String { "\(value)" }

    static func word(_ value: Bool) -> String { value ? "True" : "False" }

    static func list(_ values: [Int]) -> String { "[" + values.map(String.init).joined(separator: ", ") + "]" }

    /// A text in double quotes.
    static func text(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: " ") + "\""
    }

    /// A text's words in lines of at most so many characters.
    static func wrapped(_ text: String, width: Int = 100) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            if lines[lines.count - 1].count + word.count + 1 > width, !lines[lines.count - 1].isEmpty {
                lines.append("")
            }
            lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
        }
        return lines.map { $0.replacing("\\", with: "/").replacing("\"\"\"", with: "'''") }
    }
}
