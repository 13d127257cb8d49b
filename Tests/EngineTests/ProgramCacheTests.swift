import Testing

@testable import Engine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Compiled programs on disk")
struct ProgramCacheTests {
    @Test("What was written is read again; a file that is cut or changed is not, for drivers trust what they are given")
    func damage() throws {
        guard let folder = ProgramCache.folder else { return }
        let key = UInt64.random(in: .min ... .max)
        let path = "\(folder)/\(String(key, radix: 16)).bin"
        defer { unlink(path) }
        let program = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        ProgramCache.write(program, key)
        // A folder that cannot be written keeps nothing.
        guard access(path, F_OK) == 0 else { return }
        #expect(ProgramCache.read(key) == program)
        let file = try #require(fopen(path, "r+b"))
        fseek(file, 2000, SEEK_SET)
        fputc(0xAB, file)
        fclose(file)
        #expect(ProgramCache.read(key) == nil)
        ProgramCache.write(program, key)
        for length in [4000, 8, 3, 0] {
            truncate(path, off_t(length))
            #expect(ProgramCache.read(key) == nil, "\(length) bytes")
        }
        #expect(ProgramCache.read(key &+ 1) == nil)
    }

    @Test("A program comes back from its file", .enabled(if: OpenCLSupport.isHere, OpenCLSupport.word))
    func program() throws {
        let number = Int32.random(in: 1...1_000_000)
        let source = "__kernel void fill(__global int *a) { a[get_global_id(0)] = \(number); }"
        let device = try #require(OpenCLSupport.device)
        let context = try OpenCLContext.shared(device)
        let key = ProgramCache.key(source: source, options: "", device: device)
        defer { if let folder = ProgramCache.folder { unlink("\(folder)/\(String(key, radix: 16)).bin") } }
        _ = try context.build(source, options: "", key: key)
        // A folder that cannot be written keeps nothing.
        guard ProgramCache.read(key) != nil else { return }
        // The source would not build: what works comes from the file.
        let kernel = try OpenCLKernel("fill", in: try context.build("no source", options: "", key: key), context)
        let queue = try OpenCLQueue(context)
        let buffer = try OpenCLBuffer(queue, zeros: 4)
        try kernel.set(0, buffer)
        try queue.run(kernel, global: [4], local: [1])
        var values = [Int32](repeating: 0, count: 4)
        try values.withUnsafeMutableBufferPointer { try queue.read(buffer, into: $0) }
        #expect(values == [number, number, number, number])
    }

    @Test("What was used least recently goes when the folder grows too large; foreign files stay")
    func trimming() throws {
        var template = Array("/tmp/layercake-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        defer { rmdir(folder) }
        /// Of 1000 bytes, last used at `second`.
        func make(_ name: String, _ second: Int) throws {
            let file = try #require(fopen("\(folder)/\(name)", "wb"))
            fwrite([UInt8](repeating: 1, count: 1000), 1, 1000, file)
            fclose(file)
            let time = timespec(tv_sec: 1_000_000 + second, tv_nsec: 0)
            utimensat(AT_FDCWD, "\(folder)/\(name)", [time, time], 0)
        }
        func remaining(_ names: [String]) -> [String] { names.filter { access("\(folder)/\($0)", F_OK) == 0 } }
        let programs = ["a1.bin", "b2.bin", "c3.bin", "ffffffffffffffff.bin", "0.bin"]
        let foreign = ["notes.txt", "a1.bin.old", "xyz.bin", "a1"]
        defer { for name in programs + foreign + ["d4.bin.77"] { unlink("\(folder)/\(name)") } }
        for name in foreign { try make(name, 0) }
        for (second, name) in programs.enumerated() { try make(name, second) }
        ProgramCache.trim(folder, toBytes: 5000, files: 5)
        #expect(remaining(programs) == programs, "as many as may be")
        // Used again: now the newest.
        try make("a1.bin", 9)
        ProgramCache.trim(folder, toBytes: 4999, files: 5)
        #expect(remaining(programs) == ["a1.bin", "c3.bin", "ffffffffffffffff.bin", "0.bin"])
        ProgramCache.trim(folder, toBytes: 5000, files: 2)
        #expect(remaining(programs) == ["a1.bin", "0.bin"])
        // A file left by a process that ended while it wrote.
        try make("d4.bin.77", 1)
        ProgramCache.trim(folder, toBytes: 5000, files: 2)
        #expect(remaining(programs + ["d4.bin.77"]) == ["a1.bin", "0.bin"])
        #expect(remaining(foreign) == foreign)
    }

    @Test("Reading a program is a use of it")
    func use() throws {
        guard let folder = ProgramCache.folder else { return }
        let key = UInt64.random(in: .min ... .max)
        let path = "\(folder)/\(String(key, radix: 16)).bin"
        defer { unlink(path) }
        ProgramCache.write([1, 2, 3], key)
        guard access(path, F_OK) == 0 else { return }
        let long = timespec(tv_sec: 1_000_000, tv_nsec: 0)
        utimensat(AT_FDCWD, path, [long, long], 0)
        #expect(ProgramCache.read(key) == [1, 2, 3])
        var status = stat()
        try #require(stat(path, &status) == 0)
        #if canImport(Darwin)
            #expect(status.st_mtimespec.tv_sec > 1_000_000)
        #else
            #expect(status.st_mtim.tv_sec > 1_000_000)
        #endif
    }
}
