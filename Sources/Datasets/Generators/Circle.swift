import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A disc inside a ring, the Playground's first dataset.
enum Circle {
    static let dataset = Dataset(
        Entry(
            id: "circle", title: "circle", summary: "A disc of one class inside a ring of the other.",
            formula: "+1 where x1² + x2² < 2.5², else −1", source: "TensorFlow Playground, dataset.ts",
            watch:
                "With x1 and x2 alone at least three hidden units are needed to close the ring; with x1² and x2² none is.",
            knobs: [.samples(500), .noise("Labels are those of points moved by up to this percentage of the radius.")]),
        task: .classification, schema: { _ in .twoClassPlane }, make: make)

    /// Half of the points with r ~ U(0, 2.5), half with r ~ U(3.5, 5), at uniform angles. The label is +1 where the
    /// point moved by U(−5, 5)·noise on each axis is nearer than 2.5 to the origin, else −1.
    @Sendable static func make(_ request: inout DataRequest) -> Table {
        let radius = 5.0
        var plane = PlaneBuilder()
        for index in 0..<request.samples {
            // Of an odd number, the disc has the one more.
            let inside = index < (request.samples + 1) / 2
            let r = inside ? request.random.uniform(0, radius * 0.5) : request.random.uniform(radius * 0.7, radius)
            let angle = request.random.uniform(0, 2 * Double.pi)
            let x = r * sin(angle)
            let y = r * cos(angle)
            let moved = request.jitter(radius)
            plane.add(x, y, label: hypot(x + moved.x, y + moved.y) < radius * 0.5 ? 1 : 0)
        }
        return plane.table(.twoClassPlane)
    }
}
