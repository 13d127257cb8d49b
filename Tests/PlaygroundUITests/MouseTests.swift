import Datasets
import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("Mouse")
struct MouseTests {
    /// Where a text stands on the screen.
    private func place(_ text: String, in app: App) throws -> (x: Int, y: Int) {
        for (y, line) in app.draw().lines.enumerated() {
            if let range = line.range(of: text) {
                return (line.distance(from: line.startIndex, to: range.lowerBound), y)
            }
        }
        throw Missing(text: text)
    }

    private struct Missing: Error { var text: String }

    private func click(_ text: String, in app: inout App, offset: Int = 0) throws {
        let (x, y) = try place(text, in: app)
        app.handle(.mouse(Mouse(.press, x: x + offset, y: y)), at: 100)
    }

    @Test("a click on a feature turns it on and gives its panel the focus")
    func feature() throws {
        var app = app([])
        try click("x1·x2", in: &app)
        #expect(app.focus == .features)
        #expect(app.experiment.features == ["x1", "x2", "x1*x2"])
    }

    @Test("a click on a row selects it, and its arrows change the value")
    func arrows() throws {
        var app = app(["3"])
        try click("▸", in: &app)
        #expect(app.experiment.value(at: "training.optimizer.sgd.learningRate") == .number(0.1))
        try click("◂", in: &app)
        #expect(app.experiment.value(at: "training.optimizer.sgd.learningRate") == .number(0.03))
        try click("batch size", in: &app)
        #expect(app.focus == .data)
        #expect(app.selectedRow(of: .data)?.path == "training.batchSize")
    }

    @Test("a hint is a button")
    func hint() throws {
        var app = app([])
        let playing = app.playing.isOn
        try click("space", in: &app)
        #expect(app.playing.isOn != playing)
    }

    @Test("the wheel walks through a panel's rows")
    func wheel() throws {
        var app = app(["3"])
        let before = app.editing.selection[.training] ?? 0
        let (x, y) = try place("learning rate", in: app)
        app.handle(.mouse(Mouse(.scrollDown, x: x, y: y)))
        #expect(app.editing.selection[.training] == before + 1)
    }

    @Test("a click beside a menu closes it")
    func menu() {
        var app = app([":"])
        app.handle(.mouse(Mouse(.press, x: 0, y: 39)))
        #expect(app.popup == nil)
    }

    @Test("a title that is folded opens its panel")
    func folded() throws {
        var app = app([], size: (80, 24))
        try click("Training", in: &app)
        #expect(app.focus == .training)
        #expect(app.layout.area(.training)?.open == true)
    }
}

@Suite("Pointing with the mouse")
struct PointingTests {
    private let tile: Rect
    private let other: Rect
    private var app: App

    init() throws {
        let snapshot = try PlotFixture.snapshot()
        var app = App(experiment: snapshot.experiment)
        app.handle(.resize(width: 120, height: 40))
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        let area = try #require(app.layout.area(.stack))
        let geometry = NetworkGeometry(
            layout: app.stackLayout(panelContent(of: area.rect)), outline: snapshot.outline, cursor: nil)
        tile = try #require(geometry.tile(layer: 0, unit: 1))
        other = try #require(geometry.tile(layer: -1, unit: 0))
        self.app = app
    }

    private func moved(_ x: Int, _ y: Int) -> App {
        var app = app
        app.handle(.mouse(Mouse(.move, x: x, y: y)))
        return app
    }

    private func clicked(_ rect: Rect, in app: App) -> App {
        var app = app
        app.handle(.mouse(Mouse(.press, x: rect.x + 1, y: rect.y + 1)))
        return app
    }

