import Basics

/// Curves and points drawn as dots, 2 × 4 to a cell, with one style per cell.
///
/// Coordinates are in dots from the left upper corner (dot (0, 0) covers 0 ≤ x < 1, 0 ≤ y < 1), the same at every glyph
/// level: braille shows each dot, blocks show quadrants (2 × 2), ASCII one of `' - . : * |` for a cell's dots.
public struct DotPlot: Sendable {
    /// In cells.
    public let width: Int
    public let height: Int
    public let glyphs: Capabilities.Glyphs
    private var dots: [UInt8]
    private var styles: [Style]
    private var weights: [UInt8]

    public init(width: Int, height: Int, capabilities: Capabilities) {
        self.width = max(0, width)
        self.height = max(0, height)
        glyphs = capabilities.glyphs
        dots = Array(repeating: 0, count: self.width * self.height)
        styles = Array(repeating: .plain, count: self.width * self.height)
        weights = Array(repeating: 0, count: self.width * self.height)
    }

    public var dotWidth: Int { width * 2 }
    public var dotHeight: Int { height * 4 }

    /// Sets one dot. In a cell that several things write, the style of the greatest `weight` wins, among equals the last.
    public mutating func point(_ x: Double, _ y: Double, style: Style, weight: UInt8 = 0) {
        guard x >= 0, y >= 0, x < Double(dotWidth), y < Double(dotHeight) else { return }
        set(Int(bounded: x), Int(bounded: y), style: style, weight: weight)
    }

    public mutating func point(_ x: Double, _ y: Double, color: Color, weight: UInt8 = 0) {
        point(x, y, style: Style(color), weight: weight)
    }

    /// Draws a line, clipped to the plot; coordinates that are not finite draw nothing.
    /// - Parameter step: sets every `step`-th dot: 2 or more is a dotted line, which tells curves apart without colour.
    public mutating func line(
        _ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double, style: Style, weight: UInt8 = 0, step: Int = 1
    ) {
        guard let (a, b) = clipped(x0, y0, x1, y1) else { return }
        let count = Int(bounded: max(abs(b.x - a.x), abs(b.y - a.y)).rounded(.up))
        for i in stride(from: 0, through: count, by: max(1, step)) {
            let t = count == 0 ? 0 : Double(i) / Double(count)
            // The far edge itself belongs to the last dot.
            let x = min(Int(bounded: a.x + (b.x - a.x) * t), dotWidth - 1)
            let y = min(Int(bounded: a.y + (b.y - a.y) * t), dotHeight - 1)
            set(x, y, style: style, weight: weight)
        }
    }

    public mutating func line(
        _ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double, color: Color, weight: UInt8 = 0, step: Int = 1
    ) {
        line(x0, y0, x1, y1, style: Style(color), weight: weight, step: step)
    }

    /// Puts the dots over what the canvas has at (x, y); cells without dots stay as they are. The background of a style
    /// that is `standard` becomes the colour that is already there.
    public func draw(into canvas: inout Canvas, x: Int, y: Int) {
        for row in 0..<height {
            for column in 0..<width where dots[row * width + column] != 0 {
                let at = row * width + column
                canvas.overlay(
                    glyph(of: dots[at]), x: x + column, y: y + row, style: styles[at],
                    lower: lowerHalfWeighs(brailleDots: dots[at]))
            }
        }
    }

    private mutating func set(_ x: Int, _ y: Int, style: Style, weight: UInt8) {
        let at = y / 4 * width + x / 2
        dots[at] |= brailleDot(column: x & 1, row: y & 3)
        if weight >= weights[at] {
            weights[at] = weight
            styles[at] = style
        }
    }

    private func glyph(of dots: UInt8) -> Unicode.Scalar {
        switch glyphs {
        case .braille: Unicode.Scalar(0x2800 + UInt32(dots))!
        case .block: quadrantGlyph(brailleDots: dots)
        case .ascii: asciiGlyph(brailleDots: dots)
        }
    }

    /// The part of a line inside the plot (Liang and Barsky, 1984).
    private func clipped(
        _ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double
    ) -> (a: (x: Double, y: Double), b: (x: Double, y: Double))? {
        guard x0.isFinite, y0.isFinite, x1.isFinite, y1.isFinite, width > 0, height > 0 else { return nil }
        let dx = x1 - x0
        let dy = y1 - y0
        guard dx.isFinite, dy.isFinite else { return nil }
        var start = 0.0
        var end = 1.0
        for (direction, distance) in [
            (-dx, x0), (dx, Double(dotWidth) - x0), (-dy, y0), (dy, Double(dotHeight) - y0),
        ] {
            if direction == 0 {
                if distance < 0 { return nil }
            } else if direction < 0 {
                start = max(start, distance / direction)
            } else {
                end = min(end, distance / direction)
            }
        }
        if start > end { return nil }
        // Rounding may leave a clipped end a hair outside.
        func inside(_ t: Double) -> (x: Double, y: Double) {
            (min(max(x0 + t * dx, 0), Double(dotWidth)), min(max(y0 + t * dy, 0), Double(dotHeight)))
        }
        return (inside(start), inside(end))
    }
}

/// One dot of a braille cell: column 0…1, row 0…3. Braille counts its dots down the left column, down the right one, and
/// then the fourth row.
public func brailleDot(column: Int, row: Int) -> UInt8 {
    row == 3 ? 0x40 << UInt8(column) : 1 << UInt8(column * 3 + row)
}

/// Whether most of a braille cell's dots are in its lower half.
public func lowerHalfWeighs(brailleDots dots: UInt8) -> Bool {
    (dots & 0xE4).nonzeroBitCount > (dots & 0x1B).nonzeroBitCount
}

/// The 2 × 2 block for a braille cell's dots: a quadrant is set where one of its two dots is.
public func quadrantGlyph(brailleDots dots: UInt8) -> Unicode.Scalar {
    let quadrants: [(UInt8, Int)] = [(0x03, 1), (0x18, 2), (0x44, 4), (0xA0, 8)]
    var index = 0
    for (mask, bit) in quadrants where dots & mask != 0 { index |= bit }
    let glyphs: [Unicode.Scalar] = [
        " ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█",
    ]
    return glyphs[index]
}

/// The ASCII character that looks most like a braille cell's dots.
func asciiGlyph(brailleDots dots: UInt8) -> Unicode.Scalar {
    if dots == 0 { return " " }
    if dots.nonzeroBitCount >= 6 { return "*" }
    let top = dots & 0x09 != 0
    let middle = dots & 0x36 != 0
    let bottom = dots & 0xC0 != 0
    switch (top, middle, bottom) {
    case (true, false, false): return "'"
    case (false, true, false): return "-"
    case (false, false, true): return "."
    case (true, false, true): return ":"
    case (true, true, false): return dots.nonzeroBitCount > 3 ? "*" : "'"
    case (false, true, true): return dots.nonzeroBitCount > 3 ? "*" : "."
    default: return dots & 0x47 == 0 || dots & 0xB8 == 0 ? "|" : "*"
    }
}
