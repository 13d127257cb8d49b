import Datasets
import Session
import TerminalKit
import Testing

@testable import Engine
@testable import PlaygroundUI
@testable import Session

@Suite("Plots")
struct PlotTests {
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
        for range in [0...Float.infinity, 0...Float.greatestFiniteMagnitude, -1e38...1e38, 0...1e-40] {
            context.snapshot.data.columns[0].range = range
            #expect(!OutputGeometry(rect: rect, context: context).plot.isEmpty)
        }
    }

    @Test("the loss' curves fall from left to right between axes with numbers")
    func loss() throws {
        var snapshot = try PlotFixture.snapshot()
        for epoch in 0...40 {
            let loss = 0.5 * Float(40 - epoch) / 40
            snapshot.history.append(
                History.Point(
                    epoch: epoch, step: epoch * 10, trainLoss: loss, testLoss: loss, trainAccuracy: 1, testAccuracy: 1))
        }
        snapshot.evaluation = Evaluation(
            trainLoss: 0.00034, testLoss: 0.0018)
        let context = PlotFixture.context(snapshot, colors: .none)
        var canvas = crossed(44, 8)
        LossPanel.draw(into: &canvas, rect: canvas.bounds, context: context)
        #expect(
            lines(canvas) == [
                "─ Loss ──────────────────────────────── 7 ─ ",
                "                  train 0.0003  test 0.0018 ",
                "   0.5 ⠑⠒⠤⠤⣀⣀                               ",
                "             ⠉⠑⠒⠒⠤⠤⣀⡀                       ",
                "                    ⠈⠉⠑⠒⠢⠤⢄⣀                ",
                "                            ⠉⠉⠑⠒⠤⠤⣀⡀        ",
                "   0.0                             ⠈⠉⠉⠒⠢⠤⢄⣀ ",
                "       0              epochs             40 ",
            ])
    }

    @Test("the numbers stand above the curves, whole, with the regularization and the accuracy, at every width")
    func lossNumbers() throws {
        var snapshot = try PlotFixture.snapshot()
        for epoch in 0...40 {
            snapshot.history.append(
                History.Point(
                    epoch: epoch, step: epoch, trainLoss: 0.5, testLoss: 0.5, trainAccuracy: 1, testAccuracy: 1))
        }
        snapshot.evaluation = Evaluation(
            trainLoss: 0.0134, testLoss: 0.0188, trainConfusion: ConfusionMatrix([[1, 0], [0, 1]]),
            testConfusion: ConfusionMatrix([[1, 0], [1, 0]]), regularization: 0.0508)
        for (width, height) in [(38, 10), (44, 12), (80, 10), (120, 30)] {
            let context = PlotFixture.context(snapshot, colors: .none) { $0.plots.showAccuracy = true }
            var canvas = crossed(width, height)
            LossPanel.draw(into: &canvas, rect: canvas.bounds, context: context)
            let rows = lines(canvas)
            let text = rows.joined(separator: "\n")
            for words in ["train 0.0134", "+ 0.0508 weights", "test 0.0188", "50.0 %"] {
                #expect(text.contains(words), "\(words) at \(width)")
                let row = try #require(rows.first { $0.contains(words) })
                #expect(
                    !row.unicodeScalars.contains { ("\u{2801}"..."\u{28FF}").contains($0) }, "a curve behind: \(row)")
            }
        }
        // In a low panel the losses are what stays.
        var low = crossed(30, 7)
        LossPanel.draw(into: &low, rect: low.bounds, context: PlotFixture.context(snapshot, colors: .none))
        #expect(lines(low).contains { $0.contains("train 0.0134  test 0.0188") })
    }

    @Test("losses that are not finite, or not there, draw no curve and no NaN")
    func lossWithoutNumbers() throws {
        var snapshot = try PlotFixture.snapshot()
        for epoch in 0...4 {
            snapshot.history.append(
                History.Point(
                    epoch: epoch, step: epoch, trainLoss: epoch < 2 ? 1 : .infinity, testLoss: .nan,
                    trainAccuracy: .nan, testAccuracy: .nan))
        }
        snapshot.evaluation = Evaluation(
            trainLoss: .nan, testLoss: nil, regularization: 0.5)
        for logarithmic in [false, true] {
            let context = PlotFixture.context(snapshot) { $0.view.logLoss = logarithmic }
            var canvas = crossed(50, 10)
            LossPanel.draw(into: &canvas, rect: canvas.bounds, context: context)
            let text = lines(canvas).joined(separator: "\n")
            #expect(!text.lowercased().contains("nan"))
            #expect(text.contains("train      –"))
            #expect(!text.contains("test"))
            #expect(text.contains("+ 0.5000 weights"))
        }
    }

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
        var legs: [[Int?]] = []
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
}

