import FoundationEssentials
import TerminalKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a plot is printed as text: a terminal, whose width and colours it has, or a file.
enum PlotTarget {
    case output
    /// Beside an object on standard output.
    case error

    private var descriptor: Int32 { self == .output ? STDOUT_FILENO : StandardError.descriptor }
    private var isTerminal: Bool { isatty(descriptor) == 1 }

    /// As wide as the terminal, within what reads well; 80 elsewhere.
    var width: Int { terminalWidth(descriptor).map { min(max($0 - 1, 40), 120) } ?? 80 }

    /// The capabilities for plots; colours on a terminal alone.
    var capabilities: Capabilities {
        Capabilities.detect(
            environment: { ProcessInfo.processInfo.environment[$0] }, isUTF8: localeIsUTF8(), description: nil,
            colors: isTerminal ? nil : Capabilities.Colors.none)
    }

    /// - Parameter spaced: behind an empty line.
    func print(_ sheet: Canvas, spaced: Bool = false) {
        var text: String
        if isTerminal {
            text = Painter.lines(sheet, capabilities: capabilities).joined(separator: "\n")
        } else {
            text = Output.shown(sheet.lines.joined(separator: "\n"))
        }
        if spaced { text = "\n" + text }
        switch self {
        case .output: Swift.print(text)
        case .error: Output.writeControls(text + "\n")
        }
    }
}
