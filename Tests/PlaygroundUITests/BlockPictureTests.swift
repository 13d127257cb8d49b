import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

@Suite("Blocks in the network's picture")
struct BlockPictureTests {
    /// dense 2, residual (dense 2, residual (dense 2)), branches (dense 1 | dense 2 → dense 1), output 1.
    private static let layers: [Choice] = {
        func dense(_ units: Int) -> KnobValue { .choice(Choice("dense", ["units": .integer(units)])) }
        return [
            Choice("dense", ["units": .integer(2)]),
            Choice(
                "residual",
                ["body": .list([dense(2), .choice(Choice("residual", ["body": .list([dense(2)])]))])]),
            Choice("branches", ["stacks": .list([.list([dense(1)]), .list([dense(2), dense(1)])])]),
        ]
    }()

    private func app(_ keys: [String] = [], size: (Int, Int) = (200, 60)) throws -> App {
        let snapshot = try PlotFixture.snapshot(layers: Self.layers)
        var app = App(experiment: snapshot.experiment)
        app.handle(.resize(width: size.0, height: size.1))
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        for label in keys { app.handle(.key(try #require(Key(label)))) }
        return app
    }

    private func path(_ text: String) -> LayerPath { LayerPath(text)! }

    @Test("a layer's path is read as it is written, and nothing else is one")
    func paths() throws {
        for text in ["0", "12", "2.body.0", "1.stacks.1.0", "1.body.0.stacks.0.3"] {
            #expect(LayerPath(text)?.description == text)
        }
        for text in ["", "a", "1.", "1.body", "1.0", "1.body.x", "1..0", "1.body.-1"] {
            #expect(LayerPath(text) == nil, "\(text)")
        }
        #expect(path("1.body.0").words == "layer 2 body 1" && path("1.stacks.1.0").words == "layer 2 stack 2 layer 1")
        let experiment = try PlotFixture.snapshot(layers: Self.layers).experiment
        #expect(experiment.layer(at: path("1.body.1.body.0"))?.id == "dense")
        #expect(experiment.layer(at: path("2.stacks.1.0"))?.knobs["units"] == .integer(2))
        #expect(experiment.layer(at: path("2.stacks.2.0")) == nil)
    }

    @Test("where the way to a layer in a block has no room, its name stands for it")
    func shortTitle() throws {
        let context = try #require(try app().plotContext)
        let inside = ViewRequest.Neuron(layer: path("1.body.0"), unit: 1)
        #expect(
            context.title(of: inside) == "layer 2 body 1 unit 2" && context.shortTitle(of: inside) == "dense 2 unit 2")
        let outside = ViewRequest.Neuron(layer: 0, unit: 1)
        #expect(context.shortTitle(of: outside) == context.title(of: outside))
    }

    @Test("open, a block's layers stand before it, branches side by side; closed, it is one row")
    func flow() throws {
        let outline = try PlotFixture.snapshot(layers: Self.layers).outline
        let open = StackFlow(outline, closed: [], sideBySide: true)
        #expect(
            open.places.map(\.layer.description) == [
                "-1", "0", "1.body.0", "1.body.1.body.0", "1.body.1", "1", "2.stacks.0.0", "2.stacks.1.0",
                "2.stacks.1.1", "2", "3",
            ])
        #expect(open.places.map(\.line) == [0, 1, 2, 3, 4, 5, 6, 6, 7, 8, 9])
        let narrow = StackFlow(outline, closed: [], sideBySide: false)
        #expect(narrow.places.map(\.line) == Array(0...10))
        let closed = StackFlow(outline, closed: [1, 2], sideBySide: true)
        #expect(closed.places.map(\.layer) == [-1, 0, 1, 2, 3])
        #expect(closed.place(of: path("1.body.1.body.0"))?.layer == 1)
    }

    @Test(
        "at 120 columns branches stand side by side where their tiles fit; else no line passes behind another stack's tiles",
        arguments: [(2, true), (8, false)])
    func beside(units: Int, isBeside: Bool) throws {
        let stack = KnobValue.list([.choice(Choice("dense", ["units": .integer(units)]))])
        let snapshot = try PlotFixture.snapshot(layers: [Choice("branches", ["stacks": .list([stack, stack])])])
        var app = App(experiment: snapshot.experiment)
        app.handle(.resize(width: 120, height: 40))
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        let area = try #require(app.layout.area(.stack))
        let rows = app.stackLayout(panelContent(of: area.rect)).rows
        let first = try #require(rows.first { $0.layer == path("0.stacks.0.0") }).tiles
        let second = try #require(rows.first { $0.layer == path("0.stacks.1.0") }).tiles
        #expect((first.y == second.y) == isBeside && first.y <= second.y)
        guard !isBeside else { return }
        let between = app.draw().lines[first.maxY..<second.y].map { $0.dropFirst(first.x).prefix(first.width) }
        #expect(between.count >= 2 && between.allSatisfy { $0.allSatisfy { $0 == " " } }, "\(between)")
    }

    @Test(
        "quiet lines lead to a closed block that hands its input on, and to no other",
        arguments: [("residual", true), ("branches", false)])
    func closed(kind: String, isLinked: Bool) throws {
        let dense = KnobValue.choice(Choice("dense", ["units": .integer(2)]))
        let (body, stacks) = (KnobValue.list([dense]), KnobValue.list([.list([dense]), .list([])]))
        let block = Choice(kind, kind == "residual" ? ["body": body] : ["stacks": stacks])
        let snapshot = try PlotFixture.snapshot(layers: [block])
        var app = App(experiment: snapshot.experiment)
        app.handle(.resize(width: 120, height: 40))
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        app.handle(.key(try #require(Key("4"))))
        app.select(layer: 0)
        app.handle(.key(try #require(Key("-"))))
        let area = try #require(app.layout.area(.stack))
        let rows = app.stackLayout(panelContent(of: area.rect)).rows
        let input = try #require(rows.first { $0.layer.isInput }).tiles
        let own = try #require(rows.first { $0.layer == 0 }).tiles
        let between = app.draw().lines[input.maxY..<own.y].map { $0.dropFirst(input.x).prefix(input.width) }
        #expect(between.count >= 2 && between.allSatisfy { $0.contains { $0 != " " } == isLinked }, "\(between)")
    }

    @Test("a stack's first layer takes what comes into the block, and a block joins the ends of its stacks")
    func sources() throws {
        let outline = try PlotFixture.snapshot(layers: Self.layers).outline
        #expect(outline.source(of: path("1.body.0")) == 0)
        #expect(outline.source(of: path("1.body.1.body.0")) == path("1.body.0"))
        #expect(outline.source(of: path("2.stacks.1.1")) == path("2.stacks.1.0"))
        #expect(outline.source(of: 2) == 1)
        #expect(outline.joined(in: 1) == [path("1.body.1"), 0])
        #expect(outline.joined(in: 2) == [path("2.stacks.0.0"), path("2.stacks.1.1")])
    }

    @Test("- closes the block that the row is in, + opens it, and its settings go and come with it")
    func keys() throws {
        var app = try app(["4"])
        let rows = try #require(app.editing.rows[.stack])
        app.editing.selection[.stack] = rows.firstIndex { $0.layer == path("1.body.0") }
        app.handle(.key(Key("-")!))
        #expect(app.selectedLayer == 1 && !app.shownLayers.contains(path("1.body.0")))
        #expect(app.draw().lines.last?.contains("+ open block") == true)
        app.handle(.key(Key("-")!))
        #expect(app.notice?.text == "the block is closed")
        #expect(app.editing.rows[.stack]?.contains { $0.layer == path("1.body.0") } == false)
        app.handle(.key(Key("+")!))
        #expect(app.shownLayers.contains(path("1.body.0")))
        #expect(app.editing.rows[.stack]?.count == rows.count)
        #expect(app.draw().lines.last?.contains("- close block") == true)
        app.handle(.key(Key("+")!))
        #expect(app.notice?.text == "the block is open")
    }

    @Test("a layer inside a block is told from one outside: by its place there, in a list by a step to the right")
    func inside() throws {
        func app(_ dense: Int, size: (Int, Int)) throws -> App {
            let layer = Choice("dense", ["units": .integer(2)])
            let block = Choice("residual", ["body": .list([.choice(layer)])])
            let snapshot = try PlotFixture.snapshot(layers: [block] + [Choice](repeating: layer, count: dense))
            var app = App(experiment: snapshot.experiment)
            app.handle(.resize(width: size.0, height: size.1))
            app.receive(snapshot: snapshot, picture: nil, failure: nil)
            app.handle(.key(try #require(Key("4"))))
            app.select(layer: 0)
            app.handle(.key(try #require(Key("+"))))
            return app
        }
        var large = try app(0, size: (200, 60))
        large.select(layer: .input)
        #expect(large.draw().lines.contains { $0.contains("body 1") })
        let list = try app(10, size: (80, 24)).draw().lines
        #expect(list.contains { $0.hasPrefix("   dense 2 ") } && list.contains { $0.hasPrefix(" residual") }, "\(list)")
        #expect(path("1.body.0").placeInBlock == "body 1" && path("1.stacks.1.0").placeInBlock == "stack 2 1")
        #expect(path("1").placeInBlock == nil)
    }

    @Test("a closed block stays closed where an edit takes it, and one of another experiment is open")
    func follows() throws {
        var app = try app(["4"])
        app.select(layer: 1)
        app.handle(.key(Key("-")!), at: 10)
        for (key, closed) in [("d", 2), ("z", 1), ("J", 0), ("z", 1)] {
            app.select(layer: 0)
            app.handle(.key(Key(key)!), at: app.now + 5)
            #expect(app.plots.stack.closed == [LayerPath(closed)], "\(key): \(app.plots.stack.closed)")
        }
        app.opened(try ExperimentSource.open("bottleneck"))
        #expect(app.plots.stack.closed.isEmpty)
    }

    @Test("the way past a residual's body is drawn around it, and tiles of layers inside are asked for")
    func shortcut() throws {
        for glyphs in [Capabilities.Glyphs.braille, .ascii] {
            var app = try app(["4"])
            app.capabilities.glyphs = glyphs
            let lines = app.draw().lines
            let corners = glyphs == .ascii ? ("+", "|") : ("╮", "│")
            #expect(lines.contains { $0.contains(corners.0) } && lines.contains { $0.contains(corners.1) })
        }
        let request = try app().viewRequest
        #expect(request.tiles.contains { $0.layer == path("1.body.1.body.0") })
        #expect(request.tiles.contains { $0.layer == path("2.stacks.1.0") })
    }

    @Test("the viewer makes tiles of layers inside blocks")
    func tiles() throws {
        var snapshot = try PlotFixture.snapshot(layers: Self.layers)
        snapshot.parameters = snapshot.parameters.indices.map { Float($0 % 7) / 7 - 0.4 }
        var request = ViewRequest()
        request.tileSize = ViewRequest.Size(columns: 4, rows: 4)
        request.tiles = [
            ViewRequest.TileRow(layer: path("1.body.1.body.0"), units: 0..<2),
            ViewRequest.TileRow(layer: 1, units: 0..<2),
        ]
        let picture = PictureMaker().makePicture(snapshot, request)
        let inner = try #require(picture.tile(layer: path("1.body.1.body.0"), unit: 1))
        #expect(inner.count == 16 && Set(inner).count > 4)
        #expect(inner != picture.tile(layer: 1, unit: 1))
    }

    @Test("the cursor walks through the layers of open blocks, and at every size the screen is drawn")
    func cursor() throws {
        var app = try app(["4", "home", "w"])
        var seen: [String] = []
        for _ in 0..<10 {
            app.handle(.key(Key("down")!))
            seen.append(app.plots.cursor?.layer.description ?? "")
        }
        #expect(seen.contains("1.body.1.body.0") && seen.contains("2.stacks.1.1"), "\(seen)")
        // A block's unit has no number of its own to make less.
        app.plots.cursor = NetworkCursor(layer: 1, unit: 0)
        let hints = try #require(app.draw().lines.last)
        #expect(!hints.contains("more, less") && hints.contains("- leave"), "\(hints)")
        for size in [(60, 18), (80, 24), (120, 40), (200, 60)] {
            var small = try self.app(["4", "w", "down", "down"], size: size)
            #expect(!small.draw().lines.isEmpty)
            small.handle(.key(Key("-")!))
            #expect(!small.draw().lines.isEmpty)
        }
    }
}
