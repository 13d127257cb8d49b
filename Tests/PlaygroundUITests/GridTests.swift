import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("Atlas and race")
struct GridTests {
    private func started(_ app: inout App) -> [Experiment]? {
        var started: [Experiment]?
        for effect in app.takeOutbox() {
            if case .startGrid(let experiments, _, _) = effect { started = experiments }
        }
        return started
    }

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
        #expect(app.grid == nil && app.experiment == .standard && app.playing)
        var ended = false
        for effect in app.takeOutbox() { if case .endGrid = effect { ended = true } }
        #expect(ended)
        #expect(!PlaygroundUITests.app(["space", "A", "esc"]).playing, "a paused playground stays paused")
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
        for commands in [Atlas.commands, Race.commands] {
            let keys = commands.flatMap(\.keys).map { Key($0) }
            #expect(!keys.contains(nil) && Set(keys).count == keys.count)
        }
        let everywhere = HelpScreen(app([])).commandLines
        for command in Atlas.commands + Race.commands { #expect(everywhere.contains(command.help), "\(command.id)") }
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
