import Engine

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What can be read but once: standard input ("-") and pipes, which shells write as `<(command)`. The bytes are kept
/// for the program's life, so that an experiment can be opened and trained from them.
public enum ReadOnce {
    private static let contents = Mutex<[String: [UInt8]]>([:])
    private static let limit = 1 << 30

    /// The bytes of "-" and of what is no regular file; nil for a file that can be read again.
    /// - Parameters:
    ///   - name: what messages call it.
    ///   - loading: is asked between two reads whether anybody still waits.
    static func bytes(of path: String, name: String, loading: Loading? = nil) throws(DataError) -> [UInt8]? {
        if let bytes = contents.withLock({ $0[path] }) { return bytes }
        var descriptor: Int32 = 0
        if path != "-" {
            var status = stat()
            guard stat(path, &status) == 0 else { throw mistake(name, path: path, code: errno) }
            if status.st_mode & S_IFMT == S_IFREG { return nil }
            if status.st_mode & S_IFMT == S_IFDIR { throw mistake(name, path: path, code: EISDIR) }
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw mistake(name, path: path, code: errno) }
        }
        defer { if descriptor > 0 { close(descriptor) } }
        var bytes: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
        defer { chunk.deallocate() }
        while true {
            try loading?.report(0)
            let count = try read(descriptor, into: chunk, name: name)
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw DataError(.malformed, place: name, message: "is larger than 1 GiB; read it from a file")
            }
        }
        contents.withLock { $0[path] = bytes }
        return bytes
    }

    /// What was read from `path` and is kept; nil for files, which lie where they are.
    public static func kept(_ path: String) -> [UInt8]? { contents.withLock { $0[path] } }

    static func read(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, name: String
    ) throws(DataError) -> Int {
        while true {
            #if canImport(Glibc)
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            #else
                let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
            #endif
            if count >= 0 { return count }
            if errno != EINTR { throw mistake(name, path: name, code: errno) }
        }
    }

    /// - Parameter path: where it was looked for.
    static func mistake(_ name: String, path: String, code: Int32) -> DataError {
        let reason =
            switch code {
            case ENOENT, ENOTDIR: "there is no such file" + (path == name ? "" : " (looked for \(quoted(path)))")
            case EISDIR: "is a folder; expected a file"
            case EACCES: "may not be read (permission denied)"
            default: "cannot be read: \(String(cString: strerror(code)))"
            }
        return DataError(.missing, place: name, message: reason)
    }
}
