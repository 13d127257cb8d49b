import Basics

/// A data set in memory for a whole run: inputs and targets as rows over the samples.
final class ResidentSamples {
    let count: Int
    let inputs: ResidentRows
    /// The targets that the gradient is computed from.
    let targets: ResidentRows
    /// The targets of the shown loss: the same, except under the rule hebb.
    let shownTargets: ResidentRows
    /// The class of each sample, or its value; or those of its steps.
    let labels: [Float]
    /// Of each step the classes that may stand there; nil: the label alone.
    let legal: [UInt32]?
    /// The mean of (t − t̄)²; nil for classes and for an empty set.
    let variance: Double?
    /// The task of each sample, where several are learned in turn.
    let tasks: TaskMarks?
    /// How much each sample counts in means: the part of its steps that have a target; nil: all count as one.
    let weights: [Float]?

    /// - Parameters:
    ///   - place: what messages call the set: "training data".
    ///   - asFloats: all becomes floats at once, for kernels that read nothing else.
    /// - Throws: wrong counts, a class that the task lacks, a value that is not finite.
    init(_ samples: Samples, task: Task, head: OutputHead, inputs width: Int, place: String, asFloats: Bool = false)
        throws(EngineError)
    {
        // A reconstruction compares with the inputs, whatever labels there are.
        let labelCount = task == .reconstruction ? samples.labels.count : samples.count * (head.steps ?? 1)
        guard samples.inputs.width == width || samples.count == 0, samples.labels.count == labelCount else {
            throw EngineError(
                place: place,
                message:
                    "expected \(plural(width, "input")) and \(plural(head.steps ?? 1, "label")) for each of "
                    + "\(plural(samples.count, "sample")), found "
                    + "\(plural(samples.inputs.width, "input")) and \(plural(samples.labels.count, "label"))")
        }
        if let bad = samples.inputs.nonFinite {
            throw EngineError(
                place: place,
                message: "input \(bad.unit) of sample \(bad.sample) is not a finite number; check the feature's formula"
            )
        }
        (count, labels, legal, tasks) = (samples.count, samples.labels, samples.legal, samples.tasks)
        inputs = asFloats ? try samples.inputs.rows.floats(samples.count) : samples.inputs.rows
        guard task != .reconstruction else {
            try Self.check(inputs, count, for: head.loss, place: place)
            (targets, shownTargets, variance, weights) = (inputs, inputs, nil, nil)
            return
        }
        try Self.check(labels, task: task, place: place)
        variance = task == .regression ? Self.variance(labels) : nil
        weights = Self.weights(labels, steps: head.steps)
        targets = try Self.targets(labels, task: task, head, as: head.gradientTargets, tasks, asFloats: asFloats)
        shownTargets =
            head.targets == head.gradientTargets
            ? targets : try Self.targets(labels, task: task, head, as: head.targets, tasks, asFloats: asFloats)
    }

    /// Whether the gradient is computed from the targets of the shown loss.
    var hasOneTarget: Bool { shownTargets.block === targets.block && shownTargets.compact === targets.compact }

    private static func weights(_ labels: [Float], steps: Int?) -> [Float]? {
        guard let steps, labels.contains(Samples.noLabel) else { return nil }
        return stride(from: 0, to: labels.count, by: steps).map { first in
            Float(labels[first..<first + steps].count { $0 != Samples.noLabel }) / Float(steps)
        }
    }

    /// How much samples count together: what the sum of their losses is divided by, so that each step with a target counts alike.
    /// Never 0.
    /// - Parameter order: of the rows; nil: as they are.
    func weight(order: UnsafePointer<Int32>?, first: Int, count: Int) -> Double {
        guard let weights else { return Double(count) }
        let sum = (first..<first + count).reduce(0.0) { sum, row in
            sum + Double(weights[order.map { Int($0[row]) } ?? row])
        }
        return sum > 0 ? sum : 1
    }

