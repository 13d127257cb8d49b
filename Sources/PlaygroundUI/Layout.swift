import Session
import TerminalKit

/// The layout's inputs besides the size. Nothing in it changes while training goes on or the focus moves within
/// a panel: a panel keeps its place.
public struct LayoutRequest: Sendable, Hashable {
    /// The plot in front where only one fits.
    public var front: ViewSettings.Panel
    /// The panel of the data or of the network in front where only one fits.
    public var side: PanelID
    /// The panel that takes all between the two bars, or nil.
    public var enlarged: PanelID?
    /// A walk is shown.
    public var walks: Bool
    /// Rows above the panels that a lesson takes.
    public var band: Int
    /// Before an audience: one plot and one other panel, the stack at first, on the whole screen.
    public var presents: Bool
    public init(
        front: ViewSettings.Panel = .output, side: PanelID? = nil, enlarged: PanelID? = nil, walks: Bool = false,
        band: Int = 0, presents: Bool = false
    ) {
        self.presents = presents
        self.walks = walks
        self.band = band
        self.front = front
        self.side = side ?? Panel.network.id
        self.enlarged = enlarged
    }
}

/// Where everything stands: a pure function of the size and of what is in front.
///
/// Columns follow the data: what goes in, the stack, what comes out. Where panels have no room beside one another they
/// share a place: one of them is open, and its title row has a tab for each, which keeps its place whichever is open.
public struct Layout: Sendable, Hashable {
    public struct Area: Sendable, Hashable {
        public var panel: PanelID
        /// The title row and what is below it; of a folded panel its tab.
        public var rect: Rect
        /// false: only the tab is shown.
        public var open: Bool
        /// Its tab, where it shares its place with others; nil: the whole title row is its own.
        public var tab: Rect?
    }

    public static let smallestWidth = 60
    public static let smallestHeight = 18

    public var width: Int
    public var height: Int
    public var top: Rect
    public var bottom: Rect
    /// A lesson's text; nil: none is open.
    public var band: Rect?
    /// All between the two bars, below a lesson.
    public var body: Rect
    public var areas: [Area] = []
    /// Where the story is told and the focus explained, its title row included; nil: no room.
    public var explain: Rect?
    /// Where a walk's numbers stand, its title row included; nil: there is no walk.
    public var walk: Rect?

    public var tooSmall: Bool { width < Self.smallestWidth || height < Self.smallestHeight }

    public func area(_ panel: PanelID) -> Area? { areas.first { $0.panel == panel } }

    public init(width: Int, height: Int, request: LayoutRequest = LayoutRequest()) {
        self.width = width
        self.height = height
        top = Rect(x: 0, y: 0, width: width, height: 1)
        bottom = Rect(x: 0, y: max(0, height - 1), width: width, height: 1)
        body = Rect(x: 0, y: 1, width: width, height: max(0, height - 2))
        guard !tooSmall else { return }
        if request.presents {
            top.height = 0
            body = Rect(x: 0, y: 0, width: width, height: height - 1)
        }
        if request.band > 0 {
            band = Rect(x: 0, y: body.y, width: width, height: request.band)
            body = body.inset(top: request.band)
        }
        if request.walks {
            layWalk(body, request)
            return
        }
        if let panel = request.enlarged {
            open(panel, body.inset(left: 1, right: 1))
            return
        }
        if request.presents {
            layPresentation(body, request)
            return
        }
        if width >= 104 { layWide(body, request) } else { layNarrow(body, request) }
    }

    private mutating func open(_ panel: PanelID, _ rect: Rect) {
        areas.append(Area(panel: panel, rect: rect, open: true))
    }

    /// The columns that plots beside each other take of so many.
    private func plotColumns(of rest: Int) -> Int {
        // The boundary is square: a column is half as wide as a row is high.
        let square = body.height * 54 / 50 + 6
        return body.height < 31 && width >= 150
            ? rest * 56 / 100 : min(max(square, rest * 42 / 100), rest * 46 / 100)
    }

