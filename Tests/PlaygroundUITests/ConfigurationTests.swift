import Foundation
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("The configuration")
struct ConfigurationTests {
    private func keys(_ text: String) -> Configuration { Configuration(parsing: "{\"keys\": {\(text)}}") }

    /// An app with keys of the user's own, after some of them.
    private func app(_ configuration: Configuration, _ pressed: [String] = []) throws -> App {
        #expect(configuration.mistakes.isEmpty, "\(configuration.mistakes)")
        var app = App(experiment: .standard)
        app.bindings = configuration.keys
        app.handle(.resize(width: 120, height: 40))
        for label in pressed { app.handle(.key(try #require(Key(label)))) }
        return app
    }

    private func text(_ app: App) -> String { app.draw().lines.joined(separator: "\n") }

    @Test("the default configuration has every command, is read without a mistake, and changes nothing")
    func standard() {
        let text = Configuration.standard.text()
        let configuration = Configuration(parsing: text)
        #expect(configuration.mistakes.isEmpty, "\(configuration.mistakes)")
        #expect(configuration.keys == .standard && configuration.theme == .auto && configuration.colors == nil)
        for command in Commands.known { #expect(Configuration.standard["keys"]?[command.id] != nil, "\(command.id)") }
    }

    @Test("other keys work, and the old ones no longer do")
    func pressed() throws {
        let configuration = keys("\"training.play\": [\"F11\", \"F12\"]")
        #expect(try app(configuration, ["F11"]).playing.isOn != app(configuration).playing.isOn)
        #expect(try app(configuration, ["F12"]).playing.isOn != app(configuration).playing.isOn)
        #expect(try app(configuration, ["space"]).playing.isOn == app(configuration).playing.isOn)
    }

    @Test("two commands change places")
    func swapped() throws {
        let configuration = keys("\"edit.undo\": \"Z\", \"edit.redo\": \"z\"")
        #expect(configuration.mistakes.isEmpty)
        let edited = try app(configuration, ["4", "a"])
        #expect(try app(configuration, ["4", "a", "z"]).experiment == edited.experiment)
        #expect(try app(configuration, ["4", "a", "Z"]).experiment == Experiment.standard)
    }

    @Test("hints, help, palette, titles and news name the keys in force")
    func shown() throws {
        let configuration = keys(
            "\"app.help\": \"F11\", \"edit.undo\": \"F12\", \"app.quit\": \"Q\", \"focus.output\": \"9\", "
                + "\"training.reset\": \"F10\"")
        let start = try app(configuration)
        #expect(text(start).contains("F11 help") && text(start).contains("Q quit"))
        let help = HelpScreen(start).lines
        #expect(help.contains { $0.keys == "F12" && $0.words == "undo the last change" })
        #expect(help.contains { $0.keys == "F11" } && !help.contains { $0.keys == "?" })
        let news = try app(configuration, ["4", "a", "n"]).notice?.text
        #expect(news?.hasSuffix("F10 brings the same ones back") == true, "\(news ?? "")")
        let palette = try #require(try app(configuration, [":"]).popup as? MenuPopup)
        #expect(palette.menu.items.contains { $0.title == "undo the last change" && $0.detail == "F12" })
        #expect(text(try app(configuration, ["9"])).contains("Output"))
        #expect(try app(configuration, ["9"]).focus == .output)
    }

    @Test("stories name the keys in force, for the panel that they lead to")
    func stories() {
        let bindings = keys("\"file.variants\": \"F12\", \"output.discretize\": \"F11\", \"focus.output\": \"9\"").keys
        func words(_ text: String) -> String {
            Story(text, glyphs: .braille, keys: bindings).lines(columns: 200).joined()
        }
        #expect(words("Compare them (v).") == "Compare them (F12).")
        #expect(words("The decision alone (5 d).") == "The decision alone (9 F11).")
        #expect(words("Play (space).") == "Play (space).")
        #expect(words("A word (or two).") == "A word (or two).")
    }

    @Test("a lesson's keys are those of the commands that it means")
    func lesson() throws {
        let course = try #require(Course.all.first)
        let start = try LessonStart(course, 0, LessonProgress())
        var app = try app(keys("\"lesson.next\": \"F12\", \"training.play\": \"F11\""))
        app.begin(start.lesson, of: start.course, start.place, start.record)
        #expect(text(app).contains("F12 on"))
        app.handle(.key(Key(.function(12))))
        #expect(app.lesson?.step == 1)
        // In each step that plays by the space bar, the other key plays, and is named.
        let steps = start.lesson.steps.indices.filter { start.lesson.steps[$0].keys.contains("space") }
        for step in steps.prefix(1) {
            app.begin(start.lesson, of: start.course, start.place, start.record, step: step)
            if app.lesson?.asks == true { app.choose(answer: 0) }
            #expect(text(app).contains("F11"))
            let before = app.playing.isOn
            app.handle(.key(Key(.function(11))))
            #expect(app.playing.isOn != before, "step \(step)")
            app.handle(.key(Key(.character(" "))))
            #expect(app.playing.isOn != before, "step \(step)")
        }
    }

    @Test(
        "what is wrong is told with its place and the nearest name, and all else is taken",
        arguments: [
            ("{\"them\": \"dark\"}", "them: unknown; did you mean “theme”?"),
            ("{\"theme\": \"drak\"}", "theme: no such word as “drak”; did you mean “dark”?"),
            ("{\"palette\": \"colorBlind\"}", "palette: no such palette as “colorBlind”; did you mean “colourBlind”?"),
            ("{\"fps\": 0}", "fps: expected a whole number from 1 to 120, found 0"),
            ("{\"mouse\": 1}", "mouse: expected true or false, found 1"),
            ("{\"keys\": []}", "keys: expected an object such as {\"training.play\": [\"space\"]}, found []"),
            (
                "{\"keys\": {\"training.pley\": \"p\"}}",
                "keys.training.pley: no such command; did you mean “training.play”?"
            ),
            ("{\"keys\": {\"edit.undo\": \"entr\"}}", "keys.edit.undo: no such key as “entr”; did you mean “enter”?"),
            ("{\"keys\": {\"edit.undo\": 3}}", "keys.edit.undo: expected a key, or a list of keys, found 3"),
            ("{\"keys\": {\"edit.undo\": \"ctrl-c\"}}", "keys.edit.undo: ctrl-c always asks to quit"),
            ("{\"keys\": {\"edit.undo\": \"ctrl-m\"}}", "keys.edit.undo: terminals send ctrl-m as enter"),
            (
                "{\"keys\": {\"edit.undo\": \"space\"}}",
                "keys.edit.undo: space is the key of training.play too, everywhere; give that one another first"
            ),
        ])
    func mistakes(text: String, words: String) {
        let configuration = Configuration(parsing: text)
        #expect(configuration.mistakes.map(\.description) == [words])
        #expect(configuration.keys == .standard)
        let trouble = configuration.trouble
        #expect(trouble?.contains(words) == true && trouble?.contains("the default is used") == true)
    }

    @Test("each wish is taken")
    func wishes() {
        let wishes = Configuration(parsing: #"{"theme": "light", "fps": 20, "mouse": false, "keepSeconds": 5}"#)
        #expect(wishes.mistakes.isEmpty && wishes.theme == .light && wishes.framesPerSecond == 20)
        #expect(wishes.mouse == false && wishes.keepSeconds == 5)
    }

    @Test("the examples of the README have no mistake")
    func examples() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        let examples = ["{\"theme\":", "{\"keys\":"].map { start in
            readme.split(separator: "`").filter { $0.hasPrefix(start) }.map(String.init)
        }
        #expect(examples.allSatisfy { !$0.isEmpty })
        for example in examples.joined() {
            let configuration = Configuration(parsing: example)
            #expect(configuration.mistakes.isEmpty, "\(example): \(configuration.mistakes)")
        }
    }

    @Test("a text that is no JSON, or no object, is told")
    func unreadable() {
        #expect(Configuration(parsing: "{\"theme\": ").mistakes.count == 1)
        #expect(Configuration(parsing: "[1]").mistakes.count == 1)
        #expect(Configuration(parsing: "").trouble != nil)
    }

    @Test("of two wishes that clash the later one goes, and the rest of the file counts")
    func clash() {
        let configuration = Configuration(
            parsing:
                "{\"keys\": {\"edit.undo\": \"F12\", \"edit.redo\": \"F12\", \"app.quit\": \"Q\"}, \"fps\": 20, \"theme\": 1}"
        )
        #expect(configuration.keys.own == ["edit.undo": ["F12"], "app.quit": ["Q"]])
        #expect(configuration.framesPerSecond == 20)
        #expect(configuration.mistakes.count == 2)
        #expect(configuration.trouble?.hasSuffix("; 1 more mistake: layercake config lists all") == true)
    }

    @Test("keys of views that are never shown together may be the same")
    func apart() {
        // Both in the output panel, of images and of games.
        #expect(keys("\"image.variants\": \"F12\", \"game.move\": \"F12\"").mistakes.isEmpty)
    }
}
