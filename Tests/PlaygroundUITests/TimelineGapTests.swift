import TerminalKit
import Testing

@testable import Engine
@testable import PlaygroundUI
@testable import Session

@Suite("Gaps between the maps of a stack unrolled in time")
struct TimelineGapTests {
    @Test("heat maps of layers do not touch where rows between them have room", arguments: [(80, 24), (120, 40)])
    func gaps(size: (Int, Int)) throws {
        let fixture = try WalkFixture(
            layers:
                #"[{"embedding":{"size":4}},{"gru":{"units":6}},{"repeat":{"steps":3}},{"gru":{"units":6,"returns":"all"}}]"#,
            data: #"{"dataset":"sums","samples":40}"#, size: size)
        let rows = fixture.app.stackLayout(try TimelineTests().stackContent(fixture)).rows
        #expect(rows.count == 6)
        for (upper, lower) in zip(rows, rows.dropFirst()) { #expect(upper.tiles.maxY < lower.tiles.y) }
    }

    @Test(
        "where rows between layers have no room, the last half row of a map stays free",
        arguments: [Capabilities(), Capabilities(colors: .none), Capabilities(glyphs: .ascii)])
    func halfGaps(_ capabilities: Capabilities) throws {
        let layer = #"{"conv1d":{"filters":8,"kernel":1,"activation":"linear"}}"#
        let fixture = try WalkFixture(
            layers: "[\([String](repeating: layer, count: 6).joined(separator: ",")),\"lastStep\"]",
            data: TimelineTests.recall,
            size: (80, 24), capabilities: capabilities
        ) { outline in [Float](repeating: 0.5, count: outline.flatCount) }
        let stack = fixture.app.stackLayout(try TimelineTests().stackContent(fixture))
        let context = try #require(fixture.app.plotContext)
        let (canvas, timeline) = (fixture.app.draw(), try #require(stack.timeline))
        let maps = stack.rows.filter { !$0.layer.isInput && fixture.snapshot.outline.hasSteps(layer: $0.layer) }
        #expect(maps.count == 6 && maps[0].tiles.height > 1)
        // The first step is not under the time cursor.
        let x = timeline.x(timeline.steps.lowerBound)
        #expect(context.timeStep > timeline.steps.lowerBound)
        for row in maps {
            let last = canvas[x, row.tiles.maxY - 1]
            if context.colorless || context.ascii {
                #expect(row.tiles.height < 2 || last == .blank, "\(row.layer)")
            } else {
                #expect(last.scalar == "▀" && last.style.background == .standard, "\(row.layer)")
            }
        }
        #expect(zip(maps, maps.dropFirst()).allSatisfy { $0.tiles.maxY == $1.tiles.y })
    }

    @Test(
        "a line leads from the state after the last step to every step that takes it",
        arguments: [Capabilities(), Capabilities(glyphs: .ascii)])
    func handedOn(_ capabilities: Capabilities) throws {
        let fixture = try WalkFixture(
            layers:
                #"[{"embedding":{"size":4}},{"gru":{"units":6}},{"repeat":{"steps":3}},{"gru":{"units":6,"returns":"all"}}]"#,
            data: #"{"dataset":"sums","samples":40}"#, capabilities: capabilities)
        let stack = fixture.app.stackLayout(try TimelineTests().stackContent(fixture))
        let context = try #require(fixture.app.plotContext)
        let (canvas, timeline) = (fixture.app.draw(), try #require(stack.timeline))
        let place = try #require(stack.rows.firstIndex { $0.layer == 1 })
        let y = stack.rows[place].tiles.maxY
        try #require(stack.rows[place + 1].tiles.y == y + 1)
        let last = context.snapshot.data.stepCount(of: try #require(context.sequenceChoice)) - 1
        try #require(last >= 3)
        let row = (0...last).map { canvas[timeline.x($0) + (timeline.columns - 1) / 2, y].scalar }
        let isAscii = context.ascii
        let (arrow, line, corner): (Unicode.Scalar, Unicode.Scalar, Unicode.Scalar) =
            isAscii ? ("v", "-", "+") : ("↓", "─", "┘")
        #expect(row.prefix(3).allSatisfy { $0 == arrow } && row.last == corner)
        #expect(row[3..<last].allSatisfy { $0 == line })
    }
}
