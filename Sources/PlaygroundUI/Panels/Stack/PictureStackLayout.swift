import Engine
import Session
import TerminalKit

/// The pictures of a layer in the stack.
struct PictureNeed: Sendable, Hashable {
    /// nil: single values.
    var map: ImageShape?
    /// nil: it has no kernels.
    var kernel: ImageShape?
    /// It has no units of its own: a line of words.
    var isBand = false
    /// Rows below its tiles for their names.
    var footRows = 0
}

/// The heights of the lines of a stack of pictures.
struct PictureLines {
    enum Kernels { case none, selected, all }

    let places: [StackFlow.Place]
    let needs: [LayerPath: PictureNeed]
    let selected: Int
    /// Columns for tiles in a whole line.
    let width: Int
    /// Columns of a map's pixel.
    var scale = 1.0
    var kernels = Kernels.none
    /// Rows of single values, and of a layer without units.
    var valueRows = 2
    var bandRows = 1

    static let scales: [Double] = [4, 3, 2, 1, 1 / 2, 1 / 3, 1 / 4, 1 / 6, 1 / 8, 1 / 12, 1 / 16, 1 / 32]
    /// Higher tiles would leave too few layers in sight.
    static let bestRows = 5
    static let leastRows = 3

    var count: Int { places.map(\.line).max()! + 1 }
    /// From the line before the selected one that has pictures to the one behind it.
    var neighbours: ClosedRange<Int> {
        let before = (0..<selected).last { line in
            places.contains { $0.line == line && needs[$0.layer]?.isBand != true }
        }
        return (before ?? 0)...min(count - 1, selected + 1)
    }

    /// A map's tile; small maps keep two rows.
    func tile(_ map: ImageShape) -> (columns: Int, rows: Int) {
        let scale = max(scale, min(1, 4 / Double(map.height)))
        let rows = Int((Double(map.height) * scale / 2).rounded(.up))
        return (max(1, Int((Double(map.width) * scale).rounded())), rows)
    }

    func kernelRows(_ place: StackFlow.Place) -> Int {
        guard let kernel = needs[place.layer]?.kernel, kernels == .all || kernels == .selected && place.line == selected
        else { return 0 }
        return min(4, (kernel.height + 1) / 2)
    }

    func tileRows(_ place: StackFlow.Place) -> Int {
        guard let need = needs[place.layer] else { return 1 }
        return need.map.map { tile($0).rows } ?? (need.isBand ? bandRows : valueRows)
    }

    func height(_ line: Int) -> Int {
        places.filter { $0.line == line }
            .map { tileRows($0) + kernelRows($0) + (needs[$0.layer]?.footRows ?? 0) }.max() ?? 1
    }

    /// With a free row between two lines.
    func height(_ lines: ClosedRange<Int>) -> Int { lines.reduce(0) { $0 + height($1) } + lines.count - 1 }

    /// Whether so many tiles of each layer, or all, stand side by side.
    func fitsAcross(_ abreast: Int) -> Bool {
        places.allSatisfy { place in
            guard let map = needs[place.layer]?.map else { return true }
            let tiles = min(abreast, place.units) * (tile(map).columns + 1)
            return Double(tiles) <= Double(width) * (place.to - place.from)
        }
    }

    var highest: Int { places.compactMap { needs[$0.layer]?.map }.map { tile($0).rows }.max() ?? 1 }
    private var isLegible: Bool {
        places.compactMap { needs[$0.layer]?.map }.allSatisfy { map in
            tile(map).rows >= min(Self.leastRows, (map.height + 1) / 2)
        } || highest >= Self.leastRows
    }

    /// Takes the largest tiles with which all lines fit, or else the largest with which the selected line and its
    /// neighbours do.
    /// - Returns: whether all lines fit.
    mutating func choose(rows: Int, showsKernels: Bool) -> Bool {
        let abreast = width < 30 ? 2 : 3
        for scale in Self.scales {
            self.scale = scale
            guard isLegible, fitsAcross(abreast + 1), height(0...count - 1) <= rows else { continue }
            if showsKernels {
                kernels = .all
                if height(0...count - 1) > rows { kernels = .selected }
                if height(0...count - 1) > rows { kernels = .none }
            }
            return true
        }
        let fitting = Self.scales.first {
            scale = $0
            return highest <= Self.bestRows && fitsAcross(abreast) && height(neighbours) + 2 <= rows
        }
        scale = fitting ?? Self.scales.last!
        if showsKernels {
            kernels = .selected
            if height(neighbours) + 2 > rows { kernels = .none }
        }
        return false
    }
}

