import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

@Suite("The stack of pictures")
struct PictureStackTests {
    /// Layers of convolutions below each other.
    private func deep(_ count: Int, size: (Int, Int)) throws -> WalkFixture {
        let layers = (0..<count).map { _ in #"{"conv2d":{"filters":6,"padding":"same"}}"# }
        return try WalkFixture(layers: "[\(layers.joined(separator: ","))]", size: size)
    }

    private func stack(_ fixture: WalkFixture) throws -> StackLayout {
        fixture.app.stackLayout(panelContent(of: try #require(fixture.app.layout.area(.stack)?.rect)))
    }

    @Test("a layer's name that is too long for its label stands in two lines")
    func longNames() {
        #expect(StackDrawing.lines(ofTitle: "globalMeanPool", columns: 12) == ["globalMean", "Pool"])
        #expect(StackDrawing.lines(ofTitle: "conv2dTranspose 16", columns: 12) == ["conv2d", "Transpose 16"])
        #expect(StackDrawing.lines(ofTitle: "conv2d 8", columns: 12) == ["conv2d 8"])
        #expect(StackDrawing.lines(ofTitle: "embedding", columns: 6) == ["embedding"])
    }

    @Test(
        "a deep network keeps the selected layer and its neighbours in sight, with tiles to look at, and says how many are not",
        arguments: [(80, 24), (120, 40), (200, 60)])
    func deepNetworks(width: Int, height: Int) throws {
        var fixture = try deep(14, size: (width, height))
        for selected in 0..<15 {
            fixture.app.select(layer: LayerPath(selected))
            fixture.app.handle(.resize(width: width, height: height))
            fixture.show()
            let stack = try stack(fixture)
            let shown = stack.rows.map(\.layer.index)
            let wanted = max(-1, selected - 1)...min(14, selected + 1)
            #expect(wanted.allSatisfy { shown.contains($0) }, "\(selected): \(shown)")
            #expect(stack.above + stack.rows.count + stack.below == 16)
            for row in stack.rows where row.tileWidth > 0 { #expect(row.tileWidth >= 4 && row.tiles.height >= 2) }
            for (upper, lower) in zip(stack.rows, stack.rows.dropFirst()) {
                #expect(max(upper.kernels.maxY, upper.tiles.maxY) <= lower.tiles.y)
            }
            #expect(stack.rows.last!.tiles.maxY <= stack.inspector.y)
            let text = fixture.text
            #expect(stack.below == 0 || text.contains("▾ \(stack.below) more"))
            #expect(stack.above == 0 || text.contains("▴ \(stack.above) more"))
        }
    }

    @Test("kernels stand below the maps where there is room, with their biases; T shows them alone")
    func kernels() throws {
        var fixture = try WalkFixture(layers: #"[{"conv2d":{"filters":3}}]"#, size: (200, 60))
        let row = try #require(try stack(fixture).rows.first { $0.layer == 0 })
        #expect(row.kernels.height == 2 && row.kernels.y == row.tiles.maxY)
        let bias = try #require(fixture.snapshot.outline.kernelBiases(layer: 0))
        #expect(bias.axes == [3])
        let room = row.tileWidth - 4
        let text = " " + formatFitting(fixture.snapshot.parameters[bias.offset], columns: room)
        #expect(room >= 4 && fixture.text.contains(text))
        try fixture.press("4", "T")
        #expect(fixture.text.contains("Stack kernels"))
        #expect(try stack(fixture).rows.allSatisfy { $0.kernels.height == 0 })
        try fixture.press("T", "T")
        #expect(!fixture.text.contains("Stack kernels"))
    }

    @Test(
        "that numbers have no room is said in words that do, beside the whole scale", arguments: [(80, 24), (200, 60)])
    func noRoom(width: Int, height: Int) throws {
        var fixture = try WalkFixture(
            layers: #"[{"conv2d":{"filters":2,"padding":"same"}}]"#,
            data: #"{"dataset":"shapes","samples":60,"side":32}"#, size: (width, height))
        try fixture.press("4", "w", "+", "#")
        let line = try #require(fixture.app.draw().lines.first { $0.contains("no room") })
        #expect(width == 80 ? !line.contains("here") : line.contains("32×32 numbers have no room here"), "\(line)")
        #expect(!line.prefix(width / 2).contains("…"), "\(line)")
    }

    @Test("the rows of a kernel are of one height: of 3×3 in two rows the last half row stays free")
    func kernelRows() throws {
        func canvas(_ data: String, channels: Int) throws -> (canvas: Canvas, context: PlotContext) {
            let fixture = try WalkFixture(layers: #"[{"conv2d":{"filters":1}}]"#, data: data)
            let context = try #require(fixture.app.plotContext)
            var canvas = Canvas(width: 3, height: 2)
            let weights = [Float](repeating: 1, count: 3) + [0, 0, 0, -1, -1, -1]
            drawWeights(
                into: &canvas, Rect(x: 0, y: 0, width: 3, height: 2),
                (0..<channels).flatMap { _ in weights }, shape: ImageShape(channels: channels, height: 3, width: 3),
                context: context)
            return (canvas, context)
        }
        let (grey, context) = try canvas(#"{"dataset":"lines","samples":60}"#, channels: 1)
        let (colours, _) = try canvas(#"{"dataset":"shapes","samples":60}"#, channels: 3)
        for x in 0..<3 {
            #expect(grey[x, 0] == Cell("▀", Style(.rgb(context.ramp(1)), on: .rgb(context.ramp(0)))))
            #expect(grey[x, 1] == Cell("▀", Style(.rgb(context.ramp(-1)))))
            #expect(colours[x, 0] == Cell("▀", Style(.rgb(0xFFFFFF), on: .rgb(0x808080))))
            #expect(colours[x, 1] == Cell("▀", Style(.rgb(0x000000))))
        }
    }

    @Test("T shows the loss's gradient at the maps for the chosen image, which is the network's own")
    func gradients() throws {
        var fixture = try WalkFixture(layers: #"[{"conv2d":{"filters":3}},{"maxPool":{}}]"#, size: (120, 40))
        try fixture.press("4", "T", "T")
        #expect(fixture.text.contains("Stack gradient of the loss"))
        let network = try NetworkGradient(fixture.snapshot.network, capacity: 1, ofLoss: true)
        network.load(parameters: fixture.snapshot.parameters)
        let label = try #require(fixture.snapshot.data.shownLabel(0))
        network.run(fixture.snapshot.data.shownImage(0), labels: [Float(label)])
        for layer: LayerPath in [.input, 0, 1, 2] {
            let tiles = try #require(fixture.app.picture?.tiles.first { $0.layer == layer })
            let gradient = network.gradient(layer: layer)
            let largest = gradient.map(abs).max()!
            #expect(largest > 0 && tiles.isSigned)
            let shown = tiles.values.flatMap { $0 }
            #expect(zip(shown, gradient).allSatisfy { abs($0 * largest - $1) <= 1e-6 * largest }, "\(layer)")
        }
        try fixture.press("5", "d")
        #expect(fixture.app.picture?.tiles.isEmpty == true, "nobody knows a drawing's class")
        #expect(fixture.app.picture?.kernelGradients.isEmpty == true)
    }

    @Test("with the gradients at the maps stand those at the kernels, and enlarged both have their numbers")
    func kernelGradients() throws {
        var fixture = try WalkFixture(layers: #"[{"conv2d":{"filters":3}},{"conv2d":{"filters":2}}]"#)
        try fixture.press("4", "T", "T")
        let network = try NetworkGradient(fixture.snapshot.network, capacity: 1, ofLoss: true, ofParameters: true)
        network.load(parameters: fixture.snapshot.parameters)
        let label = try #require(fixture.snapshot.data.shownLabel(0))
        network.run(fixture.snapshot.data.shownImage(0), labels: [Float(label)])
        for layer: LayerPath in [0, 1] {
            let kernels = try #require(fixture.snapshot.outline.kernels(layer: layer))
            let gradient = network.gradient(of: kernels.tensor)
            #expect(fixture.app.picture?.kernelGradients[layer] == gradient && gradient.contains { $0 != 0 })
            #expect(try stack(fixture).rows.first { $0.layer == layer }?.kernels.isEmpty == false)
        }
        let gradient = try #require(fixture.app.plotContext?.kernelGradient(of: 0, 0))
        try fixture.press("w", "+", "#")
        #expect(fixture.text.contains("gradient of the loss") && fixture.text.contains("at its kernel"))
        for value in gradient { #expect(fixture.text.contains(formatFitting(value, columns: 6))) }
    }

    @Test("a kernel enlarges channel by channel, of a transposed convolution that of its own map")
    func enlargedKernels() throws {
        var fixture = try WalkFixture(
            layers: #"[{"conv2d":{"filters":2}},{"conv2dTranspose":{"filters":5,"kernel":2}}]"#)
        try fixture.press("4", "T", "w", "down", "right", "right", "right", "right", "+", "#")
        #expect(fixture.text.contains("layer 2 map 5 · kernel 2×2"))
        let kernels = try #require(fixture.snapshot.outline.kernels(layer: 1))
        #expect(kernels.filters == 5 && kernels.shape == ImageShape(channels: 2, height: 2, width: 2))
        let all = Array(fixture.snapshot.parameters[kernels.tensor.offset..<kernels.tensor.offset + 40])
        // [channels, filters, 2, 2]
        let own = Array(all[16..<20] + all[36..<40])
        #expect(kernels.weights(of: 4, among: all) == own)
        for value in own { #expect(fixture.text.contains(formatFitting(value, columns: 6))) }
        #expect(fixture.text.contains("map 1") && fixture.text.contains("map 2"))
    }

    @Test("maps have the layer's scale, or with Y each its own")
    func scales() throws {
        var fixture = try WalkFixture(layers: #"[{"conv2d":{"filters":3}}]"#, size: (120, 40))
        func largest() throws -> [Float] {
            try #require(fixture.app.picture?.tiles.first { $0.layer == 0 }).values.map { tile in
                tile.map { abs(($0 + 1) / 2) }.max()!
            }
        }
        #expect(try largest().max() == 1)
        let own = try largest()
        try fixture.press("4", "Y")
        let alive = try zip(largest(), own).filter { $0.1 > 0 }.map(\.0)
        #expect(alive.allSatisfy { $0 == 1 } && !alive.isEmpty)
        #expect(fixture.text.contains("each by its own scale"))
    }

    @Test("a map enlarges, with its scale, and with its numbers where they have room")
    func enlarged() throws {
        var fixture = try WalkFixture(layers: #"[{"conv2d":{"filters":3}}]"#, size: (120, 40))
        try fixture.press("4", "w", "+")
        #expect(fixture.text.contains("layer 1 map 1 · 6×6"))
        let values = try #require(fixture.app.picture?.walked?.values)
        #expect(values == (try fixture.network().values(layer: 0)))
        let largest = values[0..<36].map(abs).max()!
        #expect(fixture.text.contains(formatNumber(Double(largest))))
        try fixture.press("#")
        for value in values[0..<36] {
            #expect(fixture.text.contains(formatFitting(value, columns: 6)))
        }
        try fixture.press("right")
        #expect(fixture.text.contains("layer 1 map 2 · 6×6"))
        try fixture.press("esc")
        #expect(!fixture.app.plots.stack.enlargesTile && fixture.app.plots.cursor != nil)
        try fixture.press("esc")
        #expect(fixture.app.plots.cursor == nil)
    }

    @Test("numbers of a map stand apart where each has four columns")
    func parted() throws {
        var fixture = try WalkFixture(layers: #"[{"conv2d":{"filters":3,"padding":"same"}}]"#, size: (80, 24))
        try fixture.press("4", "w", "+", "#")
        let values = try #require(fixture.app.picture?.walked?.values).prefix(8)
        let row = values.map { " " + formatFitting($0, columns: 3) }
        #expect(
            row.allSatisfy { fixture.text.contains($0) } && !fixture.text.contains(#/\d\.\d\d\d\.\d/#),
            "\(fixture.text)")
    }

    @Test("maps that are scrolled away are told, and those at the cursor are there")
    func channels() throws {
        var fixture = try WalkFixture(layers: #"[{"conv2d":{"filters":40}}]"#, size: (120, 40))
        try fixture.press("4")
        #expect(fixture.text.contains("+3"))
        try fixture.press("w", "left")
        #expect(fixture.app.plots.cursor?.unit == 39 && fixture.text.contains("of 40"))
    }
}
