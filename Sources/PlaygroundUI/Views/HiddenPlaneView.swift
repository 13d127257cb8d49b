import Session
import TerminalKit

extension ViewID {
    static let hiddenPlane = ViewID("hiddenPlane")
}

extension View {
    /// The plane of two columns where a layer sends it.
    static let hiddenPlane = View(
        id: .hiddenPlane, panel: .hidden,
        words:
            "Where a hidden layer puts each point: it bends the plane until the next layer can part the classes with a straight line.",
        watch: "Whether a straight line could part the classes now: the next layer has no other means.",
        suits: { $0.columns > 0 }, heading: { HiddenPanel.title($0, width: $1) },
        request: { context, rect, request in
            request.hidden = context.hiddenTarget
            request.hiddenStart = context.hiddenStart
            request.hiddenAspect = HiddenPanel.aspect(rect: rect)
        },
        draw: HiddenPanel.drawPlane, spansColumns: true, commands: HiddenCommands.all)
}
