/// The result of one read by curses, before it is an event.
enum InputToken: Sendable, Hashable {
    case character(Unicode.Scalar)
    case key(Key)
    /// CSI <: a mouse report follows as characters, `button;column;row` and M or m.
    case sgrMouse
    /// CSI M: three characters follow.
    case x10Mouse
    case pasteStart, pasteEnd
    /// A key without a name.
    case other
}

/// Makes events of tokens: keys with Alt, mouse reports, pasted text, and the terminal's answers, which are no keys.
struct InputDecoder {
    enum Result: Sendable, Hashable {
        case event(Event)
        /// The terminal's answer to OSC 11: whether its background is light.
        case background(light: Bool)
        /// Something was read that means nothing here.
        case nothing
    }

    /// The next token, waiting so many milliseconds for it; nil when there is none.
    private let source: (_ milliseconds: Int) -> InputToken?
    /// Whether the terminal was asked for its background and may still answer. An answer that comes in pieces is put
    /// together then, however long the silence between them, and whatever cannot belong to it is a key.
    var expectsAnswer = false {
        didSet { if !expectsAnswer { unfinished = nil } }
    }
    /// An answer without its end yet, behind ESC ].
    private var unfinished: String?
    /// Read already, and to be read again.
    private var returned: InputToken?

    init(read: @escaping (_ milliseconds: Int) -> InputToken?) { source = read }

    /// How long the rest of a sequence that has begun may take: over a slow line it may come in two pieces.
    private static let patience = 50
    /// How long the rest of an answer's first two characters may take, and an escape key is held back meanwhile: with the
    /// 25 ms of curses it is answered within a tenth of a second.
    private static let answerPatience = 40
    /// A paste that stops without its end is over after this silence.
    private static let pastePatience = 500
    /// Longer pastes are cut.
    private static let pasteLimit = 1 << 20
    /// Longer sequences mean nothing.
    private static let sequenceLimit = 256

    private mutating func read(_ milliseconds: Int) -> InputToken? {
        defer { returned = nil }
        return returned ?? source(milliseconds)
    }

    /// Reads what is there; nil when nothing is.
    mutating func next() -> Result? {
        guard let token = read(0) else { return nil }
        if let begun = unfinished {
            unfinished = nil
            if case .character(let scalar) = token, Self.belongs(scalar, behind: begun) {
                return operatingSystemCommand(begun, first: token)
            }
            if begun.hasSuffix("\u{1B}") {
                returned = token
                return .event(.key(Key(.escape)))
            }
        }
        switch token {
        case .character("\u{1B}"): return escape()
        case .character(let scalar): return .event(.key(InputDecoder.key(of: scalar)))
        case .key(let key): return .event(.key(key))
        case .sgrMouse: return sgrMouse()
        case .x10Mouse: return x10Mouse()
        case .pasteStart: return .event(.paste(paste()))
        case .pasteEnd, .other: return .nothing
        }
    }

    /// A number as terminals send it; nil for what none sends.
    private static func number(_ digits: some StringProtocol) -> Int? {
        guard let value = Int(digits), (0...0xFFFF).contains(value) else { return nil }
        return value
    }

    /// The key of a character as the terminal sends it; control characters are letters with ctrl.
    static func key(of scalar: Unicode.Scalar) -> Key {
        switch scalar.value {
        case 0: Key(.character(" "), control: true)
        case 8, 0x7F: Key(.backspace)
        case 9: Key(.tab)
        case 10, 13: Key(.enter)
        case 0x1B: Key(.escape)
        case 1..<0x1B: Key(.character(Unicode.Scalar(scalar.value + 0x60)!), control: true)
        case 0x1C..<0x20: Key(.character(Unicode.Scalar(scalar.value + 0x40)!), control: true)
        default: Key(.character(scalar))
        }
    }

    /// After ESC: alone it is the escape key; before another key it is Alt; else a sequence that curses does not know,
    /// which is swallowed whole, so that its characters are not taken for keys.
    private mutating func escape() -> Result {
        guard let token = read(expectsAnswer ? Self.answerPatience : 0) else { return .event(.key(Key(.escape))) }
        switch token {
        case .character("["): return controlSequence()
        case .character("]"): return operatingSystemCommand()
        case .character("O"):
            guard let final = character() else { return .event(.key(Key(.character("O"), alt: true))) }
            return InputDecoder.finals[final].map { .event(.key(Key($0))) } ?? .nothing
        case .character("P"), .character("_"), .character("^"):
            skipString()
            return .nothing
        case .character("\u{1B}"): return .event(.key(Key(.escape, alt: true)))
        case .character(let scalar):
            var key = InputDecoder.key(of: scalar)
            key.alt = true
            return .event(.key(key))
        case .key(var key):
            key.alt = true
            return .event(.key(key))
        default: return .nothing
        }
    }

    private static let finals: [Unicode.Scalar: Key.Code] = [
        "A": .up, "B": .down, "C": .right, "D": .left, "H": .home, "F": .end, "Z": .backTab, "M": .enter,
        "P": .function(1), "Q": .function(2), "R": .function(3), "S": .function(4),
    ]
    private static let numbered: [Int: Key.Code] = [
        1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end,
    ]

