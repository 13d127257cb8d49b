import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Two interleaved spirals, the Playground's hardest.
enum Spiral {
    static let dataset = Dataset(
        Entry(
            id: "spiral", title: "spiral", summary: "Two interleaved arms: the hardest of the Playground's four.",
            formula: "(r sin t, r cos t), r = 5s, t = 3.5πs (+ π), 0 ≤ s < 1",
            source: "TensorFlow Playground, dataset.ts",
            watch:
                "The loss stands long at about 0.5, then falls quickly once the arms come apart; two layers of eight are few.",
            knobs: [.samples(500), .noise("Points move by up to this percentage of 1 on each axis.")]),
        task: .classification, schema: { _ in .twoClassPlane }, make: make)

    /// Two arms of n = samples/2 points: r = 5i/n, t = 1.75·(i/n)·2π + δ with δ = 0 for the label +1 and π for −1;
    /// the point is (r sin t, r cos t) + U(−1, 1)·noise on each axis.
    @Sendable static func make(_ request: inout DataRequest) -> Table {
        let perArm = Double(request.samples) / 2
        let first = (request.samples + 1) / 2
        var plane = PlaneBuilder()
        for index in 0..<request.samples {
            let positive = index < first
            let s = Double(positive ? index : index - first) / perArm
            let r = 5 * s
            let t = 1.75 * s * 2 * Double.pi + (positive ? 0 : Double.pi)
            let moved = request.jitter(1)
            plane.add(r * sin(t) + moved.x, r * cos(t) + moved.y, label: positive ? 1 : 0)
        }
        return plane.table(.twoClassPlane)
    }
}
