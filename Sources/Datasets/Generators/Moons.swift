import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Two half circles that reach into one another.
enum Moons {
    static let dataset = Dataset(
        Entry(
            id: "moons", title: "moons", summary: "Two half moons that reach into one another.",
            formula: "±3·(cos t − 1/2, sin t − 1/4), 0 ≤ t ≤ π", source: "scikit-learn, make_moons",
            watch: "The S of the boundary: a straight line gets about 85 to 90 % right.",
            knobs: [.samples(500), .noise("Points move by up to this percentage of 3 on each axis.")]),
        task: .classification, schema: { _ in .twoClassPlane }, make: make)

    /// t ~ U(0, π): the upper moon (−1) is 3·(cos t − ½, sin t − ¼), the lower one (+1) its mirror image in the
    /// origin; then U(−3, 3)·noise on each axis.
    @Sendable static func make(_ request: inout DataRequest) -> Table {
        var plane = PlaneBuilder()
        for index in 0..<request.samples {
            let lower = index >= (request.samples + 1) / 2
            let t = request.random.uniform(0, Double.pi)
            let side = lower ? -3.0 : 3.0
            let moved = request.jitter(3)
            plane.add(side * (cos(t) - 0.5) + moved.x, side * (sin(t) - 0.25) + moved.y, label: lower ? 1 : 0)
        }
        return plane.table(.twoClassPlane)
    }
}
