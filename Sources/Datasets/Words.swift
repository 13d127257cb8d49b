import Engine

/// "; did you mean “noise”?", or nothing when no name is near.
func offer(_ word: String, among names: [String]) -> String {
    NearestName.of(word, among: names).map { "; did you mean \(quoted($0))?" } ?? ""
}

/// "1 row", "2 rows".
func plural(_ count: Int, _ word: String) -> String {
    "\(count) \(word)\(count == 1 ? "" : "s")"
}

extension Double {
    /// Without the ".0" of whole numbers.
    var plain: String {
        let text = "\(self)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
