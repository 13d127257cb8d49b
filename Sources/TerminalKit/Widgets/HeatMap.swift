import Basics

/// Draws a grid of values as a heat map that fills `rect`, two pixels per cell (▀ with foreground and background).
///
/// - Parameters:
///   - values: `[rows, columns]`, row by row from the top, in −1…1; NaN leaves the place blank.
///   - columns: the grid's width. A grid of another size than `rect.width` × 2·`rect.height` is resampled: the mean
///     of what falls into a pixel when it is larger, the nearest value when it is smaller.
///   - ramp: the colour 0xRRGGBB of a value.
///   - capabilities: without colours the sign shows as dots (negative) against shades (positive); ASCII glyphs show
///     the ramp `. : -` (negative) and `= * #` (positive), on the colour where there is one.
public func drawHeatMap(
    into canvas: inout Canvas, _ rect: Rect, values: [Float], columns: Int, rows: Int, ramp: (Float) -> UInt32,
    capabilities: Capabilities
) {
    precondition(values.count >= columns * rows, "a heat map needs columns × rows values")
    if rect.isEmpty || columns <= 0 || rows <= 0 { return }
    let target = PixelGrid(columns: columns, rows: rows, width: rect.width, height: rect.height * 2)
    for y in max(0, -rect.y)..<max(max(0, -rect.y), min(rect.height, canvas.height - rect.y)) {
        for x in max(0, -rect.x)..<max(max(0, -rect.x), min(rect.width, canvas.width - rect.x)) {
            let top = target.mean(values, x: x, y: 2 * y)
            let bottom = target.mean(values, x: x, y: 2 * y + 1)
            let cell: Cell
            if capabilities.colors == .none || capabilities.glyphs == .ascii {
                let value = top.isNaN ? bottom : bottom.isNaN ? top : (top + bottom) / 2
                cell = shadedCell(value, ramp: ramp, capabilities: capabilities)
            } else {
                cell = pixelCell(
                    top: top.isNaN ? nil : ramp(stepped(top)), bottom: bottom.isNaN ? nil : ramp(stepped(bottom)))
            }
            canvas[rect.x + x, rect.y + y] = cell
        }
    }
}

/// Draws a grid of colours that fills `rect` with two pixels per cell; nil leaves the place blank.
///
/// Colour alone: only for what a glyph or a number tells as well. ASCII glyphs show the mean colour of both pixels.
/// - Parameter colors: `[2 · rect.height, rect.width]`, row by row from the top.
public func drawPixels(into canvas: inout Canvas, _ rect: Rect, colors: [UInt32?], capabilities: Capabilities) {
    if rect.isEmpty { return }
    precondition(colors.count >= rect.width * rect.height * 2, "a picture needs width × 2·height colours")
    for y in 0..<rect.height {
        for x in 0..<rect.width {
            let top = colors[2 * y * rect.width + x]
            let bottom = colors[(2 * y + 1) * rect.width + x]
            if capabilities.glyphs == .ascii, let a = top ?? bottom, let b = bottom ?? top {
                canvas[rect.x + x, rect.y + y] = Cell(" ", Style(on: .rgb(mixColors(a, b, 0.5))))
            } else {
                canvas[rect.x + x, rect.y + y] = pixelCell(top: top, bottom: bottom)
            }
        }
    }
}

/// Draws a grid of classes that fills `rect`.
///
/// - Parameters:
///   - classes: `[rows, columns]`, negative for blank; confidences 0…1 beside them.
///   - ground: the colour of a class at a confidence.
///   - texture: a class' colour where `classGlyph` tells classes apart (blank below a confidence of 0.5) in place of
///     grounds; nil: grounds. Without colours it is always the glyph; ASCII glyphs stand on the grounds.
public func drawClassMap(
    into canvas: inout Canvas, _ rect: Rect, classes: [Int], confidences: [Float], columns: Int, rows: Int,
    ground: (Int, Float) -> UInt32, texture: ((Int) -> UInt32)? = nil, capabilities: Capabilities
) {
    precondition(
        classes.count >= columns * rows && confidences.count >= columns * rows, "one class and confidence each")
    if rect.isEmpty || columns <= 0 || rows <= 0 { return }
    let grid = PixelGrid(columns: columns, rows: rows, width: rect.width, height: rect.height * 2)
    func color(_ at: Int) -> UInt32? { classes[at] < 0 ? nil : ground(classes[at], confidences[at]) }
    let textured = capabilities.colors == .none || texture != nil
    for y in 0..<rect.height {
        for x in 0..<rect.width {
            let top = grid.nearest(x: x, y: 2 * y)
            let bottom = grid.nearest(x: x, y: 2 * y + 1)
            if !textured && capabilities.glyphs != .ascii {
                canvas[rect.x + x, rect.y + y] = pixelCell(top: color(top), bottom: color(bottom))
                continue
            }
            var cell = Cell.blank
            if classes[top] >= 0 && confidences[top] >= 0.5 {
                cell.scalar = classGlyph(classes[top], glyphs: capabilities.glyphs)
                if let texture { cell.style.foreground = .rgb(texture(classes[top])) }
            }
            if !textured, let ground = color(top) {
                cell.style = Style(.rgb(quietContrast(ground)), on: .rgb(ground))
            }
            canvas[rect.x + x, rect.y + y] = cell
        }
    }
}