@Suite("The plots' sheet")
struct PlotSheetTests {
    @Test(
        "it holds the output, the hidden features and the loss, side by side where there is room", arguments: [40, 100])
    func sheet(width: Int) throws {
        var snapshot = try PlotFixture.snapshot()
        let weights = try #require(snapshot.outline.weightMatrix(layer: 1))
        snapshot.parameters[weights.offset] = 1
        let canvas = PlotSheet.draw(
            snapshot, width: width, capabilities: Capabilities(colors: .none, glyphs: .ascii))
        #expect(canvas.width == width)
        let text = lines(canvas)
        #expect(text[0].contains("Output") && !text[0].contains("5"))
        #expect(text[0].contains("Hidden") == (width == 100))
        #expect(text.contains { $0.contains("Hidden") } && text.contains { $0.contains("Loss") })
        #expect(text.contains { $0.contains("no epoch yet") })
        #expect(text.contains { $0.contains("unit 1 is dead") })
    }
}

@Suite("The network's plot")
struct PlotNetworkTests {
    private func layout(_ units: [Int]) -> StackLayout {
        StackLayout(rect: Rect(x: 0, y: 0, width: 50, height: 34), units: units, selected: 0, inspectorRows: 3)
    }

    @Test("tiles stand centred on one pitch, and of a wide layer those around the cursor with the number of the rest")
    func tiles() throws {
        let snapshot = try PlotFixture.snapshot(layers: [Choice("dense", ["units": .integer(64)])])
        let stack = layout([2, 64, 1])
        let near = NetworkPanel.tiles(layout: stack, outline: snapshot.outline, cursor: nil)
        let hidden = try #require(near.rows.first { $0.layer == 0 })
        #expect(hidden.units.lowerBound == 0 && hidden.units.count >= 3 && hidden.units.count < 64)
        let far = NetworkPanel.tiles(
            layout: stack, outline: snapshot.outline, cursor: NetworkCursor(layer: 0, unit: 40))
        #expect(try #require(far.rows.first { $0.layer == 0 }).units.contains(40))
        var canvas = crossed(50, 34)
        NetworkPanel.draw(into: &canvas, layout: stack, context: PlotFixture.context(snapshot))
        #expect(lines(canvas).contains { $0.contains("+\(64 - hidden.units.count)") })
    }

