import Basics

/// One cell as the terminal is told to show it: colours brought down to what it has, all that cannot be seen made equal.
struct ShownCell: Equatable {
    struct Attributes: OptionSet {
        let rawValue: UInt8
        static let bold = Attributes(rawValue: 1)
        static let dim = Attributes(rawValue: 2)
        static let underline = Attributes(rawValue: 4)
        static let reverse = Attributes(rawValue: 8)
    }
    /// 0: the second half of a wide character.
    var scalar: UInt32
    /// 0 is the terminal's own; `direct` + 0xRRGGBB; `indexed` + a palette's entry.
    var foreground: UInt32 = 0
    var background: UInt32 = 0
    var attributes: Attributes = []

    static let direct: UInt32 = 1 << 24
    static let indexed: UInt32 = 2 << 24
    static let blank = ShownCell(scalar: 0x20)
    static let continuation = ShownCell(scalar: 0)
    /// Equal to no cell: what the terminal shows is unknown.
    static let unknown = ShownCell(scalar: .max)

    func hasStyle(of other: ShownCell) -> Bool {
        foreground == other.foreground && background == other.background && attributes == other.attributes
    }

    /// Whether this is a space that looks the same in `pen`, whatever that pen's foreground and weight.
    func canBeWritten(with pen: ShownCell) -> Bool {
        scalar == 0x20 && attributes.isEmpty && background == pen.background
            && pen.attributes.isDisjoint(with: [.underline, .reverse])
    }

    /// The same look from the other half block: ▀ in one colour on another is ▄ in the other on the one.
    var mirrored: ShownCell? {
        guard scalar == 0x2580 || scalar == 0x2584, attributes.isEmpty, foreground != 0, background != 0 else {
            return nil
        }
        var other = self
        other.scalar = scalar ^ (0x2580 ^ 0x2584)
        (other.foreground, other.background) = (background, foreground)
        return other
    }

    /// How many colours must be named when this is written after `pen`.
    func newColors(after pen: ShownCell) -> Int {
        (foreground == pen.foreground ? 0 : 1) + (background == pen.background ? 0 : 1)
    }
}

/// Brings cells down to what the terminal has.
struct CellResolver {
    let capabilities: Capabilities
    /// The search in a palette is slow; a place per hash remembers the last colour that came there.
    private var remembered: [(color: UInt32, index: UInt8)]

    init(capabilities: Capabilities) {
        self.capabilities = capabilities
        let usesPalette = capabilities.colors == .palette16 || capabilities.colors == .palette256
        remembered = usesPalette ? Array(repeating: (.max, 0), count: 1024) : []
    }

    /// - Parameter wide: whether the cell's character is wide and its continuation follows.
    mutating func resolve(_ cell: Cell, wide: Bool) -> ShownCell {
        if cell.scalar.value == 0 { return .continuation }
        var shown = ShownCell(scalar: visible(cell.scalar).value)
        if !wide && shown.scalar >= 0x300 && columnWidth(cell.scalar) != 1 { shown.scalar = 0x20 }
        if capabilities.glyphs == .ascii {
            shown.scalar = asciiSubstitute(Unicode.Scalar(shown.scalar)!).value
        } else if capabilities.glyphs == .block && shown.scalar & ~0xFF == 0x2800 {
            shown.scalar = quadrantGlyph(brailleDots: UInt8(shown.scalar & 0xFF)).value
        }
        let style = cell.style
        if style.bold { shown.attributes.insert(.bold) }
        if style.dim && capabilities.colors != .none { shown.attributes.insert(.dim) }
        if style.underline { shown.attributes.insert(.underline) }
        if style.reverse { shown.attributes.insert(.reverse) }
        let half = shown.scalar == 0x2580 || shown.scalar == 0x2584
        if capabilities.colors != .none {
            shown.foreground = code(style.foreground, background: false)
            shown.background = code(style.background, background: !half)
            // A dimmed half would still show on the same colour.
            if half && shown.foreground == shown.background && shown.attributes.isEmpty { shown.scalar = 0x20 }
        }
        if shown.scalar == 0x20 {
            if !style.underline && !style.reverse {
                shown.foreground = 0
                shown.attributes = []
            }
        } else if !half && shown.foreground == shown.background && shown.foreground != 0
            && style.foreground != style.background,
            case .rgb(let ground) = style.background
        {
            // Two different colours fell on the same entry: the character would vanish.
            let (black, white): (UInt32, UInt32) = capabilities.colors == .palette16 ? (0, 15) : (16, 231)
            shown.foreground = ShownCell.indexed | (contrast(ground) == 0 ? black : white)
        }
        return shown
    }

    private mutating func code(_ color: Color, background: Bool) -> UInt32 {
        guard case .rgb(let rgb) = color else { return 0 }
        switch capabilities.colors {
        case .none: return 0
        case .truecolor: return ShownCell.direct | rgb & 0xFFFFFF
        case .palette256, .palette16:
            let sixteen = capabilities.colors == .palette16
            let place = Int((rgb &* 0x9E37_79B1) >> 22)
            if remembered[place].color != rgb {
                remembered[place] = (rgb, sixteen ? nearestOf16(rgb) : nearestOf256(rgb))
            }
            let index = remembered[place].index
            return ShownCell.indexed | UInt32(sixteen && background ? stoodOff(rgb, index) : index)
        }
    }

    /// The background of a selected row is a little lighter or darker than the screen's; among sixteen colours it must
    /// not fall together with black or white.
    private func stoodOff(_ rgb: UInt32, _ index: UInt8) -> UInt8 {
        let brightest = max(rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255)
        let darkest = min(rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255)
        if index == 0 && brightest >= 0x30 { return 8 }
        if index == 15 && darkest <= 0xE0 { return 7 }
        return index
    }
}
