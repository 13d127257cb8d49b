import Foundation
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("The run loop")
struct RunLoopTests {
    @Test(
        "ctrl-l sends the whole screen again, and so does the way back from the shell", arguments: ["ctrl-l", "ctrl-z"])
    func redraw(key: String) {
        let terminal = ScriptedTerminal()
        terminal.press(key)
        terminal.whenEmpty = { if $0.canvases.count > 1 { $0.press("q") } }
        var options = RunOptions()
        options.paused = true
        _ = RunLoop(terminal: terminal, wake: {}, session: Session(.standard), options: options).run()
        #expect(terminal.forgets > 0)
        #expect(terminal.suspensions == (key == "ctrl-z" ? 1 : 0))
    }

    @Test(
        "nothing of a frame stays behind when it is drawn, on any screen",
        arguments: ["xor", "digits-cnn", "tale", "catch"])
    func framesEnd(name: String) throws {
        let trainer = try Trainer(ExperimentSource.open(name).experiment)
        for keys in [[], ["I"], ["5", "e"], ["F5"]] {
            let app = try shownApp(over: trainer, after: keys)
            weak var cache: FrameCache?
            do {
                let frozen = app.frozen
                cache = frozen.cache
                #expect(cache != nil && frozen.plotContext?.cache === cache)
                _ = frozen.draw()
                _ = frozen.viewRequest
            }
            #expect(cache == nil, "\(keys)")
        }
    }

    @Test("a stream of the mouse's moves draws next to nothing as long as nothing is pointed at")
    func moves() {
        let terminal = ScriptedTerminal()
        var before: Int?
        terminal.whenEmpty = { terminal in
            if let before {
                #expect(terminal.canvases.count < before + 100)
                terminal.press("q")
            } else if terminal.lines.joined().contains("Loss") {
                before = terminal.canvases.count
                for _ in 0..<2000 { terminal.events.append(.mouse(Mouse(.move, x: 2, y: 38))) }
            }
        }
        var options = RunOptions()
        options.paused = true
        _ = RunLoop(terminal: terminal, wake: {}, session: Session(.standard), options: options).run()
    }

