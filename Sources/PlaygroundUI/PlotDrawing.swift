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

    /// The view on the screen now, in the words of the viewer.
    public var viewRequest: ViewRequest { cache == nil ? frozen.frozenRequest : frozenRequest }

    private var frozenRequest: ViewRequest {
        var request = ViewRequest()
        guard let context = plotContext else { return request }
        let layout = layout
        guard !layout.tooSmall else { return request }
        if let match {
            request.game = match.watch
            return request
        }
        request.columns = experiment.view.columns
        request.health = true
        request.scaleFrozen = plots.scaleFrozen
        if let walk = context.plots.walk {
            request.image = context.imageChoice
            request.sequence = context.sequenceChoice
            request.asksOfLoss = context.sequenceChoice != nil
            request.walked = walk.mode == .numbers ? walk.layer : nil
            if walk.mode == .way {
                request.adversarialSample = context.adversarialSample
                if request.adversarialSample == nil { request.traced = walk.sample }
            }
            request.timeStep = context.timeStep
        }
        for area in layout.areas where area.open {
            Panel[area.panel].request(self, context, area.rect, &request)
        }
        return request
    }

    /// The thing in a panel under the mouse.
    private func pointed(x: Int, y: Int, in panel: PanelID) -> Pointed {
        guard let area = layout.area(panel), area.open, let context = plotContext(of: panel) else { return Pointed() }
        var pointed = Panel[panel].point(self, context, x, y, area.rect)
        (pointed.x, pointed.y) = (x, y)
        return pointed
    }

    /// The mouse has moved: the plots show what it points at, until it leaves.
    mutating func point(x: Int, y: Int) {
        let area = layout.areas.first { $0.open && $0.rect.contains(x: x, y: y) }
        let pointed = area.map { self.pointed(x: x, y: y, in: $0.panel) } ?? Pointed()
        if !pointed.isSame(as: plots.pointed) { plots.pointed = pointed }
    }

    /// Puts a panel's cursor under the mouse; outside of the plot it goes.
    mutating func putCursor(x: Int, y: Int, in panel: PanelID) {
        Panel[panel].putCursor(&self, pointed(x: x, y: y, in: panel))
    }
}

extension DotPlot {
    /// Draws a point of a cloud. Where there is much more room than points, it is two by two dots: one would hardly be seen.
    /// - Parameters:
    ///   - x, y: 0…1 from the left and from the bottom.
    ///   - count: of the cloud's points.
    mutating func cloudPoint(x: Double, y: Double, of count: Int, color: Color) {
        let cells = dotWidth * dotHeight / 8
        let isThick = cells >= 2_000 && cells > 8 * count
        let (left, top) = (x * Double(dotWidth - 1), (1 - y) * Double(dotHeight - 1))
        for row in 0..<(isThick ? 2 : 1) {
            for column in 0..<(isThick ? 2 : 1) { point(left + Double(column), top + Double(row), color: color) }
        }
    }
}
