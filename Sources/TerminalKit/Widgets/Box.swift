/// Draws an empty box with thin borders over what is in `rect`, its title in the upper border.
public func drawBox(
    into canvas: inout Canvas, _ rect: Rect, title: String = "", style: Style = Style(dim: true),
    titleStyle: Style = Style(bold: true), fill: Style = .plain
) {
    if rect.width < 2 || rect.height < 2 { return }
    canvas.fill(rect, with: Cell(" ", fill))
    for x in (rect.x + 1)..<(rect.maxX - 1) {
        canvas[x, rect.y] = Cell("─", style)
        canvas[x, rect.maxY - 1] = Cell("─", style)
    }
    for y in (rect.y + 1)..<(rect.maxY - 1) {
        canvas[rect.x, y] = Cell("│", style)
        canvas[rect.maxX - 1, y] = Cell("│", style)
    }
    canvas[rect.x, rect.y] = Cell("┌", style)
    canvas[rect.maxX - 1, rect.y] = Cell("┐", style)
    canvas[rect.x, rect.maxY - 1] = Cell("└", style)
    canvas[rect.maxX - 1, rect.maxY - 1] = Cell("┘", style)
    if !title.isEmpty && rect.width >= 6 {
        canvas.write(" \(title) ", x: rect.x + 2, y: rect.y, style: titleStyle, limit: rect.width - 4)
    }
}

/// Marks at the right border of a list that more items are above or below: ▴ and ▾.
public func drawScrollMarks(into canvas: inout Canvas, _ list: Rect, above: Int, below: Int, _ style: Style) {
    if above > 0 { canvas.write("▴", x: list.maxX, y: list.y, style: style) }
    if below > 0 { canvas.write("▾", x: list.maxX, y: list.maxY - 1, style: style) }
}

/// A rect of at most this size in the middle of another.
public func centredRect(width: Int, height: Int, in outer: Rect) -> Rect {
    let w = min(width, outer.width)
    let h = min(height, outer.height)
    return Rect(x: outer.x + (outer.width - w) / 2, y: outer.y + (outer.height - h) / 2, width: w, height: h)
}
