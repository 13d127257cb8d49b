import Foundation
import Testing

@Suite("What libraries write to standard error", .serialized, .enabled(if: Devices.exist, Devices.missing))
struct StandardErrorTests {
    private static let noise = "128 warnings generated."
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A compiler that writes, and nothing compiled yet.
    private func environment(fails: Bool = false, crashes: Bool = false) -> [String: String] {
        let preload = Program.compilerNoise.split(separator: "=")
        var variables = [
            String(preload[0]): String(preload[1]), "XDG_CACHE_HOME": folder.url.path,
            "POCL_CACHE_DIR": folder.url.path,
        ]
        if fails { variables["COMPILER_FAILS"] = "1" }
        // Swift's own report of a crash would hold the program for some seconds.
        if crashes { variables.merge(["COMPILER_CRASHES": "1", "SWIFT_BACKTRACE": "enable=no"]) { $1 } }
        return variables
    }

    private static let train = ["train", "circle", "--epochs", "2", "--device", "gpu"]

    @Test("it is kept aside, and shown with --verbose")
    func verbose() throws {
        let quiet = try Program.run(Self.train, environment: environment())
        #expect(quiet.status == 0 && quiet.errors.isEmpty, "\(quiet.errors)")
        for arguments in [
            Self.train, ["devices"], ["bench", "playground-default", "--device", "gpu", "--seconds", "0.05"],
        ] {
            let loud = try Program.run(arguments + ["--verbose"], environment: environment())
            #expect(loud.status == 0 && loud.errors.contains(Self.noise), "\(arguments): \(loud.errors)")
        }
    }

    @Test("it is shown behind our message when the device fails")
    func failure() throws {
        let result = try Program.run(Self.train, environment: environment(fails: true))
        #expect(result.status == 0, "\(result.errors)")
        let ours = try #require(result.errors.range(of: "training goes on with the processor"), "\(result.errors)")
        let theirs = try #require(result.errors.range(of: Self.noise), "\(result.errors)")
        #expect(ours.upperBound <= theirs.lowerBound)
    }

    @Test("it comes out when the program crashes without a screen, whatever handlers the library has set")
    func crashWithoutScreen() throws {
        let result = try Program.run(
            ["train", "circle", "--device", "gpu", "--seconds", "600"], environment: environment(crashes: true))
        #expect(result.status == 128 + SIGABRT && result.errors.contains(Self.noise), "\(result.errors)")
    }

    /// Goes to the device in a real terminal.
    private func playground(_ arguments: String = "") throws -> Tmux {
        let terminal = try Tmux()
        let variables = environment().map { "\($0)=\($1)" }.joined(separator: " ")
        try terminal.enter("clear; env \(variables) \(Program.path) --device gpu \(arguments)")
        try terminal.wait("the device", seconds: 180, until: PlaygroundDeviceTests.isOnDevice)
        #expect(!terminal.screen.contains(Self.noise), "\(terminal.screen)")
        return terminal
    }

    @Test("it never stands on the playground's screen", .enabled(if: Tmux.isInstalled, "tmux is not installed"))
    func screen() throws {
        for arguments in ["", "--verbose"] {
            let terminal = try playground(arguments)
            try terminal.type("q")
            let shown = try terminal.wait("the shell") { $0.contains("ready>") && $0.contains("epoch") }
            #expect(shown.contains(Self.noise) == !arguments.isEmpty, "\(shown)")
        }
    }

    @Test(
        "it comes out on the restored screen when the program crashes",
        .enabled(if: Tmux.isInstalled, "tmux is not installed"), arguments: [SIGSEGV, SIGABRT])
    func crash(signal: Int32) throws {
        let terminal = try playground()
        kill(try terminal.processID(), signal)
        let shown = try terminal.wait("the shell") { $0.contains("ready>") && !$0.contains("Output") }
        #expect(shown.contains(Self.noise), "\(shown)")
    }
}
