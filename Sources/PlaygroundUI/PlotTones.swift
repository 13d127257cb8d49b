import Basics
import TerminalKit

/// The colours of maps and of the points on them: every ink can be read on what is behind it, with a contrast of at
/// least 4.5:1 (WCAG 2.1) in the terminal's own palette. On a dark theme maps are dark and points bright, on a light one
/// the other way round.
public struct PlotTones: Sendable, Hashable {
    /// Behind points, for each class where the network is sure; the first two are also −1 and +1.
    let grounds: [UInt32]
    /// For the points of each class, likewise.
    let inks: [UInt32]
    /// Where the network is undecided.
    let zeroGround: UInt32
    /// A value in the middle of a regression's range.
    let zeroInk: UInt32
    /// From −1 to 1 where mixed colours would not be in the palette; empty: mixed.
    let shades: [UInt32]
    /// Behind points that lie on a curve, or nil: no such colour is far enough from the inks.
    let curveGround: UInt32?
    /// Every ink can be read on its own class' ground, but not on each of the others.
    var inksNeedGrounds = false

    /// - Parameter classes: how many the picture tells apart, 2 for one value.
    static func tones(_ theme: Theme, _ colors: Capabilities.Colors, classes: Int) -> PlotTones {
        switch colors {
        case .truecolor, .none: theme.tones.mixed
        case .palette256: classes > 2 ? theme.tones.classesOf256 : theme.tones.of256
        case .palette16: classes > 2 ? theme.tones.classesOf16 : theme.tones.of16
        }
    }

    /// Whether the grounds tell the classes apart; where they do not, a texture must.
    func hasGrounds(classes: Int) -> Bool { classes <= 2 || grounds.count > 2 }

    /// The ground of a value in −1…1; NaN is undecided.
    func ground(_ value: Float) -> UInt32 {
        if value.isNaN { return zeroGround }
        let value = min(max(value, -1), 1)
        if !shades.isEmpty { return shades[Int(bounded: ((value + 1) / 2 * Float(shades.count - 1)).rounded())] }
        let step = (abs(value) * 15).rounded() / 15
        return mixColors(zeroGround, grounds[value < 0 ? 0 : 1], step)
    }

    /// - Parameter confidence: 0…1.
    func ground(ofClass index: Int, confidence: Float) -> UInt32 {
        let ground = grounds[max(0, index) % grounds.count]
        if !shades.isEmpty { return confidence < 0.3 ? zeroGround : ground }
        // Ten steps: what hardly changes need not be sent again.
        return mixColors(zeroGround, ground, (min(max(confidence, 0), 1) * 10).rounded() / 10)
    }

    func ink(ofClass index: Int) -> UInt32 { inks[max(0, index) % inks.count] }

    /// The colour behind a point: the map's, or the undecided one where the ink could not be read on that.
    func ground(behind ink: UInt32, on ground: UInt32) -> UInt32 {
        inksNeedGrounds && contrastRatio(ink, ground) < 4.5 ? zeroGround : ground
    }

    /// The ink of a value in −1…1.
    func ink(_ value: Float) -> UInt32 {
        if value.isNaN { return zeroInk }
        let value = min(max(value, -1), 1)
        if !shades.isEmpty { return value < -0.33 ? inks[0] : value > 0.33 ? inks[1] : zeroInk }
        return mixColors(zeroInk, inks[value < 0 ? 0 : 1], (abs(value) * 7).rounded() / 7)
    }

    // MARK: The tables

    // Theme.dark.classes, darkened to a luminance of 0.07, and brightened to 0.5 and more.
    static let dark = PlotTones(
        grounds: [
            0x6F4009, 0x034E7F, 0x215523, 0x82285B, 0x543F82, 0x0F5451, 0x5C490C, 0x852E20, 0x424C54, 0x6A4123,
        ],
        inks: [0xFFA861, 0x8ABFFF, 0x5DD362, 0xFF9ECD, 0xC5B0FF, 0x33D0CA, 0xE2B62D, 0xFFA39C, 0xB4C6D3, 0xE6B48C],
        zeroGround: 0x191C22, zeroInk: 0xE8EAEB, shades: [], curveGround: 0x2C3038)

