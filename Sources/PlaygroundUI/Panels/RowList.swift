import Session
import TerminalKit

/// Lists of settings as rows, scrolled so that the selected one is seen.
struct RowDrawing: ScreenPart {
    let app: App

    /// Draws a panel's list of rows.
    /// - Parameter content: the panel below its title row.
    func draw(into frame: inout Frame, of panel: PanelID, _ content: Rect) {
        guard let place = Panel[panel].editor?.list?(app, content), let list = app.editing.rows[panel] else { return }
        let (rect, first) = (place.rect, place.first)
        guard list.count > first, !rect.isEmpty else { return }
        let count = list.count - first
        let scroll = app.editing.scroll(
            of: panel, selected: (app.editing.selection[panel] ?? 0) - first, visible: rect.height, count: count)
        for line in 0..<min(rect.height, count - scroll) {
            let index = first + scroll + line
            drawSetting(
                into: &frame, Rect(x: rect.x, y: rect.y + line, width: rect.width, height: 1), panel, index)
        }
        let below = count - scroll - rect.height
        if scroll > 0 { frame.canvas.write("▴", x: rect.maxX - 1, y: rect.y, style: quiet) }
        if below > 0 { frame.canvas.write("▾", x: rect.maxX - 1, y: rect.maxY - 1, style: quiet) }
    }

    /// One row: label, value, and on the selected one what ← and → do, or the text being typed.
    func drawSetting(into frame: inout Frame, _ rect: Rect, _ panel: PanelID, _ index: Int) {
        guard let row = app.editing.rows[panel]?[index] else { return }
        let active = app.editing.selection[panel] == index && app.focus == panel
        let typed = active ? app.editing.typing : nil
        let depth = row.layer != nil ? row.blockDepth : row.indented ? 1 : 0
        // Deep inside blocks a step is one column, so that the words stay whole.
        let label = String(repeating: " ", count: depth + min(depth, 3)) + row.title
        let value = row.shownValue(beside: label, columns: rect.width)
        drawRow(
            into: &frame.canvas, x: rect.x, y: rect.y, width: rect.width, label: label,
            value: typed == nil ? value : "", selected: active, changeable: row.changeable, styles: rowStyles)
        if var field = typed {
            // The label stays to be read; a long number scrolls in what is left.
            let width = max(6, min(14, rect.width - columnWidth(label) - 4))
            field.draw(
                into: &frame.canvas, x: rect.maxX - width - 1, y: rect.y, width: width,
                style: Style(theme.text, on: theme.selection, underline: true))
        }
        frame.hit(rect, panel, .row(panel, index))
        // The arrows' places work before they are seen: a second click there does what the first did.
        if row.changeable, typed == nil {
            frame.hit(
                Rect(x: rect.maxX - columnWidth(value) - 5, y: rect.y, width: 3, height: 1), panel,
                .change(panel, index, direction: -1))
            frame.hit(
                Rect(x: rect.maxX - 2, y: rect.y, width: 2, height: 1), panel, .change(panel, index, direction: 1))
        }
    }
}

extension App {
    /// Draws a panel's list of rows.
    /// - Parameter content: the panel below its title row.
    func drawRows(into frame: inout Frame, of panel: PanelID, _ content: Rect) {
        RowDrawing(app: self).draw(into: &frame, of: panel, content)
    }

    /// Remembers how far the lists are scrolled, and what else must not move under the mouse.
    mutating func keepScrolls() {
        for area in layout.areas where area.open {
            let (panel, content) = (Panel[area.panel], panelContent(of: area.rect))
            if let place = panel.editor?.list?(self, content) { editing.keepScroll(of: panel.id, place) }
            panel.keepPlaces(&self, content)
        }
    }
}

extension EditorRow {
    /// The value in a row of so many columns: of a text so much that the label stays whole, of a file's path the end. A table's
    /// column, which is no setting of its own, may have a slash in its name.
    fileprivate func shownValue(beside label: String, columns: Int) -> String {
        guard case .text? = knob?.kind else { return value }
        let room = max(8, columns - 6 - columnWidth(label))
        guard columnWidth(value) > room else { return value }
        return kind.setting != nil && value.contains("/")
            ? "…" + ending(of: value, columns: room - 1) : beginning(of: value, columns: room - 1) + "…"
    }
}
