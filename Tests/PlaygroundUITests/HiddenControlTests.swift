import Datasets
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("What a lesson takes away")
struct HiddenControlTests {
    /// The app for a link of the web page with these controls hidden.
    private func app(hiding flags: [String], _ keys: [String] = [], link: String = "#dataset=circle") throws -> App {
        let link = link + flags.map { "&\($0)_hide=true" }.joined()
        return PlaygroundUITests.app(keys, of: try ExperimentSource.open(link).experiment)
    }

    @Test(
        "a hidden control's keys do nothing, say why, and leave the hint bar",
        arguments: [
            ("playButton", "4", "space", "play"), ("playButton", "4", "space", "pause"),
            ("stepButton", "4", ".", "step"), ("stepButton", "4", ",", "step"), ("resetButton", "4", "r", "reset"),
            ("resetButton", "4", "n", "new weights"), ("numHiddenLayers", "4", "a", "add"),
            ("numHiddenLayers", "4", "i", "add"), ("numHiddenLayers", "4", "x", "delete"),
            ("numHiddenLayers", "4", "d", "add"), ("numHiddenLayers", "4", "J", "move"),
            ("numHiddenLayers", "4", "K", "move"), ("showTestData", "5", "t", "test data"),
            ("discretize", "5", "d", "discretize"),
        ])
    func keys(flag: String, panel: String, key: String, hint: String) throws {
        let before = try app(hiding: [flag], [panel])
        var after = try app(hiding: [flag], [panel, key])
        #expect(after.notice?.text == "this lesson goes without it")
        #expect(after.experiment == before.experiment && after.playing.isOn == before.playing.isOn)
        let sent = after.takeOutbox().contains { if case .trainer = $0 { true } else { false } }
        #expect(!sent)
        let bar = try #require(before.draw().lines.last)
        #expect(!bar.contains(" \(hint)"), "\(bar)")
        let free = try app(hiding: [], [panel, key])
        #expect(free.notice?.text != after.notice?.text)
    }

    @Test("a hidden setting's row is gone, and the others stay")
    func rows() throws {
        func paths(_ flags: [String]) throws -> [String] {
            let app = try app(hiding: flags)
            return app.editing.rows.values.flatMap { $0 }.map(\.kind.id)
        }
        let all = try paths([])
        for (flag, gone) in [
            ("learningRate", ["training.optimizer.sgd.learningRate"]),
            (
                "activation",
                ["layers.0.dense.activation", "layers.1.dense.activation", "layers.*.activation", "output.activation"]
            ),
            ("regularization", ["training.regularization.l1", "training.regularization.l2"]),
            ("dataset", ["data.dataset"]), ("percTrainData", ["data.trainFraction"]), ("noise", ["data.noise"]),
            ("batchSize", ["training.batchSize"]), ("numNodes1", ["layers.0.dense.units"]),
            ("xSquared", ["features.x1^2"]), ("sinY", ["features.sin(x2)"]),
        ] {
            let left = try paths([flag])
            for path in gone { #expect(all.contains(path) && !left.contains(path), "\(flag): \(path)") }
            #expect(Set(all).subtracting(left).isSubset(of: gone), "\(flag)")
        }
        // The number of layers alone: their units can still be changed.
        #expect(try Set(paths(["numHiddenLayers"])) == Set(all))
    }

    @Test("without the choice of the problem only datasets of the present task are offered")
    func problem() throws {
        let offered = try app(hiding: ["problem"]).offeredDatasets.map(\.id)
        #expect(offered.contains("xor") && offered.contains("moons") && !offered.contains("plane"))
        let free = try app(hiding: []).offeredDatasets.map(\.id)
        #expect(free.contains("plane"))
        let regression = try app(hiding: ["problem"], link: "#problem=regression").offeredDatasets
        #expect(regression.allSatisfy { Datasets.task($0.id) == .regression })
    }

    @Test("without the play button it stands still and goes on by steps; without both it trains")
    func stepped() throws {
        #expect(try !app(hiding: ["playButton"]).playing.isOn)
        #expect(try app(hiding: ["playButton", "stepButton"]).playing.isOn)
        #expect(try app(hiding: []).playing.isOn)
        var opened = PlaygroundUITests.app([])
        opened.opened(try ExperimentSource.open("#dataset=xor&playButton_hide=true"))
        #expect(!opened.playing.isOn)
    }
}

@Suite("The story")
struct StoryTests {
    private func preset(_ name: String) throws -> Experiment {
        let preset = try #require(Preset.all.first { $0.name == name })
        return try Experiment(json: JSON(parsing: preset.text))
    }

    private func screen(_ app: App) -> String {
        // Words as they follow one another, whatever the lines' ends.
        app.draw().lines.joined(separator: "\n")
    }

    @Test("it names the keys that it means, and every one of them does something", arguments: Preset.all.map(\.name))
    func keys(name: String) throws {
        let story = try preset(name).story
        let keys = Story.keys(in: story)
        #expect(!keys.isEmpty)
        // Nothing in parentheses is taken for words that should be a key.
        let parentheses = story.split(separator: "(").dropFirst().map { $0.prefix { $0 != ")" } }
        #expect(parentheses.flatMap { $0.split(separator: " ") }.count == keys.count, "\(parentheses)")
        // Pressed in order, in the panel that was named last, they look, play and choose; only in the stack they change
        // layers.
        let layers = app([], of: try preset(name)).experiment.layers
        var panel = ["4"]
        for group in parentheses where !group.contains("v") {
            let keys = group.split(separator: " ").map(String.init)
            if let digit = keys.first, digit.allSatisfy(\.isNumber) { panel = [digit] }
            guard panel != ["4"] else { continue }
            #expect(app(panel + keys, of: try preset(name)).experiment.layers == layers, "\(group)")
        }
    }

