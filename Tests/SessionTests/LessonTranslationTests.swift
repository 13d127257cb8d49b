import Engine
import Foundation
import Lessons
import Testing

@testable import Session

@Suite("Lessons in other languages")
struct LessonTranslationTests {
    private static let german = Language("de")
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    @Test(
        "the user's languages are those that gettext would take",
        arguments: [
            ([:], []), (["LANG": "C.UTF-8"], []), (["LANG": "en_US.UTF-8"], []), (["LANG": "POSIX"], []),
            (["LANG": "de_DE.UTF-8"], ["de_DE", "de"]), (["LANG": "de"], ["de"]),
            (["LANG": "de_AT@euro", "LC_MESSAGES": "fr_FR"], ["fr_FR", "fr"]),
            (["LANG": "de_DE", "LC_ALL": "C"], []), (["LANG": "de_DE", "LC_ALL": ""], ["de_DE", "de"]),
            (["LANG": "de_DE", "LANGUAGE": "sv:de:en:fr"], ["sv", "de"]),
            (["LANG": "C", "LANGUAGE": "de"], []), (["LANG": "de_DE", "LANGUAGE": "en_GB:de"], []),
            (["LANG": "../../x"], []),
        ] as [([String: String], [String])])
    func preferred(_ environment: [String: String], _ codes: [String]) {
        #expect(Language.wanted { environment[$0] }.map(\.code) == codes)
    }

    /// The ids of the metrics that conditions of the built-in lessons are about.
    private static func metricsOfLessons() throws -> Set<String> {
        let steps = try Course.builtIn.flatMap(\.lessons).flatMap { try $0.read(in: []).steps }
        let goals = steps.flatMap { $0.goals + ($0.question?.answers.flatMap(\.when) ?? []) }
        let used = Set(goals.map { GoalKind.text("of", $0.settings) }).intersection(Metric.all.map(\.id))
        #expect(used.isSuperset(of: ["trainLoss", "testAccuracy", "perplexity"]))
        return used
    }

    @Test("a built-in translation has every text of its lesson, no other, and fits")
    func whole() throws {
        var count = 0
        for translation in Lessons.translations {
            let language = Language(translation.language)
            for entry in Course.builtIn.flatMap(\.lessons)
            where Lessons.translation(of: entry.name, in: translation.language) != nil {
                #expect(LessonCheck.findings(of: entry, in: language) == [], "\(entry.name)")
                let lesson = try entry.read(in: [language])
                let english = try entry.read(in: [])
                #expect(lesson.title.count <= 40 && lesson.title != english.title)
                count += 1
            }
            let texts = try CourseTexts.reading(language, folder: nil)
            #expect(Set(texts.words.keys) == Set(LessonWords.Word.allCases))
            #expect(Set(texts.goals.keys) == Set(GoalWord.allCases))
            #expect(try Self.metricsOfLessons().subtracting(texts.metrics.keys) == [])
            #expect(Course.builtIn.allSatisfy { texts.courses[$0.id]?.title.isEmpty == false })
        }
        #expect(count == Lessons.translations.reduce(0) { $0 + $1.lessons.count } && count >= 8)
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let files = TextFile.jsonFiles(in: root + "/Lessons/de").map { "de/\($0)" }
        let listed = Lessons.translations.flatMap { $0.lessons.map(\.name) + [$0.courses.name] }
        #expect(files.sorted() == listed.sorted())
    }

    @Test("a translation changes texts alone: the course is played as in English")
    func textsAlone() throws {
        let entry = Course.builtIn[0].lessons[0]
        var (english, german) = (try entry.read(in: []), try entry.read(in: [Self.german]))
        #expect(german.steps[1].text.contains("Stapel") && german.steps[1].goals[0].words == "alle vier richtig")
        #expect(german.words(.hint, "1", "2", "x") == "Tipp 1 von 2: x")
        for index in english.steps.indices {
            #expect(english.steps[index].keys == german.steps[index].keys)
            #expect(english.steps[index].experiment == german.steps[index].experiment)
            english.steps[index].goals = []
            german.steps[index].goals = []
        }
        #expect(LessonCheck.findings(of: try entry.read(in: [Self.german])) == [])
    }

    private static let lesson = """
        {"title": "Two clouds", "summary": "A try.", "steps": [
         {"text": "Go on (space).", "start": {"preset": "gauss"}, "keys": "space",
          "question": {"text": "How?", "answers": [{"text": "So"}, {"text": "Not so"}], "right": 0},
          "goal": [{"epochs": {"least": 2}}, {"wrongPoints": {"words": "all right"}}], "hints": ["One.", "Two."],
          "answer": {"text": "Wait.", "epochs": 9}, "wrong": [{"epochs": 1}]}]}
        """

