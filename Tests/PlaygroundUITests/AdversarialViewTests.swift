import Datasets
import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

@Suite("Adversarial networks on the screen")
struct AdversarialViewTests {
    /// The app over networks that have been trained for some rounds, after keys.
    private func app(
        _ settings: [String] = [], _ keys: [String] = [], size: (Int, Int) = (120, 40), images: Bool = false,
        rounds: Int = 60, capabilities: Capabilities = Capabilities()
    ) throws -> App {
        let layers =
            images
            ? #"layers=[{"dense": {"units": 64, "activation": "sigmoid"}}, "generated", {"dense": {"units": 4}}]"#
            : #"layers=[{"dense": {"units": 5}}, {"dense": {"units": 2}}, "generated", {"dense": {"units": 4}}]"#
        let experiment = try Experiment.standard.setting("data.dataset", to: .string(images ? "digits" : "density"))
            .setting(
                assignments: [
                    "features=[]", "training.procedure=adversarial", layers, "training.batchSize=20",
                    "training.optimizer=adam",
                ] + settings)
        let trainer = try Trainer(experiment)
        for _ in 0..<rounds { _ = trainer.step() }
        return try shownApp(over: trainer, after: keys, size: size, capabilities: capabilities)
    }

    private func text(_ app: App) -> String { app.draw().lines.joined(separator: "\n") }

    @Test("points and images stand on the screen at every size, in colours and without", arguments: [false, true])
    func everywhere(_ images: Bool) throws {
        for size in [(80, 24), (120, 40), (200, 60)] {
            for capabilities in [
                Capabilities(), Capabilities(colors: .none, glyphs: .ascii),
                Capabilities(colors: .palette16, glyphs: .block),
            ] {
                for keys in [[String]](
                    arrayLiteral: [], ["6"], ["6", "N"], ["6", "G"], ["6", "G", "P"], ["5", "G"], ["7"], ["8"], ["e"])
                {
                    let shown = text(try app([], keys, size: size, images: images, capabilities: capabilities))
                    #expect(!shown.contains("x x x"), "\(images) \(size) \(keys)")
                }
            }
        }
    }

    @Test("the plane says what it shows, and the noise grid takes the points' place")
    func plane() throws {
        let shown = text(try app())
        #expect(shown.contains("generated") && shown.contains("coverage"))
        let grid = try app([], ["5", "G"])
        #expect(grid.plots.showsNoiseGrid && text(grid).contains("noise"))
    }

    @Test("the pen draws real points into the unit square, which the generator then learns; C begins with one")
    func drawing() throws {
        var app = try app([], ["5", "P", "right", "enter"])
        #expect(app.experiment.data.dataset.id == "points")
        let count = app.experiment.data.points.count
        #expect(count > 100 && text(app).contains("real points"))
        let trainer = try Trainer(app.experiment)
        #expect(trainer.data.learned.featureRanges == [0...1, 0...1] && trainer.network.generated != nil)
        for _ in 0..<50 { _ = trainer.step() }
        #expect(trainer.measure().metrics.contains { trainer.measure()[$0.id]?.isFinite == true })
        for key in ["C", "t", "left", "enter"] { app.handle(.key(try #require(Key(key)))) }
        #expect(app.experiment.data.points.count == 4)
        let few = try Trainer(app.experiment)
        for _ in 0..<50 { _ = few.step() }
        for key in ["esc", "z", "z"] { app.handle(.key(try #require(Key(key)))) }
        #expect(app.plots.pen == nil)
    }

    @Test("H holds a side, and the document says so")
    func sides() throws {
        var app = try app([], ["H"])
        let key = "training.procedure.adversarial.train"
        #expect(app.experiment.value(at: key) == .string("generator"))
        // Within a second both would be one step to undo.
        app.handle(.key(try #require(Key("H"))), at: app.now + 2)
        #expect(app.experiment.value(at: key) == .string("discriminator"))
        app.handle(.key(try #require(Key("z"))))
        #expect(app.experiment.value(at: key) == .string("generator"))
    }
}
