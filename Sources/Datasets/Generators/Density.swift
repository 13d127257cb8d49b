import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Points of a distribution in the square [0, 1]²: what a generator learns to make.
enum Density {
    /// A shape: the middle of its points for a place t in 0…1, or for one of its clouds.
    private struct Form {
        var name: String
        /// The deviation of the points on each axis.
        var deviation: Double
        var place: @Sendable (_ t: Double) -> (x: Double, y: Double)
    }

    private static let forms: [Form] = [
        Form(name: "line", deviation: 0.01) { t in (0.2 + 0.6 * t, 0.2 + 0.6 * t) },
        Form(name: "gaussians", deviation: 0.05) { t in t < 0.5 ? (0.3, 0.35) : (0.7, 0.65) },
        Form(name: "ring", deviation: 0.015) { t in
            (0.5 + 0.3 * cos(2 * Double.pi * t), 0.5 + 0.3 * sin(2 * Double.pi * t))
        },
        Form(name: "blobs", deviation: 0.03) { t in
            let angle = 2 * Double.pi * (t * 3).rounded(.down) / 3
            return (0.5 + 0.3 * sin(angle), 0.5 + 0.3 * cos(angle))
        },
        Form(name: "spiral", deviation: 0.01) { t in
            let angle = 3.5 * Double.pi * t.squareRoot()
            let radius = 0.04 + 0.34 * t.squareRoot()
            return (0.5 + radius * cos(angle), 0.5 + radius * sin(angle))
        },
    ]

    static let dataset = Dataset(
        Entry(
            id: "density", title: "density", summary: "Points of one shape in the square from 0 to 1, to be generated.",
            formula: "place(t) + N(0, deviation²), t ~ U(0, 1); class +1 where t ≥ ½",
            source: "Kahng and others, GAN Lab, 2018",
            watch: "Whether generated points fill all parts of the shape and leave its holes empty.",
            knobs: [
                .samples(2000),
                Knob(
                    "shape", title: "shape", summary: "Where the points lie.", kind: .word(forms.map(\.name)),
                    default: .text("ring")),
                .noise("The points' deviation grows by up to five times its size, at 50 %."),
            ]),
        task: .classification, schema: { _ in .twoClassPlane }, make: make)

    /// t runs evenly along the shape, so that each of its clouds has its share of the points.
    @Sendable static func make(_ request: inout DataRequest) -> Table {
        let form = forms.first { $0.name == request.text("shape") } ?? forms[0]
        let deviation = form.deviation * (1 + 8 * request.noise)
        var plane = PlaneBuilder(range: 0...1)
        for index in 0..<request.samples {
            let t = (Double(index) + request.random.uniform()) / Double(request.samples)
            let (x, y) = form.place(t)
            plane.add(
                x + deviation * request.random.normal(), y + deviation * request.random.normal(),
                label: t >= 0.5 ? 1 : 0)
        }
        return plane.table(.twoClassPlane)
    }
}
