import Foundation
import Testing

@Suite("The playground in a real terminal", .serialized, .enabled(if: Tmux.isInstalled, "tmux is not installed"))
struct PlaygroundTests {
    /// Starts the program and waits for its first network.
    private func start(_ arguments: String = "", columns: Int = 120, rows: Int = 40) throws -> (Tmux, before: String) {
        let terminal = try Tmux(columns: columns, rows: rows)
        let before = try terminal.answer(to: "stty -a") + terminal.modes
        try terminal.enter("clear; \(Program.path) \(arguments)")
        try terminal.wait("the playground") { $0.contains("Output") && $0.contains("Stack") }
        return (terminal, before)
    }

    /// The shell has the terminal again, as it was.
    private func expectRestored(_ terminal: Tmux, _ before: String) throws {
        try terminal.wait("the shell") { $0.contains("ready>") && !$0.contains("Output") }
        #expect(try terminal.answer(to: "stty -a") + terminal.modes == before)
    }

    @Test("it starts training, obeys keys, and q leaves a summary and the terminal as it was")
    func quit() throws {
        let (terminal, before) = try start()
        try terminal.wait("training") { $0.contains("training") && $0.contains("2→4→2→1") }
        try terminal.type("Space")
        try terminal.wait("the pause") { $0.contains("paused") }
        try terminal.type("a")
        try terminal.wait("another layer") { $0.contains("Layer") && !$0.contains("2→4→2→1") }
        try terminal.type("z")
        try terminal.wait("undo") { $0.contains("2→4→2→1") }
        try terminal.type("?")
        try terminal.wait("the help") { $0.contains("Help") }
        try terminal.type("Escape")
        try terminal.wait("the end of the help") { !$0.contains("Help") }
        try terminal.type("q")
        let shown = try terminal.wait("the summary") { $0.contains("ready>") && $0.contains("epoch") }
        #expect(shown.contains("loss"), "\(shown)")
        try expectRestored(terminal, before)
    }

    @Test("it follows the size, says what it needs when there is too little, and comes back")
    func resize() throws {
        let (terminal, _) = try start()
        try terminal.resize(columns: 80, rows: 24)
        try terminal.wait("the narrow screen") { $0.split(separator: "\n").count <= 24 && $0.contains("Output") }
        try terminal.resize(columns: 50, rows: 10)
        try terminal.wait("the two sizes") { $0.contains("50") && $0.contains("60") && $0.contains("18") }
        try terminal.resize(columns: 200, rows: 60)
        try terminal.wait("the wide screen") {
            $0.contains("Hidden features") && $0.contains("Loss") && $0.contains("Story")
        }
        try terminal.type("q")
    }

    @Test(
        "every way out restores the terminal",
        arguments: [
            SIGTERM, SIGHUP, SIGINT, SIGSEGV, SIGABRT, SIGILL, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGVTALRM, SIGPROF,
            SIGPIPE, SIGSYS, SIGQUIT,
        ])
    func signals(signal: Int32) throws {
        let (terminal, before) = try start()
        let id = try terminal.processID()
        kill(id, signal)
        try terminal.wait("the shell") { $0.contains("ready>") && !$0.contains("Output") }
        try terminal.enter("echo \"=$?=\"")
        try terminal.wait("the exit status") { $0.contains("=\(128 + signal)=") }
        try expectRestored(terminal, before)
    }

    @Test("a file that reaches the system's limit is no way out: it is told, and training and keys go on")
    func fileLimit() throws {
        let folder = try TemporaryFolder()
        let file = folder.path("mine.safetensors")
        let terminal = try Tmux()
        try terminal.enter("clear; (ulimit -f 0; exec \(Program.path))")
        // Weights can be saved once there are some: a loss is shown.
        try terminal.wait("the training") { $0.contains("Output") && $0.contains("train 0.") }
        try terminal.type("s", "C-u")
        try terminal.type("-l", file)
        try terminal.type("Enter")
        try terminal.wait("the reason") { $0.contains("cannot be written: the file would be larger than is allowed") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [])
        // The path stands in its prompt again.
        try terminal.wait("the prompt") { $0.contains("mine.safetensors") }
        try terminal.type("Escape")
        // An Escape and a key together would be the key with Alt.
        try terminal.wait("the end of the prompt") { !$0.contains("mine.safetensors") }
        try terminal.type("Space")
        try terminal.wait("the pause") { $0.contains("paused") }
        try terminal.type("q")
        try terminal.wait("the shell") { $0.contains("ready>") && !$0.contains("Output") }
    }

    @Test("Ctrl-C asks no question and restores the terminal")
    func controlC() throws {
        let (terminal, before) = try start()
        try terminal.type("C-c")
        try expectRestored(terminal, before)
    }

    @Test("Ctrl-Z gives the shell its terminal, fg goes on")
    func suspend() throws {
        let (terminal, before) = try start()
        try terminal.type("C-z")
        try terminal.wait("the shell") { $0.contains("ready>") && $0.contains("Stopped") }
        #expect(try terminal.answer(to: "stty -a") + terminal.modes == before)
        try terminal.enter("fg")
        try terminal.wait("the playground") { $0.contains("Output") && $0.contains("Stack") }
        try terminal.type("q")
        try expectRestored(terminal, before)
    }

    @Test("what others wrote over the screen is gone after Ctrl-L, and after a stop behind the program's back")
    func redraw() throws {
        let (terminal, _) = try start("--paused")
        try terminal.scribble("\u{1B}[5;5HGARBAGE")
        try terminal.wait("the garbage") { $0.contains("GARBAGE") }
        try terminal.type("C-l")
        try terminal.wait("the whole screen") { !$0.contains("GARBAGE") && $0.contains("Output") }
        let id = try terminal.processID()
        kill(id, SIGSTOP)
        try terminal.scribble("\u{1B}[5;5HGARBAGE")
        try terminal.wait("the garbage") { $0.contains("GARBAGE") }
        try terminal.enter("fg")
        try terminal.wait("the whole screen") { !$0.contains("GARBAGE") && $0.contains("Output") }
        try terminal.type("q")
    }

    @Test("an experiment comes through standard input, the keys from the terminal")
    func standardInput() throws {
        let terminal = try Tmux()
        try terminal.enter("clear; \(Program.path) presets spiral | \(Program.path) - --set seed=3 --paused")
        try terminal.wait("the experiment") { $0.contains("Two spirals") && $0.contains("paused") }
        try terminal.type("Space")
        try terminal.wait("training") { $0.contains("training") }
        try terminal.type("q")
        try terminal.wait("the shell") { $0.contains("ready>") }
    }

    @Test("a session is saved as the document that it shows")
    func save() throws {
        let (terminal, _) = try start("--paused")
        let folder = try TemporaryFolder()
        let file = folder.path("mine.json")
        // 4: the stack, whose row "units" has the cursor.
        try terminal.type("4", "Right")
        try terminal.wait("five units") { $0.contains("2→5→2→1") }
        try terminal.type("s", "C-u")
        try terminal.type("-l", file)
        try terminal.type("Enter")
        try terminal.wait("the file") { _ in FileManager.default.fileExists(atPath: file) }
        try terminal.type("q")
        let result = try Program.run(["describe", file])
        #expect(result.status == 0 && result.output.contains("dense 5"), "\(result.errors)")
    }
}
