#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A part of a character that is drawn by geometry, in the cell's units: 10 wide, 20 high, from the left upper corner.
enum CellShape: Sendable, Hashable {
    /// - Parameter opacity: 1 covers what is behind.
    case box(x: Double, y: Double, width: Double, height: Double, opacity: Double = 1)
    case disc(x: Double, y: Double, radius: Double)
    case polygon([CellPoint])
    /// A pen's stroke, round at its ends.
    case stroke([CellPoint], width: Double)
    /// A line from edge to edge, cut off at its ends.
    case line([CellPoint], width: Double)
}

extension CellShape {
    /// The shapes of a character that joins its neighbours or is a figure: blocks, braille, lines, triangles, circles. nil:
    /// it is a letter.
    static func shapes(of scalar: Unicode.Scalar) -> [CellShape]? {
        switch scalar.value {
        case 0x2800...0x28FF: braille(scalar.value - 0x2800)
        case 0x2580...0x259F: block(scalar.value)
        case 0x2500...0x257F: boxLines[scalar] ?? nil
        default: figures[scalar] ?? nil
        }
    }

    private static func braille(_ dots: UInt32) -> [CellShape] {
        // The bits of a cell's dots, from the top, left and right.
        let bits: [(UInt32, UInt32)] = [(0, 3), (1, 4), (2, 5), (6, 7)]
        var shapes: [CellShape] = []
        for (row, pair) in bits.enumerated() {
            for (column, bit) in [pair.0, pair.1].enumerated() where dots >> bit & 1 == 1 {
                shapes.append(.disc(x: 2.5 + 5 * Double(column), y: 2.5 + 5 * Double(row), radius: 1.5))
            }
        }
        return shapes
    }

    private static func block(_ value: UInt32) -> [CellShape] {
        func quadrants(_ places: String) -> [CellShape] {
            places.unicodeScalars.map { place in
                let number = place.value - 0x30
                return .box(x: Double(number % 2) * 5, y: Double(number / 2) * 10, width: 5, height: 10)
            }
        }
        switch value {
        case 0x2580: return [.box(x: 0, y: 0, width: 10, height: 10)]
        case 0x2581...0x2588:
            let height = Double(value - 0x2580) * 2.5
            return [.box(x: 0, y: 20 - height, width: 10, height: height)]
        case 0x2589...0x258F: return [.box(x: 0, y: 0, width: Double(0x2590 - value) * 1.25, height: 20)]
        case 0x2590: return [.box(x: 5, y: 0, width: 5, height: 20)]
        case 0x2591...0x2593:
            return [.box(x: 0, y: 0, width: 10, height: 20, opacity: Double(value - 0x2590) * 0.25)]
        case 0x2594: return [.box(x: 0, y: 0, width: 10, height: 2.5)]
        case 0x2595: return [.box(x: 8.75, y: 0, width: 1.25, height: 20)]
        default: return quadrants(["2", "3", "0", "023", "03", "012", "013", "1", "12", "123"][Int(value - 0x2596)])
        }
    }

    /// Lines from a cell's middle to its edges, by their arms: up, right, down, left; 1 is thin, 2 is thick.
    private static let boxLines: [Unicode.Scalar: [CellShape]] = {
        let arms: [(String, [Int])] = [
            ("─", [0, 1, 0, 1]), ("━", [0, 2, 0, 2]), ("│", [1, 0, 1, 0]), ("┃", [2, 0, 2, 0]), ("┌", [0, 1, 1, 0]),
            ("┏", [0, 2, 2, 0]), ("┐", [0, 0, 1, 1]), ("┓", [0, 0, 2, 2]), ("└", [1, 1, 0, 0]), ("┗", [2, 2, 0, 0]),
            ("┘", [1, 0, 0, 1]), ("┛", [2, 0, 0, 2]), ("├", [1, 1, 1, 0]), ("┣", [2, 2, 2, 0]), ("┤", [1, 0, 1, 1]),
            ("┫", [2, 0, 2, 2]), ("┬", [0, 1, 1, 1]), ("┳", [0, 2, 2, 2]), ("┴", [1, 1, 0, 1]), ("┻", [2, 2, 0, 2]),
            ("┼", [1, 1, 1, 1]), ("╋", [2, 2, 2, 2]), ("╴", [0, 0, 0, 1]), ("╵", [1, 0, 0, 0]), ("╶", [0, 1, 0, 0]),
            ("╷", [0, 0, 1, 0]), ("╸", [0, 0, 0, 2]), ("╹", [2, 0, 0, 0]), ("╺", [0, 2, 0, 0]), ("╻", [0, 0, 2, 0]),
        ]
        let ends = [(5.0, 0.0), (10, 10), (5, 20), (0, 10)].map { CellPoint(x: $0.0, y: $0.1) }
        let middle = CellPoint(x: 5, y: 10)
        var table: [Unicode.Scalar: [CellShape]] = [:]
        for (name, weights) in arms {
            table[name.unicodeScalars.first!] = zip(weights, ends).filter { $0.0 > 0 }.map { weight, end in
                // Arms meet beyond the middle, so that corners are whole.
                let width = weight == 1 ? 1.0 : 2.4
                let over = CellPoint(
                    x: middle.x + (middle.x - end.x).signum * width / 2,
                    y: middle.y + (middle.y - end.y).signum * width / 2)
                return .line([over, end], width: width)
            }
        }
        func line(_ points: [(Double, Double)]) -> CellShape {
            .line(points.map { CellPoint(x: $0.0, y: $0.1) }, width: 1)
        }
        table["╌"] = [line([(0.5, 10), (4, 10)]), line([(6, 10), (9.5, 10)])]
        table["╎"] = [line([(5, 1), (5, 8)]), line([(5, 12), (5, 19)])]
        table["╱"] = [line([(0, 20), (10, 0)])]
        table["╲"] = [line([(0, 0), (10, 20)])]
        table["╳"] = [line([(0, 20), (10, 0)]), line([(0, 0), (10, 20)])]
        // Round corners: a quarter of a circle between two halves of lines.
        func corner(_ x: Double, _ y: Double) -> CellShape {
            let bend = [(5.0, y), (5.0, 10 + (y - 10) * 0.4), (5 + (x - 5) * 0.12, 10 + (y - 10) * 0.18)]
            return line(bend + [(5 + (x - 5) * 0.4, 10 + (y - 10) * 0.04), (5 + (x - 5) * 0.7, 10), (x, 10)])
        }
        table["╭"] = [corner(10, 20)]
        table["╮"] = [corner(0, 20)]
        table["╯"] = [corner(0, 0)]
        table["╰"] = [corner(10, 0)]
        return table
    }()

