import Testing

@testable import TerminalKit

/// Lines of a canvas that was full of x, so that what a widget leaves alone shows.
private func drawn(_ width: Int, _ height: Int, _ draw: (inout Canvas) -> Void) -> [String] {
    var canvas = Canvas(width: width, height: height, fill: Cell("x"))
    draw(&canvas)
    return canvas.lines
}

@Suite("Widgets")
struct WidgetTests {
    @Test("a rule has the title at the left and the key at the right")
    func rule() {
        #expect(
            drawn(24, 1) { drawRule(into: &$0, x: 0, y: 0, width: 24, title: "Training", key: "3") } == [
                "─ Training ───────── 3 ─"
            ])
        #expect(
            drawn(12, 1) { drawRule(into: &$0, x: 0, y: 0, width: 12, title: "Hidden features", key: "6") } == [
                "─ Hid… ─ 6 ─"
            ])
        #expect(drawn(4, 1) { drawRule(into: &$0, x: 0, y: 0, width: 3, title: "T", key: "6") } == ["───x"])
    }

    @Test("a row's value stands in the same columns whether it is selected or not")
    func row() {
        let lines = drawn(24, 3) {
            drawRow(into: &$0, x: 0, y: 0, width: 22, label: "learning rate", value: "0.1")
            drawRow(into: &$0, x: 0, y: 1, width: 22, label: "learning rate", value: "0.1", selected: true)
            drawRow(into: &$0, x: 0, y: 2, width: 22, label: "a label that is long", value: "constant", selected: true)
        }
        let fixed = drawn(12, 1) { drawRow(into: &$0, x: 0, y: 0, width: 12, label: "x1", selected: true) }
        #expect(fixed == ["▸x1"])
        #expect(lines == [" learning rate   0.1  xx", " learning rate ◂ 0.1 ▸xx", " a label… ◂ constant ▸xx"])
    }

    @Test("text wraps between words, cuts long words and marks what does not fit")
    func wrapping() {
        #expect(wrapText("how far each step goes", columns: 9) == ["how far", "each step", "goes"])
        #expect(wrapText("unbelievably a", columns: 5) == ["unbel", "ievab", "ly a"])
        #expect(wrapText("a\n\nb", columns: 5) == ["a", "", "b"])
        #expect(wrapText("漢字漢", columns: 5) == ["漢字", "漢"])
        #expect(wrapText("x", columns: 0) == [])
        var canvas = Canvas(width: 9, height: 2)
        #expect(drawWrapped(into: &canvas, canvas.bounds, text: "how far each step goes") == 2)
        #expect(canvas.lines == ["how far", "each ste…"])
    }

    @Test("the sentences of a text that have room are whole, and of one that has none the beginning is left to be cut")
    func wholeSentences() {
        let text = "One, two. Three is 3.5 here. Four and five"
        #expect(sentences(of: text, columns: 12, rows: 1) == "One, two.")
        #expect(sentences(of: text, columns: 12, rows: 3) == "One, two. Three is 3.5 here.")
        #expect(sentences(of: text, columns: 12, rows: 4) == text)
        #expect(sentences(of: text, columns: 4, rows: 1) == text && sentences(of: "", columns: 4, rows: 1) == "")
    }

    @Test("a heat map shows two pixels a cell; equal ones are a space")
    func heatMap() {
        var canvas = Canvas(width: 3, height: 1, fill: Cell("x"))
        let ramp: (Float) -> UInt32 = { $0 < 0 ? 0xF59322 : 0x0877BD }
        drawHeatMap(
            into: &canvas, canvas.bounds, values: [-1, 1, .nan, 1, 1, 1], columns: 3, rows: 2, ramp: ramp,
            capabilities: Capabilities())
        #expect(canvas[0, 0] == Cell("▀", Style(.rgb(0xF59322), on: .rgb(0x0877BD))))
        #expect(canvas[1, 0] == Cell(" ", Style(on: .rgb(0x0877BD))))
        #expect(canvas[2, 0] == Cell("▄", Style(.rgb(0x0877BD))))
    }

    @Test("without colours the sign of a heat map's values shows in its glyphs")
    func heatMapWithoutColors() {
        let values: [Float] = [-1, -0.5, -0.1, 0.1, 0.5, 1, .nan]
        func line(_ glyphs: Capabilities.Glyphs) -> String {
            drawn(8, 1) {
                drawHeatMap(
                    into: &$0, Rect(x: 0, y: 0, width: 7, height: 1), values: values + values, columns: 7, rows: 2,
                    ramp: { _ in 0 }, capabilities: Capabilities(colors: .none, glyphs: glyphs))
            }[0]
        }
        #expect(line(.braille) == "·∶:░▒▓ x")
        #expect(line(.ascii) == ".:-=*# x")
    }

    @Test("a larger grid is averaged, a smaller one repeated, and parts outside are clipped")
    func heatMapSizes() {
        func line(_ values: [Float], columns: Int, rows: Int, x: Int = 0) -> String {
            drawn(4, 1) {
                drawHeatMap(
                    into: &$0, Rect(x: x, y: 0, width: 4, height: 1), values: values, columns: columns, rows: rows,
                    ramp: { _ in 0 }, capabilities: Capabilities(colors: .none, glyphs: .ascii))
            }[0]
        }
        #expect(line([-1, 1], columns: 2, rows: 1) == "..##")
        #expect(line([-1, 1], columns: 2, rows: 1, x: -1) == ".##x")
        #expect(line([-1, -1, 1, 0, 1, 1, -1, 1], columns: 8, rows: 1) == ".*#=")
    }

    @Test("classes have a glyph each where there are no colours")
    func classMap() {
        let lines = drawn(4, 1) {
            drawClassMap(
                into: &$0, Rect(x: 0, y: 0, width: 4, height: 1), classes: [0, 1, 2, 2], confidences: [1, 1, 0.2, 0.9],
                columns: 4, rows: 1, ground: { UInt32($0) + UInt32($1) },
                capabilities: Capabilities(colors: .none, glyphs: .ascii))
        }
        #expect(lines == [".+ o"])
        #expect(Set((0..<10).map { classGlyph($0, glyphs: .ascii) }).count == 10)
        #expect(Set((0..<10).map { classGlyph($0, glyphs: .braille) }).count == 10)
    }

    @Test("dots make braille, blocks or ASCII of the same line, and keep what is under them")
    func dots() {
        func lines(_ glyphs: Capabilities.Glyphs) -> [String] {
            drawn(6, 2) {
                var plot = DotPlot(width: 5, height: 2, capabilities: Capabilities(glyphs: glyphs))
                plot.line(0, 0, 8, 8, color: .rgb(1))
                plot.point(9.5, 0.5, color: .rgb(2))
                plot.point(10, 0, color: .rgb(2))
                plot.point(-0.1, 0, color: .rgb(2))
                plot.draw(into: &$0, x: 0, y: 0)
            }
        }
        #expect(lines(.braille) == ["⠑⢄xx⠈x", "xx⠑⢄⡀x"])
        #expect(lines(.block) == ["▀▄xx▝x", "xx▀▄▖x"])
        #expect(lines(.ascii) == ["'.xx'x", "xx'..x"])
    }

    @Test("lines are clipped to the plot, and coordinates that are not finite draw nothing")
    func clippedLines() {
        let lines = drawn(3, 1) {
            var plot = DotPlot(width: 3, height: 1, capabilities: Capabilities())
            plot.line(-1e9, 3.5, 1e9, 3.5, color: .standard)
            plot.line(0, .nan, 5, 0, color: .standard)
            plot.line(-5, -5, -1, 9, color: .standard)
            plot.draw(into: &$0, x: 0, y: 0)
        }
        #expect(lines == ["⣀⣀⣀"])
    }

    @Test("among several writers of a cell the heaviest gives its style, among equals the last")
    func dotWeights() {
        var canvas = Canvas(width: 1, height: 1, fill: Cell(" ", Style(on: .rgb(9))))
        var plot = DotPlot(width: 1, height: 1, capabilities: Capabilities())
        plot.point(0, 0, color: .rgb(1), weight: 1)
        plot.point(0, 1, color: .rgb(2))
        plot.draw(into: &canvas, x: 0, y: 0)
        #expect(canvas[0, 0] == Cell("⠃", Style(.rgb(1), on: .rgb(9))))
        plot.point(0, 2, color: .rgb(3), weight: 1)
        plot.draw(into: &canvas, x: 0, y: 0)
        #expect(canvas[0, 0] == Cell("⠇", Style(.rgb(3), on: .rgb(9))))
    }

    @Test("a box clears what is under it")
    func box() {
        #expect(
            drawn(10, 3) { drawBox(into: &$0, Rect(x: 0, y: 0, width: 10, height: 3), title: "Open") } == [
                "┌─ Open ─┐", "│        │", "└────────┘",
            ])
        #expect(
            centredRect(width: 4, height: 2, in: Rect(x: 0, y: 0, width: 10, height: 4))
                == Rect(x: 3, y: 1, width: 4, height: 2))
    }
}
