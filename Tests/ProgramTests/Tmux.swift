import Foundation
import Testing

/// A terminal of its own for the program, with a shell in it: what is typed, what is shown, what is left behind.
final class Tmux {
    static let isInstalled: Bool = {
        (try? command(["-V"], socket: nil))?.status == 0
    }()

    private let socket = "layercake-\(UUID().uuidString)"
    private let folder: TemporaryFolder

    /// - Parameter size: columns and rows.
    init(columns: Int = 120, rows: Int = 40, term: String = "tmux-256color") throws {
        folder = try TemporaryFolder()
        let configuration = try folder.write(
            """
            set -g default-terminal "\(term)"
            set -g status off
            set -g escape-time 0
            set -g mouse on

            """, as: "tmux.conf")
        // A shell without the user's settings; its prompt tells that a command has ended.
        _ = try Self.command(
            [
                "-f", configuration, "new-session", "-d", "-x", String(columns), "-y", String(rows),
                "env -u SWIFT_BACKTRACE PS1='ready> ' LC_ALL=C.UTF-8 XDG_CONFIG_HOME=\(folder.url.path) XDG_STATE_HOME=\(folder.url.path) "
                    + "bash --norc --noprofile -i",
            ], socket: socket)
        // Before there is a window, tmux 3.2 dies of this setting.
        _ = try Self.command(["set", "-g", "window-size", "manual"], socket: socket)
        try wait("the shell") { $0.contains("ready>") }
    }

    deinit { _ = try? Self.command(["kill-server"], socket: socket) }

    /// Types keys by tmux's names: "Space", "C-c", "q".
    func type(_ keys: String...) throws { _ = try Self.command(["send-keys"] + keys, socket: socket) }

    /// Types a line to the shell.
    func enter(_ line: String) throws {
        _ = try Self.command(["send-keys", "-l", line], socket: socket)
        try type("Enter")
    }

    /// Writes to the terminal behind the program's back.
    func scribble(_ text: String) throws {
        let path = try Self.command(["display-message", "-p", "#{pane_tty}"], socket: socket).output.trimmed
        let terminal = try #require(FileHandle(forWritingAtPath: path))
        try terminal.write(contentsOf: Data(text.utf8))
        try terminal.close()
    }

    func resize(columns: Int, rows: Int) throws {
        _ = try Self.command(["resize-window", "-x", String(columns), "-y", String(rows)], socket: socket)
    }

    var screen: String { (try? Self.command(["capture-pane", "-p"], socket: socket).output) ?? "" }

    /// The terminal's modes, as tmux knows them: the alternate screen, the cursor, the mouse.
    var modes: String {
        let format = "#{alternate_on} #{cursor_flag} #{mouse_any_flag}"
        return (try? Self.command(["display-message", "-p", format], socket: socket).output) ?? ""
    }

    /// The process in the foreground of the pane: the program, below the shell.
    func processID() throws -> Int32 {
        let shell = try Self.command(["display-message", "-p", "#{pane_pid}"], socket: socket).output
        let children = try String(
            contentsOfFile: "/proc/\(shell.trimmed)/task/\(shell.trimmed)/children", encoding: .utf8)
        return try #require(children.split(separator: " ").last.flatMap { Int32($0) })
    }

    /// Waits until the screen is as wished; a slow machine has plenty of time.
    @discardableResult
    func wait(_ what: String, seconds: Double = 180, until isRight: (String) -> Bool) throws -> String {
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end {
            let screen = self.screen
            if isRight(screen) { return screen }
            Thread.sleep(forTimeInterval: 0.03)
        }
        Issue.record("\(what) did not come; the screen is:\n\(screen)")
        throw CancellationError()
    }

    /// Asks the shell for something and waits for the answer between two marks.
    func answer(to line: String) throws -> String {
        try enter("clear; echo \"<<$(\(line))>>\"")
        let shown = try wait("an answer") { $0.contains(">>") && $0.contains("<<") && !$0.contains("$(") }
        return String(shown[shown.range(of: "<<")!.upperBound..<shown.range(of: ">>", options: .backwards)!.lowerBound])
    }

    private static func command(_ arguments: [String], socket: String?) throws -> (status: Int32, output: String) {
        let result = try Program.run(
            ["tmux"] + (socket.map { ["-L", $0] } ?? []) + arguments, executable: "/usr/bin/env")
        return (result.status, result.output)
    }
}

extension String {
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
