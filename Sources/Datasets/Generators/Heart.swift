import Engine

/// A heart in a plane.
enum Heart {
    static let dataset = Dataset(
        Entry(
            id: "heart", title: "heart", summary: "A heart: a boundary with a notch and a point.",
            formula: "+1 where (u² + v² − 1)³ < u²v³, u = x1/3.6, v = x2/3.6", source: "the heart curve, a sextic",
            watch: "The notch and the point: they are drawn last.",
            knobs: [.samples(500), .noise("Labels are those of points moved by up to this percentage of 5.")]),
        task: .classification, schema: { _ in .twoClassPlane }, make: make)

    /// Half of the points uniform in a heart of size 3.2, half uniform in [−6, 6]² outside one of size 4. The label is
    /// +1 where the point moved by U(−5, 5)·noise on each axis lies inside the heart of size 3.6, else −1.
    @Sendable static func make(_ request: inout DataRequest) -> Table {
        var plane = PlaneBuilder()
        for index in 0..<request.samples {
            let inside = index < (request.samples + 1) / 2
            var x: Double
            var y: Double
            // A heart covers about a quarter of the square, so that few draws are needed.
            repeat {
                x = request.random.uniform(-6, 6)
                y = request.random.uniform(-6, 6)
            } while contains(x, y, size: inside ? 3.2 : 4) != inside
            let moved = request.jitter(5)
            plane.add(x, y, label: contains(x + moved.x, y + moved.y, size: 3.6) ? 1 : 0)
        }
        return plane.table(.twoClassPlane)
    }

    static func contains(_ x: Double, _ y: Double, size: Double) -> Bool {
        let u = x / size
        let v = y / size
        let disc = u * u + v * v - 1
        return disc * disc * disc < u * u * v * v * v
    }
}
