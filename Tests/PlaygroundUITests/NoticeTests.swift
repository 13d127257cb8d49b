import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("News")
struct NoticeTests {
    private static let guesses = (1...30).map { "guess-\($0) about a column" }.joined(separator: "; ")

    @Test(
        "where they have no place of their own news stand for the hints, long ones in three rows, and a key shows all of them; shorter ones stand there whole"
    )
    func row() throws {
        var told = app([], size: (80, 24))
        let before = told.draw().lines
        told.notice = Notice(Self.guesses)
        let after = told.draw().lines
        let changed = before.indices.filter { before[$0] != after[$0] }
        #expect(changed == [21, 22, 23])
        #expect(after[21].contains("guess-1 about") && after[23].contains("! reads on"))
        var short = app([], size: (80, 24))
        short.notice = Notice(String(Self.guesses.prefix(200)))
        let drawn = short.draw().lines[21...23].joined(separator: " ")
        #expect(drawn.contains("guess-1 about") && drawn.contains("guess-8 about") && !drawn.contains("reads on"))
        // A short line covers no panel, and the hints of what is open stay.
        short.notice = Notice("seed 2")
        let line = short.draw().lines
        #expect(before.indices.filter { before[$0] != line[$0] } == [23] && line[23].hasPrefix(" seed 2"))
        short.handle(.key(try #require(Key("s"))))
        let hints = short.draw().lines[23]
        short.notice = Notice("seed 2")
        #expect(short.draw().lines[23] == hints)
        told.handle(.key(try #require(Key("!"))))
        var shown = ""
        for _ in 0..<8 {
            shown += told.draw().lines.joined(separator: "\n")
            told.handle(.key(try #require(Key("pgdn"))))
        }
        for guess in 1...30 { #expect(shown.contains("guess-\(guess) "), "\(guess)") }
    }

    @Test("a story that fills its place is read whole beneath news, or says where its rest is")
    func story() throws {
        var experiment = Experiment.standard
        experiment.story = "Words."
        func shown() throws -> App {
            var app = App(Session(experiment), playing: false)
            app.handle(.resize(width: 120, height: 40))
            app.receive(
                snapshot: try Trainer(experiment).snapshot(
                    revision: 1, stepsPerSecond: 1, seconds: 1, message: nil, waits: true), picture: nil, failure: nil)
            return app
        }
        // As many words as the place has room for.
        let explain = try #require(try shown().layout.explain)
        func rows() -> Int { Story(experiment.story, glyphs: .braille).lines(columns: explain.width - 2).count }
        while rows() < explain.height - 1 { experiment.story += " Words." }
        experiment.story += " End."
        var told = try shown()
        func last() -> [String] {
            told.draw().part(told.layout.explain!).lines.map { String($0) }
        }
        let before = last()
        #expect(before.last?.contains("End.") == true, "\(before)")
        told.notice = "seed 2"
        #expect(last() == before && told.draw().lines.last?.hasPrefix(" seed 2") == true)
        told.notice = Notice(Self.guesses)
        let covered = last().joined(separator: "\n")
        #expect(covered.contains("guess-1 about") && covered.contains("The rest: S"), "\(covered)")
    }

    @Test("messages are kept, the newest first, each once")
    func past() throws {
        var told = app([], size: (120, 40))
        #expect(told.pastNotices.isEmpty)
        for text in ["alpha", "beta", "beta", "gamma"] { told.notice = Notice(text, bad: text == "gamma") }
        told.notice = nil
        told.handle(.key(try #require(Key("!"))))
        let lines = told.draw().lines
        let rows = ["gamma", "beta", "alpha"].map { word in lines.filter { $0.contains(word) }.count }
        #expect(rows == [1, 1, 1])
        let places = ["gamma", "beta", "alpha"].compactMap { word in lines.firstIndex { $0.contains(word) } }
        #expect(places == places.sorted())
    }

    @Test("news over a panel go sooner than those that have a place of their own, and trouble stays")
    func time() {
        func isThere(after seconds: Double, coversPanel: Bool, bad: Bool = false) -> Bool {
            var line = NoticeLine()
            line.show(Notice(Self.guesses, bad: bad), at: 10)
            line.expire(at: 10 + seconds, coversPanel: coversPanel)
            return line.notice != nil
        }
        #expect(isThere(after: 5, coversPanel: true) && !isThere(after: 7, coversPanel: true))
        #expect(isThere(after: 7, coversPanel: false) && !isThere(after: 60, coversPanel: false))
        #expect(isThere(after: 60, coversPanel: true, bad: true))
    }

    @Test("where room is short the shape keeps its ends, and the speed stays beside it")
    func shape() throws {
        let layers =
            #"layers=[{"dense":{"units":64}},{"dense":{"units":64}},{"dense":{"units":64}},{"dense":{"units":64}}]"#
        let experiment = try Experiment.standard.setting(assignments: [
            layers, "title=A title of some length for a long network",
        ])
        let trainer = try Trainer(experiment)
        for (width, shape) in [(120, "2→64→64→64→64→1"), (80, "2→…→1")] {
            var app = app([], of: experiment, size: (width, 40))
            app.receive(
                snapshot: trainer.snapshot(revision: 1, stepsPerSecond: 1, seconds: 1, message: nil, waits: true),
                picture: nil, failure: nil)
            let top = app.draw().lines[0]
            #expect(top.contains(shape) && top.contains("steps/s"), "\(top)")
        }
    }
}
