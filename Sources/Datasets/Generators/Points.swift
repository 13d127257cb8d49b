import Engine

/// The points of a drawing.
enum Points {
    private static let unit = "unit"
    /// The setting of the plane from 0 to 1.
    static let unitPlane: [String: KnobValue] = ["plane": .text(unit)]

    static let dataset = Dataset(
        Entry(
            id: "points", title: "own points", summary: "Points that stand in the experiment itself: a drawing.",
            formula: "[[x1, x2, label], …]", source: "the user's own",
            watch: "With few points any boundary fits: put some aside for the test (train part).",
            knobs: [
                Knob(
                    "plane", title: "plane",
                    summary: "The plane from −6 to 6, or from 0 to 1; it grows where points lie beyond.",
                    kind: .word(["centred", Self.unit]), default: .text("centred"))
            ]),
        task: nil, isDrawn: true, schema: schema, make: make)

    /// A drawing may begin without points.
    @Sendable private static func schema(_ request: DataRequest) throws(DataError) -> DataSchema {
        guard !request.description.points.isEmpty else {
            return request.description.task == .regression ? .valuePlane : .twoClassPlane
        }
        let labels = try labels(request.description)
        return .plane(labels.task, labels.classNames)
    }

    private static func labels(_ description: DataDescription) throws(DataError) -> Labels {
        let texts = description.points.map { point in
            switch point.label {
            case .number(let value): value.plain
            case .text(let text): text
            }
        }
        return try Labels(texts, told: description.task, drawn: true) { "data.points.\($0)" }
    }

    @Sendable static func make(_ request: inout DataRequest) throws(DataError) -> Table {
        let points = request.description.points
        guard points.count >= 1 else {
            throw DataError(
                .malformed, place: "data.points",
                message: "expected at least 1 point [x1, x2, label], found \(points.count)")
        }
        let labels = try labels(request.description)
        let range: ClosedRange<Float>
        if request.text("plane") == unit {
            let all = points.flatMap { [$0.x1, $0.x2] }
            range = Float(min(0, all.min()! - 0.05))...Float(max(1, all.max()! + 0.05))
        } else {
            let reach = points.reduce(6.0) { max($0, abs($1.x1) * 1.1, abs($1.x2) * 1.1) }
            range = Float(-reach)...Float(reach)
        }
        var table = Table(
            columns: ["x1", "x2"].map { Column(name: $0, range: range) },
            rows: points.flatMap { [Float($0.x1), Float($0.x2)] }, labels: labels.values, task: labels.task,
            classNames: labels.classNames)
        table.testRows = Set(points.indices.filter { points[$0].isTest })
        return table
    }
}
