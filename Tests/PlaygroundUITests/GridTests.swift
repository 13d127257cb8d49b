import Datasets
import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The experiments of the grid that the app has started; nil: it has started none.
func started(_ app: inout App) -> [Experiment]? {
    var started: [Experiment]?
    for effect in app.takeOutbox() {
        if case .startGrid(let experiments, _, _, _) = effect { started = experiments }
    }
    return started
}

@Suite("Atlas and race")
struct GridTests {
    private func value(_ path: String, _ experiment: Experiment) -> JSON? { experiment.value(at: path) }

    @Test("an atlas varies the learning rate and the units around the experiment's own, and trains them")
    func atlas() throws {
        var app = app(["A"])
        let experiments = try #require(started(&app))
        let atlas = try #require(app.atlas)
        #expect(experiments.count == atlas.columns.count * atlas.rows.count && experiments.count >= 20)
        #expect(atlas.experiments[try #require(atlas.selected.member)] == app.experiment)
        let rates = Set(experiments.map { value("training.optimizer.sgd.learningRate", $0)?.text() })
        let units = Set(experiments.map { value("layers.0.dense.units", $0)?.text() })
        #expect(rates.count == atlas.columns.count && units.count == atlas.rows.count)
        var same = experiments[0]
        same = try same.setting("training.optimizer.sgd.learningRate", to: .number(0.03))
        same = try same.setting("layers.0.dense.units", to: .number(4))
        #expect(same == app.experiment, "nothing else differs")
    }

    @Test("networks side by side vary what is inside blocks, and of all layers those in blocks too")
    func blocks() throws {
        let inner = #"{"residual":{"body":[{"dense":{"units":2,"activation":"sin"}}]}}"#
        let block = #"{"residual":{"body":[{"branches":{"stacks":[[\#(inner)]],"join":"sum"}}]}}"#
        let json = #"{"data":{"dataset":"circle"},"layers":[\#(block)]}"#
        let app = app([], of: try Experiment(json: JSON(parsing: json)))
        let path = "layers.0.residual.body.0.branches.stacks.0.0.residual.body.0.dense.activation"
        let settings = VariedSetting.all(of: app)
        let own = try #require(settings.first { $0.path == path })
        #expect(own.title == "layer 1 body 1 stack 1 layer 1 body 1 activation")
        let titles = settings.map(\.title)
        #expect(titles.contains("layer 1 kind") && titles.contains("layer 1 body 1 kind"), "\(titles)")
        #expect(own.value(in: app.experiment) == .string("sin"))
        #expect(try own.apply(.string("relu"), to: app.experiment).value(at: path) == .string("relu"))
        let all = try #require(settings.first { $0.path == nil && $0.title == "activations" })
        #expect(all.value(in: app.experiment) == .string("sin"))
        #expect(try all.apply(.string("tanh"), to: app.experiment).value(at: path) == .string("tanh"))
    }

    @Test("an atlas varies units that others may be put for, and a cell that does not fit says why to the end")
    func unitsBeforeBlocks() throws {
        let residual = #"{"residual":{"body":[{"dense":{"units":4}},{"dense":{"units":4}}]}}"#
        let json = #"{"data":{"dataset":"circle"},"layers":[{"dense":{"units":4}},\#(residual)]}"#
        let experiment = try Experiment(json: JSON(parsing: json))
        let open = app(["A"], of: experiment)
        #expect(open.atlas?.down.path == "layers.1.residual.body.0.dense.units")
        #expect(open.atlas?.down.title == "layer 2 body 1 units")
        let refused = app(["A", "y", "'layer 1 units'", "enter", "up"], of: experiment)
        #expect(refused.atlas?.down.path == "layers.0.dense.units" && refused.atlas?.selected.refusal != nil)
        let screen = refused.draw().lines.joined(separator: "\n")
        #expect(screen.contains("linear"), "\(screen)")
    }