/// The glyph that fills the region of a class where colours cannot tell classes apart.
public func classGlyph(_ index: Int, glyphs: Capabilities.Glyphs) -> Unicode.Scalar {
    let ramp: [Unicode.Scalar] =
        glyphs == .ascii
        ? [".", "+", "o", "=", "x", "-", "%", "~", "#", "^"] : ["·", "░", "╱", "▒", "╲", "╳", "─", "▓", "│", "┼"]
    return ramp[index % ramp.count]
}

/// The glyph of a value in −1…1 where colours cannot show it: dots for negative, shades for positive, blank for NaN.
public func shadeGlyph(_ value: Float, glyphs: Capabilities.Glyphs) -> Unicode.Scalar {
    if value.isNaN { return " " }
    let size = min(2, Int(bounded: abs(value) * 3))
    if glyphs == .ascii { return value < 0 ? ["-", ":", "."][size] : ["=", "*", "#"][size] }
    return value < 0 ? [":", "∶", "·"][size] : ["░", "▒", "▓"][size]
}

/// Black or white mixed into a colour: readable on it, and quieter than the points and curves drawn over it.
func quietContrast(_ ground: UInt32) -> UInt32 { mixColors(ground, contrast(ground), 0.4) }

/// Black or white, whichever is readable on `ground`.
public func contrast(_ ground: UInt32) -> UInt32 {
    let luminance = 299 * (ground >> 16 & 255) + 587 * (ground >> 8 & 255) + 114 * (ground & 255)
    return luminance > 128_000 ? 0x000000 : 0xFFFFFF
}

private func shadedCell(_ value: Float, ramp: (Float) -> UInt32, capabilities: Capabilities) -> Cell {
    let glyph = shadeGlyph(value, glyphs: capabilities.glyphs)
    if capabilities.colors == .none || value.isNaN { return Cell(glyph) }
    let ground = ramp(value)
    return Cell(glyph, Style(.rgb(quietContrast(ground)), on: .rgb(ground)))
}

/// The nearest of 81 steps: finer ones cannot be told apart, and each would have to be sent when values creep.
private func stepped(_ value: Float) -> Float { (min(max(value, -1), 1) * 40).rounded() / 40 }

/// Equal halves become a space: a cell of one colour costs the fewest bytes.
private func pixelCell(top: UInt32?, bottom: UInt32?) -> Cell {
    switch (top, bottom) {
    case (nil, nil): .blank
    case (let top?, nil): Cell("▀", Style(.rgb(top)))
    case (nil, let bottom?): Cell("▄", Style(.rgb(bottom)))
    case (let top?, let bottom?):
        top == bottom ? Cell(" ", Style(on: .rgb(top))) : Cell("▀", Style(.rgb(top), on: .rgb(bottom)))
    }
}

/// Which values of a grid fall into which pixel.
private struct PixelGrid {
    let columns: Int
    let rows: Int
    let width: Int
    let height: Int

    func nearest(x: Int, y: Int) -> Int {
        (2 * y + 1) * rows / (2 * height) * columns + (2 * x + 1) * columns / (2 * width)
    }

    /// NaN values do not count; NaN when there are no others.
    func mean(_ values: [Float], x: Int, y: Int) -> Float {
        if columns <= width && rows <= height { return values[nearest(x: x, y: y)] }
        let left = x * columns / width
        let top = y * rows / height
        var sum: Float = 0
        var count: Float = 0
        for row in top..<max(top + 1, (y + 1) * rows / height) {
            for column in left..<max(left + 1, (x + 1) * columns / width) {
                let value = values[row * columns + column]
                if !value.isNaN {
                    sum += value
                    count += 1
                }
            }
        }
        return count == 0 ? .nan : sum / count
    }
}
