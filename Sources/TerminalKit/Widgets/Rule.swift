/// Draws a section's title in a thin rule with its key at the right end: `─ Title ─────── 3 ─`.
public func drawRule(
    into canvas: inout Canvas, x: Int, y: Int, width: Int, title: String, key: String? = nil,
    titleStyle: Style = Style(bold: true), keyStyle: Style = Style(dim: true), ruleStyle: Style = Style(dim: true)
) {
    for column in 0..<max(0, width) { canvas[x + column, y] = Cell("─", ruleStyle) }
    var room = width - 4
    if let key, columnWidth(key) + 8 <= width {
        let start = x + width - columnWidth(key) - 3
        canvas.write(" \(key) ", x: start, y: y, style: keyStyle)
        room -= columnWidth(key) + 3
    }
    if title.isEmpty || room < 1 { return }
    let columns = min(room, columnWidth(title))
    canvas.write(" ", x: x + 1, y: y)
    canvas.write(title, x: x + 2, y: y, style: titleStyle, limit: room)
    canvas.write(" ", x: x + 2 + columns, y: y)
}