    @Test("an atlas of methods has datasets down and methods across, one's own data first, and a cell opens")
    func methods() throws {
        var app = app(["F3"])
        let methods = try #require(app.methods)
        #expect(methods.rows.count == MethodAtlas.mostRows && methods.rows[0].experiment.data == app.experiment.data)
        #expect(Set(methods.rows.map(\.title)).count == methods.rows.count && methods.methods.first == "network")
        #expect(methods.methods.count > 6 && Set(methods.rows.map(\.experiment.rivals)).count == 1)
        #expect(methods.rows.allSatisfy { $0.experiment.layers == app.experiment.layers })
        #expect(started(&app) == methods.rows.map(\.experiment))
        for label in ["down", "right", "right"] { app.handle(.key(try #require(Key(label)))) }
        let (row, title) = (methods.rows[1], methods.methods[2])
        #expect(app.methods?.row == 1 && app.methods?.column == 2)
        app.handle(.key(Key(.enter)))
        #expect(app.grid == nil && app.experiment.data == row.experiment.data && app.plots.rival == 1)
        #expect(Catalogue.titles(ofRivals: app.experiment.rivals)[1] == title)
        app.handle(.key(try #require(Key("z"))))
        #expect(app.experiment == .standard)
    }

    @Test("the atlas of methods shows every method's answers and score, a drawing's too, at every size")
    func methodsShown() throws {
        let points = (0..<40).map { index -> DrawnPoint in
            let (column, row) = (index % 8, index / 8)
            let label = DrawnPoint.Label.number(column < 4 ? -1 : 1)
            return DrawnPoint(x1: Double(column - 4), x2: Double(row - 2), label: label, isTest: index % 3 == 0)
        }
        var experiment = Experiment.standard
        experiment.data = experiment.data.drawn(points)
        for size in [(80, 24), (120, 40), (200, 60)] {
            var app = App(experiment: experiment)
            app.handle(.resize(width: size.0, height: size.1))
            let present = try Trainer(experiment)
            app.receive(
                snapshot: present.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true),
                picture: nil, failure: nil)
            app.handle(.key(try #require(Key("F3"))))
            app.makePlans()
            let methods = try #require(app.methods)
            #expect(methods.rows[0].experiment.data.points == points)
            var news = GridNews()
            news.number = 1
            var snapshots: [Snapshot] = []
            for row in methods.rows.prefix(2) {
                let trainer = try Trainer(row.experiment)
                trainer.fitRivals()
                _ = trainer.epoch()
                snapshots.append(
                    trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true))
            }
            func receive(_ pictures: [Picture?]) {
                news.members = zip(snapshots, pictures).map { GridNews.Member(snapshot: $0, picture: $1) }
                app.receive(news)
            }
            receive([nil, nil])
            let requests = app.gridRequests
            #expect(requests.count == methods.rows.count && requests[0].rivals != nil)
            receive(zip(snapshots, requests).map { PictureMaker().makePicture($0, $1) })
            let lines = app.draw().lines
            let text = lines.joined(separator: "\n")
            #expect(text.contains("own points") && text.contains("Methods") && text.contains("100"), "\(text)")
            #expect(lines[size.1 - 2].contains("network: test"), "\(lines[size.1 - 2])")
            for title in methods.methods.prefix(6) {
                let word = title.split(separator: " ").last!
                #expect(text.contains(word), "\(title) at \(size)")
            }
        }
    }

    @Test(
        "an atlas tells all figures of the selected network whole, beside the table or below it",
        arguments: [(80, 24), (120, 40), (200, 60)])
    func figures(width: Int, height: Int) throws {
        var experiment = try Experiment(json: JSON(parsing: Preset.named("gan-ring").text))
        experiment = try experiment.setting("data.samples", to: .number(300))
        let trainer = try Trainer(experiment)
        _ = trainer.epoch()
        let snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        var app = App(experiment: experiment)
        app.handle(.resize(width: width, height: height))
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        app.handle(.key(try #require(Key("A"))))
        app.makePlans()
        let atlas = try #require(app.atlas)
        var news = GridNews()
        news.number = 1
        news.members = atlas.experiments.map { _ in GridNews.Member(snapshot: snapshot, picture: nil) }
        app.receive(news)
        let text = app.draw().lines.joined(separator: "\n")
        let figures = AtlasView.losses(news.members[0])
        #expect(figures.count == 3, "\(figures)")
        for figure in figures { #expect(text.contains(figure), "\(figure):\n\(text)") }
    }

    @Test("a network that starts from another one tells its training loss, and the old task's beside it")
    func oldTask() throws {
        let preset = try Experiment(json: JSON(parsing: Preset.named("forgetting").text))
        let experiment = try preset.setting("initial.epochs", to: .number(1))
        let trainer = try Trainer(experiment)
        _ = trainer.epoch()
        let snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        let figures = AtlasView.losses(GridNews.Member(snapshot: snapshot, picture: nil))
        let isTold = zip(figures, ["train ", "old task ", "test "]).allSatisfy { $0.hasPrefix($1) }
        #expect(figures.count == 3 && isTold, "\(figures)")
        var app = App(experiment: experiment)
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        let text = Summary(of: app, seconds: 1, kept: nil).text
        #expect(text.contains("loss: train ") && text.contains(", old task "), "\(text)")
    }

    @Test("figures fill rows without being broken")
    func rows() {
        let figures = ["score 1", "D loss 2", "G loss 3"]
        #expect(AtlasView.rows(of: figures, columns: 40) == ["score 1  D loss 2  G loss 3"])
        #expect(AtlasView.rows(of: figures, columns: 18) == ["score 1  D loss 2", "G loss 3"])
        #expect(AtlasView.rows(of: figures, columns: 4) == figures && AtlasView.rows(of: [], columns: 4) == [])
    }

    @Test("networks too large to train live together are fewer, in larger cells; where four are too many it says why")
    func largeNetworks() throws {
        func opened(_ units: Int) throws -> App {
            let dense = Choice("dense", ["units": .integer(units)])
            var experiment = Experiment.standard
            experiment.layers = [dense, dense]
            var app = App(experiment: experiment)
            app.handle(.resize(width: 120, height: 40))
            let snapshot = try Trainer(experiment).snapshot(
                revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
            app.receive(snapshot: snapshot, picture: nil, failure: nil)
            app.handle(.key(try #require(Key("A"))))
            app.makePlans()
            return app
        }
        let (small, large, huge) = (try opened(8), try opened(300), try opened(1500))
        let (usual, fewer) = (try #require(small.atlas).cells.count, try #require(large.atlas).cells.count)
        #expect(fewer >= 4 && fewer < usual)
        #expect(large.notice?.text.contains("\(fewer) train side by side") == true)
        #expect(huge.grid == nil && huge.notice?.bad == true)
    }

    @Test("enter opens the selected cell as the experiment, as one step for undo")
    func openCell() throws {
        var app = app(["A", "right", "down", "enter"])
        #expect(app.grid == nil)
        #expect(value("training.optimizer.sgd.learningRate", app.experiment) == .number(0.1))
        #expect(value("layers.0.dense.units", app.experiment) == .number(5))
        app.handle(.key(try #require(Key("z"))))
        #expect(app.experiment == .standard)
    }

    @Test("escape leaves everything as it was, and training goes on")
    func leave() {
        var app = app(["A", "right", "esc"])
        #expect(app.grid == nil && app.experiment == .standard && app.playing.isOn)
        var ended = false
        for effect in app.takeOutbox() { if case .endGrid = effect { ended = true } }
        #expect(ended)
        #expect(!PlaygroundUITests.app(["space", "A", "esc"]).playing.isOn, "a paused playground stays paused")
    }

    @Test("x and y choose what varies; what a choice cannot be here is left out")
    func choose() throws {
        let app = app(["A", "x", "'optimizer'", "enter", "y", "'batch size'", "enter"])
        let atlas = try #require(app.atlas)
        #expect(atlas.across.path == "training.optimizer" && atlas.down.path == "training.batchSize")
        #expect(atlas.columns.count > 3 && atlas.cells.allSatisfy { $0.member != nil })
        let activations = PlaygroundUITests.app(["A", "x", "'activations'", "enter"])
        #expect(try #require(activations.atlas).columns.allSatisfy { $0 != .string("softmax") })
    }

    @Test("larger cells are fewer, smaller ones more")
    func size() throws {
        let standard = try #require(app(["A"]).atlas).cells.count
        #expect(try #require(app(["A", "+"]).atlas).cells.count < standard)
        #expect(try #require(app(["A", "-"]).atlas).cells.count > standard)
    }

    @Test("an experiment's compare list opens as a race, the experiment as written first where there is room")
    func compare() throws {
        let preset = try #require(Preset.all.first { $0.name == "momentum-valley" })
        let experiment = try Experiment(json: JSON(parsing: preset.text))
        var app = app(["V"], of: experiment)
        let race = try #require(app.race)
        let runners = try #require(started(&app))
        #expect(runners == race.runners.map(\.experiment) && (2...4).contains(runners.count))
        for variant in experiment.compare { #expect(race.runners.contains { $0.title == variant.title }) }
        // No setting varies, so that no runner has another value.
        #expect(app.draw().lines.last?.contains("value") == false)
        app.handle(.key(Key(.up)))
        #expect(app.notice?.text.contains("the experiment's own variants race") == true)
        let opened = PlaygroundUITests.app(["V", "right", "enter"], of: experiment)
        #expect(opened.experiment == runners[1] && opened.session.variant != nil)
    }

    @Test(
        "an atlas of what is given back, of generators and of games draws each network, at every size",
        arguments: [
            "autoencoder-curve", "gan-line", "cart-pole", "rbm-bars", "life-long",
            #"""
            {"data": {"dataset": "waves", "samples": 20, "length": 8},
             "layers": [{"lstm": {"units": 3}}, {"repeat": {"steps": 8}}, {"eachStep": {"body": [{"dense": {"units": 1}}]}}],
             "training": {"procedure": "reconstruction"}}
            """#,
        ])
    func atlases(_ subject: String) throws {
        let text = try subject.hasPrefix("{") ? subject : Preset.named(subject).text
        let experiment = try Experiment(json: JSON(parsing: text))
        var app = app(["A"], of: experiment)
        let count = try #require(started(&app)).count
        let trainer = try Trainer(experiment)
        for _ in 0..<3 { _ = trainer.step() }
        let snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        var news = GridNews()
        news.number = 1
        news.members = (0..<count).map { _ in .init(snapshot: snapshot, picture: nil) }
        for size in [(80, 24), (120, 40), (200, 60)] {
            app.handle(.resize(width: size.0, height: size.1))
            app.receive(news)
            let maker = PictureMaker()
            for (index, request) in app.gridRequests.enumerated() where news.members.indices.contains(index) {
                news.members[index].picture = maker.makePicture(snapshot, request)
            }
            news.number += 1
            app.receive(news)
            #expect(app.draw().lines.count == size.1)
        }
    }

    @Test("procedures that cannot train the layers do not race")
    func procedures() throws {
        func titles(_ name: String) throws -> [String] {
            let experiment = try Experiment(json: JSON(parsing: Preset.named(name).text))
            return try #require(app(["V", "enter"], of: experiment).race).runners.map(\.title)
        }
        let machine = try titles("rbm-bars")
        #expect(machine.contains("contrastive") && !machine.contains("greedy"))
        #expect(try !titles("gan-ring").contains("contrastive"))
        #expect(try titles("catch") == ["Q-learning", "REINFORCE"])
        // One that cannot be trained would end the whole race.
        for name in ["rbm-bars", "rbm-digits", "gan-ring"] {
            let experiment = try Experiment(json: JSON(parsing: Preset.named(name).text))
            let race = try #require(app(["V", "enter"], of: experiment).race)
            #expect(race.runners.count > 1)
            for runner in race.runners { _ = try Trainer(runner.experiment) }
        }
    }

    @Test("an experiment that is one of its own variants runs once")
    func twice() throws {
        for (name, titles) in [("variational", ["Pulled", "Free"]), ("autoencoder-curve", ["Bent", "Straight"])] {
            let experiment = try Experiment(json: JSON(parsing: Preset.named(name).text))
            #expect(try #require(app(["V"], of: experiment).race).runners.map(\.title) == titles)
        }
    }

    @Test("a race between a setting's values: they differ, change, come and go, two at least and four at most")
    func values() throws {
        let keys = ["V", "'optimizer'", "enter"]
        let race = try #require(app(keys).race)
        #expect(race.runners.count == 4 && Set(race.runners.map(\.title)).count == 4)
        let changed = try #require(app(keys + ["up"]).race)
        #expect(changed.runners[0].title != race.runners[0].title && Set(changed.runners.map(\.title)).count == 4)
        #expect(app(keys + ["a"]).race?.runners.count == 4)
        #expect(app(keys + ["x", "x", "x"]).race?.runners.count == 2)
        #expect(app(keys + ["x", "x", "a"]).race?.runners.count == 3)
        let seeded = try #require(app(keys + ["n"]).race)
        #expect(seeded.runners.allSatisfy { $0.experiment.seed == Experiment.standard.seed + 1 })
    }

    @Test("every key of a grid's screen means one command, and the help names them all")
    func keys() {
        for commands in GridScreens.all.map({ $0.commands }) {
            let keys = commands.flatMap(\.keys).map { Key($0) }
            #expect(!keys.contains(nil) && Set(keys).count == keys.count)
        }
        let everywhere = HelpScreen(app([])).commandLines
        for command in GridScreens.all.flatMap({ $0.commands }) {
            #expect(everywhere.contains(command.help), "\(command.id)")
        }
    }

    @Test("a grid is drawn before its first news, in every size, without leaving the window")
    func sizes() {
        for size in [(60, 18), (80, 24), (120, 40), (200, 60), (40, 10)] {
            for keys in [["A"], ["V", "'optimizer'", "enter"]] {
                let app = app(keys, size: size)
                #expect(app.draw().width == size.0)
                #expect(app.gridRequests.isEmpty)
            }
        }
    }
}
