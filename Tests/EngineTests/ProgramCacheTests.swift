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
}