extension StackLayout {
    /// The rows of a stack whose layers are pictures: as large as all layers fit, and where they do not, large enough to be
    /// looked at, with the selected layer and its neighbours in sight.
    /// - Parameters:
    ///   - selected: the line of the selected layer.
    ///   - keepsInput: the input stays on top when the others are scrolled.
    init(
        rect: Rect, places: [StackFlow.Place], needs: [LayerPath: PictureNeed], selected: Int, inspectorRows: Int,
        titleWidth: Int, scrolled: Int, showsKernels: Bool, keepsInput: Bool
    ) {
        let name = min(titleWidth, rect.width / 3)
        let labelWidth = rect.width >= 80 ? max(15, name + 1) : max(8, name + 1)
        var lines = PictureLines(
            places: places, needs: needs, selected: selected, width: rect.width - labelWidth - 1)
        let count = lines.count
        let least = lines.height(0...0) + 8
        let inspectorHeight = min(inspectorRows, max(0, rect.height - least))
        let room = Rect(x: rect.x, y: rect.y, width: rect.width, height: rect.height - inspectorHeight)
        let isWhole = lines.choose(rows: room.height, showsKernels: showsKernels)

        var shown = 0...count - 1
        let pinned = keepsInput ? lines.height(0) + 1 : 0
        if !isWhole {
            /// The last line that fits below a first one.
            func last(_ first: Int) -> Int {
                var left = room.height - (first > 0 ? 1 + pinned : 0)
                var last = first
                left -= lines.height(first)
                while last + 1 < count {
                    left -= 1 + lines.height(last + 1)
                    guard left >= (last + 2 < count ? 1 : 0) else { break }
                    last += 1
                }
                return last
            }
            let wanted = lines.neighbours
            var first = min(max(0, scrolled), wanted.lowerBound)
            while first < selected, last(first) < wanted.upperBound { first += 1 }
            while first > 0, last(first - 1) == count - 1 { first -= 1 }
            shown = first...last(first)
        }
        let isPinned = pinned > 0 && shown.lowerBound > 0
        above = shown.lowerBound - (isPinned ? 1 : 0)
        below = count - 1 - shown.upperBound
        let spare = room.height - (isWhole ? lines.height(0...count - 1) : room.height)
        let gap = 1 + (count > 1 ? min(3, spare / (count - 1)) : 0)

        inspector = Rect(x: rect.x, y: room.maxY, width: rect.width, height: inspectorHeight)
        readout = Rect(x: rect.x, y: room.maxY, width: rect.width, height: 0)
        (tileWidth, tileHeight, showsLinks) = (6, 2, true)
        var y = room.y
        func add(_ line: Int, to rows: inout [Row]) {
            for place in places where place.line == line {
                let need = needs[place.layer] ?? PictureNeed()
                let beside = places.filter { $0.line == line }
                let own = beside.firstIndex(of: place)!
                let tile = need.map.map { lines.tile($0) }
                let part = place.part(
                    of: Rect(x: rect.x + labelWidth, y: y, width: rect.width - labelWidth, height: 1))
                let height = lines.tileRows(place)
                var row = Row(
                    layer: place.layer,
                    label: Rect(
                        x: rect.x, y: beside.count == 1 ? y : y + own, width: labelWidth,
                        height: beside.count == 1 ? min(3, lines.height(line)) : own < lines.height(line) ? 1 : 0),
                    tiles: Rect(x: part.x, y: y, width: part.width, height: need.isBand ? 0 : height))
                row.tileWidth = tile?.columns ?? 0
                row.kernels = Rect(x: part.x, y: y + height, width: part.width, height: lines.kernelRows(place))
                rows.append(row)
            }
            y += lines.height(line)
        }
        var placed: [Row] = []
        if isPinned {
            add(0, to: &placed)
            y += 1
        }
        aboveRow = y
        if above > 0 { y += 1 }
        for line in shown {
            add(line, to: &placed)
            y += gap
        }
        rows = placed
    }
}
