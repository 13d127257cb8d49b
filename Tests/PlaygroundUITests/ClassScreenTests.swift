import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("The class on the teacher's screen")
struct ClassScreenTests {
    private static func member(_ index: Int, _ change: (inout ClassReport) -> Void = { _ in }) -> ClassMember {
        var report = ClassReport()
        (report.title, report.epoch, report.loss, report.state) = ("Two spirals", 1200 + index, 0.125, .training)
        change(&report)
        return ClassMember(
            user: UInt32(1000 + index), name: "student\(index)", report: report, time: 1000, hasExperiment: index != 2)
    }

    private func teacher(_ members: [ClassMember], size: (Int, Int) = (80, 24), at time: Double = 1005) -> App {
        var app = App(experiment: .standard)
        app.handle(.resize(width: size.0, height: size.1))
        app.classList = ClassList(name: "ml", members: members, time: time)
        app.openClass()
        return app
    }

    private func press(_ app: inout App, _ keys: String...) { for key in keys { app.handle(.key(Key(key)!)) } }

    private func words(_ app: App) -> String { app.draw().lines.joined(separator: "\n") }

    @Test("each student has a line: the lesson with its step, the epoch, the loss, and whether it runs")
    func lines() {
        let members = [
            Self.member(0) { $0.lesson = ClassReport.Lesson(title: "The line", step: 2, steps: 5, done: 1) },
            Self.member(1) { $0.state = .diverged }, Self.member(2) { $0.state = .left },
        ]
        for size in [(80, 24), (120, 40), (200, 60)] {
            let words = words(teacher(members, size: size))
            for part in [
                "Class ml", "student0", "2/5 The line", "1,200", "0.125", "▶ training", "✗ diverged", "left",
                "Two spirals", "2 here, 1 training, 1 left",
            ] {
                #expect(words.contains(part), "\(size): \(part)\n\(words)")
            }
        }
        let silent = words(teacher(members, at: 1000 + 600))
        #expect(silent.contains("silent 10m") && silent.contains("0 here, 0 training, 1 left, 2 silent"))
        #expect(words(teacher([])).contains("layercake class join ml"))
    }

    @Test("of thirty the selected one is in sight, and stays selected when others come")
    func many() {
        var app = teacher((0..<30).map { Self.member($0) })
        press(&app, "end")
        #expect(words(app).contains("student29") && !words(app).contains("student0 "))
        app.receive((0..<40).map { Self.member($0) }, number: 2, at: 1006)
        #expect((app.popup as? ClassBox)?.user == 1029 && words(app).contains("student29"))
        press(&app, "home")
        #expect((app.popup as? ClassBox)?.user == 1000)
    }

    @Test("enter opens the experiment, F4 leads back, and without a class it says how to watch one")
    func opening() {
        var app = teacher((0..<3).map { Self.member($0) })
        press(&app, "down", "enter")
        let opened = app.takeOutbox().contains { if case .openMember(1001, "student1") = $0 { true } else { false } }
        #expect(opened && app.popup == nil)
        press(&app, "F4")
        #expect(app.popup is ClassBox)
        press(&app, "end", "enter")
        #expect(app.notice?.bad == true && app.takeOutbox().isEmpty)
        var other = App(experiment: .standard)
        other.handle(.resize(width: 80, height: 24))
        press(&other, "F4")
        #expect(other.popup == nil && other.notice?.text.contains("layercake class NAME") == true)
    }

    @Test("a student's experiment that names data files is not opened before the teacher has said so")
    func dataFiles() throws {
        let document = #"{"data": {"dataset": "csv", "file": "/etc/passwd"}, "layers": []}"#
        var source = ExperimentSource(name: "/x/copy", experiment: try Experiment(json: JSON(parsing: document)))
        (source.words, source.isAnothers) = ("ada's experiment of 3 s ago, at epoch 4", true)
        var app = teacher((0..<3).map { Self.member($0) })
        let asks = app.askFiles(of: source)
        #expect(asks && words(app).contains("/etc/passwd") && words(app).contains("ada's experiment of 3 s ago"))
        var refused = app
        press(&refused, "esc")
        #expect(refused.popup == nil && refused.takeOutbox().isEmpty)
        press(&app, "y")
        let opened = app.takeOutbox().contains { if case .openFound(source) = $0 { true } else { false } }
        #expect(opened)
        // One's own files, and an experiment without any, are opened as they are.
        source.isAnothers = false
        var own = teacher([])
        let asksOwner = own.askFiles(of: source)
        (source.isAnothers, source.experiment) = (true, .standard)
        let asksWithoutFiles = own.askFiles(of: source)
        #expect(!asksOwner && !asksWithoutFiles)
    }

    @Test("the lines of those in sight alone are made, long titles cut to their columns")
    func longTitles() {
        let members = (0..<40).map { Self.member($0) { $0.title = String(repeating: "深い網", count: 40) } }
        let list = ClassList(name: "ml", members: members, time: 1005)
        #expect(list.lines(width: 80, of: 5..<9).count == 5)
        #expect(list.lines(width: 80, of: 5..<9)[1] == list.lines(width: 80)[6])
        #expect(list.lines(width: 80).dropFirst().allSatisfy { columnWidth($0) <= 80 && $0.contains("…") })
    }

    @Test("a student who has been silent for long has a line that is no wider", arguments: [1e3, 1e5, 1e6, 1e9, 1e300])
    func longSilence(seconds: Double) {
        let list = ClassList(name: "ml", members: (0..<40).map { Self.member($0) }, time: 1000 + seconds)
        let lines = list.lines(width: 80).dropFirst()
        #expect(lines.allSatisfy { columnWidth($0) <= 80 && $0.contains("silent ") }, "\(lines.first ?? "")")
    }

    @Test("a report says where the app's user is")
    func report() throws {
        var app = App(experiment: .standard)
        app.handle(.resize(width: 80, height: 24))
        let course = Course.builtIn[0]
        app.begin(try course.lessons[0].read(), of: course, 0, LessonProgress.Record(), step: 1)
        let report = ClassReport(app)
        #expect(report.lesson?.step == 2 && report.lesson?.steps ?? 0 > 1 && report.state == .paused)
    }
}
