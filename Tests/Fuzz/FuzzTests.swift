import Engine
import Foundation
import Testing
import Basics

/// Input from outside, changed at random, ends in a result or in an error in words: never in a trap, a wrong place
/// or a control character on the terminal.
///
/// A small run is part of the tests; `LAYERCAKE_FUZZ=100000 swift test --filter Fuzz` is the long one, and
/// `LAYERCAKE_FUZZ_SEED` gives it another beginning. Before each input is tried it is written to
/// `layercake-fuzz-input` in a folder of this process in `/dev/shm`, else in the temporary folder, with its number and kind
/// beside it in `layercake-fuzz-input.txt`: when the process dies, they are what killed it. `LAYERCAKE_FUZZ_INPUT=FILE LAYERCAKE_FUZZ_KIND=KIND` tries one input.
struct FuzzTests {
    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    /// In memory where there is such a folder: the inputs are many.
    private let folder: String

    init() throws {
        let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : FileManager.default.temporaryDirectory.path
        folder = "\(place)/layercake-fuzz-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// The longest that one input may take, in seconds of this thread's own time.
    private static let longest = 20.0

    @Test("inputs changed at random are read or refused in words")
    func mutations() throws {
        let count = Self.number("LAYERCAKE_FUZZ") ?? 1800
        let first = UInt64(Self.number("LAYERCAKE_FUZZ_SEED") ?? 1)
        let kinds = try FuzzKind.all(in: folder)
        if let path = ProcessInfo.processInfo.environment["LAYERCAKE_FUZZ_INPUT"] {
            let name = ProcessInfo.processInfo.environment["LAYERCAKE_FUZZ_KIND"] ?? ""
            let kind = try #require(kinds.first { $0.name == name }, "LAYERCAKE_FUZZ_KIND: \(kinds.map(\.name))")
            let bytes = try Array(Data(contentsOf: URL(filePath: path)))
            attempt(kind, bytes, path)
            return
        }
        var outcomes: [String: [Int]] = [:]
        var slowest = (seconds: 0.0, label: "")
        for index in 0..<count {
            let kind = kinds[index % kinds.count]
            var mutator = Mutator(seed: first &+ UInt64(index))
            let seed = kind.seeds[Int(mutator.random.uniform() * Double(kind.seeds.count))]
            // Every seed itself is tried once.
            let untouched = index / kinds.count
            let bytes =
                untouched < kind.seeds.count
                ? kind.seeds[untouched] : mutator.mutated(seed, others: kind.seeds, tokens: kind.tokens)
            let label = "\(kind.name), input \(index), seed \(first)"
            try writeFile(bytes, to: folder + "/layercake-fuzz-input")
            try writeFile(Array("\(label)\n".utf8), to: folder + "/layercake-fuzz-input.txt")
            let start = Self.threadSeconds
            let isAccepted = attempt(kind, bytes, label)
            let seconds = Self.threadSeconds - start
            outcomes[kind.name, default: [0, 0]][isAccepted ? 0 : 1] += 1
            if seconds > slowest.seconds { slowest = (seconds, label) }
            #expect(seconds < Self.longest, "\(label) takes \(seconds) s: \(folder)/layercake-fuzz-input")
        }
        try FileManager.default.removeItem(atPath: folder)
        if Self.number("LAYERCAKE_FUZZ") != nil {
            for (kind, counts) in outcomes.sorted(by: { $0.key < $1.key }) {
                print("\(kind): \(counts[0]) read, \(counts[1]) refused")
            }
            print("slowest: \(slowest.seconds) s, \(slowest.label)")
        }
    }

    /// - Returns: whether it was read.
    @discardableResult
    private func attempt(_ kind: FuzzKind, _ bytes: [UInt8], _ label: String) -> Bool {
        do {
            try kind.run(bytes)
            return true
        } catch let failure as FuzzFailure {
            Issue.record(
                "\(label): \(failure.words)\n\(visibleLines(String(decoding: bytes.prefix(2000), as: UTF8.self)))")
        } catch {
            let words = "\(error)"
            #expect(
                !words.isEmpty && words.unicodeScalars.allSatisfy { visible($0) == $0 },
                "\(label): \(visibleText(words))")
            #expect(words.unicodeScalars.count < 2000, "\(label): the message is \(words.unicodeScalars.count) long")
            if let file = kind.file { #expect(words.contains(file), "\(label): the file is not named: \(words)") }
        }
        return false
    }

    private static var threadSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }
}

/// Writes a file and waits for no disk: it is there for whoever looks after this process has died.
func writeFile(_ bytes: [UInt8], to path: String) throws {
    guard let file = fopen(path, "w") else { throw CocoaError(.fileWriteUnknown) }
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count else { throw CocoaError(.fileWriteUnknown) }
}

/// Something that was read came out wrong.
struct FuzzFailure: Error {
    var words: String
}
