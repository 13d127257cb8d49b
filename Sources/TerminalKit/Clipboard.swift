/// The sequence that hands a text to the terminal's clipboard (OSC 52).
/// - Parameters:
///   - term: the terminal's name; GNU screen hands on only what it is told to.
///   - tmux: the terminal is tmux, which understands the sequence itself.
func clipboardSequence(_ text: String, term: String, tmux: Bool) -> String {
    let sequence = "\u{1B}]52;c;\(base64(Array(text.utf8)))\u{07}"
    return term.hasPrefix("screen") && !tmux ? "\u{1B}P\(sequence)\u{1B}\\" : sequence
}

private func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        for place in 0..<4 {
            text.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : "=")
        }
    }
    return text
}
