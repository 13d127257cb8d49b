import Foundation
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

/// A lesson on a screen, with a trainer that answers the app's commands in the same thread.
struct LessonScreen {
    /// A lesson of four steps.
    static let tried = """
        {"title": "Try", "summary": "A try.", "steps": [
         {"text": "First words.", "start": {"preset": "perceptron-and", "weights": [
           {"of": "output.weight", "values": [0, 0]}, {"of": "output.bias", "values": [0]}]}, "keys": "4 space"},
         {"text": "Place the line (w).", "keys": "4 w ← → enter z",
          "start": {"weights": [{"of": "output.weight", "values": [0, 0]}, {"of": "output.bias", "values": [0]}]},
          "goal": [{"wrongPoints": {"words": "all right"}}], "done": "There it is.", "hints": ["Think.", "Think more."],
          "answer": {"text": "One, one, minus one.", "weights": [
            {"of": "output.weight", "values": [1, 1]}, {"of": "output.bias", "values": [-1]}]}},
         {"text": "Let it run (space).", "start": {"preset": "perceptron-xor"}, "keys": "space",
          "question": {"text": "What comes?", "answers": [{"text": "Peace", "when": [{"wrongPoints": {}}]},
            {"text": "No peace", "when": [{"wrongPoints": {"least": 1}}]}]},
          "goal": [{"epochs": {"least": 3}}], "answer": {"epochs": 4}},
         {"text": "The same network.", "keys": "space", "goal": [{"epochs": {"least": 6}}], "answer": {"epochs": 9}}]}
        """

    var app: App
    private let trainer: Trainer
    private var plays = false
    private var revision = 1

    /// Over the lesson of four steps.
    init(size: (Int, Int) = (120, 40), step: Int? = nil) throws {
        try self.init(Lesson(parsing: Self.tried, name: "try"), size: size, step: step)
    }

    init(_ lesson: Lesson, size: (Int, Int) = (120, 40), step: Int? = nil) throws {
        app = App(experiment: lesson.steps[0].experiment)
        app.progressFile = nil
        app.handle(.resize(width: size.0, height: size.1))
        trainer = try Trainer(app.experiment)
        var course = Course.builtIn[0]
        course.lessons = Array(course.lessons.prefix(2))
        app.begin(lesson, of: course, 0, LessonProgress.Record(), step: step)
        try answer()
    }

