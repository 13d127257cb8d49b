import CTerminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Wakes the terminal's event loop from any thread: `nextEvent` gives `.woken`, once for any number of calls before it.
public struct Waker: Sendable {
    public func wake() { terminal_wake() }
}

/// The real terminal: curses does set-up, keys, mouse and size; the painter does the drawing.
///
/// One at a time, used from one thread. `close` gives the screen back; deinit, `exit` and every deadly signal do, too.
public final class CursesTerminal: Terminal {
    public private(set) var width = 0
    public private(set) var height = 0
    public var capabilities: Capabilities {
        didSet { painter.capabilities = capabilities }
    }
    /// From COLORFGBG, else from the terminal's answer to a question (OSC 11), which may come after the first frame:
    /// a `.woken` event tells then.
    public private(set) var lightBackground: Bool?
    public var mouseEnabled: Bool {
        didSet { if mouseEnabled != oldValue && isOpen { switchMouse() } }
    }
    public let waker = Waker()

    private var painter: Painter
    private var decoder: InputDecoder
    /// Made by the terminal itself, to be given before anything is read.
    private var pending: [Event] = []
    private var endingReported = false
    private var isWoken = false
    private var isOpen = true
    /// Milliseconds of the clock; after them no answer about the background is expected.
    private var answerDeadline: Int64 = 0

    /// Takes the screen.
    /// - Parameters colors, glyphs: what the user asks for; nil is found out.
    public init(
        colors: Capabilities.Colors? = nil, glyphs: Capabilities.Glyphs? = nil, mouse: Bool = true
    ) throws(TerminalError) {
        let isUTF8 = localeIsUTF8()
        switch UInt32(terminal_open()) {
        case TERMINAL_OPENED.rawValue: break
        case TERMINAL_NO_OUTPUT.rawValue: throw .outputIsNoTerminal
        case TERMINAL_NO_INPUT.rawValue: throw .noInput
        case TERMINAL_NO_CURSOR.rawValue: throw .cannotPlaceText(environmentVariable("TERM") ?? "")
        case TERMINAL_IN_USE.rawValue: throw .inUse
        default: throw .unknownTerminal(environmentVariable("TERM"))
        }
        let description = TerminalDescription(
            colors: Int(terminal_colors()), directColor: terminal_has_direct_color() == 1)
        capabilities = Capabilities.detect(
            environment: environmentVariable, isUTF8: isUTF8, description: description, colors: colors, glyphs: glyphs)
        painter = Painter(capabilities: capabilities)
        decoder = InputDecoder(read: readToken)
        mouseEnabled = mouse
        lightBackground = TerminalKit.lightBackground(colorFGBG: environmentVariable("COLORFGBG"))
        measure()
        if mouse { switchMouse() }
        askForBackground()
    }

    deinit { terminal_close() }

    public func nextEvent(milliseconds: Int) -> Event? {
        let deadline = milliseconds < 0 ? nil : terminal_milliseconds() + Int64(milliseconds)
        while isOpen {
            takeSignals()
            if !pending.isEmpty { return pending.removeFirst() }
            // Keys come before `.woken`: however often it is woken, a key does not wait.
            if let event = readEvent() { return event }
            if isWoken {
                isWoken = false
                return .woken
            }
            let left = deadline.map { max(0, min($0 - terminal_milliseconds(), 1 << 30)) }
            let found = Int(terminal_wait(Int32(left ?? -1)))
            if found & TERMINAL_HUNG_UP != 0 {
                if endingReported { return nil }
                endingReported = true
                return .terminate(signal: SIGHUP)
            }
            if found == 0, let deadline, terminal_milliseconds() >= deadline { return nil }
        }
        return nil
    }

    @discardableResult
    public func present(_ canvas: Canvas) -> Int {
        guard isOpen else { return 0 }
        let count = painter.paint(canvas, maximumWidth: width, maximumHeight: height)
        if count > 0 { painter.output.withUnsafeBytes { _ = terminal_write($0.baseAddress, $0.count) } }
        return count
    }

    public func copy(_ text: String) {
        guard isOpen else { return }
        send(clipboardSequence(text, term: environmentVariable("TERM") ?? "", tmux: environmentVariable("TMUX") != nil))
    }

    public func forget() { painter.forget() }

    public func suspend() {
        guard isOpen else { return }
        terminal_leave()
        terminal_stop()
        takeScreen()
    }

    public func close() {
        guard isOpen else { return }
        isOpen = false
        terminal_close()
    }

    /// After a stop: the modes again, everything to be drawn again, and perhaps another size.
    private func takeScreen() {
        terminal_enter()
        if mouseEnabled { switchMouse() }
        painter.forget()
        pending.append(.resumed)
        let before = (width, height)
        measure()
        if before != (width, height) { pending.append(.resize(width: width, height: height)) }
    }

