import Engine
import Session
import TerminalKit

/// The arrows between the layers of a stack unrolled in time: the steps at which values are handed on.
struct TimelineArrows: TimelinePart {
    let whole: TimelineDrawing

    /// Where a row between two layers has room for them.
    func draw(into canvas: inout Canvas) {
        let rows = whole.layout.rows
        for (upper, lower) in zip(rows, rows.dropFirst()) where lower.tiles.y - upper.tiles.maxY == 1 {
            draw(into: &canvas, from: upper.layer, to: lower.layer, y: upper.tiles.maxY)
        }
    }

    /// The layer's values enter or leave at these steps.
    private func draw(into canvas: inout Canvas, from upper: LayerPath, to lower: LayerPath, y: Int) {
        let (hasUpper, hasLower) = (hasTime(upper), hasTime(lower))
        // The state after the last step is handed on, of cells that read backwards the one at the first step.
        var lastStates: [Int] {
            (outline[upper]?.cells.contains(where: \.isReversed) == true ? [0] : [])
                + [context.length(ofSteps: stepCount(upper)) - 1]
        }
        let steps: [Int] =
            if hasUpper, hasLower {
                Array(0..<context.length(ofSteps: stepCount(lower)))
            } else if !hasUpper, hasLower {
                Array(0..<stepCount(lower))
            } else if hasUpper, outline.hasMemory(layer: upper) {
                lastStates
            } else if hasUpper {
                Array(0..<context.length(ofSteps: stepCount(upper)))
            } else {
                [max(0, whole.length - 1)]
            }
        if hasUpper, hasLower, !outline.hasSteps(layer: upper) {
            drawBranch(into: &canvas, from: lastStates, to: steps, y: y)
        }
        let arrow: Unicode.Scalar = context.ascii ? "v" : "↓"
        for step in steps where timeline.steps.contains(step) {
            let isNow = step == self.step
            canvas[middle(step), y] = Cell(
                arrow, Style(isNow || steps.count <= 2 ? .rgb(theme.accent) : theme.faint))
        }
    }

    /// A line from the states that are handed on to all steps that take them; out of sight it ends at the edge.
    private func drawBranch(into canvas: inout Canvas, from states: [Int], to steps: [Int], y: Int) {
        let places = (states + steps).map { min(max($0, timeline.steps.lowerBound), timeline.steps.upperBound - 1) }
        guard let first = places.min(), let last = places.max() else { return }
        for x in middle(first)...middle(last) { canvas[x, y] = Cell(context.ascii ? "-" : "─", Style(theme.faint)) }
        for state in states where timeline.steps.contains(state) {
            canvas[middle(state), y] = Cell(context.ascii ? "+" : "┘", Style(.rgb(theme.accent)))
        }
    }

    /// The column of a step's arrow.
    private func middle(_ step: Int) -> Int { timeline.x(step) + (timeline.columns - 1) / 2 }

    private func stepCount(_ layer: LayerPath) -> Int {
        outline[layer]?.cells.last?.steps ?? outline.shape(layer: layer).axes[0]
    }

    /// Whether a row shows a layer's values by step.
    private func hasTime(_ layer: LayerPath) -> Bool {
        let shape = outline.shape(layer: layer)
        return shape.axes.count == 2 && shape.axes[0] > 1 || layer == timeline.main && outline.hasMemory(layer: layer)
            || outline[layer]?.cells.isEmpty == false
    }
}
