#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A random change of training images: drawn anew whenever an image is taken into a batch.
struct Augmentation: Sendable {
    enum Effect: Sendable {
        /// Moves the picture: says from where each pixel of the result is taken.
        case place(@Sendable (_ settings: Settings, _ random: inout Random, _ placement: inout Placement) -> Void)
        /// Changes the values of the pixels.
        case values(@Sendable (_ settings: Settings, _ random: inout Random, _ image: ImageValues) -> Void)
    }

    let entry: Entry
    let effect: Effect

    init(
        id: String, title: String, summary: String, formula: String, source: String, watch: String, knobs: [Knob],
        effect: Effect
    ) {
        entry = Entry(
            id: id, title: title, summary: summary, formula: formula, source: source, watch: watch, knobs: knobs)
        self.effect = effect
    }
}

/// The values of one image, `[channels, height, width]`, from 0 (black) to 1.
struct ImageValues {
    let channels: Int
    let height: Int
    let width: Int
    let base: UnsafeMutablePointer<Float>

    var count: Int { channels * height * width }
    var values: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: base, count: count) }

    subscript(channel: Int, row: Int, column: Int) -> Float {
        get { base[(channel * height + row) * width + column] }
        nonmutating set { base[(channel * height + row) * width + column] = newValue }
    }
}

/// From where each pixel of an image is taken: (x, y) ↦ (xx·x + xy·y + x0, yx·x + yy·y + y0), in pixels from the image's
/// middle, y downwards.
struct Placement: Hashable {
    let height: Int
    let width: Int
    private var xx = 1.0
    private var xy = 0.0
    private var x0 = 0.0
    private var yx = 0.0
    private var yy = 1.0
    private var y0 = 0.0

    init(height: Int, width: Int) { (self.height, self.width) = (height, width) }

    var isIdentity: Bool { self == Placement(height: height, width: width) }

    /// Moves the picture to the right and down.
    mutating func shift(_ x: Double, _ y: Double) {
        x0 -= xx * x + xy * y
        y0 -= yx * x + yy * y
    }

    /// Turns the picture against the clock.
    mutating func rotate(_ angle: Double) {
        let (c, s) = (cos(angle), sin(angle))
        (xx, xy) = (xx * c + xy * s, xy * c - xx * s)
        (yx, yy) = (yx * c + yy * s, yy * c - yx * s)
    }

    /// Makes the picture larger by a factor on each axis; a negative one mirrors it.
    mutating func scale(_ x: Double, _ y: Double) {
        (xx, yx) = (xx / x, yx / x)
        (xy, yy) = (xy / y, yy / y)
    }

    /// Takes every pixel from its place, between four pixels in proportion; outside the image all is black.
    func apply(_ source: ImageValues, into result: ImageValues) {
        let (middleX, middleY) = (Double(width - 1) / 2, Double(height - 1) / 2)
        for row in 0..<height {
            let y = Double(row) - middleY
            for column in 0..<width {
                let x = Double(column) - middleX
                let (fromX, fromY) = (xx * x + xy * y + x0 + middleX, yx * x + yy * y + y0 + middleY)
                let (left, top) = (fromX.rounded(.down), fromY.rounded(.down))
                let (right, below) = (Float(fromX - left), Float(fromY - top))
                guard left > -2, top > -2, left < Double(width), top < Double(height) else {
                    for channel in 0..<source.channels { result[channel, row, column] = 0 }
                    continue
                }
                let (column0, row0) = (Int(left), Int(top))
                for channel in 0..<source.channels {
                    func pixel(_ row: Int, _ column: Int) -> Float {
                        row >= 0 && row < height && column >= 0 && column < width ? source[channel, row, column] : 0
                    }
                    let upper = pixel(row0, column0) * (1 - right) + pixel(row0, column0 + 1) * right
                    let lower = pixel(row0 + 1, column0) * (1 - right) + pixel(row0 + 1, column0 + 1) * right
                    result[channel, row, column] = upper * (1 - below) + lower * below
                }
            }
        }
    }
}