    /// Answers signals; the events they make go to `pending`.
    private func takeSignals() {
        var ending: Int32 = 0
        let flags = Int(terminal_take_signals(&ending))
        if flags & TERMINAL_WOKEN != 0 { isWoken = true }
        if ending != 0 && !endingReported {
            endingReported = true
            pending.append(.terminate(signal: ending))
        }
        if flags & TERMINAL_STOP_ASKED != 0 {
            suspend()
        } else if flags & TERMINAL_CONTINUED != 0 {
            // Stopped by SIGSTOP, behind our back: the shell may have changed the modes.
            terminal_leave()
            takeScreen()
        } else if flags & TERMINAL_RESIZED != 0 {
            measure()
            painter.forget()
            pending.append(.resize(width: width, height: height))
        }
    }

    private func readEvent() -> Event? {
        if decoder.expectsAnswer && terminal_milliseconds() > answerDeadline { decoder.expectsAnswer = false }
        while let result = decoder.next() {
            switch result {
            case .event(let event): return event
            case .background(let light):
                if light != lightBackground {
                    lightBackground = light
                    return .woken
                }
            case .nothing: break
            }
        }
        return nil
    }

    private func measure() {
        var columns: Int32 = 0
        var rows: Int32 = 0
        terminal_size(&columns, &rows)
        width = Int(columns)
        height = Int(rows)
    }

    /// Presses, the wheel, drags (1002) and, where the terminal can, every move (1003), in the coding without a limit of 223 columns (1006).
    private func switchMouse() {
        send(
            mouseEnabled
                ? "\u{1B}[?1000h\u{1B}[?1002h\u{1B}[?1003h\u{1B}[?1006h"
                : "\u{1B}[?1006l\u{1B}[?1003l\u{1B}[?1002l\u{1B}[?1000l")
    }

    /// The answer is read among the keys, whenever it comes: nothing waits for it.
    private func askForBackground() {
        let term = environmentVariable("TERM") ?? ""
        let silent = ["linux", "vt"].contains { term.hasPrefix($0) }
        if lightBackground != nil || capabilities.colors == .none || silent { return }
        let question = "\u{1B}]11;?\u{1B}\\"
        send(question)
        // A multiplexer between may not answer itself, but carry the question to the terminal around it.
        if term.hasPrefix("tmux") || environmentVariable("TMUX") != nil {
            send("\u{1B}Ptmux;" + question.replacing("\u{1B}", with: "\u{1B}\u{1B}") + "\u{1B}\\")
        } else if Capabilities.isScreen(environmentVariable) {
            send("\u{1B}P\u{1B}]11;?\u{7}\u{1B}\\")
        }
        answerDeadline = terminal_milliseconds() + 2000
        decoder.expectsAnswer = true
    }

    private func send(_ text: String) {
        var text = text
        text.withUTF8 { _ = terminal_write($0.baseAddress, $0.count) }
    }
}

private func environmentVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// One read from curses.
private func readToken(milliseconds: Int) -> InputToken? {
    var value: UInt32 = 0
    var modifiers: Int32 = 0
    let kind = terminal_input(rawValue: UInt32(terminal_read(Int32(milliseconds), &value, &modifiers)))
    func key(_ code: Key.Code) -> InputToken {
        let held = UInt32(modifiers)
        return .key(
            Key(
                code, control: held & UInt32(TERMINAL_CONTROL) != 0, shift: held & UInt32(TERMINAL_SHIFT) != 0,
                alt: held & UInt32(TERMINAL_ALT) != 0))
    }
    switch kind {
    case TERMINAL_NOTHING: return nil
    case TERMINAL_CHARACTER: return .character(Unicode.Scalar(value) ?? "\u{FFFD}")
    case TERMINAL_UP: return key(.up)
    case TERMINAL_DOWN: return key(.down)
    case TERMINAL_LEFT: return key(.left)
    case TERMINAL_RIGHT: return key(.right)
    case TERMINAL_HOME: return key(.home)
    case TERMINAL_END: return key(.end)
    case TERMINAL_PAGE_UP: return key(.pageUp)
    case TERMINAL_PAGE_DOWN: return key(.pageDown)
    case TERMINAL_ENTER: return key(.enter)
    case TERMINAL_BACK_TAB: return key(.backTab)
    case TERMINAL_BACKSPACE: return key(.backspace)
    case TERMINAL_DELETE: return key(.delete)
    case TERMINAL_INSERT: return key(.insert)
    case TERMINAL_FUNCTION: return key(.function(Int(value)))
    case TERMINAL_SGR_MOUSE: return .sgrMouse
    case TERMINAL_X10_MOUSE: return .x10Mouse
    case TERMINAL_PASTE_START: return .pasteStart
    case TERMINAL_PASTE_END: return .pasteEnd
    default: return .other
    }
}
