/// "1 row", "2 rows", "2 classes".
public func plural(_ count: Int, _ word: String) -> String { "\(count) \(word)\(ending(of: word, count))" }

/// "1 step", "1,200 steps".
public func formatCount(_ count: Int, _ word: String) -> String {
    "\(formatCount(count)) \(word)\(ending(of: word, count))"
}

private func ending(of word: String, _ count: Int) -> String { count == 1 ? "" : word.hasSuffix("s") ? "es" : "s" }

extension String {
    /// Whether there is nothing to read: no character, or blanks alone.
    public var isBlank: Bool { allSatisfy(\.isWhitespace) }
}

/// "999 B", "1.5 kB", "12 GB".
public func byteWords(_ count: Int) -> String {
    var value = Double(count)
    var unit = "B"
    for larger in ["kB", "MB", "GB", "TB"] where value >= 999.5 {
        value /= 1000
        unit = larger
    }
    let isWhole = unit == "B" || (value >= 9.95 && unit != "TB")
    let rounded = isWhole ? value.rounded() : (value * 10).rounded() / 10
    let text = "\(rounded)"
    return "\(text.hasSuffix(".0") ? String(text.dropLast(2)) : text) \(unit)"
}
