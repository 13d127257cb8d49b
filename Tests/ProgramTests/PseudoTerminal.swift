import Foundation
import Testing

/// The other side of the program's terminal: sends what a keyboard and a terminal send, reads what the program shows or
/// leaves it unread, and may vanish.
final class PseudoTerminal {
    private let master: Int32
    private let slave: Int32
    private let path: String
    private var id: pid_t = 0
    private var isThere = true
    /// All that the program has shown, escape sequences and all.
    private(set) var shown = ""

    init(columns: UInt16 = 120, rows: UInt16 = 40) throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        try #require(master >= 0, "the system gives no pseudo-terminal")
        // TIOCSPTLCK and TIOCGPTN.
        var (lock, number): (Int32, Int32) = (0, 0)
        try #require(ioctl(master, 0x4004_5431, &lock) == 0 && ioctl(master, 0x8004_5430, &number) == 0)
        path = "/dev/pts/\(number)"
        slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(slave >= 0, "\(path) cannot be opened")
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        try #require(ioctl(master, UInt(TIOCSWINSZ), &size) == 0)
    }

    deinit {
        if id != 0 {
            kill(id, SIGKILL)
            waitpid(id, nil, 0)
        }
        vanish()
    }

    /// - Parameters:
    ///   - executable: nil: the program.
    ///   - controls: whether the program hears of it by a signal when the terminal vanishes.
    func start(
        _ arguments: [String], executable: String? = nil, environment: [String: String] = [:], controls: Bool = true
    ) throws {
        let defaults = ["TERM": "xterm-256color", "COLORTERM": "truecolor", "COLORFGBG": "15;0", "NO_COLOR": ""]
        id = try Program.start(
            arguments, executable: executable ?? Program.path, environment: defaults.merging(environment) { $1 },
            files: Array(repeating: (path, O_RDWR | (controls ? 0 : O_NOCTTY)), count: 3), asSessionLeader: controls)
    }

    /// Writes text for the program to read.
    func send(_ text: String) throws {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
            try #require(count > 0, "the terminal takes no keys")
            bytes = bytes.dropFirst(count)
        }
    }

    func signal(_ number: Int32) { kill(id, number) }

    /// Whether a signal was sent and has not reached the program yet.
    func isPending(_ number: Int32) -> Bool { Program.has(number, in: "ShdPnd", of: id) }

    /// From now on nothing that is written to the terminal goes anywhere, and writers wait.
    func stopOutput() { tcflow(slave, TCOOFF) }

    /// The terminal is gone.
    func vanish() {
        guard isThere else { return }
        isThere = false
        close(slave)
        close(master)
    }

    /// - Returns: whether there was something.
    @discardableResult
    private func read() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65536)
        var fd = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&fd, 1, 20) > 0 else { return false }
        let count = Foundation.read(master, &bytes, bytes.count)
        // Cut characters do no harm: what is looked for is ASCII.
        if count > 0 { shown += String(decoding: bytes[..<count], as: UTF8.self) }
        return count > 0
    }

    /// Reads until what was shown is as wished; a slow machine has plenty of time.
    func wait(_ what: String, seconds: Double = 180, until isRight: (String) -> Bool) throws {
        let end = Date(timeIntervalSinceNow: seconds)
        while !isRight(shown) {
            guard Date() < end else {
                Issue.record("\(what) did not come; shown was:\n\(shown.suffix(4000).debugDescription)")
                throw CancellationError()
            }
            read()
        }
    }

    /// Waits for the program's end, and gives its exit status as a shell does; nil: it does not end.
    func end(seconds: Double = 180, reading: Bool = true) -> Int32? {
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end {
            var ended: Int32 = 0
            if waitpid(id, &ended, WNOHANG) == id {
                id = 0
                // A terminal hands out its buffer in pieces.
                if isThere && reading { while read() {} }
                return Program.exitStatus(ended)
            }
            if isThere && reading { read() } else { usleep(10_000) }
        }
        return nil
    }
}
