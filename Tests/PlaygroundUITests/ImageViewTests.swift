import Datasets
import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

@Suite("Images on the screen")
struct ImageViewTests {
    /// The digits with dense layers, weights from the seed, the images of the second half looked at.
    private static func snapshot() throws -> Snapshot {
        let experiment = try Experiment(
            json: JSON(
                parsing:
                    #"{"data":{"dataset":"digits"},"layers":[{"dense":{"units":12}},{"dense":{"units":5,"activation":"relu"}}]}"#
            ))
        let data = try prepare(experiment.data, features: experiment.features, directory: nil)
        let network = experiment.network(for: data)
        let outline = try network.outline()
        var random = Random(seed: 3)
        let parameters = (0..<outline.flatCount).map { _ in Float(random.uniform() - 0.5) }
        return Snapshot(
            revision: 1, generation: 1, experiment: experiment, network: network, outline: outline, data: data,
            parameters: parameters, state: .paused, step: 0, epoch: 0, evaluation: nil, history: History(),
            learningRate: 0.03, stepsPerSecond: 0, epochsPerSecond: 0, threads: 1, seconds: 0, message: nil)
    }

    private static let app: App? = {
        guard let snapshot = try? snapshot() else { return nil }
        var app = App(experiment: snapshot.experiment)
        app.handle(.resize(width: 120, height: 40))
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        return app
    }()

    /// The app after keys, with the viewer's pictures as they would come.
    private func app(
        _ keys: [String] = [], size: (Int, Int) = (120, 40), capabilities: Capabilities = Capabilities()
    ) throws -> App {
        var app = try #require(Self.app)
        app.capabilities = capabilities
        app.handle(.resize(width: size.0, height: size.1))
        for label in keys {
            show(&app)
            app.handle(.key(try #require(Key(label))))
        }
        show(&app)
        return app
    }

    private func show(_ app: inout App) {
        let picture = PictureMaker().makePicture(app.snapshot!, app.viewRequest)
        app.receive(snapshot: nil, picture: picture, failure: nil)
    }

    @Test("the views of planes step aside for images, and those of images for planes")
    func suits() throws {
        let context = try #require(try app().plotContext)
        let suiting = View.all.filter { $0.suits(context.scene) }.map(\.id)
        #expect(
            suiting == [
                .image, .imageSheet, .imageVariants, .drawing, .unitLikes, .relevance, .levels, .hiddenClasses,
                .filters, .activities, .weights, .losses, .health,
            ])
        let plane = PlotFixture.context(try PlotFixture.snapshot())
        #expect(View.all.filter { $0.suits(plane.scene) }.map(\.id) == [.plane, .hiddenPlane, .losses, .health])
    }

    @Test("the chosen image stands with its class and a bar for each class, and ) goes on to the next")
    func chosen() throws {
        let first = try app(["5"])
        let data = try #require(first.snapshot?.data)
        let count = data.shownImages.count
        let text = first.draw().lines.joined(separator: "\n")
        #expect(text.contains("image 1 of \(count)") && text.contains("is \(data.shownLabel(0)!)"))
        let scores = try #require(first.picture?.images?.scores)
        #expect(scores.count == 10 && abs(scores.reduce(0, +) - 1) < 1e-4)
        for (index, score) in scores.enumerated() {
            let percent = "\(Int((score * 100).rounded()))%"
            #expect(first.draw().lines.contains { $0.contains(percent) }, "\(index) \(percent)")
        }
        let next = try app([")"])
        #expect(next.plots.image == 1 && next.picture?.images?.choice.row == 1)
        #expect(try app(["("]).plots.image == count - 1)
        #expect(try app(["5", "right", "right", "left"]).plots.image == 1)
    }

    @Test("the answers told are the network's, and x goes to the next wrong one")
    func answers() throws {
        let app = try app(["5", "x"])
        let snapshot = try #require(app.snapshot)
        let answers = try #require(app.picture?.images?.classes)
        let network = try Network(snapshot.network, capacity: 1)
        network.load(parameters: snapshot.parameters)
        for row in [0, 7, answers.count - 1] {
            network.forward(snapshot.data.shownImages.inputs.values(of: row), count: 1)
            let values = network.values(layer: snapshot.outline.output)
            #expect(answers[row] == values.indices.max { values[$0] < values[$1] })
        }
        #expect(answers[app.plots.image] != snapshot.data.shownLabel(app.plots.image))
    }

    @Test("of a wrong answer both names stand below the image, where they have no room their beginnings")
    func verdict() {
        #expect(verdictWords("star", "ring", columns: 9, ascii: false) == "star→ring")
        #expect(verdictWords("triangle", "cross", columns: 8, ascii: false) == "tri→cros")
        #expect(verdictWords("8", "5", columns: 5, ascii: true) == "8>5")
    }

    @Test("a bar stands below a name that would leave it no room; where it has no row there, names are shortened")
    func barColumns() {
        let digits = BarColumns(names: 1, width: 20, hasTwoRows: true)
        #expect(!digits.isBelowNames && digits.name == 1 && digits.bar == 12)
        let lines = BarColumns(names: 10, width: 20, hasTwoRows: true)
        #expect(lines.isBelowNames && lines.name == 14 && lines.barStart == 0 && lines.bar == 19)
        let low = BarColumns(names: 10, width: 20, hasTwoRows: false)
        #expect(!low.isBelowNames && low.name == 8 && low.bar == 5)
        let both = BarColumns(names: 15, fewest: 9, width: 20, hasTwoRows: false)
        #expect(both.name == 9 && both.bar == 4)
        #expect(BarColumns(names: 15, fewest: 9, width: 16, hasTwoRows: false).bar == 1)
        #expect(fewestColumns(of: ["violet circle", "violet cross", "blue cross"]) == 9)
        #expect(fewestColumns(of: ["0", "1"]) == 1 && fewestColumns(of: ["one", "one"]) == 0)
        let narrow = BarColumns(names: 1, width: 8, hasTwoRows: true)
        #expect(!narrow.isBelowNames && !narrow.hasPercent && narrow.bar == 6)
    }

    @Test("a lane of a race among four has bars at 80 columns")
    func laneBars() throws {
        let app = try app(["5"])
        let context = try #require(app.plotContext)
        var canvas = Canvas(width: 20, height: 12)
        View.image.draw(&canvas, Rect(x: 0, y: 0, width: 20, height: 12), context)
        let selection = app.theme.selection
        let cells = (0..<12).flatMap { y in (0..<20).map { canvas[$0, y] } }
        #expect(cells.count { $0.style.background == selection } >= 50, "\(canvas.lines.joined(separator: "\n"))")
    }

    @Test("long names of classes stand whole above bars that are longer than they", arguments: [(120, 40), (200, 60)])
    func bars(width: Int, height: Int) throws {
        var fixture = try WalkFixture(layers: "[]", size: (width, height))
        try fixture.press("5")
        let rect = try #require(fixture.app.layout.area(.output)).rect
        let canvas = fixture.app.draw()
        let selection = fixture.app.theme.selection
        for name in ["horizontal", "rising", "vertical", "falling"] {
            let row = try #require(
                (rect.y..<rect.maxY).first { y in
                    let cells = (rect.x..<rect.maxX).map { canvas[$0, y].scalar }
                    let text = String(String.UnicodeScalarView(cells))
                    return text.contains(name) && text.contains("%")
                })
            let below = (rect.x..<rect.maxX).count { canvas[$0, row + 1].style.background == selection }
            let beside = (rect.x..<rect.maxX).count { canvas[$0, row].style.background == selection }
            #expect(max(below, beside) >= 8, "\(name): \(below), \(beside)")
        }
    }

