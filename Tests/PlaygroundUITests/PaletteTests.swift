import Datasets
import Engine
import Foundation
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("Finding by words")
struct PaletteTests {
    private static let open: Menu = {
        guard let popup = app(["4", ":"]).popup as? MenuPopup else { preconditionFailure("no palette") }
        return popup.menu
    }()

    /// The palette's titles for some words, in its order, besides assignments.
    private func found(_ words: String) -> [MenuItem] {
        var menu = Self.open
        menu.paste(words)
        return menu.matches.map { menu.items[$0] }
    }

    /// The app after the first thing that is found has been chosen.
    private func chosen(_ words: String, in app: App = app(["4"])) -> App {
        var app = app
        app.handle(.key(Key("/")!))
        app.handle(.paste(words))
        app.handle(.key(Key(.enter)))
        return app
    }

    @Test("every command is found by its words and by its id")
    func commands() {
        for command in Commands.all {
            for words in [command.help, command.id] {
                #expect(found(words).contains { $0.title == command.help }, "\(words)")
            }
        }
    }

    @Test("datasets, presets and all that the catalogue has are found by title, id and any word of the summary")
    func entries() {
        let lists = CatalogueList.allCases.flatMap { Catalogue.entries($0) }
        for entry in lists + app([]).offeredDatasets {
            let summary = entry.summary.split(separator: " ").map(String.init).max { $0.count < $1.count }!
            for words in [entry.title, entry.id, "\(entry.id) \(summary)"] {
                #expect(found(words).contains { $0.title.hasSuffix(": \(entry.title)") }, "\(words)")
            }
        }
        for preset in Preset.all {
            for words in [preset.title, preset.name] {
                #expect(found(words).contains { $0.title == "preset: \(preset.title)" }, "\(words)")
            }
        }
    }

    @Test("every setting is found by its title and its path")
    func settings() throws {
        let experiment = Experiment.standard
        #expect(
            experiment.settingPaths.count > 40 && Set(experiment.settingPaths).count == experiment.settingPaths.count)
        for path in experiment.settingPaths {
            let knob = try #require(experiment.knob(at: path), "\(path)")
            let title = knob.title.hasSuffix(" %") ? String(knob.title.dropLast(2)) : knob.title
            for words in [title, path] {
                #expect(found(words).contains { $0.title.hasSuffix(title) || path.hasPrefix("layers") }, "\(words)")
            }
        }
    }

    @Test(
        "the likeliest comes first",
        arguments: [
            ("noise", "noise"), ("adam", "optimizer: Adam"), ("spiral", "dataset: spiral"),
            ("batch size", "batch size"),
            ("quit", "quit"), ("undo", "undo the last change"), ("sgd", "optimizer: SGD"),
            ("share", "share: the TensorFlow Playground link of this experiment, to copy or save"),
            ("dataset xor", "dataset: xor"), ("relu", "activation of all layers: ReLU"),
        ])
    func likeliest(words: String, title: String) {
        #expect(found(words).first?.title.lowercased() == title.lowercased())
    }

    @Test(
        "a setting's words and a value set it",
        arguments: [
            ("noise 20", "data.noise", JSON.number(20)), ("noise 20%", "data.noise", .number(20)),
            ("learning rate 0.1", "training.optimizer.sgd.learningRate", .number(0.1)),
            ("learn 0.1", "training.optimizer.sgd.learningRate", .number(0.1)),
            ("batch size 30", "training.batchSize", .number(30)),
            ("train part 70%", "data.trainFraction", .number(0.7)),
            ("layer 2 units 8", "layers.1.dense.units", .number(8)), ("discretize on", "view.discretize", .bool(true)),
            ("last batch carry", "training.lastBatch", .string("carry")),
            ("stop at epoch 50", "training.stop.epochs", .number(50)),
            ("dataset spiral", "data.dataset", .string("spiral")),
            ("optimizer adam", "training.optimizer", .string("adam")),
            ("schedule cosine", "training.schedule", .string("cosine")),
            ("loss huber", "output.loss", .string("huber")),
        ])
    func assignments(words: String, path: String, value: JSON) {
        let app = chosen(words)
        let found = app.experiment.value(at: path)
        if case .string(let id) = value {
            #expect(KnobWalk.choiceID(found) == id, "\(app.notice?.text ?? "")")
        } else {
            #expect(found == value, "\(app.notice?.text ?? "")")
        }
        #expect(app.popup == nil)
    }

    @Test("a setting that is found is edited where it stands, or asked for")
    func edited() {
        let rate = chosen("learning rate")
        #expect(rate.focus == .training && rate.editing.typing != nil)
        guard let prompt = chosen("view layer").popup as? Prompt else {
            Issue.record("no prompt")
            return
        }
        #expect(prompt.title == "View layer")
        #expect(chosen("discretize").experiment.view.discretize)
        #expect(chosen("test data").session.canUndo == false)
    }

    @Test("a command of another panel is done there; a layer is added after the selected one")
    func elsewhere() {
        #expect(chosen("delete this layer", in: app(["7"])).experiment.layers.count == 1)
        #expect(chosen("add a layer dropout").experiment.layers.map(\.id) == ["dense", "dropout", "dense"])
        #expect(chosen("preset spiral").outbox.contains { if case .open("spiral") = $0 { true } else { false } })
    }

    @Test("what cannot be chosen stands last, and says why in full")
    func disabled() throws {
        let items = found("a")
        let first = try #require(items.firstIndex { $0.disabled != nil })
        #expect(items[first...].allSatisfy { $0.disabled != nil })
        var app = app(["4"])
        for key in [":"] { app.handle(.key(Key(key)!)) }
        app.handle(.paste("noise 200"))
        let screen = app.draw().lines.joined(separator: "\n")
        #expect(screen.contains("Not now: expected a number from 0 to 100, found 200"))
        app.handle(.key(Key(.enter)))
        #expect(app.popup != nil && app.experiment == .standard)
    }

    @Test("it keeps its place whatever is found")
    func place() throws {
        var app = app([":"], size: (80, 24))
        let before = app.popup?.rect(in: app)
        app.handle(.paste("zzz"))
        #expect(app.popup?.rect(in: app) == before)
        #expect(app.draw().lines.contains { $0.contains("nothing matches") })
    }
}