    /// A walk stands in place of the settings, which rest meanwhile, with the stack beside it; the plots go where there is
    /// little room, or the stack is enlarged.
    private mutating func layWalk(_ body: Rect, _ request: LayoutRequest) {
        let isWide = width >= 104
        let leftWidth = isWide ? min(64, max(36, width * 30 / 100)) : min(44, max(29, width * 47 / 100))
        walk = Rect(x: 0, y: body.y, width: leftWidth, height: body.height)
        var middle = Rect(x: leftWidth + 1, y: body.y, width: width - leftWidth - 2, height: body.height)
        if isWide, request.enlarged == nil {
            let plotWidth = plotColumns(of: width - leftWidth - 1)
            let right = Rect(x: width - plotWidth, y: body.y, width: plotWidth - 1, height: body.height)
            middle.width = right.x - middle.x - 1
            layPlots(right, request)
        }
        open(Panel.network.id, layExplanation(middle, besides: 20))
    }

    private mutating func layPresentation(_ body: Rect, _ request: LayoutRequest) {
        let plot = Panel.plot(request.front).flatMap { $0.place == .network ? nil : $0 } ?? Panel.plots[0]
        // The boundary is square, as far as the stack keeps enough.
        let plotWidth = min(body.height * 2 + 4, body.width * 60 / 100)
        let leftWidth = body.width - plotWidth - 3
        open(request.side, Rect(x: 1, y: body.y, width: leftWidth, height: body.height))
        open(plot.id, Rect(x: leftWidth + 2, y: body.y, width: plotWidth, height: body.height))
    }

    private mutating func layWide(_ body: Rect, _ request: LayoutRequest) {
        let leftWidth = min(49, max(27, width * 18 / 100 + 8))
        let rest = width - leftWidth - 1
        let plotWidth = plotColumns(of: rest)
        let left = Rect(x: 0, y: body.y, width: leftWidth, height: body.height)
        let right = Rect(x: width - plotWidth, y: body.y, width: plotWidth - 1, height: body.height)
        let middle = Rect(x: leftWidth + 1, y: body.y, width: right.x - leftWidth - 2, height: body.height)
        open(Panel.network.id, layExplanation(middle, besides: 20))
        layPlots(right, request)
        layEditors(left, Panel.inputs, request)
    }

    private mutating func layNarrow(_ body: Rect, _ request: LayoutRequest) {
        let leftWidth = min(44, max(29, width * 47 / 100))
        let left = Rect(x: 0, y: body.y, width: leftWidth, height: body.height)
        let right = layExplanation(
            Rect(x: leftWidth + 1, y: body.y, width: width - leftWidth - 2, height: body.height), besides: 28)
        if request.front == .network {
            open(Panel.network.id, right)
            layEditors(left, Panel.inputs, request)
        } else {
            layEditors(left, [Panel.network] + Panel.inputs, request)
            layPlots(right, request)
        }
    }

    /// As long as a story may be that is read in full beside the network at 120 columns, in characters.
    static let storyLength = 369

    /// The explanation at the foot of a column, as high as a story needs there, where so many rows remain `besides` it.
    /// - Returns: the rest of the column.
    private mutating func layExplanation(_ column: Rect, besides: Int) -> Rect {
        // A line of words ends four columns before the margin, on average.
        let line = column.width - 2 - 4
        let lines = min(max((Self.storyLength + line - 1) / line, min(10, column.height / 6)), column.height - besides)
        guard lines >= 6 else { return column }
        explain = Rect(x: column.x, y: column.maxY - lines - 1, width: column.width, height: lines + 1)
        return column.inset(bottom: lines + 1)
    }

    /// Panels one below the other where all fit; else the stack above tabs for the others, or tabs for all of them.
    private mutating func layEditors(_ column: Rect, _ panels: [Panel], _ request: LayoutRequest) {
        guard panels.reduce(0, { $0 + $1.heights.least }) > column.height else { return layColumn(column, panels) }
        func front(_ panels: [Panel]) -> PanelID {
            (panels.first { $0.id == request.side } ?? panels[0]).id
        }
        if panels[0].place == .network, column.height >= 30 {
            let below = 13
            open(panels[0].id, column.inset(bottom: below))
            let rest = Array(panels.dropFirst())
            return layTabs(column.inset(top: column.height - below), rest, open: front(rest))
        }
        layTabs(column, panels, open: front(panels))
    }

