import Session
import TerminalKit
import Basics

#if canImport(Glibc)
    // `stdout` is a variable there.
    @preconcurrency import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The one place where the program writes. What came from outside steers no terminal, and where the locale has ASCII
/// alone nothing else is written.
enum Output {
    private static let isASCII = !localeIsUTF8()

    /// Text as it may be written.
    static func shown(_ text: String) -> String {
        let lines = visibleLines(text)
        return isASCII ? asciiText(lines) : lines
    }

    /// JSON, whose texts have escapes for what must not be seen already; others stand for what the locale has not.
    static func shown(json text: String) -> String {
        guard isASCII else { return text }
        return text.utf16.map { unit in
            if unit < 0x80 { return String(Unicode.Scalar(UInt8(unit))) }
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }

    /// Prints whole rows of a table: as they are for a file or a program, as text on a terminal.
    static func print(table bytes: [UInt8]) throws(ExperimentError) {
        if isatty(STDOUT_FILENO) == 1 {
            Swift.print(shown(String(decoding: bytes, as: UTF8.self)), terminator: "")
        } else if fwrite(bytes, 1, bytes.count, stdout) < bytes.count {
            // Nobody waits for the rest of what cannot be written.
            try Failure.flushOutput()
        }
    }

    /// Prints a screen whose control sequences, if there are any, are our own.
    static func print(picture bytes: [UInt8]) { fwrite(bytes, 1, bytes.count, stdout) }

    /// Hands what was printed over at once.
    static func flush() { fflush(stdout) }

    /// Writes text to standard error.
    static func writeError(_ text: String) { writeControls(shown(text)) }

    /// Writes to standard error what may hold control sequences of our own, and holds no others.
    static func writeControls(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(StandardError.descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}

/// Prints text, in place of Swift's own function.
func print(_ text: String, terminator: String = "\n") { Swift.print(Output.shown(text), terminator: terminator) }

/// Prints JSON.
func print(json text: String, terminator: String = "\n") {
    Swift.print(Output.shown(json: text), terminator: terminator)
}
