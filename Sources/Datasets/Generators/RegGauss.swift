import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Six hills and valleys to fit: the Playground's second regression.
enum RegGauss {
    static let dataset = Dataset(
        Entry(
            id: "regGauss", title: "hills",
            summary: "Three hills and three valleys: a regression that needs hidden units.",
            formula: "± max(0, 1 − distance/2) to the nearest of six centres",
            source: "TensorFlow Playground, dataset.ts (reg-gauss)",
            watch: "Whether each hill has its peak: the loss falls in stairs, one for each hill that is found.",
            knobs: [.samples(1200), .noise("Values are those of points moved by up to this percentage of 6.")]),
        task: .regression, schema: { _ in .valuePlane }, make: make)

    private static let centres: [(x: Double, y: Double, sign: Double)] = [
        (-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1),
    ]

    /// x1, x2 ~ U(−6, 6); the value is, of sign·max(0, 1 − distance/2) over the six centres, the one of largest
    /// magnitude, for the point moved by U(−6, 6)·noise on each axis.
    @Sendable static func make(_ request: inout DataRequest) -> Table {
        var plane = PlaneBuilder()
        for _ in 0..<request.samples {
            let x = request.random.uniform(-6, 6)
            let y = request.random.uniform(-6, 6)
            let moved = request.jitter(6)
            plane.add(x, y, label: value(x + moved.x, y + moved.y))
        }
        return plane.table(.valuePlane)
    }

    static func value(_ x: Double, _ y: Double) -> Double {
        var best = 0.0
        for centre in centres {
            let candidate = centre.sign * max(0, 1 - hypot(x - centre.x, y - centre.y) / 2)
            if abs(candidate) > abs(best) { best = candidate }
        }
        return best
    }
}