    @Test("the sheet has the wrong ones first, and a click chooses one")
    func sheet() throws {
        var app = try app(["5", "w"])
        let rect = try #require(app.layout.area(.output)?.rect)
        let context = try #require(app.plotContext)
        let sheet = try #require(ImageSheet(panelContent(of: rect), context))
        let answers = try #require(app.picture?.images?.classes)
        let wrong = sheet.order.map { answers[$0] != app.snapshot!.data.shownLabel($0) }
        #expect(wrong == wrong.sorted { $0 && !$1 } && sheet.order.count == answers.count)
        #expect(app.draw().lines.contains { $0.contains("→") })
        app.plots.image = sheet.order[0]
        app.handle(.mouse(Mouse(.press, x: rect.x + 12, y: rect.y + 2, button: 1)))
        #expect(app.plots.image == sheet.order[1], "the second of the first line")
    }

    @Test("the stack shows the image, and its layers' values for it")
    func stack() throws {
        let app = try app()
        let tiles = try #require(app.picture?.tiles)
        let input = try #require(tiles.first { $0.layer == .input })
        #expect(input.units == 0..<1 && input.size == ViewRequest.Size(columns: 8, rows: 8) && !input.isSigned)
        let pixels = app.snapshot!.data.shownImage(0)
        let largest = pixels.max()!
        #expect(zip(input.values[0], pixels).allSatisfy { abs(($0 + 1) / 2 * largest - $1) < 1e-5 })
        let hidden = try #require(tiles.first { $0.layer == 0 })
        #expect(hidden.values.allSatisfy { $0.count == 1 } && hidden.isSigned)
    }

