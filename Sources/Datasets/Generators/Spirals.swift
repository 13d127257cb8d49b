import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A spiral with any number of arms, one for each class.
enum Spirals {
    static let dataset = Dataset(
        Entry(
            id: "spirals", title: "spiral, K arms", summary: "A spiral of several arms, one for each class.",
            formula: "(r sin t, r cos t), r = 5s, t = 2π(turns·s + k/arms), 0 ≤ s < 1",
            source: "Karpathy, Stanford CS231n notes; after the TensorFlow Playground's spiral",
            watch: "The innermost turn is where the arms are closest, and the outermost where points are rare.",
            knobs: [
                .samples(500), .noise("Points move by up to this percentage of 1 on each axis."),
                .classes("arms", title: "arms", summary: "The number of arms, each a class.", default: 3),
                Knob(
                    "turns", title: "turns", summary: "How often an arm winds round the centre.",
                    kind: .real(0...4, steps: [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3]), default: .real(1),
                    raise: "for a harder boundary", lower: "when the network stays at guessing"),
            ]),
        task: .classification, schema: { .classPlane($0.integer("arms")) }, make: make)

    /// Arm k of K has the points (r sin t, r cos t) + U(−1, 1)·noise with r = 5s and t = 2π·(turns·s + k/K), at evenly
    /// spaced s from 0 to 1; the arms take turns, so that they differ by one point at most.
    @Sendable static func make(_ request: inout DataRequest) -> Table {
        let arms = request.integer("arms")
        let turns = request.real("turns")
        let perArm = Double(request.samples) / Double(arms)
        var plane = PlaneBuilder()
        for index in 0..<request.samples {
            let arm = index % arms
            let s = Double(index / arms) / perArm
            let t = 2 * Double.pi * (turns * s + Double(arm) / Double(arms))
            let moved = request.jitter(1)
            plane.add(5 * s * sin(t) + moved.x, 5 * s * cos(t) + moved.y, label: Double(arm))
        }
        return plane.table(.classPlane(arms))
    }
}
