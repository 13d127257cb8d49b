import Engine
import TerminalKit

extension StackFlow {
    /// The places of two stacks that train against each other, each with lines of its own.
    /// - Parameter end: the layer at which the first stack ends; it heads the second one.
    func columns(endingAt end: Int) -> [[Place]] {
        guard let head = places.first(where: { $0.layer == LayerPath(end) }) else { return [places] }
        let (first, second) = (places.filter { $0.line < head.line }, places.filter { $0.line >= head.line })
        return [
            first,
            second.map { place in
                var place = place
                place.line -= head.line
                return place
            },
        ]
    }
}

extension StackLayout {
    /// The columns between two stacks: the way from the end of one to the head of the other.
    static let columnGap = 2
    /// A narrower panel has one column.
    static let leastColumnsWidth = 36

    /// The rows of stacks that stand side by side, their first lines beside each other. Names stand above the tiles: a column
    /// is too narrow for names beside them.
    /// - Parameters:
    ///   - columns: the layers of each stack on its lines.
    ///   - bands: layers that have no units of their own.
    ///   - selected: the selected layer.
    init(
        rect: Rect, columns: [[StackFlow.Place]], bands: Set<LayerPath>, selected: LayerPath, inspectorRows: Int,
        scrolled: Int, footRows: Int
    ) {
        let count = columns.joined().map(\.line).max()! + 1
        let inspectorHeight = min(inspectorRows, max(0, rect.height - min(count, 4) - 1))
        let room = max(1, rect.height - inspectorHeight - footRows)
        inspector = Rect(x: rect.x, y: rect.maxY - inspectorHeight, width: rect.width, height: inspectorHeight)
        readout = Rect(x: rect.x, y: inspector.y, width: rect.width, height: 0)
        aboveRow = rect.y
        namesAbove = true

        let width = (rect.width - Self.columnGap * (columns.count - 1)) / columns.count
        let widest = columns.joined().map { min(4, $0.units) }.max()!
        // The largest tiles with which every line and its links fit, and beside each other two, of tiles that are large all of
        // a small layer.
        let linked = (1...8).last { tile in
            count * (1 + tile) + (count - 1) * NetworkLinks.leastRows <= room
                && (tile > 3 ? widest : 2) * (2 * tile + 2) + 3 <= width
        }
        // Pictures that can be told come before links.
        let tile =
            linked.flatMap { $0 > 1 || room >= 18 ? $0 : nil } ?? [2, 1].first { count * (1 + $0) <= room } ?? 0
        let hasLinks = linked == tile
        (tileWidth, tileHeight, showsLinks) = (2 * max(1, tile), max(1, tile), hasLinks)

        let lines = 1 + tile
        let isWhole = count * lines <= room
        let visible = isWhole ? count : max(1, (room - 2) / lines)
        let row = columns.joined().first { $0.layer == selected }?.line ?? 0
        let first = Self.first(visible: visible, of: count, with: row, before: scrolled)
        // The space left over goes between the lines, so that the last stands at the bottom.
        let most = hasLinks ? 2 * tile + 4 : tile > 0 ? 1 : 0
        let travel = visible > 1 ? min(room - (isWhole ? 0 : 2) - lines, (visible - 1) * (lines + most)) : 0
        let margin = hasLinks ? 0 : 1
        rows = columns.enumerated().flatMap { index, places in
            let x = rect.x + index * (width + Self.columnGap)
            return places.filter { (first..<first + visible).contains($0.line) }.map { place in
                let step = visible > 1 ? (place.line - first) * travel / (visible - 1) : 0
                let y = rect.y + (isWhole ? 0 : 1) + step
                return Row(
                    layer: place.layer, label: Rect(x: x, y: y, width: width, height: 1),
                    tiles: place.part(
                        of: Rect(
                            x: x + margin, y: y + 1, width: width - margin,
                            height: bands.contains(place.layer) ? 0 : tile)))
            }
        }
        above = first
        below = count - first - visible
    }
}

/// The way of samples from the end of one stack to the head of the other, which stands beside it.
struct ColumnWay {
    let layout: StackLayout
    let geometry: NetworkGeometry
    /// The layer that heads the second stack.
    let head: LayerPath

    func draw(into canvas: inout Canvas, _ style: Style, isASCII: Bool) {
        guard let end = layout.rows.firstIndex(where: { $0.layer == head }), end > 0 else { return }
        let (from, to) = (layout.rows[end - 1], layout.rows[end].label)
        guard from.label.x < to.x, from.label.y > to.y else { return }
        let glyphs: [Unicode.Scalar] = isASCII ? ["-", "+", "|", "+", ">"] : ["─", "╯", "│", "╭", "▸"]
        let x = to.x - StackLayout.columnGap
        let tiles = geometry.row(from.layer)
        let y = tiles.map { $0.rect.y + ($0.rect.height - 1) / 2 } ?? from.label.y
        let start = tiles.map { $0.tileX($0.units.upperBound - 1) + $0.tileWidth + 1 } ?? x
        for column in start..<max(start, x) where canvas[column, y].scalar == " " {
            canvas[column, y] = Cell(glyphs[0], style)
        }
        canvas[x, y] = Cell(glyphs[1], style)
        for row in to.y + 1..<max(to.y + 1, y) { canvas[x, row] = Cell(glyphs[2], style) }
        canvas[x, to.y] = Cell(glyphs[3], style)
        canvas[x + 1, to.y] = Cell(glyphs[4], style)
    }
}
