import Datasets
import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

/// An app at 120×40 after some keys.
func app(_ keys: [String], of experiment: Experiment = .standard, size: (Int, Int) = (120, 40)) -> App {
    var app = App(experiment: experiment)
    app.handle(.resize(width: size.0, height: size.1))
    var time = 0.0
    for label in keys {
        // Two seconds apart, so that every key is a step of its own for undo.
        time += 2
        if label.hasPrefix("'") {
            for scalar in label.dropFirst().dropLast().unicodeScalars {
                app.handle(.key(Key(.character(scalar))), at: time)
            }
            continue
        }
        guard let key = Key(label) else { preconditionFailure("“\(label)” is no key") }
        app.handle(.key(key), at: time)
        app.makePlans()
    }
    return app
}

@Suite("Keys")
struct KeyTests {
    @Test(
        "keys change the experiment",
        arguments: [
            (["3", "right"], "training.optimizer.sgd.learningRate", JSON.number(0.1)),
            (["3", "left"], "training.optimizer.sgd.learningRate", .number(0.01)),
            (["3", "enter", "ctrl-u", "'0.25'", "enter"], "training.optimizer.sgd.learningRate", .number(0.25)),
            (["3", "enter", "'0.1'", "enter"], "training.optimizer.sgd.learningRate", .number(0.1)),
            (["3", "enter", "end", "'5'", "enter"], "training.optimizer.sgd.learningRate", .number(0.035)),
            (["3", "enter", "backspace", "'1'", "enter"], "training.optimizer.sgd.learningRate", .number(0.01)),
            (["3", "enter", "home", "'1'", "enter"], "training.optimizer.sgd.learningRate", .number(10.03)),
            (["3", "enter", "ctrl-u", "'0.25'", "esc"], "training.optimizer.sgd.learningRate", .number(0.03)),
            (["3", "home", "right"], "training.optimizer", .string("momentum")),
            (["3", "home", "enter", "'adamw'", "enter"], "training.optimizer", .string("adamw")),
            (["4", "right"], "layers.0.dense.units", .number(5)),
            (["4", "l", "l", "h"], "layers.0.dense.units", .number(5)),
            (["4", "pgdn", "right"], "layers.1.dense.units", .number(3)),
            (["4", "right", "z"], "layers.0.dense.units", .number(4)),
            (["4", "right", "z", "Z"], "layers.0.dense.units", .number(5)),
            (["1", "right"], "data.dataset", .string(Datasets.all[1].id)),
            (["1", "R"], "data.seed", .number(2)),
            (["n"], "seed", .number(2)),
        ])
    func keysChangeTheExperiment(_ keys: [String], _ path: String, _ expected: JSON) {
        let app = app(keys)
        let value = app.experiment.value(at: path)
        if case .string(let id) = expected {
            #expect(KnobWalk.choiceID(value) == id, "\(keys): \(app.notice?.text ?? "")")
        } else {
            #expect(value == expected, "\(keys): \(app.notice?.text ?? "")")
        }
    }

    @Test("layers are added, inserted, deleted, duplicated and moved, and the selection follows")
    func layers() {
        let before = Experiment.standard.layers
        let added = app(["4", "a"])
        #expect(added.experiment.layers == [before[0], before[0], before[1]])
        #expect(added.selectedLayer == 1)
        let inserted = app(["4", "pgdn", "i"])
        #expect(inserted.experiment.layers == [before[0], before[1], before[1]])
        #expect(inserted.selectedLayer == 1)
        #expect(app(["4", "x"]).experiment.layers == [before[1]])
        #expect(app(["4", "x", "x"]).experiment.layers.isEmpty)
        #expect(app(["4", "x", "x", "x"]).experiment.layers.isEmpty)
        #expect(app(["4", "x", "x", "a"]).experiment.layers.count == 1)
        #expect(app(["4", "d"]).experiment.layers == [before[0], before[0], before[1]])
        let moved = app(["4", "J"])
        #expect(moved.experiment.layers == [before[1], before[0]])
        #expect(moved.selectedLayer == 1)
        #expect(app(["4", "J", "K"]).experiment.layers == before)
        #expect(app(["4", "K"]).notice != nil)
    }

