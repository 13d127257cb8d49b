import Foundation
import Testing

@Suite("Files that are there")
struct OverwritingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(
        "no command writes over a file with something in it unless it is told to",
        arguments: [
            ["show", "xor", "--output", "x.txt"], ["export", "xor", "--format", "dot", "--output", "x.dot"],
            ["train", "xor", "--epochs", "1", "--save", "x.safetensors"],
            ["train", "xor", "--epochs", "1", "--history", "x.csv"],
            ["predict", "w.safetensors", "t.csv", "--output", "x.csv"],
        ])
    func kept(command: [String]) throws {
        let weights = folder.path("w.safetensors")
        if command[0] == "predict" {
            _ = try Program.run(["train", "xor", "--epochs", "1", "--save", weights])
            try "x1,x2\n1,2\n".write(toFile: folder.path("t.csv"), atomically: true, encoding: .utf8)
        }
        let file = folder.path(try #require(command.last))
        let arguments = command.map {
            $0.hasPrefix("x.") || $0.hasPrefix("w.") || $0.hasPrefix("t.") ? folder.path($0) : $0
        }
        try "mine".write(toFile: file, atomically: true, encoding: .utf8)
        let refused = try Program.run(arguments)
        #expect(refused.status == 74 && refused.errors.contains("--force"), "\(refused.errors)")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
        let forced = try Program.run(arguments + ["--force"])
        #expect(forced.status == 0, "\(forced.errors)")
        #expect(try Data(contentsOf: URL(filePath: file)) != Data("mine".utf8))
        // An empty file, as mktemp makes one, has nothing to lose.
        try Data().write(to: URL(filePath: file))
        #expect(try Program.run(arguments).status == 0)
    }

    @Test("weights that training goes on from may become those after it")
    func goingOn() throws {
        let weights = folder.path("w.safetensors")
        let train = ["train", "xor", "--epochs", "1", "--save", weights]
        #expect(try Program.run(train).status == 0)
        #expect(try Program.run(train).status == 74)
        #expect(try Program.run(train + ["--load", weights]).status == 0)
        #expect(try Program.run(["train", weights, "--epochs", "1", "--save", weights]).status == 0)
    }
}
