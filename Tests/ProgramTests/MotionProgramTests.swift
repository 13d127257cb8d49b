import Testing

@Suite("Slow motion in the program", .enabled(if: Tmux.isInstalled, "tmux is not installed"))
struct MotionProgramTests {
    @Test("the numbers of each sample that is chosen come to the screen while training stands still")
    func samples() throws {
        let terminal = try Tmux()
        try terminal.enter("clear; \(Program.path) circle --paused")
        try terminal.wait("the playground") { $0.contains("paused") && $0.contains("train 0.") }
        let keys = [
            ("I", "sample 1 of 10"), ("n", "sample 2 of 10"), ("n", "sample 3 of 10"), ("N", "sample 2 of 10"),
        ]
        for (key, words) in keys {
            try terminal.type(key)
            try terminal.wait(words) { $0.contains(words) && $0.contains("tanh of it") }
        }
        // The next update begins at the batch behind this one.
        try terminal.type("Enter")
        try terminal.wait("the step") { $0.contains("sample 2 of 10") && $0.contains("step         1") }
        try terminal.type("q")
    }
}
