import Session
import TerminalKit

extension ViewID {
    static let plane = ViewID("plane")
}

extension View {
    /// The plane of two columns, coloured by the network's answer or by one neuron's, with the data on top.
    static let plane = View(
        id: .plane, panel: .output,
        words:
            "What the network answers for every point of the plane; the points are the data. Where the colours meet is the decision boundary.",
        watch: "Islands around single points: these are learned by heart.",
        suits: { $0.columns > 1 && $0.task != .reconstruction },
        heading: { context, _ in
            OutputPanel.title(context) + (context.plots.pen == nil ? "" : " · \(context.penWords)")
                + (context.handLine == nil ? "" : " · drag the line")
        },
        request: OutputPanel.requestPlot, draw: OutputPanel.drawPlot,
        inWords: OutputWords.plane, point: OutputPanel.point,
        putCursor: { app, pointed in
            if app.plots.hand != nil, app.handRefusal == nil {
                if let place = pointed.place { app.pullLine(to: place, goesOn: app.isDragging) }
                return
            }
            app.plots.place = pointed.place ?? (app.plots.pen == nil ? nil : app.plots.place)
            if pointed.place != nil { app.stroke(goesOn: app.isDragging) }
        }, spansColumns: true,
        commands: [
            Command(
                "output.discretize", "the decision alone, without shades", hint: "discretize", keys: ["d"],
                panels: [.output], views: [.plane], control: "view.discretize"
            ) { app in app.changeView { $0.discretize.toggle() } }
        ])
}
