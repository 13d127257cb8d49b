import Foundation
import Testing

/// A class of several users on one machine, each with a process of their own.
@Suite("A class", .serialized)
struct ClassProgramTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path("class") }

    init() throws { folder = try TemporaryFolder() }

    /// A folder that a user may write to.
    private func home(_ user: uid_t) throws -> String {
        let path = folder.path("home-\(user)")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        chown(path, user, user)
        return path
    }

    private static let setpriv = "/usr/bin/setpriv"
    /// Whether this process may become other users, and they may run the program.
    private static let hasUsers =
        getuid() == 0 && FileManager.default.isExecutableFile(atPath: setpriv)
        && (try? Program.run(arguments(5001, [Program.path, "--version"]), executable: setpriv))?.status == 0

    private static func arguments(_ user: uid_t, _ command: [String]) -> [String] {
        ["--reuid=\(user)", "--regid=\(user)", "--clear-groups"] + command
    }

    private func run(as user: uid_t, _ command: [String]) throws -> Program.Result {
        let home = try home(user)
        return try Program.run(
            Self.arguments(user, command), executable: Self.setpriv,
            environment: ["HOME": home, "XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home])
    }

    private func join(_ arguments: [String] = [], state: String) throws -> PseudoTerminal {
        let terminal = try PseudoTerminal()
        try terminal.start(
            ["class", "join", path] + arguments, environment: ["XDG_STATE_HOME": state, "XDG_CONFIG_HOME": state])
        try terminal.wait("the playground") { $0.contains("Output") && $0.contains("you are in the class") }
        return terminal
    }

    private func list() throws -> String { try Program.run(["class", path, "--print"]).output }

    @Test("a student joins, is listed while training, and has left at the end; the class ends")
    func oneStudent() throws {
        #expect(try Program.run(["class", "join", path]).errors.contains("there is no class"))
        let begun = try Program.run(["class", "start", path])
        #expect(begun.status == 0 && begun.output.contains("class join"), "\(begun.errors)")
        #expect(try list().contains("nobody yet"))
        let student = try join(["spiral", "--paused"], state: folder.path("state"))
        try student.send("..")
        // Reads on: a program whose terminal is full stands still.
        try student.wait("the report") { _ in
            (try? list().contains("‖ paused")) == true && (try? list().contains(" 2 ")) == true
        }
        try student.send("q")
        #expect(student.end() == 0)
        let last = try list()
        #expect(last.contains("left") && last.contains("0 here"), "\(last)")
        // The experiment is there to be opened, with its weights.
        let file = try #require(
            FileManager.default.contentsOfDirectory(atPath: path).first { $0.hasSuffix(".safetensors") })
        let described = try Program.run(["describe", "\(path)/\(file)"])
        #expect(described.status == 0, "\(described.errors)")
        // The teacher opens it from the list.
        let teacher = try PseudoTerminal()
        try teacher.start(
            ["class", path],
            environment: ["XDG_STATE_HOME": folder.path("teacher"), "XDG_CONFIG_HOME": folder.path("teacher")])
        try teacher.wait("the list") { $0.contains("0 here, 0 training, 1 left") }
        try teacher.send("\r")
        try teacher.wait("the experiment") { $0.contains("experiment of") }
        try teacher.send("q")
        #expect(teacher.end() == 0)
        #expect(try Program.run(["class", "end", path]).status == 0)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("of several users each has files that no other can change", .enabled(if: ClassProgramTests.hasUsers))
    func users() throws {
        chmod(folder.url.path, 0o755)
        #expect(try run(as: 5000, [Program.path, "class", "start", path]).status == 74, "the folder is not the user's")
        // The teacher's own folder.
        let shared = folder.path("shared")
        try FileManager.default.createDirectory(atPath: shared, withIntermediateDirectories: true)
        chown(shared, 5000, 5000)
        let place = "\(shared)/class"
        #expect(try run(as: 5000, [Program.path, "class", "start", place]).status == 0)
        // Three students at once, each in a terminal of their own.
        var students: [PseudoTerminal] = []
        for user: uid_t in 5001...5003 {
            let home = try home(user)
            let terminal = try PseudoTerminal()
            try terminal.start(
                Self.arguments(user, [Program.path, "class", "join", place, "xor"]), executable: Self.setpriv,
                environment: ["HOME": home, "XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home])
            try terminal.wait("the playground") { $0.contains("you are in the class") }
            students.append(terminal)
        }
        func list() throws -> String {
            try run(as: 5000, [Program.path, "class", place, "--print"]).output
        }
        // Each is read meanwhile: a program whose terminal is full stands still.
        let end = Date(timeIntervalSinceNow: 60)
        while try !list().contains("3 training"), Date() < end {
            for student in students {
                var looks = 0
                try student.wait("something to read") { _ in
                    looks += 1
                    return looks > 1
                }
            }
        }
        let shown = try list()
        #expect(shown.contains("user 5001") && shown.contains("user 5003") && shown.contains("3 here"), "\(shown)")
        // A fellow reads, and neither writes, replaces nor removes.
        func fails(_ user: uid_t, _ line: String) throws -> Bool {
            try run(as: user, ["/bin/sh", "-c", line]).status != 0
        }
        #expect(try !fails(5002, "cat \(place)/5001.json"))
        for line in [
            "echo x >> \(place)/5001.json", "rm -f \(place)/5001.json", "mv \(place)/5001.json \(place)/x",
            "echo x > \(place)/y && mv -f \(place)/y \(place)/5001.json", "rmdir \(place)", "chmod 777 \(place)",
        ] {
            #expect(try fails(5002, line), "\(line)")
        }
        #expect(try run(as: 5002, [Program.path, "class", "end", place]).errors.contains("who alone can end it"))
        // A file in another's name, and a link to another's, keep nobody out; the teacher's list takes both away.
        #expect(try !fails(5002, "echo '{\"title\":\"forged\"}' > \(place)/5009.json"))
        #expect(try !fails(5002, "ln -s /etc/passwd \(place)/5008.json"))
        let kept = try run(as: 5009, [Program.path, "class", "join", place])
        #expect(kept.errors.contains("terminal"), "\(kept.errors)")
        #expect(try !list().contains("forged") && list().contains("user 5009"))
        #expect(!FileManager.default.fileExists(atPath: "\(place)/5009.json"))
        #expect(try !FileManager.default.contentsOfDirectory(atPath: place).contains("5008.json"))
        #expect(try run(as: 5009, [Program.path, "class", "leave", place]).status == 0)
        for student in students {
            try student.send("q")
            #expect(student.end() == 0)
        }
        #expect(try list().contains("0 here, 0 training, 3 left"))
        #expect(try run(as: 5001, [Program.path, "class", "leave", place]).status == 0)
        #expect(try !list().contains("5001"))
        // A folder that is not empty is its owner's: it stays, and the class is over all the same.
        #expect(try !fails(5003, "mkdir \(place)/5010.json && echo x > \(place)/5010.json/x"))
        let ended = try run(as: 5000, [Program.path, "class", "end", place])
        #expect(ended.status == 0 && ended.output.contains("5010.json") && ended.output.contains("user 5003"))
        #expect(try fails(5003, "ls \(place)"))
        #expect(try run(as: 5001, [Program.path, "class", "join", place]).errors.contains("over"))
        #expect(try run(as: 5000, [Program.path, "class", "start", place]).status == 0)
        #expect(try !fails(5003, "rm -r \(place)/5010.json"))
        #expect(try run(as: 5000, [Program.path, "class", "end", place]).status == 0)
        #expect(!FileManager.default.fileExists(atPath: place))
    }
}
