import TerminalKit

/// As much of a terminal as the painter uses: cursor moves, SGR, clearing, wide characters. Anything else is a failure.
struct TinyTerminal {
    struct Look: Equatable {
        var scalar: Unicode.Scalar = " "
        /// −1 the terminal's own; 0xRRGGBB, or 0x1000000 + a palette's entry.
        var foreground = -1
        var background = -1
        var attributes: Set<Int> = []

        /// The visible part: a space has no foreground, and a half block may be drawn from above or below.
        var visible: Look {
            var look = self
            if scalar == " " && attributes.isDisjoint(with: [4, 7]) {
                look.foreground = -1
                look.attributes = []
            }
            if scalar == "▄" && attributes.isEmpty {
                look.scalar = "▀"
                (look.foreground, look.background) = (background, foreground)
            }
            if look.scalar == "▀" && look.foreground == look.background && attributes.isEmpty {
                look = Look(background: look.background)
            }
            return look
        }
    }

    let width: Int
    let height: Int
    var cells: [Look]
    var unknown: [String] = []
    private var x = 0
    private var y = 0
    private var pen = Look()

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        // Garbage that a first paint must clear.
        cells = Array(repeating: Look(scalar: "?", foreground: 1, background: 2), count: width * height)
    }

    mutating func feed(_ bytes: [UInt8]) {
        let scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
        var at = 0
        while at < scalars.count {
            if scalars[at] == "\u{1B}", at + 1 < scalars.count, scalars[at + 1] == "[" {
                var end = at + 2
                while scalars[end].value < 0x40 { end += 1 }
                let parameters = String(String.UnicodeScalarView(scalars[(at + 2)..<end]))
                control(parameters, scalars[end])
                at = end + 1
            } else {
                put(scalars[at])
                at += 1
            }
        }
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        let columns = columnWidth(scalar)
        guard scalar.value >= 0x20, columns > 0, x + columns <= width else {
            unknown.append("“\(scalar)” at \(x), \(y)")
            return
        }
        for column in x..<(x + columns) { part(column) }
        var look = pen
        look.scalar = scalar
        cells[y * width + x] = look
        if columns == 2 { cells[y * width + x + 1] = Look(scalar: "\u{0}") }
        x += columns
    }

    /// Overwriting half of a wide character blanks the other half.
    private mutating func part(_ column: Int) {
        let at = y * width + column
        if cells[at].scalar == "\u{0}" && column > 0 { cells[at - 1].scalar = " " }
        if column + 1 < width && cells[at + 1].scalar == "\u{0}" && cells[at].scalar != "\u{0}" {
            cells[at + 1] = Look()
        }
    }

    private mutating func control(_ parameters: String, _ final: Unicode.Scalar) {
        let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        switch final {
        case "H":
            y = max(1, numbers[0]) - 1
            x = max(1, numbers.count > 1 ? numbers[1] : 1) - 1
            if y >= height || x >= width { unknown.append("cursor to \(x), \(y)") }
        case "C": x += max(1, numbers[0])
        case "J" where parameters == "2": cells = Array(repeating: Look(), count: width * height)
        case "h" where parameters == "?2026", "l" where parameters == "?2026": break
        case "m": style(numbers)
        default: unknown.append("CSI \(parameters)\(final)")
        }
    }

    private mutating func style(_ numbers: [Int]) {
        var at = 0
        func color() -> Int {
            defer { at += numbers[at + 1] == 2 ? 4 : 2 }
            return numbers[at + 1] == 2
                ? numbers[at + 2] << 16 | numbers[at + 3] << 8 | numbers[at + 4] : 0x1000000 + numbers[at + 2]
        }
        while at < numbers.count {
            switch numbers[at] {
            case 0: pen = Look()
            case 22: pen.attributes.subtract([1, 2])
            case 24, 27: pen.attributes.remove(numbers[at] - 20)
            case 1, 2, 4, 7: pen.attributes.insert(numbers[at])
            case 30...37: pen.foreground = 0x1000000 + numbers[at] - 30
            case 40...47: pen.background = 0x1000000 + numbers[at] - 40
            case 90...97: pen.foreground = 0x1000000 + numbers[at] - 82
            case 100...107: pen.background = 0x1000000 + numbers[at] - 92
            case 38: pen.foreground = color()
            case 48: pen.background = color()
            case 39: pen.foreground = -1
            case 49: pen.background = -1
            default: unknown.append("SGR \(numbers[at])")
            }
            at += 1
        }
    }
}

/// A canvas as a terminal with 24-bit colour should show it.
func expectedLooks(_ canvas: Canvas) -> [TinyTerminal.Look] {
    func number(_ color: Color) -> Int {
        if case .rgb(let value) = color { return Int(value) }
        return -1
    }
    return (0..<canvas.height).flatMap { y in
        (0..<canvas.width).map { x in
            let cell = canvas[x, y]
            let style = cell.style
            var look = TinyTerminal.Look(
                scalar: cell.scalar, foreground: number(style.foreground), background: number(style.background))
            for (has, code) in [(style.bold, 1), (style.dim, 2), (style.underline, 4), (style.reverse, 7)] where has {
                look.attributes.insert(code)
            }
            if cell.scalar == "\u{0}" { look = TinyTerminal.Look(scalar: "\u{0}") }
            return look.visible
        }
    }
}
