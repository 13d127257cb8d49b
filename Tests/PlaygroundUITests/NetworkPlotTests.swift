import Datasets
import Session
import TerminalKit
import Testing

@testable import Engine
@testable import PlaygroundUI
@testable import Session

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
        for layer in [-1, 0, 1] as [LayerPath] {
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

    @Test(
        "of a wide layer the number of units that are not shown stands whole, at every width", arguments: [16, 40, 300])
    func unshown(units: Int) throws {
        let snapshot = try PlotFixture.snapshot(
            layers: [Choice("dense", ["units": .integer(units)]), Choice("dense", ["units": .integer(units)])])
        for width in 29...60 {
            let stack = StackLayout(
                rect: Rect(x: 0, y: 0, width: width, height: 21), units: [2, units, units, 1], selected: 0,
                inspectorRows: 5)
            var canvas = Canvas(width: width, height: 21)
            NetworkPanel.draw(into: &canvas, layout: stack, context: PlotFixture.context(snapshot))
            let shown = NetworkPanel.tiles(layout: stack, outline: snapshot.outline, cursor: nil).rows[1].units.count
            guard shown < units, stack.showsLinks else { continue }
            #expect(lines(canvas).count { $0.contains(" +\(units - shown)") } == 2, "\(width)")
        }
    }
}
