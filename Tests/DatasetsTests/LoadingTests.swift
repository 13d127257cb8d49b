import Engine
import Foundation
import Testing

@testable import Datasets

struct LoadingTests {
    private func prepareTable(rows: Int, loading: Loading) throws -> PreparedData {
        let path = FileManager.default.temporaryDirectory.appending(path: "layercake-loading-\(UUID().uuidString).csv")
        let text = "a,b,kind\n" + (0..<rows).map { "\($0),1,\($0 % 2 == 0 ? "x" : "y")\n" }.joined()
        try Data(text.utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        return try prepare(
            DataDescription(dataset: Choice("csv", ["file": .text(path.path)])), features: [], directory: nil,
            loading: loading)
    }

    @Test("the reading of a table says how far it is")
    func progress() throws {
        let loading = Loading()
        #expect(loading.fraction == 0)
        _ = try prepareTable(rows: 20_000, loading: loading)
        #expect(loading.fraction > 0.5 && loading.fraction <= 1)
    }

    /// A link of an unused name to something that the process has open.
    private func link(to path: String) throws -> String {
        let link = FileManager.default.temporaryDirectory.appending(path: "layercake-link-\(UUID().uuidString)").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        return link
    }

    private func text(_ path: String, _ loading: Loading? = nil) throws -> String {
        String(decoding: try ReadOnce.bytes(of: path, name: "stream", loading: loading) ?? [], as: UTF8.self)
    }

    @Test("a pipe whose reading is cancelled loses nothing, and ends without its writer")
    func cancelledPipe() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let path = try link(to: "/proc/self/fd/\(ends[0])")
        defer {
            close(ends[0])
            unlink(path)
        }
        #expect(write(ends[1], "a,b\n1,", 6) == 6)
        let loading = Loading()
        let first = _Concurrency.Task.detached { try text(path, loading) }
        var unread: Int32 = 1
        repeat {
            try #require(ioctl(ends[0], UInt(FIONREAD), &unread) == 0)
            await _Concurrency.Task.yield()
        } while unread > 0
        loading.cancel()
        let error = await #expect(throws: DataError.self) { try await first.value }
        #expect(error?.kind == .cancelled && ReadOnce.kept(path) == nil)
        #expect(write(ends[1], "2\n", 2) == 2)
        close(ends[1])
        #expect(try text(path) == "a,b\n1,2\n")
        #expect(ReadOnce.kept(path)?.count == 8)
    }

    @Test("a terminal is no table")
    func terminal() throws {
        let keyboard = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        try #require(keyboard >= 0, "the system gives no pseudo-terminal")
        defer { close(keyboard) }
        // TIOCSPTLCK and TIOCGPTN.
        var (lock, number): (Int32, Int32) = (0, 0)
        try #require(ioctl(keyboard, 0x4004_5431, &lock) == 0 && ioctl(keyboard, 0x8004_5430, &number) == 0)
        let path = "/dev/pts/\(number)"
        let other = open(path, O_RDWR | O_NOCTTY)
        defer { close(other) }
        #expect(write(keyboard, "a,b\n1,2\n\u{4}", 9) == 9)
        let error = #expect(throws: DataError.self) { try text(path) }
        #expect(error?.place == "stream" && error?.message.contains("is a terminal") == true)
    }

    @Test("a cancelled reading ends with an error of its own kind")
    func cancelled() {
        let loading = Loading()
        loading.cancel()
        let error = #expect(throws: DataError.self) { try prepareTable(rows: 20_000, loading: loading) }
        #expect(error?.kind == .cancelled)
    }
}
