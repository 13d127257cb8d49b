import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

/// The playground in lines over a trainer without a thread: the same lines give the same answers.
final class PlainScript {
    private(set) var app: App
    private let trainer: StillTrainer
    private var grid: StillGrid?
    private(set) var isOver = false

    init(_ experiment: Experiment, name: String = "") {
        app = App(Session(experiment, name: name), playing: false)
        app.capabilities = Capabilities(colors: .none)
        app.beginPlain()
        app.handle(.resize(width: 200, height: 60))
        trainer = StillTrainer(experiment, directory: nil)
        receive()
        work()
        _ = app.takePlainLines()
    }

    /// In a built-in lesson, with what is told of its first step.
    convenience init(lesson name: String) throws {
        let course = try #require(Course.builtIn.first { $0.lessons.contains { $0.name == name } })
        let place = try #require(course.lessons.firstIndex { $0.name == name })
        let lesson = try course.lessons[place].read(in: [])
        self.init(lesson.steps[0].experiment)
        app.begin(lesson, of: course, place, LessonProgress.Record())
        work()
        first = app.takePlainLines()
    }

    /// The lines that a lesson begins with.
    private(set) var first: [String] = []

    private func receive() {
        app.receive(snapshot: trainer.snapshot, picture: nil, failure: trainer.failure, past: trainer.past)
        if let grid { app.receive(grid.news(app.gridRequests)) }
    }

    private func work() {
        var turns = 0
        while app.hasPlainWork || !app.outbox.isEmpty, turns < 20_000, !isOver {
            turns += 1
            app.stepPlain(at: 0)
            for effect in app.takeOutbox() { carryOut(effect) }
            receive()
        }
        #expect(turns < 20_000, "the work has no end")
        app.tellEffects()
    }

    private func carryOut(_ effect: App.Effect) {
        switch effect {
        case .trainer(.play): break
        case .trainer(let command): trainer.perform(command)
        case .quit: isOver = true
        case .startGrid(let experiments, _, _, let fitsRivals):
            grid = StillGrid(experiments, directory: nil, fitsRivals: fitsRivals)
        case .grid(let command): grid?.perform(command)
        case .endGrid: grid = nil
        case .open(let name), .openTyped(let name):
            do {
                app.opened(try ExperimentSource.open(name))
                for effect in app.takeOutbox() { carryOut(effect) }
            } catch { app.openingFailed(nil, error.description) }
        case .save(let path, _, _): app.saved(path, isDocument: true)
        default: break
        }
    }

    /// The answers to lines.
    func say(_ lines: String...) -> [String] {
        for line in lines { app.handle(.line(line)) }
        work()
        return app.takePlainLines()
    }

    func end() {
        app.handle(.line(nil))
        work()
    }
}

@Suite("The playground in lines")
struct PlainTests {
    private func script(_ preset: String) throws -> PlainScript {
        PlainScript(try ExperimentSource.open(preset).experiment, name: preset)
    }

    private func check(_ lines: [String], _ place: String) {
        for line in lines {
            #expect(columnWidth(line) <= 80, "\(place): \(line)")
            #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }, "\(place): \(line)")
            #expect(!line.isEmpty, "\(place)")
        }
    }

    @Test("every verb and every command of the table can be called, and answers in clean lines of 80 columns")
    func commands() throws {
        let names =
            PlainVerb.all.map(\.name).filter { $0 != "quit" }
            + Commands.known.map(\.id).filter { $0 != "app.quit" && $0 != "app.suspend" }
        for name in names {
            let script = try script("xor")
            let lines = script.say(name)
            #expect(!lines.isEmpty, "\(name)")
            #expect(!script.isOver, "\(name)")
            check(lines, name)
            check(script.say("back"), "\(name), back")
        }
    }

    @Test("so can those of the screens in place of the panels", arguments: ["grid.race", "grid.atlas", "grid.methods"])
    func screens(opener: String) throws {
        let names = try {
            let script = try script("xor")
            check(script.say(opener), opener)
            return script.app.commands.map(\.id).filter { $0 != "app.quit" && $0 != "app.suspend" }
        }()
        #expect(names.count > 10)
        for name in names {
            let script = try script("xor")
            _ = script.say(opener)
            let lines = script.say(name)
            #expect(!lines.isEmpty, "\(name)")
            check(lines, name)
        }
    }

    @Test("unknown words are answered with the nearest")
    func unknown() throws {
        let script = try script("xor")
        #expect(script.say("unddo") == ["no such command as “unddo”; did you mean “undo”?"])
        #expect(script.say("preset cirkle") == ["no such preset as “cirkle”; did you mean “circle”?"])
        #expect(script.say("set noize 1").first?.contains("did you mean “noise”?") == true)
        #expect(script.say("remove 9").first?.contains("expected a layer's number") == true)
        #expect(script.say("epochs many").first?.contains("expected a number from 1") == true)
        #expect(script.say("describe pictur").first?.contains("did you mean “picture”?") == true)
    }