    private static func variance(_ labels: [Float]) -> Double? {
        let values = labels.filter { $0 != Samples.noLabel }
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

    private static func check(_ labels: [Float], task: Task, place: String) throws(EngineError) {
        for (sample, label) in labels.enumerated() where label != Samples.noLabel {
            switch task {
            case .regression, .values:
                guard label.isFinite else {
                    throw EngineError(place: place, message: "the label of sample \(sample) is not a finite number")
                }
            case .reconstruction: continue
            case .classification(let count):
                guard let index = Int(exactly: label), (0..<count).contains(index) else {
                    throw EngineError(
                        place: place,
                        message: "the label of sample \(sample) must be a class from 0 to \(count - 1), found \(label)")
                }
            }
        }
    }

    /// - Throws: an input that cannot be the target of a loss.
    private static func check(
        _ inputs: ResidentRows, _ count: Int, for loss: Loss, place: String
    ) throws(EngineError) {
        guard let range = loss.targetRange else { return }
        for unit in 0..<inputs.units {
            for sample in 0..<count where !range.contains(inputs[unit, sample]) {
                throw EngineError(
                    place: "output.loss",
                    message: "\(loss.entry.id) compares values from \(formatNumber(Double(range.lowerBound))) to "
                        + "\(formatNumber(Double(range.upperBound))), but input \(unit) of sample \(sample) of the \(place) is "
                        + "\(formatNumber(Double(inputs[unit, sample]), digits: 7)); leave the data unstandardized, or choose squaredError"
                )
            }
        }
    }

    /// A unit's target for a label: a value as it is; one unit for two classes: low or high; K units: high for the class,
    /// low for the others.
    static func target(_ label: Float, unit: Int, of units: Int, task: Task, as targets: Loss.Targets) -> Float {
        if task.classes == nil { return label }
        return label == (units == 1 ? 1 : Float(unit)) ? targets.high : targets.low
    }

    /// Of each step of a sample the targets of all units, and behind them, where the answers are given by step, each step's
    /// share of the sample's loss: as much for each step that has a target, whatever the others have. Where answers are limited
    /// to a sample's task, the limits lie behind.
    private static func targets(
        _ labels: [Float], task: Task, _ head: OutputHead, as targets: Loss.Targets, _ tasks: TaskMarks?, asFloats: Bool
    ) throws(EngineError) -> ResidentRows {
        if let steps = head.steps, head.targetsAreLabels {
            let rows = ResidentRows(ClassRows(labels, steps: steps, units: head.units, as: targets))
            return asFloats ? try rows.floats(labels.count / steps) : rows
        }
        let steps = head.steps ?? 1
        let rows = try ResidentRows(units: head.targetRows, samples: labels.count / steps)
        for sample in 0..<labels.count / steps {
            let own = targetRows(
                labels[sample * steps..<(sample + 1) * steps], task: task, head, as: targets, share: 1 / Float(steps))
            for (row, value) in own.enumerated() { rows[row, sample] = value }
            guard head.limitsAnswers, let tasks, let classes = tasks.classes else { continue }
            for unit in 0..<head.units {
                rows[head.units + unit, sample] =
                    classes[unit] == tasks.samples[sample] ? 0 : OutputHead.excluded
            }
        }
        return rows
    }

    /// The same rows of one sample.
    /// - Parameters:
    ///   - labels: its class or its value, or those of its steps.
    ///   - share: the share in the loss of each step with a target; nil: they share the sample's loss alike.
    static func targetRows(
        _ labels: ArraySlice<Float>, task: Task, _ head: OutputHead, as targets: Loss.Targets, share: Float? = nil
    ) -> [Float] {
        var rows = labels.flatMap { label in
            (0..<head.units).map { unit in
                label == Samples.noLabel ? 0 : target(label, unit: unit, of: head.units, task: task, as: targets)
            }
        }
        guard head.steps != nil else { return rows }
        let count = Float(labels.count { $0 != Samples.noLabel })
        rows += labels.map { $0 == Samples.noLabel ? 0 : share ?? 1 / max(1, count) }
        return rows
    }
}
