import Engine

/// Collects the rows of a generator in the plane, [−6, 6]² where it says no other.
struct PlaneBuilder {
    static let range: ClosedRange<Float> = -6...6
    private let range: ClosedRange<Float>
    private var rows: [Float] = []
    private var labels: [Float] = []

    init(range: ClosedRange<Float> = PlaneBuilder.range) { self.range = range }

    mutating func add(_ x1: Double, _ x2: Double, label: Double) {
        rows.append(Float(x1))
        rows.append(Float(x2))
        labels.append(Float(label))
    }

    /// - Parameter schema: of points in the plane.
    func table(_ schema: DataSchema) -> Table {
        Table(
            columns: schema.columns.map { Column(name: $0, range: range) }, rows: rows, labels: labels,
            task: schema.task, classNames: schema.classNames)
    }
}
