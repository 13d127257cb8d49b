/// A cell as spreadsheets read it (RFC 4180): in quotes where it holds a comma, a quote or a line's end, or begins or ends
/// with a blank.
public func csvCell(_ text: String) -> String {
    let isPlain = !text.utf8.contains { [0x2C, 0x22, 0x0A, 0x0D].contains($0) }
    guard !isPlain || text.first == " " || text.last == " " else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}
