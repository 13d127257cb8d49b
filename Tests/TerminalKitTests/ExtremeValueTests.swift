import Basics
import Testing

@testable import TerminalKit

@Suite("Values that training can end in")
struct ExtremeValueTests {
    private static let extremes: [Double] = [
        .nan, .infinity, -.infinity, 1e308, -1e308, 1e38, -1e38, 1e19, -9.3e18, .leastNonzeroMagnitude,
        -.leastNormalMagnitude / 128, 0, -0.0, 1,
    ]
    private static let levels = [Capabilities.Colors.none, .palette16, .palette256, .truecolor].flatMap { colors in
        [Capabilities.Glyphs.ascii, .block, .braille].map { Capabilities(colors: colors, glyphs: $0) }
    }

    @Test("the whole part of any number is an Int, and sums of such do not overflow")
    func bounded() {
        for value in Self.extremes {
            let whole = Int(bounded: value)
            #expect(abs(whole) <= 1 << 50 && Int(UInt8(bounded: value)) <= 255)
            _ = (whole + whole) * 1000
            _ = Int(bounded: Float(value))
        }
        #expect(Int(bounded: 2.9) == 2 && Int(bounded: -2.9) == -2 && Int(bounded: Double.nan) == 0)
        #expect(UInt8(bounded: -1.0) == 0 && UInt8(bounded: 300.0) == 255 && UInt32(bounded: Float(7)) == 7)
    }

    @Test("an axis has finite ticks in order, whatever its ends are")
    func axes() {
        for lower in Self.extremes {
            for upper in Self.extremes {
                for axis in [
                    Axis(from: lower, to: upper), Axis(from: lower, to: upper, rounded: true),
                    Axis(logarithmicFrom: lower, to: upper),
                ] {
                    #expect(axis.lower < axis.upper && axis.lower.isFinite && axis.upper.isFinite, "\(lower) \(upper)")
                    #expect(axis.ticks == axis.ticks.sorted() && axis.ticks.count < 30, "\(lower) \(upper)")
                    #expect(axis.ticks.allSatisfy(\.isFinite) && axis.labels.count == axis.ticks.count)
                    for value in Self.extremes { _ = Int(bounded: axis.position(value) * 40) }
                }
            }
        }
    }

    @Test("numbers of any size are short words")
    func numbers() {
        for value in Self.extremes {
            for digits in 1...6 {
                for text in [
                    formatNumber(value, digits: digits), formatFixed(value, decimals: digits), formatShort(value),
                ] {
                    #expect(
                        !text.isEmpty && text.count < 26 && !text.contains("nan") && !text.contains("inf"), "\(text)")
                }
            }
        }
    }

    @Test("every widget draws any value at every colour and glyph level")
    func widgets() {
        let floats = Self.extremes.map { Float($0) }
        for capabilities in Self.levels {
            var canvas = Canvas(width: 9, height: 5)
            for rect in [canvas.bounds, Rect(x: 2, y: 1, width: 3, height: 2), Rect(x: 0, y: 0, width: 0, height: 0)] {
                drawHeatMap(
                    into: &canvas, rect, values: floats, columns: 7, rows: 2,
                    ramp: { mixColors(0, 0xFFFFFF, $0) }, capabilities: capabilities)
                drawClassMap(
                    into: &canvas, rect, classes: Array(-1..<13), confidences: floats, columns: 7, rows: 2,
                    ground: { mixColors(0x808080, $0 % 2 == 0 ? 0xFF0000 : 0x00FF00, $1) }, capabilities: capabilities)
                var dots = DotPlot(width: rect.width, height: rect.height, capabilities: capabilities)
                for x in Self.extremes {
                    for y in Self.extremes {
                        dots.point(x, y, color: .standard)
                        dots.line(x, y, y, x, color: .standard)
                        dots.line(x, y, 3, 3, color: .standard, step: 2)
                    }
                }
                dots.draw(into: &canvas, x: rect.x, y: rect.y)
            }
            for value in floats {
                _ = shadeGlyph(value, glyphs: capabilities.glyphs)
                _ = mixColors(0x123456, 0x654321, value)
            }
        }
    }
}
