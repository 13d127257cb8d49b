import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Strokes in four directions.
enum Lines {
    static let dataset = Dataset(
        images: Entry(
            id: "lines", title: "lines", summary: "Strokes in four directions on 8 × 8 pixels: a kernel finds each.",
            formula: "|(x − x₀) sin φ − (y − y₀) cos φ| < 0.6", source: "after Hubel and Wiesel's bars, 1959",
            watch: "The four kernels: each becomes a stroke of one direction.",
            knobs: [.images(800), .pixelNoise]),
        schema: { _ in schema }
    ) { request in
        DrawnImages(request, schema) { label, _, raster, random in
            // Against the clock, with y downwards on the screen.
            let angle = -Double(label) * Double.pi / 4
            let (dx, dy) = (cos(angle), sin(angle))
            let (x0, y0) = (4 + random.uniform(-1.5, 1.5), 4 + random.uniform(-1.5, 1.5))
            let length = random.uniform(2.5, 4)
            raster.fill([random.uniform(0.7, 1)]) { x, y in
                let along = (x - x0) * dx + (y - y0) * dy
                let across = (x - x0) * dy - (y - y0) * dx
                return abs(across) < 0.6 && abs(along) < length
            }
        }
    }

    private static let schema = DataSchema(
        .image(channels: 1, height: 8, width: 8), task: .classification(classes: 4),
        classNames: ["horizontal", "rising", "vertical", "falling"])
}