    /// A named pipe in place of a table: its reader waits as long as nobody writes to it.
    private func pipe() throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID().uuidString).csv").path
        try #require(mkfifo(path, 0o600) == 0)
        return path
    }

    /// Lets readers of the pipe see its end.
    private func release(_ path: String) {
        let descriptor = Foundation.open(path, O_RDWR | O_NONBLOCK)
        unlink(path)
        if descriptor >= 0 { close(descriptor) }
    }

    /// Runs the loop; each step of the script presses its keys as soon as its words stand on the screen.
    private func run(_ session: Session, _ script: [(words: String, keys: [String])]) -> ScriptedTerminal {
        let terminal = ScriptedTerminal()
        var script = script[...]
        let deadline = ContinuousClock.now + .seconds(20)
        terminal.whenEmpty = { terminal in
            guard let step = script.first, ContinuousClock.now < deadline else {
                return terminal.events.append(.terminate(signal: 15))
            }
            guard terminal.lines.joined(separator: "\n").contains(step.words) else { return }
            script = script.dropFirst()
            for key in step.keys { terminal.press(key) }
        }
        var options = RunOptions()
        options.paused = true
        _ = RunLoop(terminal: terminal, wake: {}, session: session, options: options).run()
        #expect(script.isEmpty, "never seen: \(script.first?.words ?? ""), but \(terminal.lines.last ?? "")")
        return terminal
    }

    @Test("while a table is read keys are answered, and q quits at once")
    func loading() throws {
        let path = try pipe()
        defer { release(path) }
        let experiment = try Experiment.standard.setting(assignments: [
            #"data={"dataset": "csv", "file": "\#(path)"}"#, "features=[]",
        ])
        _ = run(
            Session(experiment),
            [("loading", ["?"]), ("Help", ["esc"]), ("loading", ["4", "right"]), ("◂ 5 ▸", ["q", "q"])])
    }

    @Test("while the networks of an atlas are planned esc leads back at once, and q quits")
    func planning() throws {
        let experiment = try Experiment(json: JSON(parsing: Preset.named("resnet-small").text))
        let terminal = run(
            Session(experiment), [("Stack", ["A"]), ("planning the networks", ["esc"]), ("space", ["A", "q", "q"])])
        #expect(!terminal.canvases.contains { $0.lines[0].contains("Atlas ·") })
    }

    @Test("while a table is read another edit takes its place")
    func cancelled() throws {
        let path = try pipe()
        defer { release(path) }
        let experiment = try Experiment.standard.setting(assignments: [
            #"data={"dataset": "csv", "file": "\#(path)"}"#, "features=[]",
        ])
        _ = run(Session(experiment), [("loading", ["1", "right"]), ("paused", ["q", "q"])])
    }

    @Test("what cannot be opened stands in the prompt again, with what is wrong")
    func openingFailed() {
        let keys = "/nowhere/table.csv".map(String.init)
        let terminal = run(
            Session(.standard), [("Stack", ["o"] + keys + ["enter"]), ("there is no such file", ["esc", "q"])])
        #expect(terminal.canvases.contains { $0.lines.contains { $0.contains("/nowhere/table.csv") } })
    }

    @Test("a file that nobody writes to can be left alone: esc cancels its opening")
    func opening() throws {
        let path = try pipe()
        defer { release(path) }
        let keys = path.map(String.init)
        _ = run(
            Session(.standard),
            [("Stack", ["o"] + keys + ["enter"]), ("esc cancels", ["esc"]), ("space", ["q"])])
    }

    @Test("a script is not written over the file beside it without asking")
    func besideScript() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (script, beside) = (folder.appending(path: "x.py"), folder.appending(path: "x-data.safetensors"))
        try Data("mine".utf8).write(to: beside)
        let typed = ["s", "ctrl-u"] + script.path.map(String.init) + ["enter"]
        _ = run(Session(.standard), [("2→4→2→1", typed), ("there already", ["esc", "esc", "q"])])
        #expect(try Data(contentsOf: beside) == Data("mine".utf8))
        #expect(!FileManager.default.fileExists(atPath: script.path))
        _ = run(Session(.standard), [("2→4→2→1", typed), ("there already", ["y"]), ("saved", ["q"])])
        #expect(try Data(contentsOf: beside).count > 1000)
        #expect(FileManager.default.fileExists(atPath: script.path))
    }

    @Test("a table that came through a pipe is written beside the experiment that is saved")
    func kept() throws {
        let path = try pipe()
        defer { release(path) }
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let table = Data("a,b,kind\n1,2,x\n2,3,y\n3,1,x\n4,4,y\n".utf8)
        // It waits for its reader.
        Thread.detachNewThread { try? table.write(to: URL(filePath: path), options: []) }
        let experiment = try Experiment.standard.setting(assignments: [
            #"data={"dataset": "csv", "file": "\#(path)"}"#, "features=[]",
        ])
        let file = folder.appending(path: "mine.json")
        _ = run(
            Session(experiment),
            [("2→4→2→1", ["s", "ctrl-u"] + file.path.map(String.init) + ["enter"]), ("saved", ["q"])])
        #expect(try Data(contentsOf: folder.appending(path: "mine.csv")) == table)
        let source = try ExperimentSource.open(file.path)
        #expect(try Trainer(source.experiment, directory: source.directory).data.classNames == ["x", "y"])
    }
}

@Suite("The pace of frames")
struct FramePaceTests {
    private var pace = FramePace(framesPerSecond: 30)
    private var time = 0.0

