import Engine

/// Two round clouds.
enum Gauss {
    static let dataset = Dataset(
        Entry(
            id: "gauss", title: "gaussian", summary: "Two clouds of points that a single line can separate.",
            formula: "N((2, 2), v) against N((−2, −2), v), v = 0.5 + 7·noise",
            source: "TensorFlow Playground, dataset.ts",
            watch: "One neuron is enough; with noise 50 % a few points lie on the wrong side whatever is drawn.",
            knobs: [.samples(500), .noise("The clouds' variance grows from 0.5 at 0 % to 4 at 50 %.")]),
        task: .classification, schema: { _ in .twoClassPlane }, make: make)

    /// Half of the points around (2, 2) with the label +1, half around (−2, −2) with −1; the variance on each axis
    /// runs linearly from 0.5 without noise to 4 at 50 percent, and beyond.
    @Sendable static func make(_ request: inout DataRequest) -> Table {
        let deviation = (0.5 + (4 - 0.5) / 0.5 * request.noise).squareRoot()
        var plane = PlaneBuilder()
        for index in 0..<request.samples {
            let positive = index < (request.samples + 1) / 2
            let centre = positive ? 2.0 : -2.0
            let x = centre + deviation * request.random.normal()
            let y = centre + deviation * request.random.normal()
            plane.add(x, y, label: positive ? 1 : 0)
        }
        return plane.table(.twoClassPlane)
    }
}
