import Session
import TerminalKit

/// Where the editor hands a rectangle to the plots.
extension App {
    func drawPlot(_ panel: PanelID, into frame: inout Frame, _ rect: Rect) {
    }

    func drawNetwork(into frame: inout Frame, _ stack: StackLayout) {
    }
}