    /// CSI parameters final, as xterm has it: `1;5C` is ctrl-right, `3;2~` shift-delete.
    private mutating func controlSequence() -> Result {
        var parameters = ""
        while let scalar = character() {
            if scalar == "\u{1B}" {
                returned = .character(scalar)
                return .nothing
            }
            if scalar.value < 0x40 {
                if parameters.unicodeScalars.count < Self.sequenceLimit { parameters.unicodeScalars.append(scalar) }
                continue
            }
            if scalar == "M" && parameters.isEmpty { return x10Mouse() }
            if parameters.first == "<" && (scalar == "M" || scalar == "m") {
                return mouse(String(parameters.dropFirst()), release: scalar == "m")
            }
            let numbers = parameters.split(separator: ";").map { Self.number($0) ?? 0 }
            let code = scalar == "~" ? InputDecoder.numbered[numbers.first ?? 0] : InputDecoder.finals[scalar]
            guard let code else { return .nothing }
            let modifiers = numbers.count > 1 ? max(0, numbers[1] - 1) : 0
            return .event(
                .key(Key(code, control: modifiers & 4 != 0, shift: modifiers & 1 != 0, alt: modifiers & 2 != 0)))
        }
        return .nothing
    }

    /// OSC … ended by BEL or ESC \.
    /// - Parameters:
    ///   - begun: read before, behind ESC ].
    ///   - first: the token after that.
    private mutating func operatingSystemCommand(_ begun: String = "", first: InputToken? = nil) -> Result {
        var text = begun
        if let first { returned = first }
        while let scalar = character() {
            if text.hasSuffix("\u{1B}") {
                if scalar != "\\" { returned = .character(scalar) }
                text.removeLast()
                return lightBackground(reply: text).map { .background(light: $0) } ?? .nothing
            }
            if scalar == "\u{7}" { return lightBackground(reply: text).map { .background(light: $0) } ?? .nothing }
            if text.unicodeScalars.count < Self.sequenceLimit || scalar == "\u{1B}" {
                text.unicodeScalars.append(scalar)
            }
        }
        if expectsAnswer && Self.mayBeAnswer(text) { unfinished = text }
        return .nothing
    }

    /// Whether a character may go on with an answer, or end it.
    private static func belongs(_ scalar: Unicode.Scalar, behind begun: String) -> Bool {
        if begun.hasSuffix("\u{1B}") { return scalar == "\\" }
        return scalar == "\u{7}" || mayBeAnswer(begun + String(scalar))
    }

    /// Whether text is the beginning of an answer to OSC 11, perhaps with the first half of its end.
    private static func mayBeAnswer(_ text: String) -> Bool {
        let text = text.hasSuffix("\u{1B}") ? text.dropLast() : text[...]
        return ["11;rgb:", "11;rgba:"].contains { head in
            head.hasPrefix(text)
                || text.hasPrefix(head) && text.count <= 32
                    && text.dropFirst(head.count).allSatisfy { $0.isASCII && $0.isHexDigit || $0 == "/" }
        }
    }

    /// Swallows a string that is ended by ESC \ or BEL.
    private mutating func skipString() {
        var count = 0
        while let scalar = character(), scalar != "\u{7}", count < Self.pasteLimit {
            count += 1
            if scalar == "\u{1B}" {
                if let last = character(), last != "\\" { returned = .character(last) }
                return
            }
        }
    }

    private mutating func sgrMouse() -> Result {
        var text = ""
        while let scalar = character() {
            if scalar == "M" || scalar == "m" { return mouse(text, release: scalar == "m") }
            guard scalar == ";" || (0x30...0x39).contains(scalar.value) else {
                returned = .character(scalar)
                return .nothing
            }
            if text.unicodeScalars.count < Self.sequenceLimit { text.unicodeScalars.append(scalar) }
        }
        return .nothing
    }

    private mutating func x10Mouse() -> Result {
        guard let button = character(), let column = character(), let row = character() else { return .nothing }
        let code = Int(button.value) - 32
        guard code >= 0 else { return .nothing }
        let release = code & 0x43 == 3
        return mouse("\(release ? code & ~3 : code);\(Int(column.value) - 32);\(Int(row.value) - 32)", release: release)
    }

    /// Bits of the button: 0…1 which, 2…4 shift, alt, control (not used), 5 it moved, 6 the wheel.
    private func mouse(_ report: String, release: Bool) -> Result {
        let numbers = report.split(separator: ";").map { Self.number($0) }
        guard numbers.count == 3, let button = numbers[0], let column = numbers[1], let row = numbers[2] else {
            return .nothing
        }
        let which = button & 3
        let kind: Mouse.Kind
        if button & 64 != 0 {
            if which > 1 { return .nothing }
            kind = which == 0 ? .scrollUp : .scrollDown
        } else if button & 32 != 0 {
            kind = which == 3 ? .move : .drag
        } else {
            kind = release ? .release : .press
        }
        let pressed = button & 64 != 0 || which == 3 ? 1 : which + 1
        return .event(.mouse(Mouse(kind, x: max(0, column - 1), y: max(0, row - 1), button: pressed)))
    }

    private mutating func paste() -> String {
        var text = String.UnicodeScalarView()
        var count = 0
        while let token = read(InputDecoder.pastePatience), token != .pasteEnd {
            count += 1
            if count > InputDecoder.pasteLimit { continue }
            switch token {
            case .character("\r"), .key(Key(.enter)): text.append("\n")
            case .character(let scalar): text.append(scalar)
            default: break
            }
        }
        return String(text)
    }

    /// The next character of a sequence; nil when it does not come, or something else does, which stays to be read.
    private mutating func character() -> Unicode.Scalar? {
        guard let token = read(InputDecoder.patience) else { return nil }
        if case .character(let scalar) = token { return scalar }
        returned = token
        return nil
    }
}
