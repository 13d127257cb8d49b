import Datasets
import Session
import TerminalKit
import Testing

@testable import Engine
@testable import PlaygroundUI
@testable import Session

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("The stack unrolled in time")
struct TimelineTests {
    static let reber = #"{"dataset":"reber","samples":40,"length":16}"#
    static let recall = #"{"dataset":"recall","samples":40,"lag":7}"#

    /// The network after its pass over the chosen sequence.
    private func network(_ fixture: WalkFixture) throws -> Network {
        let network = try Network(fixture.snapshot.network, capacity: 1)
        network.load(parameters: fixture.snapshot.parameters)
        network.forward(
            fixture.snapshot.data.inputs(of: try #require(fixture.app.plotContext?.sequenceChoice)), count: 1)
        return network
    }

    func stackContent(_ fixture: WalkFixture) throws -> Rect {
        let area = try #require(fixture.app.layout.area(.stack))
        return panelContent(of: area.rect)
    }

    @Test("cells that read in both directions say in full beside their map which way it goes")
    func backwards() throws {
        var fixture = try WalkFixture(
            layers: #"[{"lstm":{"units":8,"bidirectional":true}}]"#, data: Self.recall)
        try fixture.press("4")
        #expect(fixture.text.contains("1 forth ") && !fixture.text.contains("1 back "))
        try fixture.press("Y")
        #expect(fixture.text.contains("1 back ") && !fixture.text.contains("1 forth "))
    }

    @Test(
        "every part of the memory is the engine's own, bit for bit",
        arguments: ["rnn", "lstm", "gru"])
    func values(_ layer: String) throws {
        let fixture = try WalkFixture(
            layers: #"[{"\#(layer)":{"units":6,"returns":"all"}}]"#, data: Self.reber)
        let context = try #require(fixture.app.plotContext)
        let (trace, gradient) = try #require(context.shownCells(of: 0))
        let network = try network(fixture)
        #expect(trace == network.cells(layer: 0)[0])
        #expect(context.steps(of: 0)?.values == network.values(layer: 0))
        let choice = try #require(context.sequenceChoice)
        let length = context.snapshot.data.stepCount(of: choice)
        for part in MemoryPart.all(of: trace.cells) {
            let map = MemoryMap(part, trace, gradient, length: length)
            for step in 0..<length {
                let value = try #require(map.value(2, at: step))
                switch part.source {
                case .state: #expect(value == trace.states[step * 6 + 2])
                case .kept: #expect(value == trace.kept[step * 6 + 2])
                case .gate(let number):
                    #expect(value == trace.gates[(step * trace.cells.kind.gateNames.count + number) * 6 + 2])
                case .gradient: #expect(value == gradient?.states[step * 6 + 2])
                }
            }
            #expect(map.value(0, at: length) == nil)
        }
        // A unit's gradient is that of a loss which is averaged over the steps with a target.
        let slopes = try NetworkGradient(fixture.snapshot.network, capacity: 1, ofLoss: true)
        slopes.load(parameters: fixture.snapshot.parameters)
        slopes.run(
            context.snapshot.data.inputs(of: choice),
            labels: context.snapshot.data.targets(of: choice).map { $0 ?? Samples.noLabel })
        #expect(gradient == slopes.cells(layer: 0)[0])
    }

    @Test("saturated gates are those above 0.9 and below 0.1, saturated states those near ±1")
    func saturation() throws {
        let cells = Outline.Cells(kind: .gru, units: 2, steps: 2, features: 1, layer: 0, isReversed: false)
        let trace = CellTrace(
            cells: cells, inputs: [0, 0], states: [0.95, -0.91, 0.2, 0],
            gates: [0.95, 0.05, 0.5, 0.5, 0, 0, 0.5, 0.09, 0.99, 0.91, 0, 0], kept: [0, 0, 0, 0])
        let parts = MemoryPart.all(of: cells)
        #expect(parts.map(\.letter) == ["h", "r", "z", "n", "∂h"])
        func saturation(_ part: Int) -> (high: Double, low: Double)? {
            MemoryMap(parts[part], trace, nil, length: 2).saturation
        }
        #expect(saturation(0)?.high == 0.5)
        #expect(saturation(1)?.high == 0.25 && saturation(1)?.low == 0.5)
        #expect(saturation(2)?.high == 0.5 && saturation(2)?.low == 0)
        #expect(saturation(3) == nil)
    }

    @Test("shut gates are a dull red of 256 colours too, where the nearest to a very dull one is a grey")
    func shutGates() throws {
        let fixture = try WalkFixture(
            layers: #"[{"lstm":{"units":4}}]"#, data: Self.recall,
            capabilities: Capabilities(colors: .palette256, glyphs: .braille))
        let stack = fixture.app.stackLayout(try stackContent(fixture))
        let context = try #require(fixture.app.plotContext)
        let drawing = try #require(TimelineDrawing(context, stack))
        let row = try #require(stack.rows.first { $0.layer == 0 })
        let memory = try #require(CellMemory(drawing, row))
        // From 232 on all are greys.
        #expect(nearestOf256(memory.shareColour(0.01)) < 232)
    }

    @Test("a gradient that is 0 at every step has no scale")
    func noGradient() throws {
        let cells = Outline.Cells(kind: .tanh, units: 2, steps: 2, features: 1, layer: 0, isReversed: false)
        let trace = CellTrace(cells: cells, inputs: [0, 0], states: [1, -1, 0, 0], gates: [], kept: [])
        let part = try #require(MemoryPart.all(of: cells).last)
        func map(_ states: [Float]) -> MemoryMap {
            MemoryMap(part, trace, CellGradient(cells: cells, states: states, sums: [], recurrent: []), length: 2)
        }
        #expect(map([0, 0, 0, 0]).isZero && map([0, 0, 0, 0]).scale == 1)
        #expect(!map([0, 0.25, 0, 0]).isZero && map([0, 0.25, 0, 0]).scale == 0.25)
    }

    @Test("T goes through the parts, and where there is room others stand below the chosen one")
    func parts() throws {
        var fixture = try WalkFixture(
            layers: #"[{"lstm":{"units":4,"returns":"all"}}]"#, data: Self.reber)
        #expect(fixture.text.contains("unrolled over") && fixture.text.contains("n→n"))
        #expect(fixture.text.contains("h state") && fixture.text.contains("c cell"))
        #expect(fixture.text.contains("open "))
        let parts = ["c", "i", "f", "g", "o", "∂h", "h"]
        for part in parts {
            try fixture.press("T")
            let context = try #require(fixture.app.plotContext)
            let content = try stackContent(fixture)
            let stack = fixture.app.stackLayout(content)
            let drawing = try #require(TimelineDrawing(context, stack))
            let row = try #require(stack.rows.first { $0.layer == 0 })
            #expect(CellMemory(drawing, row)?.sections.first?.part.letter == part)
        }
        try fixture.press("Y")
        #expect(fixture.app.notice?.text == "the layer has one row of cells")
    }

    @Test(
        "the names of parts stand in whole words beside their pictures", arguments: [(100, 40), (120, 40), (200, 60)])
    func names(size: (Int, Int)) throws {
        var fixture = try WalkFixture(
            layers: #"[{"lstm":{"units":4,"returns":"all"}}]"#, data: Self.reber, size: size)
        try fixture.press("4", "e")
        for word in ["cell", "input", "forget", "value", "output", "gradient", "state"] {
            try fixture.press("T")
            let words = Set(fixture.text.split { $0 == " " || $0 == "\n" }.map(String.init))
            #expect(words.contains(word), "\(word)")
        }
    }

    @Test("layers and directions of cells are gone through one by one")
    func rows() throws {
        var fixture = try WalkFixture(
            layers: #"[{"gru":{"units":3,"layers":2,"bidirectional":true}}]"#, data: Self.recall)
        let network = try network(fixture)
        for place in 0..<4 {
            let trace = try #require(fixture.app.plotContext?.shownCells(of: 0)?.trace)
            #expect(trace == network.cells(layer: 0)[place])
            try fixture.press("Y")
        }
    }

    @Test("the time cursor is one for all, and moves by keys and clicks")
    func time() throws {
        var fixture = try WalkFixture(layers: #"[{"rnn":{"units":4}}]"#, data: Self.recall)
        #expect(fixture.app.plotContext?.timeStep == 7)
        try fixture.press("(", "(")
        #expect(fixture.app.plotContext?.timeStep == 5)
        for _ in 0..<9 { try fixture.press("(") }
        #expect(fixture.app.plotContext?.timeStep == 0)
        try fixture.press(")")
        #expect(fixture.app.plots.timeStep == 1 && fixture.text.contains("▴2"))
        try fixture.press("'")
        #expect(fixture.app.plots.sequence == 1)

        let context = try #require(fixture.app.plotContext)
        let content = try stackContent(fixture)
        let stack = fixture.app.stackLayout(content)
        let timeline = try #require(stack.timeline)
        let row = try #require(stack.rows.first { $0.layer == 0 })
        let drawing = try #require(TimelineDrawing(context, stack))
        let section = try #require(CellMemory(drawing, row)?.sections.first)
        fixture.app.handle(
            .mouse(Mouse(.press, x: timeline.x(4), y: section.rect.y + section.size / 2)))
        fixture.show()
        #expect(fixture.app.plots.timeStep == 4)
        #expect(fixture.app.plots.cursor == NetworkCursor(layer: 0, unit: 1))
    }

    @Test("the cursor walks through units up and down and through time left and right")
    func cursor() throws {
        var fixture = try WalkFixture(layers: #"[{"lstm":{"units":3}}]"#, data: Self.recall)
        try fixture.press("4", "pgdn", "w")
        let layer = try #require(fixture.app.plots.cursor?.layer)
        fixture.app.setCursor(NetworkCursor(layer: 0, unit: 0))
        #expect(layer.index <= 1)
        try fixture.press("down", "down", "left")
        #expect(fixture.app.plots.cursor == NetworkCursor(layer: 0, unit: 2))
        #expect(fixture.app.plotContext?.timeStep == 6)
        #expect(fixture.text.contains("unit 3 at step 7"))
        let trace = try network(fixture).cells(layer: 0)[0]
        #expect(fixture.text.contains(formatFixed(Double(trace.keptValue(2, at: 6)), decimals: 3)))
        try fixture.press("down")
        #expect(fixture.app.plots.cursor?.layer == 1)
    }

    @Test("units are sorted by their correlation with a property, which is told")
    func order() throws {
        #expect(try #require(UnitFollowing.correlation([1, 2, 3], [2, 4, 6])) == 1)
        // Σ dx dy = 1, Σ dx² = Σ dy² = 2.
        #expect(abs(try #require(UnitFollowing.correlation([1, 2, 3], [1, 3, 2])) - 0.5) < 1e-12)
        #expect(UnitFollowing.correlation([1, 1], [1, 2]) == nil)

        var fixture = try WalkFixture(
            layers: #"[{"lstm":{"units":6,"returns":"all"}}]"#, data: Self.reber)
        try fixture.press("O")
        #expect(fixture.app.plots.stack.unitOrder == "position")
        let context = try #require(fixture.app.plotContext)
        let choice = try #require(context.sequenceChoice)
        let text = SequenceText(context.snapshot, choice)
        let trace = try #require(context.shownCells(of: 0)?.trace)
        let order = UnitOrder(trace, text, property: context.unitProperty)
        let sizes = order.units.map { abs(order.following($0)?.r ?? 0) }
        #expect(sizes == sizes.sorted(by: >) && Set(order.units) == Set(0..<6))
        #expect(UnitOrder(trace, text, property: nil).units == Array(0..<6))
        let best = order.units[0]
        let r = try #require(
            UnitFollowing.correlation(
                text.names.indices.map { trace.state(best, at: $0) }, text.names.indices.map { Float($0) }))
        #expect(order.following(best)?.r == r)
        #expect(
            fixture.text.contains(
                "unit \(best + 1): position (r \(formatFixed(r, decimals: 2)))"))
    }

    @Test("properties of a text: inside quotation marks, after a capital, at a word's start")
    func properties() throws {
        var text = SequenceText(try WalkFixture(layers: "[]", data: Self.reber).snapshot, SequenceChoice(row: 0))
        text.isSymbols = true
        text.names = ["A", "space", "\"", "b", "\"", "c"]
        func series(_ id: String) -> [Float] { UnitProperty[id]!.series(text).first?.values ?? [] }
        #expect(series("quotes") == [0, 0, 1, 1, 0, 0])
        #expect(series("capitals") == [0, 1, 0, 0, 0, 0])
        #expect(series("words") == [1, 0, 1, 0, 0, 0])
        #expect(series("position") == [0, 1, 2, 3, 4, 5])
        // A symbol that comes once is followed by chance.
        #expect(UnitProperty["input"]!.series(text).map(\.name) == ["“\"”"])
    }

    @Test("folded, the tiles are the states at the time cursor, with a loop; unrolled again, all steps are there")
    func folding() throws {
        var fixture = try WalkFixture(layers: #"[{"lstm":{"units":3}}]"#, data: Self.recall)
        try fixture.press("4", "U", "(", "(")
        #expect(fixture.text.contains("↺") && fixture.text.contains("at step 6 of 8, n→1"))
        let trace = try network(fixture).cells(layer: 0)[0]
        for unit in 0..<3 {
            let tile = try #require(fixture.app.picture?.tile(layer: 0, unit: unit))
            #expect(tile == [trace.state(unit, at: 5)])
        }
        try fixture.press("U")
        #expect(!fixture.text.contains("↺") && fixture.text.contains("unrolled over 8 steps"))
    }

    @Test(
        "the layers inside eachStep are open, with their values at every step, and walks show those at the time cursor")
    func insideEachStep() throws {
        var fixture = try WalkFixture(
            layers:
                #"[{"rnn":{"units":4,"returns":"all"}},{"eachStep":{"body":[{"dense":{"units":3}},{"dense":{"units":2}}]}}]"#,
            data: Self.reber)
        let inner = LayerPath("1.body.0")!
        let outline = fixture.snapshot.outline
        let steps = fixture.snapshot.data.sequence!.steps
        #expect(outline[inner]?.repeats == steps && outline.shape(layer: inner) == Shape(steps, 3))
        let values = try network(fixture).values(layer: inner)
        let shown = try #require(fixture.app.plotContext?.steps(of: inner))
        #expect(shown.values == values && shown.steps == steps && fixture.app.shownLayers.contains(inner))
        // Each step's values follow from the state at that step.
        let matrix = try #require(outline.weightMatrix(layer: inner))
        let states = try network(fixture).values(layer: 0)
        let bias = try #require(outline.tensors.first { $0.name == "layers.1.body.0.bias" })
        for step in 0..<steps {
            var sum = fixture.snapshot.parameters[bias.offset + 1]
            for unit in 0..<4 {
                sum += fixture.snapshot.parameters[matrix.place(unit: 1, input: unit)] * states[step * 4 + unit]
            }
            #expect(abs(tanh(sum) - values[step * 3 + 1]) < 1e-5)
        }
        try fixture.press("4", "X")
        for _ in 0..<300 where fixture.app.plots.walk?.layer != inner { try fixture.press("tab") }
        let step = try #require(fixture.app.plotContext).timeStep
        #expect(fixture.numbers?.values.inputs == Array(states[step * 4..<(step + 1) * 4]))
        #expect(fixture.numbers?.values.values == Array(values[step * 3..<(step + 1) * 3]))
    }

    @Test("the mapping is told by the steps of inputs and targets")
    func mappings() throws {
        for (data, layers, mapping) in [
            (Self.recall, #"["rnn"]"#, "n→1"), (Self.reber, #"[{"rnn":{"returns":"all"}}]"#, "n→n"),
            (
                #"{"dataset":"spell","samples":40}"#, #"["flatten",{"repeat":{"steps":5}},{"gru":{"returns":"all"}}]"#,
                "1→n"
            ),
            (
                #"{"dataset":"sums","samples":40}"#,
                #"[{"embedding":{"size":4}},"gru",{"repeat":{"steps":3}},{"gru":{"returns":"all"}}]"#, "n→m"
            ),
        ] {
            let fixture = try WalkFixture(layers: layers, data: data)
            #expect(fixture.text.contains(mapping), "\(data)")
        }
    }

    @Test("attention's rows are the engine's weights, and the text is coloured by the row of the time cursor")
    func attention() throws {
        var fixture = try WalkFixture(
            layers: #"[{"attention":{"causal":true}}]"#, data: Self.reber)
        try fixture.press("(")
        let context = try #require(fixture.app.plotContext)
        let network = try network(fixture)
        let weights = try #require(network.attention(layer: 0))
        #expect(context.steps(of: 0)?.attention == weights)
        #expect(fixture.text.contains("looks") && fixture.text.contains("takes from each"))
        let largest = try #require(weights.max())
        #expect(fixture.text.contains("max \(formatFixed(Double(largest), decimals: 2))"))
    }

    @Test("on a large screen cells are as large as they have room")
    func largeCells() throws {
        var fixture = try WalkFixture(layers: #"[{"rnn":{"units":8}}]"#, data: Self.recall, size: (200, 60))
        try fixture.press("4", "e")
        let content = try stackContent(fixture)
        let stack = fixture.app.stackLayout(content)
        let context = try #require(fixture.app.plotContext)
        let drawing = try #require(TimelineDrawing(context, stack))
        let row = try #require(stack.rows.first { $0.layer == 0 })
        #expect(2 * row.tiles.height > content.height && row.tiles.maxY < content.maxY)
        #expect(drawing.timeline.pitch == 8)
        let sections = try #require(CellMemory(drawing, row)).sections
        #expect(sections.map(\.units.count) == [8, 8] && sections.map(\.size) == [6, 3])
        #expect(sections.last?.rect.maxY == row.tiles.maxY)
    }

    @Test("lines lead to what a step takes from, on a small screen too", arguments: [(80, 24), (120, 40), (200, 60)])
    func attentionLines(size: (Int, Int)) throws {
        let fixture = try WalkFixture(
            layers: #"[{"conv1d":{"filters":4,"kernel":1,"activation":"linear"}},"attention"]"#,
            data: #"{"dataset":"copy","samples":20}"#, size: size)
        let (canvas, content) = (fixture.app.draw(), try stackContent(fixture))
        let hasLines = (content.y..<content.maxY).contains { y in
            (content.x..<content.maxX).contains { ("\u{2801}"..."\u{28FF}").contains(canvas[$0, y].scalar) }
        }
        #expect(hasLines)
    }

    @Test("where not all classes have room the answer is among those in sight")
    func answerInSight() throws {
        let fixture = try WalkFixture(
            layers: #"[{"embedding":{"size":4}},{"lstm":{"units":4}}]"#, data: #"{"dataset":"blank","samples":40}"#,
            size: (80, 24)
        ) { outline in
            var parameters = [Float](repeating: 0, count: outline.flatCount)
            let bias = outline.tensors.last { $0.name.hasSuffix("bias") }!
            parameters[bias.offset + bias.count - 1] = 5
            return parameters
        }
        let content = try stackContent(fixture)
        let stack = fixture.app.stackLayout(content)
        let row = try #require(stack.rows.first { $0.layer == fixture.snapshot.outline.output })
        let canvas = fixture.app.draw()
        let shown = String(
            String.UnicodeScalarView((content.x..<content.maxX).map { canvas[$0, row.tiles.y].scalar }))
        let name = try #require(fixture.snapshot.data.classNames.last)
        #expect(shown.contains(name) && shown.contains("+"), "\(shown)")
    }

    @Test("at every size and in every colour mode something is drawn, and nothing outside of the panel")
    func sizes() throws {
        for layers in [
            #"[{"lstm":{"units":100,"returns":"all"}}]"#, #"["attention"]"#,
            #"[{"gru":{"units":5,"bidirectional":true}},{"dense":{"units":3}}]"#,
        ] {
            let isLast = layers.contains("gru")
            for (width, height) in [(60, 18), (80, 24), (120, 40), (200, 60)] {
                for capabilities in [
                    Capabilities(), Capabilities(colors: .none), Capabilities(glyphs: .ascii),
                    Capabilities(colors: .palette16),
                ] {
                    var fixture = try WalkFixture(
                        layers: layers, data: isLast ? Self.recall : Self.reber, size: (width, height),
                        capabilities: capabilities)
                    for key in ["4", "w", "down", "(", "T", "O", "X", "right", "esc"] { try fixture.press(key) }
                    #expect(!fixture.text.isEmpty)
                }
            }
        }
    }
}
