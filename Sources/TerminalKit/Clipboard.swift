import Basics

/// The sequence that hands a text to the terminal's clipboard (OSC 52).
/// - Parameters:
///   - term: the terminal's name; GNU screen hands on only what it is told to.
///   - tmux: the terminal is tmux, which understands the sequence itself.
func clipboardSequence(_ text: String, term: String, tmux: Bool) -> String {
    let sequence = "\u{1B}]52;c;\(base64(Array(text.utf8)))\u{07}"
    return term.hasPrefix("screen") && !tmux ? "\u{1B}P\(sequence)\u{1B}\\" : sequence
}
