import Engine
import Session
import TerminalKit

/// A palette of colours for a dark and for a light ground: one record in one file, listed in `ColorPalette.all`.
public struct ColorPalette: Sendable, Hashable {
    public var id: String
    /// One line of the command that chooses it.
    public var summary: String
    var dark: Theme
    var light: Theme

    public static let all = [standard, highContrast, colourBlind]

    public static let standard = ColorPalette(
        id: "standard", summary: "colours: the standard palette", dark: .dark, light: .light)

    public func theme(light isLight: Bool) -> Theme { isLight ? light : dark }

    public static func named(_ id: String) -> ColorPalette? { all.first { $0.id == id } }

    /// The one that the variable LAYERCAKE_PALETTE names; nil: it names none.
    public static func ofEnvironment() throws(ExperimentError) -> ColorPalette? {
        let name = "LAYERCAKE_PALETTE"
        guard let id = Files.environment(name) else { return nil }
        if let palette = named(id) { return palette }
        throw ExperimentError(
            .arguments, place: name,
            message: "no such palette as \(quoted(id)); \(NearestName.advice(id, among: all.map(\.id)))")
    }

    /// The commands that choose one.
    static let commands = all.map { palette in
        Command("palette.\(palette.id)", palette.summary, keys: []) { $0.choose(palette: palette) }.during(.walk)
    }
}

extension App {
    mutating func choose(palette: ColorPalette) {
        self.palette = palette
        theme = palette.theme(light: theme.light)
        notice = Notice(palette.summary)
    }
}

extension Canvas {
    /// Puts a ground and a colour of text where the terminal's own would be, at full strength.
    mutating func fillGround(_ ground: Color, text: Color) {
        restyle(bounds) { style in
            if style.background == .standard { style.background = ground }
            if style.foreground == .standard { style.foreground = text }
            style.dim = false
        }
    }
}
