import Session
import TerminalKit

extension ViewID {
    static let curve = ViewID("curve")
}

extension View {
    /// The network's answer over one column, a curve, with the data on top.
    static let curve = View(
        id: .curve, panel: .output,
        words:
            "What the network answers for every value of the column; the points are the data that the curve is to follow.",
        watch: "Wiggles between the points that no point asks for: overfitting.",
        suits: { $0.columns == 1 && $0.task != .reconstruction }, heading: { context, _ in OutputPanel.title(context) },
        request: OutputPanel.requestPlot, draw: OutputPanel.drawPlot,
        inWords: OutputWords.curve, point: OutputPanel.point,
        putCursor: { $0.plots.place = $1.place }, spansColumns: true)
}
