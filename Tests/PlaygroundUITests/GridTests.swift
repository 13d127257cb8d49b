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

private func started(_ app: inout App) -> [Experiment]? {
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
        #expect(own.value(in: app.experiment) == .string("sin"))
        #expect(try own.apply(.string("relu"), to: app.experiment).value(at: path) == .string("relu"))
        let all = try #require(settings.first { $0.path == nil && $0.title == "activations" })
        #expect(all.value(in: app.experiment) == .string("sin"))
        #expect(try all.apply(.string("tanh"), to: app.experiment).value(at: path) == .string("tanh"))
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

/// Each draws a grid whose networks have trained one epoch.
@Suite("Screens of atlas and race")
struct GridScreenTests {
    /// The app after the grid's first news with pictures.
    private func trained(_ keys: [String], of experiment: Experiment = .standard, size: (Int, Int)) throws -> App {
        var app = app(keys, of: experiment, size: size)
        let experiments = try #require(started(&app))
        let link = GridLink(experiments, directory: nil, playing: false, epochsPerSecond: nil, threads: 1) {}
        defer { link.stop() }
        link.send(.stepEpoch)
        for _ in 0..<60_000 {
            let news = link.latest
            if news.number > 0 {
                app.receive(news)
                // The first news may tell of some members only.
                link.show(app.gridRequests)
                if news.members.allSatisfy({ $0.picture?.boundary != nil && $0.snapshot.epoch == 1 }) { return app }
            }
            usleep(5000)
        }
        Issue.record("no pictures within five minutes")
        return app
    }

    @Test(
        "an atlas shows every value, each network's loss and one best, in every size and without colours",
        arguments: [(60, 18), (80, 24), (120, 40), (200, 60)])
    func atlasScreen(width: Int, height: Int) throws {
        var app = try trained(["A"], size: (width, height))
        let atlas = try #require(app.atlas)
        let text = app.draw().lines.joined(separator: "\n")
        for row in atlas.rows { #expect(text.contains(atlas.down.text(row))) }
        #expect(text.contains("★") && text.components(separatedBy: "★").count == 2)
        for member in app.grid!.news.members {
            #expect(text.contains(formatFixed(member.loss!, decimals: 4).prefix(5)), "\(member.loss!)")
        }
        app.capabilities = Capabilities(colors: .none, glyphs: .ascii)
        #expect(app.draw().lines.joined().contains(formatFixed(app.grid!.news.members[0].loss!, decimals: 4)))
        // Another size with the same news: every cell stays within the window.
        for size in [(60, 18), (200, 60), (59, 10)] {
            app.handle(.resize(width: size.0, height: size.1))
            #expect(app.draw().lines.count == size.1)
        }
    }

    @Test(
        "a race shows each runner's name and loss, and its number at the end of its curve",
        arguments: [(60, 18), (80, 24), (120, 40), (200, 60)])
    func raceScreen(width: Int, height: Int) throws {
        let app = try trained(["V", "'learning rate'", "enter"], size: (width, height))
        let race = try #require(app.race)
        let text = app.draw().lines.joined(separator: "\n")
        for (index, runner) in race.runners.enumerated() {
            #expect(text.contains("\(index + 1) · \(runner.label)"), "\(runner.label)")
            let loss = try #require(app.grid!.news.members[index].loss)
            #expect(text.contains("\(index + 1) loss \(formatFixed(loss, decimals: 4))"))
        }
        #expect(text.contains("Test loss by learning rate"))

        var other = app
        other.handle(.key(Key(.character("t"))))
        let training = other.draw().lines.joined(separator: "\n")
        #expect(training.contains("Train loss by learning rate") && !training.contains("Test loss"))
        for (index, member) in other.grid!.news.members.enumerated() {
            let loss = try #require(member.snapshot.evaluation?.trainLoss)
            #expect(training.contains("\(index + 1) loss \(formatFixed(loss, decimals: 4))"))
        }
        other.handle(.key(Key(.character("t"))))
        #expect(other.draw().lines.joined(separator: "\n") == text)
    }

    @Test("a race in which one is judged by a score has no losses of training samples to show")
    func scoresBesideLosses() throws {
        func member(_ experiment: Experiment) throws -> GridNews.Member {
            let trainer = try Trainer(experiment)
            return .init(
                snapshot: trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true),
                picture: nil)
        }
        let network = try member(.standard)
        let generator = try member(Experiment(json: JSON(parsing: Preset.named("gan-ring").text)))
        #expect(generator.snapshot.history.score != nil)
        var app = app(["V", "'learning rate'", "enter"])
        var news = GridNews()
        for (members, expected) in [([network, network], true), ([network, generator], false)] {
            news.number += 1
            news.members = members
            app.receive(news)
            #expect(app.canRaceTraining == expected)
        }
    }

    @Test("the lanes of a race over one input share their axis")
    func sharedAxis() throws {
        let preset = try #require(Preset.all.first { $0.name == "sine-regression" })
        let experiment = try Experiment(json: JSON(parsing: preset.text))
        let app = try trained(["V", "'samples'", "enter"], of: experiment, size: (120, 40))
        let race = try #require(app.race)
        let own = app.grid!.news.members.compactMap { $0.picture?.boundary?.yRange }
        #expect(own.count == race.runners.count && Set(own.map(\.upperBound)).count > 1, "each would have its own")
        // The axis' numbers stand in every lane on the same rows.
        let rows = app.draw().lines.dropFirst(2).prefix(20)
        let lane = 120 / race.runners.count
        for row in rows {
            let numbers = (0..<race.runners.count).map { index in
                row.padded(to: 120).dropFirst(index * lane).prefix(6).filter { $0.isNumber || "−.".contains($0) }
            }
            #expect(Set(numbers.map { String($0) }).count == 1, "\(row)")
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

@Suite("A race's end labels")
struct RaceEndTests {
    @Test("each has a row of its own, as near to its curve's end as there is room")
    func apart() {
        #expect(RaceView.apart([3, 3, 3], in: 0..<10) == [3, 4, 5])
        #expect(RaceView.apart([2, 9, 9, 9], in: 0..<10) == [2, 7, 8, 9])
        #expect(RaceView.apart([1, 5], in: 0..<10) == [1, 5])
        #expect(RaceView.apart([4, 4, 4], in: 4..<5) == [4, 4, 4])
        #expect(RaceView.apart([], in: 0..<3) == [])
    }

    @Test("those whose curves end in one row stand as the curves do, the higher one above")
    func order() {
        func ends(_ positions: [Double?]) -> [[Int]] {
            RaceView.ends(positions, in: 0..<10).map { [$0.index, $0.row] }
        }
        #expect(ends([0.01, 0.2, 0.03]) == [[1, 7], [2, 8], [0, 9]])
        #expect(ends([0.9, nil, 0.95]) == [[2, 0], [0, 1]])
        // Curves of one value, and beyond the axis, in the order of their numbers.
        #expect(ends([0.5, 0.5]) == [[0, 5], [1, 6]] && ends([3, 2]) == [[0, 0], [1, 1]])
    }

    @Test("a loss that is small is no 0 in a cell of the atlas, nor beside the curves")
    func smallLosses() {
        #expect(
            AtlasView.lossText(0.01234, columns: 8) == "0.0123" && AtlasView.lossText(0.01234, columns: 4) == "0.01")
        #expect(AtlasView.lossText(2.6e-7, columns: 8) == "2.6e−7" && AtlasView.lossText(2.6e-7, columns: 4) == "3e−7")
        #expect(AtlasView.lossText(0, columns: 8) == "0.0000")
        #expect(LossPanel.still(2.6e-7) == "2.6e−7" && LossPanel.still(0.0003) == "0.0003")
        #expect(LossPanel.still(0) == "0.0000")
    }

    @Test("a setting that can have no value here is a table of one refused cell, not an index past its end")
    func noValues() throws {
        let app = app(["A"])
        let settings = VariedSetting.all(of: app)
        let layer = try #require(
            settings.first { $0.path?.hasPrefix("layers.0.") == true && $0.path?.hasSuffix("activation") == true })
        let rate = try #require(settings.first { $0.path?.hasSuffix("earningRate") == true })
        var bare = Experiment.standard
        bare.layers = []
        #expect(layer.values(4, around: bare).isEmpty)
        for (across, down) in [(layer, rate), (rate, layer), (layer, layer)] {
            for size in [(60, 18), (80, 24), (120, 40), (200, 60)] {
                let room = AtlasView.room(width: size.0, height: size.1)
                var atlas = Atlas(bare, across: across, down: down, cellHeight: 7, in: room)
                #expect(!atlas.cells.isEmpty && atlas.selected.member == nil && atlas.selected.refusal != nil)
                (atlas.column, atlas.row) = (atlas.columns.count - 1, atlas.rows.count - 1)
                var shown = PlaygroundUITests.app(["A"], size: size)
                shown.grid?.screen = atlas
                _ = shown.draw()
                _ = AtlasView(shown, atlas).requests
                for key in ["left", "down", "up", "right", "enter", "+", "-", "n"] {
                    shown.handle(.key(try #require(Key(key))), at: 9)
                    shown.makePlans()
                    _ = shown.draw()
                }
            }
        }
        var none = PlaygroundUITests.app([])
        none.open(
            Atlas(bare, across: layer, down: layer, cellHeight: 7, in: Rect(x: 0, y: 0, width: 0, height: 0)))
        #expect(none.grid == nil && none.notice?.bad == true)
    }

    @Test("the selected network of an atlas takes the width that the cells leave over")
    func detail() throws {
        for (width, height) in [(120, 40), (200, 60), (300, 90)] {
            let app = app(["A"], size: (width, height))
            let lines = app.draw().lines
            let rule = try #require(lines[1].lastIndex { $0 == "─" })
            #expect(lines[1].distance(from: lines[1].startIndex, to: rule) >= width - 20, "\(width)×\(height)")
        }
    }
}
