import Foundation
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

/// From lesson to lesson, and what becomes of the runs before them.
@Suite("From lesson to lesson")
struct LessonWaysTests {
    private func screen(step: Int? = nil) throws -> LessonScreen { try LessonScreen(step: step) }

    @Test("back and on at any time; the end of the lesson leads to the next one")
    func ways() throws {
        var screen = try screen()
        try screen.press("shift-tab")
        #expect(screen.app.lesson?.step == 0 && screen.app.notice?.text == "this is the first step")
        try screen.press("tab", "tab", "tab", "tab")
        #expect(screen.app.lesson?.isOver == true && screen.words.contains("Steps 2, 3, 4 are still open."))
        try screen.press("shift-tab", "shift-tab")
        #expect(screen.app.lesson?.step == 2 && screen.words.contains("What comes?"))
        try screen.press("tab", "tab", "tab")
        #expect(screen.app.lesson?.place == 1 && screen.app.lesson?.step == 0)
        try screen.press("F2")
        #expect(screen.app.popup != nil && screen.words.contains("Lessons"))
        try screen.press("esc")
        screen.app.leaveLesson()
        #expect(screen.app.layout.band == nil)
        try screen.press("n")
        #expect(screen.app.notice?.text.hasPrefix("new weights") == true)
    }

    @Test("the end of a course leads to the next course; a lesson goes on later with its first open step")
    func courses() throws {
        var screen = try screen()
        let lesson = try #require(screen.app.lesson?.lesson)
        let (first, second) = (Course.builtIn[0], Course.builtIn[1])
        var record = LessonProgress.Record()
        record.done = [0, 2, 3]
        screen.app.begin(lesson, of: first, first.lessons.count - 1, record, step: 3)
        try screen.press("tab")
        #expect(screen.words.contains("Step 2 is still open. The next course"), "\(screen.words)")
        #expect(screen.app.lesson?.record.step == 1)
        try screen.press("tab")
        #expect(screen.app.lesson?.course.id == second.id && screen.app.lesson?.place == 0)
        let (last, place) = try #require(Course.builtIn.last.map { ($0, $0.lessons.count - 1) })
        screen.app.begin(lesson, of: last, place, record, step: 3)
        try screen.press("tab", "tab")
        #expect(screen.app.lesson?.course.id == last.id && screen.app.notice?.text.contains("last lesson") == true)
    }

    @Test("the lesson after an end is opened where it was left")
    func placeOfTheNextLesson() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var screen = try screen(step: 3)
        let next = try #require(screen.app.lesson?.following)
        var record = LessonProgress.Record()
        (record.step, record.done) = (2, [0])
        try LessonProgress.save(record, of: next.course.lessons[next.place].name, to: path)
        screen.app.progressFile = path
        try screen.press("tab", "tab")
        #expect(screen.app.lesson?.place == next.place && screen.app.lesson?.step == 2)
        #expect(screen.app.lesson?.record == record)
    }

    @Test("back from a lesson's end its last step is the one with which it goes on later")
    func backFromTheEnd() throws {
        var screen = try screen(step: 3)
        try screen.press("tab")
        #expect(screen.app.lesson?.isOver == true && screen.app.lesson?.record.step == 0)
        screen.app.handle(.key(try #require(Key("shift-tab"))))
        #expect(screen.app.lesson?.isOver == false && screen.app.lesson?.step == 3)
        let saved = screen.app.takeOutbox().compactMap { effect in
            if case .saveProgress(let record, _) = effect { record.step } else { nil }
        }
        #expect(saved == [3] && screen.app.lesson?.record.step == 3)
    }

    @Test("a lesson begins without the runs of the one before")
    func earlierRuns() throws {
        var screen = try screen(step: 2)
        func run() throws {
            try screen.press("a", "space")
            try screen.train(epochs: 4)
            #expect(screen.app.lesson?.isMet == true)
        }
        try run()
        try screen.press("0")
        #expect(screen.app.earlier.runs.count == 1)
        try run()
        let lesson = try #require(screen.app.lesson?.lesson)
        screen.app.begin(lesson, of: Course.builtIn[0], 1, LessonProgress.Record(), step: 2)
        try screen.press("esc")
        #expect(screen.app.snapshot?.epoch == 0 && screen.app.earlier.runs.isEmpty)
        try run()
        try screen.press("0")
        #expect(screen.app.earlier.runs.count == 1)
    }

    @Test("the runs before a lesson are set aside in it, and in those that follow, and come back when it is left")
    func ownRuns() throws {
        var screen = try screen()
        screen.app.leaveLesson()
        for epochs in 1...3 {
            try screen.press("r", "space")
            try screen.train(epochs: 2 * epochs)
            try screen.press("space")
        }
        #expect(screen.app.earlier.runs.map(\.epoch) == [2, 4])
        let lesson = try Lesson(parsing: LessonScreen.tried, name: "try")
        for place in 0..<2 {
            screen.app.begin(lesson, of: Course.builtIn[0], place, LessonProgress.Record(), step: 2)
            try screen.press("a", "space")
            try screen.train(epochs: 4)
            #expect(screen.app.lesson?.isMet == true && screen.app.earlier.runs.isEmpty)
        }
        try screen.press("0")
        screen.app.leaveLesson()
        #expect(screen.app.earlier.runs.map(\.epoch) == [2, 4, 6, 3])
        try screen.press("space")
        try screen.train(epochs: 2)
        try screen.press("space", "r")
        #expect(screen.app.earlier.runs.map(\.epoch) == [2, 4, 6, 3, 2])
    }
}
