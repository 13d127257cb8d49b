import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Coloured figures: what they are, what colour they have, or both, is to be told.
enum Shapes {
    static let dataset = Dataset(
        images: Entry(
            id: "shapes", title: "shapes", summary: "Coloured figures: tell their shape, their colour, or both.",
            formula: "figure of a size at a place, turned, in a colour", source: "Layercake",
            watch:
                "Which shapes are taken for which; with linked colours the training accuracy says nothing about shape.",
            knobs: [
                .images(1200), .pixelNoise,
                Knob(
                    "target", title: "target", summary: "What is to be told: the shape, the colour, or both.",
                    kind: .word(["shape", "colour", "both"]), default: .text("shape")),
                Knob(
                    "side", title: "image size", summary: "The pixels along each side of an image.",
                    kind: .integer(16...32), default: .integer(16), raise: "to see finer edges",
                    lower: "when epochs take too long"),
                Knob(
                    "size", title: "figure size",
                    summary: "The diameter of a figure as a percentage of the image's side, on average.",
                    kind: .real(20...90, steps: [20, 30, 40, 50, 60, 70, 80, 90]), default: .real(60),
                    raise: "when small figures cannot be told", lower: "to make the task harder"),
                Knob(
                    "shift", title: "shift %",
                    summary: "Figures stand up to this percentage of the free room away from the middle.",
                    kind: .real(0...100, steps: [0, 25, 50, 75, 100]), default: .real(75),
                    raise: "to see whether the network finds figures anywhere",
                    lower: "to compare dense layers with convolutions"),
                Knob(
                    "rotation", title: "rotation",
                    summary: "Figures are turned by up to so many degrees to either side.",
                    kind: .real(0...180, steps: [0, 10, 20, 30, 45, 90, 180]), default: .real(20),
                    raise: "to ask for the shape in any direction", lower: "when figures are taken for others"),
                Knob(
                    "colours", title: "colours",
                    summary: "Whether figures have many colours; false: all are white, where the shape is to be told.",
                    kind: .toggle, default: .toggle(true)),
                Knob(
                    "patterns", title: "patterns",
                    summary:
                        "Whether figures and the dark ground are filled with stripes, checks and dots of two colours each; false: with one colour.",
                    kind: .toggle, default: .toggle(false)),
                Knob(
                    "linked", title: "linked %",
                    summary:
                        "So many percent of the training images have a colour that goes with the shape; test images have any.",
                    kind: .real(0...100, steps: [0, 50, 80, 90, 95, 100]), default: .real(0),
                    raise: "to see a network learn the colour in place of the shape",
                    lower: "when the shape is to be learned"),
            ]),
        schema: { schema($0) }
    ) { request throws(DataError) in
        let target = request.text("target")
        let side = Double(request.integer("side"))
        let (size, shift, rotation) = (request.real("size"), request.real("shift"), request.real("rotation"))
        let (isColoured, isPatterned) = (request.toggle("colours"), request.toggle("patterns"))
        let linked = request.real("linked") / 100
        let trainCount = linked > 0 ? try request.trainCount(of: request.samples) : nil
        return DrawnImages(request, schema(request), trainCount: trainCount) { label, isTraining, raster, random in
            let (anyShape, anyColour) = (
                Int(random.uniform() * Double(figures.count)), Int(random.uniform() * Double(colours.count))
            )
            var figure = target == "shape" ? label : target == "both" ? label / colours.count : anyShape
            var colour = target == "colour" ? label : target == "both" ? label % colours.count : anyColour
            if linked > 0, isTraining, target != "both", random.uniform() < linked {
                (figure, colour) = (label, label)
            }
            let radius = side * size / 200 * random.uniform(0.8, 1.15)
            let room = max(0, side / 2 - radius) * shift / 100
            let (x0, y0) = (side / 2 + random.uniform(-room, room), side / 2 + random.uniform(-room, room))
            let angle = random.uniform(-rotation, rotation) * Double.pi / 180
            let (c, s) = (cos(angle), sin(angle))
            let light = random.uniform(0.75, 1)
            let ground = random.uniform(0, 0.15)
            let isWhite = target == "shape" && !isColoured
            func holds(_ x: Double, _ y: Double) -> Bool {
                let (dx, dy) = ((x - x0) / radius, (y - y0) / radius)
                return figures[figure].holds(c * dx + s * dy, c * dy - s * dx)
            }
            let own = isWhite ? [light, light, light] : colours[colour].values.map { $0 * light }
            guard isPatterned else {
                raster.fill([ground, ground, ground]) { _, _ in true }
                raster.fill(own, where: holds)
                return
            }
            // The ground is dark in any colour, the figure light in its own.
            let dark = isWhite ? [0.35, 0.35, 0.35] : (0..<3).map { _ in random.uniform(0, 0.45) }
            let shade = random.uniform(0.35, 0.75)
            let under = Pattern([ground, ground, ground], dark, &random)
            let over = Pattern(own, own.map { $0 * shade }, &random)
            under.draw(into: &raster) { _, _ in true }
            over.draw(into: &raster, where: holds)
        }
    }

    private static func schema(_ request: DataRequest) -> DataSchema {
        let names =
            switch request.text("target") {
            case "shape": figures.map(\.name)
            case "colour": colours.map(\.name)
            default: figures.flatMap { figure in colours.map { "\($0.name) \(figure.name)" } }
            }
        let side = request.integer("side")
        return DataSchema(
            .image(channels: 3, height: side, width: side), task: .classification(classes: names.count),
            classNames: names)
    }

    /// As many as figures: each figure has one that goes with it.
    static let colours: [(name: String, values: [Double])] = [
        ("red", [1, 0.15, 0.1]), ("green", [0.15, 0.8, 0.2]), ("blue", [0.2, 0.35, 1]), ("yellow", [1, 0.85, 0.1]),
        ("violet", [0.75, 0.25, 0.9]), ("white", [1, 1, 1]),
    ]

    /// Figures of radius 1 around the origin, y downwards.
    static let figures: [(name: String, holds: @Sendable (_ x: Double, _ y: Double) -> Bool)] = [
        ("circle", { x, y in x * x + y * y < 1 }),
        ("square", { x, y in max(abs(x), abs(y)) < 0.8 }),
        // Equilateral, with a corner upwards.
        ("triangle", { x, y in y < 0.5 && y > -1 + abs(x) * 3.0.squareRoot() }),
        ("cross", { x, y in min(abs(x), abs(y)) < 0.3 && max(abs(x), abs(y)) < 0.95 }),
        // Five points: within the angle of each the edge runs from radius 1 to 0.45.
        (
            "star",
            { x, y in
                let sector = 2 * Double.pi / 5
                let angle = abs(atan2(x, -y).remainder(dividingBy: sector))
                let distance = hypot(x, y)
                // The line from the tip (1, 0) to the notch at 0.45 in the direction of half the sector.
                let (nx, ny) = (0.45 * cos(sector / 2), 0.45 * sin(sector / 2))
                let (px, py) = (distance * cos(angle), distance * sin(angle))
                return ny * (px - 1) - (nx - 1) * py < 0
            }
        ),
        ("ring", { x, y in (0.55 * 0.55..<1).contains(x * x + y * y) }),
    ]
}
