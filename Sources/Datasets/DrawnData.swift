import Engine

extension DataDescription {
    /// The same with points drawn by hand in place of the dataset; the share for training and the order's seed stay.
    public func drawn(_ points: [DrawnPoint]) -> DataDescription {
        guard let dataset = Datasets.drawn else { return self }
        var next = self
        if next.dataset.id != dataset.entry.id {
            next = DataDescription(
                dataset: Choice(dataset.entry.id),
                trainFraction: trainFraction ?? Datasets.dataset(self.dataset.id)?.trainFraction,
                seed: seed)
        }
        next.points = points
        return next
    }
}

extension PreparedData {
    /// The points of the plane as drawn ones, training and test together, so that each class keeps its number; nil: the
    /// data are no points of a plane with a class or a value each.
    /// - Parameter most: so many at most, the first ones.
    public func drawnPoints(most: Int) -> [DrawnPoint]? {
        guard schema.columns == ["x1", "x2"], columns.map(\.name) == schema.columns,
            featureScales.allSatisfy({ $0 == 1 }), targetScale == 1
        else { return nil }
        let classes = task.classes
        let all = [trainPoints, testPoints]
        // In turns, so that few points are as mixed as many.
        let total = all.reduce(0) { $0 + $1.count }
        let share = min(1, Double(most) / Double(max(1, total)))
        let points = all.flatMap { table in
            (0..<Int(Double(table.count) * share)).map { row in
                DrawnPoint(
                    x1: Double(table.rows[2 * row]), x2: Double(table.rows[2 * row + 1]),
                    label: Self.label(table.labels[row], classes: classes, names: classNames))
            }
        }
        return DrawnPoint.inOrder(points, of: drawnLabels)
    }

    /// A class or a value as the label of a drawn point.
    private static func label(_ value: Float, classes: Int?, names: [String]) -> DrawnPoint.Label {
        guard let classes else { return .number(Double(value)) }
        let index = Int(value)
        // Of two classes −1 and +1 the order is known from the numbers.
        if classes == 2, names.map({ $0.replacing("−", with: "-") }) == ["-1", "+1"] || names == ["-1", "1"] {
            return .number(index == 0 ? -1 : 1)
        }
        return .text(names.indices.contains(index) ? names[index] : "class \(index + 1)")
    }

    /// The labels of drawn points by the number of the class; empty: the points have values.
    public var drawnLabels: [DrawnPoint.Label] {
        (0..<(task.classes ?? 0)).map { Self.label(Float($0), classes: task.classes, names: classNames) }
    }
}

extension DrawnPoint {
    /// The points with the first one of each class in front, in the classes' order: classes are numbered as they come.
    public static func inOrder(_ points: [DrawnPoint], of labels: [Label]) -> [DrawnPoint] {
        var first: [Int] = []
        for label in labels { if let place = points.firstIndex(where: { $0.label == label }) { first.append(place) } }
        guard first != Array(0..<first.count) else { return points }
        let isFirst = Set(first)
        return first.map { points[$0] } + points.indices.filter { !isFirst.contains($0) }.map { points[$0] }
    }

    /// The points as a table: x1, x2, label.
    public static func csv(_ points: [DrawnPoint]) -> String {
        points.reduce(into: "x1,x2,label\n") { text, point in
            let label =
                switch point.label {
                case .number(let value): value.plain
                case .text(let name):
                    name.contains(where: { ",\"\n\r".contains($0) })
                        ? "\"" + name.replacing("\"", with: "\"\"") + "\"" : name
                }
            text += "\(point.x1.plain),\(point.x2.plain),\(label)\n"
        }
    }
}
