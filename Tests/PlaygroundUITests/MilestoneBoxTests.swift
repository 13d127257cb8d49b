import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("The timeline on the screen")
struct MilestoneBoxTests {
    private static func press(_ keys: String..., in app: inout App) {
        for key in keys { app.handle(.key(Key(key)!)) }
    }

    private func shown(_ size: (Int, Int) = (80, 24)) -> App {
        var shown = app([], size: size)
        Self.press("F9", in: &shown)
        return shown
    }

    @Test("every event's text stands on the screen whole", arguments: [(80, 24), (120, 40), (200, 60)])
    func whole(width: Int, height: Int) throws {
        var app = shown((width, height))
        for event in Milestone.all {
            let words = Set(app.draw().lines.joined(separator: " ").split(separator: " "))
            for text in ["\(event.year)", event.title, event.people, event.text, event.source, event.presetWords] {
                for word in text.split(separator: " ") {
                    #expect(words.contains { $0.contains(word) }, "\(event.title) at \(width)×\(height): \(word)")
                }
            }
            Self.press("down", in: &app)
        }
        #expect((app.popup as? MilestoneBox)?.event == Milestone.all.last)
    }

    @Test("enter opens the preset of the chosen event with its setting, and a lesson keeps it shut")
    func opens() throws {
        var app = shown()
        Self.press("down", "enter", in: &app)
        let hebb = Milestone.all[1]
        #expect(app.popup == nil && app.session.name == hebb.preset)
        let wanted = try hebb.experiment().experiment
        #expect(app.experiment == wanted)
        let course = Course.builtIn[0]
        let lesson = try course.lessons[0].read(in: [])
        app.begin(lesson, of: course, 0, LessonProgress.Record())
        let before = app.experiment
        app.popup = MilestoneBox(place: 5)
        Self.press("enter", in: &app)
        #expect(app.experiment == before && app.notice?.text.contains("leave the lesson") == true)
    }

    @Test("a click chooses an event, and a second one opens it; keys go to both ends and no farther")
    func mouse() throws {
        var app = shown()
        let rect = try #require(app.popup).rect(in: app)
        let row = try #require(app.draw().lines.firstIndex { $0.contains("Nearest neighbours") })
        app.handle(.mouse(Mouse(.press, x: rect.x + 12, y: row)))
        #expect((app.popup as? MilestoneBox)?.event.title == "Nearest neighbours")
        let again = try #require(
            app.draw().lines.firstIndex { $0.prefix(rect.x + 40).contains("Nearest neighbours") })
        app.handle(.mouse(Mouse(.press, x: rect.x + 12, y: again)))
        #expect(app.popup == nil && app.session.name == "neighbours")
        app = shown()
        Self.press("up", "pgup", in: &app)
        #expect((app.popup as? MilestoneBox)?.place == 0)
        Self.press("end", "down", in: &app)
        #expect((app.popup as? MilestoneBox)?.place == Milestone.all.count - 1)
        Self.press("esc", in: &app)
        #expect(app.popup == nil)
    }
}
