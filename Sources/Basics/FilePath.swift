#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Paths as people write them.
public enum FilePath {
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// With the home folder in place of "~", as the shell reads it.
    public static func expanded(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/"), let home = getenv("HOME").map({ String(cString: $0) }), home != ""
        else { return path }
        return home + path.dropFirst()
    }

    /// Whether it is standard input: one stream under several names.
    public static func isStandardInput(_ path: String) -> Bool {
        ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].contains(path)
    }

    /// The folder that a path lies in.
    public static func directory(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part of a path.
    public static func name(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// From the root on.
    public static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }

    /// Makes a folder and those above it.
    public static func makeFolder(_ path: String) {
        var whole = ""
        for part in path.split(separator: "/") {
            whole += "/" + part
            mkdir(whole, 0o755)
        }
    }

    /// The folder for what the program keeps by itself: `$XDG_STATE_HOME/layercake`.
    public static var stateFolder: String? {
        func value(_ name: String) -> String? {
            guard let value = getenv(name), value.pointee != 0 else { return nil }
            return String(cString: value)
        }
        if let state = value("XDG_STATE_HOME"), state.hasPrefix("/") { return state + "/layercake" }
        return value("HOME").map { $0 + "/.local/state/layercake" }
    }
}
