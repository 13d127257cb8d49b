import Datasets
import Session
import TerminalKit
import Testing

@testable import Engine
@testable import PlaygroundUI
@testable import Session

@Suite("The output's plot")
struct OutputPlotTests {
    @Test("without colours the output's halves differ by glyph, and the classes' points by blocks and dots")
    func output() throws {
        let snapshot = try PlotFixture.snapshot()
        let rect = Rect(x: 1, y: 0, width: 30, height: 12)
        let context = PlotFixture.context(snapshot, picture: PlotFixture.halves(columns: 8, rows: 8), colors: .none)
        var canvas = crossed(32, 12)
        OutputPanel.draw(into: &canvas, rect: rect, context: context)
        #expect(
            lines(canvas) == [
                "x─ Output ──────────────── 5 ─ x",
                "x      6 ·▖······▓▓▓▓▓▓⠰▓      x",
                "x        ········▓▓▓▓▓▓▓▓      x",
                "x        ········▓▓▓▓▓▓▓▓      x",
                "x        ········▓▓▓▓▓▓▓▓      x",
                "x      0 ········▓▓▓▓▓▓▓▓      x",
                "x        ········▓▓▓▓▓▓▓▓      x",
                "x        ········▓▓▓▓▓▓▓▓      x",
                "x     −6 ·▘······▓▓▓▓▓▓▓▓      x",
                "x        −6     0       6      x",
                "x    ·▘ no  ░⠆ yes  ▘⠆ train   x",
                "x    wrong: reversed  −1 ·░▓ 1 x",
            ])
    }

    @Test("in ASCII the regions, the classes and the two sets differ by ASCII glyphs")
    func ascii() throws {
        let snapshot = try PlotFixture.snapshot()
        let context = PlotFixture.context(
            snapshot, picture: PlotFixture.halves(columns: 8, rows: 8), colors: .none, glyphs: .ascii
        ) { $0.view.showTestData = true }
        var canvas = crossed(30, 12)
        OutputPanel.draw(into: &canvas, rect: canvas.bounds, context: context)
        #expect(
            lines(canvas) == [
                "- Output ---------------- 5 - ",
                "      6 .O......######X#      ",
                "        ........########      ",
                "        ........########      ",
                "        ........########      ",
                "      0 ........########      ",
                "        ........########      ",
                "        ........########      ",
                "     −6 .O......######x#      ",
                "        −6     0       6      ",
                "    .O no  +X yes  OX train   ",
                "    and 3 more                ",
            ])
    }

    @Test("discretized, only the decision's two colours are left")
    func discretized() throws {
        let snapshot = try PlotFixture.snapshot(points: [DrawnPoint(x1: 0, x2: 0, label: .text("no"))])
        var picture = PlotFixture.halves(columns: 8, rows: 8)
        picture.boundary!.field.values = (0..<64).map { Float($0 % 8) / 8 - 0.45 }
        func colors(_ discretize: Bool) -> Set<Color> {
            let context = PlotFixture.context(snapshot, picture: picture) { $0.view.discretize = discretize }
            var canvas = crossed(40, 12)
            OutputPanel.draw(into: &canvas, rect: canvas.bounds, context: context)
            let plot = OutputGeometry(rect: canvas.bounds, context: context).plot
            return Set((plot.x..<plot.maxX).map { canvas[$0, plot.y + 1].style.background })
        }
        #expect(colors(true) == Set(PlotTones.tones(.dark, .truecolor, classes: 2).grounds.prefix(2).map(Color.rgb)))
        #expect(colors(false).count > 4)
    }

    @Test("the cursor reads the value and the class under it")
    func readout() throws {
        let snapshot = try PlotFixture.snapshot()
        let context = PlotFixture.context(snapshot, picture: PlotFixture.halves(columns: 8, rows: 8))
        #expect(OutputPanel.readout(PlotPlace(x: 0.25, y: 0.75), context) == "(−3.00, 3.00) → −1.00  no")
        #expect(OutputPanel.readout(PlotPlace(x: 0.75, y: 0.5), context) == "(3.00, 0.00) → 1.00  yes")
    }

    @Test("a picture of another experiment is not shown")
    func stale() throws {
        var snapshot = try PlotFixture.snapshot()
        snapshot.revision = 2
        let context = PlotFixture.context(snapshot, picture: PlotFixture.halves(columns: 8, rows: 8))
        #expect(context.shown == nil)
    }

    @Test("a place of the plot and its cell belong together at every size")
    func places() throws {
        let context = PlotFixture.context(try PlotFixture.snapshot())
        for (width, height) in [(20, 8), (46, 20), (80, 40)] {
            let geometry = OutputGeometry(rect: Rect(x: 3, y: 2, width: width, height: height), context: context)
            for x in geometry.plot.x..<geometry.plot.maxX {
                let place = try #require(geometry.place(x: x, y: geometry.plot.y))
                let cell = try #require(geometry.cell(x: Float(place.x), y: Float(place.y)))
                #expect(cell == (x, geometry.plot.y))
            }
            #expect(geometry.plot.width == 2 * geometry.plot.height)
        }
    }

    @Test(
        "one unit is as long down as across where the ranges differ less than threefold, at every size of the screen",
        arguments: [(80, 24), (120, 40), (200, 60), (300, 90)])
    func proportions(width: Int, height: Int) throws {
        var context = PlotFixture.context(try PlotFixture.snapshot())
        let rect = try #require(Layout(width: width, height: height).area(.output)).rect
        for (x, y) in [(-6...6, -6...6), (0...10, -2...2), (1...2, 4...6.9)]
            as [(ClosedRange<Float>, ClosedRange<Float>)]
        {
            context.snapshot.data.columns[0].range = x
            context.snapshot.data.columns[1].range = y
            let plot = OutputGeometry(rect: rect, context: context).plot
            let across = Float(plot.width) / x.span
            let down = Float(2 * plot.height) / y.span
            // A cell more or less is the nearest that there is.
            #expect(abs(across / down - 1) < 1.01 / Float(min(plot.width, plot.height)), "\(plot) for \(x), \(y)")
        }
        context.snapshot.data.columns[0].range = 0...100
        context.snapshot.data.columns[1].range = 0...1
        let wide = OutputGeometry(rect: rect, context: context)
        context.snapshot.data.columns[0].range = 0...1
        context.snapshot.data.columns[1].range = 0...100
        let high = OutputGeometry(rect: rect, context: context)
        #expect(wide.plot.height == high.plot.height && wide.plot.width + 2 >= high.plot.width)
        for range in [
            0...Float.infinity, 0...Float.greatestFiniteMagnitude, -1e38...1e38, 0...Float.leastNonzeroMagnitude,
        ] {
            context.snapshot.data.columns[0].range = range
            #expect(!OutputGeometry(rect: rect, context: context).plot.isEmpty)
        }
    }
}