    @Test("a drawing is answered: the brush paints where it goes, the eraser takes it away, x clears")
    func drawing() throws {
        let drawn = try app(["5", "d", "b", "down", "down", "right"])
        let drawing = try #require(drawn.plots.drawing)
        #expect(drawing.pixels.filter { $0 > 0 }.count == 4)
        #expect(drawn.picture?.images?.choice.drawn == drawing.pixels)
        let empty = try app(["5", "d"])
        #expect(drawn.picture?.images?.scores != empty.picture?.images?.scores)
        #expect(try app(["5", "d", "b", "down", "b", "up"]).plots.drawing?.pixels.filter { $0 > 0 }.count == 0)
        #expect(try app(["5", "d", "b", "down", "x"]).plots.drawing?.pixels.allSatisfy { $0 == 0 } == true)
        #expect(try app(["5", ")", "d", "c"]).plots.drawing?.pixels == drawn.snapshot!.data.shownImage(1))
        #expect(try app(["5", "d", "d"]).view(in: .output)?.id == .image)
    }

    @Test(
        "the hints of a view of images name its own keys, however narrow the window is",
        arguments: [(60, 18), (80, 24), (120, 40)])
    func hints(width: Int, height: Int) throws {
        func bar(_ keys: [String]) throws -> String { try app(keys, size: (width, height)).draw().lines.last ?? "" }
        let empty = try bar(["5", "d"])
        // Nothing is drawn that could be added.
        #expect(empty.contains("b brush") && !empty.contains("⏎ add"))
        let drawn = try bar(["5", "d", "b", "down"])
        #expect(drawn.contains("b brush") && drawn.contains("⏎ add"))
        #expect(try bar(["5", "f"]).contains("←→ unit"))
        #expect(try bar(["5", "y"]).contains("←→ class"))
        #expect(try bar(["5", "w"]).contains("←→↑↓ walk"))
        if width >= 80 { #expect(try bar(["6"]).contains("←→↑↓ walk")) }
        for keys in [["5", "d", "b", "down"], ["5", "f"], ["5", "y"], ["5", "w"]] {
            let row = try bar(keys)
            #expect(row.contains("? help") && row.contains("q quit"), "\(keys)")
        }
    }

    @Test("the mouse draws")
    func mouse() throws {
        var app = try app(["5", "d"])
        let rect = try #require(app.layout.area(.output)?.rect)
        app.handle(.mouse(Mouse(.press, x: rect.x + 4, y: rect.y + 3, button: 1)))
        app.handle(.mouse(Mouse(.drag, x: rect.x + 6, y: rect.y + 3, button: 1)))
        #expect(app.plots.drawing?.pixels.filter { $0 > 0 }.count == 2)
        // A fast stroke leaves no gaps, and one that begins elsewhere is another one.
        app.handle(.mouse(Mouse(.drag, x: rect.x + 14, y: rect.y + 3, button: 1)))
        #expect(app.plots.drawing?.pixels.filter { $0 > 0 }.count == 6)
        app.handle(.mouse(Mouse(.press, x: rect.x + 4, y: rect.y + 5, button: 1)))
        #expect(app.plots.drawing?.pixels.filter { $0 > 0 }.count == 7)
        let pixels = try #require(app.plots.drawing?.pixels)
        #expect(Set(pixels.indices.filter { pixels[$0] > 0 }.map { $0 / 8 }).count == 2)
    }

    @Test("the hidden view has every image at its place, in the unit square")
    func hidden() throws {
        let app = try app()
        let cloud = try #require(app.picture?.cloud)
        #expect(cloud.places.count == min(1000, app.snapshot!.data.shownImages.count))
        #expect(cloud.places.allSatisfy { (0...1).contains($0.x) && (0...1).contains($0.y) })
        #expect(cloud.explained.count == 2 && cloud.explained[0] >= cloud.explained[1])
        let units = try self.app(["6", "P"])
        #expect(units.picture?.cloud?.target.pca == false)
        #expect(units.draw().lines.contains { $0.contains("unit 1 × unit 2") })
    }

    @Test(
        "every view is drawn at every size and with every kind of colours and signs",
        arguments: [(60, 18), (80, 24), (120, 40), (200, 60)])
    func sizes(width: Int, height: Int) throws {
        for colors in [Capabilities.Colors.truecolor, .palette256, .palette16, .none] {
            for glyphs in [Capabilities.Glyphs.braille, .ascii] {
                let capabilities = Capabilities(colors: colors, glyphs: glyphs)
                for keys in [
                    ["5"], ["5", "w"], ["5", "d", "b", "down"], ["6"], ["4"], ["4", "T"], ["5", "e"],
                    ["4", "w", "down"],
                ] {
                    let lines = try app(keys, size: (width, height), capabilities: capabilities).draw().lines
                    #expect(lines.count == height)
                    if glyphs == .ascii {
                        let plot = lines.joined()
                        #expect(!plot.contains("█") && !plot.contains("▀"), "\(keys)")
                    }
                }
            }
        }
    }
}
