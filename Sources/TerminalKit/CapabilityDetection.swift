/// The terminfo database's facts about a terminal.
public struct TerminalDescription: Sendable, Hashable {
    /// The number of colours; below 8 when it has none.
    public var colors: Int
    /// The flag RGB or Tc.
    public var directColor: Bool
    public init(colors: Int, directColor: Bool) {
        self.colors = colors
        self.directColor = directColor
    }
}

extension Capabilities {
    /// Finds out what the terminal can show.
    ///
    /// Colours: what the user asks for; else none when NO_COLOR is set and not empty, or the terminal is one without;
    /// else the most that COLORTERM, TERM's name and terminfo promise. Glyphs: what the user asks for; else ASCII when
    /// the locale is not UTF-8; else blocks on the Linux console, whose font has no braille; else braille.
    /// - Parameters:
    ///   - environment: the value of an environment variable.
    ///   - description: nil when terminfo cannot be asked: TERM's name decides then.
    public static func detect(
        environment: (String) -> String?, isUTF8: Bool, description: TerminalDescription?, colors: Colors? = nil,
        glyphs: Glyphs? = nil
    ) -> Capabilities {
        Capabilities(
            colors: colors ?? detectColors(environment, description),
            glyphs: glyphs ?? detectGlyphs(environment("TERM") ?? "", isUTF8: isUTF8))
    }

    private static func detectColors(
        _ environment: (String) -> String?, _ description: TerminalDescription?
    ) -> Colors {
        if environment("NO_COLOR").map({ !$0.isEmpty }) == true { return .none }
        let term = environment("TERM") ?? ""
        if term.isEmpty || colorless.contains(where: { term.hasPrefix($0) }) { return .none }
        let promised = environment("COLORTERM")?.lowercased() ?? ""
        if isScreen(environment) { return .palette256 }
        if promised == "truecolor" || promised == "24bit" || description?.directColor == true
            || term.hasSuffix("-direct") || direct.contains(where: { term.hasPrefix($0) })
        {
            return .truecolor
        }
        let count = description?.colors ?? (term.contains("256color") ? 256 : 8)
        if count >= 256 || term.hasSuffix("256color") { return .palette256 }
        return count >= 8 ? .palette16 : .none
    }

    /// Whether the program runs in GNU screen, which hands COLORTERM on from the terminal around it, but shows 256 colours
    /// itself. Over ssh its STY is not seen; tmux, whose TERM may be "screen" too, is told apart by TMUX.
    static func isScreen(_ environment: (String) -> String?) -> Bool {
        func isSet(_ name: String) -> Bool { environment(name).map { !$0.isEmpty } == true }
        return !isSet("TMUX") && (isSet("STY") || environment("TERM")?.hasPrefix("screen") == true)
    }

    private static func detectGlyphs(_ term: String, isUTF8: Bool) -> Glyphs {
        if !isUTF8 || term.isEmpty || colorless.contains(where: { term.hasPrefix($0) }) { return .ascii }
        return term == "linux" || term.hasPrefix("linux-") ? .block : .braille
    }

    private static let colorless = ["dumb", "vt1", "vt2", "vt3", "vt4", "vt5", "ansi-m", "unknown"]
    /// Terminals that have 24-bit colour in every version that one meets, and whose terminfo entries seldom say so.
    private static let direct = ["xterm-kitty", "alacritty", "foot", "xterm-ghostty", "ghostty", "wezterm", "contour"]
}

/// Whether COLORFGBG ("15;0": foreground; background) tells of a light background; nil when it tells nothing.
func lightBackground(colorFGBG: String?) -> Bool? {
    guard let last = colorFGBG?.split(separator: ";").last, let index = Int(last), (0..<16).contains(index) else {
        return nil
    }
    return index == 7 || index >= 9
}

/// Whether a terminal's answer to OSC 11, "11;rgb:ffff/ffff/ffff", is a light colour; nil when it is not understood.
func lightBackground(reply: String) -> Bool? {
    guard reply.hasPrefix("11;rgb") else { return nil }
    guard let colon = reply.firstIndex(of: ":") else { return nil }
    let parts = reply[reply.index(after: colon)...].split(separator: "/")
    let levels = parts.prefix(3).compactMap { part -> Double? in
        guard (1...4).contains(part.count), let value = UInt16(part, radix: 16) else { return nil }
        return Double(value) / Double((1 << (4 * part.count)) - 1)
    }
    guard levels.count == 3 else { return nil }
    return 0.299 * levels[0] + 0.587 * levels[1] + 0.114 * levels[2] > 0.5
}
