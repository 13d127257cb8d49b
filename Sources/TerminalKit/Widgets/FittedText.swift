// Numbers and texts fitted into so many columns. A module that draws writes numbers too: with this one it has the formats of
// Basics.
@_exported import Basics

/// A number of which so many decimals would show zeros alone, as a power of ten: "3.2e−7", where columns are few "3e−7".
/// - Returns: nil: the decimals show some of it, or it is 0 or not finite.
public func formatTiny(_ value: Double, decimals: Int, columns: Int) -> String? {
    guard value.isFinite, value != 0, formatFixed(abs(value), decimals: decimals).allSatisfy({ $0 == "0" || $0 == "." })
    else { return nil }
    let text = formatScientific(value, digits: 2)
    return columnWidth(text) <= columns ? text : formatScientific(value, digits: 1)
}

/// Text right-aligned in `width` columns.
public func padLeft(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - columnWidth(text))) + text
}

/// Text left-aligned in `width` columns.
public func padRight(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - columnWidth(text)))
}

/// The first characters of a text that fit into so many columns.
public func beginning(of text: String, columns: Int) -> String {
    var cut = ""
    for character in text {
        guard columnWidth(cut) + columnWidth(String(character)) <= columns else { break }
        cut.append(character)
    }
    return cut
}

/// The last characters of a text that fit into so many columns.
public func ending(of text: String, columns: Int) -> String {
    String(beginning(of: String(text.reversed()), columns: columns).reversed())
}
