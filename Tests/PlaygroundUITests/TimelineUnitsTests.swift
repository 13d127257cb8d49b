import Datasets
import TerminalKit
import Testing

@testable import Engine
@testable import PlaygroundUI
@testable import Session

@Suite("The units of layers without cells in a stack unrolled in time")
struct TimelineUnitsTests {
    private func fixture() throws -> WalkFixture {
        var fixture = try WalkFixture(
            layers: #"[{"conv1d":{"filters":32,"kernel":1,"activation":"linear"}},{"rnn":{"units":4}}]"#,
            data: TimelineTests.recall)
        try fixture.press("4", "w")
        return fixture
    }

    @Test("the cursor walks through them up and down, is marked beside the map, and leaves behind the last one")
    func cursor() throws {
        var fixture = try fixture()
        fixture.app.setCursor(NetworkCursor(layer: 0, unit: 0))
        try fixture.press("down", "down", "down", "up")
        #expect(fixture.app.plots.cursor == NetworkCursor(layer: 0, unit: 2))
        fixture.app.setCursor(NetworkCursor(layer: 0, unit: 31))
        fixture.show()
        let stack = fixture.app.stackLayout(try TimelineTests().stackContent(fixture))
        let (canvas, timeline) = (fixture.app.draw(), try #require(stack.timeline))
        let row = try #require(stack.rows.first { $0.layer == 0 })
        let marks = (row.tiles.y..<row.tiles.maxY).filter { canvas[timeline.x - 1, $0].scalar == "▸" }
        #expect(marks == [row.tiles.maxY - 1])
        try fixture.press("down")
        #expect(fixture.app.plots.cursor?.layer == 1)
    }

    @Test("how many have no room stands below their layer's words")
    func hidden() throws {
        let fixture = try fixture()
        let stack = fixture.app.stackLayout(try TimelineTests().stackContent(fixture))
        let place = try #require(stack.rows.firstIndex { $0.layer == 0 })
        let row = stack.rows[place]
        try #require(stack.rows[place + 1].tiles.y == row.tiles.maxY + 1 && row.tiles.height < 16)
        let canvas = fixture.app.draw()
        let shown = String(
            String.UnicodeScalarView((row.label.x..<row.tiles.x).map { canvas[$0, row.tiles.maxY].scalar }))
        #expect(shown.contains("+\(32 - 2 * row.tiles.height) units"))
    }

    @Test("without colours each value of an input's steps has a row of its own")
    func plainInput() throws {
        let fixture = try WalkFixture(
            layers: #"["rnn"]"#, data: TimelineTests.recall, capabilities: Capabilities(glyphs: .ascii))
        let stack = fixture.app.stackLayout(try TimelineTests().stackContent(fixture))
        let (canvas, timeline) = (fixture.app.draw(), try #require(stack.timeline))
        let row = try #require(stack.rows.first { $0.layer.isInput })
        // The noise is the third value.
        let noise = timeline.steps.map { canvas[timeline.x($0), row.tiles.y + 2].scalar }
        let shades: Set<Unicode.Scalar> = [" ", ".", ":", "-", "=", "*", "#"]
        #expect(noise.allSatisfy(shades.contains) && noise.filter { $0 != " " }.count > 3)
    }

    @Test("the legend of the states' paths says how many classes have no room")
    func legend() throws {
        let fixture = try WalkFixture(
            layers: #"[{"embedding":{"size":4}},{"lstm":{"units":4}}]"#, data: #"{"dataset":"blank","samples":40}"#)
        let line = try #require(fixture.app.draw().lines.first { $0.contains("● step") })
        let legend = String(line[line.firstRange(of: "● step")!.lowerBound...])
        let names = fixture.snapshot.data.classNames
        let shown = names.count(where: { legend.contains($0) })
        #expect(shown > 0 && shown < names.count && legend.contains("+\(names.count - shown)"))
    }
}
