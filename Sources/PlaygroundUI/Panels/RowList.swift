import Session
import TerminalKit

/// Lists of settings as rows, scrolled so that the selected one is seen.
extension App {
    /// Draws a panel's rows from `first` on.
    func drawRows(into frame: inout Frame, _ rect: Rect, _ panel: PanelID, from first: Int = 0) {
        guard let list = rows[panel], list.count > first, !rect.isEmpty else { return }
        let selected = selection[panel] ?? 0
        let count = list.count - first
        var scroll = 0
        if count > rect.height {
            scroll = min(max(0, selected - first - rect.height / 2), count - rect.height)
        }
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
        guard let row = rows[panel]?[index] else { return }
        let active = selection[panel] == index && focus == panel
        let typed = active ? typing : nil
        let label = (row.indented && panel != .stack ? "  " : "") + row.title
        drawRow(
            into: &frame.canvas, x: rect.x, y: rect.y, width: rect.width, label: label,
            value: typed == nil ? row.value : "", selected: active, changeable: row.changeable,
            styles: rowStyles)
        if var field = typed {
            // The label stays to be read; a long number scrolls in what is left.
            let width = max(6, min(14, rect.width - columnWidth(label) - 4))
            field.draw(
                into: &frame.canvas, x: rect.maxX - width - 1, y: rect.y, width: width,
                style: Style(theme.text, on: theme.selection, underline: true))
        }
        frame.hit(rect, panel, .row(panel, index))
        if active && row.changeable {
            let value = columnWidth(row.value)
            frame.hit(
                Rect(x: rect.maxX - value - 5, y: rect.y, width: 3, height: 1), panel,
                .change(panel, index, direction: -1))
            frame.hit(
                Rect(x: rect.maxX - 2, y: rect.y, width: 2, height: 1), panel, .change(panel, index, direction: 1))
        }
    }
}

extension EditorRow {
    /// ← and → do something.
    var changeable: Bool {
        switch kind {
        case .input, .ownFeature, .inputs: false
        case .setting: if case .text? = knob?.kind { false } else { true }
        default: true
        }
    }
}
