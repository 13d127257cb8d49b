import Testing

@testable import TerminalKit

@Suite("Canvas")
struct CanvasTests {
    @Test("text is cut with an ellipsis at the limit and clipped at the edges")
    func writing() {
        var canvas = Canvas(width: 10, height: 2, fill: Cell("x"))
        let result1 = canvas.write("learning rate", x: 0, y: 0, limit: 6)
        #expect(result1 == 6)
        #expect(canvas.lines[0] == "learn…xxxx")
        let result2 = canvas.write("abc", x: -1, y: 1)
        #expect(result2 == 3)
        let result3 = canvas.write("abc", x: 8, y: 1)
        #expect(result3 == 3)
        #expect(canvas.lines[1] == "bcxxxxxxab")
        let result4 = canvas.write("abc", x: 0, y: 2)
        #expect(result4 == 3)
        let result5 = canvas.write("abc", x: 0, y: 0, limit: 0)
        #expect(result5 == 0)
        let result6 = canvas.write("abc", x: 0, y: 0, limit: 3)
        #expect(result6 == 3)
        #expect(canvas.lines[0] == "abcrn…xxxx")
    }

    @Test("right-aligned text ends before the column")
    func right() {
        var canvas = Canvas(width: 8, height: 1, fill: Cell("x"))
        canvas.writeRight("−0.5", maxX: 7, y: 0)
        #expect(canvas.lines == ["xxx−0.5x"])
    }

    @Test("a wide character takes two cells, or a space where only half of it fits")
    func wide() {
        var canvas = Canvas(width: 5, height: 1, fill: Cell("x"))
        let result7 = canvas.write("漢a", x: 0, y: 0)
        #expect(result7 == 3)
        #expect(canvas[1, 0] == .continuation)
        canvas.write("字", x: 4, y: 0)
        #expect(canvas.lines == ["漢ax"])
        // Overwriting half of it blanks the other half.
        canvas.write("b", x: 1, y: 0)
        #expect(canvas.lines == [" bax"])
        let result8 = canvas.write("漢字", x: 0, y: 0, limit: 3)
        #expect(result8 == 3)
        #expect(canvas.lines == ["漢…x"])
    }

    @Test("widths: combining marks have none, emoji and East Asian characters two, all that we draw with one")
    func widths() {
        #expect(columnWidth("e\u{301}") == 1)
        #expect(columnWidth("漢字かな") == 8)
        #expect(columnWidth("😀") == 2)
        #expect(columnWidth("─◂▸●○→·²×−…▀░⣿⇥½←η∂") == 19)
        #expect(columnWidth("") == 0)
    }

    @Test("a glyph laid over a half block keeps the colour of the half on which it lies behind it")
    func overlay() {
        var canvas = Canvas(width: 2, height: 1)
        canvas[0, 0] = Cell("▀", Style(.rgb(0x000000), on: .rgb(0x808080)))
        let half = canvas
        canvas.overlay("●", x: 0, y: 0, style: Style(.rgb(0xFFFFFF)))
        #expect(canvas[0, 0] == Cell("●", Style(.rgb(0xFFFFFF), on: .rgb(0x000000))))
        canvas = half
        canvas.overlay("●", x: 0, y: 0, style: Style(.rgb(0xFFFFFF)), lower: true)
        #expect(canvas[0, 0] == Cell("●", Style(.rgb(0xFFFFFF), on: .rgb(0x808080))))
        canvas.overlay("●", x: 9, y: 0, style: .plain)
        #expect(canvas.lines == ["●"])
    }

    @Test("copying, filling and restyling stay inside")
    func regions() {
        var canvas = Canvas(width: 4, height: 2, fill: Cell("x"))
        canvas.draw(Canvas(width: 3, height: 3, fill: Cell("o")), x: 2, y: -1)
        #expect(canvas.lines == ["xxoo", "xxoo"])
        canvas.fill(Rect(x: -3, y: 1, width: 4, height: 9), with: Cell("f"))
        #expect(canvas.lines == ["xxoo", "fxoo"])
        canvas.restyle(Rect(x: 3, y: -2, width: 9, height: 3)) { $0.bold = true }
        #expect(canvas[3, 0].style.bold && !canvas[3, 1].style.bold && !canvas[2, 0].style.bold)
        #expect(Rect(x: 0, y: 0, width: 2, height: 2).intersection(Rect(x: 5, y: 5, width: 1, height: 1)).isEmpty)
    }

    @Test("a control character or a bidirectional override has a visible substitute, one cell wide, and is never sent")
    func controls() {
        let text = "a\u{1B}[31m\u{9B}b\u{202E}c\nd\u{7F}\u{200B}e"
        var canvas = Canvas(width: 20, height: 2)
        let columns = canvas.write(text, x: 0, y: 0)
        #expect(canvas.lines[0] == "a␛[31m�b�c␊d␡�e")
        #expect(columns == columnWidth(text) && columns == canvas.lines[0].unicodeScalars.count)
        // Cells that were filled in without writing are checked as well.
        canvas[0, 1] = Cell("\u{1B}")
        canvas[1, 1] = Cell("\u{85}")
        for glyphs in Capabilities.Glyphs.allCases {
            var painter = Painter(capabilities: Capabilities(glyphs: glyphs))
            painter.paint(canvas)
            var terminal = TinyTerminal(width: 20, height: 2)
            terminal.feed(painter.output)
            #expect(terminal.unknown.isEmpty)
            let shown = String(decoding: painter.output, as: UTF8.self).unicodeScalars
            #expect(!shown.contains { (0x80...0x9F).contains($0.value) || $0 == "\u{202E}" })
        }
    }
}
