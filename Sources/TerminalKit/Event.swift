/// A key as the user pressed it.
public struct Key: Sendable, Hashable {
    public enum Code: Sendable, Hashable {
        /// A printable character as typed ("A" is shift-a); with `control`, the lower-case letter.
        case character(Unicode.Scalar)
        case up, down, left, right, home, end, pageUp, pageDown
        case enter, escape, tab, backTab, backspace, delete, insert
        case function(Int)
    }
    public var code: Code
    public var control: Bool
    public var shift: Bool
    public var alt: Bool
    public init(_ code: Code, control: Bool = false, shift: Bool = false, alt: Bool = false) {
        self.code = code
        self.control = control
        self.shift = shift
        self.alt = alt
    }
}

public struct Mouse: Sendable, Hashable {
    public enum Kind: Sendable, Hashable { case press, drag, release, scrollUp, scrollDown, move }
    public var kind: Kind
    public var x: Int
    public var y: Int
    /// 1 left, 2 middle, 3 right.
    public var button: Int
    public init(_ kind: Kind, x: Int, y: Int, button: Int = 1) {
        self.kind = kind
        self.x = x
        self.y = y
        self.button = button
    }
}

public enum Event: Sendable, Hashable {
    case key(Key)
    case mouse(Mouse)
    case paste(String)
    /// A whole line of a terminal without a screen; nil: there are no more.
    case line(String?)
    case resize(width: Int, height: Int)
    /// After Ctrl-Z and fg: the whole screen must be drawn again (the terminal has done so itself on the next `present`).
    case resumed
    /// `wake()` was called from another thread.
    case woken
    /// A signal asks the program to end (SIGTERM, SIGHUP, SIGINT).
    case terminate(signal: Int32)
}

/// A terminal that shows canvases and gives events: the real one, or a scripted one in tests.
public protocol Terminal: AnyObject {
    var width: Int { get }
    var height: Int { get }
    var capabilities: Capabilities { get set }
    /// nil when unknown; true when the terminal's background is light.
    var lightBackground: Bool? { get }
    var mouseEnabled: Bool { get set }
    /// The next event, or nil after `milliseconds` without one (negative: wait for ever).
    func nextEvent(milliseconds: Int) -> Event?
    /// Shows a canvas: sends only what changed since the last one. Returns the bytes sent.
    @discardableResult func present(_ canvas: Canvas) -> Int
    /// Hands a text to the clipboard, where the terminal lets programs do so (OSC 52).
    func copy(_ text: String)
    /// Writes lines one after the other: of terminals without a screen alone.
    func write(_ lines: [String])
    /// The terminal's content is unknown: the next `present` sends everything.
    func forget()
    /// Restores the terminal, stops the process, and comes back after SIGCONT.
    func suspend()
    /// Restores the terminal for good.
    func close()
}

extension Terminal {
    public func write(_ lines: [String]) {}
}
