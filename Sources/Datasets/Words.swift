/// The name among `names` that is fewest edits away from `word`, if it is near enough to be meant: at most a third
/// of the word's letters, and at least one, may differ.
func nearestName(to word: String, among names: [String]) -> String? {
    // A distance needs time in the product of the lengths, so absurdly long words are not compared.
    guard word.utf8.count <= 64 else { return nil }
    let lowered = Array(word.lowercased())
    var best: (name: String, distance: Int)?
    for name in names where name.utf8.count <= 64 {
        let distance = editDistance(lowered, Array(name.lowercased()))
        if distance <= max(1, lowered.count / 3), distance < best?.distance ?? .max { best = (name, distance) }
    }
    return best?.name
}

/// Insertions, deletions and replacements from one word to the other (Levenshtein 1966).
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var previous = Array(0...b.count)
    for (i, letter) in a.enumerated() {
        var row = [i + 1]
        for (j, other) in b.enumerated() {
            row.append(min(previous[j] + (letter == other ? 0 : 1), previous[j + 1] + 1, row[j] + 1))
        }
        previous = row
    }
    return previous[b.count]
}

/// Text from a file or a document as a message shows it: in quotes, at most 40 characters, without the control
/// characters that could steer a terminal.
func quoted(_ text: some StringProtocol) -> String {
    var shown = "\""
    for (index, scalar) in text.unicodeScalars.enumerated() {
        if index == 40 {
            shown += "…"
            break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: shown += "\u{FFFD}"
        default: shown.unicodeScalars.append(scalar)
        }
    }
    return shown + "\""
}

extension Double {
    /// Without the ".0" of whole numbers.
    var plain: String {
        let text = "\(self)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
