import Engine

/// Collects the rows of a generator in the plane [−6, 6]².
struct PlaneBuilder {
    static let range: ClosedRange<Float> = -6...6
    private var rows: [Float] = []
    private var labels: [Float] = []

    mutating func add(_ x1: Double, _ x2: Double, label: Double) {
        rows.append(Float(x1))
        rows.append(Float(x2))
        labels.append(Float(label))
    }

    /// Two classes, labels 0 (−1, orange) and 1 (+1, blue).
    func twoClasses(_ names: [String] = ["−1", "+1"]) -> Table { table(.classification(classes: 2), names) }

    /// Classes named A, B, C, …
    func classes(_ count: Int) -> Table {
        table(.classification(classes: count), (0..<UInt8(count)).map { String(UnicodeScalar(65 + $0)) })
    }

    func regression() -> Table { table(.regression, []) }

    private func table(_ task: Task, _ names: [String]) -> Table {
        Table(
            columns: ["x1", "x2"].map { Column(name: $0, range: PlaneBuilder.range) }, rows: rows, labels: labels,
            task: task, classNames: names)
    }
}
