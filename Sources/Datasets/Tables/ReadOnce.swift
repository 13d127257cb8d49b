import Engine

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Streams, which can be read but once: standard input ("-") and pipes, which shells write as `<(command)`. The bytes
/// are kept for the program's life, so that an experiment can be opened and trained from them.
public enum ReadOnce {
    private static let contents = Mutex<[String: [UInt8]]>([:])
    /// By path, from the first reading on.
    private static let streams = Mutex<[String: Stream]>([:])
    private static let limit = 1 << 30

    /// The bytes of "-" and of what is no regular file; nil for a file that can be read again. A cancelled reading loses
    /// nothing: the next one goes on where it ended.
    /// - Parameters:
    ///   - name: the stream's name in messages.
    ///   - loading: is asked between two reads whether anybody still waits.
    static func bytes(of path: String, name: String, loading: Loading? = nil) throws(DataError) -> [UInt8]? {
        if let bytes = kept(path) { return bytes }
        if path != "-" {
            var status = stat()
            guard stat(path, &status) == 0 else { throw mistake(name, path: path, code: errno) }
            if status.st_mode & S_IFMT == S_IFREG { return nil }
            if status.st_mode & S_IFMT == S_IFDIR { throw mistake(name, path: path, code: EISDIR) }
        }
        let stream = streams.withLock { streams in
            let stream = streams[path] ?? Stream(path)
            streams[path] = stream
            return stream
        }
        while true {
            try loading?.check()
            if let bytes = try stream.readOn(name: name) {
                contents.withLock { $0[path] = bytes }
                return bytes
            }
        }
    }

    /// The bytes of the stream at `path` if it was read to its end; nil for files, which lie where they are.
    public static func kept(_ path: String) -> [UInt8]? { contents.withLock { $0[path] } }

    /// One stream and the bytes read so far, shared by all who wait for its end.
    private final class Stream: Sendable {
        private struct State {
            var descriptor: Int32?
            var bytes: [UInt8] = []
            var isWhole = false
        }

        private let path: String
        private let state = Mutex(State())
        /// The longest wait for a piece, in milliseconds: a cancelled reading ends within it.
        private static let longestWait: Int32 = 50

        init(_ path: String) { self.path = path }

        /// Reads the next piece, or waits for it a short time.
        /// - Returns: all bytes at the end of the stream; nil before.
        func readOn(name: String) throws(DataError) -> [UInt8]? {
            try state.withLock { state throws(DataError) in
                if state.isWhole { return state.bytes }
                if state.descriptor == nil { state.descriptor = try opened(name) }
                guard let descriptor = state.descriptor else { return nil }
                var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                guard poll(&waiting, 1, Self.longestWait) > 0 else { return nil }
                let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
                defer { piece.deallocate() }
                let count = try ReadOnce.read(descriptor, into: piece, name: name)
                state.bytes += piece[..<count]
                guard state.bytes.count <= limit else {
                    throw DataError(.malformed, place: name, message: "is larger than 1 GiB; read it from a file")
                }
                guard count == 0 else { return nil }
                if descriptor > 0 { close(descriptor) }
                state.isWhole = true
                return state.bytes
            }
        }

        /// The descriptor of the stream, which is no terminal: its keys are the playground's.
        private func opened(_ name: String) throws(DataError) -> Int32 {
            var descriptor: Int32 = 0
            if path != "-" {
                // Opening a named pipe does not wait for its writer: `poll` does, and can be cancelled.
                #if canImport(Glibc)
                    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
                #else
                    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
                #endif
                guard descriptor >= 0 else { throw mistake(name, path: path, code: errno) }
                _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
            }
            guard isatty(descriptor) == 0 else {
                if descriptor > 0 { close(descriptor) }
                throw DataError(
                    .missing, place: name,
                    message: "is a terminal; expected a table from a file or a pipe, as in “layercake - < table.csv”")
            }
            return descriptor
        }
    }

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
