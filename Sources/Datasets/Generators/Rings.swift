import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Concentric rings, one for each class.
enum Rings {
    static let dataset = Dataset(
        Entry(
            id: "rings", title: "rings", summary: "Concentric rings, one for each class, counted from the centre.",
            formula: "class ⌊radius / (5.5 / classes)⌋", source: "after the TensorFlow Playground's circle",
            watch: "The outer rings have more room for the same number of points: their boundary is learned last.",
            knobs: [
                .samples(500), .noise("Classes are those of points moved by up to this percentage of 5.5."),
                .classes("classes", title: "classes", summary: "The number of rings.", default: 3),
            ]),
        task: .classification, schema: { .classPlane($0.integer("classes")) }, make: make)

    /// Ring k of K has the radii from k·w to (k + 1)·w with w = 5.5/K; points keep 0.15·w away from its edges. The
    /// class is the ring in which the point moved by U(−5.5, 5.5)·noise on each axis lies (the last one beyond it).
    @Sendable static func make(_ request: inout DataRequest) -> Table {
        let classes = request.integer("classes")
        let radius = 5.5
        let width = radius / Double(classes)
        var plane = PlaneBuilder()
        for index in 0..<request.samples {
            let ring = Double(index % classes)
            let r = request.random.uniform(ring == 0 ? 0 : (ring + 0.15) * width, (ring + 0.85) * width)
            let angle = request.random.uniform(0, 2 * Double.pi)
            let x = r * sin(angle)
            let y = r * cos(angle)
            let moved = request.jitter(radius)
            let found = (hypot(x + moved.x, y + moved.y) / width).rounded(.down)
            plane.add(x, y, label: min(found, Double(classes - 1)))
        }
        return plane.table(.classPlane(classes))
    }
}
