import Testing

@testable import Basics

struct WordsTests {
    @Test(
        "bytes are told in the largest unit that keeps a digit before the point",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1520, "1.5 kB"), (9_960_000, "10 MB"), (999_600, "1 MB"),
            (62_000_000_000, "62 GB"), (Int.max, "9223372 TB"),
        ])
    func bytes(count: Int, words: String) { #expect(byteWords(count) == words) }

    @Test("a noun goes with its count")
    func counted() {
        #expect(plural(1, "row") == "1 row" && plural(0, "row") == "0 rows" && plural(1200, "row") == "1200 rows")
        #expect(plural(1, "class") == "1 class" && plural(2, "class") == "2 classes")
        #expect(formatCount(1, "step") == "1 step" && formatCount(1200, "step") == "1,200 steps")
        #expect(formatCount(3, "process") == "3 processes")
    }

    @Test("standard input has several names, and a path's parts are told without the file system")
    func paths() {
        #expect(FilePath.isStandardInput("-") && FilePath.isStandardInput("/dev/stdin"))
        #expect(!FilePath.isStandardInput("./-"))
        #expect(FilePath.directory("a") == "." && FilePath.directory("/a") == "/" && FilePath.directory("b/a") == "b")
        #expect(FilePath.name("b/a") == "a" && FilePath.expanded("~x") == "~x")
    }
}
