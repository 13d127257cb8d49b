import Datasets
import Session
import TerminalKit
import Testing

@testable import Engine
@testable import PlaygroundUI
@testable import Session

@Suite("The hidden features' plot")
struct HiddenPlotTests {
    @Test("the morph slider lies linearly between the input plane and the layer, and tells so")
    func morph() throws {
        let snapshot = try PlotFixture.snapshot(points: [DrawnPoint(x1: 0, x2: 0, label: .text("no"))])
        var picture = Picture(revision: 1, generation: 1, step: 0)
        var hidden = HiddenPicture(
            target: HiddenTarget(layer: 0), columns: [0, 1], size: ViewRequest.Size(columns: 2, rows: 1),
            gridStart: [SIMD2(0, 0), SIMD2(0, 0)], gridEnd: [SIMD2(0, 0), SIMD2(0, 0)], field: Field(values: [0, 0]))
        hidden.trainStart = [SIMD2(0.05, 0.5)]
        hidden.trainEnd = [SIMD2(0.95, 0.5)]
        picture.hidden = hidden
        func column(_ morph: Double) -> (point: Int, title: String) {
            let context = PlotFixture.context(snapshot, picture: picture) { $0.plots.morph = morph }
            var canvas = crossed(60, 10)
            HiddenPanel.draw(into: &canvas, rect: canvas.bounds, context: context)
            let ink = context.tones.inks[0]
            let point = (0..<60).first { x in (1..<10).contains { canvas[x, $0].style.foreground == .rgb(ink) } }
            return (point ?? -1, lines(canvas)[0])
        }
        let (start, middle, end) = (column(0), column(0.5), column(1))
        #expect(end.point - start.point > 40)
        #expect(abs(2 * middle.point - start.point - end.point) <= 1)
        #expect(middle.title.contains("morph 50 %") && !end.title.contains("morph"))
    }

    @Test("a animates the plane through all layers and back, one leg from each layer to the next")
    func journey() throws {
        let snapshot = try PlotFixture.snapshot(
            layers: [
                Choice("dense", ["units": .integer(2)]), Choice("dropout"), Choice("dense", ["units": .integer(3)]),
            ])
        var app = app(["6", "a"])
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        let start = app.now
        var legs: [[LayerPath?]] = []
        var time = start
        while app.advanceJourney(at: time) {
            let request = app.viewRequest
            if app.plots.journey != nil {
                let leg = [request.hiddenStart?.layer, request.hidden?.layer]
                if legs.last != leg { legs.append(leg) }
            }
            time += 0.05
        }
        #expect(legs == [[nil, 0], [0, 2], [2, 3], [0, 2], [nil, 0]])
        #expect(abs(time - start - 6 * Journey.secondsPerLeg) < 0.2)
        #expect(app.plots.morph == 1 && app.viewRequest.hiddenStart == nil)

        // Between two legs the picture of either shows the same: the layer between them.
        let outline = snapshot.outline
        var before = HiddenPicture(
            target: HiddenTarget(layer: 0), columns: [0, 1], size: ViewRequest.Size(columns: 1, rows: 1),
            gridStart: [], gridEnd: [], field: Field())
        #expect(Journey(1, outline: outline).morph(of: before) == 1)
        before.target.layer = 2
        #expect(Journey(1, outline: outline).morph(of: before) == 0)
        #expect(Journey(1.5, outline: outline).morph(of: before) == 0.5)
        #expect(Journey(4.5, outline: outline).morph(of: before) == 0.5)
        app.handle(.key(Key(.character("a"))), at: time)
        #expect(app.plots.journey == 0)
        app.handle(.key(Key(.character("h"))), at: time + 1)
        #expect(app.plots.journey == nil && app.plots.morph == 0.95)
    }

    @Test("a dead unit's words stand in the plot, and PCA's axes tell their shares")
    func words() throws {
        let snapshot = try PlotFixture.snapshot(layers: [Choice("dense", ["units": .integer(3)])])
        var picture = Picture(revision: 1, generation: 1, step: 0)
        var hidden = HiddenPicture(
            target: HiddenTarget(layer: 0, units: [], pca: true), columns: [0, 1],
            size: ViewRequest.Size(columns: 1, rows: 1), gridStart: [SIMD2(0.5, 0.5)], gridEnd: [SIMD2(0.5, 0.5)],
            field: Field(values: [0]), xRange: -2...2, yRange: -1...1)
        hidden.explained = [0.72, 0.2]
        hidden.words = ["unit 2 is dead: 0 everywhere"]
        picture.hidden = hidden
        let context = PlotFixture.context(snapshot, picture: picture, colors: .none) { $0.view.pca = true }
        var canvas = crossed(50, 10)
        HiddenPanel.draw(into: &canvas, rect: canvas.bounds, context: context)
        #expect(
            lines(canvas) == [
                "─ Hidden features · layer 1 · after tanh ──── 6 ─ ",
                "  1.00  unit 2 is dead: 0 everywhere              ",
                "                                                  ",
                "                                                  ",
                "                                                  ",
                "  PC 2                                            ",
                "  20 %                                            ",
                "                                                  ",
                " −1.00                                            ",
                "       −2.00           PC 1 · 72 %           2.00 ",
            ])
    }

    @Test("the mesh has about twelve lines each way where there is room, and fewer where they would run together")
    func mesh() throws {
        let size = ViewRequest.Size(columns: 41, rows: 41)
        let context = PlotFixture.context(try PlotFixture.snapshot())
        let colorless = PlotFixture.context(try PlotFixture.snapshot(), colors: .none)
        func lines(_ height: Int, _ context: PlotContext) -> Int {
            let step = HiddenPanel.lineStep(Rect(x: 0, y: 0, width: 4 * height, height: height), size, context)
            return (0..<size.rows).count { $0 % step == 0 }
        }
        #expect([7, 10, 18, 25, 60].map { lines($0, context) } == [5, 6, 9, 11, 11])
        #expect([7, 25].map { lines($0, colorless) } == [2, 5])
        // Three dots at least from line to line: of a plane that fills the plot no cell is all mesh.
        for height in 4...60 { #expect(4 * height >= 3 * (lines(height, context) - 1), "\(height)") }
    }

    @Test("of sixteen colours the mesh is darker than the points, which are dots as well")
    func meshAndPoints() throws {
        let snapshot = try PlotFixture.snapshot()
        var picture = Picture(revision: 1, generation: 1, step: 0)
        let places = (0..<4).map { SIMD2(Float($0 % 2), Float($0 / 2)) }
        picture.hidden = HiddenPicture(
            target: HiddenTarget(layer: 0), columns: [0, 1], size: ViewRequest.Size(columns: 2, rows: 2),
            gridStart: places, gridEnd: places, field: Field(values: [1, 1, 1, 1]))
        picture.hidden!.trainStart = [SIMD2(0.5, 0.5)]
        picture.hidden!.trainEnd = [SIMD2(0.5, 0.5)]
        for theme in [Theme.dark, .light] {
            let context = PlotFixture.context(snapshot, picture: picture, colors: .palette16) { $0.theme = theme }
            var canvas = Canvas(width: 60, height: 12)
            HiddenPanel.draw(into: &canvas, rect: canvas.bounds, context: context)
            let dots = canvas.cells.filter { $0.scalar.value & ~0xFF == 0x2800 }
            #expect(dots.count > 40)
            #expect(!dots.contains { $0.style.foreground == .rgb(context.tones.inks[1]) })
        }
    }
}
