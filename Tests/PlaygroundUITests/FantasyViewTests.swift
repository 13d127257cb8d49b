import Datasets
import Engine
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

@Suite("Views of what a network draws by itself, and of its units")
struct FantasyViewTests {
    private static func start(_ labels: String) -> App? {
        let text = """
            {"data": {"dataset": "digits"}, "layers": [{"rbm": {"units": 24}}, {"rbm": {"units": 16}}],
             "output": {"loss": "\(labels == "none" ? "binaryCrossEntropy" : "softmaxCrossEntropy")"},
             "training": {"procedure": {"contrastiveDivergence": {"labels": "\(labels)", "epochs": 2}}, "batchSize": 20}}
            """
        guard let json = try? JSON(parsing: text), let experiment = try? Experiment(json: json),
            let trainer = try? Trainer(experiment)
        else { return nil }
        for _ in 0..<4 { _ = trainer.epoch() }
        var app = App(experiment: experiment)
        app.handle(.resize(width: 120, height: 40))
        app.receive(
            snapshot: trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true),
            picture: nil, failure: nil)
        return app
    }

    private static let alone = start("none")
    private static let labelled = start("joint")

    /// The app after keys, with the viewer's pictures as they would come, some to each key.
    private func app(_ start: App?, _ keys: [String], size: (Int, Int) = (120, 40)) throws -> App {
        var app = try #require(start)
        app.handle(.resize(width: size.0, height: size.1))
        let maker = PictureMaker()
        func show() {
            for _ in 0..<3 {
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

    @Test("chains run on from picture to picture, as fast as is asked, and begin anew")
    func chains() throws {
        let slow = try app(Self.alone, ["5", "g"])
        let first = try #require(slow.picture?.fantasies)
        #expect(slow.view(in: .output)?.id == .fantasies && first.steps == 3 && first.images.count >= 6)
        #expect(first.images.allSatisfy { $0.count == 64 && $0.allSatisfy { (0...1).contains($0) } })
        let fast = try app(Self.alone, ["5", "g", "]", "]"])
        #expect(fast.plots.chains.steps == 5 && fast.picture?.fantasies?.steps == 3 + 3 * 2 + 3 * 5)
        #expect(try app(Self.alone, ["5", "g", "a"]).picture?.fantasies?.steps == 3)
        #expect(try app(Self.alone, ["5", "g", "g"]).view(in: .output)?.id == .reconstruction)
    }

    @Test("a half of the image is kept in every chain, and a stroke that is drawn")
    func keeps() throws {
        let upper = try app(Self.alone, ["5", "g", "k"])
        let image = try #require(upper.snapshot).data.shownImage(0)
        for chain in try #require(upper.picture?.fantasies).images { #expect(chain.prefix(32) == image.prefix(32)) }
        #expect(upper.draw().lines.joined().contains("upper half of image 1"))
        let drawn = try app(Self.alone, ["5", "g", "k", "k", "k", "k", "k", "b", "left", "left"])
        #expect(drawn.plots.chains.part == .strokes)
        let strokes = try #require(drawn.plots.drawing).pixels
        #expect(strokes.filter { $0 == 1 }.count == 3)
        for chain in try #require(drawn.picture?.fantasies).images {
            for (pixel, stroke) in zip(chain, strokes) where stroke > 0 { #expect(pixel == stroke) }
        }
    }

    @Test("the loss panel tells the exact likelihood where it is known, and else the pseudo-likelihood and the gap")
    func numbers() throws {
        func text(_ name: String, size: (Int, Int) = (120, 40)) throws -> String {
            let experiment = try Experiment(json: JSON(parsing: Preset.named(name).text))
            let trainer = try Trainer(experiment)
            _ = trainer.epoch()
            var app = App(experiment: experiment)
            app.handle(.resize(width: size.0, height: size.1))
            app.receive(
                snapshot: trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true),
                picture: nil, failure: nil)
            app.handle(.key(try #require(Key("7"))))
            return app.draw().lines.joined(separator: "\n")
        }
        let exact = try text("rbm-bars")
        #expect(exact.contains("ln p") && exact.contains("error"))
        let digits = try text("rbm-digits")
        #expect(digits.contains("pseudo-lik.") && !digits.contains("ln p"))
        #expect(try text("rbm-bars", size: (80, 24)).contains("ln p"))
        #expect(try text("variational").contains("divergence"))
    }

    @Test("where labels stand beside the units, each chain can be held to a class")
    func classes() throws {
        #expect(try app(Self.alone, ["5", "g"]).picture?.fantasies?.classes == nil)
        let each = try #require(try app(Self.labelled, ["5", "g", "y"]).picture?.fantasies?.classes)
        #expect(each == each.indices.map { $0 % 10 })
        let zeros = try #require(try app(Self.labelled, ["5", "g", "y", "y"]).picture?.fantasies?.classes)
        #expect(zeros.allSatisfy { $0 == 0 })
    }

    @Test("one key leads from the places to filters, activities and weights, and back")
    func units() throws {
        var keys = ["6"]
        for id in [ViewID.filters, .activities, .weights] {
            keys.append("x")
            let app = try app(Self.alone, keys)
            #expect(app.view(in: .hidden)?.id == id)
            let text = app.draw().lines.joined(separator: "\n")
            #expect(id != .filters || text.contains("24 filters"))
            #expect(id != .activities || text.contains("units across"))
            #expect(id != .weights || text.contains("deviation"))
        }
        #expect(try app(Self.alone, keys + ["x"]).view(in: .hidden)?.id == .codePlane)
    }

    @Test("they draw at any size", arguments: [(80, 24), (200, 60), (60, 20), (40, 12)])
    func sizes(_ size: (Int, Int)) throws {
        for start in [Self.alone, Self.labelled] {
            for keys in [["5", "g"], ["5", "g", "k", "y"], ["6", "x"], ["6", "x", "x"], ["6", "x", "x", "x"]] {
                _ = try app(start, keys, size: size).draw()
            }
        }
    }
}
