import Foundation
import Testing

@Suite(
    "The playground's device in a real terminal", .serialized, .enabled(if: Tmux.isInstalled, "tmux is not installed"))
struct PlaygroundDeviceTests {
    /// Kernels are compiled at their first use.
    private static let patience = 180.0

    /// Starts the program; the shell's command may set variables before it.
    private func start(_ variables: String = "") throws -> (Tmux, before: String) {
        let terminal = try Tmux()
        let before = try terminal.answer(to: "stty -a") + terminal.modes
        try terminal.enter("clear; \(variables) \(Program.path)")
        try terminal.wait("the playground") { $0.contains("training") && Self.isOnProcessor($0) }
        return (terminal, before)
    }

    private static func title(_ screen: String) -> Substring { screen.split(separator: "\n").first ?? "" }

    private static func isOnProcessor(_ screen: String) -> Bool { title(screen).contains("cpu ×") }

    /// "…" stands behind a device whose kernels are still compiled.
    static func isOnDevice(_ screen: String) -> Bool {
        let title = title(screen)
        return !isOnProcessor(screen) && (title.contains("opencl") || title.contains("gpu")) && !title.contains("…")
    }

    /// "epoch     417" in the title bar.
    private static func epoch(_ screen: String) -> Int? {
        let words = title(screen).split(separator: " ")
        guard let place = words.firstIndex(of: "epoch"), place + 1 < words.endIndex else { return nil }
        return Int(words[place + 1].filter { $0 != "," })
    }

    /// Waits until the epochs have moved on, on the same side as before.
    private func expectTraining(_ terminal: Tmux, _ isRight: (String) -> Bool) throws {
        let first = try #require(Self.epoch(terminal.screen))
        let shown = try terminal.wait("more epochs") { Self.epoch($0).map { $0 > first + 5 } ?? false }
        #expect(isRight(shown), "\(shown)")
    }

    @Test(
        "D goes to the device and on to the processor while training goes on, and q restores the terminal",
        .enabled(if: Devices.exist, Devices.missing))
    func change() throws {
        let (terminal, before) = try start()
        let begin = try #require(Self.epoch(terminal.screen))
        for name in Devices.names {
            try terminal.type("D")
            // A name of many words goes on in the notice's next line.
            let word = name.prefix { $0 != " " }
            try terminal.wait("the notice", seconds: Self.patience) { $0.contains("training on \(word)") }
            let shown = try terminal.wait("the device in the title bar", until: Self.isOnDevice)
            #expect(try #require(Self.epoch(shown)) >= begin, "it went on where it was")
            try expectTraining(terminal, Self.isOnDevice)
        }
        let there = try #require(Self.epoch(terminal.screen))
        try terminal.type("D")
        let shown = try terminal.wait("the processor", seconds: Self.patience, until: Self.isOnProcessor)
        #expect(try #require(Self.epoch(shown)) >= there)
        try expectTraining(terminal, Self.isOnProcessor)
        try terminal.type("q")
        try terminal.wait("the shell") { $0.contains("ready>") && $0.contains("epoch") && !$0.contains("Output") }
        #expect(try terminal.answer(to: "stty -a") + terminal.modes == before)
    }

    @Test(
        "while kernels are compiled training goes on, and q leaves at once with the terminal as it was",
        .enabled(if: Devices.exist, Devices.missing))
    func compiling() throws {
        let folder = try TemporaryFolder()
        // Nothing is compiled yet, for us or for the driver.
        let cache = folder.url.path
        let (terminal, before) = try start("XDG_CACHE_HOME=\(cache) POCL_CACHE_DIR=\(cache)")
        try terminal.type("D")
        // A quick compiler may be through already.
        try terminal.wait("the notice") { $0.contains("compiling kernels") || $0.contains("training on") }
        try expectTraining(terminal) { !$0.contains("paused") }
        try terminal.type("q")
        try terminal.wait("the shell") { $0.contains("ready>") && !$0.contains("Output") }
        #expect(try terminal.answer(to: "stty -a") + terminal.modes == before)
    }

    @Test("without a driver D says what to install, and training goes on with the processor")
    func noDriver() throws {
        let folder = try TemporaryFolder()
        let (terminal, _) = try start("OCL_ICD_VENDORS=\(folder.url.path)")
        try terminal.type("D")
        try terminal.wait("the advice") { $0.contains("OpenCL") && $0.contains("install") }
        try expectTraining(terminal, Self.isOnProcessor)
        try terminal.type("q")
        try terminal.wait("the shell") { $0.contains("ready>") }
    }
}
