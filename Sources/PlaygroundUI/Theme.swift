import TerminalKit

/// The colours: the data's two, three greys, one accent, and a hue for each class.
public struct Theme: Sendable, Hashable {
    /// −1 and the negative class.
    public var negative: UInt32
    /// 0.
    public var zero: UInt32
    /// +1 and the positive class.
    public var positive: UInt32
    /// The focus and the keys.
    public var accent: UInt32
    /// Running, good news.
    public var good: UInt32
    /// The largest loss of several that did not diverge; the smallest is `good`.
    public var worst: UInt32
    /// Diverged, errors.
    public var bad: UInt32
    /// Text, quiet text, rules.
    public var text: Color
    public var quiet: Color
    public var faint: Color
    /// Behind the selected row, and behind the two bars.
    public var selection: Color
    public var bar: Color
    /// What "nothing" is where colours are mixed towards the background (links, bent grid).
    public var backdrop: UInt32
    public var classes: [UInt32]
    public var light: Bool

    public static let dark = Theme(
        negative: 0xF59322, zero: 0xE8EAEB, positive: 0x0877BD, accent: 0xFFD166, good: 0x7BD88F, worst: 0x6A6468,
        bad: 0xFF6B6B,
        text: .rgb(0xD8DCE3), quiet: .rgb(0x7C8290), faint: .rgb(0x3D424D), selection: .rgb(0x252B37),
        bar: .rgb(0x1B1F28), backdrop: 0x101216,
        classes: [0xF59322, 0x0877BD, 0x4CAF50, 0xD9489A, 0x8E6CD8, 0x2BB5B0, 0xC9A227, 0xE0533D, 0x7A8C99, 0xA86A3D],
        light: false)

    public static let light = Theme(
        negative: 0xE07B00, zero: 0xF4F4F4, positive: 0x0668A8, accent: 0x8A5A00, good: 0x1E7F38, worst: 0xA8A0A4,
        bad: 0xC62828,
        text: .rgb(0x1E2228), quiet: .rgb(0x666C78), faint: .rgb(0xC4C8D0), selection: .rgb(0xDDE6F2),
        bar: .rgb(0xECEEF2), backdrop: 0xFFFFFF,
        classes: [0xE07B00, 0x0668A8, 0x2E8B33, 0xC2277F, 0x6F4CC0, 0x11908B, 0x9C7A00, 0xC23A24, 0x5C6C78, 0x8A5228],
        light: true)
}

extension Theme {
    /// The diverging scale, −1 … 0 … 1, in 2·15 + 1 steps as in the TensorFlow Playground: between them nothing need be
    /// sent to the terminal.
    public func ramp(_ value: Float) -> UInt32 {
        guard value.isFinite else { return value > 0 ? positive : value < 0 ? negative : zero }
        let step = (min(abs(value), 1) * 15).rounded() / 15
        return mixColors(zero, value < 0 ? negative : positive, step)
    }

    /// A class where there are several; the two classes of one output are the negative and the positive one.
    public func color(ofClass index: Int) -> UInt32 { classes[max(0, index) % classes.count] }

    /// A colour that recedes towards the background: `strength` 1 is the colour itself.
    public func faded(_ color: UInt32, _ strength: Float) -> UInt32 { mixColors(backdrop, color, strength) }
}