    @Test("layers that come and go are told by their number, and a setting's name alone tells its value")
    func edits() throws {
        let script = try script("xor")
        #expect(script.say("add dense").first?.hasPrefix("layer 3 added: dense units 4; ") == true)
        #expect(script.say("undo").first?.hasPrefix("layer 3 removed: dense units 4; ") == true)
        #expect(script.say("noise").first?.hasPrefix("data.noise: 0 %. ") == true)
        #expect(script.say(":noise 20").first?.hasPrefix("noise 0 % → 20 %; ") == true)
        // “training.batch” is a command, whose count would be a number.
        #expect(script.say("batch size 20").first?.contains("→ 20") == true)
        #expect(script.say("noise 400").joined(separator: " ").hasPrefix("not done: noise → 400: expected a number"))
        #expect(script.say("noise much").joined(separator: " ").contains("expected a number from 0 to 100"))
        #expect(script.say("glossary batch").first?.contains("glossary: expected a number from 1") == true)
        let asked = script.say("learning rate", "many", "status")
        #expect(asked.first?.contains("the next line is the value") == true, "\(asked)")
        #expect(asked.contains { $0.hasPrefix("Exclusive or, paused") }, "\(asked)")
    }

    @Test("what became of a file is told, and a setting that may be one of several")
    func effects() throws {
        let script = try script("xor")
        #expect(script.say("save a.json").contains { $0.contains("a.json") })
        #expect(script.say("open nowhere").contains { $0.contains("nowhere") })
        _ = script.say("back")
        #expect(script.say("dataset spiral").first?.contains("spiral") == true)
        #expect(script.say("set activation relu").first?.hasPrefix("“activation” may be layers.0.dense") == true)
    }

