/// Counts of samples by true and by predicted class.
public struct ConfusionMatrix: Sendable, Hashable {
    public let classes: Int
    /// Row after row: a row for each true class, with a column for each predicted one.
    let counts: [Int]

    init(classes: Int, counts: [Int]) {
        precondition(counts.count == classes * classes, "a count for each pair of classes")
        (self.classes, self.counts) = (classes, counts)
    }

    /// - Parameter rows: `[true class][predicted class]`.
    public init(_ rows: [[Int]]) { self.init(classes: rows.count, counts: rows.flatMap(\.self)) }

    public subscript(truth: Int, predicted: Int) -> Int { counts[truth * classes + predicted] }

    /// `[true class][predicted class]`.
    public var rows: [[Int]] { (0..<classes).map { Array(counts[$0 * classes..<($0 + 1) * classes]) } }

    /// The part of all samples that were taken for what they are.
    public var accuracy: Double {
        let right = (0..<classes).reduce(0) { $0 + self[$1, $1] }
        return Double(right) / Double(counts.reduce(0, +))
    }

    /// The part of each class's samples that were taken for what they are; nil for a class without samples.
    public var classAccuracy: [Double?] {
        (0..<classes).map { truth in
            let all = counts[truth * classes..<(truth + 1) * classes].reduce(0, +)
            return all > 0 ? Double(self[truth, truth]) / Double(all) : nil
        }
    }
}
