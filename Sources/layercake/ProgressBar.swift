import Basics
import TerminalKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How much of a long run is done, for standard error.
enum ProgressBar {
    /// Writes a line over the one before, on standard error; what does not fit the terminal's width is left out.
    static func show(_ line: String) {
        clear()
        Output.writeError(String(line.prefix((terminalWidth(StandardError.descriptor) ?? 80) - 1)))
    }

    /// Takes the line away.
    static func clear() { Output.writeControls("\r\u{1B}[K") }

    /// "[######------------------]  25 %".
    static func text(_ fraction: Double) -> String {
        let width = 24
        let share = min(max(fraction.isFinite ? fraction : 0, 0), 1)
        let filled = Int(bounded: share * Double(width))
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
        let percent = String(Int(bounded: share * 100))
        return "[\(bar)] " + String(repeating: " ", count: 3 - percent.count) + percent + " %"
    }
}

/// The columns of the terminal behind a descriptor; nil where it is none.
func terminalWidth(_ descriptor: Int32) -> Int? {
    var size = winsize()
    return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1 ? Int(size.ws_col) : nil
}
