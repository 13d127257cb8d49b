import Basics
import Engine
import Session
import TerminalKit

extension ViewID {
    static let hiddenStates = ViewID("hiddenStates")
}

extension View {
    /// Where a layer puts states of the game, each in the colour of the action that the network takes there.
    static let hiddenStates = View(
        id: .hiddenStates, panel: .hidden,
        words:
            "Every point is a state of the game, where a layer's values put it, in the colour of the action that the network takes there: the last layer parts states by what is to be done. ◆ is the state of the game beside.",
        watch: "Whether states with the same action lie together.",
        suits: { $0.hasGame }, heading: { HiddenPanel.title($0, width: $1) },
        request: { context, _, request in
            request.cloud = context.hiddenTarget
            if request.game == nil { request.game = context.plots.game }
        },
        draw: { canvas, rect, context in HiddenStates(panelContent(of: rect), context)?.draw(into: &canvas) },
        commands: [
            Command(
                "hidden.states", "games: the states as a layer sees them, or the replay memory", hint: "states/memory",
                keys: ["i"], panels: [.hidden], views: [.hiddenStates, .replayMemory], disabled: GameScreen.missing
            ) { $0.toggle(.hiddenStates) }
        ])
}

private struct HiddenStates {
    private let context: PlotContext
    private let states: StateCloud
    private let actions: [String]
    private let plot: Rect

    init?(_ content: Rect, _ context: PlotContext) {
        let plot = content.inset(left: 1, right: 1, bottom: 2)
        guard let states = context.shown?.states, let actions = context.environment?.actions, plot.height > 1,
            plot.width > 8
        else { return nil }
        (self.context, self.states, self.actions, self.plot) = (context, states, actions, plot)
    }

    private func color(_ action: Int) -> UInt32 {
        actions.count == 2
            ? (action == 0 ? context.theme.negative : context.theme.positive) : context.theme.color(ofClass: action)
    }

    private var signs: ClassSigns? { context.fewColors || context.ascii ? ClassSigns(actions) : nil }

    func draw(into canvas: inout Canvas) {
        // Where colours cannot be told apart each state is the sign of its action.
        let signs = signs
        var dots = DotPlot(width: plot.width, height: plot.height, capabilities: context.capabilities)
        let places = states.cloud.places
        for (index, place) in places.enumerated() where place.x.isFinite && place.y.isFinite {
            let ink = Color.rgb(color(states.actions[index]))
            if let signs {
                let cell = cell(place)
                canvas.write(signs.text(states.actions[index]), x: cell.x, y: cell.y, style: Style(ink))
            } else {
                dots.cloudPoint(x: Double(place.x), y: Double(place.y), of: places.count, color: ink)
            }
        }
        if signs == nil { dots.draw(into: &canvas, x: plot.x, y: plot.y) }
        if states.hasPresent, let place = places.last, place.x.isFinite, place.y.isFinite {
            let cell = cell(place)
            canvas.write(
                context.ascii ? "@" : "◆", x: cell.x, y: cell.y,
                style: Style(.rgb(context.theme.accent), bold: true, reverse: context.colorless))
        }
        drawLegend(into: &canvas)
    }

    private func cell(_ place: SIMD2<Float>) -> (x: Int, y: Int) {
        (
            plot.x + min(plot.width - 1, Int(bounded: place.x * Float(plot.width))),
            plot.y + min(plot.height - 1, Int(bounded: (1 - place.y) * Float(plot.height)))
        )
    }

    /// The axes, and the actions in their colours.
    private func drawLegend(into canvas: inout Canvas) {
        let cloud = states.cloud
        let names =
            cloud.target.pca
            ? zip(["PC 1", "PC 2"], cloud.explained).map { "\($0) \(formatFixed(Double($1) * 100, decimals: 0)) %" }
            : cloud.target.units.map { "unit \($0 + 1)" }
        let count = cloud.places.count - (states.hasPresent ? 1 : 0)
        let words =
            names.joined(separator: context.ascii ? " x " : " × ")
            + " · \(plural(count, "state"))" + (states.areRemembered ? "" : " of random play")
        canvas.writeCentred(words, x: plot.x, width: plot.width, y: plot.maxY, style: context.axisStyle)
        let signs = signs
        var x = plot.x
        for (index, action) in (signs?.names ?? actions).enumerated() where x + columnWidth(action) <= plot.maxX {
            let style = Style(.rgb(color(index)), bold: true)
            x +=
                2
                + (signs?.writeName(index, into: &canvas, x: x, y: plot.maxY + 1, style: style, limit: plot.maxX - x)
                    ?? canvas.write(action, x: x, y: plot.maxY + 1, style: style))
        }
    }
}