    /// A folder with the lesson and a translation of it.
    private func entry(_ translation: String) throws -> Course.Entry {
        let folder = UUID().uuidString
        let path = try temporary.write(Self.lesson, to: "\(folder)/two.json")
        try temporary.write(translation, to: "\(folder)/de/two.json")
        let (course, place) = try Course.named(path, among: [])
        return course.lessons[try #require(place)]
    }

    @Test("a text that is missing stays English, and the check names its place")
    func fallback() throws {
        let entry = try entry(
            """
            {"title": "Zwei Wolken", "steps": [{"text": "Weiter (space).", "question": {"answers": ["Ja"]},
             "goal": ["zwei Epochen"], "hints": ["Eins.", "Zwei.", "Drei."]}]}
            """)
        let lesson = try entry.read(in: [Self.german])
        let step = lesson.steps[0]
        #expect(lesson.title == "Zwei Wolken" && lesson.summary == "A try.")
        #expect(step.text == "Weiter (space)." && step.question?.text == "How?")
        #expect(step.question?.answers.map(\.text) == ["Ja", "Not so"])
        #expect(step.goals.map(\.words) == ["zwei Epochen", "all right"] && step.hints == ["Eins.", "Zwei."])
        #expect(
            LessonCheck.findings(of: entry, in: Self.german) == [
                "summary is missing", "steps.0.question.text is missing", "steps.0.question.answers.1 is missing",
                "steps.0.goal.1 is missing", "steps.0.answer is missing", "steps.0.hints.2 has no place in the lesson",
            ])
        #expect(try entry.read(in: [Language("fr")]).title == "Two clouds")
        #expect(entry.languages.contains(Self.german))
    }

