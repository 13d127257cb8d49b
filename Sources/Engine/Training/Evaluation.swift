/// The quantities that a procedure has measured at one moment, and the answers by class. Losses are means over whole sets,
/// with dropout off and without regularization.
public struct Evaluation: Sendable, Hashable {
    /// The quantities, in the procedure's order.
    public private(set) var metrics: [Metric]
    /// A value for each of `metrics`; nil: there is none (without test samples, for the other task, …).
    public private(set) var values: [Double?]
    /// nil for regression.
    public var trainConfusion: ConfusionMatrix?
    /// nil for regression and without test samples.
    public var testConfusion: ConfusionMatrix?

    /// Over the test samples, or the training samples where there are none; nil for regression.
    public var confusion: ConfusionMatrix? { testConfusion ?? trainConfusion }

    /// The value of a quantity by its id; nil: there is none.
    public subscript(id: String) -> Double? {
        get {
            for index in metrics.indices where metrics[index].id == id { return values[index] }
            return nil
        }
        set {
            guard let index = metrics.firstIndex(where: { $0.id == id }) else {
                preconditionFailure("the procedure has no metric \(id)")
            }
            values[index] = newValue
        }
    }

    /// Adds a quantity behind the others.
    mutating func append(_ metric: Metric, _ value: Double?) {
        metrics.append(metric)
        values.append(value)
    }

    /// The same with one quantity more.
    public func adding(_ metric: Metric, _ value: Double?) -> Evaluation {
        Evaluation(
            metrics + [metric], values + [value], trainConfusion: trainConfusion, testConfusion: testConfusion)
    }

    /// Whether all losses are finite.
    var isFinite: Bool {
        for index in metrics.indices where metrics[index].plot == .loss {
            if let value = values[index], !value.isFinite { return false }
        }
        return true
    }

    /// - Parameter values: one for each metric.
    public init(
        _ metrics: [Metric], _ values: [Double?], trainConfusion: ConfusionMatrix? = nil,
        testConfusion: ConfusionMatrix? = nil
    ) {
        precondition(metrics.count == values.count, "a value for each metric")
        (self.metrics, self.values) = (metrics, values)
        (self.trainConfusion, self.testConfusion) = (trainConfusion, testConfusion)
    }
}

/// The step and the layer in which numbers stopped being finite.
public struct Divergence: Sendable, Hashable {
    public var step: Int
    /// The tensor's layer: "layers.0", "output".
    public var layer: String
    /// One sentence: the setting to change.
    public var advice: String
}

extension Outline.Layer {
    /// The layer's place in an experiment: "layers.0", "output".
    var place: String { index.map { "layers.\($0)" } ?? "output" }
}

extension LearningDescription {
    /// One sentence: the setting to change after a divergence at a learning rate.
    func adviceAfterDivergence(rate: Double) -> String {
        // As it can be typed; floats have fewer digits to show.
        func shown(_ number: Double) -> String { plainNumber(Double("\(Float(number))") ?? number) }
        var advice = "lower the learning rate (it is \(shown(rate))) to \(shown(rate / 10)) or less"
        if clipNorm == nil { advice += ", or set clipNorm to 1" }
        if l1 > 1 || l2 > 1 { advice += ", or lower the regularization rate" }
        return advice
    }
}
