import ArgumentParser
import Datasets
import Engine
import Session
import TerminalKit
import Basics

#if canImport(Glibc)
    // `stdout` is a variable there.
    @preconcurrency import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The one place where an error becomes a line on standard error and an exit status.
enum Failure {
    /// Exit statuses as in <sysexits.h>.
    static let usage: Int32 = 64
    static let dataError: Int32 = 65
    static let noInput: Int32 = 66
    static let inputOutputError: Int32 = 74
    /// After Ctrl-C: 128 + SIGINT.
    static let interrupted: Int32 = 130

    /// Prints "layercake: place: message" and ends the program; what the argument parser throws (help, version and
    /// mistakes in arguments) it prints itself.
    /// - Parameter verbose: see `end`.
    static func exit(with error: any Error, verbose: Bool) -> Never {
        guard let status = status(of: error) else { exit(withParserError: error, verbose: verbose) }
        // A result that was printed before the failure is not lost by it.
        fflush(stdout)
        Output.writeError("layercake: \(error)\n")
        end(status, verbose: verbose)
    }

    /// Help and version, or a mistake in the arguments, which the parser repeats as they are.
    private static func exit(withParserError error: any Error, verbose: Bool) -> Never {
        let status = Layercake.exitCode(for: error)
        var message = Layercake.fullMessage(for: error)
        if status.isSuccess {
            print(message)
        } else {
            // "--name=value" is named by its parts.
            for word in programArguments.flatMap({ [$0] + $0.split(separator: "=").map(String.init) })
            where word.unicodeScalars.count > mostQuoted {
                message = message.replacing(word, with: shortened(word))
            }
            if !message.isEmpty { Output.writeError(message + "\n") }
        }
        do throws(ExperimentError) { try flushOutput() } catch { exit(with: error, verbose: verbose) }
        end(status.rawValue, verbose: verbose)
    }

    /// Makes help as wide as COLUMNS says, where that makes sense, else as the terminal is, else 80 columns: the argument
    /// parser believes what the environment says, and dies of it.
    static func setHelpWidth() {
        let wish = getenv("COLUMNS").flatMap { Int(String(cString: $0)) }
        let columns = [wish, terminalWidth(1)].compactMap(\.self).first { (40...400).contains($0) }
        setenv("COLUMNS", "\(columns ?? 80)", 1)
    }

    /// Ends the program without the exit handlers of libraries: they would take the ground from under threads that nobody
    /// waits for, as in a compiler.
    /// - Parameter verbose: whether to show what libraries wrote to standard error, though no device has failed.
    static func end(_ status: Int32, verbose: Bool) -> Never {
        if verbose || OpenCL.hasFailed { showKept() }
        StandardError.drop()
        _exit(status)
    }

    private static func showKept() {
        guard case let text = StandardError.kept, !text.isEmpty else { return }
        Output.writeError("layercake: libraries wrote:\n\(text)\(text.hasSuffix("\n") ? "" : "\n")")
    }

    /// Ends the program as the signal does that asked it to: whoever started it sees that, and a shell 128 and its number.
    static func end(bySignal number: Int32, verbose: Bool) -> Never {
        fflush(stdout)
        if verbose || OpenCL.hasFailed { showKept() }
        StandardError.drop()
        // The program ends as it should: no core.
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        #if canImport(Glibc)
            setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        #else
            setrlimit(RLIMIT_CORE, &limit)
        #endif
        signal(number, SIG_DFL)
        raise(number)
        _exit(128 + number)
    }

    /// The exit status for a mistake of the user's that a module found; nil for any other error.
    static func status(of error: any Error) -> Int32? {
        switch error {
        case let error as ExperimentError:
            switch error.kind {
            case .arguments: usage
            case .malformed: dataError
            case .missing: noInput
            case .unwritable: inputOutputError
            }
        case let error as DataError:
            switch error.kind {
            case .malformed, .unreadable: dataError
            case .cancelled: interrupted
            case .missing: noInput
            }
        case is EngineError: dataError
        default: nil
        }
    }

    /// Throws unless all that was printed has arrived: a full disk is an error too.
    static func flushOutput() throws(ExperimentError) {
        guard fflush(stdout) != 0 || ferror(stdout) != 0 else { return }
        throw ExperimentError(
            .unwritable, place: "standard output", message: "cannot be written: \(String(cString: strerror(errno)))")
    }

    /// Says before anything is done that an option which names a file is empty, or a dash, by which other programs mean
    /// standard input or output.
    /// - Parameter options: their names and values.
    static func checkNamed(_ options: KeyValuePairs<String, String?>) throws {
        for (name, path) in options {
            if path == "" { throw ValidationError("--\(name): expected the path of a file, found none") }
            if path == "-" {
                throw ValidationError("--\(name): expected the path of a file, found '-'; a file of that name is ./-")
            }
        }
    }

    /// Says on standard error what the user should know of a file.
    static func note(_ notes: [String], of path: String) {
        for note in notes { Output.writeError("layercake: \(path): \(note)\n") }
    }
}
