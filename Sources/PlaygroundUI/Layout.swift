import Session
import TerminalKit

/// How far the focused panel is enlarged.
public enum Enlargement: Sendable, Hashable {
    case none
    /// The whole of its side: the right column for a plot, middle and right for the stack, the left for the rest.
    case side
    /// All between the two bars.
    case screen
}

/// What the layout depends on besides the size.
public struct LayoutRequest: Sendable, Hashable {
    /// The plot in front where only one fits.
    public var front: ViewSettings.Panel
    /// The editing panel in front where only one fits (data, features, training, stack).
    public var side: PanelID
    /// The panel that is enlarged, and how far.
    public var enlarged: PanelID?
    public var enlargement: Enlargement
    /// What stands in place of the explanation, in full, where there is room; empty: the explanation.
    public var story: String
    public init(
        front: ViewSettings.Panel = .output, side: PanelID = .stack, enlarged: PanelID? = nil,
        enlargement: Enlargement = .none, story: String = ""
    ) {
        self.front = front
        self.side = side
        self.enlarged = enlarged
        self.enlargement = enlargement
        self.story = story
    }
}

/// Where everything stands: a pure function of the size and of what is in front.
///
/// Columns follow the data: what goes in, the stack, what comes out. A panel that has no room is folded to its
/// title row, so that its key and its place stay visible.
public struct Layout: Sendable, Hashable {
    public struct Area: Sendable, Hashable {
        public var panel: PanelID
        /// The title row and what is below it.
        public var rect: Rect
        /// false: only the title row is shown.
        public var open: Bool
    }

    public static let smallestWidth = 60
    public static let smallestHeight = 18

    public var width: Int
    public var height: Int
    public var top: Rect
    public var bottom: Rect
    /// All between the two bars.
    public var body: Rect
    public var areas: [Area] = []
    /// Where the focus is explained; nil: no room.
    public var explain: Rect?
    /// The request's story stands there in full.
    public var tellsStory = false

    public var tooSmall: Bool { width < Self.smallestWidth || height < Self.smallestHeight }

    public func area(_ panel: PanelID) -> Area? { areas.first { $0.panel == panel } }

    public init(width: Int, height: Int, request: LayoutRequest = LayoutRequest()) {
        self.width = width
        self.height = height
        top = Rect(x: 0, y: 0, width: width, height: 1)
        bottom = Rect(x: 0, y: max(0, height - 1), width: width, height: 1)
        body = Rect(x: 0, y: 1, width: width, height: max(0, height - 2))
        guard !tooSmall else { return }
        if let panel = request.enlarged, request.enlargement == .screen {
            areas = [Area(panel: panel, rect: body.inset(left: 1, right: 1), open: true)]
            return
        }
        if width >= 104 { layWide(body, request) } else { layNarrow(body, request) }
    }

    private mutating func layWide(_ body: Rect, _ request: LayoutRequest) {
        let leftWidth = width >= 190 ? 36 : width >= 140 ? 32 : width >= 116 ? 28 : 26
        let rest = width - leftWidth - 1
        let short = body.height < 31
        // The boundary is square: a column is half as wide as a row is high.
        let square = body.height * 54 / 50 + 6
        let plotWidth: Int =
            short && width >= 150 ? rest * 56 / 100 : min(max(square, rest * 42 / 100), rest * 47 / 100)
        let left = Rect(x: 0, y: body.y, width: leftWidth, height: body.height)
        let right = Rect(x: width - plotWidth, y: body.y, width: plotWidth - 1, height: body.height)
        let middle = Rect(x: leftWidth + 1, y: body.y, width: right.x - leftWidth - 2, height: body.height)
        if request.enlarged == .stack, request.enlargement == .side {
            areas.append(
                Area(
                    panel: .stack,
                    rect: Rect(x: middle.x, y: body.y, width: right.maxX - middle.x, height: body.height),
                    open: true))
        } else {
            areas.append(Area(panel: .stack, rect: middle, open: true))
            layPlots(right, request)
        }
        layEditors(left, [.data, .features, .training], request)
    }

    private mutating func layNarrow(_ body: Rect, _ request: LayoutRequest) {
        let leftWidth = min(44, max(29, width * 42 / 100))
        let left = Rect(x: 0, y: body.y, width: leftWidth, height: body.height)
        let right = Rect(x: leftWidth + 1, y: body.y, width: width - leftWidth - 2, height: body.height)
        if request.enlarged == .stack, request.enlargement == .side {
            areas.append(Area(panel: .stack, rect: right, open: true))
            layEditors(left, [.data, .features, .training], request)
        } else if request.front == .network {
            areas.append(Area(panel: .stack, rect: right, open: true))
            layEditors(left, [.data, .features, .training], request)
        } else {
            layEditors(left, [.stack, .data, .features, .training], request)
            layPlots(right, request)
        }
    }

    /// The least and the best height of an editing panel, title row and closing blank included.
    private static func heights(_ panel: PanelID) -> (least: Int, best: Int) {
        switch panel {
        case .data: (10, 13)
        case .features: (5, 7)
        case .training: (9, 16)
        case .stack: (12, 18)
        case .output, .hidden, .loss: (1, 1)
        }
    }

