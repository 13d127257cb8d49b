/// A data set in memory for a whole run: inputs and targets as rows over the samples.
final class ResidentSamples {
    let count: Int
    let inputs: ResidentRows
    /// The targets that the gradient is computed from.
    let targets: ResidentRows
    /// The targets of the shown loss: the same, except under the rule hebb.
    let shownTargets: ResidentRows
    /// The class of each sample; empty for regression.
    let classes: [Int]
    /// The mean of (t − t̄)²; nil for classes and for an empty set.
    let variance: Double?

    /// - Parameter place: what messages call the set: "training data".
    /// - Throws: wrong counts, a class that the task lacks, a value that is not finite.
    init(_ samples: Samples, task: Task, head: OutputHead, inputs width: Int, place: String) throws(EngineError) {
        guard samples.count >= 0, samples.inputs.count == samples.count * width, samples.labels.count == samples.count
        else {
            throw EngineError(
                place: place,
                message: "expected \(width) inputs and 1 label for each of \(samples.count) samples, found "
                    + "\(samples.inputs.count) inputs and \(samples.labels.count) labels")
        }
        count = samples.count
        inputs = try ResidentRows(units: width, samples: count)
        for sample in 0..<count {
            for unit in 0..<width {
                let value = samples.inputs[sample * width + unit]
                guard value.isFinite else {
                    throw EngineError(
                        place: place,
                        message: "input \(unit) of sample \(sample) is not a finite number; check the feature's formula"
                    )
                }
                inputs[unit, sample] = value
            }
        }
        classes = try Self.classes(of: samples, task: task, place: place)
        variance = task == .regression ? Self.variance(samples.labels) : nil
        targets = try Self.targets(samples.labels, classes: classes, units: head.units, as: head.gradientTargets)
        shownTargets =
            head.targets == head.gradientTargets
            ? targets : try Self.targets(samples.labels, classes: classes, units: head.units, as: head.targets)
    }

    private static func variance(_ values: [Float]) -> Double? {
        guard !values.isEmpty else { return nil }
        let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
        return values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)
    }

    /// R² of answers that are so far from the targets, in the mean of their squares; nil for classes, for an empty set,
    /// and where all targets are equal.
    func r2(squaredDistance: Double?) -> Double? {
        guard let squaredDistance, let variance, variance > 0 else { return nil }
        return 1 - squaredDistance / variance
    }

    private static func classes(of samples: Samples, task: Task, place: String) throws(EngineError) -> [Int] {
        var classes: [Int] = []
        for (sample, label) in samples.labels.enumerated() {
            switch task {
            case .regression:
                guard label.isFinite else {
                    throw EngineError(place: place, message: "the label of sample \(sample) is not a finite number")
                }
            case .classification(let count):
                guard let index = Int(exactly: label), (0..<count).contains(index) else {
                    throw EngineError(
                        place: place,
                        message: "the label of sample \(sample) must be a class from 0 to \(count - 1), found \(label)")
                }
                classes.append(index)
            }
        }
        return classes
    }

    /// A value as it is; one unit for two classes: low or high; K units: high for the class, low for the others.
    private static func targets(
        _ labels: [Float], classes: [Int], units: Int, as targets: Loss.Targets
    ) throws(EngineError) -> ResidentRows {
        let rows = try ResidentRows(units: units, samples: labels.count)
        for sample in labels.indices {
            if classes.isEmpty {
                rows[0, sample] = labels[sample]
            } else if units == 1 {
                rows[0, sample] = classes[sample] == 1 ? targets.high : targets.low
            } else {
                for unit in 0..<units { rows[unit, sample] = classes[sample] == unit ? targets.high : targets.low }
            }
        }
        return rows
    }
}
