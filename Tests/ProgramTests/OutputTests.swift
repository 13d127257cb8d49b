import Foundation
import Testing

@Suite("What the program writes")
struct OutputTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// An escape sequence, a C1 control, a bidirectional override and letters of other alphabets.
    private static let title = "red \u{1B}[31m, \u{9B}32m, \u{202E}turned, naïve 語 →"

    private func document() throws -> String {
        let title = String(decoding: try JSONEncoder().encode(Self.title), as: UTF8.self)
        return try folder.write(
            #"{"title": \#(title), "story": \#(title), "data": {"dataset": "csv", "file": "points.csv", "label": "class"}, "layers": []}"#,
            as: "naïve \u{9B}.json")
    }

    private func table() throws {
        let words = ["\u{1B}[31mred", "\u{9B}blue", "\u{202E}naïve"]
        let rows = (0..<12).map { "\($0),\(($0 * 7) % 5),\(words[$0 % 3])" }
        _ = try folder.write((["x\u{1B}[1m,y\u{202E},class"] + rows).joined(separator: "\n"), as: "points.csv")
    }

    /// Commands of every kind, with statuses: what they show of the document, and what the program says itself.
    private func commands() throws -> [([String], Int32)] {
        let file = try document()
        try table()
        let briefly = ["--epochs", "2"]
        return [
            (["describe", file], 0), (["describe", file, "--format", "json"], 0),
            (["describe", folder.path("points.csv")], 0),
            (["train", file, "--save", folder.path("weights.safetensors")] + briefly, 0),
            (["predict", folder.path("weights.safetensors"), folder.path("points.csv"), "--format", "json"], 0),
            (["describe", "spirals-softmax"], 0), (["describe", file + "?"], 66),
            (["train", file, "--plot"] + briefly, 0), (["train", "sine-regression", "--plot"] + briefly, 0),
            (["train", file, "--format", "json"] + briefly, 0), (["train", file, "--format", "jsonl"] + briefly, 0),
            (["train", "circle", "--set", Self.title + "=1"], 64),
            (["train", "circle", "--" + Self.title.replacing(" ", with: "")], 64),
            (["sweep", file, "--vary", "layers=[],[{\"dense\":{}}]", "--plot"] + briefly, 0),
            (["sweep", "circle", "--vary", "data.noise=0,10", "--seeds", "2", "--plot"] + briefly, 0),
            (["sweep", "circle", "--vary", "data.noise=0,10", "--format", "csv"] + briefly, 0),
            (["sweep", "circle", "--vary", "data.noise=0,10", "--format", "json"] + briefly, 0),
            (["graph", "(x+y)*z", "x=-2", "y=5", "z=-4"], 0), (["graph", "ñ*x", "x=1"], 65),
            (["graph", "x*y", "x=1", "y=" + Self.title], 65), (["graph", "x*y", "x=1", "y=2", "--format", "json"], 0),
            (["presets"], 0), (["presets", "hidden-layer-view"], 0), (["presets", "--schema"], 0),
            (["presets", "ñ"], 66),
            (["devices"], 0), (["devices", "--format", "json"], 0), (["--help"], 0), (["help", "train"], 0),
            (["help", "play"], 0), (["bench", "--help"], 0), (["bench", "playground-default", "--seconds", "0.05"], 0),
            (["bench", "ñ"], 64), (["--version"], 0),
        ]
    }

    private func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "\n" { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return false
        default: return true
        }
    }

    @Test("no control character of a file, a path or an argument is written, whatever the command")
    func controls() throws {
        for (arguments, status) in try commands() {
            let result = try Program.run(arguments)
            #expect(result.status == status, "\(arguments): \(result.errors)")
            for text in [result.output, result.errors] {
                #expect(text.unicodeScalars.allSatisfy(isPlain), "\(arguments): \(text.debugDescription)")
            }
        }
        let shown = try Program.run(["describe", try document()])
        #expect(shown.output.contains("red ␛[31m, �32m, �turned, naïve 語 →"), "\(shown.output)")
    }

    @Test("in a locale without UTF-8 every command writes ASCII alone", arguments: ["C", "POSIX"])
    func ascii(locale: String) throws {
        for (arguments, status) in try commands() {
            let result = try Program.run(arguments, environment: ["LC_ALL": locale])
            #expect(result.status == status, "\(arguments): \(result.errors)")
            #expect(result.output.utf8.allSatisfy { $0 < 0x7F }, "\(arguments): \(result.output)")
            #expect(result.errors.utf8.allSatisfy { $0 < 0x7F }, "\(arguments): \(result.errors)")
        }
        let lesson = try Program.run(["presets", "hidden-layer-view"], environment: ["LC_ALL": locale])
        let original = try Program.run(["presets", "hidden-layer-view"])
        #expect(
            try lesson.json() as NSDictionary == original.json() as NSDictionary, "what JSON says stays the same")
    }

    @Test("a table of answers is data for a program, and text on a terminal")
    func answers() throws {
        let weights = folder.path("weights.safetensors")
        let file = try document()
        try table()
        #expect(try Program.run(["train", file, "--save", weights, "--epochs", "2"]).status == 0)
        let arguments = ["predict", weights, folder.path("points.csv")]
        let data = try Program.run(arguments, environment: ["LC_ALL": "C"])
        #expect(
            data.status == 0 && data.output.contains("x\u{1B}[1m,y\u{202E}"),
            "\(data.errors) \(data.output.prefix(200))")
        let terminal = try PseudoTerminal()
        try terminal.start(arguments)
        try terminal.wait("the table") { $0.contains("x␛[1m,y�") }
        #expect(terminal.end() == 0)
        #expect(!terminal.shown.contains("\u{1B}") && !terminal.shown.contains("\u{202E}"))
    }

    @Test(
        "the playground and its farewell show no control character of a file",
        .enabled(if: Tmux.isInstalled, "tmux is not installed"))
    func playground() throws {
        let (file, terminal) = (try document(), try PseudoTerminal())
        try table()
        try terminal.start([file, "--paused"])
        try terminal.wait("the title") { $0.contains("red ␛[31m, �32m, �turned") }
        try terminal.send("S")
        try terminal.wait("the story") { $0.contains("Story") }
        try terminal.send("\u{3}\u{3}")
        #expect(terminal.end() == 0)
        #expect(terminal.shown.contains("open it again with"))
        for part in ["\u{1B}[31m,", "\u{9B}", "\u{202E}"] { #expect(!terminal.shown.contains(part)) }
    }

    @Test("a file that may not grow further ends with 74 and a message")
    func fileLimit() throws {
        let file = folder.path("schema")
        let script = "ulimit -f 1; exec \"$0\" presets --schema > \"$1\""
        let result = try Program.run(["-c", script, Program.path, file], executable: "/bin/sh")
        #expect(result.status == 74 && result.errors.contains("standard output"), "\(result.status): \(result.errors)")
    }
}
