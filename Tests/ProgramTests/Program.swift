import Foundation
import Testing

/// The program as it was built, run as a user runs it.
enum Program {
    /// Beside the tests in the build folder.
    static let path: String = {
        let tests = URL(filePath: try! FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        var folder = tests.deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appending(path: "layercake").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
            folder.deleteLastPathComponent()
        }
        fatalError("the program is not beside the tests (\(tests.path))")
    }()

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
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        posix_spawn_file_actions_addopen(&files, 0, source, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&files, 1, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&files, 2, errors, O_WRONLY | O_CREAT, 0o600)
        defer { posix_spawn_file_actions_destroy(&files) }
        // The test's threads block signals, and a child would inherit that.
        var settings = posix_spawnattr_t()
        posix_spawnattr_init(&settings)
        defer { posix_spawnattr_destroy(&settings) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&settings, &none)
        posix_spawnattr_setflags(&settings, Int16(POSIX_SPAWN_SETSIGMASK))

        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var id = pid_t()
        let status = withCStrings([executable] + arguments) { words in
            withCStrings(variables.map { "\($0)=\($1)" }) { posix_spawn(&id, executable, &files, &settings, words, $0) }
        }
        try #require(status == 0, "\(executable) does not start: error \(status)")
        started?(id)
        var ended: Int32 = 0
        while waitpid(id, &ended, 0) < 0, errno == EINTR {}
        return Result(
            // As a shell gives it: 128 + signal for one that was killed.
            status: ended & 0x7F == 0 ? ended >> 8 & 0xFF : 128 + ended & 0x7F,
            output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
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