    @Test("a blank text is a missing one")
    func blank() throws {
        let entry = try entry(#"{"title": " ", "steps": [{"hints": ["", "\t"]}]}"#)
        let lesson = try entry.read(in: [Self.german])
        #expect(lesson.title == "Two clouds" && lesson.steps[0].hints == ["One.", "Two."])
        let findings = LessonCheck.findings(of: entry, in: Self.german)
        #expect(findings.contains("title is missing") && findings.contains("steps.0.hints.1 is missing"))
        let folder = UUID().uuidString
        try temporary.write(
            #"{"words": {"done": " ", "over": "aus"}, "metrics": {"testLoss": ""}}"#, to: "\(folder)/xx/courses.json")
        let texts = try CourseTexts.reading(Language("xx"), folder: temporary.file(folder))
        #expect(texts.words == [.over: "aus"] && texts.metrics.isEmpty)
    }

    @Test("lists tell a lesson's title, summary and progress in the user's language")
    func lists() throws {
        let entry = try #require(Course.builtIn.first?.lessons.first)
        var progress = LessonProgress()
        func overview(_ languages: [Language]) -> LessonOverview { LessonOverview(entry, progress, in: languages) }
        let german = [Self.german]
        #expect(overview(german).title == "An oder aus" && overview([]).title == "On or off")
        #expect(overview(german).summary != overview([]).summary)
        #expect(overview(german).state == "5 Schritte" && overview([]).state == "5 steps")
        progress[entry.name].step = 2
        #expect(overview(german).state == "Schritt 3 von 5" && overview([]).state == "step 3 of 5")
        progress[entry.name].done = Set(0..<5)
        #expect(overview(german).state == "geschafft" && overview([]).state == "done")
        // A lesson that has no translation stands in the same list.
        let other = try #require(Course.builtIn.last?.lessons.last)
        #expect(Lessons.translation(of: other.name, in: "de") == nil)
        #expect(LessonOverview(other, progress, in: german).state.hasSuffix("Schritte"))
        #expect(
            LessonWords.best(of: [Language("xx"), Self.german])(.lessonsDone, "1", "8") == "1 von 8 Lektionen geschafft"
        )
        #expect(LessonWords.best(of: [Language("xx")])(.done) == "done")
    }

    @Test("a condition that the program words, and its figure, are in the lesson's language")
    func composedConditions() throws {
        let lesson = try entry(#"{"title": "Zwei Wolken", "steps": [{"goal": ["", ""]}]}"#).read(in: [Self.german])
        let (goals, words) = (lesson.steps[0].goals, lesson.words)
        #expect(goals.map { $0.words(in: words) } == ["Epochen ≥ 2", "all right"])
        let trainer = try Trainer(lesson.steps[0].experiment)
        let snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        let now = goals[1].verdict(snapshot, GoalNetworks(), in: words).now
        #expect(now.hasSuffix(" falsch"), "\(now)")
        #expect(goals[1].verdict(snapshot, GoalNetworks()).now.hasSuffix(" wrong"))
    }

    @Test("a condition's text stands as the translator wrote it, even where it is the program's own in English")
    func writtenConditions() throws {
        for (text, words) in [("", "Epochen ≥ 2"), ("epochs ≥ 2", "epochs ≥ 2"), ("zwei", "zwei")] {
            let lesson = try entry(#"{"steps": [{"goal": ["\#(text)"]}]}"#).read(in: [Self.german])
            #expect(lesson.steps[0].goals[0].words(in: lesson.words) == words)
        }
    }

    @Test("a condition's numbers, and its figure, are written as the lesson's language writes them")
    func numbers() throws {
        let text = """
            {"title": "Two clouds", "summary": "A try.", "steps": [
             {"text": "Go on (space).", "start": {"preset": "gauss"}, "keys": "space", "answer": {"epochs": 9}, "goal": [
              {"metric": {"of": "testLoss", "above": 0.1, "below": 0.25}}, {"output": {"at": [1.5, -2], "least": 0.5}},
              {"metric": {"of": "testAccuracy", "least": 0.985}}, {"smallWeights": {"within": 0.01, "least": 3}},
              {"setting": {"path": "training.optimizer.sgd.learningRate", "title": "learning rate", "most": 5.5}}]}]}
            """
        let (goals, german) = (try Lesson(parsing: text, name: "two").steps[0].goals, LessonWords(Self.german))
        #expect(
            goals.map { $0.words(in: german) } == [
                "Testverlust > 0,1; < 0,25", "Ausgang bei (1,5; −2) ≥ 0,5", "Testgenauigkeit ≥ 98,5 %",
                "Gewichte höchstens 0,01 von 0 entfernt ≥ 3", "learning rate ≤ 5,5",
            ])
        #expect(goals.prefix(2).map(\.words) == ["test loss > 0.1, < 0.25", "output at (1.5, −2) ≥ 0.5"])
        let trainer = try Trainer(try Lesson(parsing: text, name: "two").steps[0].experiment)
        let snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        #expect(goals[4].verdict(snapshot, GoalNetworks(), in: german).now == "0,03")
        #expect(goals[4].verdict(snapshot, GoalNetworks()).now == "0.03")
    }

    @Test("no kind of condition is English alone, but for the rows of settings")
    func kinds() throws {
        let german = LessonWords(Self.german)
        for kind in GoalKind.all where kind.id != "setting" {
            let hasLayer = ["reach", "size", "weight"].contains(kind.id)
            let settings = JSON.object([
                JSON.Member("of", .string(hasLayer ? "layers.0" : "testLoss")), JSON.Member("along", .string("height")),
            ])
            #expect(kind.title(settings, german) != kind.title(settings, LessonWords()), "\(kind.id)")
        }
    }

    @Test("a translation with a mistake is told with its place, and the lesson stays English")
    func mistakes() throws {
        for (text, words) in [
            (#"{"titel": "Zwei"}"#, "did you mean “title”?"), (#"{"title": 2}"#, "title"), ("{", "two.json:"),
            (#"{"steps": [{"hints": "Eins"}]}"#, "steps.0.hints"),
        ] {
            let entry = try entry(text)
            #expect(try entry.read(in: [Self.german]).title == "Two clouds")
            let findings = LessonCheck.findings(of: entry, in: Self.german)
            #expect(findings.count == 1 && findings[0].contains(words), "\(findings)")
        }
        let long = try entry(#"{"steps": [{"text": "\#(String(repeating: "Wort ", count: 120))"}]}"#)
        #expect(LessonCheck.findings(of: long, in: Self.german).contains { $0.contains("steps.0.text has") })
    }

    @Test("the worked example of CONTRIBUTING.md has all texts of its lesson")
    func example() throws {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let text = try String(contentsOfFile: root + "/CONTRIBUTING.md", encoding: .utf8)
        func example(_ heading: String) throws -> String {
            let section = try #require(text.components(separatedBy: heading).last)
            let start = try #require(section.components(separatedBy: "```json\n").dropFirst().first)
            return try #require(start.components(separatedBy: "```").first)
        }
        let lesson = try Lesson(parsing: example("## Add a lesson"), name: "dead-relu.json")
        let german = try LessonTranslation(parsing: example("## Add a language"), name: "de/dead-relu.json")
        let coverage = german.coverage(of: lesson)
        #expect(coverage.missing == [] && coverage.unknown == [] && coverage.translated == coverage.all)
    }
}
