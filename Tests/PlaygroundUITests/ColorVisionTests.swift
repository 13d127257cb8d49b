import Foundation
import TerminalKit
import Testing

@testable import PlaygroundUI

/// Colours as eyes without one kind of cone see them, and the distance of two colours.
enum ColorVision: String, CaseIterable {
    case ordinary, protanopia, deuteranopia, tritanopia
    /// By another simulation.
    case protanopia1999, deuteranopia1999

    /// Of linear red, green and blue, row by row. Machado, Oliveira and Fernandes, A physiologically-based model for
    /// simulation of color vision deficiency, 2009, table 1, severity 1; for two of them also Viénot, Brettel and Mollon,
    /// Digital video colourmaps for checking the legibility of displays by dichromats, 1999.
    private var matrix: [Double] {
        switch self {
        case .ordinary: [1, 0, 0, 0, 1, 0, 0, 0, 1]
        case .protanopia:
            [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998]
        case .deuteranopia:
            [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881]
        case .tritanopia:
            [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900]
        case .protanopia1999: [0.11238, 0.88762, 0, 0.11238, 0.88762, 0, 0.00401, -0.00401, 1]
        case .deuteranopia1999: [0.29275, 0.70725, 0, 0.29275, 0.70725, 0, -0.02234, 0.02234, 1]
        }
    }

    private static func times(_ m: [Double], _ v: [Double]) -> [Double] {
        (0..<3).map { row in (0..<3).reduce(0) { $0 + m[3 * row + $1] * v[$1] } }
    }

