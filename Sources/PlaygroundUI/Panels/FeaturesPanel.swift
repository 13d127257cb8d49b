import Session
import TerminalKit

/// How many features stand side by side.
enum FeatureGrid {
    static func columns(width: Int) -> Int { max(2, width / 9) }
}

/// The features as toggles in a grid, the user's own among them.
extension App {
    func drawFeatures(into frame: inout Frame, _ content: Rect) {
        guard let list = rows[.features], !list.isEmpty else { return }
        let columns = FeatureGrid.columns(width: content.width)
        let step = content.width / columns
        let top = content.height >= 6 ? 1 : 0
        let height = max(1, content.height - top - 1)
        let lines = (list.count + columns - 1) / columns
        let selected = selection[.features] ?? 0
        let scroll = min(max(0, selected / columns - height / 2), max(0, lines - height))
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
                // "x1²" cannot be said in ASCII: its formula can.
                var title = row.title
                if capabilities.glyphs == .ascii, case .feature(let formula) = row.kind,
                    !title.unicodeScalars.allSatisfy(\.isASCII)
                {
                    title = formula
                }
                let mark =
                    row.kind == .ownFeature ? " " : capabilities.glyphs == .ascii ? (on ? "x" : ".") : on ? "●" : "○"
                frame.canvas.write(mark, x: rect.x + 1, y: rect.y, style: style)
                frame.canvas.write(
                    title, x: rect.x + (row.kind == .ownFeature ? 1 : 3), y: rect.y, style: style,
                    limit: step - 3)
                frame.hit(rect, .features, .row(.features, index))
            }
        }
        if scroll > 0 { frame.canvas.write("▴", x: content.maxX - 1, y: content.y + top, style: quiet) }
        if scroll + height < lines {
            frame.canvas.write("▾", x: content.maxX - 1, y: content.y + top + height - 1, style: quiet)
        }
    }
}
