import Foundation
import Testing

@Suite("Random experiments against PyTorch", .enabled(if: PyTorch.python != nil, "PyTorch is not installed"))
struct DifferentialTests {
    @Test("twenty random experiments end with PyTorch's weights after twenty steps")
    func experiments() throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/differential.py").path
        let result = try Program.run(
            [script, "--count", "20", "--seed", "1", "--binary", Program.path],
            executable: try #require(PyTorch.python))
        #expect(result.status == 0, "\(result.output) \(result.errors)")
    }
}

private enum PyTorch {
    /// A Python that has PyTorch: the benchmarks' own, or the system's.
    static let python: String? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let candidates = [root.appending(path: "Benchmarks/.venv/bin/python").path, "/usr/bin/python3"]
        return candidates.first { candidate in
            FileManager.default.isExecutableFile(atPath: candidate)
                && (try? Program.run(["-c", "import torch"], executable: candidate).status) == 0
        }
    }()
}
