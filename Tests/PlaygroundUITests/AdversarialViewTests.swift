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
        stack: String? = nil, rounds: Int = 60, capabilities: Capabilities = Capabilities()
    ) throws -> App {
        let layers =
            images
            ? stack
                ?? #"layers=[{"dense": {"units": 64, "activation": "sigmoid"}}, "generated", {"dense": {"units": 4}}]"#
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
        let ascii = text(try app([], [], capabilities: Capabilities(colors: .none, glyphs: .ascii)))
        #expect(ascii.contains("O generated") && ascii.contains("x real"), "the marks of the plot")
        let grid = try app([], ["5", "G"])
        #expect(grid.plots.showsNoiseGrid && text(grid).contains("noise"))
    }

    @Test("mode collapse is said where its share has no room, and with it where it has")
    func collapse() throws {
        // A generator that never learns makes one heap.
        let held = "training.procedure.adversarial.train=discriminator"
        #expect(try !text(app([held], rounds: 60)).contains("mode collapse"), "it has hardly begun")
        let small = text(try app([held], rounds: 1000))
        #expect(small.contains("Plane · mode collapse ") && !small.contains("of the data covered"))
        #expect(try text(app([held], ["5", "e"], rounds: 1000)).contains("% of the data covered"))
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
        #expect(app.notice?.text == "the generator alone learns, the other side is held")
        // Within a second both would be one step to undo.
        app.handle(.key(try #require(Key("H"))), at: app.now + 2)
        #expect(app.experiment.value(at: key) == .string("discriminator"))
        app.handle(.key(try #require(Key("z"))))
        #expect(app.experiment.value(at: key) == .string("generator"))
    }

    /// Stacks whose generators make images: of single values and of maps.
    static let stacks = [
        #"layers=[{"dense": {"units": 64, "activation": "sigmoid"}}, "generated", {"dense": {"units": 4}}]"#,
        #"layers=[{"conv2dTranspose": {"filters": 5, "kernel": 4}}, {"conv2dTranspose": {"filters": 1, "kernel": 2, "stride": 2}}, "#
            + #""generated", {"conv2d": {"filters": 6, "stride": 2}}, {"dense": {"units": 4}}]"#,
    ]

    private func stack(_ app: App) throws -> StackLayout {
        app.stackLayout(panelContent(of: try #require(app.layout.area(.stack)?.rect)))
    }

    @Test("generator and discriminator of images stand in two columns, all tiles live", arguments: stacks)
    func columns(_ layers: String) throws {
        for size in [(80, 24), (120, 40), (200, 60)] {
            let app = try app([], ["4"], size: size, images: true, stack: layers)
            let stack = try stack(app)
            let end = try #require(app.experiment.generatorEnd)
            let head = try #require(stack.rows.first { $0.layer == LayerPath(end) })
            let last = try #require(stack.rows.first { $0.layer == LayerPath(end - 1) })
            #expect(last.label.maxX < head.label.x && head.tiles.height >= 2, "\(size)")
            let picture = try #require(app.picture)
            for row in stack.rows where !row.tiles.isEmpty {
                let tiles = picture.tiles.first { $0.layer == row.layer }
                #expect(tiles?.values.isEmpty == false && tiles?.values[0].allSatisfy { $0.isFinite } == true)
                #expect(row.tiles.maxY <= stack.inspector.y && row.tiles.maxX <= stack.inspector.maxX)
            }
            for (column, mark) in stack.marks.map({ ($0.x, "\($0.isAbove ? "▴" : "▾") \($0.count) more") }) {
                #expect(app.draw().lines.contains { $0.dropFirst(column).contains(mark) }, "\(size) \(mark)")
            }
            let columns = [stack.rows.filter { $0.layer.index < end }, stack.rows.filter { $0.layer.index >= end }]
            for column in columns {
                for (upper, lower) in zip(column, column.dropFirst()) {
                    #expect(max(upper.tiles.maxY, upper.kernels.maxY) <= lower.label.y, "\(size)")
                }
            }
            // Above tabs there is no room for the names.
            let isNamed = app.draw().lines.contains { $0.contains("generator") && $0.contains("discriminator") }
            #expect(isNamed == (app.layout.area(.stack)?.tab == nil), "\(size)")
        }
    }

    @Test("a column that does not fit scrolls to the selected layer, and says how many are out of sight")
    func scrolls() throws {
        let blocks = Array(repeating: #"{"dense": {"units": 9}}"#, count: 12).joined(separator: ",")
        let layers = #"layers=[\#(blocks), {"dense": {"units": 64}}, "generated", \#(blocks)]"#
        var app = try app([], ["4"], size: (80, 24), images: true, stack: layers)
        for layer in -1..<26 {
            app.select(layer: LayerPath(layer))
            app.handle(.resize(width: 80, height: 24))
            let stack = try stack(app)
            #expect(stack.rows.contains { $0.layer == LayerPath(layer) }, "\(layer)")
            for column in [stack.rows.filter { $0.layer.index < 13 }, stack.rows.filter { $0.layer.index >= 13 }] {
                let x = column[0].label.x
                let hidden = stack.marks.filter { $0.x == x }.reduce(0) { $0 + $1.count }
                #expect(column.count + hidden == 14)
            }
            let text = text(app)
            for mark in stack.marks { #expect(text.contains("\(mark.count) more")) }
        }
    }

    @Test("the keys choose the sample, ' takes a real one, and the tiles are the networks' own values")
    func samples() throws {
        var app = try app([], ["4"], images: true, stack: Self.stacks[1])
        func tiles(_ app: App, _ layer: LayerPath) -> [[Float]]? {
            app.picture?.tiles.first { $0.layer == layer }?.values
        }
        let snapshot = try #require(app.snapshot)
        let networks = try AdversarialNetworks(snapshot.network)
        networks.load(parameters: snapshot.parameters)
        let maker = PictureMaker()
        func press(_ key: String) throws {
            app.handle(.key(try #require(Key(key))))
            app.receive(snapshot: nil, picture: maker.makePicture(snapshot, app.viewRequest), failure: nil)
        }
        let first = try #require(tiles(app, 2)?[0])
        try press(")")
        #expect(app.plotContext?.adversarialSample == AdversarialSample(row: 1))
        let made = try networks.samples(of: snapshot.data.train.inputs.values(of: 1))
        let largest = made.map(abs).max()!
        let second = try #require(tiles(app, 2)?[0])
        #expect(second != first)
        let signed = made.contains { $0 < 0 }
        for (tile, value) in zip(second, made) {
            #expect(abs(tile - (signed ? value / largest : 2 * value / largest - 1)) < 1e-5)
        }
        try press("(")
        try press("(")
        #expect(app.plotContext?.adversarialSample?.row == snapshot.data.train.count - 1)
        try press("'")
        let row = try #require(app.plotContext?.adversarialSample)
        #expect(row.isReal && text(app).contains("real"))
        let real = snapshot.data.learned.train.inputs.values(of: row.row)
        let shown = try #require(tiles(app, 2)?[0])
        for (tile, value) in zip(shown, real) { #expect(abs(tile - (2 * value / real.max()! - 1)) < 1e-5) }
        #expect(app.picture?.traced?.trace.values(5) == (try networks.answers(to: real)))
        // T: kernels, then the gradient, which a real sample has behind the generator alone.
        try press("T")
        #expect(text(app).contains("kernels"))
        try press("T")
        #expect(text(app).contains("gradient") && tiles(app, 0) == nil && tiles(app, 2) != nil)
        #expect(app.picture?.kernelGradients[3]?.contains { $0 != 0 } == true)
        try press("'")
        #expect(tiles(app, 0)?[0].contains { $0 != 0 } == true && app.picture?.kernelGradients[0] != nil)
        // Enlarged, with its scale.
        for key in ["T", "w", "down", "+"] { try press(key) }
        #expect(text(app).contains("map 1 ·") && !text(app).contains("Layer "))
    }

    @Test(
        "X walks a generated and a real sample through the layers to the losses, and its keys edit nothing",
        arguments: [nil, stacks[0], stacks[1]])
    func walk(_ layers: String?) throws {
        for size in [(120, 40), (80, 24)] {
            var app = try app([], ["4"], size: size, images: layers != nil, stack: layers)
            let snapshot = try #require(app.snapshot)
            let maker = PictureMaker()
            func press(_ key: String) throws {
                app.handle(.key(try #require(Key(key))))
                app.receive(snapshot: nil, picture: maker.makePicture(snapshot, app.viewRequest), failure: nil)
            }
            let document = app.experiment
            try press("X")
            let end = try #require(snapshot.network.generatorEnd)
            func layersWalked() throws -> [Int] {
                var seen: [Int] = []
                while let scene = app.walkScene, seen.count < 40 {
                    #expect(scene.numbers != nil, "\(scene.walk.id) \(scene.state.layer)")
                    if seen.last != scene.state.layer.index { seen.append(scene.state.layer.index) }
                    if scene.walk.id == .loss { break }
                    for key in ["right", "down", "w"] { try press(key) }
                    #expect(app.walkScene?.numbers != nil)
                    try press("tab")
                }
                return seen
            }
            let seen = try layersWalked()
            #expect(seen.first == 0 && seen.last == snapshot.network.layers.count && seen.contains { $0 > end })
            #expect(text(app).contains("Generated 1 of") && text(app).contains("the generator's L ="))
            let trace = try #require(app.walkScene?.trace)
            for loss in [trace.loss!, trace.opposed!.value] {
                #expect(text(app).contains(NumberLines.text(Float(loss), decimals: 4)))
            }
            try press("'")
            #expect(app.walkScene?.trace?.inputs.isEmpty == true && text(app).contains("Real 1 of"))
            #expect(text(app).contains("The discriminator's loss") || size.1 < 40)
            for _ in 0..<12 { try press("shift-tab") }
            #expect(app.walkScene.map { $0.state.layer.index > end } == true)
            try press("n")
            #expect(app.walkScene?.state.sample == 1 && app.walkScene?.numbers != nil)
            try press("'")
            #expect(app.walkScene?.numbers != nil && app.experiment == document)
            try press("esc")
            #expect(app.plots.walk == nil && app.experiment == document)
        }
    }
}
