import Foundation
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

/// Strips of steps and the text that a network writes, each in a rectangle of its own.
@Suite("Strips and written texts")
struct StripTests {
    private static let empty = Cell("x")

    private func context(_ data: String, _ layers: String) throws -> PlotContext {
        try #require(
            SequenceScreen.app(#"{"data":\#(data),"layers":\#(layers)}"#, ["5"], epochs: 0).plotContext)
    }

    private func recall() throws -> PlotContext {
        try context(#"{"dataset":"recall","samples":40,"lag":8}"#, #"[{"rnn":{"units":3}}]"#)
    }

    private func expectEmpty(_ canvas: Canvas, outside rect: Rect) {
        for y in 0..<canvas.height {
            for x in 0..<canvas.width where !rect.contains(x: x, y: y) {
                #expect(canvas[x, y] == Self.empty, "column \(x), row \(y)")
            }
        }
    }

    @Test(
        "each class has a sign of its own: the first of its name that no other has, else its number",
        arguments: [
            ("circle square triangle cross star ring", "cstrai"), ("0 1 2 3", "0123"), ("n≠m n=m", "≠="),
            ("XX XY YX YY", "XY23"), ("cat category", "te"), ("A", "A"), ("a a a", "a12"), ("left right", "lr"),
            ("1 11 2 112", "1b2d"), ("red r blue", "erb"),
        ])
    func classSigns(_ names: String, _ signs: String) {
        #expect(String(ClassSigns(names.split(separator: " ").map(String.init)).signs) == signs)
    }

    @Test("where values have no room, a row with fewer of them ends earlier, and one without any stays empty")
    func unequalRows() throws {
        let context = try recall()
        func marks(_ count: Int) -> [StepStrip.Mark] { (0..<count).map { _ in StepStrip.Mark(value: 1) } }
        let strip = StepStrip([marks(40), marks(22), []], x: 3, y: 1, width: 10, cursor: 0)
        var canvas = Canvas(width: 20, height: 6, fill: Self.empty)
        strip.draw(into: &canvas, cursor: 30, context)
        let full = Color.rgb(context.ramp(1))
        // Four steps to a column: the last two of 22 are in the sixth.
        for column in 0..<10 {
            #expect(canvas[3 + column, 1].style.background == full)
            #expect((canvas[3 + column, 2].style.background == full) == (column < 6))
            #expect(canvas[3 + column, 3] == Self.empty)
        }
        #expect(strip.columns(of: 30) == 10..<11 && strip.step(x: 10, y: 1) == 28)
        expectEmpty(canvas, outside: strip.rect)
    }

    @Test("few values take the width where they may, each as much of it as the others")
    func spread() throws {
        let context = try recall()
        let values = (0..<4).map { _ in StepStrip.Mark(value: 1) }
        let letters = (0..<4).map { _ in StepStrip.Mark(text: "a") }
        let strip = StepStrip([values, letters], x: 2, y: 0, width: 23, cursor: 0, spread: (8, 1))
        #expect((0..<4).map { strip.columns(of: $0) } == [2..<7, 7..<12, 12..<17, 17..<22])
        #expect(strip.step(x: 11, y: 1) == 1)
        for capabilities in [Capabilities(), Capabilities(colors: .none, glyphs: .ascii)] {
            var own = context
            own.capabilities = capabilities
            var canvas = Canvas(width: 30, height: 3, fill: Self.empty)
            strip.draw(into: &canvas, cursor: nil, own)
            #expect((0..<30).map { canvas[$0, 0] != Self.empty } == (0..<30).map { (2..<22).contains($0) })
        }
        let close = StepStrip([letters], x: 2, y: 0, width: 23, cursor: 0, spread: (8, 1))
        #expect(close.columns(of: 3) == 5..<6)
        let apart = StepStrip([letters], x: 2, y: 0, width: 23, cursor: 0, spread: (8, 4))
        #expect(apart.columns(of: 3) == 14..<18)
    }

    @Test("without colours values above 0 and below it differ, and those near it are blank", arguments: [true, false])
    func signs(isASCII: Bool) throws {
        var context = try recall()
        context.capabilities = Capabilities(colors: .none, glyphs: isASCII ? .ascii : .braille)
        let values: [Float] = [1, -1, 0.01, -0.01]
        var canvas = Canvas(width: 4, height: 1, fill: Self.empty)
        StepStrip([values.map { StepStrip.Mark(value: $0) }], x: 0, y: 0, width: 4, cursor: 0)
            .draw(into: &canvas, cursor: nil, context)
        let shown = (0..<4).map { canvas[$0, 0].scalar }
        #expect(shown[0] != " " && shown[1] != " " && shown[0] != shown[1] && shown[2] == " " && shown[3] == " ")
    }

    @Test("letters scroll with the cursor, of which a quarter of the room lies ahead")
    func scrolling() throws {
        let words = (0..<2000).map { StepStrip.Mark(text: $0 % 2 == 0 ? "a" : "bcd") }
        let strip = StepStrip([words], x: 0, y: 0, width: 41, cursor: 1000)
        // "a bcd a" has 7 columns and with " bcd" 11, of which 10 may lie ahead; the room holds steps 989…1002.
        let shown = (0..<2000).filter { strip.columns(of: $0) != nil }
        #expect(shown.first == 989 && shown.last == 1002)
        for step in 990...1002 {
            #expect(strip.columns(of: step)!.lowerBound == strip.columns(of: step - 1)!.upperBound + 1)
        }
        #expect(strip.step(x: strip.columns(of: 1001)!.lowerBound, y: 0) == 1001)
    }

    @Test("letters go on in further lines where there is room, and a sign stands where some are out of sight")
    func lines() throws {
        let context = try recall()
        let letters = (0..<25).map { StepStrip.Mark(text: String(UnicodeScalar(UInt8(97 + $0)))) }
        func drawn(lines: Int, cursor: Int) -> [String] {
            let strip = StepStrip([letters], x: 1, y: 0, width: 10, cursor: cursor, lines: lines)
            var canvas = Canvas(width: 12, height: 3)
            strip.draw(into: &canvas, cursor: nil, context)
            #expect(strip.step(x: 1, y: strip.rect.maxY - 1) != nil)
            return (0..<strip.rect.height).map { y in (0..<12).map { String(canvas[$0, y].scalar) }.joined() }
        }
        #expect(drawn(lines: 3, cursor: 24) == [" abcdefghij ", " klmnopqrst ", " uvwxy      "])
        #expect(drawn(lines: 2, cursor: 24) == ["‹klmnopqrst ", " uvwxy      "])
        #expect(drawn(lines: 2, cursor: 0) == [" abcdefghij ", " klmnopqrst›"])
        #expect(drawn(lines: 1, cursor: 24) == ["‹pqrstuvwxy "])
    }

    @Test("a written text of wide characters stays in its rectangle, and none is lost", arguments: [9, 10, 31, 32])
    func wideText(width: Int) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "layercake-wide-\(UUID().uuidString)").path
        try String(repeating: "春眠不覺曉處處聞啼鳥夜來風雨聲花落知多少", count: 4)
            .write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        var context = try context(
            #"{"dataset":"text","file":"\#(file)","window":8,"step":8}"#,
            #"[{"embedding":{"size":2}},{"rnn":{"units":2,"returns":"all"}}]"#)
        let names = try #require(context.sequenceKind?.symbols)
        let symbols = Array(names.indices) + names.indices
        context.picture?.written = WrittenText(symbols: symbols, given: 3)
        let rect = Rect(x: 4, y: 2, width: width, height: 12)
        var canvas = Canvas(width: 50, height: 16, fill: Self.empty)
        try #require(WritingView(rect, context)).drawText(into: &canvas)
        expectEmpty(canvas, outside: rect)
        let shown = canvas.cells.map { String($0.scalar) }.filter(names.contains)
        #expect(shown == symbols.map { names[$0] })
    }
}
