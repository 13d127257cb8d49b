import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// One input: a curve to fit.
enum Sine {
    static let dataset = Dataset(
        Entry(
            id: "sine", title: "x·sin x", summary: "A curve in one input whose waves grow outwards.",
            formula: "x1 · sin(x1)", source: "the usual example of one-dimensional regression",
            watch: "The outer waves are the largest and cost most; the inner ones may be missed.",
            knobs: [.samples(1200), .noise("Values are those of points moved by up to this percentage of 6.")]),
        task: .regression, standardization: .targets,
        schema: { _ in DataSchema(.columns(["x1"]), task: .regression) }, make: make)

    /// x1 ~ U(−6, 6); the value is x·sin x at x1 + U(−6, 6)·noise. It runs from −4.8 to 1.8, so the network
    /// learns it standardized (mean 0, deviation 1 over the training rows).
    @Sendable static func make(_ request: inout DataRequest) -> Table {
        var rows: [Float] = []
        var labels: [Float] = []
        let noise = request.noise
        for _ in 0..<request.samples {
            let x = request.random.uniform(-6, 6)
            let moved = x + request.random.uniform(-6, 6) * noise
            rows.append(Float(x))
            labels.append(Float(moved * sin(moved)))
        }
        return Table(
            columns: [Column(name: "x1", range: PlaneBuilder.range)], rows: rows, labels: labels, task: .regression,
            classNames: [])
    }
}
