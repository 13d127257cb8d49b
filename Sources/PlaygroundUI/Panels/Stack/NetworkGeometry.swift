import Engine
import Session
import TerminalKit

/// Where each tile of the network stands: the rows share one pitch, so that equal layers stand above each other; of a
/// wide layer the tiles around the cursor are there.
struct NetworkGeometry: Sendable, Hashable {
    struct Row: Sendable, Hashable {
        var layer: LayerPath
        /// The units of which tiles are shown.
        var units: Range<Int>
        /// How many there are in all.
        var count: Int
        /// The left edge of the first tile, and the step to the next.
        var x: Int
        var pitch: Int
        var tileWidth: Int
        /// As high as a tile.
        var rect: Rect
        /// Below the tiles; may be empty.
        var kernels: Rect
        /// It stands in a stack of pictures, which has no room for lines between them.
        var isPicture: Bool
        var hidden: Int { count - units.count }
        func tileX(_ unit: Int) -> Int { x + (unit - units.lowerBound) * pitch }
    }
    let rows: [Row]
    let tileWidth: Int
    let tileHeight: Int
    let showsLinks: Bool

    init(layout: StackLayout, outline: Outline, cursor: NetworkCursor?) {
        tileWidth = layout.tileWidth
        tileHeight = layout.tileHeight
        showsLinks = layout.showsLinks
        let present = layout.rows.filter {
            !$0.tiles.isEmpty && ($0.layer.isInput || outline[$0.layer] != nil) && outline.hasUnits(layer: $0.layer)
        }
        let tile = tileWidth
        // One column between tiles is the bias'; small tiles stand as close as that.
        let tight = !layout.showsLinks || tile <= 4
        let margin = layout.showsLinks && tight ? 0 : 1
        let least = tile + (tight ? 1 : 2)
        // Of images each layer has tiles of its own width: maps in their proportions, single values as narrow as needed.
        let isImage = outline.hasMaps(layer: .input)
        let isPictures = layout.rows.contains { $0.tileWidth > 0 }
        let room = present.map { ($0.tiles.width - margin) / max(1, outline.tileCount(layer: $0.layer)) }.min() ?? 0
        let commonPitch = min(max(least, room), layout.showsLinks ? 2 * tile : tile + 1)
        rows = present.map { row in
            let width = row.tiles.width - margin
            let count = outline.tileCount(layer: row.layer)
            var (tile, pitch) = (tile, commonPitch)
            var rect = row.tiles
            if isImage {
                let shape = outline.map(layer: row.layer)
                if shape != nil, row.tileWidth > 0 {
                    tile = row.tileWidth
                } else if let shape {
                    tile = imageRect(shape, in: Rect(x: 0, y: 0, width: tile, height: layout.tileHeight)).width
                } else {
                    // Wide ones stand two columns apart.
                    let room = width / max(1, count)
                    tile = max(2, min(tile, room > 5 ? room - 2 : room - 1))
                    rect.height = min(rect.height, 2)
                }
                pitch = tile + (tile > 4 && row.tileWidth == 0 ? 2 : 1)
                // Single values stand without gaps rather than out of sight.
                if isPictures, shape == nil, count * pitch > width { (tile, pitch) = (2, 2) }
            }
            // Room for " +56" at the right end, where it can be told for " 12–15".
            let fits = max(1, (width + pitch - tile - 1) / pitch)
            let digits = String(count).count
            let behind = count <= fits ? 0 : isPictures ? 2 * digits + 2 : digits + 2
            /// The first column is the bias'; pictures have the margin for it.
            func tiles(before words: Int) -> Int {
                max(1, (width - (isPictures ? 0 : 1) - words + pitch - tile) / pitch)
            }
            // Rather a third picture than which ones they are.
            let told = tiles(before: behind)
            let shown = count <= fits ? count : isPictures && told < 3 ? tiles(before: digits + 2) : told
            var first = min(layout.firstUnits[row.layer] ?? 0, count - shown)
            if let cursor, shown < count {
                let unit = cursor.layer == row.layer ? cursor.unit : nil
                let source =
                    outline[cursor.layer] != nil && outline.source(of: cursor.layer) == row.layer ? cursor.from : nil
                let before =
                    outline[cursor.layer] != nil && outline.source(of: cursor.layer) == row.layer ? cursor.before : nil
                if let unit = unit ?? source ?? before { first = max(0, min(max(first, unit - shown + 1), unit)) }
            }
            let used = (shown - 1) * pitch + tile
            let x =
                isPictures
                ? row.tiles.x + 1
                : row.tiles.x + (layout.showsLinks ? max(1, min((width - used) / 2, width - used - behind)) : 0)
            return Row(
                layer: row.layer, units: first..<first + shown, count: count, x: x, pitch: pitch, tileWidth: tile,
                rect: rect, kernels: row.kernels, isPicture: isPictures)
        }
    }

    func row(_ layer: LayerPath) -> Row? { rows.first { $0.layer == layer } }

    func tile(layer: LayerPath, unit: Int) -> Rect? {
        guard let row = row(layer), row.units.contains(unit) else { return nil }
        return Rect(x: row.tileX(unit), y: row.rect.y, width: row.tileWidth, height: row.rect.height)
    }
}
