import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Round clouds on a circle, one for each class.
enum Blobs {
    static let dataset = Dataset(
        Entry(
            id: "blobs", title: "blobs", summary: "Round clouds on a circle, one for each class.",
            formula: "N(4·(sin φ, cos φ), v), φ = 2πk/classes, v = 0.25 + 7.5·noise",
            source: "scikit-learn, make_blobs",
            watch:
                "With noise the clouds overlap: no boundary is right everywhere, and 100 % on training points is overfitting.",
            knobs: [
                .samples(500), .noise("The clouds' variance grows from 0.25 at 0 % to 4 at 50 %."),
                .classes("classes", title: "classes", summary: "The number of clouds.", default: 3),
            ]),
        task: .classification, schema: { .classPlane($0.integer("classes")) }, make: make)

    /// Class k of K lies around 4·(sin φ, cos φ) with φ = 2πk/K; the variance on each axis runs linearly from 0.25
    /// without noise to 4 at 50 percent.
    @Sendable static func make(_ request: inout DataRequest) -> Table {
        let classes = request.integer("classes")
        let deviation = (0.25 + 7.5 * request.noise).squareRoot()
        var plane = PlaneBuilder()
        for index in 0..<request.samples {
            let label = index % classes
            let angle = 2 * Double.pi * Double(label) / Double(classes)
            let x = 4 * sin(angle) + deviation * request.random.normal()
            let y = 4 * cos(angle) + deviation * request.random.normal()
            plane.add(x, y, label: Double(label))
        }
        return plane.table(.classPlane(classes))
    }
}
