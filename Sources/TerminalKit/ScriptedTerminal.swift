/// A terminal for tests: gives the events it was handed, and keeps the canvases it is shown.
public final class ScriptedTerminal: Terminal {
    public private(set) var width: Int
    public private(set) var height: Int
    public var capabilities: Capabilities
    public var lightBackground: Bool?
    public var mouseEnabled = true
    /// Still to come, in order.
    public var events: [Event]
    /// The canvases that were shown, in order.
    public private(set) var canvases: [Canvas] = []
    public private(set) var suspensions = 0
    /// How often everything had to be sent again.
    public private(set) var forgets = 0
    /// The texts that were handed to the clipboard, in order.
    public private(set) var copies: [String] = []
    public private(set) var isClosed = false
    /// Called when the script is at its end and another event is asked for: a test may add events, or nothing.
    public var whenEmpty: ((ScriptedTerminal) -> Void)?
    private var painter: Painter

    public init(
        width: Int = 120, height: Int = 40, capabilities: Capabilities = Capabilities(), events: [Event] = []
    ) {
        self.width = width
        self.height = height
        self.capabilities = capabilities
        self.events = events
        painter = Painter(capabilities: capabilities)
    }

    /// Adds key events by their labels; a label that is none is a mistake in the test.
    public func press(_ labels: String...) {
        for label in labels {
            guard let key = Key(label) else { preconditionFailure("“\(label)” is no key") }
            events.append(.key(key))
        }
    }

    /// Adds one key event for each character.
    public func type(_ text: String) {
        for scalar in text.unicodeScalars { events.append(.key(Key(.character(scalar)))) }
    }

    /// Adds a change of the size.
    public func resize(width: Int, height: Int) { events.append(.resize(width: width, height: height)) }

    public func nextEvent(milliseconds: Int) -> Event? {
        if events.isEmpty { whenEmpty?(self) }
        if events.isEmpty { return nil }
        let event = events.removeFirst()
        if case .resize(let width, let height) = event {
            self.width = width
            self.height = height
        }
        return event
    }

    @discardableResult
    public func present(_ canvas: Canvas) -> Int {
        canvases.append(canvas)
        painter.capabilities = capabilities
        return painter.paint(canvas)
    }

    public func copy(_ text: String) { copies.append(text) }

    public func forget() {
        forgets += 1
        painter.forget()
    }

    public func suspend() {
        suspensions += 1
        forget()
        events.insert(.resumed, at: 0)
    }

    public func close() { isClosed = true }

    /// The last canvas as lines without styles; trailing spaces are cut.
    public var lines: [String] { canvases.last?.lines ?? [] }
}

extension Canvas {
    /// The characters, line by line, without styles; trailing spaces are cut.
    public var lines: [String] {
        (0..<height).map { y in
            // Found before the line is made: cutting a string scalar by scalar copies it as often.
            var end = width
            while end > 0, self[end - 1, y].scalar == " " || self[end - 1, y].scalar == "\u{0}" { end -= 1 }
            var line = String.UnicodeScalarView()
            for x in 0..<end where self[x, y].scalar != "\u{0}" { line.append(self[x, y].scalar) }
            return String(line)
        }
    }
}