    @Test("keys look like keys, words in parentheses do not, and in ASCII arrows are words")
    func keyStyles() {
        let key = Style(.rgb(0xFF0000))
        func drawn(_ glyphs: Capabilities.Glyphs) -> (text: String, keys: String) {
            var canvas = Canvas(width: 60, height: 3)
            Story("Remove them (4 ←), one (or two) at a time.", glyphs: glyphs).draw(
                into: &canvas, Rect(x: 0, y: 0, width: 60, height: 3), columns: 14, text: .plain, key: key)
            var keys = ""
            for y in 0..<3 {
                for x in 0..<60 where canvas[x, y].style == key { keys.unicodeScalars.append(canvas[x, y].scalar) }
            }
            return (canvas.lines.joined(separator: "\n"), keys)
        }
        #expect(drawn(.braille).keys == "4 ←")
        #expect(drawn(.ascii).keys == "4 left")
        #expect(drawn(.ascii).text.contains("left), one"))
    }

    @Test("no line ends between the keys of a parenthesis, unless they are too many for that")
    func keysStayTogether() {
        let story = Story(
            "Which digits are mixed up the confusion matrix tells (5 M), and (one of) its rows.", glyphs: .braille)
        for columns in 12...70 {
            let lines = story.lines(columns: columns)
            #expect(lines.contains { $0.contains("(5 M)") }, "\(lines)")
            #expect(lines.joined(separator: " ") == story.text)
        }
        let many = Story("First (1 2 3 4 5 6 7 1 2 3) all.", glyphs: .braille).lines(columns: 12)
        #expect(many == ["First (1 2 3", "4 5 6 7 1 2", "3) all."])
    }

    @Test("it is read in full where the explanation will be, until the first edit", arguments: Preset.all.map(\.name))
    func full(name: String) throws {
        for size in [(120, 40), (160, 50), (200, 60), (300, 90)] {
            let opened = app([], of: try preset(name), size: size)
            #expect(opened.tellsWholeStory, "\(size)")
            let rect = try #require(opened.layout.explain)
            let canvas = opened.draw()
            let drawn = (rect.y + 1..<rect.maxY).map { y in
                String(String.UnicodeScalarView((rect.x..<rect.maxX).map { canvas[$0, y].scalar }))
            }
            let words = drawn.joined(separator: " ").split(separator: " ").joined(separator: " ")
            #expect(words == opened.experiment.story, "\(size)")
        }
    }

    @Test("an edit or another row brings the explanation back, playing and looking do not")
    func until() throws {
        for keys in [["4", "down"], ["3", "right"], ["1", "enter"], ["2", "right"], ["4", "a"], ["4", "pgdn"]] {
            #expect(!app(keys, of: try preset("circle")).tellsWholeStory, "\(keys)")
        }
        for keys in [["space"], ["."], ["5", "d"], ["6", "left"], [">"], ["S", "esc"]] {
            #expect(app(keys, of: try preset("circle")).tellsWholeStory, "\(keys)")
        }
    }

    @Test("where there is no room a hint names its key, and S shows all of it, scrolled where the window is low")
    func box() throws {
        for size in [(60, 18), (80, 24)] {
            for name in Preset.all.map(\.name) {
                let experiment = try preset(name)
                let opened = app([], of: experiment, size: size)
                #expect(opened.notice == nil)
                #expect(opened.tellsWholeStory || opened.draw().lines.last?.contains("S story") == true, "\(name)")
                let start = app(["S"], of: experiment, size: size)
                let end = app(["S", "end"], of: experiment, size: size)
                let words = experiment.story.split(separator: " ")
                #expect(screen(start).contains(words.prefix(4).joined(separator: " ")), "\(name) \(size)")
                let last = try #require(words.last)
                #expect(screen(end).contains(last), "\(name) \(size)")
                #expect(app(["S", "S"], of: experiment, size: size).popup == nil)
                #expect(app(["S", "esc"], of: experiment, size: size).popup == nil)
            }
        }
        var bare = Experiment.standard
        bare.story = ""
        #expect(app(["S"], of: bare).popup == nil && app(["S"], of: bare).notice != nil)
    }

    @Test("a preset from the menu brings its story")
    func opened() throws {
        var small = app([], size: (80, 24))
        small.opened(try ExperimentSource.open("circle"))
        #expect(small.notice?.text.contains("S tells its story") == true)
        var large = app(["4", "down"])
        #expect(!large.tellsWholeStory)
        large.opened(try ExperimentSource.open("circle"))
        #expect(large.tellsWholeStory)
    }

    @Test(
        "variants and the story stand among the hints of an experiment that has them", arguments: [(80, 24), (120, 40)])
    func hints(width: Int, height: Int) throws {
        for panel in Panel.all.map(\.id) {
            let bar = try #require(
                app([Panel[panel].key], of: try preset("adam"), size: (width, height)).draw().lines.last)
            #expect(bar.contains("v compare") && bar.contains("V race"), "\(panel): \(bar)")
        }
        let bar = try #require(app([], size: (width, height)).draw().lines.last)
        #expect(!bar.contains("compare") && bar.contains("S story") == (width == 80), "\(bar)")
    }
}
