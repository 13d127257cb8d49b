import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The few things that saving needs of the file system.
enum Files {
    /// The path that is meant by a text that was typed, pasted, or dragged into the window: in quotes, with a shell's
    /// backslashes, or as a file:// URL; "~" is the home folder. A link or a name stays as it is.
    static func path(from text: String) -> String {
        let text = text.trimmed
        for quote in ["'", "\""] where text.count > 1 && text.hasPrefix(quote) && text.hasSuffix(quote) {
            return path(from: String(text.dropFirst().dropLast()))
        }
        if text.hasPrefix("file://") {
            let rest = text.dropFirst("file://".count)
            // A host may stand before the path; it is this computer.
            return String(decoding: unescaped(rest.drop { $0 != "/" }, "%"), as: UTF8.self)
        }
        guard text.contains("\\"), !FilePath.exists(FilePath.expanded(text)) else { return FilePath.expanded(text) }
        return FilePath.expanded(String(decoding: unescaped(text[...], "\\"), as: UTF8.self))
    }

    /// Bytes without escapes: `%` takes two hexadecimal digits, a backslash the next byte as it is.
    private static func unescaped(_ text: Substring, _ mark: Character) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte != mark.asciiValue! {
                bytes.append(byte)
            } else if mark == "%" {
                if let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 {
                    bytes.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte)
                }
            } else if let next = rest.popFirst() {
                bytes.append(next)
            }
        }
        return bytes
    }

    /// The names in a folder, sorted, those of folders with a slash after them; none where it cannot be read.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder.isEmpty ? "." : folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            var status = stat()
            let isFolder = stat("\(folder)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            names.append(isFolder ? name + "/" : name)
        }
        return names.sorted()
    }

    static func environment(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }

    static var configurationFile: String? {
        if let folder = environment("XDG_CONFIG_HOME"), folder.hasPrefix("/") {
            return folder + "/layercake/config.json"
        }
        return environment("HOME").map { $0 + "/.config/layercake/config.json" }
    }
}
