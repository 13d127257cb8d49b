/// Turns canvases into the bytes that change a terminal from the last one shown to the next.
///
/// Only changed cells are sent: the cursor moves the cheapest way, short unchanged gaps in the present style are written
/// again rather than jumped over, and a style change names what differs (SGR). A larger update is wrapped in
/// synchronized output (CSI ? 2026), which terminals that do not know it ignore.
public struct Painter {
    public var capabilities: Capabilities {
        didSet {
            if capabilities != oldValue {
                resolver = CellResolver(capabilities: capabilities)
                forget()
            }
        }
    }
    /// The bytes that `paint` made last. The buffer is used again: nothing is allocated per frame.
    public private(set) var output: [UInt8] = []

    private var resolver: CellResolver
    private var width = 0
    private var height = 0
    private var cells: [Cell] = []
    private var shown: [ShownCell] = []
    /// Where the terminal's cursor is; x < 0: unknown.
    private var cursorX = -1
    private var cursorY = -1
    /// The style the terminal writes in now.
    private var pen = ShownCell.blank

    public init(capabilities: Capabilities) {
        self.capabilities = capabilities
        resolver = CellResolver(capabilities: capabilities)
    }

    /// The screen's content is unknown now: the next `paint` clears it and sends everything.
    public mutating func forget() { width = -1 }

    /// Makes the bytes that show `canvas`, into `output`.
    /// - Parameters maximumWidth, maximumHeight: the terminal's size; what lies beyond is not sent.
    /// - Returns: their number, 0 when nothing changed.
    @discardableResult
    public mutating func paint(_ canvas: Canvas, maximumWidth: Int = .max, maximumHeight: Int = .max) -> Int {
        output.removeAll(keepingCapacity: true)
        output.append(contentsOf: Painter.beginUpdate)
        let columns = min(canvas.width, maximumWidth)
        let rows = min(canvas.height, maximumHeight)
        if columns != width || rows != height { startOver(columns, rows) }
        for y in 0..<rows { paintRow(canvas, y) }
        // Left over, colours would bleed into whatever else may write to this terminal.
        if !pen.hasStyle(of: .blank) { writeStyle(.blank) }
        let changes = output.count - Painter.beginUpdate.count
        if changes == 0 {
            output.removeAll(keepingCapacity: true)
        } else if changes < 64 {
            output.removeFirst(Painter.beginUpdate.count)
        } else {
            output.append(contentsOf: Painter.endUpdate)
        }
        return output.count
    }

    /// A canvas as lines of text with its colours, for output that is no screen; blanks at the ends are left out.
    public static func lines(_ canvas: Canvas, capabilities: Capabilities) -> [String] {
        var painter = Painter(capabilities: capabilities)
        return (0..<canvas.height).map { y in
            painter.output.removeAll(keepingCapacity: true)
            let cells = (0..<canvas.width).map { x in
                painter.resolver.resolve(
                    canvas[x, y], wide: x + 1 < canvas.width && columnWidth(canvas[x, y].scalar) == 2)
            }
            let end = cells.lastIndex { $0 != .blank }.map { $0 + 1 } ?? 0
            for cell in cells[..<end] where cell.scalar != 0 {
                if !cell.hasStyle(of: painter.pen) { painter.writeStyle(cell) }
                painter.writeScalar(cell.scalar)
            }
            if !painter.pen.hasStyle(of: .blank) { painter.writeStyle(.blank) }
            return String(decoding: painter.output, as: UTF8.self)
        }
    }

    private static let beginUpdate = Array("\u{1B}[?2026h".utf8)
    private static let endUpdate = Array("\u{1B}[?2026l".utf8)

    private mutating func startOver(_ columns: Int, _ rows: Int) {
        width = columns
        height = rows
        cells = Array(repeating: .blank, count: columns * rows)
        shown = Array(repeating: .blank, count: columns * rows)
        output.append(contentsOf: "\u{1B}[m\u{1B}[2J".utf8)
        pen = .blank
        cursorX = -1
    }

    private mutating func paintRow(_ canvas: Canvas, _ y: Int) {
        let source = canvas.cells.span
        let start = y * canvas.width
        for x in 0..<width {
            let cell = source[start + x]
            let at = y * width + x
            let value = cell.scalar.value
            // A wide character's look depends on its neighbour too.
            if value != 0 && value < 0x1100 && cell == cells[at] { continue }
            cells[at] = cell
            var new: ShownCell
            if value == 0 {
                new = x > 0 && shown[at - 1].scalar >= 0x1100 && isWide(shown[at - 1]) ? .continuation : .blank
            } else {
                let wide =
                    value >= 0x1100 && x + 1 < width && source[start + x + 1].scalar.value == 0
                    && columnWidth(cell.scalar) == 2
                new = resolver.resolve(cell, wide: wide)
            }
            if new == shown[at] { continue }
            shown[at] = new
            if new.scalar != 0 { send(new, x: x, y: y) }
        }
    }

    private func isWide(_ cell: ShownCell) -> Bool { columnWidth(Unicode.Scalar(cell.scalar)!) == 2 }

