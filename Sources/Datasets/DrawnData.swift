import Engine

extension DataDescription {
    /// The same with points drawn by hand in place of the dataset. Those of the dataset that test are marked so; they and
    /// all others keep their places, however many are drawn: a new one trains.
    public func drawn(_ points: [DrawnPoint]) -> DataDescription {
        guard let dataset = Datasets.drawn else { return self }
        var next = self
        if next.dataset.id != dataset.entry.id {
            // Points of the unit square would hardly be seen in the other plane.
            let isUnit = points.allSatisfy { (-0.25...1.25).contains($0.x1) && (-0.25...1.25).contains($0.x2) }
            next = DataDescription(
                dataset: Choice(dataset.entry.id, isUnit ? Points.unitPlane : [:]), seed: seed,
                task: task ?? Datasets.dataset(self.dataset.id)?.task)
        }
        (next.trainFraction, next.shuffle, next.points) = (1, false, points)
        return next
    }

    /// Whether it is a drawing whose points keep their places, however many are drawn.
    public var keepsPlaces: Bool { Datasets.isDrawn(dataset.id) && trainFraction == 1 && !shuffle }
}

extension PreparedData {
    /// The points of the plane as drawn ones, the test points marked; each class keeps its number. nil: the data are no
    /// points of a plane with a class or a value each.
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
        let points = zip(all, [false, true]).flatMap { table, isTest in
            (0..<Int(Double(table.count) * share)).map { row in
                DrawnPoint(
                    x1: Double(table.rows[2 * row]), x2: Double(table.rows[2 * row + 1]),
                    label: Self.label(table.labels[row], classes: classes, names: classNames), isTest: isTest)
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
        guard names.indices.contains(index) else { return .text("class \(index + 1)") }
        if let number = Double(names[index]), number.plain == names[index] { return .number(number) }
        return .text(names[index])
    }

    /// The labels of drawn points by the number of the class; empty: the points have values.
    public var drawnLabels: [DrawnPoint.Label] {
        (0..<(task.classes ?? 0)).map { Self.label(Float($0), classes: task.classes, names: classNames) }
    }
}

extension DrawnPoint.Label {
    /// Whether two classes are numbered by their numbers, whichever comes first.
    fileprivate static func ascend(_ labels: [Self]) -> Bool {
        guard labels.count == 2, case .number(let first) = labels[0], case .number(let second) = labels[1] else {
            return false
        }
        return Labels.ascend(first, second)
    }
}

extension DrawnPoint {
    /// The points with the classes first seen in the order of `labels`, for classes are numbered as they come. Where they are
    /// not, some points change places with the first ones; no other moves.
    public static func inOrder(_ points: [DrawnPoint], of labels: [Label]) -> [DrawnPoint] {
        var seen: [Label] = []
        for point in points where seen.count < labels.count && !seen.contains(point.label) { seen.append(point.label) }
        // −1 and +1, and 0 and 1, stand in their own order.
        guard seen != labels.filter(seen.contains), !Label.ascend(labels) else { return points }
        var points = points
        for (place, label) in labels.filter(seen.contains).enumerated() {
            guard let found = points[place...].firstIndex(where: { $0.label == label }) else { continue }
            points.swapAt(place, found)
        }
        return points
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