@Suite("Prompts")
struct PromptTests {
    private func prompt(_ app: App) throws -> Prompt {
        guard let prompt = app.popup as? Prompt else { throw CancellationError() }
        return prompt
    }

    private func function() throws -> Experiment {
        try Experiment.standard.setting(assignments: ["data.dataset=function"])
    }

    @Test("a formula of data is checked where it is typed; what was typed stays")
    func formula() throws {
        let row = try #require(
            app([], of: try function()).editing.rows[.data]?.firstIndex { $0.path == "data.formula" })
        let keys = ["1"] + Array(repeating: "down", count: row) + ["enter", "ctrl-u"]
        let wrong = try prompt(app(keys + ["'sin(x1) *'", "enter"], of: try function()))
        #expect(wrong.field.text == "sin(x1) *" && wrong.mistake?.contains("expected") == true)
        let unknown = try prompt(app(keys + ["'x3'", "enter"], of: try function()))
        #expect(unknown.mistake != nil)
        let right = app(keys + ["'x1*x2'", "enter"], of: try function())
        #expect(right.popup == nil && right.experiment.value(at: "data.formula") == .string("x1*x2"))
        // Nothing typed is the default.
        let bare = app(keys + ["enter"], of: right.experiment)
        #expect(bare.popup == nil && bare.experiment.value(at: "data.formula") == .string("sin(x1) * x2 / 4"))
    }

    @Test("Tab completes a path as far as it is certain, and shows how it may go on")
    func completion() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "iris data"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["table-1.csv", "table-2.csv", "other.json", ".hidden"] {
            try Data().write(to: folder.appending(path: name))
        }
        let path = folder.path
        func completed(_ text: String) -> PathCompletion { PathCompletion(text, in: "/") }
        #expect(completed("\(path)/t").text == "\(path)/table-")
        #expect(completed("\(path)/t").names == ["table-1.csv", "table-2.csv"])
        #expect(completed("\(path)/table-2").text == "\(path)/table-2.csv" && completed("\(path)/table-2").names == [])
        #expect(completed("\(path)/i").text == "\(path)/iris data/")
        #expect(completed("\(path)/").names == ["iris data/", "other.json", "table-1.csv", "table-2.csv"])
        #expect(completed("\(path)/.h").text == "\(path)/.hidden")
        #expect(completed("\(path)/zzz").isEmpty && completed("/nowhere/x").isEmpty)
        #expect(completed("~").text == "~/")
        #expect(PathCompletion("o", in: path).text == "other.json")
        #expect(PathCompletion("spirals-s", names: Preset.all.map(\.name), in: path).text == "spirals-softmax")
        var app = app(["o"])
        app.handle(.paste("\(path)/ta"))
        app.handle(.key(Key("tab")!))
        #expect(try prompt(app).field.text == "\(path)/table-")
        #expect(app.draw().lines.contains { $0.contains("table-1.csv · table-2.csv") })
        app.handle(.key(Key("1")!))
        #expect(try prompt(app).names.isEmpty)
        for key in ["s", ":"] {
            var app = PlaygroundUITests.app([key])
            if key == ":" {
                app.handle(.paste("load weights"))
                app.handle(.key(Key(.enter)))
            }
            app.handle(.key(Key("ctrl-u")!))
            app.handle(.paste("\(path)/o"))
            app.handle(.key(Key("tab")!))
            #expect(try prompt(app).field.text == "\(path)/other.json")
        }
    }

    @Test("← and → walk to the table, which asks for its file, and on past it; the table is remembered")
    func table() throws {
        let ids = Datasets.all.map(\.id).filter { $0 != "points" }
        let left = app(["1", "left"])
        #expect(
            try prompt(left).help.hasPrefix(#require(Datasets.entry("csv")?.knob("file")).summary)
                && ids.first == "circle" && ids.last == "csv")
        #expect(app(["1", "left", "esc"]).experiment == .standard)
        let generated = ids.last { Datasets.entry($0)?.knob("file") == nil }!
        let past = app(["1"] + ids.reversed().prefix { $0 != generated }.map { _ in "left" } + ["left"])
        #expect(past.popup == nil && past.experiment.data.dataset.id == generated)
        let chosen = app(["1", "left", "'/data/a.csv'", "enter"])
        #expect(chosen.experiment.value(at: "data.file") == .string("/data/a.csv"))
        let back = app(["1", "right", "left"], of: chosen.experiment)
        #expect(back.popup == nil && back.experiment.value(at: "data.file") == .string("/data/a.csv"))
    }

    @Test("a typed value leaves its label to be read", arguments: [(80, 24), (120, 40), (60, 18)])
    func label(width: Int, height: Int) throws {
        let experiment = try Experiment.standard.setting(assignments: ["training.stop.patience=5"])
        for panel in ["1", "3", "4"] {
            let count = app([panel], of: experiment, size: (width, height)).editing.rows[Panel.all[Int(panel)! - 1].id]!
                .count
            for row in 0..<count {
                let keys = [panel, "home"] + Array(repeating: "down", count: row) + ["enter"]
                let app = app(keys, of: experiment, size: (width, height))
                guard app.editing.typing != nil, let title = app.selectedRow(of: app.focus)?.title else { continue }
                let lines = app.draw().lines
                #expect(lines.contains { $0.contains(title) }, "\(title) at \(width)×\(height)")
            }
        }
    }
}

