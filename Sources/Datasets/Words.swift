import Engine

/// "; did you mean “noise”?", or nothing when no name is near.
func offer(_ word: String, among names: [String]) -> String {
    NearestName.of(word, among: names).map { "; did you mean \(quoted($0))?" } ?? ""
}

/// The note on names that differ in case or blanks alone, which are easily one by mistake; nil: there are none.
/// - Parameter what: "the classes".
func variantsNote(_ names: [String], of what: String) -> String? {
    func folded(_ name: String) -> String {
        name.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    let groups = Dictionary(grouping: names, by: folded)
    let variants = names.compactMap { name in
        groups[folded(name)].flatMap { $0.count > 1 && $0[0] == name ? $0 : nil }
    }
    guard !variants.isEmpty else { return nil }
    let words = variants.map { listed($0.map { "“\(visibleText($0))”" }) }
    return "\(what) \(words.joined(separator: "; ")) differ in case or blanks alone, and are told apart"
}

extension Double {
    /// Without the ".0" of whole numbers.
    var plain: String {
        let text = "\(self)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
