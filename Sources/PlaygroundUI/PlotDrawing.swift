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

    /// The view on the screen now, in the words of the viewer.
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
                request.hidden = context.hiddenTarget
                request.hiddenStart = context.hiddenStart
                request.hiddenAspect = HiddenPanel.aspect(rect: area.rect)
            case .stack:
                let stack = stackLayout(panelContent(of: area.rect))
                let tiles = NetworkPanel.tiles(layout: stack, outline: context.snapshot.outline, cursor: plots.cursor)
                request.tileSize = tiles.size
                request.tiles = tiles.rows
                request.probed = plots.looksAt.map { ViewRequest.Neuron(layer: $0.layer, unit: $0.unit) }
            default: break
            }
        }
        return request
    }

    /// The thing in a panel's plot under the mouse.
    private func pointed(x: Int, y: Int, in panel: PanelID) -> Pointed {
        var pointed = Pointed()
        guard let area = layout.area(panel), area.open, let context = plotContext(of: panel) else { return pointed }
        (pointed.x, pointed.y) = (x, y)
        switch panel {
        case .output: pointed.place = OutputPanel.place(x: x, y: y, rect: area.rect, context: context)
        case .loss: pointed.moment = LossPanel.moment(x: x, y: y, rect: area.rect, context: context)
        case .stack:
            pointed.cursor = NetworkPanel.hit(
                x: x, y: y, layout: stackLayout(panelContent(of: area.rect)), context: context)
        case .data, .features, .training, .hidden: break
        }
        return pointed
    }

    /// The mouse has moved: the plots show what it points at, until it leaves.
    mutating func point(x: Int, y: Int) {
        let area = layout.areas.first { $0.open && $0.rect.contains(x: x, y: y) }
        let pointed = area.map { self.pointed(x: x, y: y, in: $0.panel) } ?? Pointed()
        if !pointed.isSame(as: plots.pointed) { plots.pointed = pointed }
    }

    /// Puts a plot's cursor under the mouse; outside of the plot it goes. In the stack it is the one over neurons and
    /// weights.
    mutating func putCursor(x: Int, y: Int, in panel: PanelID) {
        let pointed = self.pointed(x: x, y: y, in: panel)
        switch panel {
        case .output: plots.place = pointed.place
        case .loss: plots.moment = pointed.moment
        case .stack: setCursor(pointed.cursor)
        case .data, .features, .training, .hidden: break
        }
    }

    /// The cursor over the network; the selected layer is the cursor's.
    mutating func setCursor(_ cursor: NetworkCursor?) {
        plots.cursor = cursor
        if let cursor, cursor.layer != selectedLayer { select(layer: cursor.layer) }
    }

    /// A click on a neuron keeps its response in the output plot, another one gives the output back, as does a click
    /// beside all neurons.
    mutating func keepResponse(of cursor: NetworkCursor?) {
        guard let outline = snapshot?.outline, cursor?.from == nil, takenAway("view.neuron") == nil else { return }
        let response = cursor.flatMap { NetworkPanel.response(of: $0, outline) }.map { [$0.layer, $0.unit] } ?? []
        changeView { $0.neuron = $0.neuron == response ? [] : response }
    }
}
