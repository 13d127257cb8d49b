import Engine
import Session
import TerminalKit

extension OutputPanel {
    /// The views that have a cursor on a plot.
    private static let planes: Set<ViewID> = [.plane, .curve, .adversarialPlane]

    public static let commands: [Command] = [
        Command(
            "output.test", "show the test points, or not", hint: "test data", keys: ["t"], panels: [.output],
            views: [.plane, .curve, .rivals],
            control: "view.showTestData"
        ) { app in app.changeView { $0.showTestData.toggle() } },
        Command(
            "output.nextUnit", "the next neuron's response in place of the output", hint: "neuron", keys: ["u"],
            panels: [.output], views: [.plane, .curve], control: "view.neuron"
        ) { walkNeurons(&$0, 1) },
        Command(
            "output.previousUnit", "the neuron before in place of the output", hint: "neuron", keys: ["U"],
            panels: [.output], views: [.plane, .curve], control: "view.neuron"
        ) { walkNeurons(&$0, -1) },
        Command(
            "output.output", "back from a neuron to the output", keys: ["backspace", "0"], panels: [.output],
            views: [.plane, .curve],
            disabled: { $0.experiment.view.neuron == nil ? "the plot shows the output" : nil }
        ) { app in app.changeView { $0.neuron = nil } },
        Command(
            "output.left", "a cursor on the plot: left", hint: "read", keys: ["left", "h"], panels: [.output],
            views: planes
        ) {
            move(&$0, x: -1, y: 0)
        },
        Command(
            "output.right", "a cursor on the plot: right", hint: "read", keys: ["right", "l"], panels: [.output],
            views: planes
        ) {
            move(&$0, x: 1, y: 0)
        },
        Command(
            "output.up", "a cursor on the plot: up", keys: ["up", "k"], panels: [.output], views: planes
        ) {
            move(&$0, x: 0, y: 1)
        },
        Command(
            "output.down", "a cursor on the plot: down", keys: ["down", "j"], panels: [.output],
            views: planes
        ) {
            move(&$0, x: 0, y: -1)
        },
        Command(
            "output.way", "the way of the nearest sample through the network, with all numbers", hint: "sample",
            keys: ["enter"], panels: [.output], views: planes,
            disabled: { $0.plotContext?.hasTraceableRows == true ? nil : "this data has no samples to walk through" }
        ) { WalkCommands.start.run(&$0) },
        Command(
            "output.leave", "no cursor on the plot", keys: ["x"], panels: [.output], views: planes,
            disabled: { $0.plots.place == nil ? "there is no cursor" : nil }
        ) { $0.plots.place = nil },
    ]

    private static func move(_ app: inout App, x: Double, y: Double) {
        // The first key press shows the cursor in the middle.
        guard var place = app.plots.place else { return app.plots.place = PlotPlace(x: 0.5, y: 0.5) }
        place.x = min(max(place.x + x / 40, 0.0125), 0.9875)
        place.y = min(max(place.y + y / 20, 0.025), 0.975)
        app.plots.place = place
    }

    /// Through the output, the features, and every unit of every layer.
    private static func walkNeurons(_ app: inout App, _ direction: Int) {
        guard let outline = app.snapshot?.outline else { return }
        let several = outline.unitCount(layer: outline.output) > 1
        let layers = outline.pathsWithUnits.filter { several || $0 != outline.output }
        let all: [ViewRequest.Neuron?] =
            [nil]
            + layers.flatMap { layer in
                (0..<outline.unitCount(layer: layer)).map { ViewRequest.Neuron(layer: layer, unit: $0) }
            }
        let place = all.firstIndex(of: app.experiment.view.neuron) ?? 0
        let next = all[(place + direction + all.count) % all.count]
        app.changeView { $0.neuron = next }
    }
}
