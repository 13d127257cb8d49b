#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Compiled programs in `$XDG_CACHE_HOME/layercake/opencl` (`~/.cache` where that is not set): one file for each source,
/// device and driver. A folder that cannot be written costs nothing but the compiler's time.
enum ProgramCache {
    /// Larger files are no programs.
    private static let largest = 256 << 20

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
        guard fseek(file, 0, SEEK_END) == 0, case let size = ftell(file), size > 8, size < largest else { return nil }
        rewind(file)
        var bytes = [UInt8](repeating: 0, count: size)
        guard fread(&bytes, 1, size, file) == size else { return nil }
        let program = Array(bytes.dropFirst(8))
        return Array(bytes.prefix(8)) == check(program) ? program : nil
    }

    /// What stands before a program in its file.
    private static func check(_ program: [UInt8]) -> [UInt8] {
        let sum = stableHash(program)
        return (0..<8).map { UInt8(truncatingIfNeeded: sum >> (8 * UInt64($0))) }
    }

    /// Writes beside the file and renames, so that another process never reads half of it.
    static func write(_ bytes: [UInt8], _ key: UInt64) {
        guard let folder, let path = path(key) else { return }
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
    }

    /// Every folder of the path that is missing.
    private static func makeFolder(_ path: String) {
        var parent = ""
        for part in path.split(separator: "/") {
            parent += "/" + part
            mkdir(parent, 0o700)
        }
    }
}
