import Session
import TerminalKit

/// The features as toggles in a grid, the user's own among them.
extension App {
    func drawFeatures(into frame: inout Frame, _ content: Rect) {
        guard let list = rows[.features], !list.isEmpty else { return }
        let columns = featureColumns(width: content.width)
        let step = content.width / columns
        let rect = listRect(of: .features, content)
        let (top, height) = (rect.y - content.y, rect.height)
        let lines = (list.count + columns - 1) / columns
        let selected = selection[.features] ?? 0
        let scroll = scroll(of: .features, selected: selected / columns, visible: height, count: lines)
        for line in 0..<min(height, lines - scroll) {
            for column in 0..<columns {
                let index = (scroll + line) * columns + column
                guard index < list.count else { break }
                let row = list[index]
                let on = row.value == "on"
                let active = focus == .features && index == selected
                let rect = Rect(x: content.x + column * step, y: content.y + top + line, width: step, height: 1)
                var style = on ? text : quiet
                if active {
                    style = self.selected
                    frame.canvas.fill(rect, with: Cell(" ", style))
                }
                let mark =
                    row.kind == .ownFeature ? " " : capabilities.glyphs == .ascii ? (on ? "x" : ".") : on ? "●" : "○"
                frame.canvas.write(mark, x: rect.x + 1, y: rect.y, style: style)
                frame.canvas.write(
                    featureTitle(row), x: rect.x + (row.kind == .ownFeature ? 1 : 3), y: rect.y, style: style,
                    limit: step - 3)
                frame.hit(rect, .features, .row(.features, index))
            }
        }
        if scroll > 0 { frame.canvas.write("▴", x: content.maxX - 1, y: content.y + top, style: quiet) }
        if scroll + height < lines {
            frame.canvas.write("▾", x: content.maxX - 1, y: content.y + top + height - 1, style: quiet)
        }
    }
    /// How many features stand side by side: as many as let the longest name stand whole.
    func featureColumns(width: Int) -> Int {
        let widest = (rows[.features] ?? []).map { columnWidth(featureTitle($0)) }.max() ?? 6
        return max(1, width / max(9, widest + 3))
    }

    /// "x1²" cannot be said in ASCII: its formula can.
    private func featureTitle(_ row: EditorRow) -> String {
        guard capabilities.glyphs == .ascii, case .feature(let formula) = row.kind,
            !row.title.unicodeScalars.allSatisfy(\.isASCII)
        else { return row.title }
        return formula
    }
}