    // Theme.light.classes, paled to 0.57, and darkened to 0.085.
    static let light = PlotTones(
        grounds: [
            0xF0BF85, 0xA9CBE3, 0xABD1AD, 0xEBB9D5, 0xD0C4EC, 0x9FD2D0, 0xD9CA97, 0xEDBAB2, 0xC2C8CD, 0xDEC2B0,
        ],
        inks: [0x7F4300, 0x04568C, 0x1D5F20, 0x991C63, 0x5D3FA2, 0x075C59, 0x674F00, 0x982B1A, 0x47545E, 0x784621],
        zeroGround: 0xFFFFFF, zeroInk: 0x33363B, shades: [], curveGround: 0xE2E5EA)

    static let darkOf256 = PlotTones(
        grounds: [0x875F00, 0x005F87], inks: [0xFFFF5F, 0x5FFFFF], zeroGround: 0x303030, zeroInk: 0xFFFFFF,
        shades: [0x875F00, 0x5F5F00, 0x303030, 0x005F5F, 0x005F87], curveGround: 0x303030)

    static let darkClassesOf256 = PlotTones(
        grounds: [
            0x875F00, 0x005F87, 0x005F00, 0x87005F, 0x5F00AF, 0x005F5F, 0x5F5F00, 0x870000, 0x444444, 0x5F0000,
        ],
        inks: [0xFFFF87, 0xAFD7FF, 0x87FF87, 0xFFAFD7, 0xD7AFFF, 0x5FFFD7, 0xFFFF00, 0xFFAFAF, 0xE4E4E4, 0xFFD7AF],
        zeroGround: 0x262626, zeroInk: 0xFFFFFF, shades: [0x875F00, 0x5F5F00, 0x262626, 0x005F5F, 0x005F87],
        curveGround: 0x262626, inksNeedGrounds: true)

    static let lightOf256 = PlotTones(
        grounds: [
            0xFFD787, 0xAFD7FF, 0xAFFFAF, 0xFFD7FF, 0xD7D7FF, 0xAFFFFF, 0xFFFF87, 0xFFD7D7, 0xE4E4E4, 0xFFD7AF,
        ],
        inks: [0x870000, 0x005F87, 0x005F00, 0xAF005F, 0x5F00AF, 0x005F5F, 0x4E4E4E, 0xAF0000, 0x585858, 0x5F0000],
        zeroGround: 0xFFFFFF, zeroInk: 0x303030, shades: [0xFFD787, 0xFFD7AF, 0xFFFFFF, 0xD7FFFF, 0xAFD7FF],
        curveGround: 0xE4E4E4)

    static let darkOf16 = PlotTones(
        grounds: [1, 4].map(colorOf16), inks: [11, 14].map(colorOf16), zeroGround: colorOf16(0),
        zeroInk: colorOf16(15), shades: [1, 0, 4].map(colorOf16), curveGround: nil)

    // More than two classes have no grounds: their regions are told apart by texture.
    static let darkClassesOf16 = PlotTones(
        grounds: [0].map(colorOf16), inks: [11, 14, 10, 13, 15, 6, 3, 15, 7, 3].map(colorOf16),
        zeroGround: colorOf16(0), zeroInk: colorOf16(15), shades: [0, 0, 4].map(colorOf16), curveGround: nil,
        inksNeedGrounds: true)

    static let lightOf16 = PlotTones(
        grounds: [11, 14].map(colorOf16), inks: [1, 4].map(colorOf16), zeroGround: colorOf16(15),
        zeroInk: colorOf16(0), shades: [11, 15, 14].map(colorOf16), curveGround: nil)

    static let lightClassesOf16 = PlotTones(
        grounds: [15].map(colorOf16), inks: [1, 4, 0, 5, 4, 0, 1, 1, 0, 0].map(colorOf16),
        zeroGround: colorOf16(15), zeroInk: colorOf16(0), shades: [15, 15, 14].map(colorOf16), curveGround: nil,
        inksNeedGrounds: true)
}

/// The tones of a theme for each number of colours.
public struct ToneTables: Sendable, Hashable {
    /// Where any colour can be mixed.
    var mixed: PlotTones
    var of256: PlotTones
    /// For more than two classes.
    var classesOf256: PlotTones
    var of16: PlotTones
    var classesOf16: PlotTones

    static let dark = ToneTables(
        mixed: .dark, of256: .darkOf256, classesOf256: .darkClassesOf256, of16: .darkOf16,
        classesOf16: .darkClassesOf16)
    static let light = ToneTables(
        mixed: .light, of256: .lightOf256, classesOf256: .lightOf256, of16: .lightOf16,
        classesOf16: .lightClassesOf16)
}
