import Engine
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

@Suite("A picture that is changed, on the screen")
struct PicturesViewTests {
    private static func trainer(_ id: String) throws -> Trainer {
        let text = """
            {"data": {"dataset": "shapes", "samples": 60},
             "layers": [{"conv2d": {"filters": 4, "padding": "same"}}, "globalMaxPool"],
             "output": {"loss": "softmaxCrossEntropy"},
             "training": {"procedure": {"\(id)": {"size": 32}}}}
            """
        let trainer = try Trainer(Experiment(json: JSON(parsing: text)))
        for _ in 0..<2 { _ = trainer.epoch() }
        return trainer
    }

    private func text(_ app: App) -> String { app.draw().lines.joined(separator: "\n") }

    @Test("the picture stands beside content and style, at every size", arguments: [(80, 24), (120, 40), (200, 60)])
    func sizes(_ size: (Int, Int)) throws {
        let app = try shownApp(over: Self.trainer("style"), after: ["5"], size: size)
        #expect(app.view(in: .output)?.id == .pictures)
        let shown = text(app)
        #expect(size.0 == 80 || shown.contains("star + waves"))
        // In the smallest panel the picture that changes stands alone.
        #expect(size.0 == 80 || shown.contains("content") && shown.contains("beginning") == false)
    }

    @Test("arrows choose other pictures, O the images")
    func keys() throws {
        let trainer = try Self.trainer("style")
        func knob(_ keys: [String], _ name: String) throws -> KnobValue? {
            try shownApp(over: trainer, after: ["5"] + keys).experiment.training.procedure.knobs[name]
        }
        #expect(try knob(["right"], "content") == .text("ring"))
        #expect(try knob(["right", "left"], "content") == .text("star"))
        #expect(try knob(["down"], "style") == .text("checks"))
        #expect(try shownApp(over: trainer, after: ["5", "O"]).view(in: .output)?.id != .pictures)
        #expect(try shownApp(over: trainer, after: ["5", "O", "O"]).view(in: .output)?.id == .pictures)
    }

    @Test("the layers show what they make of the picture, and saving means it while its panel is in front")
    func picture() throws {
        let trainer = try Self.trainer("style")
        let app = try shownApp(over: trainer, after: ["5"])
        #expect(app.viewRequest.image?.drawn?.count == 3 * 16 * 16)
        #expect(try shownApp(over: trainer, after: ["5", "O"]).viewRequest.image?.drawn == nil)
        #expect(app.suggestedPath.hasSuffix(".png"))
        #expect(try shownApp(over: trainer, after: ["4"]).suggestedPath.hasSuffix(".json"))
        #expect(try shownApp(over: trainer, after: ["5", "O"]).suggestedPath.hasSuffix(".json"))
        #expect(try text(shownApp(over: trainer, after: ["5"], size: (80, 24))).contains("Image"))
    }

    @Test("a dream has one picture beside it")
    func dream() throws {
        let app = try shownApp(over: Self.trainer("dream"), after: ["5"])
        #expect(app.view(in: .output)?.id == .pictures && text(app).contains("beginning"))
        #expect(try shownApp(over: Self.trainer("dream"), after: ["5", "down"]).experiment == app.experiment)
    }
}