    private mutating func send(_ new: ShownCell, x: Int, y: Int) {
        if cursorX != x || cursorY != y { moveCursor(x, y) }
        var cell = new
        if let mirrored = cell.mirrored, mirrored.newColors(after: pen) < cell.newColors(after: pen) { cell = mirrored }
        if cell.canBeWritten(with: pen) { (cell.foreground, cell.attributes) = (pen.foreground, pen.attributes) }
        if !cell.hasStyle(of: pen) { writeStyle(cell) }
        writeScalar(cell.scalar)
        cursorX = x + (cell.scalar >= 0x1100 && isWide(cell) ? 2 : 1)
        cursorY = y
        // In the last column terminals differ about where the cursor stands.
        if cursorX >= width { cursorX = -1 }
    }

    private mutating func moveCursor(_ x: Int, _ y: Int) {
        if cursorX >= 0 && cursorY == y && cursorX < x {
            let gap = x - cursorX
            if gap <= 4 && canRewrite(cursorX..<x, y) {
                for column in cursorX..<x { writeScalar(shown[y * width + column].scalar) }
                return
            }
            output.append(contentsOf: [0x1B, 0x5B])
            if gap > 1 { writeNumber(gap) }
            output.append(0x43)  // C: to the right
            return
        }
        output.append(contentsOf: [0x1B, 0x5B])
        if y > 0 || x > 0 { writeNumber(y + 1) }
        if x > 0 {
            output.append(0x3B)
            writeNumber(x + 1)
        }
        output.append(0x48)  // H: to row; column
    }

    /// Whether writing these cells again costs no style change and no more bytes than a jump.
    private func canRewrite(_ columns: Range<Int>, _ y: Int) -> Bool {
        columns.allSatisfy { x in
            let cell = shown[y * width + x]
            return cell.scalar >= 0x20 && cell.scalar < 0x7F && (cell.hasStyle(of: pen) || cell.canBeWritten(with: pen))
        }
    }

    /// Changes the terminal's pen to the style of `cell`.
    private mutating func writeStyle(_ cell: ShownCell) {
        output.append(contentsOf: [0x1B, 0x5B])
        defer {
            output.append(0x6D)  // m
            pen = cell
        }
        if cell.hasStyle(of: .blank) { return }
        var first = true
        func separate(_ painter: inout Painter) {
            if !first { painter.output.append(0x3B) }
            first = false
        }
        let gone = pen.attributes.subtracting(cell.attributes)
        var kept = pen.attributes
        func parameter(_ painter: inout Painter, _ value: Int) {
            separate(&painter)
            painter.writeNumber(value)
        }
        if gone.contains(.bold) || gone.contains(.dim) {
            parameter(&self, 22)
            kept.subtract([.bold, .dim])
        }
        if gone.contains(.underline) { parameter(&self, 24) }
        if gone.contains(.reverse) { parameter(&self, 27) }
        let new = cell.attributes.subtracting(kept)
        if new.contains(.bold) { parameter(&self, 1) }
        if new.contains(.dim) { parameter(&self, 2) }
        if new.contains(.underline) { parameter(&self, 4) }
        if new.contains(.reverse) { parameter(&self, 7) }
        if cell.foreground != pen.foreground {
            separate(&self)
            writeColor(cell.foreground, base: 30)
        }
        if cell.background != pen.background {
            separate(&self)
            writeColor(cell.background, base: 40)
        }
    }

    /// The parameters of one colour; `base` is 30 for the foreground, 40 for the background.
    private mutating func writeColor(_ color: UInt32, base: Int) {
        if color == 0 {
            writeNumber(base + 9)
        } else if color & ShownCell.direct != 0 {
            writeNumber(base + 8)
            output.append(contentsOf: [0x3B, 0x32])  // ;2
            for shift: UInt32 in [16, 8, 0] {
                output.append(0x3B)
                writeNumber(Int(color >> shift & 255))
            }
        } else {
            let index = Int(color & 255)
            if capabilities.colors == .palette16 {
                writeNumber(index < 8 ? base + index : base + 60 + index - 8)
            } else {
                writeNumber(base + 8)
                output.append(contentsOf: [0x3B, 0x35, 0x3B])  // ;5;
                writeNumber(index)
            }
        }
    }

    private mutating func writeNumber(_ value: Int) {
        if value >= 10 { writeNumber(value / 10) }
        output.append(UInt8(0x30 + value % 10))
    }

    private mutating func writeScalar(_ value: UInt32) {
        if value < 0x80 {
            output.append(UInt8(value))
        } else if value < 0x800 {
            output.append(UInt8(0xC0 | value >> 6))
            output.append(UInt8(0x80 | value & 63))
        } else if value < 0x10000 {
            output.append(UInt8(0xE0 | value >> 12))
            output.append(UInt8(0x80 | value >> 6 & 63))
            output.append(UInt8(0x80 | value & 63))
        } else {
            output.append(UInt8(0xF0 | value >> 18))
            output.append(UInt8(0x80 | value >> 12 & 63))
            output.append(UInt8(0x80 | value >> 6 & 63))
            output.append(UInt8(0x80 | value & 63))
        }
    }
}
