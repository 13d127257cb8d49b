import Engine

/// "; did you mean “noise”?", or nothing when no name is near.
func offer(_ word: String, among names: [String]) -> String {
    NearestName.of(word, among: names).map { "; did you mean “\($0)”?" } ?? ""
}

/// Text from a file or a document as a message shows it: in quotes, at most 40 characters, without the control
/// characters that could steer a terminal.
func quoted(_ text: some StringProtocol) -> String {
    var shown = "“"
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
    return shown + "”"
}

extension Double {
    /// Without the ".0" of whole numbers.
    var plain: String {
        let text = "\(self)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
