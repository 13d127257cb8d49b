import Datasets
import Session
import TerminalKit
import Testing

@testable import Engine
@testable import PlaygroundUI
@testable import Session

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
