import Engine

/// "; did you mean “noise”?", or nothing when no name is near.
func offer(_ word: String, among names: [String]) -> String {
    NearestName.of(word, among: names).map { "; did you mean \(quoted($0))?" } ?? ""
}

extension Double {
    /// Without the ".0" of whole numbers.
    var plain: String {
        let text = "\(self)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