    @Test("the mouse over a neuron shows its response and its numbers, and leaves both again")
    func neuron() {
        let over = moved(tile.x + 1, tile.y + 1)
        #expect(over.viewRequest.neuron == ViewRequest.Neuron(layer: 0, unit: 1))
        #expect(over.viewRequest.probed == ViewRequest.Neuron(layer: 0, unit: 1))
        let screen = over.draw().lines.joined(separator: "\n")
        #expect(screen.contains("Output of layer 1 unit 2") && screen.contains("Explain"))
        #expect(over.focus == app.focus && over.editing.selection == app.editing.selection && over.plots.cursor == nil)
        var away = over
        away.handle(.mouse(Mouse(.move, x: 1, y: 1)))
        #expect(away.viewRequest == app.viewRequest && away.draw() == app.draw())
        var typed = over
        typed.handle(.key(Key(.character("5"))))
        #expect(typed.plots.pointed == Pointed())
    }

    @Test("nothing but what is pointed at changes: every tile, row and panel keeps its place")
    func stays() {
        let over = moved(tile.x + 1, tile.y + 1)
        #expect(over.layout == app.layout && over.render().hits == app.render().hits)
    }

    @Test("the mouse over a link shows its weight beside it")
    func link() throws {
        var app = app
        var snapshot = try #require(app.snapshot)
        let weights = try #require(snapshot.outline.weightMatrix(layer: 0))
        snapshot.parameters[weights.offset + 2] = -0.4321
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        // From the first feature to the second unit: the middle of the line between them.
        let x = (tile.x + tile.maxX + other.x + other.maxX) / 4
        app.handle(.mouse(Mouse(.move, x: x, y: (other.maxY + tile.y) / 2)))
        #expect(app.plots.pointed.cursor == NetworkCursor(layer: 0, unit: 1, from: 0))
        #expect(app.draw().lines.filter { $0.contains("−0.4321") }.count == 2, "beside it, and where it is explained")
        #expect(app.viewRequest.neuron == nil)
    }

