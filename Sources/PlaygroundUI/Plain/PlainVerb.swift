import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// A command of the plain mode that takes words behind its name. All commands of the playground work there too, by their ids;
/// these stand for those that need a screen to be pointed at, or a value.
struct PlainVerb: Sendable {
    /// "remove"
    var name: String
    /// "remove N"
    var usage: String
    var help: String
    /// The command that texts name it for; nil: it stands for none.
    var command: String?
    /// The commands of which a lesson's step must have one; empty: the verb works in every step, for it changes nothing.
    var limits: [String]
    var run: @Sendable (inout App, _ rest: String) -> Void

    init(
        _ usage: String, _ help: String, command: String? = nil, limits: [String] = [],
        run: @escaping @Sendable (inout App, String) -> Void
    ) {
        name = String(usage.prefix { $0 != " " })
        (self.usage, self.help, self.command, self.limits, self.run) = (usage, help, command, limits, run)
    }

    static let all: [PlainVerb] = lessons + training + network + pictures + files + words

    /// The verb that texts name for a command.
    static func standing(for command: String) -> PlainVerb? { all.first { $0.command == command } }

    /// Those that belong to a lesson alone.
    static let lessons: [PlainVerb] =
        [
            lesson("next", "the next step, and after the last one the next lesson", LessonCommands.next),
            lesson("back", "the step before", LessonCommands.back),
            lesson("hint", "a hint, the next one, the answer, and the text again", LessonCommands.hint),
            PlainVerb(
                "answer N",
                "the answer of that number, or letter, of the question; answer alone does the step's answer",
                command: LessonCommands.answer.id
            ) { app, rest in app.plainAnswer(rest) },
            lesson("again", "the step from its start", LessonCommands.again),
            PlainVerb("lesson", "the step's text, its question, and its goal with the figures of now") { app, _ in
                guard let lesson = app.lesson else { return app.say(App.noLesson) }
                for line in app.band(of: lesson).inWords(figures: true) { app.say(line) }
            },
        ]
        + LessonCommands.choices.map { choice in
            lesson(choice.keys[0], "\(choice.help) of the question", choice)
        }

    private static func lesson(_ name: String, _ help: String, _ command: Command) -> PlainVerb {
        PlainVerb(name, help, command: command.id) { app, _ in app.call(lesson: command) }
    }

    static func named(_ name: String) -> PlainVerb? { all.first { $0.name == name } }

    private static let training: [PlainVerb] = [
        PlainVerb("play", "train until pause", command: "training.play", limits: ["training.play"]) { app, _ in
            app.setPlaying(true)
            app.say("training goes on; pause, or Ctrl-C, lets it rest")
        },
        PlainVerb("pause", "let training rest") { app, _ in
            app.setPlaying(false)
            app.plain?.tasks.insert(.figures, at: 0)
        },
        PlainVerb(
            "epochs N", "train N epochs, then pause", command: "training.epoch",
            limits: ["training.epoch", "training.play"]
        ) { app, rest in
            guard let count = app.count(rest, most: 1_000_000_000) else { return }
            let goal = (app.newest?.epoch ?? 0) + count
            app.plain?.goal = goal
        },
        PlainVerb(
            "step N", "train N batches, then pause", command: "training.batch",
            limits: ["training.batch", "training.play"]
        ) { app, rest in
            guard let count = app.count(rest, most: 100_000) else { return }
            app.pause()
            for _ in 0..<count { app.send(.stepBatch) }
            app.plain?.tasks.insert(.figures, at: 0)
        },
        PlainVerb(
            "reset", "start again with the same weights", command: "training.reset", limits: ["training.reset"]
        ) { app, _ in
            app.send(.reset)
            app.say("back at the start, with the same weights")
        },
        PlainVerb("report every N", "figures every N epochs; report powers: at 1, 2, 4, 8 …; report never") {
            app, rest in
            let words = rest.split(separator: " ").map(String.init)
            switch (words.first, words.dropFirst().first.flatMap { Int($0) }) {
            case ("never", _): app.plain?.report = .never
            case ("powers", _): app.plain?.report = .powersOfTwo
            case ("every", let count?) where count > 0: app.plain?.report = .every(count)
            default: return app.say("report: expected every N, powers or never, found \(quoted(rest))")
            }
            app.say(
                "figures are told \(rest == "powers" ? "at epochs 1, 2, 4, 8 and so on" : rest)\(rest.hasPrefix("every") ? " epochs" : "")"
            )
        },
        PlainVerb("press KEYS", "press keys as on the screen: press w w right enter; what is typed is the next line") {
            $0.plainPress($1)
        },
        PlainVerb("status", "how it stands now") { app, _ in
            for line in app.statusLines { app.say(line) }
            app.noteFigures()
        },
    ]

