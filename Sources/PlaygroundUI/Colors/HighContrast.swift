import TerminalKit

extension ColorPalette {
    /// All text stands out from its ground at least sevenfold (WCAG 2.1, 1.4.6), rules and what is disabled fourfold.
    /// Most colours are among the 256, so that nothing is lost there.
    static let highContrast = ColorPalette(
        id: "highContrast", summary: "colours: high contrast, text at 7:1 and more on a ground of its own",
        dark: Theme(
            negative: 0xFF8700, zero: 0x101010, positive: 0x00AFFF, accent: 0xFFFF00, good: 0x5FFF87, worst: 0x8A8A8A,
            bad: 0xFF8787,
            text: .rgb(0xFFFFFF), quiet: .rgb(0xD0D0D0), faint: .rgb(0x8A8A8A), selection: .rgb(0x00005F),
            bar: .rgb(0x1C1C1C), backdrop: 0x000000,
            classes: [
                0xFF8700, 0x00AFFF, 0xAFAF87, 0xFFFFAF, 0x5FFFD7, 0x87AFAF, 0xFFD75F, 0xAFD7FF, 0xFF5F5F, 0x87FF00,
            ],
            runners: [0x5FFFD7, 0xFFD75F, 0xAFAF87, 0xAFD7FF], light: false,
            tones: ToneTables(
                mixed: darkTones, of256: darkOf256, classesOf256: darkClassesOf256, of16: .darkOf16,
                classesOf16: .darkClassesOf16),
            rampOf256: [0xFF8700, 0xAF5F00, 0x875F00, 0x121212, 0x005F87, 0x0087AF, 0x00AFFF], fillsGround: true),
        light: Theme(
            negative: 0xAF5F00, zero: 0xFFFFFF, positive: 0x005FAF, accent: 0x5F005F, good: 0x005500, worst: 0x767676,
            bad: 0x870000,
            text: .rgb(0x000000), quiet: .rgb(0x303030), faint: .rgb(0x626262), selection: .rgb(0xD7D7FF),
            bar: .rgb(0xEEEEEE), backdrop: 0xFFFFFF,
            classes: [
                0xAF5F00, 0x005FAF, 0x000000, 0x870000, 0x3A3A3A, 0x0000FF, 0x00005F, 0x5F00AF, 0xAF005F, 0x870087,
            ],
            runners: [0x870000, 0x0000FF, 0x5F00AF, 0x3A3A3A], light: true,
            tones: ToneTables(
                mixed: lightTones, of256: lightOf256, classesOf256: lightClassesOf256, of16: .lightOf16,
                classesOf16: .lightClassesOf16),
            rampOf256: [0xAF5F00, 0xD7875F, 0xFFD7AF, 0xFFFFFF, 0xAFD7FF, 0x5F87D7, 0x005FAF], fillsGround: true))

    // Inks at 7:1 and more on every ground.
    private static let darkTones = PlotTones(
        grounds: [
            0x332200, 0x002244, 0x222211, 0x001100, 0x112222, 0x003344, 0x223311, 0x002277, 0x550033, 0x003322,
        ],
        inks: [0xFFBB66, 0x99CCFF, 0xEEFF77, 0xFFDDBB, 0x77FF22, 0xAAFFEE, 0xCCFF99, 0xBBCCDD, 0xCCBBAA, 0x00DD00],
        zeroGround: 0x080808, zeroInk: 0xFFFFFF, shades: [], curveGround: 0x1C1C1C)

    private static let lightTones = PlotTones(
        grounds: [
            0xFFDDAA, 0xCCE6FF, 0xEEEEDD, 0xFFDDCC, 0xFFFFEE, 0xFFDDEE, 0xEEDDEE, 0xEEDDFF, 0xFFEEEE, 0xEEEEFF,
        ],
        inks: [0x663300, 0x003377, 0x000011, 0x550000, 0x444444, 0x1122DD, 0x330044, 0x110066, 0x663366, 0x6600AA],
        zeroGround: 0xFFFFFF, zeroInk: 0x000000, shades: [], curveGround: 0xE4E4E4)

    private static let darkOf256 = PlotTones(
        grounds: [0x5F0000, 0x00005F], inks: [0xFFFF5F, 0x5FFFFF], zeroGround: 0x000000, zeroInk: 0xFFFFFF,
        shades: [0x5F0000, 0x000000, 0x00005F], curveGround: 0x1C1C1C)

    // More than two classes have no grounds: their regions are told apart by texture.
    private static let darkClassesOf256 = PlotTones(
        grounds: [0x000000],
        inks: [0xFF8700, 0x00AFFF, 0xAFAF87, 0xFFFFAF, 0x5FFFD7, 0x87AFAF, 0xFFD75F, 0xAFD7FF, 0xFF5F5F, 0x87FF00],
        zeroGround: 0x000000, zeroInk: 0xFFFFFF, shades: [0x000000, 0x000000, 0x00005F], curveGround: nil,
        inksNeedGrounds: true)

    private static let lightOf256 = PlotTones(
        grounds: [0xFFFFAF, 0xAFFFFF], inks: [0x870000, 0x00005F], zeroGround: 0xFFFFFF, zeroInk: 0x000000,
        shades: [0xFFFFAF, 0xFFFFFF, 0xAFFFFF], curveGround: 0xE4E4E4)

    private static let lightClassesOf256 = PlotTones(
        grounds: [0xFFFFFF],
        inks: [0x870000, 0x00005F, 0x303030, 0x5F0000, 0x080808, 0x5F0087, 0x0000D7, 0x5F00AF, 0x87005F, 0x5F005F],
        zeroGround: 0xFFFFFF, zeroInk: 0x000000, shades: [0xFFFFFF, 0xFFFFFF, 0xAFFFFF], curveGround: nil,
        inksNeedGrounds: true)
}
