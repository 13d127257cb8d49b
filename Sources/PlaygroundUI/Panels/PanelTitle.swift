import Session
import TerminalKit

/// A panel's title row: its name in a thin rule, and its key (the digit that jumps to it) at the right end.
///
/// Panels, the plots too, call it with their whole rectangle and draw their content in `panelContent(of:)`.
public func drawPanelTitle(
    into canvas: inout Canvas, rect: Rect, title: String, key: String?, focused: Bool, theme: Theme,
    capabilities: Capabilities
) {
    guard !rect.isEmpty else { return }
    let line: Unicode.Scalar = capabilities.glyphs == .ascii ? "-" : "─"
    let rule = Style(theme.faint)
    for x in rect.x..<rect.maxX { canvas[x, rect.y] = Cell(line, rule) }
    if rect.width > 1 { canvas[rect.maxX - 1, rect.y] = .blank }
    let isShown = key != nil && rect.width > 8
    let key = key.map { " \($0) " } ?? ""
    // Where there are no colours the focused title is reversed.
    let style = Style(
        focused ? .rgb(theme.accent) : theme.text, bold: true, reverse: focused && capabilities.colors == .none)
    canvas.write(" \(title) ", x: rect.x + 1, y: rect.y, style: style, limit: max(0, rect.width - 5 - key.count))
    if isShown {
        canvas.write(
            key, x: rect.maxX - 2 - key.count, y: rect.y, style: Style(focused ? .rgb(theme.accent) : theme.quiet))
    }
}

/// The area below a panel's title row.
public func panelContent(of rect: Rect) -> Rect {
    Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: max(0, rect.height - 1))
}

/// The tabs of panels that share a place.
struct Tabs: ScreenPart {
    let app: App

    /// The tabs of panels that share a place, over the title row of the open one.
    func draw(into frame: inout Frame, _ layout: Layout) {
        let tabs = layout.areas.filter { $0.tab != nil }
        for open in tabs where open.open {
            // Its neighbours are those within its columns and not below its title.
            let group = tabs.filter {
                $0.tab!.x >= open.rect.x && $0.tab!.maxX <= open.rect.maxX && $0.tab!.y <= open.rect.y
                    && (!$0.open || $0.panel == open.panel)
            }
            let first = group.map(\.tab!.y).min()!
            for y in first...open.rect.y {
                let row = Rect(x: open.rect.x, y: y, width: open.rect.width, height: 1)
                drawPanelTitle(
                    into: &frame.canvas, rect: row, title: "", key: nil, focused: false, theme: theme,
                    capabilities: capabilities)
            }
            let x = group.filter { $0.tab!.y == open.rect.y }.map(\.tab!.maxX).max()! + 3
            let detail = tabDetail(of: open.panel, width: open.rect.maxX - 3 - x)
            if detail.isEmpty, first == open.rect.y, drawShortTabs(group, open, into: &frame) { continue }
            for area in group { drawTab(area, at: area.tab!, into: &frame) }
            if !detail.isEmpty { frame.canvas.write(" \(detail) ", x: x - 1, y: open.rect.y, style: quiet) }
        }
    }

    /// Where a view has been chosen whose title has no room beside the tabs, or a detail, the others are their keys alone.
    /// - Returns: false: nothing was drawn.
    private func drawShortTabs(_ group: [Layout.Area], _ open: Layout.Area, into frame: inout Frame) -> Bool {
        let isChosen = app.plotContext(of: open.panel).map { Panel[open.panel].hasChosenDetail($0) } ?? false
        guard isChosen || app.showsChosenView(in: open.panel),
            group.allSatisfy({ columnWidth(app.bindings.key(of: $0.panel, glyphs: capabilities.glyphs)) == 1 })
        else { return false }
        let widths = group.map { $0.open ? $0.tab!.width : 1 }
        let end = group[0].tab!.x + widths.reduce(0, +) + group.count + 1
        let detail = tabDetail(of: open.panel, width: open.rect.maxX - 1 - end)
        guard !detail.isEmpty else { return false }
        var x = group[0].tab!.x
        for (area, width) in zip(group, widths) {
            drawTab(area, at: Rect(x: x, y: open.rect.y, width: width, height: 1), into: &frame, isShort: !area.open)
            x += width + 1
        }
        frame.canvas.write(" \(detail) ", x: end - 1, y: open.rect.y, style: quiet)
        return true
    }

    /// - Parameter isShort: its key alone.
    private func drawTab(_ area: Layout.Area, at tab: Rect, into frame: inout Frame, isShort: Bool = false) {
        let panel = Panel[area.panel]
        let focused = area.open && app.focus == area.panel
        // Where there are no colours the focused title is reversed.
        let style =
            area.open
            ? Style(
                focused ? .rgb(theme.accent) : theme.text, bold: true,
                reverse: focused && capabilities.colors == .none) : quiet
        frame.canvas.fill(
            Rect(x: tab.x - 1, y: tab.y, width: tab.width + 2, height: 1), with: Cell(" ", quiet))
        let title = panel.title(in: app).prefix { $0 != " " }
        let used = isShort ? -1 : frame.canvas.write(String(title), x: tab.x, y: tab.y, style: style)
        let key = app.bindings.key(of: area.panel, glyphs: capabilities.glyphs)
        // The tab has one column for it.
        frame.canvas.write(
            columnWidth(key) == 1 ? key : "", x: tab.x + used + 1, y: tab.y,
            style: focused ? Style(.rgb(theme.accent)) : quiet)
        frame.hit(tab, area.panel, .panel)
    }

    /// The title of a plot without its name, where it fits beside the tabs.
    private func tabDetail(of panel: PanelID, width: Int) -> String {
        guard let context = app.plotContext(of: panel) else { return "" }
        let name = Panel[panel].title
        let titles = [Panel[panel].detail(context), context.view(in: panel)?.heading(context, width) ?? ""]
        let details = titles.enumerated().compactMap { place, title -> String? in
            if title.hasPrefix(name) { return String(title.dropFirst(name.count).drop { $0 == " " || $0 == "·" }) }
            // A short title may have left the name out.
            return place > 0 ? title : nil
        }
        return details.first { !$0.isEmpty && columnWidth($0) <= width } ?? ""
    }
}
