import Testing

@testable import TerminalKit

@Suite("Painter")
struct PainterTests {
    /// A small generator: the same canvases in every run.
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 33
        }
    }

    static func scribble(_ canvas: inout Canvas, _ generator: inout Generator) {
        let texts = ["a", "layer", "漢字", "▀", "▄", "▀▀▄", "⣿⠁", " ", "    ", "é…", "😀"]
        let colors: [Color] = [.standard, .rgb(0xF59322), .rgb(0x0877BD), .rgb(0), .rgb(0xFFFFFF)]
        for _ in 0..<Int.random(in: 0...12, using: &generator) {
            let style = Style(
                colors.randomElement(using: &generator)!, on: colors.randomElement(using: &generator)!,
                bold: Int.random(in: 0...4, using: &generator) == 0, dim: Int.random(in: 0...4, using: &generator) == 0,
                underline: Int.random(in: 0...5, using: &generator) == 0,
                reverse: Int.random(in: 0...5, using: &generator) == 0)
            canvas.write(
                texts.randomElement(using: &generator)!, x: Int.random(in: -2...canvas.width, using: &generator),
                y: Int.random(in: -1...canvas.height, using: &generator), style: style)
        }
    }

    @Test("the bytes make a terminal show the canvas, whatever it showed before")
    func bytesShowTheCanvas() {
        var generator = Generator(state: 7)
        var painter = Painter(capabilities: Capabilities())
        var terminal = TinyTerminal(width: 23, height: 7)
        var canvas = Canvas(width: 23, height: 7)
        for step in 0..<400 {
            if step % 40 == 39 { painter.forget() }
            if step % 13 == 0 { canvas = Canvas(width: 23, height: 7) }
            Self.scribble(&canvas, &generator)
            painter.paint(canvas)
            terminal.feed(painter.output)
            let expected = expectedLooks(canvas)
            let shown = terminal.cells.map { $0.scalar == "\u{0}" ? TinyTerminal.Look(scalar: "\u{0}") : $0.visible }
            #expect(terminal.unknown == [])
            if let at = shown.indices.first(where: { shown[$0] != expected[$0] }) {
                Issue.record("step \(step), cell \(at): shown \(shown[at]), expected \(expected[at])")
                return
            }
        }
    }

    @Test("an unchanged canvas sends nothing")
    func unchangedSendsNothing() {
        var painter = Painter(capabilities: Capabilities())
        var canvas = Canvas(width: 20, height: 4)
        canvas.write("epoch 12", x: 2, y: 1, style: Style(.rgb(0xFFD166)))
        let result1 = painter.paint(canvas)
        #expect(result1 > 0)
        let result2 = painter.paint(canvas)
        #expect(result2 == 0)
        // A space's foreground cannot be seen.
        canvas[0, 0] = Cell(" ", Style(.rgb(0x123456)))
        let result3 = painter.paint(canvas)
        #expect(result3 == 0)
    }

    @Test("one changed digit costs a few bytes, and a short gap is written over rather than jumped")
    func smallChangesAreCheap() {
        var painter = Painter(capabilities: Capabilities())
        var canvas = Canvas(width: 40, height: 10)
        canvas.write("epoch 12 of 90", x: 0, y: 5)
        painter.paint(canvas)
        canvas.write("3", x: 7, y: 5)
        painter.paint(canvas)
        #expect(String(decoding: painter.output, as: UTF8.self) == "\u{1B}[6;8H3")
        canvas.write("4 of 8", x: 7, y: 5)
        painter.paint(canvas)
        #expect(String(decoding: painter.output, as: UTF8.self) == "\u{1B}[6;8H4 of 8")
        canvas.write("5", x: 7, y: 5)
        canvas.write("7", x: 39, y: 5)
        painter.paint(canvas)
        #expect(String(decoding: painter.output, as: UTF8.self) == "\u{1B}[6;8H5\u{1B}[31C7")
    }

    @Test("a half block borrows the colours that the pen has")
    func halfBlocksBorrowColors() {
        var painter = Painter(capabilities: Capabilities())
        var canvas = Canvas(width: 4, height: 1)
        painter.paint(canvas)
        canvas[0, 0] = Cell("▀", Style(.rgb(1), on: .rgb(2)))
        canvas[1, 0] = Cell("▀", Style(.rgb(2), on: .rgb(1)))
        painter.paint(canvas)
        #expect(String(decoding: painter.output, as: UTF8.self) == "\u{1B}[H\u{1B}[38;2;0;0;1;48;2;0;0;2m▀▄\u{1B}[m")
    }

    @Test("another size starts over, and what is beyond the terminal's size is not sent")
    func sizes() {
        var painter = Painter(capabilities: Capabilities())
        painter.paint(Canvas(width: 10, height: 3, fill: Cell("x")))
        var terminal = TinyTerminal(width: 6, height: 2)
        painter.paint(Canvas(width: 10, height: 3, fill: Cell("y")), maximumWidth: 6, maximumHeight: 2)
        terminal.feed(painter.output)
        #expect(terminal.unknown == [])
        #expect(terminal.cells.allSatisfy { $0.scalar == "y" })
    }

    @Test("without colours no byte names one: bold, underline and reverse remain")
    func noColors() {
        var generator = Generator(state: 3)
        var painter = Painter(capabilities: Capabilities(colors: .none))
        var terminal = TinyTerminal(width: 23, height: 7)
        var canvas = Canvas(width: 23, height: 7)
        for _ in 0..<60 {
            Self.scribble(&canvas, &generator)
            painter.paint(canvas)
            terminal.feed(painter.output)
        }
        #expect(terminal.cells.allSatisfy { $0.foreground == -1 && $0.background == -1 && !$0.attributes.contains(2) })
        #expect(terminal.cells.contains { !$0.attributes.isEmpty })
    }

    @Test("with ASCII glyphs only ASCII is sent, cell for cell")
    func asciiOnly() {
        var painter = Painter(capabilities: Capabilities(glyphs: .ascii))
        var terminal = TinyTerminal(width: 24, height: 2)
        var canvas = Canvas(width: 24, height: 2)
        canvas.write("─ ◂ −0.5 ▸ ● ○ 2→4 x·y …", x: 0, y: 0)
        canvas.write("½ x² × η ⣿⠉▀█ 漢 é", x: 0, y: 1)
        painter.paint(canvas)
        #expect(painter.output.allSatisfy { $0 < 0x80 })
        terminal.feed(painter.output)
        let text = String(String.UnicodeScalarView(terminal.cells.map(\.scalar)))
        #expect(text == "- < -0.5 > * o 2>4 x.y ." + "/ x2 x n *''# ?  e".padded(24))
    }

    @Test("a character stays readable where two near colours fall on the same entry")
    func readableAmongSixteen() {
        for colors in [Capabilities.Colors.palette16, .palette256] {
            var resolver = CellResolver(capabilities: Capabilities(colors: colors))
            let shown = resolver.resolve(Cell("x", Style(.rgb(0x10_1216), on: .rgb(0x0F_1115))), wide: false)
            #expect(shown.foreground != shown.background)
        }
    }

    @Test("sixteen colours are named by the codes 30–37 and 90–97, 40–47 and 100–107")
    func sixteenCodes() {
        var painter = Painter(capabilities: Capabilities(colors: .palette16))
        var canvas = Canvas(width: 2, height: 1)
        painter.paint(canvas)
        canvas[0, 0] = Cell("a", Style(.rgb(0xFFFFFF), on: .rgb(0x1E50CD)))
        canvas[1, 0] = Cell("b", Style(.rgb(0xC31E1E), on: .rgb(0x6E6E6E)))
        painter.paint(canvas)
        #expect(String(decoding: painter.output, as: UTF8.self) == "\u{1B}[H\u{1B}[97;44ma\u{1B}[31;100mb\u{1B}[m")
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String { padRight(self, width) }
}
