import ArgumentParser
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The signals that end `train` and `sweep` with the result so far: Ctrl-C, and those by which a shell, a queue or a limit
/// asks a program to come to its end.
enum Interruption {
    private static let asking = [SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGALRM, SIGUSR1, SIGUSR2]
    /// The first that has come; 0: none.
    private static let came = Atomic<Int32>(0)

    /// From now on they are noted. nohup and shells without job control say that a signal shall be ignored: it is.
    static func watch() {
        for number in asking {
            let before = signal(number) { number in
                _ = Interruption.came.compareExchange(expected: 0, desired: number, ordering: .relaxed)
            }
            if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { signal(number, SIG_IGN) }
        }
    }

    static var isAsked: Bool { came.load(ordering: .relaxed) != 0 }

    /// - Throws: the exit status of an interrupted program, as shells give it: 128 and the signal's number.
    static func check() throws {
        let number = came.load(ordering: .relaxed)
        if number != 0 { throw ExitCode(128 + number) }
    }
}
