#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A terminal without a screen: lines come from standard input, which may be a file or a pipe, and lines go out. Nothing is
/// drawn, and no control character is sent.
///
/// One at a time, used from one thread; `wake` may be called from any.
public final class LineTerminal: Terminal {
    /// Pictures are made for a screen of this size.
    public let width: Int
    public let height: Int
    public var capabilities = Capabilities(colors: .none)
    public let lightBackground: Bool? = false
    public var mouseEnabled = false

    private let print: (String) -> Void
    /// A person types: lines are asked for by "> ".
    private let asks: Bool
    private var isAsking = false
    private var rest: [UInt8] = []
    private var isAtEnd = false
    private var isEndTold = false
    /// Bytes that signals and `wake` write, to be read by `nextEvent`.
    private static let news: (read: Int32, write: Int32) = {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }()

    /// A line longer than this is cut: nobody types it.
    private static let mostBytes = 1 << 20

    /// - Parameter print: writes a text as it is and hands it over at once.
    public init(width: Int = 200, height: Int = 60, print: @escaping (String) -> Void) {
        (self.width, self.height, self.print) = (width, height, print)
        asks = isatty(STDIN_FILENO) == 1
        _ = Self.news
        for number in [SIGINT, SIGTERM, SIGHUP] {
            let before = signal(number) { LineTerminal.note(UInt8($0)) }
            if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { signal(number, SIG_IGN) }
        }
    }

    /// Async-signal-safe.
    private static func note(_ byte: UInt8) {
        let before = errno
        writeByte(byte, to: news.write)
        errno = before
    }

    /// Makes `nextEvent` give `.woken`; from any thread.
    public static func wake() { note(0) }

    public func nextEvent(milliseconds: Int) -> Event? {
        if let line = takeLine() { return .line(line) }
        if isEnd { return .line(nil) }
        if milliseconds != 0 { ask() }
        var places = [pollfd(fd: Self.news.read, events: Int16(POLLIN), revents: 0)]
        if !isAtEnd { places.append(pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)) }
        let found = poll(&places, nfds_t(places.count), Int32(min(milliseconds, 1 << 30)))
        guard found > 0 else { return nil }
        if places[0].revents != 0, let event = noted() { return event }
        if places.count > 1, places[1].revents != 0 { readInput() }
        return takeLine().map { .line($0) } ?? (isEnd ? .line(nil) : .woken)
    }

    /// The news of signals and of other threads, the most urgent of them.
    private func noted() -> Event? {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(Self.news.read, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let signals = bytes[..<count].filter { $0 != 0 }.map { Int32($0) }
        if let ending = signals.first(where: { $0 != SIGINT }) { return .terminate(signal: ending) }
        return signals.isEmpty ? .woken : .key(Key(.character("c"), control: true))
    }

    private func readInput() {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = read(STDIN_FILENO, &chunk, chunk.count)
        if count > 0 {
            rest += chunk[..<count]
        } else if count == 0 || errno != EINTR && errno != EAGAIN {
            isAtEnd = true
        }
    }

    /// The next whole line; at the end of the input what is left is one.
    private func takeLine() -> String? {
        if let end = rest.firstIndex(of: 0x0A) {
            defer { rest.removeSubrange(...end) }
            isAsking = false
            return String(decoding: rest[..<end].prefix(Self.mostBytes), as: UTF8.self)
        }
        if rest.count > Self.mostBytes { rest.removeFirst(rest.count - Self.mostBytes) }
        guard isAtEnd, !rest.isEmpty else { return nil }
        defer { rest = [] }
        return String(decoding: rest, as: UTF8.self)
    }

    /// Whether the end of the input is to be told, once.
    private var isEnd: Bool {
        guard isAtEnd, rest.isEmpty, !isEndTold else { return false }
        isEndTold = true
        return true
    }

    private func ask() {
        guard asks, !isAsking, !isAtEnd else { return }
        isAsking = true
        print("> ")
    }

    public func write(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        // News while a line is asked for stand on lines of their own.
        print((isAsking ? "\n" : "") + lines.joined(separator: "\n") + "\n")
        isAsking = false
    }

    public func present(_ canvas: Canvas) -> Int { 0 }
    public func copy(_ text: String) { write([text]) }
    public func forget() {}
    public func suspend() { raise(SIGSTOP) }
    public func close() {}
}

private func writeByte(_ byte: UInt8, to descriptor: Int32) {
    var byte = byte
    _ = write(descriptor, &byte, 1)
}
