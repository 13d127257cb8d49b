import Engine

/// Four squares, opposite ones of one class.
enum Xor {
    static let dataset = Dataset(
        Entry(
            id: "xor", title: "xor", summary: "Opposite quadrants share a class: no line can separate them.",
            formula: "sign(x1 · x2)", source: "TensorFlow Playground, dataset.ts",
            watch: "The loss stands at about 0.5 while the boundary is a line; it falls when a second line comes.",
            knobs: [.samples(500), .noise("Labels are those of points moved by up to this percentage of 5.")]),
        task: .classification, schema: { _ in .twoClassPlane }, make: make)

    /// x1, x2 ~ U(−5, 5), then 0.3 away from the axes. The label is the sign of x1·x2 (0 counts as +1) of the point
    /// moved by U(−5, 5)·noise on each axis.
    @Sendable static func make(_ request: inout DataRequest) -> Table {
        var plane = PlaneBuilder()
        for _ in 0..<request.samples {
            let x = padded(request.random.uniform(-5, 5))
            let y = padded(request.random.uniform(-5, 5))
            let moved = request.jitter(5)
            plane.add(x, y, label: (x + moved.x) * (y + moved.y) >= 0 ? 1 : 0)
        }
        return plane.table(.twoClassPlane)
    }

    private static func padded(_ value: Double) -> Double { value > 0 ? value + 0.3 : value - 0.3 }
}
