import Engine

/// Images that a generator draws one after the other, each with a class.
struct DrawnImages: ImageSource {
    let count: Int
    let schema: DataSchema
    var random: Random
    /// Draws an image of a class.
    let draw: (_ label: Int, _ isTraining: Bool, _ raster: inout Raster, _ random: inout Random) -> Void
    let trainCount: Int?
    private var drawn = 0

    /// - Parameters:
    ///   - request: says how many, and the deviation of the noise that is added to every pixel.
    ///   - trainCount: training images, which are drawn first; nil: which ones train is of no account in drawing.
    init(
        _ request: DataRequest, _ schema: DataSchema, trainCount: Int? = nil,
        draw: @escaping (_ label: Int, _ isTraining: Bool, _ raster: inout Raster, _ random: inout Random) -> Void
    ) {
        (count, self.schema, self.trainCount, self.draw) = (request.samples, schema, trainCount, draw)
        noise = request.noise
        // Another stream than the one that shuffles.
        random = Random(seed: request.description.seed ^ 0x696D_6167_6573)
    }

    private let noise: Double

    /// The classes take turns.
    mutating func next(into bytes: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let label = drawn % schema.classNames.count
        let isTraining = drawn < trainCount ?? count
        drawn += 1
        var raster = Raster(schema.input(features: []))
        draw(label, isTraining, &raster, &random)
        for (place, value) in raster.values.enumerated() {
            // Drawn whatever the noise is, so that the same seed gives the same images under every noise.
            let noisy = value + noise * random.normal()
            bytes[place] = UInt8(min(max(noisy, 0), 1) * 255 + 0.5)
        }
        return label
    }
}

/// An image that is being drawn, each value from 0 to 1.
struct Raster {
    let channels: Int
    let height: Int
    let width: Int
    /// `[channels, height, width]`.
    var values: [Double]

    /// - Parameter shape: `[channels, height, width]`; black.
    init(_ shape: Shape) {
        (channels, height, width) = (shape.axes[0], shape.axes[1], shape.axes[2])
        values = [Double](repeating: 0, count: shape.count)
    }

    /// Points at which each pixel is asked along each side.
    private static let samples = 4

    /// Lays a colour over what is there, in each pixel as much as the figure covers of it.
    /// - Parameters:
    ///   - color: a value for each channel.
    ///   - isInside: whether the figure holds a point: pixels are squares of side 1, (0, 0) is the upper left corner.
    mutating func fill(_ color: [Double], where isInside: (_ x: Double, _ y: Double) -> Bool) {
        fill(color, color, mixed: { _, _ in 0 }, where: isInside)
    }

    /// The same with a mixture of two colours that differs from pixel to pixel.
    /// - Parameter share: of the second colour at a pixel's middle, 0…1.
    mutating func fill(
        _ color: [Double], _ second: [Double], mixed share: (_ x: Double, _ y: Double) -> Double,
        where isInside: (_ x: Double, _ y: Double) -> Bool
    ) {
        let samples = Self.samples
        for row in 0..<height {
            for column in 0..<width {
                var inside = 0
                for y in 0..<samples {
                    for x in 0..<samples {
                        let point = (
                            Double(column) + (Double(x) + 0.5) / Double(samples),
                            Double(row) + (Double(y) + 0.5) / Double(samples)
                        )
                        if isInside(point.0, point.1) { inside += 1 }
                    }
                }
                guard inside > 0 else { continue }
                let cover = Double(inside) / Double(samples * samples)
                let own = share(Double(column) + 0.5, Double(row) + 0.5)
                for channel in 0..<channels {
                    let place = (channel * height + row) * width + column
                    let value = color[channel] + own * (second[channel] - color[channel])
                    values[place] += cover * (value - values[place])
                }
            }
        }
    }
}

extension Knob {
    static func images(_ count: Int) -> Knob {
        Knob(
            "samples", title: "samples", summary: "The number of images, training and test together.",
            kind: .integer(10...20_000), default: .integer(count),
            raise: "when the test loss rises while the training loss falls", lower: "when epochs take too long")
    }

    static var pixelNoise: Knob {
        Knob(
            "noise", title: "noise %", summary: "Every pixel moves by noise of this percentage of white.",
            kind: .real(0...100, steps: [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]), default: .real(10),
            raise: "to see what the network bears", lower: "when even a person cannot tell the images")
    }
}
