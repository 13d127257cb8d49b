import Engine

/// A tilted plane to fit: the Playground's simple regression.
enum TiltedPlane {
    static let dataset = Dataset(
        Entry(
            id: "plane", title: "plane", summary: "A tilted plane: the simplest regression in two inputs.",
            formula: "(x1 + x2) / 10", source: "TensorFlow Playground, dataset.ts (reg-plane)",
            watch: "A single linear neuron solves it: what more layers do is not needed.",
            knobs: [.samples(1200), .noise("Values are those of points moved by up to this percentage of 6.")]),
        task: .regression, schema: { _ in .valuePlane }, make: make)

    /// x1, x2 ~ U(−6, 6); the value is (x1 + x2)/10 of the point moved by U(−6, 6)·noise on each axis.
    @Sendable static func make(_ request: inout DataRequest) -> Table {
        var plane = PlaneBuilder()
        for _ in 0..<request.samples {
            let x = request.random.uniform(-6, 6)
            let y = request.random.uniform(-6, 6)
            let moved = request.jitter(6)
            plane.add(x, y, label: (x + moved.x + y + moved.y) / 10)
        }
        return plane.table(.valuePlane)
    }
}
