import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("Before an audience")
struct PresentationTests {
    private func presenting(_ keys: [String] = [], size: (Int, Int) = (120, 40)) throws -> App {
        var app = App(experiment: .standard)
        app.handle(.resize(width: size.0, height: size.1))
        let trainer = StillTrainer(app.experiment, directory: nil)
        trainer.train(epochs: 5)
        app.receive(snapshot: trainer.snapshot, picture: nil, failure: nil)
        for key in ["F5"] + keys { app.handle(.key(try #require(Key(key))), at: 10) }
        return app
    }

    private func words(_ app: App) -> String { app.draw().lines.joined(separator: "\n") }

    @Test(
        "a plot and the network take the whole screen, whatever its size", arguments: [(80, 24), (120, 40), (200, 60)])
    func layout(width: Int, height: Int) throws {
        let app = try presenting(size: (width, height))
        #expect(app.layout.areas.map(\.panel) == [Panel.network.id, Panel.plots[0].id])
        let areas = app.layout.areas.map(\.rect)
        #expect(areas.allSatisfy { $0.y == 0 && $0.height == height - 1 && $0.width >= 28 })
        #expect(areas[0].maxX <= areas[1].x && areas[1].maxX <= width)
        // Keys choose another plot, another panel in place of the stack, and one alone.
        #expect(try presenting(["7"]).layout.areas.map(\.panel) == [Panel.network.id, Panel.plots[2].id])
        #expect(try presenting(["3"]).layout.areas.first?.panel == Panel.all[2].id)
        #expect(try presenting(["6", "e"]).layout.areas.map(\.panel) == [Panel.plots[1].id])
        #expect(try presenting(["F5"]).layout.areas.count > 2 && presenting(["F5"]).presentation == nil)
        // The first key takes the notice away.
        #expect(try presenting(["7"]).draw().lines.last?.contains("epoch 5") == true)
    }

    @Test("the keys that were pressed are shown for a while, repeated ones with their number")
    func keys() throws {
        var app = try presenting(["7", "left", "left", "ctrl-l"])
        let bar = try #require(app.draw().lines.last)
        #expect(bar.contains(" 7 ") && bar.contains("← ×2") && bar.contains("ctrl-l"))
        #expect(app.presentation?.millisecondsToNext(at: 10) == 4000)
        #expect(!app.advancePresentation(at: 13.9) && app.advancePresentation(at: 14))
        #expect(app.draw().lines.last?.contains("×2") == false && app.presentation?.millisecondsToNext(at: 14) == nil)
    }

    @Test("the pointer leaves a trail that fades, and its last place stays")
    func trail() throws {
        var app = try presenting()
        for (step, time) in [(0, 20.0), (1, 20.1), (2, 20.2)] {
            app.handle(.mouse(Mouse(.move, x: 10 + 3 * step, y: 30)), at: time)
        }
        #expect([10, 13, 16].allSatisfy { app.draw()[$0, 30].scalar == "●" })
        let faded = app.advancePresentation(at: 21.35)
        #expect(faded)
        let shown = app.draw()
        #expect(shown[10, 30].scalar != "●" && shown[16, 30].scalar == "●")
        _ = app.advancePresentation(at: 30)
        #expect(app.draw()[16, 30].scalar == "●" && app.presentation?.millisecondsToNext(at: 30) == nil)
    }

    @Test("F6 blanks the screen, and the next key brings it back and does nothing else")
    func blank() throws {
        var app = try presenting(["F6"])
        #expect(words(app).allSatisfy { $0 == "\n" } && app.draw()[5, 5].style.background == .rgb(0))
        let before = app.experiment
        app.handle(.mouse(Mouse(.move, x: 3, y: 3)), at: 11)
        #expect(app.presentation?.isBlank == true)
        app.handle(.key(Key("n")!), at: 12)
        #expect(app.experiment == before && words(app).contains("Output"))
        app.handle(.key(Key("n")!), at: 13)
        #expect(app.experiment != before)
        var plain = app
        plain.handle(.key(Key("F5")!), at: 14)
        plain.handle(.key(Key("F6")!), at: 15)
        #expect(plain.presentation == nil && plain.notice?.text.contains("F5") == true)
    }

    @Test("text stands out from its ground at least sevenfold, dark and light", arguments: [Theme.dark, .light])
    func contrast(theme: Theme) throws {
        let strong = theme.projected
        func contrast(_ color: Color, _ ground: UInt32) -> Float {
            guard case .rgb(let value) = color else { return 0 }
            return contrastRatio(value, ground)
        }
        for color in [strong.text, strong.quiet, .rgb(strong.accent)] {
            #expect(contrast(color, strong.backdrop) >= 7, "\(color)")
        }
        for data in [strong.negative, strong.positive] { #expect(contrastRatio(data, strong.backdrop) >= 3) }
        var app = try presenting()
        app.theme = theme
        let canvas = app.draw()
        #expect(canvas.cells.allSatisfy { $0.style.background != .standard && !$0.style.dim })
    }
}
