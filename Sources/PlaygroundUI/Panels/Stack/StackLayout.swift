import Engine
import TerminalKit

/// Where the stack's rows stand inside its panel: the editor draws the labels, the network panel tiles and links.
///
/// The app makes one for each frame and hands it to `NetworkPanel.draw(into:layout:context:)` and to
/// `NetworkPanel.hit(x:y:layout:context:) -> NetworkCursor?`.
///
/// Input first, then the hidden layers, then the output layer. When they do not all fit, the rows around the
/// selected one are there, and `above` and `below` count the others.
///
/// It is long with its extensions, because each arrangement of the rows has an initializer in a file of its own: tiles, pictures,
/// steps, two columns.
public struct StackLayout: Sendable, Hashable {
    public struct Row: Sendable, Hashable {
        public var layer: LayerPath
        /// Where the editor writes the layer's name, activation and parameters.
        public var label: Rect
        /// Where the tiles go, as high as one tile. Empty: no room for tiles.
        public var tiles: Rect
        /// The columns of one tile; 0: the layout's.
        var tileWidth = 0
        /// Where kernels stand below the maps; may be empty.
        var kernels = Rect(x: 0, y: 0, width: 0, height: 0)
    }

    public var rows: [Row]
    /// One tile, in cells: twice as wide as high is square. Height 1 in the compact form.
    public var tileWidth: Int
    public var tileHeight: Int
    /// Links fit between the rows.
    public var showsLinks: Bool
    /// Names stand above the tiles, not beside them.
    var namesAbove = false
    /// Layers scrolled away.
    public var above: Int
    public var below: Int
    /// The row that tells how many are scrolled away above.
    var aboveRow: Int
    /// The numbers of layers out of sight, where each column scrolls by itself.
    var marks: [Mark] = []
    struct Mark: Sendable, Hashable {
        var x: Int
        var y: Int
        var count: Int
        var isAbove: Bool
    }
    /// Rows for the number under the network's cursor where there is no other place for it; may be empty.
    public var readout: Rect
    /// Rows for the selected layer's knobs.
    public var inspector: Rect
    /// The first unit that was shown before of each layer that is too wide: it stays as long as the cursor is seen.
    public var firstUnits: [LayerPath: Int] = [:]
    /// The rows show their layers' values over the steps of a sequence, from left to right; nil: tiles.
    var timeline: Timeline?

    /// - Parameters:
    ///   - rect: the panel below its title row.
    ///   - units: the number of units of the input and of each of the outline's layers (so one more than layers).
    ///   - selected: the selected layer, −1 for the input.
    ///   - inspectorRows: the rows that the selected layer's knobs want, their title included.
    ///   - titleWidth: the columns of the longest layer's name.
    ///   - scrolled: how many layers were scrolled away before; they stay as long as the selected one is seen.
    ///   - footRows: free rows below the output's tiles.
    public init(
        rect: Rect, units: [Int], selected: Int, inspectorRows: Int, titleWidth: Int = 8, scrolled: Int = 0,
        footRows: Int = 0
    ) {
        let places = units.enumerated().map { StackFlow.Place(layer: LayerPath($0 - 1), line: $0, units: $1) }
        self.init(
            rect: rect, places: places, selected: min(max(0, selected + 1), units.count - 1),
            inspectorRows: inspectorRows, titleWidth: titleWidth, scrolled: scrolled, footRows: footRows)
    }

