import TerminalKit

extension ColorPalette {
    /// Colours that stay apart for protanopia, deuteranopia and tritanopia: chosen among the 256 so that the smallest CIELAB
    /// distance of two of the ten, over ordinary eyes and simulations of all three, is as large as it can be.
    static let colourBlind = ColorPalette(
        id: "colourBlind", summary: "colours: apart for red-, green- and blue-blind eyes",
        dark: Theme(
            negative: 0xFF8700, zero: 0x20242B, positive: 0x0087FF, accent: 0xFFFF5F, good: 0x5FAFFF, worst: 0x6A6468,
            bad: 0xFF875F,
            text: .rgb(0xD8DCE3), quiet: .rgb(0x7C8290), faint: .rgb(0x3D424D), selection: .rgb(0x252B37),
            bar: .rgb(0x1B1F28), backdrop: 0x101216,
            classes: [
                0xFF8700, 0x0087FF, 0x5FFFD7, 0xD7005F, 0xFFAFFF, 0x875F00, 0xFFFF5F, 0x87D787, 0x5F5FAF, 0x8700FF,
            ],
            runners: [0x5FFFD7, 0xFFAFFF, 0xFFFF5F, 0x87D787], light: false,
            tones: ToneTables(
                mixed: darkTones, of256: .darkOf256, classesOf256: darkClassesOf256, of16: .darkOf16,
                classesOf16: .darkClassesOf16),
            rampOf256: [0xFF8700, 0xAF5F00, 0x875F00, 0x262626, 0x005F87, 0x005FAF, 0x0087FF]),
        light: Theme(
            negative: 0xD75F00, zero: 0xF4F4F4, positive: 0x005FAF, accent: 0x875F00, good: 0x005FD7, worst: 0xA8A0A4,
            bad: 0x870000,
            text: .rgb(0x1E2228), quiet: .rgb(0x5C626D), faint: .rgb(0xC4C8D0), selection: .rgb(0xDDE6F2),
            bar: .rgb(0xECEEF2), backdrop: 0xFFFFFF,
            classes: [
                0xD75F00, 0x005FAF, 0x080808, 0x8700FF, 0xAF875F, 0x870000, 0x87005F, 0x000087, 0x8787AF, 0xD75FFF,
            ],
            runners: [0x8700FF, 0x870000, 0x000087, 0x87005F], light: true,
            tones: ToneTables(
                mixed: lightTones, of256: .lightOf256, classesOf256: lightClassesOf256, of16: .lightOf16,
                classesOf16: .lightClassesOf16),
            rampOf256: [0xD75F00, 0xD7875F, 0xFFD7AF, 0xEEEEEE, 0xAFD7FF, 0x5F87D7, 0x005FAF]))

    // Each near its class' hue, as far from the others as a contrast of 4.5:1 between inks and grounds leaves.
    private static let darkTones = PlotTones(
        grounds: [
            0x553300, 0x003366, 0x002222, 0x770044, 0x551199, 0x332200, 0x334422, 0x111100, 0x2211BB, 0x220066,
        ],
        inks: [0xFFAA55, 0x88BBFF, 0xCCFFCC, 0xFF8877, 0xAAAACC, 0xFFFF22, 0xBBCC00, 0x88FF99, 0xDDDDFF, 0xEEBBCC],
        zeroGround: 0x191C22, zeroInk: 0xE8EAEB, shades: [], curveGround: 0x2C3038)

    private static let lightTones = PlotTones(
        grounds: [
            0xFFCC88, 0x99CCFF, 0xEEFFEE, 0xCCCCDD, 0xCCDD22, 0xFFDDAA, 0xDDCCCC, 0xBBCCEE, 0xFFEEFF, 0xDDDDFF,
        ],
        inks: [0x884400, 0x004499, 0x555544, 0x663366, 0x660000, 0x220000, 0x220088, 0x0000FF, 0x000033, 0x7700CC],
        zeroGround: 0xFFFFFF, zeroInk: 0x33363B, shades: [], curveGround: 0xE2E5EA, inksNeedGrounds: true)

    private static let darkClassesOf256 = PlotTones(
        grounds: [
            0x5F0000, 0x00005F, 0x121212, 0x5F005F, 0x5F0087, 0x870000, 0x262626, 0x3A3A3A, 0x0000D7, 0x000087,
        ],
        inks: [0xFFAF5F, 0x87AFFF, 0x5FFFAF, 0xFF8787, 0xFFAFD7, 0xFFFF00, 0xAFD700, 0xD7FF87, 0xFFD7FF, 0xFF87D7],
        zeroGround: 0x1C1C1C, zeroInk: 0xFFFFFF, shades: [0x5F0000, 0x1C1C1C, 0x00005F], curveGround: 0x1C1C1C,
        inksNeedGrounds: true)

    private static let lightClassesOf256 = PlotTones(
        grounds: PlotTones.lightOf256.grounds,
        inks: [0x870000, 0x0000FF, 0x000000, 0x8700AF, 0x5F0000, 0xAF0000, 0x5F00D7, 0x00005F, 0x005F87, 0x87005F],
        zeroGround: 0xFFFFFF, zeroInk: 0x303030, shades: PlotTones.lightOf256.shades, curveGround: 0xE4E4E4,
        inksNeedGrounds: true)
}
