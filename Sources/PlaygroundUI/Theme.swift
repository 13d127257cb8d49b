import Basics
import TerminalKit

/// The colours: the data's two, three greys, one accent, and a hue for each class.
public struct Theme: Sendable, Hashable {
    /// −1 and the negative class.
    public var negative: UInt32
    /// 0: near the ground, so that signs stand out from it.
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
    /// The colour of "nothing" where colours are mixed towards the background (links, bent grid).
    public var backdrop: UInt32
    public var classes: [UInt32]
    /// A race's curves and titles: hues that the data do not have, readable as text.
    public var runners: [UInt32]
    public var light: Bool
    /// Maps and the points on them.
    public var tones: ToneTables
    /// Of 256 colours the diverging scale, −1 … 0 … 1, in seven steps: those that come nearest to the mixed ones, without
    /// turning pink, violet, olive or green.
    public var rampOf256: [UInt32]
    /// Its own ground lies behind everything, in place of the terminal's.
    public var fillsGround = false

    public static let dark = Theme(
        negative: 0xF59322, zero: 0x20242B, positive: 0x0877BD, accent: 0xFFD166, good: 0x7BD88F, worst: 0x6A6468,
        bad: 0xFF6B6B,
        text: .rgb(0xD8DCE3), quiet: .rgb(0x7C8290), faint: .rgb(0x3D424D), selection: .rgb(0x252B37),
        bar: .rgb(0x1B1F28), backdrop: 0x101216,
        classes: [0xF59322, 0x0877BD, 0x4CAF50, 0xD9489A, 0x8E6CD8, 0x2BB5B0, 0xC9A227, 0xE0533D, 0x7A8C99, 0xA86A3D],
        runners: [0x7BD88F, 0xFF8FC7, 0xB79CFF, 0x4FD6D0],
        light: false, tones: .dark,
        rampOf256: [0xFF8700, 0xAF5F00, 0x875F00, 0x303030, 0x005F87, 0x005FAF, 0x0087D7])

    public static let light = Theme(
        negative: 0xE07B00, zero: 0xF4F4F4, positive: 0x0668A8, accent: 0x8A5A00, good: 0x1E7F38, worst: 0xA8A0A4,
        bad: 0xC62828,
        text: .rgb(0x1E2228), quiet: .rgb(0x5C626D), faint: .rgb(0xC4C8D0), selection: .rgb(0xDDE6F2),
        bar: .rgb(0xECEEF2), backdrop: 0xFFFFFF,
        classes: [0xE07B00, 0x0668A8, 0x2E8B33, 0xC2277F, 0x6F4CC0, 0x11908B, 0x9C7A00, 0xC23A24, 0x5C6C78, 0x8A5228],
        runners: [0x1E7F38, 0xB0186E, 0x6040B0, 0x0B7A75],
        light: true, tones: .light,
        rampOf256: [0xFF8700, 0xFFAF5F, 0xFFD7AF, 0xEEEEEE, 0xAFD7FF, 0x5FAFD7, 0x0087AF])
}

extension Theme {
    /// The diverging scale, −1 … 0 … 1, in steps between which nothing need be sent to the terminal: 2·15 + 1 of mixed
    /// colours; of 256 the table's; and of sixteen the grounds.
    public func ramp(_ value: Float, _ colors: Capabilities.Colors) -> UInt32 {
        let value = value.isNaN ? 0 : min(max(value, -1), 1)
        switch colors {
        case .truecolor, .none:
            return mixColors(zero, value < 0 ? negative : positive, (abs(value) * 15).rounded() / 15)
        case .palette256: return rampOf256[Int(bounded: ((value + 1) * 3).rounded())]
        case .palette16: return PlotTones.tones(self, colors, classes: 2).ground(value)
        }
    }

    /// A class where there are several; the two classes of one output are the negative and the positive one.
    public func color(ofClass index: Int) -> UInt32 { classes[max(0, index) % classes.count] }

    /// A colour that recedes towards the background: `strength` 1 is the colour itself.
    public func faded(_ color: UInt32, _ strength: Float) -> UInt32 { mixColors(backdrop, color, strength) }
}