    mutating func press(_ keys: String...) throws {
        for key in keys {
            app.handle(.key(try #require(Key(key))), at: Double(revision))
            try answer()
        }
    }

    mutating func type(_ text: String) throws {
        for scalar in text.unicodeScalars { app.handle(.key(Key(.character(scalar)))) }
        try answer()
    }

    /// Trains while it plays.
    mutating func train(epochs: Int) throws {
        for _ in 0..<epochs where plays {
            trainer.play()
            _ = trainer.epoch()
            try answer()
        }
    }

    private mutating func answer() throws {
        repeat {
            for effect in app.takeOutbox() {
                guard case .trainer(let command) = effect else { continue }
                switch command {
                case .load(let experiment, let directory, let continuation):
                    try trainer.load(experiment, directory: directory, continuation)
                    revision += 1
                case .play:
                    plays = true
                    trainer.play()
                case .pause:
                    plays = false
                    trainer.pause()
                case .stepBatch: _ = trainer.step()
                case .stepEpoch: _ = trainer.epoch()
                case .reset: trainer.reset()
                case .setParameter(let index, let value): trainer.setParameter(index, to: value)
                case .setParameters(let indices, let values):
                    for (index, value) in zip(indices, values) { trainer.setParameter(index, to: value) }
                default: break
                }
            }
            app.receive(
                snapshot: trainer.snapshot(
                    revision: revision, stepsPerSecond: 0, seconds: 0, message: nil, waits: true),
                picture: nil, failure: nil)
        } while !app.outbox.isEmpty
    }

    var words: String { app.draw().lines.joined(separator: "\n") }
    var bar: String { app.draw().lines.last ?? "" }
}

@Suite("A lesson on the screen")
struct LessonScreenTests {
    private func screen(size: (Int, Int) = (120, 40), step: Int? = nil) throws -> LessonScreen {
        try LessonScreen(size: size, step: step)
    }

    @Test("only the step's keys work, and the bar shows those", arguments: [(80, 24), (120, 40), (200, 60)])
    func keys(width: Int, height: Int) throws {
        var screen = try screen(size: (width, height))
        #expect(screen.words.contains("First words.") && screen.words.contains("step 1 of 4"))
        let before = screen.app.experiment
        for key in ["n", "a", "x", "r", "right", "p", "v", ".", ","] {
            try screen.press(key)
            #expect(screen.app.notice?.text.hasPrefix("this step goes without") == true, "\(key)")
            #expect(screen.app.experiment == before && screen.app.popup == nil, "\(key)")
        }
        // Where room is short the news stand for the bar, for some seconds.
        screen.app.notice = nil
        #expect(screen.bar.contains("stack") && screen.bar.contains("space play") && screen.bar.contains(" on"))
        #expect(!screen.bar.contains("new weights") && !screen.bar.contains("presets"))
        try screen.press("space")
        #expect(screen.app.playing.isOn)
    }

    @Test("a key with the digit of a panel works in that panel alone, and stands in the bar there")
    func keysOfPanels() throws {
        let lesson = try Lesson(
            parsing: #"""
                {"title": "Try", "summary": "A try.", "steps": [{"text": "Draw (5 d).", "keys": "4 5 5:d",
                  "start": {"preset": "digits-mlp", "set": {"data.trainFraction": 0.1}}}]}
                """#, name: "try")
        #expect(LessonKeys.findings(of: lesson) == [])
        var screen = try LessonScreen(lesson)
        try screen.press("4")
        let layers = screen.app.experiment.layers
        #expect(!screen.bar.contains("duplicate") && !screen.bar.contains("draw"))
        try screen.press("d")
        #expect(screen.app.notice?.text == "this step goes without d" && screen.app.experiment.layers == layers)
        try screen.press("5")
        #expect(screen.bar.contains("d draw"), "\(screen.bar)")
        try screen.press("d")
        #expect(screen.app.notice?.text != "this step goes without d" && screen.app.experiment.layers == layers)
        let wrong = try Lesson(
            parsing: #"""
                {"title": "Try", "summary": "A try.", "steps": [{"text": "Draw.", "keys": "4 5 9:d",
                  "start": {"preset": "xor"}}]}
                """#, name: "try")
        #expect(LessonKeys.findings(of: wrong).count == 1)
    }

    @Test("keys with commas between them are told: they stay words, and are not those in force")
    func keysWithCommas() throws {
        func findings(_ text: String) throws -> [String] {
            let lesson = try Lesson(
                parsing: #"""
                    {"title": "Try", "summary": "A try.", "steps": [{"text": "\#(text)", "keys": "4 w enter",
                      "start": {"preset": "xor"}}]}
                    """#, name: "try")
            return LessonKeys.findings(of: lesson).map(\.words)
        }
        let words = try findings("Type it (4, w w, enter).")
        #expect(words.count == 1 && words[0].hasPrefix("(4, w w, enter) is not read as keys"), "\(words)")
        #expect(try findings("Type it, (4 w w) and (enter), at (1, 0), or (x, y).") == [])
    }

    @Test("a step's keys are for the panel that is open, and the bar keeps the one that trains")
    func openPanel() throws {
        let lesson = try Lesson(
            parsing: #"""
                {"title": "Try", "summary": "A try.", "steps": [
                  {"text": "Features (2).", "keys": "2 ← → ↑ ↓ enter space r",
                    "start": {"preset": "circle", "set": {"layers": []}}},
                  {"text": "The stack (4).", "keys": "4 a i x ← → ↑ ↓ pgup pgdn home enter space r 5 7",
                    "start": {"preset": "overfitting"}, "goal": [{"layers": {"most": 1}}],
                    "answer": {"set": {"layers": []}}}]}
                """#, name: "try")
        var screen = try LessonScreen(lesson, size: (80, 24))
        let output = screen.app.experiment.output
        let features = screen.app.experiment.features
        try screen.press("enter")
        #expect(screen.app.experiment.features.count == features.count - 1)
        try screen.press("right")
        #expect(screen.app.experiment.output == output)
        screen = try LessonScreen(lesson, size: (80, 24), step: 1)
        #expect(screen.bar.contains("space play"), "\(screen.bar)")
    }

    @Test("numbers that are typed reach the goal, which is told with its figure")
    func typed() throws {
        var screen = try screen(step: 1)
        #expect(screen.words.contains("all right") && screen.words.contains("now 3"))
        try screen.press("4", "w", "w")
        for (number, ways) in [("1", ["right"]), ("1", ["left", "left"]), ("-1", [])] {
            try screen.press("enter")
            try screen.type(number)
            try screen.press("enter")
            for way in ways { try screen.press(way) }
        }
        #expect(screen.app.lesson?.isMet == true, "\(screen.words)")
        #expect(screen.words.contains("There it is.") && screen.app.lesson?.record.done == [1])
        // The step from its start: the numbers are as they were.
        try screen.press("0")
        #expect(screen.app.lesson?.isMet == false && screen.words.contains("now 3"))
        #expect(screen.app.snapshot?.parameters.prefix(2) == [0, 0])
        #expect(!screen.app.session.canUndo)
    }

    @Test("hints come one by one, then the answer, which does itself")
    func hints() throws {
        var screen = try screen(step: 1)
        try screen.press("A")
        #expect(screen.app.lesson?.isMet == false)
        for words in ["Hint 1 of 2: Think.", "Hint 2 of 2: Think more.", "The answer: One, one"] {
            try screen.press("?")
            #expect(screen.words.contains(words), "\(words)")
        }
        try screen.press("A")
        #expect(screen.app.lesson?.isMet == true && screen.words.contains("There it is."))
        try screen.press("z")
        #expect(screen.app.snapshot?.evaluation?.trainAccuracy != 1)
    }

    @Test("the key of the answer says of each step what it has: nothing to solve, hints alone, or the answer alone")
    func answerKey() throws {
        func step(_ parts: String) throws -> LessonScreen {
            let step = #"{"text": "Words.", "start": {"preset": "xor"}\#(parts)}"#
            return try LessonScreen(Lesson(parsing: #"{"title": "T", "steps": [\#(step)]}"#, name: "try"))
        }
        let goal = #", "goal": [{"epochs": {"least": 2}}], "answer": {"epochs": 2}"#
        for (parts, words) in [
            ("", "there is nothing to solve in this step; tab goes on"),
            (#", "hints": ["Look."]"#, "this step has hints, but no answer; ? tells them"),
            (goal, "? tells the answer first"),
            (goal + #", "hints": ["Look."]"#, "? tells hints first, then the answer"),
        ] {
            var screen = try step(parts)
            try screen.press("A")
            #expect(screen.app.notice?.text == words && !screen.app.playing.isOn, "\(parts)")
        }
        // A step that asks is answered first, and the end of a lesson has no answer.
        var asking = try screen(step: 2)
        try asking.press("A")
        #expect(asking.app.notice?.text == "answer the question first")
        var over = try step("")
        try over.press("tab", "A")
        #expect(over.app.lesson?.isOver == true && over.app.notice?.text.contains("at its end") == true)
    }

    @Test("a question is answered first, and then shown against what came")
    func question() throws {
        var screen = try screen(step: 2)
        try screen.press("space")
        #expect(!screen.app.playing.isOn && screen.app.notice?.text.contains("answer the question") == true)
        #expect(screen.words.contains("What comes?") && screen.words.contains("No peace"))
        try screen.press("d")
        #expect(screen.app.lesson?.chosen == nil)
        try screen.press("a", "space")
        #expect(screen.app.playing.isOn && screen.words.contains("You said a: Peace"))
        try screen.train(epochs: 5)
        #expect(screen.app.lesson?.isMet == true && !screen.app.playing.isOn)
        #expect(screen.app.snapshot?.epoch == 3)
        #expect(screen.words.contains("but it is b: No peace"))
        // The next step goes on with this network; from its start again it is as it was.
        try screen.press("tab")
        #expect(screen.app.snapshot?.epoch == 3 && screen.app.lesson?.step == 3)
        try screen.press("space")
        try screen.train(epochs: 5)
        #expect(screen.app.lesson?.isMet == true && screen.app.snapshot?.epoch == 6)
        let parameters = try #require(screen.app.lesson?.kept?.parameters)
        try screen.press("0")
        for parameter in parameters { #expect(screen.app.snapshot?.parameters[parameter.index] == parameter.value) }
    }

    @Test("back in a step that went on with the network before it, the network is as it was when the step began")
    func backInContinuedStep() throws {
        let text = """
            {"title": "Try", "summary": "A try.", "steps": [
             {"text": "Let it run.", "start": {"preset": "circle"}, "keys": "space", "goal": [{"epochs": {"least": 3}}],
              "answer": {"epochs": 3}},
             {"text": "Go on with it.", "keys": "space", "goal": [{"epochs": {"least": 6}}], "answer": {"epochs": 6}},
             {"text": "Another.", "start": {"preset": "perceptron-and"}, "keys": "space"}]}
            """
        var screen = try LessonScreen(Lesson(parsing: text, name: "try"))
        try screen.press("space")
        try screen.train(epochs: 5)
        try screen.press("tab", "space")
        let start = try #require(screen.app.lesson?.kept?.parameters)
        func isAtStart() throws -> Bool {
            let now = try #require(screen.app.snapshot).parameters
            return start.allSatisfy { now[$0.index] == $0.value }
        }
        try screen.train(epochs: 5)
        #expect(try !isAtStart())
        try screen.press("tab")
        #expect(screen.app.lesson?.step == 2 && screen.app.lesson?.kept == nil)
        try screen.press("shift-tab")
        #expect(try screen.app.lesson?.step == 1 && isAtStart())
    }

    @Test(
        "an end of training names the key that starts again where the step has it, and no other", arguments: ["", " r"])
    func endOfTraining(key: String) throws {
        let text = """
            {"title": "Try", "summary": "A try.", "steps": [{"text": "Let it run.", "keys": "space\(key)",
              "start": {"preset": "perceptron-xor", "set": {"training.stop.epochs": 3}},
              "goal": [{"epochs": {"least": 3}}], "answer": {"epochs": 3}}]}
            """
        var screen = try LessonScreen(Lesson(parsing: text, name: "try"))
        try screen.press("space")
        try screen.train(epochs: 3)
        let news = try #require(screen.app.notice?.text)
        #expect(news.hasPrefix("finished") && news.contains("starts again") == !key.isEmpty)
    }

    @Test("news of other weights name the key of the same ones where the step has it", arguments: ["", " r"])
    func otherWeights(key: String) throws {
        let text = """
            {"title": "Try", "summary": "A try.", "steps": [{"text": "Other weights (n).", "keys": "n\(key)",
              "start": {"preset": "perceptron-or", "set": {"seed": 2}}}]}
            """
        var screen = try LessonScreen(Lesson(parsing: text, name: "try"))
        try screen.press("n")
        let back = key.isEmpty ? "" : "; r brings the same ones back"
        #expect(screen.app.notice?.text == "new weights, seed 3\(back)")
    }

    @Test("an answer of one epoch trains one, and does not run past a goal that wants no more")
    func answerOfOneEpoch() throws {
        let text = """
            {"title": "Try", "summary": "A try.", "steps": [{"text": "One epoch (.).", "keys": ".",
              "start": {"preset": "circle"}, "goal": [{"epochs": {"least": 1, "most": 1}}], "answer": {"epochs": 1}}]}
            """
        var screen = try LessonScreen(Lesson(parsing: text, name: "try"))
        try screen.press("?", "A")
        try screen.train(epochs: 3)
        #expect(screen.app.snapshot?.epoch == 1 && screen.app.lesson?.isMet == true)
    }

    @Test("an answer of other layers types its numbers into the new network")
    func otherLayers() throws {
        let text = """
            {"title": "Try", "summary": "A try.", "steps": [
             {"text": "Add a layer.", "start": {"preset": "circle", "set": {"layers": []}}, "keys": "4",
              "goal": [{"weight": {"of": "layers.0.weight", "least": 5}}],
              "answer": {"text": "Fives.", "set": {"layers": [{"dense": {"units": 2}}]},
                "weights": [{"of": "layers.0.weight", "values": [5, 5, 5, 5]}, {"of": "output.bias", "values": [7]}]}}]}
            """
        var screen = try LessonScreen(Lesson(parsing: text, name: "try"))
        try screen.press("?", "A")
        let snapshot = try #require(screen.app.snapshot)
        let tensors = snapshot.outline.tensors
        let weight = try #require(tensors.first { $0.name == "layers.0.weight" })
        let bias = try #require(tensors.first { $0.name == "output.bias" })
        #expect(snapshot.parameters[weight.offset..<weight.offset + 4].allSatisfy { $0 == 5 })
        #expect(snapshot.parameters[bias.offset] == 7 && screen.app.notice?.bad != true)
        #expect(screen.app.lesson?.isMet == true)
    }

    @Test("a step that asks offers no hints before the answer, and a lesson's end only keys that do something")
    func offered() throws {
        var screen = try screen(step: 2)
        #expect(!screen.bar.contains("hint"))
        try screen.press("?")
        #expect(screen.app.lesson?.page == .text && screen.app.notice?.text == "answer the question first")
        try screen.press("a")
        #expect(screen.bar.contains("hint"))
        try screen.press("tab", "tab")
        #expect(screen.app.lesson?.isOver == true)
        #expect(screen.bar.contains(" on") && screen.bar.contains("back"))
        #expect(!screen.bar.contains("hint") && !screen.bar.contains("again"), "\(screen.bar)")
        for key in ["?", "0"] {
            try screen.press(key)
            #expect(screen.app.lesson?.isOver == true && screen.app.notice?.text.contains("at its end") == true)
        }
    }

    @Test("a step that brings its network shows the stack in its first way")
    func stackPictures() throws {
        let lesson = try Lesson(
            parsing: #"""
                {"title": "Try", "summary": "A try.", "steps": [
                  {"text": "Kernels (T).", "start": {"preset": "kernels-by-hand"}, "keys": "4 T"},
                  {"text": "Maps.", "start": {"preset": "kernels-by-hand"}, "keys": "4 T"},
                  {"text": "Kernels stay.", "keys": "4 T"}]}
                """#, name: "try")
        var screen = try LessonScreen(lesson)
        try screen.press("4", "T")
        #expect(screen.app.plots.stack.pictures == .kernels)
        try screen.press("tab")
        #expect(screen.app.lesson?.step == 1 && screen.app.plots.stack.pictures == .values)
        try screen.press("T", "tab")
        #expect(screen.app.lesson?.step == 2 && screen.app.plots.stack.pictures == .kernels)
    }

    @Test(
        "training that has diverged names a key that the step has, and a setting where the step lets it be changed",
        arguments: [("space", false), ("space 4 ← →", false), ("space 3 ↑ ↓ ← →", true)])
    func diverged(keys: String, hasRate: Bool) throws {
        let lesson = try Lesson(
            parsing: #"""
                {"title": "Try", "summary": "A try.", "steps": [{"text": "Let it run (space).", "keys": "\#(keys)",
                  "start": {"preset": "gauss", "set": {"layers": [], "output.activation": "linear", "data.noise": 50,
                    "training.optimizer.sgd.learningRate": 10}}}]}
                """#, name: "try")
        var screen = try LessonScreen(lesson)
        try screen.press("space")
        try screen.train(epochs: 20)
        let sentence = try #require(TroubleBox(app: screen.app).sentence)
        #expect(sentence.hasSuffix("ress 0 to begin the step again, with its own settings."), "\(sentence)")
        #expect(sentence.contains("Lower the learning rate (it is 10) to 1 or less") == hasRate, "\(sentence)")
        #expect(sentence.contains("First press 0") == hasRate && sentence.contains("stopped. Press 0") != hasRate)
        screen.app.leaveLesson()
        #expect(TroubleBox(app: screen.app).sentence?.hasSuffix("Then press r.") == true)
    }

    @Test("the mouse does no more than the keys")
    func mouse() throws {
        let screen = try screen()
        var app = screen.app
        let before = app.experiment
        for y in 0..<40 {
            for x in stride(from: 0, to: 120, by: 3) { app.handle(.mouse(Mouse(.press, x: x, y: y))) }
            for x in stride(from: 0, to: 120, by: 9) { app.handle(.mouse(Mouse(.scrollDown, x: x, y: y))) }
            if app.popup != nil { app.handle(.key(Key(.escape))) }
            if app.lesson?.step != 0 { return #expect(app.experiment.layers == before.layers) }
        }
        #expect(app.experiment.json == before.json)
    }

    @Test(
        "every text of every lesson stands on the screen whole, with its question, goal and hints",
        arguments: Course.builtIn.flatMap(\.lessons).map(\.name))
    func whole(name: String) throws {
        let entry = try #require(Course.builtIn.flatMap(\.lessons).first { $0.name == name })
        try expectWhole(entry.read(in: []), name)
        // The same in the languages that have it.
        for language in entry.languages where try entry.translation(into: language) != nil {
            try expectWhole(entry.read(in: [language]), "\(name) \(language.code)")
        }
    }

    private func expectWhole(_ lesson: Lesson, _ name: String) throws {
        #expect(LessonKeys.findings(of: lesson) == [])
        for size in [(80, 24), (120, 40), (200, 60)] {
            var app = App(experiment: lesson.steps[0].experiment)
            app.handle(.resize(width: size.0, height: size.1))
            for index in lesson.steps.indices {
                app.begin(lesson, of: Course.builtIn[0], 0, LessonProgress.Record(), step: index)
                let step = lesson.steps[index]
                func expect(_ text: String) {
                    let drawn = Self.words(app)
                    let wanted = Story(text, glyphs: .braille, spellsTab: true).lines(columns: 10_000).joined(
                        separator: " ")
                    let missing = wanted.split(separator: " ").first { !drawn.contains($0) }
                    #expect(missing == nil, "\(name) step \(index + 1) at \(size): “\(missing ?? "")”")
                }
                expect(step.text)
                if let question = step.question {
                    expect(question.text)
                    for answer in question.answers { expect(answer.text) }
                    app.handle(.key(Key(.character("a"))))
                    expect(lesson.words(.said, "a", question.answers[0].text))
                }
                for goal in step.goals { expect(goal.words(in: lesson.words)) }
                for hint in step.hints {
                    app.handle(.key(Key(.character("?"))))
                    expect(hint)
                }
                for goal in step.goals { expect(goal.words(in: lesson.words)) }
                #expect(app.layout.areas.contains { $0.open && $0.rect.height >= 8 }, "\(size)")
            }
        }
    }

    /// The words of the band.
    private static func words(_ app: App) -> Set<Substring> {
        guard let band = app.layout.band else { return [] }
        let lines = app.draw().lines[band.y..<band.maxY]
        return Set(lines.joined(separator: " ").split(separator: " "))
    }
}