    @Test("features are turned on and off, and the last one stays")
    func features() {
        #expect(app(["2", "right", "right", "enter"]).experiment.features.count == 3)
        #expect(app(["2", "enter"]).experiment.features == ["x2"])
        let last = app(["2", "enter", "right", "enter"])
        #expect(last.experiment.features == ["x2"])
        #expect(last.notice?.bad == true)
    }

    @Test("a feature can be called as the screen calls it, and its formula is what is kept")
    func featureNames() {
        #expect(app(["2", "end", "enter", "'radius'", "enter"]).experiment.features.last == "sqrt(x1^2+x2^2)")
        let twice = app(["2", "end", "enter", "'radius'", "enter", "end", "enter", "'radius'", "enter"])
        #expect(twice.popup != nil && twice.experiment.features.count == 3)
    }

    @Test("what the features' keys do is what their hints say")
    func featureHints() {
        let bar = app(["2"]).draw().lines.last ?? ""
        #expect(bar.contains("←→ move") && bar.contains("on/off") && !bar.contains("change"), "\(bar)")
    }

    @Test("drawn points are offered only where there are some")
    func ownPoints() throws {
        func menu(_ app: App) -> String { app.draw().lines.joined(separator: "\n") }
        let title = try #require(Datasets.entry("points")?.title)
        #expect(!menu(app(["1", "enter", "end"])).contains(title))
        let preset = try #require(Preset.all.first { $0.name == "hidden-layer-view" })
        let drawn = try Experiment(json: JSON(parsing: preset.text))
        #expect(menu(app(["1", "enter", "end"], of: drawn)).contains(title))
    }

    @Test("a formula of one's own becomes a feature, and a mistake is said and can be mended")
    func ownFeature() {
        let good = app(["2", "end", "enter", "'x1*x2 - 0.5'", "enter"])
        #expect(good.experiment.features.last == "x1*x2 - 0.5")
        let wrong = app(["2", "end", "enter", "'x1*('", "enter"])
        guard let prompt = wrong.popup as? Prompt else {
            Issue.record("the prompt is gone")
            return
        }
        #expect(prompt.mistake?.isEmpty == false)
    }

    @Test("the keys of training become commands for the trainer")
    func training() {
        func commands(_ keys: [String]) -> [String] {
            var app = app(keys)
            return app.takeOutbox().compactMap { effect in
                if case .trainer(let command) = effect { return String("\(command)".prefix { $0 != "(" }) }
                return nil
            }
        }
        #expect(commands(["space"]) == ["pause"])
        #expect(commands(["space", "space"]) == ["pause", "play"])
        #expect(commands(["."]) == ["stepEpoch"])
        #expect(commands([","]) == ["stepBatch"])
        #expect(commands(["r"]) == ["reset"])
        #expect(commands(["n"]) == ["load"])
        #expect(commands([">"]) == ["setSpeed"])
    }

    @Test("speed goes from one epoch a second to unlimited and back")
    func speed() {
        #expect(app([]).experiment.view.epochsPerSecond == 60)
        #expect(app([">"]).experiment.view.epochsPerSecond == 120)
        #expect(app(Array(repeating: ">", count: 20)).experiment.view.epochsPerSecond == nil)
        #expect(app(Array(repeating: "<", count: 20)).experiment.view.epochsPerSecond == 1)
    }

