#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Compiled programs in `$XDG_CACHE_HOME/layercake/opencl` (`~/.cache` where that is not set): one file for each source,
/// device and driver. A folder that cannot be written costs nothing but the compiler's time.
enum ProgramCache {
    /// FNV-1a, 64 bits, of all that a binary depends on.
    static func key(source: String, options: String, device: OpenCLDevice) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        let parts = [
            source, options, device.name, device.vendor, device.platform, device.driver, device.version,
            "\(device.computeUnits)",
        ]
        for part in parts {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        return hash
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

    static func read(_ key: UInt64) -> [UInt8]? {
        guard let path = path(key), let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        guard fseek(file, 0, SEEK_END) == 0, case let size = ftell(file), size > 0 else { return nil }
        rewind(file)
        var bytes = [UInt8](repeating: 0, count: size)
        return fread(&bytes, 1, size, file) == size ? bytes : nil
    }

    /// Writes beside the file and renames, so that another process never reads half of it.
    static func write(_ bytes: [UInt8], _ key: UInt64) {
        guard let folder, let path = path(key) else { return }
        makeFolder(folder)
        let draft = "\(path).\(getpid())"
        guard let file = fopen(draft, "wb") else { return }
        let isWhole = fwrite(bytes, 1, bytes.count, file) == bytes.count
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