    /// Panels one below the other: as many open as fit, those in front first; the rest show their titles.
    private mutating func layEditors(_ column: Rect, _ panels: [PanelID], _ request: LayoutRequest) {
        var explainHeights = (least: 8, best: 10)
        var open: Set<PanelID> = []
        var used = panels.count
        let enlarged = request.enlargement == .side ? request.enlarged.flatMap { panels.contains($0) ? $0 : nil } : nil
        let front =
            enlarged ?? (panels.contains(request.side) ? request.side : panels.contains(.stack) ? .stack : .training)
        let order = enlarged.map { [$0] } ?? ([front] + [.stack, .training, .data, .features].filter { $0 != front })
        var explains = false
        if !request.story.isEmpty, enlarged == nil {
            // The panel in front and the others' titles stay.
            let wanted = wrapText(request.story, columns: column.width - 2).count + 2
            let stack = front == .stack ? Self.heights(front).best : Self.heights(front).least
            if panels.count - 1 + stack + wanted <= column.height {
                explainHeights = (max(8, wanted), max(10, wanted))
                tellsStory = true
            }
        }
        for panel in order where panels.contains(panel) {
            // The stack in front is worth more than its explanation: it gets the rows for its tiles.
            let heights = Self.heights(panel)
            let need = (panel == front && panel == .stack ? heights.best : heights.least) - 1
            if panel == front || used + need <= column.height {
                open.insert(panel)
                used += need
            }
            // The explanation matters more than a third panel.
            if panel == order.first, used + explainHeights.least <= column.height, enlarged == nil || column.height > 20
            {
                explains = true
                used += explainHeights.least
            }
        }
        var heights: [PanelID: Int] = [:]
        for panel in panels {
            let own = Self.heights(panel)
            heights[panel] = !open.contains(panel) ? 1 : panel == front && panel == .stack ? own.best : own.least
        }
        var explainHeight = explains ? explainHeights.least : 0
        var spare = column.height - heights.values.reduce(0, +) - explainHeight
        for panel in [.features, .data, .training, .stack] as [PanelID] where open.contains(panel) && spare > 0 {
            let more = min(spare, max(0, Self.heights(panel).best - heights[panel]!))
            heights[panel]! += more
            spare -= more
        }
        if explains {
            let more = min(max(0, spare), explainHeights.best - explainHeights.least)
            explainHeight += more
            spare -= more
        }
        if spare > 0 {
            let taker: PanelID = open.contains(.stack) ? .stack : open.contains(.training) ? .training : front
            heights[taker]! += spare
        }
        var y = column.y
        for panel in panels {
            let height = min(heights[panel]!, column.maxY - y)
            guard height > 0 else { break }
            areas.append(
                Area(
                    panel: panel, rect: Rect(x: column.x, y: y, width: column.width, height: height),
                    open: open.contains(panel)))
            y += height
        }
        if explains { explain = Rect(x: column.x, y: y, width: column.width, height: column.maxY - y) }
    }

    private mutating func layPlots(_ column: Rect, _ request: LayoutRequest) {
        let plots: [PanelID] = [.output, .hidden, .loss]
        if let panel = request.enlarged, plots.contains(panel), request.enlargement == .side {
            areas.append(Area(panel: panel, rect: column, open: true))
            return
        }
        let height = column.height
        if height >= 31 {
            let output = height * 54 / 100
            let hidden = (height - output) * 54 / 100
            appendColumn(column, [(.output, output), (.hidden, hidden), (.loss, height - output - hidden)])
        } else if column.width >= 68 {
            let half = column.width / 2
            let hidden = height * 54 / 100
            areas.append(
                Area(panel: .output, rect: Rect(x: column.x, y: column.y, width: half, height: height), open: true))
            appendColumn(
                Rect(x: column.x + half + 1, y: column.y, width: column.width - half - 1, height: height),
                [(.hidden, hidden), (.loss, height - hidden)])
        } else {
            let front: PanelID =
                switch request.front {
                case .hidden: .hidden
                case .loss: .loss
                case .output, .network: .output
                }
            // A second plot where the first keeps enough: the loss under the boundary.
            let second: PanelID? = height >= 25 ? (front == .loss ? .output : .loss) : nil
            let secondHeight = second == .output ? 15 : 8
            let folded = plots.filter { $0 != front && $0 != second }.count
            appendColumn(
                column,
                plots.map { panel in
                    if panel == front { return (panel, height - folded - (second == nil ? 0 : secondHeight)) }
                    return (panel, panel == second ? secondHeight : 1)
                })
        }
    }

    private mutating func appendColumn(_ column: Rect, _ parts: [(PanelID, Int)]) {
        var y = column.y
        for (panel, height) in parts {
            areas.append(
                Area(
                    panel: panel, rect: Rect(x: column.x, y: y, width: column.width, height: height), open: height > 1))
            y += height
        }
    }
}

extension Rect {
    /// This rectangle made smaller on each side; never negative.
    func inset(left: Int = 0, top: Int = 0, right: Int = 0, bottom: Int = 0) -> Rect {
        Rect(x: x + left, y: y + top, width: max(0, width - left - right), height: max(0, height - top - bottom))
    }
}