    @Test("numbers of the network are told, and typed")
    func weights() throws {
        let script = try script("perceptron-and")
        let all = script.say("weights")
        #expect(
            all.count == 2 && all[0].hasPrefix("output.weight, 1 by 2: ") && all[1].hasPrefix("output.bias, 1 number: ")
        )
        #expect(script.say("weights output.weight 1 0.5") == ["output.weight: 1 0.5"])
        #expect(script.say("weights output.weight") == ["output.weight: 1 0.5"])
        #expect(script.say("weights output.bias 1 2").first?.contains("expected 1 number or fewer") == true)
    }

    @Test("many numbers are told unit by unit, a bounded number of lines at once, and how to ask for the others")
    func manyWeights() throws {
        let experiment = try Experiment(
            json: JSON(
                parsing: #"{"data":{"dataset":"circle"},"layers":[{"dense":{"units":30}},{"dense":{"units":3}}]}"#))
        let script = PlainScript(experiment)
        let all = script.say("weights")
        #expect(all.contains { $0.hasPrefix("layers.0.weight, 30 by 2: ") }, "\(all)")
        #expect(all.joined(separator: " ").contains("(60 in all)"), "\(all)")
        #expect(all.last?.contains("weights layers.0.weight") == true, "\(all)")
        let one = script.say("weights layers.0.weight")
        #expect(one.count { $0.hasPrefix("unit ") } == 12 && one.last?.contains("from 13 goes on") == true, "\(one)")
        let others = script.say("weights layers.0.weight from 13", "weights layers.0.weight from 25")
        #expect(others.contains { $0.hasPrefix("unit 30: ") }, "\(others)")
        // A neuron's own: its weights and its bias.
        let neuron = script.say("weights 2 unit 3").joined(separator: " ")
        #expect(neuron.contains("layers.1.weight, unit 3: ") && neuron.contains("layers.1.bias, unit 3: "), "\(neuron)")
        #expect(script.say("weights layers.0.weight unit 31").first?.contains("from 1 to 30") == true)
        #expect(script.say("weights 1 0.5").first?.contains("name one of them") == true)
        #expect(script.say("weights 9").first?.contains("no such weights") == true)
    }

    @Test("a word that is longer than a line is cut without blanks")
    func longWords() {
        var state = PlainState()
        let word = String(repeating: "→64", count: 60)
        state.say("network \(word)")
        let lines = state.takeSaid()
        #expect(lines[0] == "network")
        #expect(lines.dropFirst().map { $0.dropFirst(2) }.joined() == word)
    }

    @Test("figures are told at each power of two, at every so many epochs, or never")
    func reports() throws {
        func epochs(_ lines: [String]) -> [String] {
            lines.filter { $0.hasPrefix("epoch ") }.map { String($0.prefix { $0 != ":" }) }
        }
        let script = try script("xor")
        #expect(epochs(script.say("epochs 20")) == [1, 2, 4, 8, 16, 20].map { "epoch \($0)" })
        #expect(epochs(script.say("report every 5", "epochs 11")) == [25, 30, 31].map { "epoch \($0)" })
        #expect(epochs(script.say("report never", "epochs 40")) == ["epoch 71"])
        #expect(script.app.newest?.epoch == 71)
    }

    @Test("the end of the lines leaves")
    func end() throws {
        let script = try script("xor")
        script.end()
        #expect(script.isOver)
        let other = try self.script("xor")
        _ = other.say("quit")
        #expect(other.isOver)
    }

    @Test("Ctrl-C lets training rest, once more leaves; a line between makes it the first again")
    func interruption() throws {
        var app = App(experiment: .standard)
        app.beginPlain()
        app.setPlaying(true)
        let interrupt = Event.key(Key(.character("c"), control: true))
        app.handle(interrupt)
        #expect(!app.playing.isOn && !app.outbox.contains { if case .quit = $0 { true } else { false } })
        app.handle(.line("status"))
        app.setPlaying(true)
        app.handle(interrupt)
        #expect(!app.outbox.contains { if case .quit = $0 { true } else { false } })
        app.handle(interrupt)
        #expect(app.outbox.contains { if case .quit = $0 { true } else { false } })
    }

    @Test("a box that asks is answered by the next line")
    func popups() throws {
        let script = try script("xor")
        let asked = script.say("file.loadWeights")
        #expect(asked.contains { $0.contains("weights") }, "\(asked)")
        #expect(script.say("back") == ["closed"])
        _ = script.say("speed.slower")
        let menu = script.say("app.palette")
        #expect(menu[0] == "Find: a number or words choose; back closes")
        #expect(script.say("noise 20").first?.contains("noise") == true)
    }

    // MARK: Lessons

    @Test("a lesson's step has its own commands, and refuses all others, however they are written")
    func limits() throws {
        let script = try PlainScript(lesson: "neuron-threshold")
        #expect(script.first.first == "On or off, step 1 of 5")
        let step = script.say("next").joined(separator: " ")
        #expect(step.contains("press w w") && step.contains("press right") && step.contains("press left"), "\(step)")
        #expect(step.contains("Goal: all four points right: not yet"), "\(step)")
        let others = [
            "play", "epochs 5", "step", "reset", "set seed 3", "learning rate 1",
            "add dense",
            "remove 1", "undo", "preset xor", "open xor", "save a.json", "training.play", "press space", "seed 3",
        ]
        let before = script.app.experiment
        for line in others {
            let said = script.say(line).joined(separator: " ")
            #expect(said.contains("goes without"), "\(line): \(said)")
        }
        #expect(script.app.experiment == before && script.app.newest?.epoch == 0)
        // Telling changes nothing.
        for line in ["status", "describe", "network", "weights", "settings noise", "explain bias", "views", "lesson"] {
            let said = script.say(line).joined(separator: " ")
            #expect(!said.isEmpty && !said.contains("goes without"), "\(line): \(said)")
        }
        #expect(!script.say("help").joined().contains("epochs N"))
        let done = script.say("weights output.weight 1 1", "weights output.bias -1").joined(separator: " ")
        #expect(done.contains("All four are right") && done.contains("Goal: all four points right: reached"), "\(done)")
    }

    @Test("the keys of a step work as on the screen, and tell where they lead")
    func pressed() throws {
        let script = try PlainScript(lesson: "neuron-threshold")
        _ = script.say("next")
        let there = script.say("press 4 w w")
        #expect(there.count >= 2, "\(there)")
        _ = script.say("press enter", "1", "press right enter", "1", "press left left enter", "-1")
        #expect(script.app.lesson?.isMet == true, "\(script.say("weights output.weight", "weights output.bias"))")
        #expect(script.say("press nokey").first?.contains("there is no key") == true)
    }

    @Test("a question is answered by its letter, and nothing runs before")
    func question() throws {
        let script = try PlainScript(lesson: "neuron-threshold")
        let step = script.say("next", "next", "next")
        #expect(step.contains("a: Only the one where both are true"), "\(step)")
        #expect(script.say("weights output.bias 0").first == "answer the question first: a, b, c")
        _ = script.say("b")
        let done = script.say("weights output.bias 0").joined(separator: " ")
        #expect(done.contains("As you said: Three: where at least one is true"), "\(done)")
    }

    @Test("a question is answered by the number of its answer too", arguments: ["answer 2", "answer b"])
    func numberedAnswer(_ line: String) throws {
        let script = try PlainScript(lesson: "neuron-threshold")
        #expect(script.say("answer 1").first?.contains("no question is open") == true)
        _ = script.say("next", "next", "next")
        #expect(script.say("answer 9").first?.contains("expected 1 to 3, or a, b, c") == true)
        _ = script.say(line)
        let done = script.say("weights output.bias 0").joined(separator: " ")
        #expect(done.contains("As you said: Three: where at least one is true"), "\(done)")
    }

    @Test("no line of a lesson names a command of the screen that only moves a cursor")
    func cursors() throws {
        for course in Course.builtIn {
            for entry in course.lessons {
                for step in try entry.read(in: []).steps {
                    for text in [step.text, step.done] + step.hints {
                        let keys = KeyBindings.standard.naming
                        let told = Story(text, glyphs: .braille, keys: keys, panel: .stack, front: LessonCommands.all)
                            .lines(columns: 10_000).joined()
                        for id in ["network.cursor", "value.", "row.", "focus.", "cursor.", "lesson."] {
                            #expect(!told.contains("(\(id)"), "\(entry.name): \(told)")
                        }
                    }
                }
            }
        }
    }
}
