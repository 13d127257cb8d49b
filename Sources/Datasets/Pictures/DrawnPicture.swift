import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A picture that the program draws at any size, in colours.
public struct DrawnPicture: Sendable {
    public let name: String
    /// Whether it is a pattern, of use as a style; else a figure, of use as a content.
    public let isPattern: Bool
    /// The colour at a point of a picture whose sides are so many pixels, (0, 0) being the upper left corner: red, green, blue.
    let colour: @Sendable (_ x: Double, _ y: Double, _ side: Double) -> [Double]

    public static let all: [DrawnPicture] = figures + [waves, checks, dots, mosaic, ripples, weave]

    /// A figure of `shapes` in the middle, in a colour of its own.
    private static let figures: [DrawnPicture] = zip(Shapes.figures, Shapes.colours).map { figure, colour in
        let (holds, light) = (figure.holds, colour.values.map { $0 * 0.9 })
        return DrawnPicture(name: figure.name, isPattern: false) { x, y, side in
            holds((x / side - 0.5) / 0.33, (y / side - 0.5) / 0.33) ? light : [0.08, 0.08, 0.08]
        }
    }

    private static func mixed(_ one: [Double], _ other: [Double], _ share: Double) -> [Double] {
        zip(one, other).map { $0 + share * ($1 - $0) }
    }

    /// Stripes that bend: a wave every 12 pixels.
    private static let waves = DrawnPicture(name: "waves", isPattern: true) { x, y, _ in
        let bent = y + 5 * sin(2 * Double.pi * x / 40)
        return mixed([0.05, 0.2, 0.6], [0.9, 0.95, 1], 0.5 + 0.5 * sin(2 * Double.pi * bent / 12))
    }

    /// Checks of 8 pixels, turned a little.
    private static let checks = DrawnPicture(name: "checks", isPattern: true) { x, y, _ in
        let (across, down) = (0.96 * x + 0.28 * y, 0.96 * y - 0.28 * x)
        let isLight = Int((across / 8).rounded(.down)) & 1 == Int((down / 8).rounded(.down)) & 1
        return isLight ? [1, 0.85, 0.2] : [0.75, 0.1, 0.15]
    }

    /// Dots on a grid of 14 pixels, every other row moved by half of it.
    private static let dots = DrawnPicture(name: "dots", isPattern: true) { x, y, _ in
        let row = (y / 12).rounded(.down)
        let moved = x + (Int(row) & 1 == 0 ? 0 : 7)
        let (dx, dy) = (moved - ((moved / 14).rounded(.down) + 0.5) * 14, y - (row + 0.5) * 12)
        return dx * dx + dy * dy < 16 ? [1, 0.9, 0.75] : [0.35, 0.1, 0.5]
    }

    /// Stones in five colours with joints between them: each point belongs to the nearest of points strewn at random.
    private static let mosaic = DrawnPicture(name: "mosaic", isPattern: true) { x, y, _ in
        let cell = 14.0
        let (column, row) = (Int((x / cell).rounded(.down)), Int((y / cell).rounded(.down)))
        var (first, second, nearest) = (Double.infinity, Double.infinity, UInt64(0))
        for down in row - 1...row + 1 {
            for across in column - 1...column + 1 {
                var random = Random(seed: UInt64(bitPattern: Int64(across &* 7919 &+ down &* 104_729 &+ 11)))
                let (dx, dy) = (
                    x - (Double(across) + random.uniform(0.1, 0.9)) * cell,
                    y - (Double(down) + random.uniform(0.1, 0.9)) * cell
                )
                let distance = (dx * dx + dy * dy).squareRoot()
                if distance < first {
                    (first, second, nearest) = (distance, first, UInt64(random.uniform() * 5))
                } else if distance < second {
                    second = distance
                }
            }
        }
        if second - first < 1.6 { return [0.08, 0.08, 0.1] }
        return stones[Int(nearest)]
    }

    private static let stones: [[Double]] = [
        [0.85, 0.3, 0.2], [0.95, 0.75, 0.3], [0.2, 0.55, 0.6], [0.9, 0.9, 0.8], [0.25, 0.3, 0.55],
    ]

    /// Rings around a corner, one every 10 pixels.
    private static let ripples = DrawnPicture(name: "ripples", isPattern: true) { x, y, side in
        let distance = hypot(x + 0.2 * side, y + 0.1 * side)
        return mixed([0.1, 0.35, 0.2], [0.85, 0.95, 0.55], 0.5 + 0.5 * sin(2 * Double.pi * distance / 10))
    }

    /// Bands across and down that lie over and under each other, 8 pixels wide.
    private static let weave = DrawnPicture(name: "weave", isPattern: true) { x, y, _ in
        let (column, row) = (Int((x / 8).rounded(.down)), Int((y / 8).rounded(.down)))
        let isAcross = (column + row) & 1 == 0
        let place = isAcross ? y / 8 - Double(row) : x / 8 - Double(column)
        let light = 0.45 + 0.55 * sin(Double.pi * place)
        return (isAcross ? [0.95, 0.6, 0.2] : [0.3, 0.55, 0.85]).map { $0 * light }
    }

    /// The picture, each pixel the mean of 3×3 points.
    func picture(side: Int, channels: Int) -> InputPicture {
        var values = [Float](repeating: 0, count: channels * side * side)
        for row in 0..<side {
            for column in 0..<side {
                var sum = [0.0, 0.0, 0.0]
                for point in 0..<9 {
                    let (x, y) = (
                        Double(column) + (Double(point % 3) + 0.5) / 3, Double(row) + (Double(point / 3) + 0.5) / 3
                    )
                    for (channel, value) in colour(x, y, Double(side)).enumerated() { sum[channel] += value / 9 }
                }
                let own = channels == 3 ? sum : [0.299 * sum[0] + 0.587 * sum[1] + 0.114 * sum[2]]
                for channel in 0..<channels { values[(channel * side + row) * side + column] = Float(own[channel]) }
            }
        }
        return InputPicture(channels: channels, side: side, values: values)
    }
}
