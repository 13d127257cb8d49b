/// A colour as the drawing code means it; the painter brings it down to what the terminal has.
public enum Color: Sendable, Hashable {
    /// The terminal's own foreground or background.
    case standard
    /// 0xRRGGBB.
    case rgb(UInt32)
}

/// How a cell looks.
public struct Style: Sendable, Hashable {
    public var foreground: Color
    public var background: Color
    public var bold: Bool
    public var dim: Bool
    public var underline: Bool
    public var reverse: Bool

    public init(
        _ foreground: Color = .standard, on background: Color = .standard, bold: Bool = false, dim: Bool = false,
        underline: Bool = false, reverse: Bool = false
    ) {
        self.foreground = foreground
        self.background = background
        self.bold = bold
        self.dim = dim
        self.underline = underline
        self.reverse = reverse
    }

    public static let plain = Style()
}

/// The colours and glyphs that the terminal can show.
public struct Capabilities: Sendable, Hashable {
    public enum Colors: String, Sendable, CaseIterable { case truecolor, palette256 = "256", palette16 = "16", none }
    public enum Glyphs: String, Sendable, CaseIterable { case braille, block, ascii }
    public var colors: Colors
    public var glyphs: Glyphs
    public init(colors: Colors = .truecolor, glyphs: Glyphs = .braille) {
        self.colors = colors
        self.glyphs = glyphs
    }
}