@Suite("The link in a box")
struct LinkBoxTests {
    private func opened(_ experiment: Experiment, size: (Int, Int) = (80, 24)) -> App {
        var app = app([":"], of: experiment, size: size)
        app.handle(.paste("share"))
        app.handle(.key(Key(.enter)))
        return app
    }

    @Test("it is shown whole, copied by c and saved by s", arguments: [(60, 18), (80, 24), (120, 40)])
    func whole(width: Int, height: Int) throws {
        let link = try PlaygroundLink.link(for: .standard).get()
        let app = opened(.standard, size: (width, height))
        let rect = try #require(app.popup).rect(in: app)
        let canvas = app.draw()
        let words = (rect.y + 1..<rect.maxY - 1).map { y in
            String(String.UnicodeScalarView((rect.x + 2..<rect.maxX - 2).map { canvas[$0, y].scalar }))
                .split(separator: " ").joined()
        }.joined()
        #expect(words.hasPrefix(link))
        var copied = app
        copied.handle(.key(Key("c")!))
        #expect(copied.outbox.contains { if case .copy(link) = $0 { true } else { false } })
        var saved = app
        saved.handle(.key(Key("s")!))
        guard let prompt = saved.popup as? Prompt else {
            Issue.record("no prompt")
            return
        }
        #expect(prompt.field.text.hasSuffix(".txt"))
        var closed = app
        closed.handle(.key(Key("esc")!))
        #expect(closed.popup == nil)
    }