    /// Draws whenever a frame is due, for ten seconds of a clock that only counts.
    /// - Returns: the frames and bytes a second, and the longest wait, once the pace has settled.
    private mutating func run(
        bytes: Int, drawing: Double = 0.001, processor: Double = 0.001, share: Double = 0.05
    ) -> (frames: Double, bytes: Double, longest: Double) {
        var longest = 0.0
        var frames = 0
        for second in 0..<10 {
            for _ in 0..<1000 {
                time += 0.001
                guard pace.isDue(at: time) else { continue }
                pace.drew(from: time, to: time + drawing, processor: processor, share: share, bytes: bytes)
                if second >= 2 { (longest, frames) = (max(longest, pace.interval), frames + 1) }
            }
        }
        return (Double(frames) / 8, Double(frames * bytes) / 8, longest)
    }

    @Test("much that changes makes frames rarer, so that at most 60 kB a second go to the terminal")
    mutating func bytes() {
        for size in [100, 1500, 3000, 6000, 8000, 10_000] {
            let rate = run(bytes: size)
            #expect(rate.bytes < 61_000, "\(size): \(rate)")
            #expect(rate.frames > 4.8, "\(size): \(rate)")
        }
        let calm = run(bytes: 100)
        #expect(calm.frames > 28, "\(calm)")
    }

    @Test("frames of news take the share of a core that they may, and the mouse is followed as before")
    mutating func share() {
        let dear = run(bytes: 100, drawing: 0.006, processor: 0.006)
        #expect(abs(dear.frames * 0.006 - 0.05) < 0.003, "\(dear)")
        pace.drew(from: time, to: time + 0.006, processor: 0.006, share: 0.05, bytes: 100)
        #expect(pace.millisecondsLeft(.passing, at: time) < 40 && pace.millisecondsLeft(at: time) > 110)
        let alone = run(bytes: 100, drawing: 0.006, processor: 0.006, share: 1 / 3)
        #expect(alone.frames > 28, "\(alone)")
    }

    @Test("five frames a second remain, however much changes, and however long they take")
    mutating func floor() {
        let heavy = run(bytes: 1_000_000)
        #expect(heavy.frames > 4.8 && heavy.frames < 5.2, "\(heavy)")
        let late = run(bytes: 100, drawing: 3)
        #expect(late.longest == FramePace.longest, "\(late)")
        let calm = run(bytes: 100)
        #expect(calm.frames > 28, "\(calm)")
    }
}

@Suite("Paths as they are typed, pasted and dragged")
struct PathTests {
    @Test(
        "quotes, backslashes, file addresses and the home folder",
        arguments: [
            ("/a/b.csv", "/a/b.csv"), (" /a/b.csv\n", "/a/b.csv"), ("'/a/b c.csv'", "/a/b c.csv"),
            ("\"/a/b c.csv\"", "/a/b c.csv"), ("/a/b\\ c.csv", "/a/b c.csv"),
            ("file:///a/b%20c.csv", "/a/b c.csv"), ("file://localhost/a/%C3%A4.csv", "/a/ä.csv"),
            ("file:///a/100%.csv", "/a/100%.csv"), ("xor", "xor"),
            ("https://playground.tensorflow.org/#dataset=xor", "https://playground.tensorflow.org/#dataset=xor"),
        ])
    func paths(text: String, path: String) {
        #expect(Files.path(from: text) == path)
    }

    @Test("~ is the home folder, alone and before a slash")
    func home() throws {
        let home = try #require(Files.environment("HOME"))
        #expect(Files.path(from: "~") == home && Files.path(from: "~/a.csv") == home + "/a.csv")
        #expect(Files.path(from: "'~/a b.csv'") == home + "/a b.csv" && Files.path(from: "~x/a") == "~x/a")
    }

    @Test("a pasted path stands in the prompt, to be looked at first")
    func paste() {
        var app = app([])
        app.handle(.paste("file:///data/my%20table.csv\n"))
        guard let prompt = app.popup as? Prompt else {
            Issue.record("no prompt")
            return
        }
        #expect(prompt.field.text == "/data/my table.csv")
        app.handle(.key(Key(.enter)))
        let opened = app.outbox.contains { if case .openTyped("/data/my table.csv") = $0 { true } else { false } }
        #expect(opened)
    }
}
