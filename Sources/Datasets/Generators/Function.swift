import Engine

/// A regression on a formula of the user's own.
enum Function {
    static let dataset = Dataset(
        Entry(
            id: "function", title: "formula", summary: "Any formula of x1 and x2, as a surface or a curve to fit.",
            formula: "y = f(x1, x2)", source: "the user's own",
            watch:
                "Whether the values are of a size that the network can reach: targets are standardized unless that is switched off.",
            knobs: [
                Knob(
                    "formula", title: "formula", summary: "The value at a point: any formula of x, x1 and x2.",
                    kind: .text, default: .text("sin(x1) * x2 / 4")),
                .samples(1200), .noise("Values are those of points moved by up to this percentage of 6."),
            ]),
        task: .regression, standardization: .targets, schema: schema, make: make)

    private static func formula(_ request: DataRequest) throws(DataError) -> Formula {
        try Formula(request.text("formula"), columns: ["x", "x1", "x2"], place: "data.formula")
    }

    private static func columns(_ formula: Formula) -> [String] { formula.used.contains(2) ? ["x1", "x2"] : ["x1"] }

    /// The formula's value at a point.
    /// - Throws: that it has none there.
    private static func value(_ formula: Formula, _ x1: Double, _ x2: Double) throws(DataError) -> Double {
        let value = formula.evaluate { $0 == 2 ? x2 : x1 }
        guard value.isFinite else {
            throw DataError(
                .malformed, place: "data.formula",
                message: "expected a finite value everywhere in −6…6, found none at x1 = \(x1), x2 = \(x2)")
        }
        return value
    }

    /// Asks for the formula's value at a hundred points: a formula that has none in some region is found here, before
    /// samples are made.
    @Sendable private static func schema(_ request: DataRequest) throws(DataError) -> DataSchema {
        let formula = try formula(request)
        let places = stride(from: -5.4, through: 5.4, by: 1.2)
        for x1 in places { for x2 in places { _ = try value(formula, x1, x2) } }
        return DataSchema(.columns(columns(formula)), task: .regression)
    }

    /// x1, x2 ~ U(−6, 6); one column when the formula has only x or x1.
    @Sendable static func make(_ request: inout DataRequest) throws(DataError) -> Table {
        let formula = try formula(request)
        let names = columns(formula)
        var rows: [Float] = []
        var labels: [Float] = []
        for _ in 0..<request.samples {
            let x1 = request.random.uniform(-6, 6)
            let x2 = names.count == 2 ? request.random.uniform(-6, 6) : 0
            let moved = request.jitter(6)
            let value = try value(formula, x1 + moved.x, x2 + moved.y)
            rows.append(Float(x1))
            if names.count == 2 { rows.append(Float(x2)) }
            labels.append(Float(value))
        }
        return Table(
            columns: names.map { Column(name: $0, range: PlaneBuilder.range) }, rows: rows, labels: labels,
            task: .regression, classNames: [])
    }
}
