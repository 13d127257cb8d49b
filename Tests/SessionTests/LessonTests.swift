import Basics
import Engine
import Foundation
import Testing

@testable import Session

@Suite("Lessons")
struct LessonTests {
    static let builtIn = Course.builtIn.flatMap(\.lessons).map(\.name)

    private func entry(_ name: String) throws -> Course.Entry {
        try #require(Course.builtIn.flatMap(\.lessons).first { $0.name == name })
    }

    @Test(
        "the model answer of every step reaches its goal, and every condition is failed by another answer",
        arguments: builtIn)
    func answers(name: String) throws {
        let lesson = try entry(name).read(in: [])
        let findings = LessonCheck.findings(of: lesson)
        #expect(findings.isEmpty, "\(findings.map { "step \($0.step + 1): \($0.words)" })")
        #expect(lesson.title.count <= 40 && !lesson.summary.isEmpty && lesson.summary.last.map(".?".contains) == true)
    }

    @Test("each course has eight lessons or more, and every file of the folder is in one, once")
    func list() throws {
        for course in Course.builtIn { #expect(course.lessons.count >= 8, "\(course.id)") }
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let files = TextFile.jsonFiles(in: root + "/Lessons").map { String($0.dropLast(".json".count)) }
        #expect(Self.builtIn.sorted() == files.sorted())
    }

    @Test("every lesson fits the schema", arguments: builtIn)
    func schema(name: String) throws {
        let checker = SchemaChecker(root: Lesson.schema)
        let complaint = checker.complaint(try JSON(parsing: entry(name).source()), Lesson.schema)
        #expect(complaint == nil, "\(complaint ?? "")")
    }

    // MARK: Goals

    /// A lesson of one step on two clouds, with a goal.
    private func lesson(_ goal: String, answer: String = #"{"epochs": 5}"#, wrong: String = "")
        throws
        -> Lesson
    {
        try Lesson(
            parsing: """
                {"title": "One", "steps": [{"text": "Go.", "start": {"preset": "gauss", "set": {"layers": []},
                  "weights": [{"of": "output.weight", "values": [-0.3, 0.1]}]},
                 "goal": [\(goal)], "answer": \(answer), "wrong": [\(wrong)]}]}
                """, name: "one.json")
    }

    @Test(
        "a goal of every kind is reached by its answer, and not by another",
        arguments: [
            ("metric", #"{"of": "testLoss", "most": 0.04}"#, #"{"epochs": 20}"#, #"{"epochs": 0}"#),
            ("best", #"{"of": "testLoss", "most": 0.01}"#, #"{"epochs": 20}"#, #"{"epochs": 0}"#),
            (
                "risen", #"{"of": "trainLoss", "least": 0.2}"#,
                #"{"set": {"training.optimizer.sgd.learningRate": 0.3, "output.activation": "linear"}, "epochs": 1}"#,
                #"{"epochs": 3}"#
            ),
            ("gap", #"{"most": 0.005, "least": -0.005}"#, #"{"epochs": 40}"#, #"{"epochs": 0}"#),
            (
                "wrongPoints", "{}", #"{"epochs": 20}"#,
                #"{"weights": [{"of": "output.weight", "values": [-1, -1]}]}"#
            ),
            ("epochs", #"{"least": 3}"#, #"{"epochs": 3}"#, #"{"epochs": 2}"#),
            ("steps", #"{"least": 26}"#, #"{"epochs": 2}"#, #"{"epochs": 1}"#),
            (
                "neurons", #"{"least": 5}"#, #"{"set": {"layers": [{"dense": {"units": 5}}]}}"#,
                #"{"set": {"layers": [{"dense": {"units": 4}}, {"dropout": {}}]}}"#
            ),
            (
                "layers", #"{"least": 2}"#, #"{"set": {"layers": ["dense", "dense"]}}"#,
                #"{"set": {"layers": ["dense"]}}"#
            ),
            ("parameters", #"{"most": 2}"#, #"{"set": {"features": ["x1"]}}"#, #"{"epochs": 1}"#),
            (
                "features", #"{"least": 3}"#, #"{"set": {"features": ["x1", "x2", "x1*x2"]}}"#,
                #"{"set": {"features": ["x1"]}}"#
            ),
            (
                "setting", #"{"path": "training.batchSize", "most": 5}"#, #"{"set": {"training.batchSize": 5}}"#,
                #"{"set": {"training.batchSize": 6}}"#
            ),
            (
                "setting", #"{"path": "training.optimizer", "is": "adam"}"#,
                #"{"set": {"training.optimizer": {"adam": {"learningRate": 0.1}}}}"#,
                #"{"set": {"training.optimizer": "momentum"}}"#
            ),
            (
                "diverged", "{}",
                #"{"set": {"output.activation": "linear", "training.optimizer.sgd.learningRate": 10}, "epochs": 20}"#,
                #"{"epochs": 20}"#
            ),
            (
                "finished", "{}", #"{"set": {"training.stop.epochs": 3}, "epochs": 9}"#,
                #"{"set": {"training.stop.epochs": 30}, "epochs": 9}"#
            ),
            (
                "weight", #"{"of": "output.weight", "index": 1, "below": 0}"#,
                #"{"weights": [{"of": "output.weight", "values": [0, -0.5]}]}"#,
                #"{"weights": [{"of": "output.weight", "values": [-0.5, 0]}]}"#
            ),
            (
                "smallWeights", #"{"within": 0.01, "least": 2}"#,
                #"{"weights": [{"of": "output.weight", "values": [0, -0.01]}]}"#,
                #"{"weights": [{"of": "output.weight", "values": [0, -0.02]}]}"#
            ),
            (
                "output", #"{"at": [1, -1], "above": 0.5}"#,
                #"{"weights": [{"of": "output.weight", "values": [1, -1]}]}"#,
                #"{"weights": [{"of": "output.weight", "values": [-1, 1]}]}"#
            ),
        ] as [(String, String, String, String)])
    func kinds(_ kind: String, _ settings: String, _ answer: String, _ wrong: String) throws {
        let lesson = try lesson(#"{"\#(kind)": \#(settings)}"#, answer: answer, wrong: wrong)
        #expect(LessonCheck.findings(of: lesson) == [], "\(kind)")
        #expect(!lesson.steps[0].goals[0].words.isEmpty)
        // The same the other way round: the wrong answer does not do, and the right one is no wrong one.
        let turned = try self.lesson(#"{"\#(kind)": \#(settings)}"#, answer: wrong, wrong: answer)
        #expect(LessonCheck.findings(of: turned).count >= 2, "\(kind)")
    }

    private static let digits =
        #"{"preset": "digits-mlp", "set": {"data.trainFraction": 0.2, "layers": [{"dense": {"units": 16, "activation": "relu"}}], "training.stop.epochs": null}}"#
    private static let maps =
        #"{"preset": "digits-mlp", "set": {"data.trainFraction": 0.1, "layers": [{"conv2d": {"filters": 4}}, "globalMaxPool"]}}"#
    private static let sentences =
        #"{"preset": "sentiment", "set": {"data.samples": 400, "layers": [{"embedding": {"size": 4}}, {"lstm": {"units": 8}}]}}"#
    private static let steps =
        #"{"preset": "wavenet-small", "set": {"data.samples": 40, "layers": [{"conv1d": {"filters": 2, "kernel": 2}}, "lastStep"]}}"#
    private static let noise =
        #"{"preset": "vanishing-in-time", "set": {"data.samples": 40}}"#

    /// A stroke of 8×8 pixels as base64.
    private static let stroke = JSON.string(
        base64((0..<64).map { (3...4).contains($0 % 8) ? 255 : 0 })
    ).text()

    @Test(
        "a goal on images and sequences is reached by its answer, and not by another",
        arguments: [
            ("taken", digits, #"{"of": "8", "most": 40}"#, #"{"epochs": 60}"#, #"{"epochs": 1}"#),
            ("taken", digits, #"{"of": "8", "for": "5", "least": 30}"#, #"{"epochs": 1}"#, #"{"epochs": 0}"#),
            (
                "drawings", digits, #"{"of": "1"}"#, #"{"set": {"data.drawings": [["1", \#(stroke)]]}}"#,
                #"{"set": {"data.drawings": [["7", \#(stroke)]]}}"#
            ),
            (
                "drawings", digits, #"{"answered": "right"}"#,
                #"{"set": {"data.drawings": [["1", \#(stroke)]]}, "epochs": 60}"#, #"{"epochs": 1}"#
            ),
            (
                "answer", sentences, #"{"to": "the book was not really awful", "is": "good"}"#, #"{"epochs": 60}"#,
                #"{"weights": [{"of": "output.weight", "values": [0, 0, 0, 0, 0, 0, 0, 0]}, {"of": "output.bias", "values": [-1]}]}"#
            ),
            (
                "size", maps, #"{"of": "layers.0", "along": "height", "least": 8}"#,
                #"{"set": {"layers.0.conv2d.padding": 1}}"#, #"{"set": {"layers.0.conv2d.stride": 2}}"#
            ),
            (
                "reach", maps, #"{"of": "layers.0", "least": 5}"#, #"{"set": {"layers.0.conv2d.kernel": 5}}"#,
                #"{"set": {"layers.0.conv2d.kernel": 4}}"#
            ),
            (
                "reach", steps, #"{"of": "layers.0", "least": 9}"#,
                #"{"set": {"layers.0.conv1d.dilation": 8}}"#, #"{"set": {"layers.0.conv1d.kernel": 8}}"#
            ),
            (
                "lagGradient", noise, #"{"lag": 50, "least": 0.0001}"#,
                #"{"set": {"layers": [{"lstm": {"units": 8, "memory": 50}}]}}"#,
                #"{"set": {"layers": [{"rnn": {"units": 8, "activation": "relu"}}]}}"#
            ),
        ])
    func otherKinds(_ kind: String, _ start: String, _ settings: String, _ answer: String, _ wrong: String) throws {
        func findings(_ answer: String, _ wrong: String) throws -> [LessonCheck.Finding] {
            LessonCheck.findings(
                of: try Lesson(
                    parsing: """
                        {"title": "One", "steps": [{"text": "Go.", "start": \(start), "goal": [{"\(kind)": \(settings)}],
                         "answer": \(answer), "wrong": [\(wrong)]}]}
                        """, name: "one.json"))
        }
        #expect(try findings(answer, wrong) == [], "\(kind)")
        #expect(try findings(wrong, answer).count >= 2, "\(kind)")
    }

    @Test(
        "a figure has four digits, and where decimals would show zeros alone a power of ten",
        arguments: [
            (0, "0"), (0.12346, "0.1235"), (-2.5, "−2.5"), (40, "40"), (12_345.6, "12346"), (0.0001, "0.0001"),
            (7.5123e-14, "7.512e−14"), (-0.00002, "−2e−5"), (3e7, "3e7"), (.infinity, "∞"),
        ] as [(Double, String)])
    func figures(value: Double, text: String) { #expect(goalNumber(value) == text) }

    @Test("every kind of goal is tried")
    func allKinds() {
        #expect(Set(GoalKind.all.map(\.id)).count == GoalKind.all.count && GoalKind.all.count == 23)
    }

    // MARK: The check

    @Test("the check finds a goal that is met at the start, and a condition that nothing fails")
    func met() throws {
        let findings = LessonCheck.findings(of: try lesson(#"{"layers": {"most": 3}}"#))
        #expect(findings.contains { $0.words.contains("before anything is done") })
        #expect(findings.contains { $0.words.contains("is failed by no answer") })
        let two = LessonCheck.findings(
            of: try lesson(#"{"epochs": {"least": 3}}, {"layers": {"most": 3}}"#))
        #expect(two.count == 1 && two[0].words.contains("hidden layers ≤ 3"), "\(two)")
    }

    @Test("the check finds a question that nothing decides, and text that is too long")
    func question() throws {
        let lesson = try Lesson(
            parsing: """
                {"title": "One", "steps": [{"text": "\(String(repeating: "word ", count: 120))", "start": {"preset": "gauss"},
                 "question": {"text": "What?", "answers": [{"text": "a", "when": [{"epochs": {"least": 1}}]},
                 {"text": "b", "when": [{"epochs": {"least": 0}}]}]},
                 "goal": [{"epochs": {"least": 2}}], "answer": {"epochs": 3}}]}
                """, name: "one.json")
        let words = LessonCheck.findings(of: lesson).map(\.words)
        #expect(words.contains { $0.contains("2 answers of the question hold") }, "\(words)")
        #expect(words.contains { $0.contains("text has 8 lines") }, "\(words)")
    }

    @Test("the worked example of CONTRIBUTING.md passes the check")
    func example() throws {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let text = try String(contentsOfFile: root + "/CONTRIBUTING.md", encoding: .utf8)
        let section = try #require(text.components(separatedBy: "## Add a lesson").last)
        let example = try #require(section.components(separatedBy: "```json\n").dropFirst().first)
        let lesson = try Lesson(
            parsing: try #require(example.components(separatedBy: "```").first), name: "dead-relu.json")
        #expect(LessonCheck.findings(of: lesson) == [] && lesson.steps.count == 2)
        // The second step has no start of its own: from elsewhere it begins with the numbers of the first.
        #expect(lesson.steps[1].continues && lesson.steps[1].weights == lesson.steps[0].weights)
    }

    // MARK: Reading

    @Test(
        "a mistake is told with its place, and the nearest name",
        arguments: [
            (#"{"title": "A"}"#, "lesson.steps", "is missing"),
            (#"{"title": "A", "steps": []}"#, "steps", "is empty"),
            (#"{"title": "A", "stepz": []}"#, "lesson.stepz", "did you mean “steps”?"),
            (#"{"title": "A", "steps": [{"text": "a"}]}"#, "steps.0.start", "the first step names a preset"),
            (
                #"{"title": "A", "steps": [{"text": "a", "start": {"preset": "xorr"}}]}"#, "steps.0.start.preset",
                "did you mean “xor”?"
            ),
            (
                #"{"title": "A", "steps": [{"text": "a", "start": {"preset": "xor", "set": {"training.batchsize": 1}}}]}"#,
                "steps.0.start.set: training.batchsize", "did you mean “batchSize”?"
            ),
            (
                #"{"title": "A", "steps": [{"text": "a", "start": {"experiment": {"data": {"dataset": "xo"}, "layers": []}}}]}"#,
                "lesson.steps.0.start.experiment.data.dataset", "did you mean “xor”?"
            ),
            (
                #"{"title": "A", "steps": [{"text": "a", "start": {"preset": "xor"}, "goal": [{"epochs": {"least": 1}}]}]}"#,
                "steps.0.answer", "has a model answer"
            ),
            (
                #"{"title": "A", "steps": [{"text": "a", "start": {"preset": "xor"}, "goal": [{"epoch": {}}], "answer": {}}]}"#,
                "lesson.steps.0.goal.0.epoch", "did you mean “epochs”?"
            ),
            (
                #"{"title": "A", "steps": [{"text": "a", "start": {"preset": "xor"}, "goal": [{"metric": {"of": "testLos"}}], "answer": {}}]}"#,
                "lesson.steps.0.goal.0.metric.of", "testLoss"
            ),
            (
                #"{"title": "A", "steps": [{"text": "a", "start": {"preset": "xor"}, "goal": [{"epochs": {}, "steps": {}}], "answer": {}}]}"#,
                "steps.0.goal.0", "expected one kind of goal"
            ),
            (
                #"{"title": "A", "steps": [{"text": "a", "start": {"preset": "xor"}, "goal": [{"epochs": {}}], "answer": {"set": {"seedd": 1}}}]}"#,
                "steps.0.answer.set: seedd", "did you mean “seed”?"
            ),
            ("{\"title\": \"A\",\n oops}", "a.json:2:2", "expected a key"),
        ] as [(String, String, String)])
    func mistakes(_ text: String, _ place: String, _ words: String) throws {
        let error = #expect(throws: ExperimentError.self) { try Lesson(parsing: text, name: "a.json") }
        #expect(error?.place.contains(place) == true, "\(String(describing: error))")
        #expect(
            error?.place.hasPrefix("a.json") == true && error?.message.contains(words) == true,
            "\(String(describing: error))")
    }

    @Test(
        "a text to read that is empty or blank is refused with its place, by the schema too",
        arguments: [
            ("title", "lesson.title"), ("text", "lesson.steps.0.text"), ("ask", "lesson.steps.0.question.text"),
            ("so", "lesson.steps.0.question.answers.0.text"), ("hint", "lesson.steps.0.hints.1"),
        ])
    func blanks(_ word: String, _ place: String) throws {
        let text = #"""
            {"title": "title", "steps": [{"text": "text", "start": {"preset": "xor"}, "hints": ["Look.", "hint"],
              "question": {"text": "ask", "answers": [{"text": "so"}, {"text": "not"}], "right": 0},
              "goal": [{"epochs": {"least": 1}}], "answer": {"epochs": 1}}]}
            """#
        _ = try Lesson(parsing: text, name: "a.json")
        for (blank, found) in [("", "an empty text"), (" ", "blanks alone"), (#"\n\t"#, "blanks alone")] {
            let emptied = text.replacing(": \"\(word)\"", with: ": \"\(blank)\"")
                .replacing(", \"\(word)\"]", with: ", \"\(blank)\"]")
            let error = #expect(throws: ExperimentError.self) { try Lesson(parsing: emptied, name: "a.json") }
            #expect(error?.place == "a.json: \(place)" && error?.message == "expected words, found \(found)")
            let checker = SchemaChecker(root: Lesson.schema)
            #expect(checker.complaint(try JSON(parsing: emptied), Lesson.schema)?.hasSuffix("blank") == true)
        }
    }

    @Test("a text that may be left out is left out where it is blank")
    func blankOptions() throws {
        let lesson = try Lesson(
            parsing: #"""
                {"title": "A", "summary": " ", "steps": [{"text": "a", "start": {"preset": "xor"}, "done": "  ",
                  "goal": [{"epochs": {"least": 2, "words": " "}}], "answer": {"text": "\n", "epochs": 2}}]}
                """#, name: "a.json")
        #expect(lesson.summary.isEmpty && lesson.steps[0].done.isEmpty && lesson.steps[0].answer?.text == "")
        #expect(lesson.steps[0].goals[0].words == "epochs ≥ 2")
    }

    @Test("a question with one answer is told")
    func oneAnswer() throws {
        let error = #expect(throws: ExperimentError.self) {
            try Lesson(
                parsing:
                    #"{"title": "A", "steps": [{"text": "a", "start": {"preset": "xor"}, "question": {"text": "?", "answers": [{"text": "a"}]}, "goal": [{"epochs": {}}], "answer": {}}]}"#,
                name: "a.json")
        }
        #expect(error?.place == "a.json: steps.0.question.answers")
    }

    // MARK: Courses and progress

    @Test("the user's folder is a course, a file is a lesson, and unknown names are told the nearest")
    func courses() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let text = #"{"title": "Mine", "steps": [{"text": "Look.", "start": {"preset": "xor"}}]}"#
        try SavedFile.write(text, to: folder + "/mine.json")
        try SavedFile.write("{", to: folder + "/broken.json")
        let own = try #require(Course.own(in: folder).first)
        #expect(own.lessons.map(\.name) == ["broken", "mine"])
        #expect(try own.lessons[1].read().title == "Mine")
        #expect(LessonOverview(own.lessons[0], LessonProgress()).state == "cannot be read")
        #expect(LessonOverview(own.lessons[1], LessonProgress()).state == "1 step")
        let courses = Course.builtIn + [own]
        #expect(try Course.named("mine", among: courses).lesson == 1)
        #expect(try Course.named(courses[0].id, among: courses).lesson == nil)
        #expect(try Course.named(folder + "/mine.json", among: []).course.lessons[0].read().title == "Mine")
        let error = #expect(throws: ExperimentError.self) { try Course.named("mone", among: courses) }
        #expect(error?.kind == .missing && error?.message.contains("mine") == true)
        #expect(Course.own(in: folder + "/none").isEmpty && Course.own(in: nil).isEmpty)
    }

    @Test("progress comes back from its file, and another window's stays in it")
    func progress() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/deep/lessons.json"
        #expect(LessonProgress(readingFrom: path) == LessonProgress())
        var record = LessonProgress.Record()
        (record.step, record.done) = (2, [0, 1])
        try LessonProgress.save(record, of: "one", to: path)
        try LessonProgress.save(LessonProgress.Record(), of: "two", to: path)
        record.done = [1, 2]
        try LessonProgress.save(record, of: "one", to: path)
        let progress = LessonProgress(readingFrom: path)
        #expect(progress["one"].done == [0, 1, 2] && progress["one"].step == 2 && progress.records.count == 2)
        #expect(progress.isDone("one", steps: 3) && !progress.isDone("one", steps: 4))
        try SavedFile.write("nonsense", to: path)
        #expect(LessonProgress(readingFrom: path) == LessonProgress())
        try SavedFile.write(#"{"lessons": {"one": {"step": 1e300, "done": [0.5, -3, "x", 1]}}}"#, to: path)
        #expect(LessonProgress(readingFrom: path)["one"].done == [1])
    }
}
