import Datasets
import Engine
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

/// dense 2 → batchNorm → ReLU → noise → layerNorm without scale and shift → output 1.
private let layers = [
    Choice("dense", ["units": .integer(2), "activation": .choice(Choice("linear"))]), Choice("batchNorm"),
    Choice("activation", ["function": .choice(Choice("relu"))]), Choice("noise"),
    Choice("layerNorm", ["affine": .toggle(false)]),
]

@Suite("Layers without weights on the screen")
struct LayerPlotTests {
    /// - Parameter cursor: keys after `4` and `w` lead there from the first layer.
    private func app(_ keys: [String] = [], size: (Int, Int) = (120, 40)) throws -> App {
        let snapshot = try PlotFixture.snapshot(layers: layers)
        var app = App(experiment: snapshot.experiment)
        app.handle(.resize(width: size.0, height: size.1))
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        for label in keys { app.handle(.key(try #require(Key(label)))) }
        return app
    }

    @Test("all but those that let values pass have units, which dense layers alone weigh")
    func units() throws {
        let outline = try PlotFixture.snapshot(layers: layers).outline
        #expect(outline.paths.map { outline.hasUnits(layer: $0) } == [true, true, true, false, true, true])
        #expect(outline.paths.filter { outline.weightMatrix(layer: $0) != nil } == [0, 5])
        #expect(outline.source(of: 4) == 2 && outline.source(of: 5) == 4 && outline.lastHiddenLayer == 4)
    }

    @Test("a quiet line leads to each unit, which is no weight to be hit, and none past its layer")
    func lines() throws {
        let snapshot = try PlotFixture.snapshot(layers: layers)
        let stack = StackLayout(
            rect: Rect(x: 0, y: 0, width: 60, height: 60), units: [2, 2, 2, 2, 2, 2, 1], selected: 0, inspectorRows: 3)
        let context = PlotFixture.context(snapshot)
        let geometry = NetworkGeometry(layout: stack, outline: snapshot.outline, cursor: nil)
        var canvas = Canvas(width: 60, height: 60)
        NetworkPanel.draw(into: &canvas, layout: stack, context: context)
        for layer in [1, 2, 4] as [LayerPath] {
            for unit in 0..<2 {
                let tile = try #require(geometry.tile(layer: layer, unit: unit))
                let above = (tile.x..<tile.maxX).map { canvas[$0, tile.y - 1] }
                let dots = above.filter { $0.scalar != " " }
                #expect(dots.count == 1 && dots[0].style.foreground == context.theme.faint, "\(layer) \(unit)")
                for x in tile.x..<tile.maxX {
                    #expect(NetworkPanel.hit(x: x, y: tile.y - 1, layout: stack, context: context) == nil)
                }
            }
        }
    }

    @Test("a unit shows its layer's formula and its own numbers, and claims no weights")
    func explanation() throws {
        let normalized = try app(["4", "w", "down"])
        #expect(normalized.explanation.words.hasPrefix("y = γ (x − μ) / √(σ² + ε) + β. Keeps"))
        let text = normalized.draw().lines.joined(separator: "\n")
        for fact in ["layer 2 unit 1", "mean μ", "variance σ²", "scale γ", "shift β"] {
            #expect(text.contains(fact), "\(fact)")
        }
        #expect(!text.contains("Weighs") && !text.contains("answer sum"))

        let small = try app(["4", "w", "down"], size: (80, 24)).draw().lines
        for fact in ["μ", "σ²", "γ", "β"] { #expect(small.contains { $0.contains(fact + "  ") }, "\(fact)") }

        let function = try app(["4", "w", "down", "down"])
        #expect(function.explanation.words.hasPrefix("f(z) = max(0, z). Cuts"), "\(function.explanation.words)")
        #expect(function.draw().lines.contains { $0.contains("answer ReLU(h1)") })

        let plain = try app(["4", "w", "down", "down", "down"])
        #expect(plain.plots.cursor?.layer == 4)
        #expect(!plain.draw().lines.contains { $0.contains("scale γ") })
    }

    @Test("the cursor walks over the shifts, which can be set, and there is nothing to set without them")
    func shifts() throws {
        let first = try app(["4", "w", "down", "w"])
        #expect(first.plots.cursor == NetworkCursor(layer: 1, unit: 0, from: -1))
        #expect(first.draw().lines.contains { $0.contains("layer 2 unit 1  shift") })
        let second = try app(["4", "w", "down", "w", "right"])
        #expect(second.plots.cursor == NetworkCursor(layer: 1, unit: 1, from: -1))
        var typed = try app(["4", "w", "down", "w", "enter", "2", "enter"])
        let shift = NetworkPanel.parameter(
            at: NetworkCursor(layer: 1, unit: 0, from: -1), snapshot: try #require(typed.snapshot))
        let sent = typed.takeOutbox().contains { effect in
            if case .trainer(.setParameter(let index, 2)) = effect { index == shift?.index } else { false }
        }
        #expect(sent)
        let function = try app(["4", "w", "down", "down", "enter"])
        #expect(function.popup == nil && function.notice != nil)
        #expect(try app(["4", "w", "down", "down", "w"]).plots.cursor?.from == nil)
    }

    @Test("a layer's name stands once, and the view of one without an activation names the layer")
    func names() throws {
        let app = try app(size: (200, 60))
        let text = app.draw().lines.joined(separator: "\n")
        #expect(text.split(separator: "ReLU", omittingEmptySubsequences: false).count - 1 == 2, "title and function")
        #expect(text.contains("Hidden features · layer 5 · layerNorm"))
        var hidden = app
        hidden.handle(.key(try #require(Key("6"))))
        hidden.handle(.key(try #require(Key("b"))))
        #expect(hidden.notice?.text == "layerNorm has no activation")
    }

    @Test("in a layer's formula μ is a mean and not the momentum, ε is its number")
    func formula() throws {
        var app = try app()
        app.editing.selection[.stack] = app.editing.rows[.stack]?.firstIndex {
            $0.path == "layers.1.batchNorm.momentum"
        }
        app.handle(.key(try #require(Key("4"))))
        app.refresh()
        #expect(app.explanation.formula == "y = γ (x − μ) / √(σ² + 0.00001) + β")
    }

    @Test("a batch of one is refused with the reason, and nothing changes")
    func batchOfOne() throws {
        var app = try app()
        _ = app.takeOutbox()
        let before = app.experiment
        app.set("training.batchSize", to: .number(1))
        #expect(app.experiment == before && app.takeOutbox().isEmpty)
        #expect(app.notice?.bad == true && app.notice?.text.contains("expected at least 2, found 1") == true)
    }

    @Test("samples that the batches leave out are told once")
    func leftOut() throws {
        var snapshot = try PlotFixture.snapshot(layers: layers)
        snapshot.experiment.training.batchSize = 2
        var app = try app()
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        let told = try #require(app.notice?.text)
        #expect(told.hasSuffix("of 3 in batches of 2 one is left out of each epoch"), "\(told)")
        app.notice = nil
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        #expect(app.notice == nil)
    }
}
