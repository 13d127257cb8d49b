import Datasets
import Engine
import Session
import TerminalKit

/// The meaning of a click on a place.
enum HitTarget: Sendable, Hashable {
    case command(String)
    case panel
    case row(PanelID, Int)
    case change(PanelID, Int, direction: Int)
    case dataset(String)
    case layer(LayerPath)
    /// One network of a grid.
    case cell(Int)
}

struct Hit: Sendable, Hashable {
    var rect: Rect
    /// The panel that gets the focus.
    var panel: PanelID?
    var target: HitTarget
}

/// One drawn frame: the cells, and what lies under the pointer where.
struct Frame: Sendable {
    var canvas: Canvas
    /// Later ones lie above earlier ones.
    var hits: [Hit] = []

    init(width: Int, height: Int) { canvas = Canvas(width: width, height: height) }

    mutating func hit(_ rect: Rect, _ panel: PanelID?, _ target: HitTarget) {
        hits.append(Hit(rect: rect, panel: panel, target: target))
    }
}

extension App {
    /// The screen as it is now.
    public func draw() -> Canvas { render().canvas }

    func render() -> Frame { cache == nil ? frozen.renderFrozen() : renderFrozen() }

    private func renderFrozen() -> Frame {
        if let presentation, !layout.tooSmall { return renderPresentation(presentation) }
        var frame = Frame(width: width, height: height)
        let layout = layout
        guard !layout.tooSmall else {
            TooSmall(app: self).draw(into: &frame.canvas)
            return frame
        }
        Bars(app: self).drawTop(into: &frame, layout.top)
        drawScreen(into: &frame, layout)
        Bars(app: self).drawBottom(into: &frame, layout.bottom)
        if let popup { popup.draw(into: &frame.canvas, popup.rect(in: self), self) }
        if theme.fillsGround { frame.canvas.fillGround(.rgb(theme.backdrop), text: theme.text) }
        return frame
    }

    /// All between the two bars.
    func drawScreen(into frame: inout Frame, _ layout: Layout) {
        if let lesson, let band = layout.band { LessonBand(self, lesson, rect: band).draw(into: &frame) }
        if let match {
            MatchView(self, match).draw(into: &frame)
        } else if grid != nil {
            GridDrawing(app: self).draw(into: &frame)
        } else {
            drawPanels(into: &frame, layout)
        }
    }

    private func drawPanels(into frame: inout Frame, _ layout: Layout) {
        for area in layout.areas where area.open {
            let panel = Panel[area.panel]
            frame.hit(area.rect, area.panel, .panel)
            drawPanelTitle(
                into: &frame.canvas, rect: area.rect, title: panel.title(in: self),
                key: bindings.key(of: area.panel, glyphs: capabilities.glyphs),
                focused: focus == area.panel, theme: theme, capabilities: capabilities)
            panel.draw(self, &frame, area.rect)
        }
        Tabs(app: self).draw(into: &frame, layout)
        if let walk = layout.walk { WalkBox(app: self, rect: walk).draw(into: &frame.canvas) }
        if let explain = layout.explain {
            let rect = explain.inset(bottom: Bars(app: self).newsRows)
            ExplanationBox(app: self, rect: rect).draw(into: &frame.canvas)
        }
        TroubleBox(app: self).draw(into: &frame.canvas, layout)
    }

    var plotContext: PlotContext? {
        guard let cache else { return makePlotContext() }
        // The one that is kept does not hold what keeps it: both would stay for ever.
        var context = cache.once(.context) { makePlotContext() }
        context?.cache = cache
        return context
    }

    private func makePlotContext() -> PlotContext? {
        snapshot.map {
            var context = PlotContext(
                snapshot: $0, picture: picture, view: experiment.view, plots: plots, theme: theme,
                capabilities: capabilities, focused: false)
            context.bindings = bindings
            if plots.showsEarlier { context.earlier = earlier.comparable(with: experiment) }
            return context
        }
    }
}

/// The words on a window without room for the panels.
private struct TooSmall: ScreenPart {
    let app: App

    func draw(into canvas: inout Canvas) {
        let needed = "\(Layout.smallestWidth)×\(Layout.smallestHeight)"
        let wordings = [
            [
                "layercake needs a larger window", "this one has \(app.width)×\(app.height) cells",
                "it needs \(needed)",
                "q quits",
            ],
            ["window too small:", "\(app.width)×\(app.height) of \(needed)", "q quits"],
            ["\(app.width)×\(app.height)", "of \(needed)", "q quits"],
            ["of \(needed)", "q quits"],
        ]
        let lines =
            wordings.first { $0.count <= app.height && $0.allSatisfy { columnWidth($0) <= app.width } } ?? ["q quits"]
        let top = max(0, (app.height - lines.count) / 2)
        for (index, line) in lines.enumerated() {
            let isTitle = index == 0 && lines.count > 1
            let style = Style(isTitle ? .rgb(theme.accent) : theme.text, bold: isTitle)
            canvas.writeCentred(line, x: 0, width: app.width, y: top + index, style: style)
        }
    }
}
