/// Draws a bar of `width` columns of which `fraction` (0…1) is filled, to an eighth of a cell; ASCII: `[####----]`.
public func drawProgressBar(
    into canvas: inout Canvas, x: Int, y: Int, width: Int, fraction: Double, style: Style = .plain,
    trackStyle: Style = Style(dim: true), capabilities: Capabilities
) {
    let part = fraction.isFinite ? min(max(fraction, 0), 1) : 0
    if capabilities.glyphs == .ascii {
        if width < 3 { return }
        let filled = Int(part * Double(width - 2))
        canvas[x, y] = Cell("[", trackStyle)
        canvas[x + width - 1, y] = Cell("]", trackStyle)
        for column in 0..<(width - 2) {
            canvas[x + 1 + column, y] = column < filled ? Cell("#", style) : Cell("-", trackStyle)
        }
        return
    }
    let eighths = Int(part * Double(max(0, width) * 8))
    let parts: [Unicode.Scalar] = ["─", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]
    for column in 0..<max(0, width) {
        let here = min(max(eighths - column * 8, 0), 8)
        canvas[x + column, y] = Cell(parts[here], here == 0 ? trackStyle : style)
    }
}
