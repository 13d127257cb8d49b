import Foundation
import Testing

@Suite("Files that are there")
struct OverwritingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(
        "pictures and exports replace no file with something in it unless they are told to",
        arguments: [
            ["show", "xor", "--output", "x.txt"], ["export", "xor", "--format", "dot", "--output", "x.dot"],
        ])
    func kept(command: [String]) throws {
        let file = folder.path(try #require(command.last))
        let arguments = Array(command.dropLast()) + [file]
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

    @Test("train and predict replace the files that they are told to write")
    func replaced() throws {
        let (weights, history) = (folder.path("w.safetensors"), folder.path("h.csv"))
        let (table, answers) = (folder.path("t.csv"), folder.path("a.csv"))
        try "x1,x2\n1,2\n".write(toFile: table, atomically: true, encoding: .utf8)
        for path in [weights, history, answers] {
            try "mine".write(toFile: path, atomically: true, encoding: .utf8)
        }
        let train = ["train", "xor", "--epochs", "1", "--save", weights, "--history", history]
        for _ in 0..<2 { #expect(try Program.run(train).status == 0) }
        #expect(try Program.run(["train", weights, "--epochs", "1", "--save", weights]).status == 0)
        #expect(try Program.run(["predict", weights, table, "--output", answers]).status == 0)
        for path in [weights, history, answers] {
            #expect(try Data(contentsOf: URL(filePath: path)) != Data("mine".utf8))
        }
    }
}
