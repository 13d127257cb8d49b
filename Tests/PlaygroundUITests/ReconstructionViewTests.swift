import Datasets
import Engine
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

@Suite("Views of what a network gives back")
struct ReconstructionViewTests {
    private static func start(_ text: String) -> App? {
        guard let json = try? JSON(parsing: text), let experiment = try? Experiment(json: json),
            let trainer = try? Trainer(experiment)
        else { return nil }
        for _ in 0..<3 { _ = trainer.epoch() }
        var app = App(experiment: experiment)
        app.handle(.resize(width: 120, height: 40))
        app.receive(
            snapshot: trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true),
            picture: nil, failure: nil)
        return app
    }

    private static let digits = start(
        #"""
        {"data": {"dataset": "digits"},
         "layers": [{"dense": {"units": 12}}, {"dense": {"units": 2, "activation": "linear", "name": "code"}},
                    {"dense": {"units": 12}}, {"dense": {"units": 64, "activation": "linear"}}],
         "training": {"procedure": {"reconstruction": {"corruption": {"mask": {"rate": 0.3}}}},
                      "optimizer": "adam", "batchSize": 16}}
        """#)
    private static let moons = start(
        #"""
        {"data": {"dataset": "moons"}, "features": ["x1", "x2"],
         "layers": [{"dense": {"units": 6}}, {"dense": {"units": 1, "activation": "linear", "name": "code"}},
                    {"dense": {"units": 6}}, {"dense": {"units": 2, "activation": "linear"}}],
         "training": {"procedure": "reconstruction", "optimizer": "adam"}}
        """#)

    private static let waves = start(
        #"""
        {"data": {"dataset": "waves", "samples": 60, "length": 20},
         "layers": [{"lstm": {"units": 4, "name": "code"}}, {"repeat": {"steps": 20}},
                    {"lstm": {"units": 6, "returns": "all"}},
                    {"eachStep": {"body": [{"dense": {"units": 1, "activation": "linear"}}]}}],
         "training": {"procedure": {"reconstruction": {"corruption": {"mask": {"rate": 0.3}}}}, "optimizer": "adam"}}
        """#)

    private static let kernels = start(
        #"""
        {"data": {"dataset": "digits"},
         "layers": [{"conv2d": {"filters": 5, "stride": 2, "padding": 1, "name": "code"}},
                    {"conv2dTranspose": {"filters": 1, "kernel": 4, "padding": 1, "activation": "linear"}}],
         "training": {"procedure": "reconstruction", "optimizer": "adam", "batchSize": 16}}
        """#)
    private static let tied = start(
        #"""
        {"data": {"dataset": "digits"},
         "layers": [{"dense": {"units": 7, "name": "code"}}, {"dense": {"units": 64, "tied": "code", "activation": "linear"}}],
         "training": {"procedure": "reconstruction", "optimizer": "adam", "batchSize": 16}}
        """#)

    /// The app after keys, with the viewer's pictures as they would come, some to each key.
    private func app(_ start: App?, _ keys: [String], size: (Int, Int) = (120, 40)) throws -> App {
        var app = try #require(start)
        app.handle(.resize(width: size.0, height: size.1))
        let maker = PictureMaker()
        func show() {
            for _ in 0..<4 {
                app.receive(snapshot: nil, picture: maker.makePicture(app.snapshot!, app.viewRequest), failure: nil)
            }
        }
        for label in keys {
            show()
            app.handle(.key(try #require(Key(label))))
        }
        show()
        return app
    }

    private func text(_ app: App) -> String { app.draw().lines.joined(separator: "\n") }

    @Test("the image, the corrupted one and what is given back stand side by side, with the error and its place")
    func pictures() throws {
        let app = try app(Self.digits, [])
        let text = text(app)
        #expect(text.contains("corrupted") && text.contains("given back") && text.contains("by error"))
        #expect(text.contains("worst first"), "the images below say what they are")
        #expect(app.view(in: .output)?.id == .reconstruction && app.view(in: .hidden)?.id == .codePlane)
    }

    @Test("the sheet begins with the worst, and the keys walk through it and through the draws")
    func sheet() throws {
        var app = try app(Self.digits, ["5", "w", "right", "right"])
        let worst = try #require(app.plotContext?.reconstructions?.worst)
        #expect(app.view(in: .output)?.id == .reconstructionSheet)
        #expect(app.plots.image == worst[2])
        app = try self.app(Self.digits, ["5", "x", "x", "a"])
        #expect(app.plots.image == worst[1] && app.plots.draw == 1)
    }

    @Test("the cursor in the code plane decodes, and decoded places fill the plane")
    func codes() throws {
        let before = try app(Self.digits, [])
        let moved = try app(Self.digits, ["6", "left", "left", "up"])
        #expect(
            moved.plots.codePlace.x < before.plots.codePlace.x && moved.plots.codePlace.y > before.plots.codePlace.y)
        let (one, other) = (before.picture?.decoded, moved.picture?.decoded)
        #expect(one != nil && other != nil && one?.result != other?.result)
        let filled = try app(Self.digits, ["6", "d"])
        #expect((filled.picture?.decoded?.grid.count ?? 0) >= 6)
    }

    @Test("filters of the encoder and of the decoder are tiles, of dense layers, tied ones and convolutions")
    func filters() throws {
        for (start, words) in [(Self.digits, "12 filters"), (Self.tied, "7 filters"), (Self.kernels, "5 kernels")] {
            let (encoder, decoder) = (try app(start, ["6", "x"]), try app(start, ["6", "x", "x"]))
            #expect(encoder.view(in: .hidden)?.id == .filters && text(encoder).contains("features · \(words)"))
            #expect(decoder.view(in: .hidden)?.id == .decoderFilters && text(decoder).contains("decoder · \(words)"))
        }
        let context = try #require(try app(Self.digits, []).plotContext)
        let (outline, parameters) = (context.snapshot.outline, context.snapshot.parameters)
        func tensor(_ name: String) throws -> Outline.Tensor {
            try #require(outline.tensors.first { $0.name == name })
        }
        // A row of the first weight; a column of the last.
        let (first, last) = (try tensor("layers.0.weight"), try tensor("layers.3.weight"))
        let encoder = try #require(UnitPictures(encoderOf: context))
        #expect(encoder.weights(of: 3) == (0..<64).map { parameters[first.offset + 3 * 64 + $0] })
        let decoder = try #require(UnitPictures(decoderOf: context))
        #expect(decoder.weights(of: 3) == (0..<64).map { parameters[last.offset + 12 * $0 + 3] })
        // Tied weights are one.
        let own = try #require(try app(Self.tied, []).plotContext)
        #expect(UnitPictures(encoderOf: own)?.weights(of: 6) == UnitPictures(decoderOf: own)?.weights(of: 6))
        let maps = try #require(try app(Self.kernels, []).plotContext)
        #expect(UnitPictures(encoderOf: maps)?.weights(of: 4).count == 9)
        #expect(UnitPictures(decoderOf: maps)?.weights(of: 4).count == 16)
    }

    @Test("an image that is given back is drawn as the input is, though the output's values may be below 0")
    func givenBack() throws {
        let tiles = try #require(try app(Self.digits, []).picture?.tiles)
        let outline = try #require(try app(Self.digits, []).snapshot?.outline)
        #expect(tiles.first { $0.layer == .input }?.isSigned == false)
        #expect(tiles.first { $0.layer == outline.output }?.isSigned == false)
    }

    @Test("words about sequences that are given back do not speak of the data's own targets")
    func sequenceWords() throws {
        for keys in [[], ["7"], ["4", "O", "O"]] {
            let text = text(try app(Self.waves, keys, size: (200, 60)))
            #expect(!text.contains("next step") && !text.contains("always answering") && !text.contains("the target"))
            #expect(text.contains("gives back") && text.contains("n → n"))
        }
    }

    @Test("in the plane stand the points, what is given back and the curve of the code")
    func plane() throws {
        let app = try app(Self.moons, [])
        #expect(app.view(in: .output)?.id == .reconstructionPlane)
        #expect(app.picture?.reconstructions?.plane?.trace.count == 1 && text(app).contains("mean error"))
        #expect(text(app).contains("the code's curve") || text(app).contains("all that the code can say"))
    }

    @Test("a sequence, the corrupted one and what is given back are drawn over the steps; keys walk from the worst on")
    func sequences() throws {
        let app = try app(Self.waves, [])
        #expect(app.view(in: .output)?.id == .reconstructionSequence)
        let text = text(app)
        #expect(text.contains("given back") && text.contains("corrupted") && text.contains("by error"))
        let worst = try self.app(Self.waves, ["5", "x", "x"])
        #expect(worst.plots.sequence == worst.plotContext?.reconstructions?.worst[1])
    }

    @Test(
        "they draw at any size, and views of classes step aside", arguments: [(80, 24), (200, 60), (60, 20), (40, 12)])
    func sizes(_ size: (Int, Int)) throws {
        for start in [Self.digits, Self.moons, Self.waves, Self.kernels, Self.tied] {
            for keys in [[], ["5", "w"], ["6", "d"], ["6", "x"], ["6", "x", "x"], ["M"], ["y"]] {
                _ = try app(start, keys, size: size).draw()
            }
        }
        #expect(try app(Self.digits, ["5", "M"]).view(in: .output)?.id == .reconstruction)
    }
}
