import Foundation
import Testing

@Suite("layercake show")
struct ShowProgramTests {
    @Test("draws a trained screen as text, with colours, as SVG and as PNG, the same each time")
    func formats() throws {
        let folder = try TemporaryFolder()
        let plain = try Program.run(["show", "xor", "--epochs", "5", "--size", "80x24"])
        #expect(plain.status == 0 && plain.errors.isEmpty, "\(plain.errors)")
        #expect(plain.output.split(separator: "\n", omittingEmptySubsequences: false).count == 25)
        #expect(plain.output.contains(#/epoch +5\b/#))
        let colored = try Program.run(["show", "xor", "--epochs", "5", "--size", "80x24", "--format", "ansi"])
        #expect(colored.output.contains("\u{1B}[") && colored.status == 0)
        for ending in ["txt", "ansi", "svg", "png"] {
            let paths = ["one", "two"].map { folder.path("\($0).\(ending)") }
            for path in paths {
                let result = try Program.run(
                    ["show", "circle", "--epochs", "3", "--panel", "output", "--size", "60x20", "--output", path])
                #expect(result.status == 0 && result.output.isEmpty, "\(result.errors)")
            }
            let files = try paths.map { try Data(contentsOf: URL(filePath: $0)) }
            #expect(files[0] == files[1] && files[0].count > 500, "\(ending)")
        }
    }

    @Test("mistakes are said before anything is trained")
    func mistakes() throws {
        for (arguments, status, words) in [
            (["--size", "10x10"], 64, "--size: expected from 60x18"),
            (["--format", "gif"], 64, "text, ansi, svg, png"),
            (["--format", "png"], 64, "--output: name a file"), (["--output", "a.gif"], 64, "--format"),
            (["--format", "png", "--output", "y.svg"], 64, "do not agree"),
            (["--panel", "nothing"], 64, "stack"), (["--keys", "nokey"], 64, "is no key"),
            (["--output", "/nowhere/a.png"], 74, "no such folder"),
        ] as [([String], Int32, String)] {
            let result = try Program.run(["show", "xor", "--epochs", "1"] + arguments)
            #expect(result.status == status && result.errors.contains(words), "\(arguments): \(result.errors)")
        }
    }
}
