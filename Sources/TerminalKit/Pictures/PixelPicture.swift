#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A canvas as pixels: a cell is 20 wide and 40 high. The same canvas gives the same bytes.
public struct PixelPicture: Sendable {
    public let width: Int
    public let height: Int
    /// Red, green and blue, row by row.
    public private(set) var pixels: [UInt8]

    /// Pixels to a unit of `CellPoint`.
    private static let scale = 2
    private static let cellWidth = 10 * scale
    private static let cellHeight = 20 * scale

    public init(_ canvas: Canvas, colors: PictureColors) {
        width = canvas.width * Self.cellWidth
        height = canvas.height * Self.cellHeight
        pixels = [UInt8](repeating: 0, count: width * height * 3)
        var masks = Masks()
        for y in 0..<canvas.height {
            for x in 0..<canvas.width where canvas[x, y].scalar.value != 0 {
                let cell = canvas[x, y]
                let columns = x + 1 < canvas.width && canvas[x + 1, y].scalar.value == 0 ? 2 : 1
                let (front, back) = colors.resolve(cell.style)
                paint(masks.mask(cell, columns: columns), columns: columns, x: x, y: y, front, back)
            }
        }
    }

    /// - Parameter mask: for each pixel of the cell, how far the character covers it, 0…255; nil: nowhere.
    private mutating func paint(
        _ mask: [UInt8]?, columns: Int, x: Int, y: Int, _ front: UInt32, _ back: UInt32
    ) {
        let cellWidth = columns * Self.cellWidth
        let part = { (color: UInt32, shift: UInt32) in Int(color >> shift & 255) }
        let grounds = [part(back, 16), part(back, 8), part(back, 0)]
        let inks = [part(front, 16), part(front, 8), part(front, 0)]
        for row in 0..<Self.cellHeight {
            var at = ((y * Self.cellHeight + row) * width + x * Self.cellWidth) * 3
            for column in 0..<cellWidth {
                let cover = mask.map { Int($0[row * cellWidth + column]) } ?? 0
                for channel in 0..<3 {
                    let mixed = grounds[channel] * (255 - cover) + inks[channel] * cover
                    pixels[at + channel] = UInt8((mixed + 127) / 255)
                }
                at += 3
            }
        }
    }

    /// The masks of the characters so far.
    private struct Masks {
        private struct Key: Hashable {
            var scalar: Unicode.Scalar
            var bold: Bool
            var underline: Bool
            var columns: Int
        }
        private var known: [Key: [UInt8]?] = [:]

        mutating func mask(_ cell: Cell, columns: Int) -> [UInt8]? {
            let key = Key(
                scalar: cell.scalar, bold: cell.style.bold, underline: cell.style.underline, columns: columns)
            if let mask = known[key] { return mask }
            var shapes = pictureShapes(of: cell.scalar, bold: cell.style.bold)
            if cell.style.underline { shapes.append(.box(x: 0, y: 17, width: 10 * Double(columns), height: 1)) }
            let mask = shapes.isEmpty ? nil : Self.cover(shapes, width: columns * cellWidth)
            known[key] = .some(mask)
            return mask
        }

        private static func cover(_ shapes: [CellShape], width: Int) -> [UInt8] {
            var mask = [UInt8](repeating: 0, count: width * cellHeight)
            for row in 0..<cellHeight {
                for column in 0..<width {
                    let most = shapes.map { cover($0, column: column, row: row) }.max() ?? 0
                    mask[row * width + column] = UInt8(min(max(most, 0), 1) * 255 + 0.5)
                }
            }
            return mask
        }

        /// The share of a pixel that a shape covers.
        private static func cover(_ shape: CellShape, column: Int, row: Int) -> Double {
            let scale = Double(PixelPicture.scale)
            let x = (Double(column) + 0.5) / scale
            let y = (Double(row) + 0.5) / scale
            let half = 0.5 / scale
            switch shape {
            case .box(let left, let top, let width, let height, let opacity):
                func overlap(_ start: Double, _ length: Double, _ place: Double) -> Double {
                    max(0, min(start + length, place + half) - max(start, place - half)) / (2 * half)
                }
                return overlap(left, width, x) * overlap(top, height, y) * opacity
            case .disc(let centreX, let centreY, let radius):
                let distance = ((x - centreX) * (x - centreX) + (y - centreY) * (y - centreY)).squareRoot()
                return (radius - distance) * scale + 0.5
            case .stroke(let points, let width), .line(let points, let width):
                // A line's ends lie on the cell's edge, which cuts them off.
                return (width / 2 - distance(x, y, points)) * scale + 0.5
            case .polygon(let points):
                // Sixteen places in the pixel.
                var inside = 0
                for place in 0..<16 {
                    let dx = (Double(place % 4) + 0.5) / 4 - 0.5
                    let dy = (Double(place / 4) + 0.5) / 4 - 0.5
                    if contains(points, x + dx / scale, y + dy / scale) { inside += 1 }
                }
                return Double(inside) / 16
            }
        }

        /// From a place to the nearest point of a line through points.
        private static func distance(_ x: Double, _ y: Double, _ points: [CellPoint]) -> Double {
            var nearest = Double.infinity
            for (from, to) in zip(points, points.dropFirst()) {
                let (dx, dy) = (to.x - from.x, to.y - from.y)
                let length = dx * dx + dy * dy
                let along = length == 0 ? 0 : min(max(((x - from.x) * dx + (y - from.y) * dy) / length, 0), 1)
                let (px, py) = (x - from.x - along * dx, y - from.y - along * dy)
                nearest = min(nearest, px * px + py * py)
            }
            return nearest.squareRoot()
        }

        private static func contains(_ points: [CellPoint], _ x: Double, _ y: Double) -> Bool {
            var inside = false
            for (one, other) in zip(points, points.dropFirst() + [points[0]]) where (one.y > y) != (other.y > y) {
                if x < one.x + (y - one.y) / (other.y - one.y) * (other.x - one.x) { inside.toggle() }
            }
            return inside
        }
    }
}