    private static let figures: [Unicode.Scalar: [CellShape]] = {
        func polygon(_ points: [(Double, Double)]) -> CellShape {
            .polygon(points.map { CellPoint(x: $0.0, y: $0.1) })
        }
        func outline(_ points: [(Double, Double)]) -> CellShape {
            .stroke((points + [points[0]]).map { CellPoint(x: $0.0, y: $0.1) }, width: 1)
        }
        func circle(_ radius: Double) -> CellShape {
            // A polygon of so many sides is round at any size in use.
            let octant = (0..<36).map { step in
                let (x, y) = unitCircle(step * 10)
                return (5 + radius * x, 10.5 + radius * y)
            }
            return outline(octant)
        }
        func star(_ outer: Double, _ inner: Double) -> [(Double, Double)] {
            (0..<10).map { point in
                let (x, y) = unitCircle(point * 36 - 90)
                let radius = point % 2 == 0 ? outer : inner
                return (5 + radius * x, 10.5 + radius * y)
            }
        }
        let up = [(5.0, 4.5), (9.5, 15), (0.5, 15)]
        let down = [(0.5, 6.0), (9.5, 6), (5, 16.5)]
        let right = [(0.8, 5.0), (9.6, 10.5), (0.8, 16)]
        let left = [(9.2, 5.0), (0.4, 10.5), (9.2, 16)]
        func small(_ points: [(Double, Double)]) -> [(Double, Double)] {
            points.map { (5 + ($0.0 - 5) * 0.66, 10.5 + ($0.1 - 10.5) * 0.66) }
        }
        let diamond = [(5.0, 5.5), (9.4, 10.5), (5, 15.5), (0.6, 10.5)]
        return [
            "■": [.box(x: 1, y: 6.5, width: 8, height: 8)], "⏹": [.box(x: 1, y: 6.5, width: 8, height: 8)],
            "□": [outline([(1.5, 7.0), (8.5, 7), (8.5, 14), (1.5, 14)])],
            "▪": [.box(x: 2.5, y: 8, width: 5, height: 5)],
            "▫": [outline([(3, 8.5), (7, 8.5), (7, 12.5), (3, 12.5)])],
            "▬": [.box(x: 0.5, y: 8.5, width: 9, height: 4)], "▲": [polygon(up)], "△": [outline(up)],
            "▴": [polygon(small(up))], "▼": [polygon(down)], "▽": [outline(down)], "▾": [polygon(small(down))],
            "▶": [polygon(right)], "⏵": [polygon(right)], "►": [polygon(right)], "▷": [outline(right)],
            "▸": [polygon(small(right))], "◀": [polygon(left)], "◂": [polygon(small(left))],
            "◆": [polygon(diamond)], "◇": [outline(diamond)], "●": [.disc(x: 5, y: 10.5, radius: 4)],
            "⬤": [.disc(x: 5, y: 10.5, radius: 5)], "○": [circle(3.6)], "◯": [circle(4.4)],
            "◌": [circle(3.6)], "◉": [circle(4), .disc(x: 5, y: 10.5, radius: 2)],
            "•": [.disc(x: 5, y: 10.5, radius: 2.2)], "★": [polygon(star(5, 2))], "☆": [outline(star(4.6, 2))],
        ]
    }()
}

extension Double {
    fileprivate var signum: Double { self > 0 ? 1 : self < 0 ? -1 : 0 }
}

private func unitCircle(_ degrees: Int) -> (Double, Double) {
    let angle = Double(degrees) * .pi / 180
    return (cos(angle), sin(angle))
}
