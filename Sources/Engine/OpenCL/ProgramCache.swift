#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Compiled programs in `$XDG_CACHE_HOME/layercake/opencl` (`~/.cache` where that is not set), of drivers that do not
/// keep them there by themselves: one file for each source, device and driver. Those not used for longest go when the
/// folder grows too large. A folder that cannot be written costs nothing but the compiler's time.
enum ProgramCache {
    /// The largest size of the folder. A network that is edited leaves a program at every step of the way.
    private static let mostBytes = 64 << 20
    private static let mostFiles = 128

    /// The hash of all that a binary depends on.
    static func key(source: String, options: String, device: OpenCLDevice) -> UInt64 {
        let parts = [
            source, options, device.name, device.vendor, device.platform, device.driver, device.version,
            "\(device.computeUnits)",
        ]
        return stableHash(parts.flatMap { Array($0.utf8) + [0xFF] })
    }

    /// The folder; nil where there is neither `XDG_CACHE_HOME` nor `HOME`.
    static var folder: String? {
        func value(_ name: String) -> String? {
            getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        return (value("XDG_CACHE_HOME") ?? value("HOME").map { $0 + "/.cache" }).map { $0 + "/layercake/opencl" }
    }

    private static func path(_ key: UInt64) -> String? {
        folder.map { "\($0)/\(String(key, radix: 16)).bin" }
    }

    /// nil for a file that is damaged too, which drivers must not see: they trust what they are given.
    static func read(_ key: UInt64) -> [UInt8]? {
        guard let path = path(key), let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        guard fseek(file, 0, SEEK_END) == 0, case let size = ftell(file), size > 8, size <= mostBytes else {
            return nil
        }
        rewind(file)
        var bytes = [UInt8](repeating: 0, count: size)
        guard fread(&bytes, 1, size, file) == size else { return nil }
        let program = Array(bytes.dropFirst(8))
        guard Array(bytes.prefix(8)) == check(program) else { return nil }
        // The time of the last use, whatever the file system makes of reading.
        futimens(fileno(file), nil)
        return program
    }

    /// The header before a program in its file.
    private static func check(_ program: [UInt8]) -> [UInt8] {
        let sum = stableHash(program)
        return (0..<8).map { UInt8(truncatingIfNeeded: sum >> (8 * UInt64($0))) }
    }

    /// Writes beside the file and renames, so that another process never reads half of it.
    static func write(_ bytes: [UInt8], _ key: UInt64) {
        guard let folder, let path = path(key), bytes.count + 8 <= mostBytes else { return }
        makeFolder(folder)
        let draft = "\(path).\(getpid())"
        guard let file = fopen(draft, "wb") else { return }
        let checked = check(bytes) + bytes
        let isWhole = fwrite(checked, 1, checked.count, file) == checked.count && fflush(file) == 0
        fsync(fileno(file))
        guard fclose(file) == 0, isWhole, rename(draft, path) == 0 else {
            unlink(draft)
            return
        }
        trim(folder)
    }

    /// The folder, where it cannot be written or made.
    static var unwritableFolder: String? {
        guard let folder else { return nil }
        makeFolder(folder)
        return access(folder, W_OK) == 0 ? nil : folder
    }

    /// Every folder of the path that is missing.
    private static func makeFolder(_ path: String) {
        var parent = ""
        for part in path.split(separator: "/") {
            parent += "/" + part
            mkdir(parent, 0o700)
        }
    }

    // MARK: - The folder's size

    private struct File {
        var path: String
        var bytes: Int
        /// Seconds and nanoseconds.
        var lastUse: (Int, Int)
    }

    /// Deletes the files used least recently until the folder holds at most so many. Other processes may do the same
    /// at once; files that are not ours stay, and are not counted.
    static func trim(_ folder: String, toBytes mostBytes: Int = mostBytes, files mostFiles: Int = mostFiles) {
        let files = files(in: folder).sorted { $0.lastUse > $1.lastUse }
        var bytes = 0
        for (index, file) in files.enumerated() {
            bytes += file.bytes
            if index >= mostFiles || bytes > mostBytes { unlink(file.path) }
        }
    }

    /// Programs, and drafts of them that a process left when it ended.
    private static func files(in folder: String) -> [File] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var files: [File] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var status = stat()
            let path = "\(folder)/\(name)"
            guard isOurs(name), lstat(path, &status) == 0 else { continue }
            #if canImport(Darwin)
                let time = status.st_mtimespec
            #else
                let time = status.st_mtim
            #endif
            files.append(File(path: path, bytes: Int(status.st_size), lastUse: (time.tv_sec, time.tv_nsec)))
        }
        return files
    }

    /// A key in hexadecimal digits and `.bin`; a draft's number behind that.
    private static func isOurs(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return (2...3).contains(parts.count) && UInt64(parts[0], radix: 16) != nil && parts[1] == "bin"
            && (parts.count == 2 || UInt32(parts[2]) != nil)
    }
}
