import Engine
import Session
import TerminalKit

/// The network's picture within the stack, and the cursor over its neurons and weights.
extension App {
    func drawNetwork(into frame: inout Frame, _ stack: StackLayout) {
        guard let context = plotContext(of: .stack) else { return }
        NetworkPanel.draw(into: &frame.canvas, layout: stack, context: context)
        // Links pass behind the names that stand between the tiles.
        if stack.namesAbove {
            for row in stack.rows { drawLabel(into: &frame, row, isOneLine: true) }
        }
        drawPointedNumber(into: &frame, context)
    }

    /// The number of the link or bias under the mouse, beside it.
    private func drawPointedNumber(into frame: inout Frame, _ context: PlotContext) {
        let pointed = plots.pointed
        guard let cursor = pointed.cursor, let area = layout.area(.stack),
            let parameter = NetworkPanel.parameter(at: cursor, snapshot: context.snapshot)
        else { return }
        let text = " \(formatNumber(Double(parameter.value), digits: 4)) "
        let width = columnWidth(text)
        let x = max(area.rect.x, min(pointed.x + 2, area.rect.maxX - width))
        let y = max(area.rect.y + 1, pointed.y - 1)
        frame.canvas.write(text, x: x, y: y, style: Style(.rgb(theme.accent), on: theme.selection, bold: true))
    }

    /// The cursor over the network; the selected layer is the cursor's.
    mutating func setCursor(_ cursor: NetworkCursor?) {
        plots.cursor = cursor
        if let cursor, cursor.layer != shown(selectedLayer) { select(layer: cursor.layer) }
    }

    /// A click on a neuron keeps its response in the output plot, another one gives the output back, as does a click
    /// beside all neurons.
    mutating func keepResponse(of cursor: NetworkCursor?) {
        guard let outline = snapshot?.outline, cursor?.from == nil, takenAway("view.neuron") == nil else { return }
        let response = cursor.flatMap { NetworkPanel.response(of: $0, outline) }
        changeView { $0.neuron = $0.neuron == response ? nil : response }
    }
}