    @Test("a click keeps a neuron's response; another click at the same place gives the output back")
    func click() {
        let once = clicked(tile, in: moved(tile.x + 1, tile.y + 1))
        #expect(
            once.experiment.view.neuron == ViewRequest.Neuron(layer: 0, unit: 1)
                && once.plots.cursor == NetworkCursor(layer: 0, unit: 1))
        var away = once
        away.handle(.mouse(Mouse(.move, x: 1, y: 1)))
        #expect(away.viewRequest.neuron == ViewRequest.Neuron(layer: 0, unit: 1))
        #expect(clicked(tile, in: once).experiment.view.neuron == nil)
        #expect(clicked(other, in: once).experiment.view.neuron == ViewRequest.Neuron(layer: -1, unit: 0))
    }

    @Test("cursor, inspector and selected layer are the same thing, whichever of them moves")
    func selection() throws {
        var app = clicked(other, in: app)
        #expect(app.selectedLayer == -1)
        app = clicked(tile, in: app)
        #expect(app.selectedLayer == 0)
        for (key, layer) in [("down", 1), ("up", 0), ("up", -1)] as [(String, LayerPath)] {
            app.handle(.key(try #require(Key(key))))
            #expect(app.plots.cursor?.layer == layer && app.selectedLayer == layer, "\(key)")
        }
        app.select(layer: 1)
        #expect(app.plots.cursor == NetworkCursor(layer: 1, unit: 0))
        #expect(app.draw().lines.contains { $0.contains("Output layer") })
    }

    @Test("the mouse over the output reads its value; over the losses, a moment's")
    func reads() throws {
        let area = try #require(app.layout.area(.output))
        var app = app
        app.picture = PlotFixture.halves(columns: 10, rows: 10)
        app.handle(.mouse(Mouse(.move, x: area.rect.x + area.rect.width / 2, y: area.rect.y + 5)))
        #expect(app.plots.pointed.place != nil && app.plots.place == nil)
        #expect(app.draw().lines.contains { $0.contains("→ −1.00  no") })
    }
}

@Suite("Nothing leaves its place under the mouse")
struct StillTests {
    /// The target under a cell.
    private func target(_ app: App, _ x: Int, _ y: Int) -> (panel: PanelID?, target: HitTarget)? {
        app.render().hits.last { $0.rect.contains(x: x, y: y) }.map { ($0.panel, $0.target) }
    }

    @Test(
        "a second click at the same place reaches the same control, wherever it is and however large the screen",
        arguments: [(80, 24), (100, 32), (120, 40), (200, 60)])
    func secondClick(width: Int, height: Int) throws {
        let snapshot = try PlotFixture.snapshot()
        for front in ["1", "3", "4"] {
            var app = App(experiment: snapshot.experiment)
            app.handle(.resize(width: width, height: height))
            app.receive(snapshot: snapshot, picture: nil, failure: nil)
            app.handle(.key(try #require(Key(front))))
            let hits = app.render().hits
            for y in stride(from: 1, to: height - 1, by: 1) {
                for x in stride(from: 1, to: width, by: 5) {
                    guard let before = hits.last(where: { $0.rect.contains(x: x, y: y) }) else { continue }
                    switch before.target {
                    // A click on these opens another panel or another document on purpose.
                    case .panel where before.panel != app.focus, .dataset, .command: continue
                    case .change, .cell: continue
                    case .panel, .row, .layer: break
                    }
                    var after = app
                    after.handle(.mouse(Mouse(.press, x: x, y: y)), at: 100)
                    guard after.popup == nil else { continue }
                    let again = target(after, x, y)
                    #expect(
                        again?.panel == before.panel && again?.target == before.target,
                        "\(width)×\(height) (\(x), \(y)): \(before) then \(String(describing: again))")
                }
            }
        }
    }

    @Test("a click on a dataset's picture leaves all pictures in their places")
    func pictures() throws {
        for (width, height) in [(80, 24), (120, 40), (200, 60)] {
            var app = PlaygroundUITests.app(["1"], size: (width, height))
            for _ in 0..<Datasets.all.count {
                let hits = app.render().hits.filter { if case .dataset = $0.target { true } else { false } }
                let hit = try #require(hits.last)
                app.handle(.mouse(Mouse(.press, x: hit.rect.x + 1, y: hit.rect.y + 1)), at: 100)
                guard app.popup == nil else { break }
                let again = target(app, hits.first!.rect.x + 1, hits.first!.rect.y + 1)
                #expect(again?.target == hits.first!.target, "\(width)×\(height)")
                app.handle(.key(try #require(Key("right"))), at: 200)
                guard app.popup == nil else { break }
            }
        }
    }

    @Test("the tiles of a wide layer stay when one of them is clicked, and move only to show the cursor")
    func wideLayer() throws {
        let snapshot = try PlotFixture.snapshot(layers: [Choice("dense", ["units": .integer(60)])])
        var app = App(experiment: snapshot.experiment)
        app.handle(.resize(width: 120, height: 40))
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        func units() -> Range<Int>? { app.viewRequest.tiles.first { $0.layer == 0 }?.units }
        let first = try #require(units())
        for unit in [first.upperBound - 1, first.lowerBound, first.upperBound - 2] {
            app.setCursor(NetworkCursor(layer: 0, unit: unit))
            app.refresh()
            #expect(units() == first)
        }
        app.setCursor(NetworkCursor(layer: 0, unit: 40))
        app.refresh()
        #expect(units()?.upperBound == 41)
        app.setCursor(nil)
        app.refresh()
        #expect(units()?.upperBound == 41)
    }

    @Test("panels stay where they are while training, stories and explanations come and go")
    func panelsStay() throws {
        let snapshot = try PlotFixture.snapshot()
        for (width, height) in [(80, 24), (120, 40), (200, 60)] {
            var app = App(experiment: snapshot.experiment)
            app.handle(.resize(width: width, height: height))
            let layout = app.layout
            app.receive(snapshot: snapshot, picture: nil, failure: nil)
            #expect(app.layout == layout)
            for label in ["down", "space", "w", "down", "esc", "right"] {
                app.handle(.key(try #require(Key(label))))
                #expect(app.layout == layout, "\(label) at \(width)×\(height)")
            }
        }
    }
}

extension String {
    /// The first place of another string, without Foundation.
    fileprivate func range(of other: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(other) { return start..<index(start, offsetBy: other.count) }
            start = index(after: start)
        }
        return nil
    }
}
