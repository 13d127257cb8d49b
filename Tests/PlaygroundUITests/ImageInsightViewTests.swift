import Datasets
import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

@Suite("What images tell of a network")
struct ImageInsightViewTests {
    /// A small convolutional network over the digits, weights from the seed.
    private static let start: App? = {
        let text = #"""
            {"data": {"dataset": "digits"},
             "layers": [{"conv2d": {"filters": 4}}, "maxPool", {"conv2d": {"filters": 6, "kernel": 2}},
                        {"dense": {"units": 12}}]}
            """#
        guard let json = try? JSON(parsing: text), let experiment = try? Experiment(json: json),
            let data = try? prepare(experiment.data, features: experiment.features, directory: nil)
        else { return nil }
        let network = experiment.network(for: data)
        guard let outline = try? network.outline(), let parameters = try? network.initialParameters(seed: 3) else {
            return nil
        }
        let snapshot = Snapshot(
            revision: 1, generation: 1, experiment: experiment, network: network, outline: outline, data: data,
            parameters: parameters, state: .paused, step: 0, epoch: 0, evaluation: nil, history: History(),
            learningRate: 0.03, stepsPerSecond: 0, epochsPerSecond: 0, threads: 1, seconds: 0, message: nil)
        var app = App(experiment: experiment)
        app.handle(.resize(width: 120, height: 40))
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        return app
    }()

    /// The app after keys, with the viewer's pictures as they would come, some to each key.
    private func app(
        _ keys: [String], size: (Int, Int) = (120, 40), capabilities: Capabilities = Capabilities()
    ) throws -> App {
        var app = try #require(Self.start)
        app.capabilities = capabilities
        app.handle(.resize(width: size.0, height: size.1))
        let maker = PictureMaker()
        func show() {
            for _ in 0..<12 {
                let request = app.viewRequest
                let picture = maker.makePicture(app.snapshot!, request)
                app.receive(snapshot: nil, picture: picture, failure: nil)
                // The viewer's thread makes no other one either.
                if picture.settled, app.viewRequest == request { break }
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

    @Test("beside tabs a view that was chosen has its title, and the other tabs their keys alone")
    func tabs() throws {
        let likes = try app(["5", "f"], size: (80, 24)).draw().lines[1]
        #expect(likes.contains("Output 5 6 7  likes of layer 3 map 1"), "\(likes)")
        let image = try app(["5", "f", "f"], size: (80, 24)).draw().lines[1]
        #expect(image.contains("Hidden 6") && image.contains("Loss 7"), "\(image)")
        // So do kernels and gradients in place of the maps.
        let kernels = try app(["4", "T"], size: (80, 24)).draw().lines[1]
        #expect(kernels.contains("Stack 4 1 2 3  kernels"), "\(kernels)")
        let gradient = try app(["4", "T", "T"], size: (80, 24)).draw().lines[1]
        #expect(gradient.contains("gradient of the loss"), "\(gradient)")
        let maps = try app(["4", "T", "T", "T"], size: (80, 24)).draw().lines[1]
        #expect(maps.contains("Stack 4 Data 1"), "\(maps)")
    }

    private func click(_ app: inout App, x: Int, y: Int) {
        app.handle(.mouse(Mouse(.press, x: x, y: y, button: 1)))
    }

    static let terminals: [Capabilities] = [
        Capabilities(), Capabilities(colors: .palette256, glyphs: .braille),
        Capabilities(colors: .palette16, glyphs: .block), Capabilities(colors: .none, glyphs: .ascii),
    ]

    @Test(
        "each view draws in its panel alone, at every size and in every terminal",
        arguments: [(80, 24), (120, 40), (200, 60), (72, 20)], ["f", "y", "L", "d", "w", "a"])
    func drawn(size: (Int, Int), key: String) throws {
        for capabilities in Self.terminals {
            let app = try app(["5", key], size: size, capabilities: capabilities)
            let context = try #require(app.plotContext)
            let area = try #require(app.layout.area(.output))
            let view = try #require(context.view(in: .output))
            var canvas = crossed(app.width, app.height)
            canvas.fill(panelContent(of: area.rect))
            view.draw(&canvas, area.rect, context)
            for y in 0..<canvas.height {
                for x in 0..<canvas.width where !panelContent(of: area.rect).contains(x: x, y: y) {
                    #expect(canvas[x, y] == Cell("x"), "\(view.id) at \(x), \(y)")
                }
            }
            let drawn = panelContent(of: area.rect)
            let cells = (drawn.y..<drawn.maxY).flatMap { y in (drawn.x..<drawn.maxX).map { canvas[$0, y] } }
            #expect(cells.contains { $0 != .blank }, "\(view.id) is empty at \(size)")
        }
    }

    @Test("before a softmax the made picture is said to be for the score")
    func likesOfOutput() throws {
        for count in 1...8 {
            let app = try app(["5", "f"] + Array(repeating: "down", count: count))
            guard app.plotContext?.likedNeuron.layer == app.snapshot?.outline.output else { continue }
            #expect(text(app).contains("for score"), "\(text(app))")
            return
        }
        Issue.record("the keys do not reach the output")
    }

    @Test("the likes are of the chosen map, and keys go to the next one and through the layers")
    func likes() throws {
        let first = try app(["5", "f"])
        #expect(first.plotContext?.likedNeuron == ViewRequest.Neuron(layer: 2, unit: 0))
        #expect(text(first).contains("likes of layer 3 map 1") && text(first).contains("ideal"))
        let favourites = try #require(first.picture?.favourites.first)
        #expect(favourites.images.count == 9 && favourites.count == first.snapshot?.data.shownImages.count)
        #expect(try text(app(["5", "f", "right", "right"])).contains("layer 3 map 3"))
        #expect(try text(app(["5", "f", "left"])).contains("layer 3 map 6"))
        #expect(try text(app(["5", "f", "up"])).contains("layer 2 map 1"))
        #expect(try text(app(["5", "f", "down"])).contains("layer 4 unit 1"))
        #expect(try text(app(["5", "f", "f"])).contains("image 1 of"))
    }

    @Test("where training changes no image at random the variants say in which panel that is done")
    func noVariants() throws {
        let words = text(try app(["5", "a"], size: (200, 60)))
        #expect(words.contains("The panel Augment (2)"), "\(words)")
    }

    @Test("below a liked image its value has fewer digits before its class is shortened")
    func likeTexts() {
        let whole = likeWords(8.744, of: "8", columns: 7)
        #expect(whole.value == "8.74" && whole.name == "8")
        let short = likeWords(8.744, of: "ring", columns: 8)
        #expect(short.value == "8.7" && short.name == "ring")
        let cut = likeWords(12.34, of: "triangle", columns: 8)
        #expect(cut.value == "12" && cut.name == "trian")
    }

    @Test("escape leaves a cursor first, and then the chosen view", arguments: ["f", "y", "L", "d", "M", "w"])
    func escape(key: String) throws {
        #expect(try text(app(["5", key, "esc"])).contains("image 1 of"), "\(key)")
        var cursor = try app(["5", key])
        cursor.plots.moment = 0.5
        cursor.handle(.key(try #require(Key("esc"))))
        #expect(cursor.plots.moment == nil && cursor.plots.views[.output] != nil)
    }

    @Test("a click on a patch chooses its image")
    func click() throws {
        var app = try app(["5", "f"])
        let best = try #require(app.picture?.favourites.first?.images)
        let rect = panelContent(of: try #require(app.layout.area(.output)).rect)
        var chosen: Set<Int> = []
        for y in rect.y..<rect.maxY {
            for x in stride(from: rect.x, to: rect.maxX, by: 2) {
                click(&app, x: x, y: y)
                chosen.insert(app.plots.image)
            }
        }
        #expect(chosen.isSuperset(of: best.map(\.row)))
    }

    @Test("what counts for the answer is shown, then for other classes, and for a drawing")
    func relevance() throws {
        let own = try app(["5", "y"])
        let scores = try #require(own.picture?.images?.scores)
        let answer = try #require(scores.indices.max { scores[$0] < scores[$1] })
        #expect(own.picture?.relevance?.classIndex == answer && text(own).contains("what counts for \(answer)"))
        #expect(text(own).contains("Grad-CAM layer 3"))
        let next = try app(["5", "y", "right"])
        #expect(next.picture?.relevance?.classIndex == (answer + 1) % 10)
        #expect(try app(["5", "y", "right", "0"]).plots.relevantClass == nil)
        let drawn = try app(["5", "d", "b", "right", "down", "y"])
        #expect(drawn.viewRequest.image?.drawn?.contains(1) == true)
        #expect(try app(["5", "d", "b", "right", "y", ")"]).viewRequest.image?.drawn == nil)
    }

    @Test("the levels are of the first, the middle and the last layer that learns")
    func levels() throws {
        let app = try app(["5", "L"], size: (200, 60))
        let words = text(app)
        for title in ["layer 1 · conv2d 4", "sees 3×3", "layer 3 · conv2d 6", "sees 6×6", "layer 4 · dense 12"] {
            #expect(words.contains(title), "\(title)")
        }
        #expect(app.picture?.favourites.count == 4 + 6 + 12)
        // Of four, as LeNet has them, the second: it sees parts, the dense layers see all.
        var four = try WalkFixture(
            layers:
                #"[{"conv2d":{"filters":3}},{"conv2d":{"filters":4}},{"dense":{"units":8}},{"dense":{"units":5}}]"#,
            size: (200, 60))
        try four.press("5", "L")
        #expect(four.text.contains("layer 2 · conv2d 4") && !four.text.contains("layer 3 · dense 8"))
    }

    @Test("t-SNE and pictures take turns with PCA and points, and arrows walk to neighbours")
    func neighbours() throws {
        let tsne = try app(["6", "t"])
        #expect(tsne.experiment.view.tsne && text(tsne).contains("t-SNE · 500 images · step"))
        #expect(try text(app(["6", "t", "t"])).contains("PC 1"))
        #expect(try !app(["6", "t", "P"]).experiment.view.tsne)
        let walked = try app(["6", "right"])
        let cloud = try #require(walked.picture?.cloud)
        #expect(walked.plots.image != 0 && cloud.places[walked.plots.image].x > cloud.places[0].x)
        let pictures = try app(["6", "e", "i"])
        let points = try app(["6", "e"])
        #expect(pictures.plots.showsPictures && text(pictures) != text(points))
        // Beside the other panels they are fewer, but no blots.
        let beside = try app(["6", "i"])
        let rect = try #require(beside.layout.area(.hidden)).rect
        let context = try #require(beside.plotContext)
        let size = try #require(HiddenClasses(panelContent(of: rect), context)).pictureSize
        #expect(size.width >= 6 && size.height >= 3, "\(size)")
    }

    @Test("a drawing is added under a class, trains, is taken back, and survives in the document")
    func added() throws {
        var app = try app(["5", "d", "enter"])
        #expect(app.notice?.text == "there is nothing drawn yet")
        app = try self.app(["5", "d", "b", "right", "down", "enter"])
        #expect(text(app).contains("Add as"))
        for key in ["7", "enter"] { app.handle(.key(Key(key)!)) }
        let drawing = try #require(app.experiment.data.drawings.first)
        #expect(drawing.label == "7" && drawing.pixels.count == 64 && drawing.pixels.contains(255))
        #expect(app.notice?.text == "added as 7: 1 drawing trains with the data")
        let document = try Experiment(json: JSON(parsing: app.experiment.json.text()))
        #expect(document.data.drawings == [drawing])
        #expect(app.plots.drawing?.pixels.allSatisfy { $0 == 0 } == true)
        app.handle(.key(Key("backspace")!))
        #expect(app.experiment.data.drawings.isEmpty)
        app.handle(.key(Key("z")!))
        #expect(app.experiment.data.drawings == [drawing])
        let loads = app.takeOutbox().filter { if case .trainer(.load) = $0 { true } else { false } }
        #expect(loads.count == 3)
    }

    @Test("images have their pictures in the gallery")
    func gallery() throws {
        for (id, isGrey) in [("digits", true), ("shapes", false)] {
            let picture = try #require(DatasetPicture.all(side: 8)[id])
            #expect(picture.image.count == 64 && picture.isGrey == isGrey)
            #expect(picture.image.contains { $0.max() > 0.3 } && picture.image.contains { $0.min() < 0.2 })
        }
    }

    @Test("a story whose data have been changed says so")
    func story() throws {
        let source = try ExperimentSource.open("digits-mlp")
        var app = App(Session(source.experiment, name: source.name))
        #expect(!StoryBox.text(app).contains("tells of the data"))
        app.act(.dataset("shapes"))
        #expect(StoryBox.text(app).hasPrefix("This story tells of the data “digits”; now they are “shapes”."))
    }
}
