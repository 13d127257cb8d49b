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

    func render() -> Frame {
        var frame = Frame(width: width, height: height)
        let layout = layout
        guard !layout.tooSmall else {
            drawTooSmall(into: &frame)
            return frame
        }
        drawTopBar(into: &frame, layout.top)
        if grid != nil {
            drawGrid(into: &frame)
            drawBottomBar(into: &frame, layout.bottom)
            drawPopup(into: &frame)
            return frame
        }
        for area in layout.areas where area.open {
            let panel = Panel[area.panel]
            frame.hit(area.rect, area.panel, .panel)
            drawPanelTitle(
                into: &frame.canvas, rect: area.rect, title: panel.title, panel: area.panel,
                focused: focus == area.panel, theme: theme, capabilities: capabilities)
            panel.draw(self, &frame, area.rect)
        }
        drawTabs(into: &frame, layout)
        if let explain = layout.explain { drawExplanation(into: &frame, explain) }
        drawTrouble(into: &frame, layout)
        drawBottomBar(into: &frame, layout.bottom)
        drawPopup(into: &frame)
        return frame
    }

    private func drawTooSmall(into frame: inout Frame) {
        let needed = "\(Layout.smallestWidth)×\(Layout.smallestHeight)"
        let wordings = [
            [
                "layercake needs a larger window", "this one has \(width)×\(height) cells", "it needs \(needed)",
                "q quits",
            ],
            ["window too small:", "\(width)×\(height) of \(needed)", "q quits"],
            ["\(width)×\(height)", "of \(needed)", "q quits"],
            ["of \(needed)", "q quits"],
        ]
        let lines = wordings.first { $0.count <= height && $0.allSatisfy { columnWidth($0) <= width } } ?? ["q quits"]
        let top = max(0, (height - lines.count) / 2)
        for (index, line) in lines.enumerated() {
            let isTitle = index == 0 && lines.count > 1
            let style = Style(isTitle ? .rgb(theme.accent) : theme.text, bold: isTitle)
            frame.canvas.writeCentred(line, x: 0, width: width, y: top + index, style: style)
        }
    }

    var plotContext: PlotContext? {
        snapshot.map {
            PlotContext(
                snapshot: $0, picture: picture, view: experiment.view, plots: plots, theme: theme,
                capabilities: capabilities, focused: false)
        }
    }

    // MARK: Styles

    var accent: Style { Style(.rgb(theme.accent), bold: true) }
    var text: Style { Style(theme.text) }
    var quiet: Style { Style(theme.quiet) }
    var faint: Style { Style(theme.faint) }
    var bad: Style { Style(.rgb(theme.bad)) }

    /// The row under the cursor; where there are no colours it is reversed.
    var selected: Style { Style(.rgb(theme.accent), on: theme.selection, bold: true, reverse: colorless) }

    private var colorless: Bool { capabilities.colors == .none }

    var rowStyles: RowStyles {
        RowStyles(
            label: quiet, value: text, selectedLabel: Style(theme.text, on: theme.selection, reverse: colorless),
            selectedValue: selected)
    }

    var menuStyles: MenuStyles {
        MenuStyles(
            border: quiet, title: accent, fill: text, item: text, detail: quiet,
            selected: selected, disabled: faint)
    }
}
