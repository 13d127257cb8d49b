import Foundation
import Testing

/// The program as it was built, run as a user runs it.
enum Program {
    /// The folder of the build, with the tests.
    private static let folder: URL = {
        let tests = URL(filePath: try! FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        var folder = tests.deletingLastPathComponent()
        while folder.path != "/" {
            if FileManager.default.isExecutableFile(atPath: folder.appending(path: "layercake").path) { return folder }
            folder.deleteLastPathComponent()
        }
        fatalError("the program is not beside the tests (\(tests.path))")
    }()

    static let path = folder.appending(path: "layercake").path

    /// For the environment: a device's compiler that writes to standard error.
    static let compilerNoise = "LD_PRELOAD=\(folder.appending(path: "libCompilerNoise.so").path)"

    struct Result {
        var status: Int32
        var output: String
        var errors: String

        /// Standard output as one JSON object.
        func json() throws -> [String: Any] {
            try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        }

        /// One object per line.
        func lines() throws -> [[String: Any]] {
            try output.split(separator: "\n").map {
                try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
        }
    }

    /// Runs the program, or another, to its end. Output goes through files, and Foundation's Process is not used: both
    /// wait for whatever the child leaves running, as tmux does.
    /// - Parameters:
    ///   - input: standard input; nil: nothing to read.
    ///   - started: called once the process runs.
    static func run(
        _ arguments: [String], executable: String = path, environment: [String: String] = [:], input: String? = nil,
        started: ((pid_t) -> Void)? = nil
    ) throws -> Result {
        let folder = try TemporaryFolder()
        let (output, errors) = (folder.path("output"), folder.path("errors"))
        let source = try input.map { try folder.write($0, as: "input") } ?? "/dev/null"
        let id = try start(
            arguments, executable: executable, environment: environment,
            files: [(source, O_RDONLY), (output, O_WRONLY | O_CREAT), (errors, O_WRONLY | O_CREAT)])
        started?(id)
        var ended: Int32 = 0
        while waitpid(id, &ended, 0) < 0, errno == EINTR {}
        return Result(
            status: exitStatus(ended), output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
    }

    /// As a shell gives it: 128 + signal for a process that was killed.
    static func exitStatus(_ ended: Int32) -> Int32 { ended & 0x7F == 0 ? ended >> 8 & 0xFF : 128 + ended & 0x7F }

    /// Whether a signal is in a process's set: "SigCgt" (it has a handler) or "ShdPnd" (it has not been taken yet).
    static func has(_ signal: Int32, in set: String, of id: pid_t) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
        return status.split(separator: "\n").contains { line in
            let mask =
                line.hasPrefix(set + ":") ? line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } : nil
            return (mask ?? 0) >> UInt64(signal - 1) & 1 == 1
        }
    }

    /// Sends a signal as soon as the process has a handler for it and `isReady`.
    static func interrupt(_ id: pid_t, _ signal: Int32, when isReady: () -> Bool = { true }) {
        let end = Date(timeIntervalSinceNow: 300)
        while !(has(signal, in: "SigCgt", of: id) && isReady()), Date() < end { usleep(10_000) }
        kill(id, signal)
    }

    /// The folder for what the program keeps by itself, in place of the user's.
    private static let stateFolder = try! TemporaryFolder()

    /// Starts the program, or another.
    /// - Parameters:
    ///   - files: paths and modes of the descriptors 0, 1 and 2.
    ///   - asSessionLeader: a terminal that it opens is its controlling terminal.
    static func start(
        _ arguments: [String], executable: String = path, environment: [String: String] = [:],
        files list: [(path: String, mode: Int32)], asSessionLeader: Bool = false
    ) throws -> pid_t {
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        for (descriptor, file) in list.enumerated() {
            posix_spawn_file_actions_addopen(&files, Int32(descriptor), file.path, file.mode, 0o600)
        }
        defer { posix_spawn_file_actions_destroy(&files) }
        // The test's threads block signals, and a child would inherit that.
        var settings = posix_spawnattr_t()
        posix_spawnattr_init(&settings)
        defer { posix_spawnattr_destroy(&settings) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&settings, &none)
        // POSIX_SPAWN_SETSID, which Swift's module lacks.
        let session: Int16 = asSessionLeader ? 0x80 : 0
        posix_spawnattr_setflags(&settings, Int16(POSIX_SPAWN_SETSIGMASK) | session)

        let variables = ProcessInfo.processInfo.environment.merging([
            "LC_ALL": "C.UTF-8", "XDG_STATE_HOME": stateFolder.url.path,
        ]) { $1 }
        .merging(environment) { $1 }
        var id = pid_t()
        let status = withCStrings([executable] + arguments) { words in
            withCStrings(variables.map { "\($0)=\($1)" }) { posix_spawn(&id, executable, &files, &settings, words, $0) }
        }
        try #require(status == 0, "\(executable) does not start: error \(status)")
        return id
    }

    /// A list of C strings that ends with a null, as exec takes it.
    private static func withCStrings<T>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> T
    ) -> T {
        var pointers = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }
}

/// A folder that goes away with its last user.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    /// Writes a file and returns its path.
    func write(_ text: String, as name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: path(name)))
        return path(name)
    }
}