    private mutating func layColumn(_ column: Rect, _ panels: [Panel]) {
        var heights = panels.map(\.heights.least)
        var spare = column.height - heights.reduce(0, +)
        let order = panels.indices.sorted { panels[$0].heights.rank < panels[$1].heights.rank }
        for wanted in [\Panel.Heights.best, \.ample] as [KeyPath<Panel.Heights, Int>] {
            for index in order {
                let more = min(spare, max(0, panels[index].heights[keyPath: wanted] - heights[index]))
                heights[index] += more
                spare -= more
            }
        }
        // Pictures grow, as far as the room below the last panel is of no use to it.
        for index in order {
            let more = min(spare, panels[index].heights.growth)
            heights[index] += more
            spare -= more
        }
        heights[panels.firstIndex { $0.place == .network } ?? panels.count - 1] += spare
        layStacked(column, zip(panels, heights).map { ($0.id, $1) })
    }

    private mutating func layPlots(_ column: Rect, _ request: LayoutRequest) {
        let plots = Panel.plots
        let height = column.height
        /// Each of the panels takes a little more than half of what those before it left.
        func shares(_ panels: ArraySlice<Panel>) -> [(PanelID, Int)] {
            var left = height
            return panels.map { panel in
                let own = panel.id == panels.last!.id ? left : left * 54 / 100
                left -= own
                return (panel.id, own)
            }
        }
        if height >= 31 { return layStacked(column, shares(plots[...])) }
        if column.width >= 68 {
            let half = column.width / 2
            open(plots[0].id, Rect(x: column.x, y: column.y, width: half, height: height))
            return layStacked(
                Rect(x: column.x + half + 1, y: column.y, width: column.width - half - 1, height: height),
                shares(plots.dropFirst()))
        }
        func front(_ panels: [Panel]) -> PanelID { (panels.first { $0.place == .plot(request.front) } ?? panels[0]).id }
        // The last plot, the losses, below the others, where they keep enough.
        let last = plots.last!
        guard height >= 25 else { return layTabs(column, plots, open: front(plots)) }
        let others = Array(plots.dropLast())
        layTabs(column.inset(bottom: last.heights.least), others, open: front(others))
        open(last.id, column.inset(top: height - last.heights.least))
    }

    private mutating func layStacked(_ column: Rect, _ parts: [(PanelID, Int)]) {
        var y = column.y
        for (panel, height) in parts {
            open(panel, Rect(x: column.x, y: y, width: column.width, height: height))
            y += height
        }
    }

    /// One of the panels is open; a tab for each stands in its title row, and in rows above that where one is too
    /// narrow.
    private mutating func layTabs(_ column: Rect, _ panels: [Panel], open front: PanelID) {
        let widths = panels.map { columnWidth($0.tabTitle) + 2 }
        let gap = 1 + widths.reduce(0, +) + 2 * (panels.count - 1) <= column.width ? 2 : 1
        var (x, y) = (column.x + 1, column.y)
        var tabs: [Rect] = []
        for width in widths {
            if x + width > column.maxX, x > column.x + 1 { (x, y) = (column.x + 1, y + 1) }
            tabs.append(Rect(x: x, y: y, width: width, height: 1))
            x += width + gap
        }
        for (panel, tab) in zip(panels.map(\.id), tabs) {
            let rect = panel == front ? column.inset(top: y - column.y) : tab
            areas.append(Area(panel: panel, rect: rect, open: panel == front, tab: tab))
        }
    }
}

extension Rect {
    /// This rectangle made smaller on each side; never negative.
    func inset(left: Int = 0, top: Int = 0, right: Int = 0, bottom: Int = 0) -> Rect {
        Rect(x: x + left, y: y + top, width: max(0, width - left - right), height: max(0, height - top - bottom))
    }
}
