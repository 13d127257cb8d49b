import Engine
import Session
import TerminalKit

/// The cursor over the network's neurons and weights.
extension App {
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