    private static let network: [PlainVerb] = [
        PlainVerb(
            "set PATH VALUE", "change a setting: set learningRate 0.1, set layers.0.dense.units 8",
            limits: ["value.up", "value.down", "value.type"]
        ) {
            $0.plainSet($1)
        },
        PlainVerb("settings WORD", "all settings with their values, or those with the word in them") { app, rest in
            let paths = app.experiment.settingPaths.filter {
                rest.isEmpty || SettingWords(app: app).title(of: $0).matches(rest) || $0.matches(rest)
            }
            for path in paths {
                guard let knob = app.experiment.knob(at: path) else { continue }
                app.say("\(path): \(app.valueText(of: path, knob))")
            }
            if paths.isEmpty { app.say("no setting has \(quoted(rest)) in its name") }
        },
        PlainVerb("network", "the layers with their settings") { app, _ in
            for line in SettingWords(app: app).network { app.say(line) }
        },
        PlainVerb(
            "add LAYER N", "add a layer as number N, at the end without N: add dense", command: "layer.add",
            limits: ["layer.add", "layer.insert"]
        ) {
            $0.plainAdd($1)
        },
        PlainVerb("remove N", "take layer N away", command: "layer.delete", limits: ["layer.delete"]) { app, rest in
            guard let index = app.layerNumber(rest) else { return }
            app.editTold { $0.act(.deleteLayer(LayerPath(index))) }
        },
        PlainVerb(
            "duplicate N", "put a copy of layer N behind it", command: "layer.duplicate", limits: ["layer.duplicate"]
        ) { app, rest in
            guard let index = app.layerNumber(rest) else { return }
            app.editTold { $0.act(.duplicateLayer(LayerPath(index))) }
        },
        PlainVerb("move N M", "make layer N the layer M", limits: ["layer.down", "layer.up"]) { app, rest in
            let words = rest.split(separator: " ").map(String.init)
            guard words.count == 2, let from = app.layerNumber(words[0]), let to = app.layerNumber(words[1]) else {
                if words.count != 2 { app.say("move: expected two numbers, as move 1 2") }
                return
            }
            app.editTold { $0.act(.moveLayer(from: LayerPath(from), to: LayerPath(to))) }
        },
        PlainVerb(
            "weights NAME NUMBERS",
            "the network's numbers, those of a layer (weights 1), of a neuron (weights 1 unit 2), or type them: weights output.bias -1",
            command: "network.cursor"
        ) {
            $0.plainWeights($1)
        },
        PlainVerb("undo", "take the last change back", command: "edit.undo", limits: ["edit.undo"]) { app, _ in
            guard app.session.canUndo else { return app.say("nothing to undo") }
            app.editTold { $0.act(.undo) }
        },
        PlainVerb("redo", "do again what was undone", command: "edit.redo", limits: ["edit.redo"]) { app, _ in
            guard app.session.canRedo else { return app.say("nothing to redo") }
            app.editTold { $0.act(.redo) }
        },
    ]

    private static let pictures: [PlainVerb] = [
        PlainVerb(
            "describe WHAT", "a picture in words: picture, loss, hidden, network, all, or a view's name"
        ) { $0.plainDescribe($1) },
        PlainVerb("views", "the pictures that there are of these data, by the names that describe takes") { app, _ in
            guard let context = app.plotContext else { return app.say(app.figuresLine) }
            app.say("describe with one of these names tells a picture, describe without a name the first one")
            for view in View.all where view.suits(context.scene) {
                let heading = view.heading(context, 60).replacing(" · ", with: ", ")
                app.say("\(view.id) (\(heading)): \(app.spelled(view.words, in: view.panel))")
            }
        },
    ]

    private static let files: [PlainVerb] = [
        PlainVerb(
            "preset NAME", "open a preset; without a name, all presets", command: "file.presets",
            limits: ["file.presets"]
        ) { app, rest in
            if rest.isEmpty {
                for preset in Preset.all { app.say("\(preset.name): \(preset.title)") }
                return
            }
            let names = Preset.all.map(\.name)
            guard names.contains(rest) else {
                return app.say("no such preset as \(quoted(rest)); \(NearestName.advice(rest, among: names))")
            }
            app.outbox.append(.open(rest))
        },
        PlainVerb("open PATH", "open a file, a preset or a link", command: "file.open", limits: ["file.open"]) {
            app, rest in
            guard !rest.isEmpty else { return app.say("open: expected a file, a preset or a link") }
            app.outbox.append(.open(Files.path(from: rest)))
        },
        PlainVerb(
            "save PATH", "save the experiment, or with .safetensors the weights", command: "file.save",
            limits: ["file.save"]
        ) { app, rest in
            let path = rest.isEmpty ? app.session.suggestedPath : Files.path(from: rest)
            app.outbox.append(.save(path: path, overwrite: false, thenQuit: false))
        },
        PlainVerb("story", "the experiment's story", command: "app.story") { app, _ in
            guard !app.experiment.story.isEmpty else { return app.say("this experiment has no story") }
            let story = Story(StoryBox.text(app), glyphs: app.capabilities.glyphs, keys: app.bindings)
            for line in story.lines(columns: 10_000) { app.say(line) }
        },
        PlainVerb("quit", "leave; what was done is kept", command: "app.quit") { app, _ in app.outbox.append(.quit) },
    ]

    private static let words: [PlainVerb] = [
        PlainVerb("explain WORD", "a word of the field, a setting, or what is selected", command: "app.about") {
            $0.plainExplain($1)
        },
        PlainVerb("help WORD", "these commands, or all that has the word", command: "app.help") { $0.plainHelp($1) },
        PlainVerb("commands WORD", "all commands of the playground by their ids, or those with the word") {
            app, rest in
            let found = app.commands.filter { rest.isEmpty || $0.id.matches(rest) || $0.help.matches(rest) }
            for command in found { app.say("\(command.id): \(command.help)") }
            if found.isEmpty { app.say("no command has \(quoted(rest)) in it") }
        },
    ]
}

extension String {
    /// Whether every word of a text stands in it, in any case.
    fileprivate func matches(_ words: String) -> Bool {
        let own = lowercased()
        return words.lowercased().split(separator: " ").allSatisfy { own.contains($0) }
    }
}