    @Test("what is drawn can be hit: tiles, the mark of a bias, links, and nothing beside them")
    func hits() throws {
        var snapshot = try PlotFixture.snapshot()
        snapshot.parameters = snapshot.parameters.map { _ in 0.5 }
        let stack = layout([2, 2, 1])
        let context = PlotFixture.context(snapshot)
        let geometry = NetworkGeometry(layout: stack, outline: snapshot.outline, cursor: nil)
        for layer in -1...1 {
            let tile = try #require(geometry.tile(layer: layer, unit: 0))
            #expect(
                NetworkPanel.hit(x: tile.x + 1, y: tile.y + 1, layout: stack, context: context)
                    == NetworkCursor(layer: layer, unit: 0))
        }
        let tile = try #require(geometry.tile(layer: 0, unit: 1))
        #expect(
            NetworkPanel.hit(x: tile.x - 1, y: tile.y, layout: stack, context: context)
                == NetworkCursor(layer: 0, unit: 1, from: -1))
        // Above the second unit end the links from both features, side by side.
        let above = (tile.x..<tile.maxX).map {
            NetworkPanel.hit(x: $0, y: tile.y - 1, layout: stack, context: context)
        }
        for from in 0...1 { #expect(above.contains(NetworkCursor(layer: 0, unit: 1, from: from))) }
        #expect(NetworkPanel.hit(x: 0, y: tile.y - 1, layout: stack, context: context) == nil)
    }

    @Test("a cursor names its number: the weight from x2 to the first unit, a bias, and a neuron's formula")
    func parameters() throws {
        var snapshot = try PlotFixture.snapshot()
        let weights = try #require(snapshot.outline.weightMatrix(layer: 0))
        let biases = try #require(snapshot.outline.biases(layer: 0))
        snapshot.parameters[weights.offset] = -0.03
        snapshot.parameters[weights.offset + 1] = 0.82
        snapshot.parameters[biases.offset] = -1.58
        let weight = try #require(
            NetworkPanel.parameter(at: NetworkCursor(layer: 0, unit: 0, from: 1), snapshot: snapshot))
        #expect(weight.index == weights.offset + 1 && weight.value == 0.82)
        let bias = try #require(
            NetworkPanel.parameter(at: NetworkCursor(layer: 0, unit: 0, from: -1), snapshot: snapshot))
        #expect(bias.index == biases.offset && bias.value == -1.58)
        #expect(NetworkPanel.parameter(at: NetworkCursor(layer: 0, unit: 0), snapshot: snapshot) == nil)
        let context = PlotFixture.context(snapshot)
        let cursor = NetworkCursor(layer: 0, unit: 0)
        #expect(NetworkReadout(cursor, context).name == "layer 1 unit 1")
    }

    @Test(
        "a neuron's sum is whole: every term at the place under the cursor, of many the largest and the others together"
    )
    func terms() throws {
        var snapshot = try PlotFixture.snapshot(layers: [Choice("dense", ["units": .integer(40)])])
        let weights = try #require(snapshot.outline.weightMatrix(layer: 1))
        for from in 0..<40 { snapshot.parameters[weights.offset + from] = Float(from) / 10 - 2 }
        snapshot.parameters[try #require(snapshot.outline.biases(layer: 1)).offset] = 0.5
        var picture = Picture(revision: 1, generation: 1, step: 0)
        picture.probe = Picture.Probe(
            neuron: ViewRequest.Neuron(layer: 1, unit: 0), place: SIMD2(1, -2), preActivation: -1.5, activation: -0.91,
            inputs: [Float](repeating: 1, count: 40))
        let context = PlotFixture.context(snapshot, picture: picture)
        func drawn(_ width: Int, _ height: Int) -> String {
            var canvas = Canvas(width: width, height: height)
            NetworkReadout(NetworkCursor(layer: 1, unit: 0), context).draw(into: &canvas, canvas.bounds)
            return canvas.lines.joined(separator: "\n")
        }
        let all = drawn(100, 20)
        #expect(all.contains("output") && all.contains("at (1.00, −2.00)"))
        for unit in 1...40 { #expect(all.contains("h\(unit) "), "\(unit)") }
        #expect(all.contains("+1.90 ·   1.00 =  +1.90") && all.contains("tanh(−1.50) = −0.91"), "\(all)")
        // Six rows: the four largest, the others with their sum, the bias.
        let some = drawn(40, 8)
        #expect(some.contains("h1 ") && some.contains("36 others") && some.contains("bias"), "\(some)")
        let shown: Float = -2 - 1.9 - 1.8 + 1.9
        let rest = (0..<40).reduce(Float(0)) { $0 + Float($1) / 10 - 2 } - shown
        #expect(some.contains(formatFixed(Double(rest), decimals: 2)), "\(rest): \(some)")
    }

    @Test("a cursor that points past the end of a smaller network comes back into it, and never onto dropout")
    func fitted() throws {
        let snapshot = try PlotFixture.snapshot(
            layers: [Choice("dense", ["units": .integer(2)]), Choice("dropout")])
        let outline = snapshot.outline
        #expect(NetworkPanel.fitted(NetworkCursor(layer: 9, unit: 9), outline) == NetworkCursor(layer: 2, unit: 0))
        #expect(NetworkPanel.fitted(NetworkCursor(layer: 1, unit: 1), outline) == NetworkCursor(layer: 0, unit: 1))
        #expect(
            NetworkPanel.fitted(NetworkCursor(layer: 0, unit: 0, from: 7), outline)
                == NetworkCursor(layer: 0, unit: 0, from: 1))
    }

    @Test("links remain lines, or are not there: they never fill what is between two layers", arguments: [8, 24])
    func crowdedLinks(units: Int) throws {
        var snapshot = try PlotFixture.snapshot(
            layers: [Choice("dense", ["units": .integer(units)]), Choice("dense", ["units": .integer(units)])])
        snapshot.parameters = snapshot.parameters.indices.map { Float($0 * 37 % 19) / 9 - 1 }
        for height in 8...40 {
            for width in [33, 50, 120] {
                let stack = StackLayout(
                    rect: Rect(x: 0, y: 0, width: width, height: height), units: [2, units, units, 1], selected: 0,
                    inspectorRows: 3)
                guard stack.showsLinks else { continue }
                var canvas = Canvas(width: width, height: height)
                NetworkPanel.draw(into: &canvas, layout: stack, context: PlotFixture.context(snapshot))
                for (upper, lower) in zip(stack.rows, stack.rows.dropFirst()) {
                    let between = upper.tiles.maxY..<lower.tiles.y
                    let dots = between.flatMap { y in
                        (upper.tiles.x..<upper.tiles.maxX).map { x -> Int in
                            let value = canvas[x, y].scalar.value
                            return value & ~0xFF == 0x2800 ? Int(value & 0xFF).nonzeroBitCount : 0
                        }
                    }
                    let lit = dots.reduce(0, +)
                    #expect(lit <= dots.count * 8 * 2 / 5, "\(width)×\(height)")
                    if between.count < 2 { #expect(lit == 0) }
                }
            }
        }
    }

    @Test("the strongest link is the brightest, its colour the weight's sign")
    func links() throws {
        var snapshot = try PlotFixture.snapshot()
        let weights = try #require(snapshot.outline.weightMatrix(layer: 0))
        snapshot.parameters[weights.offset] = 2
        snapshot.parameters[weights.offset + 3] = -0.1
        let stack = layout([2, 2, 1])
        var canvas = crossed(50, 34)
        NetworkPanel.draw(into: &canvas, layout: stack, context: PlotFixture.context(snapshot))
        let geometry = NetworkGeometry(layout: stack, outline: snapshot.outline, cursor: nil)
        let row = try #require(geometry.row(0))
        /// The colours of the links that end above a unit's tile.
        func ends(_ unit: Int) -> [Color] {
            (0..<geometry.tileWidth).map { canvas[row.tileX(unit) + $0, row.rect.y - 1].style.foreground }
                .filter { $0 != .standard }
        }
        #expect(ends(0) == [.rgb(Theme.dark.positive)])
        guard case .rgb(let faint)? = ends(1).first else {
            Issue.record("the negative link has no colour")
            return
        }
        // Orange, and dark: red above blue, far from the full colour.
        #expect(faint >> 16 & 255 > faint & 255 && faint >> 16 & 255 < 0x70)
    }
}
