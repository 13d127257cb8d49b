import Foundation
import Testing

@Suite("A random walk of the program")
struct WalkTests {
    @Test("two thousand random actions over all presets leave the program alive and the terminal in order")
    func walk() throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Walk/walk.py").path
        let result = try Program.run(
            ["python3", script, "--actions", "2000", "--seed", "1", "--binary", Program.path],
            executable: "/usr/bin/env")
        #expect(result.status == 0, "\(result.output) \(result.errors)")
        #expect(result.output.contains("2000 actions in "))
    }
}