    /// - Parameters:
    ///   - places: the layers on their lines.
    ///   - selected: the line of the selected layer.
    init(
        rect: Rect, places: [StackFlow.Place], selected selectedRow: Int, inspectorRows: Int, titleWidth: Int,
        scrolled: Int, footRows: Int
    ) {
        let count = places.map(\.line).max()! + 1
        let inspectorHeight = min(inspectorRows, max(0, rect.height - min(count, 4) - 1))
        let height = rect.height - inspectorHeight
        inspector = Rect(x: rect.x, y: rect.maxY - inspectorHeight, width: rect.width, height: inspectorHeight)
        readout = Rect(x: rect.x, y: inspector.y, width: rect.width, height: 0)
        aboveRow = rect.y
        let margins = (top: height >= 22 ? 1 : 0, bottom: max(footRows, height >= 30 ? 1 : 0))
        let room = max(1, height - margins.top - margins.bottom)
        let top = rect.y + margins.top

        // Names stand whole, and where there is room with a free column at their left.
        let name = min(titleWidth, rect.width / 3)
        var labelWidth = rect.width >= 80 ? max(15, name + 1) : rect.width >= 40 ? max(11, name + 1) : 0
        /// The units that would stand in a whole line as closely.
        func most(_ units: (StackFlow.Place) -> Int) -> Int {
            places.map { Int((Double(units($0)) / ($0.to - $0.from)).rounded(.up)) }.max()!
        }
        let widest = most { min(8, $0.units) }
        // The largest tile with which every row, and the widest layer up to eight units, fits.
        var fitting = (3...16).last { tile in
            count * tile + (count - 1) * max(2, tile * 2 / 3) <= room
                && widest * (2 * tile + 2) <= rect.width - labelWidth
        }
        // Smaller tiles before links, rows or units go, in a narrow panel too as long as a few tiles fit beside the names.
        let all = most(\.units)
        let wanted = all <= 8 ? all : 4
        let low = [2, 1].filter { count * $0 + (count - 1) * NetworkLinks.leastRows <= room }
        let small =
            low.first { wanted * (2 * $0 + 1) <= rect.width - max(8, name) } ?? (labelWidth > 0 ? low.first : nil)
        if labelWidth == 0 { fitting = nil }
        if fitting == nil, let small {
            // The names' margin goes only where a tile more then fits.
            let (close, apart) = (rect.width - max(8, name), rect.width - max(9, name + 1))
            let needsMargin = (apart...close).contains(widest * (2 * small + 1))
            (fitting, labelWidth) = (small, rect.width - (needsMargin ? close : apart))
        }
        let tilesX = rect.x + labelWidth
        let tilesWidth = rect.maxX - tilesX
        let loose = labelWidth > 0 && room >= 3 && (fitting != nil || room >= 3 * 3 + 2 * 2)
        if loose {
            let tile = fitting ?? 3
            // Tighter links before rows scroll away.
            let least = fitting.map { $0 > 2 ? 3 : NetworkLinks.leastRows } ?? NetworkLinks.leastRows
            let visible = min(count, max(1, (room + least) / (tile + least)))
            // The space left over goes between the rows, so that the output stands at the bottom.
            let travel = min(room - tile, (visible - 1) * (2 * tile + 4))
            let first = StackLayout.first(visible: visible, of: count, with: selectedRow, before: scrolled)
            // Three lines of words where the rows are far enough apart.
            let lines = visible > 1 ? max(tile, min(3, travel / (visible - 1) - 1)) : max(3, tile)
            rows = places.filter { (first..<first + visible).contains($0.line) }.map { place in
                let index = place.line - first
                let y = top + (visible > 1 ? index * travel / (visible - 1) : 0)
                // Layers side by side have a line of words each.
                let beside = places.filter { $0.line == place.line }
                let own = beside.firstIndex(of: place)!
                let height = min(lines, top + room - y)
                return Row(
                    layer: place.layer,
                    label: beside.count == 1
                        ? Rect(x: rect.x, y: y, width: labelWidth, height: height)
                        : Rect(x: rect.x, y: y + own, width: labelWidth, height: own < height ? 1 : 0),
                    tiles: place.part(of: Rect(x: tilesX, y: y, width: tilesWidth, height: tile)))
            }
            (tileWidth, tileHeight) = (2 * tile, tile)
            showsLinks = true
            above = first
            below = count - first - visible
        } else {
            // One line of words, a line of small tiles below it where there is room, and a blank one.
            let lines = room >= count * 3 ? 3 : room >= count * 2 ? 2 : 1
            let marks = count * lines > room ? 2 : 0
            let visible = min(count, max(1, (room - marks) / lines))
            let first = StackLayout.first(visible: visible, of: count, with: selectedRow, before: scrolled)
            rows = places.filter { (first..<first + visible).contains($0.line) }.map { place in
                let y = top + (marks > 0 ? 1 : 0) + (place.line - first) * lines
                return Row(
                    layer: place.layer,
                    label: place.part(of: Rect(x: rect.x, y: y, width: rect.width, height: 1)),
                    tiles: place.part(
                        of: Rect(
                            x: rect.x + 1, y: y + 1, width: lines > 1 ? rect.width - 2 : 0, height: lines > 1 ? 1 : 0)))
            }
            (tileWidth, tileHeight) = (2, 1)
            showsLinks = false
            above = first
            below = count - first - visible
        }
    }

    /// The readout takes the inspector's rows, whose keys rest while there is a cursor.
    mutating func readOutInsteadOfInspecting() {
        guard !inspector.isEmpty else { return }
        readout = inspector
        inspector = Rect(x: inspector.x, y: inspector.y, width: inspector.width, height: 0)
    }

    /// Whether no other layer stands on the same line.
    func isAlone(_ row: Row) -> Bool {
        !namesAbove && rows.count { $0.tiles.y == row.tiles.y && $0.layer != row.layer } == 0
    }

    /// The compact form: rows are single lines.
    public var compact: Bool { !showsLinks }

    /// The first layer that is shown: the one before as long as the selected one is seen.
    static func first(visible: Int, of count: Int, with row: Int, before: Int) -> Int {
        max(0, min(max(min(before, count - visible), row - visible + 1), row))
    }
}

extension StackFlow.Place {
    /// Its part of a whole line.
    func part(of line: Rect) -> Rect {
        let (left, right) = (Int(from * Double(line.width)), Int(to * Double(line.width)))
        return Rect(x: line.x + left, y: line.y, width: right - left, height: line.height)
    }
}
