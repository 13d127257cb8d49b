import Basics
import Foundation
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("Screens without a terminal")
struct ShowTests {
    private func picture(_ name: String, _ change: (inout ScreenShow) -> Void = { _ in }) throws -> ScreenPicture {
        var show = ScreenShow()
        change(&show)
        return try show.picture(of: ExperimentSource.open(name))
    }

    private func words(_ picture: ScreenPicture) -> String { picture.canvas.lines.joined(separator: "\n") }

    @Test("the same experiment, epochs and keys give the same bytes in every format", arguments: ["xor", "digits-cnn"])
    func same(name: String) throws {
        let pictures = try (0..<2).map { _ in
            try picture(name) {
                $0.epochs = 1
                $0.keys = "6"
            }
        }
        for format in ScreenPicture.Format.all {
            #expect(try pictures[0].bytes(as: format) == pictures[1].bytes(as: format), "\(format.id)")
        }
    }

    @Test("it is trained so many epochs, then the keys are pressed")
    func epochs() throws {
        let trained = try picture("xor") { $0.epochs = 7 }
        #expect(trained.canvas.width == 120 && trained.canvas.height == 40)
        #expect(trained.canvas.lines[0].contains(#/epoch +7\b/#) && trained.canvas.lines[0].contains("paused"))
        #expect(trained.title.hasSuffix("epoch 7"))
        let stepped = try picture("xor") {
            $0.epochs = 7
            $0.keys = ". . 3 enter ctrl-u '0.25' enter"
        }
        #expect(stepped.canvas.lines[0].contains(#/epoch +9\b/#) && words(stepped).contains("0.25"))
        // The curves have been drawn, and the boundary.
        #expect(try words(picture("xor")) != words(trained))
    }

    @Test("one panel stands alone, as large as it is asked for", arguments: Panel.all.map(\.id.name))
    func panels(name: String) throws {
        let panel = try #require(Panel.all.first { $0.id.name == name })
        let shown = try picture("circle") {
            $0.panel = panel
            ($0.width, $0.height, $0.epochs) = (70, 20, 1)
        }
        #expect(shown.canvas.width == 70 && shown.canvas.height == 20)
        #expect(shown.canvas.lines[0].contains(panel.tabTitle), "\(shown.canvas.lines[0])")
        #expect(shown.canvas.lines.dropFirst().joined().count { $0 != " " } > 40)
    }

    @Test("walks, the way back in time, an atlas, a race and lessons are screens too")
    func others() throws {
        let walk = try picture("xor") {
            $0.epochs = 2
            $0.keys = "I right"
        }
        #expect(words(walk).contains("slow motion"))
        let past = try picture("xor") {
            $0.epochs = 20
            $0.keys = "7 left left"
        }
        #expect(past.canvas.lines[0].contains("then"), "\(past.canvas.lines[0])")
        for (key, title) in [("A", "atlas"), ("V", "race")] {
            let grid = try picture("learning-rate") {
                $0.epochs = 3
                $0.keys = key
            }
            #expect(grid.canvas.lines[0].lowercased().contains(title), "\(grid.canvas.lines[0])")
            #expect(grid.canvas.lines[0].contains(#/epoch +3\b/#), "\(grid.canvas.lines[0])")
        }
        #expect(try words(picture("xor") { $0.keys = "F2 enter enter" }).contains("step 1 of"))
        // A box that keys open belongs to the screen.
        #expect(try words(picture("catch") { $0.keys = "V" }).contains("A race between values of"))
        #expect(try words(picture("xor") { $0.keys = "? esc" }) == words(picture("xor")))
    }

    @Test("what is no key, and what is more than a screen, is refused")
    func refusals() {
        for (keys, words) in [
            ("5 nokey", "is no key"), ("q", "leave the playground"), ("s enter", "--output alone"),
            ("E enter", "--output alone"),
        ] {
            let error = #expect(throws: ExperimentError.self) { try picture("xor") { $0.keys = keys } }
            #expect(error?.description.contains(words) == true, "\(keys): \(error?.description ?? "")")
        }
        #expect(throws: ExperimentError.self) {
            try ScreenShow().picture(
                of: ExperimentSource(
                    name: "", experiment: .standard.setting(assignments: [#"data={"dataset":"csv","file":"/no"}"#])))
        }
    }

    @Test("a PNG file has the size of its cells, and says so")
    func size() throws {
        let picture = try picture("xor") { ($0.width, $0.height) = (80, 24) }
        let bytes = try picture.bytes(as: .png)
        #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        func number(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        #expect(number(16) == 1600 && number(20) == 960)
        let ascii = try self.picture("xor") { $0.capabilities = Capabilities(colors: .none, glyphs: .ascii) }
        #expect(try ascii.bytes(as: .text).allSatisfy { $0 < 0x7F } && ascii.bytes(as: .ansi).allSatisfy { $0 < 0x7F })
    }

    @Test("E saves the screen that is seen, and writes over nothing")
    func key() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let terminal = ScriptedTerminal()
        let path = folder.appending(path: "screen.svg").path
        // The path again; then another one, for the first is there already.
        let script: [(words: String, keys: [String], text: String)] = [
            ("Loss", ["E"], ""), ("Save the screen", ["ctrl-u"], path), ("screen.svg", ["enter"], ""),
            ("saved", ["E"], ""), ("Save the screen", ["ctrl-u"], path), ("screen.svg", ["enter"], ""),
            ("name another file", ["ctrl-u"], "a.gif"), ("a.gif", ["enter"], ""), ("end the name in", ["esc"], ""),
        ]
        var rest = script[...]
        var (waits, screen) = (0, "")
        terminal.whenEmpty = { terminal in
            guard let step = rest.first else { return terminal.press("q", "q") }
            screen = terminal.lines.joined(separator: "\n")
            guard screen.contains(step.words) else {
                waits += 1
                if waits > 400 { for key in ["esc", "q", "q", "enter"] { terminal.press(key) } }
                return
            }
            waits = 0
            rest = rest.dropFirst()
            for key in step.keys { terminal.press(key) }
            terminal.type(step.text)
        }
        var options = RunOptions()
        options.paused = true
        _ = RunLoop(terminal: terminal, wake: {}, session: Session(.standard), options: options).run()
        #expect(rest.isEmpty, "never seen: \(rest.first?.words ?? "") in\n\(screen)")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasPrefix("<svg") && text.contains("Loss") && !text.contains("Save the screen"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["screen.svg"])
    }
}