    /// L*, a*, b* of 0xRRGGBB under D65, as these eyes see it.
    func lab(_ color: UInt32) -> [Double] {
        let linear = [16, 8, 0].map { shift in
            let v = Double(color >> UInt32(shift) & 255) / 255
            return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4)
        }
        let seen = Self.times(matrix, linear).map { min(max($0, 0), 1) }
        let toXYZ = [0.4124564, 0.3575761, 0.1804375, 0.2126729, 0.7151522, 0.0721750, 0.0193339, 0.1191920, 0.9503041]
        let white = Self.times(toXYZ, [1, 1, 1])
        let f = zip(Self.times(toXYZ, seen), white).map { value, white in
            let share = value / white
            return share > 216.0 / 24389 ? cbrt(share) : (24389.0 / 27 * share + 16) / 116
        }
        return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
    }

    /// CIELAB's ΔE of 1976.
    func distance(_ one: UInt32, _ other: UInt32) -> Double {
        sqrt(zip(lab(one), lab(other)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
    }

    /// The smallest distance of two of some colours, over all eyes.
    static func smallest(_ colors: [UInt32], _ eyes: [ColorVision] = allCases) -> Double {
        var smallest = Double.infinity
        for (index, one) in colors.enumerated() {
            for other in colors[..<index] { for eye in eyes { smallest = min(smallest, eye.distance(one, other)) } }
        }
        return smallest
    }
}

@Suite("Palettes")
struct ColorVisionTests {
    private static let themes: [(name: String, theme: Theme)] = ColorPalette.all.flatMap {
        [("\($0.id) dark", $0.dark), ("\($0.id) light", $0.light)]
    }

    private func value(_ color: Color) -> UInt32 { if case .rgb(let value) = color { value } else { 0 } }

    @Test("the simulation gives known colours: red and green fall together for the red- and the green-blind")
    func simulation() {
        // White and grey are seen as they are by all.
        for eye in ColorVision.allCases { #expect(eye.distance(0xFFFFFF, 0x808080) > 40, "\(eye)") }
        #expect(abs(ColorVision.ordinary.lab(0xFF0000)[0] - 53.24) < 0.05)
        #expect(abs(ColorVision.ordinary.lab(0xFF0000)[1] - 80.09) < 0.1)
        // A red and a green that only the missing cone tells apart.
        #expect(ColorVision.ordinary.distance(0xA86A00, 0x6E8A00) > 30)
        #expect(ColorVision.deuteranopia.distance(0xA86A00, 0x6E8A00) < 12)
    }

    @Test("the colour-blind palette keeps ten classes apart for all eyes, in all places where they stand")
    func classes() {
        // The distances that the palette has, rounded down to tenths.
        for (theme, classes, inks, grounds, inksOf256) in [
            (ColorPalette.colourBlind.dark, 24.3, 14.9, 11.2, 11.9),
            (ColorPalette.colourBlind.light, 24.5, 18.4, 6.7, 10.1),
        ] {
            #expect(ColorVision.smallest(theme.classes) >= classes, "\(theme.light)")
            #expect(ColorVision.smallest(theme.tones.mixed.inks) >= inks, "\(theme.light)")
            #expect(ColorVision.smallest(theme.tones.mixed.grounds) >= grounds, "\(theme.light)")
            #expect(ColorVision.smallest(theme.tones.classesOf256.inks) >= inksOf256, "\(theme.light)")
            #expect(ColorVision.smallest(theme.runners) >= 24, "\(theme.light)")
            // Good, bad and the focus beside plain text.
            let words = [theme.good, theme.bad, theme.accent, value(theme.text)]
            #expect(ColorVision.smallest(words) >= 13, "\(theme.light): \(ColorVision.smallest(words))")
        }
    }

    @Test("the diverging scale's ends and middle stay apart for all eyes, in every palette")
    func scale() {
        for (name, theme) in Self.themes {
            for colors in [Capabilities.Colors.truecolor, .palette256] {
                let three = [-1, 0, 1].map { theme.ramp(Float($0), colors) }
                #expect(ColorVision.smallest(three) >= 30, "\(name), \(colors): \(ColorVision.smallest(three))")
            }
            let grounds = [-1, 0, 1].map { theme.tones.mixed.ground(Float($0)) }
            #expect(ColorVision.smallest(grounds) >= 10, "\(name): \(ColorVision.smallest(grounds))")
        }
    }

    @Test(
        "of 256 colours each palette has a scale of its own, which moves away from its middle step by step for all eyes"
    )
    func scaleOf256() {
        for (name, theme) in Self.themes {
            let steps = (-3...3).map { theme.ramp(Float($0) / 3, .palette256) }
            for eye in ColorVision.allCases {
                for side in [[3, 2, 1, 0], [3, 4, 5, 6]] {
                    let distances = side.map { eye.distance(steps[3], steps[$0]) }
                    for (near, far) in zip(distances, distances.dropFirst()) {
                        #expect(far > near + 1, "\(name), \(eye): \(distances)")
                    }
                }
                for step in 1...3 { #expect(eye.distance(steps[3 - step], steps[3 + step]) > 30, "\(name), \(eye)") }
            }
        }
        for palette in [ColorPalette.highContrast, .colourBlind] {
            for theme in [palette.dark, palette.light] {
                #expect(theme.ramp(-1, .palette256) == theme.negative && theme.ramp(1, .palette256) == theme.positive)
            }
        }
    }

    @Test("in high contrast all text stands out sevenfold from all grounds that it stands on")
    func contrast() {
        for theme in [ColorPalette.highContrast.dark, ColorPalette.highContrast.light] {
            let grounds = [theme.backdrop, value(theme.bar)]
            for color in [value(theme.text), value(theme.quiet), theme.accent, theme.good, theme.bad] {
                for ground in grounds { #expect(contrastRatio(color, ground) >= 7, "\(color) on \(ground)") }
            }
            for color in [value(theme.text), theme.accent] {
                #expect(contrastRatio(color, value(theme.selection)) >= 7, "\(color)")
            }
            #expect(contrastRatio(value(theme.faint), theme.backdrop) >= 4.5)
            for color in theme.classes + [theme.negative, theme.positive] {
                #expect(contrastRatio(color, theme.backdrop) >= 4.5, "\(color)")
            }
            for color in theme.runners { #expect(contrastRatio(color, theme.backdrop) >= 7, "\(color)") }
            // Points on maps.
            let tones = theme.tones.mixed
            for ink in tones.inks + [tones.zeroInk] {
                for ground in tones.grounds + [tones.zeroGround] {
                    #expect(contrastRatio(ink, ground) >= 7, "\(ink) on \(ground)")
                }
            }
        }
    }

    @Test("in high contrast every cell has a ground and a colour of its own")
    func ground() {
        var app = app([], size: (100, 34))
        app.palette = .highContrast
        app.theme = app.palette.dark
        #expect(app.draw().cells.allSatisfy { $0.style.background != .standard && !$0.style.dim })
    }

    @Test("a palette is chosen by its command, live, on a dark and on a light ground")
    func chosen() throws {
        for palette in ColorPalette.all {
            let command = try #require(Commands.byID["palette.\(palette.id)"])
            for isLight in [false, true] {
                var app = app([])
                app.theme = app.palette.theme(light: isLight)
                app.run(command)
                #expect(app.theme == palette.theme(light: isLight))
            }
        }
    }

    /// The figures of the README.
    @Test("the palettes as the README tells of them")
    func figures() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        for (name, theme) in Self.themes {
            let counts = [2, 3, 4, 10].map {
                formatFixed(ColorVision.smallest(Array(theme.classes.prefix($0))), decimals: 0)
            }
            let row = "| \(name) | \(counts.joined(separator: " | ")) |"
            #expect(readme.contains(row), "\(row)")
        }
    }
}