    @Test("digits and tab move the focus, and a plot comes to the front")
    func focus() {
        for panel in Panel.all.map(\.id) { #expect(app([Panel[panel].key]).focus == panel) }
        #expect(app(["7"]).experiment.view.panel == .loss)
        #expect(app(["4", "tab"]).focus == .output)
        #expect(app(["1", "shift-tab"]).focus == .loss)
    }

    @Test("e enlarges the focused panel to the whole screen, and e or esc goes back")
    func enlarge() {
        let enlarged = app(["6", "e"])
        #expect(enlarged.layout.areas.map(\.panel) == [.hidden])
        #expect(enlarged.layout.areas[0].rect.height == enlarged.layout.body.height)
        #expect(app(["6", "e", "e"]).enlarged == nil)
        for panel in Panel.all.map(\.id) {
            #expect(app([Panel[panel].key, "e", "esc"]).enlarged == nil, "\(panel)")
        }
    }

    private func quits(_ app: App) -> Bool {
        app.outbox.contains { if case .quit = $0 { true } else { false } }
    }

    @Test(
        "q quits at once when nothing would be lost, and asks when the experiment was edited; ctrl-c twice always quits"
    )
    func quit() {
        #expect(quits(app(["q"])))
        #expect(!quits(app(["4", "right", "q"])))
        #expect(quits(app(["4", "right", "q", "q"])))
        #expect(!quits(app(["4", "right", "q", "esc"])))
        #expect(quits(app(["4", "right", "ctrl-c", "ctrl-c"])))
        #expect(quits(app(["q"], size: (40, 10))))
    }

    @Test("esc closes every popup")
    func popups() {
        for key in [":", "ctrl-p", "?", "F1", "p", "s", "o"] {
            #expect(app([key]).popup != nil, "\(key)")
            #expect(app([key, "esc"]).popup == nil, "\(key)")
        }
    }

    @Test("what the lesson hides is not on the screen")
    func hide() {
        var experiment = Experiment.standard
        experiment.hide = ["training.batchSize", "data.noise"]
        let rows = app([], of: experiment).editing.rows[.data] ?? []
        #expect(!rows.contains { $0.path == "training.batchSize" || $0.path == "data.noise" })
        #expect(rows.contains { $0.path == "data.trainFraction" })
    }

    @Test("variants of the experiment are switched, and the way back restores it")
    func variants() throws {
        guard case .object(let members) = Experiment.standard.json else { return }
        let set = JSON.object([.init("training.optimizer.sgd.learningRate", .number(1))])
        let variant = JSON.object([.init("title", .string("fast")), .init("set", set)])
        let experiment = try Experiment(json: .object(members + [.init("compare", .array([variant]))]))
        let fast = app(["v", "down", "enter"], of: experiment)
        #expect(fast.experiment.value(at: "training.optimizer.sgd.learningRate") == .number(1))
        #expect(app(["v", "down", "enter", "v", "up", "enter"], of: experiment).experiment == experiment)
    }

    @Test("variants that go with what they change are told")
    func goneVariants() throws {
        let experiment = try Experiment(
            json: JSON(
                parsing: #"""
                    {"data": {"dataset": "circle"}, "layers": ["dense", "dense"],
                     "compare": [{"title": "Wide", "set": {"layers.1.dense.units": 9}}]}
                    """#))
        let edited = app(["4", "x"], of: experiment)
        #expect(edited.experiment.layers.count == 1 && edited.experiment.compare.isEmpty)
        let notice = edited.notice?.text ?? ""
        #expect(notice.hasSuffix("1 variant gone, for the experiment lacks what it sets: z undoes"), "\(notice)")
        #expect(app(["4", "x", "z"], of: experiment).experiment == experiment)
    }

    @Test("so are variants that do not go with an experiment that is taken from a grid")
    func goneVariantsOfAnother() throws {
        let experiment = try Experiment(
            json: JSON(
                parsing: #"""
                    {"data": {"dataset": "circle"}, "layers": ["dense", "dense"],
                     "compare": [{"title": "Wide", "set": {"layers.1.dense.units": 9}}]}
                    """#))
        var app = app([], of: experiment)
        var other = experiment
        other.layers.removeLast()
        app.take(.replace(other), title: "one layer")
        #expect(app.experiment.layers.count == 1 && app.experiment.compare.isEmpty)
        #expect(app.notice?.text == "opened one layer; 1 variant gone, for the experiment lacks what it sets: z undoes")
        app.take(.replace(app.experiment), title: "one layer")
        #expect(app.notice?.text == "one layer: the experiment as it was")
        other = experiment
        app.take(.replace(other), title: "two layers")
        #expect(app.notice?.text == "opened two layers; z goes back" && app.experiment.compare.count == 1)
    }

    @Test("every key means one command in each panel")
    func keysAreUnique() {
        // A mode's keys come before the panel's own.
        let modal = Set(Panel.all.flatMap { $0.modes.flatMap(\.commands) }.map(\.id))
        let places = Panel.all.flatMap { panel -> [(PanelID, ViewID?)] in
            let views = View.views(of: panel.id)
            return views.isEmpty ? [(panel.id, nil)] : views.map { (panel.id, $0.id) }
        }
        // Commands for images and for sequences never work side by side.
        for (panel, view) in places {
            for data in [nil, Command.Data.images, .sequences] {
                var owners: [Key: String] = [:]
                for command in Commands.all
                where command.works(in: panel, showing: view) && !modal.contains(command.id)
                    && (command.data == nil || command.data == data)
                {
                    for label in command.keys {
                        guard let key = Key(label) else {
                            Issue.record("\(command.id): “\(label)” is no key")
                            continue
                        }
                        if let other = owners.updateValue(command.id, forKey: key) {
                            Issue.record("\(label) in \(panel): \(other) and \(command.id)")
                        }
                    }
                }
            }
        }
        #expect(Set(Commands.all.map(\.id)).count == Commands.all.count, "two commands have one id")
    }

    @Test("the help names every command")
    func help() throws {
        let lines = HelpScreen(app([])).commandLines
        for command in Commands.all { #expect(lines.contains(command.help), "\(command.id)") }
        let epoch = try #require(lines.firstIndex { $0.hasPrefix("train one epoch") })
        #expect(lines[epoch + 1].hasPrefix("train one batch"))
    }
}

@Suite("Undo and redo")
struct UndoTests {
    @Test("after random edits, undo brings the original back and redo all of them")
    func undoAll() {
        let keys = [
            "left", "right", "up", "down", "a", "i", "x", "d", "J", "K", "1", "2", "3", "4", "pgdn", "pgup", "enter",
            "backspace", "n", "R",
        ]
        for seed in 1...12 {
            var random = Random(seed: UInt64(seed))
            var app = App(experiment: .standard)
            app.handle(.resize(width: 120, height: 40))
            let original = app.experiment
            var time = 0.0
            for _ in 0..<120 {
                time += random.uniform() * 2
                let label = keys[Int(random.uniform() * Double(keys.count))]
                app.handle(.key(Key(label)!), at: time)
                if app.popup != nil || app.editing.typing != nil { app.handle(.key(Key(.escape)), at: time) }
            }
            var last = app.experiment
            var first = original
            var steps = 0
            while app.session.canUndo {
                app.handle(.key(Key("z")!), at: time)
                steps += 1
            }
            first.view = app.experiment.view
            #expect(app.experiment == first, "seed \(seed) after \(steps) steps")
            while app.session.canRedo { app.handle(.key(Key("Z")!), at: time) }
            last.view = app.experiment.view
            #expect(app.experiment == last, "seed \(seed)")
        }
    }

    @Test("changes of one setting within a second are one step")
    func coalescing() {
        var app = app(["4"])
        for count in 0..<5 { app.handle(.key(Key("right")!), at: Double(count) * 0.2) }
        #expect(app.experiment.value(at: "layers.0.dense.units") == .number(9))
        app.handle(.key(Key("z")!), at: 2)
        #expect(app.experiment.value(at: "layers.0.dense.units") == .number(4))
    }
}
