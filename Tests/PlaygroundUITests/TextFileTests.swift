import Testing

@testable import Engine
@testable import PlaygroundUI
@testable import Session

@Suite("The file of a text on the screen")
struct TextFileTests {
    @Test("another file leaves the text's other settings as they are")
    func otherFile() throws {
        var fixture = try WalkFixture(
            layers: #"[{"embedding":{"size":4}},{"rnn":{"units":4,"returns":"all"}}]"#,
            data: #"{"dataset":"text","window":48,"step":24}"#)
        fixture.app.popup = Prompt.file(of: "text", "")
        try fixture.press("o", "w", "n", "enter")
        #expect(fixture.app.popup == nil)
        let experiment = fixture.app.experiment
        #expect(experiment.value(at: "data.file") == .string("own"))
        #expect(experiment.value(at: "data.window") == .number(48) && experiment.value(at: "data.step") == .number(24))
    }
}
