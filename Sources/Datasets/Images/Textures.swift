import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Gratings in several directions, and checks.
enum Textures {
    static let dataset = Dataset(
        images: Entry(
            id: "textures", title: "textures",
            summary: "Gratings in four directions, and checks: first layers learn to see edges.",
            formula: "½ + ½ sin(2π (x cos φ + y sin φ) / length + phase)",
            source: "Gabor, Theory of communication, 1946",
            watch: "The first layer's kernels: they become edges and gratings.",
            knobs: [
                .images(1000), .pixelNoise,
                Knob(
                    "size", title: "size", summary: "The pixels along each side of an image.", kind: .integer(8...64),
                    default: .integer(16), raise: "to see more stripes", lower: "when epochs take too long"),
                Knob(
                    "length", title: "wave length", summary: "The pixels from one stripe to the next, on average.",
                    kind: .real(2...16, steps: [2, 3, 4, 5, 6, 8, 12, 16]), default: .real(5),
                    raise: "for coarser stripes, which larger kernels see",
                    lower: "for finer ones, which small kernels see"),
            ]),
        schema: { schema($0) }
    ) { request in
        let length = request.real("length")
        return DrawnImages(request, schema(request)) { label, _, raster, random in
            let isCheck = label == 4
            let turned = random.uniform(-0.1, 0.1)
            let angle = isCheck ? turned : turned + Double(label) * Double.pi / 4
            let (c, s) = (cos(angle), sin(angle))
            let scale = 2 * Double.pi / (length * random.uniform(0.85, 1.2))
            let phases = (random.uniform(0, 2 * Double.pi), random.uniform(0, 2 * Double.pi))
            let contrast = random.uniform(0.6, 1)
            for row in 0..<raster.height {
                for column in 0..<raster.width {
                    let (x, y) = (Double(column), Double(row))
                    // Stripes rise as the class says, with y downwards on the screen.
                    var wave = sin(scale * (x * s + y * c) + phases.0)
                    if isCheck { wave *= sin(scale * (x * c - y * s) + phases.1) }
                    raster.values[row * raster.width + column] = 0.5 + 0.5 * contrast * wave
                }
            }
        }
    }

    private static func schema(_ request: DataRequest) -> DataSchema {
        let size = request.integer("size")
        return DataSchema(
            .image(channels: 1, height: size, width: size), task: .classification(classes: 5),
            classNames: ["horizontal", "rising", "vertical", "falling", "checks"])
    }
}
