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

extension StackLayout {
    /// The rows of stacks of pictures that stand side by side, each as large as its layers fit, with names above the pictures.
    /// Where they do not fit the selected layer's column keeps it in sight, and the others the layers where they meet.
    init(
        rect: Rect, columns: [[StackFlow.Place]], needs: [LayerPath: PictureNeed], selected: LayerPath,
        inspectorRows: Int, scrolled: Int, showsKernels: Bool
    ) {
        let inspectorHeight = min(inspectorRows, max(0, rect.height - 10))
        let room = rect.height - inspectorHeight
        inspector = Rect(x: rect.x, y: rect.y + room, width: rect.width, height: inspectorHeight)
        readout = Rect(x: rect.x, y: inspector.y, width: rect.width, height: 0)
        (tileWidth, tileHeight, showsLinks, namesAbove) = (6, 2, true, true)
        (rows, above, below, aboveRow) = ([], 0, 0, rect.y)
        let width = (rect.width - Self.columnGap * (columns.count - 1)) / columns.count
        for (index, places) in columns.enumerated() {
            let own = places.first { $0.layer == selected }?.line
            var lines = PictureLines(
                places: places, needs: needs, selected: own ?? (index == 0 ? places.map(\.line).max()! : 0),
                width: width - 1)
            lines.bandRows = 0
            let isWhole = lines.chooseBelowNames(rows: room, showsKernels: showsKernels)
            let column = Rect(x: rect.x + index * (width + Self.columnGap), y: rect.y, width: width, height: room)
            add(lines, in: column, isWhole: isWhole, scrolled: own == nil ? 0 : scrolled)
            if own != nil { above = marks.first { $0.isAbove && $0.x == column.x }?.count ?? 0 }
        }
    }

    /// Adds the rows of one column.
    private mutating func add(_ lines: PictureLines, in column: Rect, isWhole: Bool, scrolled: Int) {
        let shown = isWhole ? 0...lines.count - 1 : lines.shownBelowNames(rows: column.height, before: scrolled)
        let used = shown.reduce(0) { $0 + 1 + lines.height($1) }
        let spare = isWhole ? column.height - used : 0
        let gap = shown.count > 1 ? min(3, spare / (shown.count - 1)) : 0
        var y = column.y
        if shown.lowerBound > 0 {
            marks.append(Mark(x: column.x, y: y, count: shown.lowerBound, isAbove: true))
            y += 1
        }
        for line in shown {
            for place in lines.places where place.line == line {
                let part = place.part(of: Rect(x: column.x, y: y, width: column.width, height: 1))
                let height = lines.needs[place.layer]?.isBand == true ? 0 : lines.tileRows(place)
                var row = Row(
                    layer: place.layer, label: part,
                    tiles: Rect(x: part.x, y: y + 1, width: part.width, height: height))
                row.tileWidth = lines.needs[place.layer]?.map.map { lines.tile($0).columns } ?? 0
                row.kernels = Rect(x: part.x, y: y + 1 + height, width: part.width, height: lines.kernelRows(place))
                rows.append(row)
            }
            y += 1 + lines.height(line) + gap
        }
        if shown.upperBound < lines.count - 1 {
            let y = min(y, column.maxY - 1)
            marks.append(Mark(x: column.x, y: y, count: lines.count - 1 - shown.upperBound, isAbove: false))
        }
    }
}

extension PictureLines {
    /// Takes the largest tiles with which all lines fit below their names, single values lower where they must be.
    /// - Returns: whether all fit.
    fileprivate mutating func chooseBelowNames(rows: Int, showsKernels: Bool) -> Bool {
        // The free row between two lines is the name's.
        if choose(rows: rows - 1, showsKernels: showsKernels) { return true }
        (valueRows, kernels) = (1, .none)
        return choose(rows: rows - 1, showsKernels: showsKernels)
    }

    /// The lines in sight with their names: as many as fit, the selected one among them.
    fileprivate func shownBelowNames(rows: Int, before: Int) -> ClosedRange<Int> {
        /// The last line that fits below a first one.
        func last(_ first: Int) -> Int {
            var left = rows - (first > 0 ? 1 : 0) - 1 - height(first)
            var last = first
            while last + 1 < count {
                left -= 1 + height(last + 1)
                guard left >= (last + 2 < count ? 1 : 0) else { break }
                last += 1
            }
            return last
        }
        var first = min(max(0, before), selected)
        while first < selected, last(first) < selected { first += 1 }
        while first > 0, last(first - 1) == count - 1 { first -= 1 }
        return first...last(first)
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
        guard from.label.x < to.x, from.label.y > to.y, from.layer.index == head.index - 1 else { return }
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
