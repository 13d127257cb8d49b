import TerminalKit

/// A panel's title row: its name in a thin rule, and its key (the digit that jumps to it) at the right end.
///
/// Panels, the plots too, call it with their whole rectangle and draw their content in `panelContent(of:)`.
public func drawPanelTitle(
    into canvas: inout Canvas, rect: Rect, title: String, panel: PanelID?, focused: Bool, theme: Theme,
    capabilities: Capabilities
) {
    guard !rect.isEmpty else { return }
    let line: Unicode.Scalar = capabilities.glyphs == .ascii ? "-" : "─"
    let rule = Style(theme.faint)
    for x in rect.x..<rect.maxX { canvas[x, rect.y] = Cell(line, rule) }
    if rect.width > 1 { canvas[rect.maxX - 1, rect.y] = .blank }
    let key = panel.map { " \($0.rawValue) " } ?? ""
    // Where there are no colours the focused title is reversed.
    let style = Style(
        focused ? .rgb(theme.accent) : theme.text, bold: true, reverse: focused && capabilities.colors == .none)
    canvas.write(" \(title) ", x: rect.x + 1, y: rect.y, style: style, limit: max(0, rect.width - 5 - key.count))
    if panel != nil, rect.width > 8 {
        canvas.write(
            key, x: rect.maxX - 2 - key.count, y: rect.y, style: Style(focused ? .rgb(theme.accent) : theme.quiet))
    }
}

/// What is below a panel's title row.
public func panelContent(of rect: Rect) -> Rect {
    Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: max(0, rect.height - 1))
}