    @Test("all that the page cannot say is listed")
    func unsaid() throws {
        let experiment = try Experiment.standard.setting(assignments: [
            "training.optimizer=adam", "training.clipNorm=1", "layers.0.dense.activation=gelu", "features=[\"x1^3\"]",
            "training.stop.epochs=9",
        ])
        let page = PlaygroundLink.pageLink(for: experiment)
        let places = ["layers.0.dense.activation", "training.optimizer", "training.clipNorm", "features.0"]
        #expect(Set(page.unsaid.map(\.place)) == Set(places))
        #expect(page.leftOut.contains("stop conditions") && page.address.contains("dataset=circle"))
        let screen = opened(experiment, size: (120, 40)).draw().lines.joined(separator: "\n")
        for place in places { #expect(screen.contains(place)) }
        #expect(PlaygroundLink.pageLink(for: .standard).unsaid.isEmpty)
    }
}

@Suite("Help and notices")
struct HelpTests {
    @Test("the help begins with the panel in front, and no line is cut", arguments: [(60, 18), (80, 24), (120, 40)])
    func help(width: Int, height: Int) throws {
        for panel in Panel.all.map(\.id) {
            let start = app([Panel[panel].key, "?"], size: (width, height))
            let rect = try #require(start.popup).rect(in: start)
            let first = start.draw().lines[rect.y + 1]
            #expect(first.contains(Panel[panel].title) || first.contains("Data, "), "\(panel): \(first)")
            var app = start
            var seen: Set<String> = []
            var page: [String] = []
            for _ in 0..<40 {
                let next = Array(app.draw().lines[rect.y..<rect.maxY])
                // The last page stays.
                guard next != page else { break }
                page = next
                seen.formUnion(page)
                app.handle(.key(Key("pgdn")!))
            }
            #expect(!seen.contains { $0.contains("…") }, "\(panel)")
        }
    }

    @Test("a notice stands in place of the hints where no panel has room for it")
    func notice() {
        let told = app(["4", "right"], size: (80, 24))
        #expect(told.notice != nil)
        var read = told
        read.notice = nil
        #expect(told.draw().lines.dropLast() == read.draw().lines.dropLast())
        #expect(told.draw().lines.last?.contains("training starts again") == true)
    }

    @Test("good news go after some seconds, bad news stay until a key")
    func seconds() {
        for bad in [false, true] {
            var app = app(["4"])
            app.notice = Notice("news", bad: bad)
            app.receive(snapshot: nil, picture: nil, failure: nil, at: app.now + 2)
            #expect(app.notice != nil)
            app.receive(snapshot: nil, picture: nil, failure: nil, at: app.now + 5)
            #expect((app.notice != nil) == bad)
        }
    }

    @Test("a long notice is read in full, on several lines")
    func long() {
        var app = app(["4"], size: (60, 18))
        app.notice = Notice(Array(repeating: "words", count: 24).joined(separator: " ") + " end", bad: true)
        #expect(app.layout.explain == nil)
        let lines = app.draw().lines.suffix(3)
        #expect(lines.allSatisfy { $0.contains("words") } && lines.last?.contains("words end") == true)
    }

    @Test("a notice stands at the foot of the explanation, whole, where there is one, and covers no panel")
    func place() throws {
        var app = app(["4"])
        let before = app.draw()
        app.notice = Notice(Array(repeating: "words", count: 40).joined(separator: " ") + " end")
        let after = app.draw()
        let explain = try #require(app.layout.explain)
        for y in 0..<before.height {
            for x in 0..<before.width where before[x, y] != after[x, y] {
                #expect(explain.contains(x: x, y: y), "(\(x), \(y))")
            }
        }
        let text = after.lines[explain.y..<explain.maxY].joined()
        #expect(text.components(of: "words") == 40 && text.contains("end"))
        #expect(after.lines[explain.y] == before.lines[explain.y], "the title stays")
        app.handle(.key(try #require(Key("down"))), at: 1)
        #expect(app.notice == nil)
    }
}

extension String {
    /// How often a word stands in it.
    fileprivate func components(of word: String) -> Int { split(separator: " ").count { $0 == word } }
}
