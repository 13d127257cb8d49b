/// The colours of a canvas on paper and slides, where no terminal has its own: 0xRRGGBB.
public struct PictureColors: Sendable, Hashable {
    public var foreground: UInt32
    public var background: UInt32
    public init(foreground: UInt32, background: UInt32) {
        self.foreground = foreground
        self.background = background
    }

    /// The colours of a style: swapped where it is reversed, closer to the ground where it is dim.
    func resolve(_ style: Style) -> (foreground: UInt32, background: UInt32) {
        func number(_ color: Color, _ own: UInt32) -> UInt32 {
            if case .rgb(let value) = color { value & 0xFFFFFF } else { own }
        }
        var (front, back) = (number(style.foreground, foreground), number(style.background, background))
        if style.reverse { (front, back) = (back, front) }
        if style.dim { front = mixColors(front, back, 0.4) }
        return (front, back)
    }
}

extension Canvas {
    /// A part of it as a canvas of its own.
    public func part(_ rect: Rect) -> Canvas {
        var part = Canvas(width: rect.width, height: rect.height)
        part.draw(self, x: -rect.x, y: -rect.y)
        return part
    }
}

/// The shapes of a character: of figures by geometry, of letters as strokes; what the font lacks has the strokes of its
/// substitute in ASCII, and wide characters are a frame.
func pictureShapes(of scalar: Unicode.Scalar, bold: Bool) -> [CellShape] {
    if let shapes = CellShape.shapes(of: scalar) { return shapes }
    let width = bold ? 2.0 : 1.4
    if columnWidth(scalar) == 2 {
        let frame = [(2.0, 4.0), (18, 4), (18, 17), (2, 17), (2, 4)].map { CellPoint(x: $0.0, y: $0.1) }
        return [.stroke(frame, width: width)]
    }
    let strokes =
        StrokeFont.strokes(of: scalar) ?? StrokeFont.strokes(of: asciiSubstitute(scalar)) ?? []
    return strokes.map { .stroke($0, width: width) }
}
