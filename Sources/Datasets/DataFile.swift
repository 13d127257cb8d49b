#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Reading a whole data file, which may be a pipe.
enum DataFile {
    /// - Parameters:
    ///   - name: the file as the experiment names it, for errors.
    ///   - loading: is asked between two reads whether anybody still waits.
    static func read(_ path: String, name: String, loading: Loading?) throws(DataError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw missing(path, name) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            try loading?.report(0)
            let count = systemRead(descriptor, &chunk)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw missing(path, name) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    private static func systemRead(_ descriptor: Int32, _ chunk: inout [UInt8]) -> Int {
        chunk.withUnsafeMutableBytes { buffer in
            #if canImport(Darwin)
                Darwin.read(descriptor, buffer.baseAddress, buffer.count)
            #else
                Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            #endif
        }
    }

    private static func missing(_ path: String, _ name: String) -> DataError {
        DataError(
            .missing, place: name, message: "this data file is not there or cannot be read (looked for \(path))")
    }
}
