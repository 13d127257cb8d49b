import Foundation
import Testing

@testable import Session

/// The open experiment is kept whatever becomes of the program.
@Suite("The open experiment is kept", .serialized)
struct KeptTests {
    private let state: TemporaryFolder
    private let configuration: TemporaryFolder

    init() throws {
        (state, configuration) = (try TemporaryFolder(), try TemporaryFolder())
    }

    private var environment: [String: String] {
        ["XDG_STATE_HOME": state.url.path, "XDG_CONFIG_HOME": configuration.url.path]
    }

    private var folder: RecentFolder { RecentFolder(state.path("layercake/recent")) }

    /// - Parameter keepSeconds: between two times that it is kept.
    private func start(_ arguments: [String] = [], keepSeconds: Double = 3600) throws -> PseudoTerminal {
        try FileManager.default.createDirectory(
            atPath: configuration.path("layercake"), withIntermediateDirectories: true)
        try "{\"keepSeconds\": \(keepSeconds)}".write(
            toFile: configuration.path("layercake/config.json"), atomically: true, encoding: .utf8)
        let terminal = try PseudoTerminal()
        try terminal.start(arguments, environment: environment)
        try terminal.wait("the playground") { $0.contains("Output") }
        return terminal
    }

    private func waitForSteps(_ terminal: PseudoTerminal) throws {
        try terminal.send("..")
        usleep(300_000)
    }

    @Test("on leaving, and at SIGTERM and SIGHUP", arguments: [0, SIGTERM, SIGHUP])
    func leaving(signal: Int32) throws {
        let terminal = try start(["xor", "--paused"])
        try waitForSteps(terminal)
        if signal == 0 { try terminal.send("q") } else { terminal.signal(signal) }
        #expect(terminal.end() == (signal == 0 ? 0 : 128 + signal))
        let recent = try #require(folder.experiments().first)
        #expect(recent.epoch == 2 && !recent.isOpen)
        if signal == 0 { #expect(terminal.shown.contains(recent.path)) }
        let list = try Program.run(["recent"], environment: environment)
        #expect(list.status == 0 && list.output.contains("epoch 2") && list.output.contains(recent.path))
    }

    @Test("it is offered at the next start, and goes on where it was")
    func offered() throws {
        let terminal = try start(["spiral", "--paused"])
        try waitForSteps(terminal)
        try terminal.send("q")
        _ = terminal.end()
        let next = try start(["--paused"])
        try next.wait("the offer") { $0.contains("ctrl-r opens again") }
        try next.send("\u{12}")
        try next.wait("the list") { $0.contains("Recent") }
        try next.send("\r")
        try next.wait("the weights") { $0.contains("loaded ") }
        try next.send("q")
        _ = next.end()
        #expect(folder.experiments().map(\.epoch) == [2], "it is kept in its own file again")
        let last = try start(["--recent", "--paused"])
        try last.wait("the weights") { $0.contains("loaded ") }
        try last.send("q")
        #expect(last.end() == 0)
    }

    /// 200 by hand: LAYERCAKE_KILLS=200.
    @Test("killed at any moment, the one kept last or the one before is whole")
    func killed() throws {
        let kills = Int(ProcessInfo.processInfo.environment["LAYERCAKE_KILLS"] ?? "") ?? 6
        var random = SystemRandomNumberGenerator()
        var epochs: [Int] = []
        for _ in 0..<kills {
            let before = Set(folder.experiments().map(\.path))
            let terminal = try start(["digits-mlp"], keepSeconds: 0.02)
            // Reads on meanwhile: a program whose terminal is full stands still.
            try terminal.wait("the experiment to be kept") { _ in Set(folder.experiments().map(\.path)) != before }
            usleep(UInt32.random(in: 0..<150_000, using: &random))
            terminal.signal(SIGKILL)
            _ = terminal.end()
            // Each file there is whole: its own, and those of the ones before.
            let all = folder.experiments()
            #expect(!all.isEmpty && all.allSatisfy { !$0.isOpen })
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(files.count { $0.hasSuffix(".safetensors") && !$0.hasPrefix(".") } == all.count)
            let source = try ExperimentSource.open(all[0].path)
            let trainer = try Trainer(source.experiment, directory: source.directory)
            try trainer.restore(Checkpoint(readingFrom: try #require(source.weights)))
            #expect(trainer.procedure.epoch == all[0].epoch)
            epochs.append(all[0].epoch)
        }
        #expect(epochs.count == kills)
    }
}
