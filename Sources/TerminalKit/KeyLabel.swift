extension Key {
    /// "q", "space", "ctrl-c", "←", "⇥", "F1": how hints and help write it.
    public var label: String { label(glyphs: .braille) }

    /// The label in the glyphs that a terminal has: with `ascii`, "left" and "tab" in place of "←" and "⇥".
    public func label(glyphs: Capabilities.Glyphs) -> String {
        var text = ""
        if control { text += "ctrl-" }
        if alt { text += "alt-" }
        if shift { text += "shift-" }
        switch code {
        case .character(" "): text += "space"
        case .character(let scalar): text.unicodeScalars.append(scalar)
        case .function(let number): text += "F\(number)"
        default:
            let names = Key.names.first { $0.code == code }!
            text += glyphs == .ascii ? names.word : names.glyph
        }
        return text
    }

    /// The reverse of `label`, for tables of keys: `Key("ctrl-c")`, `Key("space")`, `Key("left")`, `Key("A")`.
    ///
    /// Names are read in any case; a single character is itself, so "A" is shift-a and "-" is the minus key.
    public init?(_ label: String) {
        var rest = Substring(label)
        var held: Set<Modifier> = []
        while rest.unicodeScalars.count > 1, let dash = rest.dropFirst().firstIndex(of: "-"),
            rest.index(after: dash) < rest.endIndex
        {
            guard let modifier = Self.modifiers[rest[..<dash].lowercased()] else { return nil }
            held.insert(modifier)
            rest = rest[rest.index(after: dash)...]
        }
        let (control, alt, shift) = (held.contains(.control), held.contains(.alt), held.contains(.shift))
        let scalars = rest.unicodeScalars
        if let known = Key.names.first(where: { $0.glyph == rest }) {
            self.init(known.code, control: control, shift: shift, alt: alt)
        } else if scalars.count == 1, let scalar = scalars.first {
            let lower = control ? scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar : scalar
            self.init(.character(lower), control: control, shift: shift, alt: alt)
        } else {
            let word = rest.lowercased()
            if word == "space" {
                self.init(.character(" "), control: control, shift: shift, alt: alt)
            } else if word == "tab" && shift {
                self.init(.backTab, control: control, alt: alt)
            } else if let known = Key.names.first(where: { $0.word == word || $0.others.contains(word) }) {
                self.init(known.code, control: control, shift: shift, alt: alt)
            } else if word.first == "f", let number = Int(word.dropFirst()), (1...63).contains(number) {
                self.init(.function(number), control: control, shift: shift, alt: alt)
            } else {
                return nil
            }
        }
    }

    /// The words that name a key: "up", "space", …
    public static var words: [String] { ["space"] + names.map(\.word) }

    private enum Modifier { case control, alt, shift }

    /// The words before a dash.
    private static let modifiers: [String: Modifier] = [
        "ctrl": .control, "control": .control, "alt": .alt, "meta": .alt, "shift": .shift,
    ]

    private static let names: [(code: Code, glyph: String, word: String, others: [String])] = [
        (.up, "↑", "up", []), (.down, "↓", "down", []), (.left, "←", "left", []), (.right, "→", "right", []),
        (.home, "home", "home", []), (.end, "end", "end", []), (.pageUp, "pgup", "pgup", ["pageup"]),
        (.pageDown, "pgdn", "pgdn", ["pagedown"]), (.enter, "⏎", "enter", ["return"]),
        (.escape, "esc", "esc", ["escape"]), (.tab, "⇥", "tab", []), (.backTab, "⇤", "shift-tab", ["backtab"]),
        (.backspace, "⌫", "backspace", []), (.delete, "del", "del", ["delete"]), (.insert, "ins", "ins", ["insert"]),
    ]
}
