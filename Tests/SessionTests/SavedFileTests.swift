import FoundationEssentials
import Testing

@testable import Session

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Saving keeps what was there")
struct SavedFileTests {
    private let temporary: TemporaryFolder
    private var folder: String { temporary.path }

    init() throws { temporary = try TemporaryFolder() }

    private func path(_ name: String) -> String { temporary.file(name) }

    private func put(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path(name)))
    }

    private func text(_ name: String) -> String? {
        FileManager.default.contents(atPath: path(name)).map { String(decoding: $0, as: UTF8.self) }
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
    }

    private func status(_ name: String) throws -> stat {
        var status = stat()
        try #require(lstat(path(name), &status) == 0)
        return status
    }

    @Test("A file gets the new content whole, and nothing else stays in the folder")
    func replaces() throws {
        try SavedFile.write("first", to: path("a.json"))
        #expect(text("a.json") == "first")
        try SavedFile.write("second, longer", to: path("a.json"))
        try SavedFile.write("3", to: path("a.json"))
        #expect(try text("a.json") == "3" && names == ["a.json"])
    }

    @Test("A file keeps its mode", arguments: [0o600, 0o640, 0o644, 0o755] as [mode_t])
    func mode(_ mode: mode_t) throws {
        try put("old", "a")
        chmod(path("a"), mode)
        try SavedFile.write("new", to: path("a"))
        #expect(try status("a").st_mode & 0o7777 == mode && text("a") == "new")
    }

    @Test("A symbolic link stays, and the file that it leads to is replaced, wherever that is")
    func links() throws {
        try FileManager.default.createDirectory(atPath: path("inner"), withIntermediateDirectories: true)
        try put("old", "inner/target")
        #expect(symlink("inner/target", path("relative")) == 0)
        #expect(symlink(path("relative"), path("chain")) == 0)
        try SavedFile.write("new", to: path("chain"))
        #expect(text("inner/target") == "new")
        #expect(try status("chain").st_mode & S_IFMT == S_IFLNK && status("relative").st_mode & S_IFMT == S_IFLNK)
        // A link to a file that is not there yet makes it.
        #expect(symlink("inner/later", path("dangling")) == 0)
        try SavedFile.write("made", to: path("dangling"))
        #expect(try text("inner/later") == "made" && status("dangling").st_mode & S_IFMT == S_IFLNK)
        #expect(try names == ["chain", "dangling", "inner", "relative"])
    }

    @Test("A pipe is written through and stays one; without a reader it is an error and no wait")
    func pipe() throws {
        #expect(mkfifo(path("pipe"), 0o600) == 0)
        let alone = #expect(throws: ExperimentError.self) { try SavedFile.write("x", to: path("pipe")) }
        #expect(alone?.kind == .unwritable && alone?.message.contains("nobody reads") == true)
        let reader = open(path("pipe"), O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        try SavedFile.write("through", to: path("pipe"))
        var bytes = [UInt8](repeating: 0, count: 20)
        #expect(read(reader, &bytes, 20) == 7 && String(decoding: bytes[..<7], as: UTF8.self) == "through")
        #expect(try status("pipe").st_mode & S_IFMT == S_IFIFO && names == ["pipe"])
    }

    @Test("What a killed program left is taken over, whatever it is; the file beside it is not touched before")
    func left() throws {
        let draft = SavedFile.draft(of: path("a.safetensors"))
        #expect(draft == path(".a.safetensors.part"))
        for kind in ["file", "link", "pipe"] {
            try put("victim", "other")
            switch kind {
            case "file": try put("half of an old one, much longer than what follows", ".a.safetensors.part")
            case "link": #expect(symlink("other", draft) == 0)
            default: #expect(mkfifo(draft, 0o600) == 0)
            }
            try SavedFile.write("whole", to: path("a.safetensors"))
            #expect([text("a.safetensors"), text("other")] == ["whole", "victim"], "\(kind)")
            #expect(try names == ["a.safetensors", "other"], "\(kind)")
        }
    }

    @Test("Many that save the same file at once leave one of their texts, whole")
    func atOnce() async throws {
        let path = path("shared")
        await withTaskGroup { group in
            for writer in 0..<8 {
                group.addTask {
                    for _ in 0..<20 {
                        try? SavedFile.write(String(repeating: "\(writer)", count: 5000 + writer), to: path)
                    }
                }
            }
        }
        let found = try #require(text("shared"))
        let first = try #require(found.first?.wholeNumberValue)
        #expect(found == String(repeating: "\(first)", count: 5000 + first))
        #expect(try names == ["shared"])
    }

    @Test("What cannot be saved to is named with the reason, and stays as it is")
    func refused() throws {
        try FileManager.default.createDirectory(atPath: path("folder"), withIntermediateDirectories: true)
        #expect(symlink("b", path("a")) == 0 && symlink("a", path("b")) == 0)
        let long = String(repeating: "n", count: 300)
        let cases = [
            ("", "found “”"), (path("folder"), "is a folder"), (path("none/x"), "no such folder"),
            (path("a"), "in a circle"), (path(long), "too long"), (path("new/"), "folder"),
        ]
        for (path, part) in cases {
            let checked = #expect(throws: ExperimentError.self) { try SavedFile.check(path) }
            let written = #expect(throws: ExperimentError.self) { try SavedFile.write("x", to: path) }
            for error in [checked, written] {
                #expect(error?.kind == .unwritable && error?.message.contains(part) == true, "\(path): \(error!)")
                #expect(error?.place.isEmpty == false)
            }
        }
        #expect(try names == ["a", "b", "folder"])
    }

    @Test("A name of the greatest length is saved")
    func longest() throws {
        let name = String(repeating: "ö", count: 127)
        try SavedFile.write("x", to: path(name))
        #expect(try text(name) == "x" && names == [name])
    }
}
