import Engine
import Session
import TerminalKit

/// Where the app hands its rectangles to the plots, and what the viewer must make for them.
extension App {
    func plotContext(of panel: PanelID) -> PlotContext? {
        guard var context = plotContext else { return nil }
        context.focused = focus == panel
        return context
    }

    func drawPlot(_ panel: PanelID, into frame: inout Frame, _ rect: Rect) {
        guard let context = plotContext(of: panel) else { return }
        switch panel {
        case .output: OutputPanel.draw(into: &frame.canvas, rect: rect, context: context)
        case .hidden: HiddenPanel.draw(into: &frame.canvas, rect: rect, context: context)
        case .loss: LossPanel.draw(into: &frame.canvas, rect: rect, context: context)
        case .data, .features, .training, .stack: break
        }
    }

    func drawNetwork(into frame: inout Frame, _ stack: StackLayout) {
        guard let context = plotContext(of: .stack) else { return }
        NetworkPanel.draw(into: &frame.canvas, layout: stack, context: context)
    }

    /// What is on the screen now, in the words of the viewer.
    public var viewRequest: ViewRequest {
        var request = ViewRequest()
        guard let context = plotContext else { return request }
        let layout = layout
        guard !layout.tooSmall else { return request }
        request.columns = experiment.view.columns
        request.scaleFrozen = plots.scaleFrozen
        for area in layout.areas where area.open {
            switch area.panel {
            case .output where !context.snapshot.data.columns.isEmpty:
                let geometry = OutputGeometry(rect: area.rect, context: context)
                request.boundary = geometry.pixels(curve: context.columns.count == 1)
                request.neuron = context.neuron
                // The plane's middle, until the cursor says where.
                let place = plots.place ?? PlotPlace(x: 0.5, y: 0.5)
                request.probe = SIMD2(context.xRange.value(at: place.x), context.yRange.value(at: place.y))
            case .hidden:
                request.hidden = HiddenTarget(view: experiment.view, outline: context.snapshot.outline)
            case .stack:
                let stack = stackLayout(panelContent(of: area.rect))
                let tiles = NetworkPanel.tiles(layout: stack, outline: context.snapshot.outline, cursor: plots.cursor)
                request.tileSize = tiles.size
                request.tiles = tiles.rows
                request.probed = plots.cursor.map { ViewRequest.Neuron(layer: $0.layer, unit: $0.unit) }
            default: break
            }
        }
        return request
    }

    /// Puts a plot's cursor under the mouse; outside of the plot it goes. In the stack it is the one over neurons and
    /// weights.
    mutating func point(x: Int, y: Int, in panel: PanelID) {
        guard let area = layout.area(panel), area.open, let context = plotContext(of: panel) else { return }
        switch panel {
        case .output: plots.place = OutputPanel.place(x: x, y: y, rect: area.rect, context: context)
        case .loss: plots.moment = LossPanel.moment(x: x, y: y, rect: area.rect, context: context)
        case .stack:
            plots.cursor = NetworkPanel.hit(
                x: x, y: y, layout: stackLayout(panelContent(of: area.rect)), context: context)
        case .data, .features, .training, .hidden: break
        }
    }
}
