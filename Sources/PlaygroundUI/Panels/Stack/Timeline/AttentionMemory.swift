import Basics
import Engine
import Session
import TerminalKit

/// The weights of a layer whose steps look at each other.
struct AttentionMemory: TimelinePart {
    let whole: TimelineDrawing
    let row: StackLayout.Row
    /// `[steps, steps]`: of each step those of the steps that it takes from.
    private let weights: [Float]
    private let count: Int

    static let mostLineRows = 5

    /// nil: they are not those of the row's layer.
    init?(_ whole: TimelineDrawing, _ row: StackLayout.Row, _ weights: [Float]) {
        let count = whole.outline[row.layer]?.attention?.steps ?? 0
        guard weights.count == count * count, count > 0 else { return nil }
        (self.whole, self.row, self.weights, self.count) = (whole, row, weights, count)
    }

    /// A row for each step that looks, a column for each that is looked at; the rows around the time cursor.
    func draw(into canvas: inout Canvas) {
        let steps = max(1, min(count, context.length(ofSteps: count)))
        // Lines where the matrix keeps rows enough.
        let height = row.tiles.height
        let lineRows = height >= 6 ? min(Self.mostLineRows, max(height / 3, height - steps)) : 0
        drawLines(
            into: &canvas, Rect(x: timeline.x, y: row.tiles.y, width: timeline.width, height: lineRows))
        let tiles = row.tiles.inset(top: lineRows)
        let (size, shown) = whole.unitSize(steps, rows: tiles.height)
        let first = min(max(0, step - shown / 2), steps - shown)
        let largest = max(1e-9, weights.max() ?? 1)
        whole.drawMap(
            into: &canvas, tiles, units: Array(first..<first + shown),
            colour: { mixColors(theme.backdrop, theme.good, ($0 * 12).rounded() / 12) }
        ) { looking, seen in seen < steps ? weights[looking * count + seen] / largest : nil }
        timeline.drawCursor(
            into: &canvas,
            Rect(
                x: tiles.x, y: tiles.y, width: tiles.width, height: isPlain ? shown * size : (shown * size + 1) / 2),
            context)
        if (first..<first + shown).contains(step) {
            let y = tiles.y + (step - first) * size / (isPlain ? 1 : 2)
            let mark = Style(.rgb(theme.accent), bold: true)
            canvas[timeline.x - 1, y] = Cell(context.ascii ? ">" : "▸", mark)
            if !context.colorless, !context.ascii { lightRow(into: &canvas, step, first, size, tiles) }
        }
        let x = row.label.x + 1
        let width = timeline.x - x - 2
        let words =
            ["looks ↓", "at →", "max \(formatFixed(Double(largest), decimals: 2))"]
            + (steps > shown ? ["+\(plural(steps - shown, "row"))"] : [])
            + (outline[row.layer]?.attention?.isCausal == true ? ["causal"] : [])
        for (line, text) in words.enumerated() where row.label.y + 1 + line < row.tiles.maxY {
            canvas.write(text, x: x, y: row.label.y + 1 + line, style: quiet, limit: width)
        }
    }

    /// From the step under the time cursor, below, lines to the steps that it takes from, above, brighter the more it takes; those
    /// of the other steps are faint.
    private func drawLines(into canvas: inout Canvas, _ rect: Rect) {
        guard rect.height > 0 else { return }
        var dots = DotPlot(width: rect.width, height: rect.height, capabilities: context.capabilities)
        let end = min(count, context.length(ofSteps: count))
        func x(_ step: Int) -> Double { Double(2 * (timeline.x(step) - rect.x) + timeline.columns) }
        for looking in timeline.steps where looking < end {
            let own = weights[looking * count..<(looking + 1) * count]
            let largest = max(1e-9, own.max() ?? 1)
            let isOwn = looking == step
            for seen in timeline.steps where seen < end {
                let share = weights[looking * count + seen] / largest
                // A fifth of the largest weight counts as something; of other steps their favourite alone.
                guard isOwn ? share > 0.2 : share == 1 else { continue }
                let color = mixColors(theme.backdrop, theme.accent, 0.3 + 0.7 * share)
                dots.line(
                    x(looking), Double(dots.dotHeight) - 1, x(seen), 0,
                    style: isOwn ? Style(.rgb(color), bold: share == 1) : Style(theme.faint), weight: isOwn ? 5 : 1,
                    step: isOwn ? 1 : context.colorless ? 3 : 2)
            }
        }
        dots.draw(into: &canvas, x: rect.x, y: rect.y)
    }

    /// The row of the time cursor, brighter than the others.
    private func lightRow(into canvas: inout Canvas, _ step: Int, _ first: Int, _ size: Int, _ rect: Rect) {
        let halves = (step - first) * size..<(step - first + 1) * size
        for y in rect.y + halves.lowerBound / 2...rect.y + (halves.upperBound - 1) / 2 {
            lightLine(into: &canvas, y) { halves.contains(2 * (y - rect.y) + ($0 ? 1 : 0)) }
        }
    }

    private func lightLine(into canvas: inout Canvas, _ y: Int, isLit: (_ lower: Bool) -> Bool) {
        for x in timeline.x..<timeline.x + timeline.steps.count * timeline.pitch {
            func mixed(_ lower: Bool) -> Color {
                let own = canvas.backdrop(x: x, y: y, lower: lower)
                guard isLit(lower), case .rgb(let colour) = own else { return own }
                return .rgb(mixColors(colour, theme.accent, 0.3))
            }
            canvas[x, y] = Cell("▀", Style(mixed(false), on: mixed(true)))
        }
    }
}
