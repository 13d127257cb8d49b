import Foundation
import PlaygroundUI
import TerminalKit
import Testing

@Suite("Terminals that go, stop, answer late, or are none", .serialized)
struct LostTerminalTests {
    private func start(
        _ arguments: [String] = ["--paused"], environment: [String: String] = [:], controls: Bool = true
    ) throws -> PseudoTerminal {
        let terminal = try PseudoTerminal()
        try terminal.start(arguments, environment: environment, controls: controls)
        try terminal.wait("the playground") { $0.contains("Output") }
        return terminal
    }

    @Test("a terminal that vanishes without a signal ends the program", arguments: ["", "a key that nobody reads"])
    func vanish(keys: String) throws {
        let terminal = try start(controls: false)
        try terminal.send(keys)
        terminal.vanish()
        let status = try #require(terminal.end(), "the program goes on without a terminal")
        #expect(status == 128 + SIGHUP)
    }

    @Test("two SIGTERMs end a playground whose terminal takes nothing")
    func blocked() throws {
        let terminal = try start([])
        terminal.stopOutput()
        terminal.signal(SIGTERM)
        // Two that come together would be one.
        while terminal.isPending(SIGTERM) { usleep(10_000) }
        terminal.signal(SIGTERM)
        _ = try #require(terminal.end(reading: false), "the program still waits for the terminal")
    }

    @Test(
        "the shell gets a terminal of which all rows scroll, whatever ends the program",
        arguments: [0, SIGTERM, SIGABRT])
    func scrollingRows(signal: Int32) throws {
        let terminal = try start()
        if signal == 0 { try terminal.send("q") } else { terminal.signal(signal) }
        _ = try #require(terminal.end())
        let shown = terminal.shown
        let all = try #require(
            shown.range(of: "\u{1B}[r", options: .backwards), "\(shown.suffix(200).debugDescription)")
        let leaves = try #require(shown.range(of: "\u{1B}[?1049l", options: .backwards))
        // The reset also moves the cursor: the normal screen's stays where it was.
        #expect(all.lowerBound < leaves.lowerBound)
        #expect(shown[all.upperBound...].range(of: #"\[[0-9]+;[0-9]+r"#, options: .regularExpression) == nil)
    }

    @Test("a size beyond reason, and one in the environment, are not believed")
    func size() throws {
        let vast = try PseudoTerminal(columns: .max, rows: .max)
        try vast.start(["--paused"])
        try vast.wait("the playground") { $0.contains("Output") }
        try vast.send("q")
        #expect(vast.end() == 0)
        let wished = try start(environment: ["COLUMNS": "99999999999", "LINES": "-3"])
        try wished.send("q")
        #expect(wished.end() == 0)
        for columns in ["-5", "0", "1", "99999999999", "many"] {
            let help = try Program.run(["--help"], environment: ["COLUMNS": columns])
            #expect(help.status == 0 && help.output.contains("USAGE: layercake"), "COLUMNS=\(columns)")
            #expect(help.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        }
    }

    @Test("a terminal that cannot place text is refused with a word on train")
    func dumb() throws {
        let terminal = try PseudoTerminal()
        try terminal.start([], environment: ["TERM": "dumb"])
        #expect(terminal.end() == 64)
        #expect(terminal.shown.contains("dumb") && terminal.shown.contains("`train`"), "\(terminal.shown)")
        #expect(!terminal.shown.contains("\u{1B}"))
    }

    private static let lightText: String = {
        guard case .rgb(let color) = Theme.light.text else { return "" }
        return "38;2;\(color >> 16);\(color >> 8 & 255);\(color & 255)"
    }()

    @Test("the terminal is asked for its background, and the answer, in pieces among keys, takes none of them")
    func background() throws {
        let terminal = try start(environment: ["COLORFGBG": ""])
        #expect(terminal.shown.contains("\u{1B}]11;?") && !terminal.shown.contains(Self.lightText))
        try terminal.send("\u{1B}]11;rgb:ffff/")
        try terminal.send("ffff/ffff\u{1B}\\")
        try terminal.wait("the light theme") { $0.contains(Self.lightText) }
        try terminal.send("q")
        #expect(terminal.end() == 0)
    }

    @Test("inside tmux and screen the question reaches the terminal around them", arguments: ["TMUX", "STY"])
    func multiplexers(variable: String) throws {
        let terminal = try start(environment: ["COLORFGBG": "", variable: "1", "TERM": "screen-256color"])
        #expect(terminal.shown.contains(variable == "TMUX" ? "\u{1B}Ptmux;\u{1B}\u{1B}]11;?" : "\u{1B}P\u{1B}]11;?"))
        #expect(terminal.shown.contains("38;2;") == (variable == "TMUX"), "screen has no 24-bit colours")
        try terminal.send("q")
        #expect(terminal.end() == 0)
    }
}
