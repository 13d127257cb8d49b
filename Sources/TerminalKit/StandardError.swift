import CTerminal

/// Called first by a program, before it has other threads: a crash restores the terminal, a file that grows beyond the
/// system's limit is an error and not the end, and what libraries write to standard error is kept aside.
public func beginProgram() { program_begin() }

/// The words of the command line behind the program's name, where there is no /proc too.
public var programArguments: [String] {
    let count = program_argument_count()
    guard count > 0 else { return Array(CommandLine.arguments.dropFirst()) }
    return (1..<max(1, count)).map { String(cString: program_argument($0)) }
}

/// Called after a library may have taken the signals of crashes for itself.
public func guardProgram() { program_guard() }

/// Whether the locale's characters are UTF-8; else only ASCII can be shown.
public func localeIsUTF8() -> Bool { terminal_use_locale() == 1 }

/// Standard error after `beginProgram`: the program's own messages go to `descriptor`, and what libraries write is kept.
/// It comes out by itself where the program crashes, or a library ends it.
public enum StandardError {
    public static var descriptor: Int32 { errors_descriptor() }

    /// The text that libraries wrote until now.
    public static var kept: String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = Int(errors_read(Int64(bytes.count), &chunk, chunk.count)), count > 0 {
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The program ends as it should: what was kept does not come out.
    public static func drop() { errors_drop() }
}
