#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The numbers of one weight in one update, as the engine has them before and after.
public struct WeightUpdate: Sendable, Hashable {
    public var weight: Float
    /// The mean over the batch, clipped where that is chosen: what the optimizer is given.
    public var gradient: Float
    /// The optimizer's values for this weight, in the order of its slots.
    public var slots: [Float]
    public var newSlots: [Float]
    public var newWeight: Float
    /// η of this update, by the schedule.
    public var scheduledRate: Double
    /// t: the updates since the optimizer was chosen, this one included.
    public var number: Int
    /// The amount that regularization takes from the weight afterwards; 0: nothing.
    public var decay: Float
    /// The largest size that a weight may have; nil: none.
    public var limit: Float?
    let settings: Settings

    var rate: Float { Float(scheduledRate) }

    func knob(_ name: String) -> Float { Float(settings.real(name)) }

    /// The optimizer's lines, then the regularization's and the new weight.
    public var lines: [UpdateLine] {
        let optimizer = Catalogue.optimizers.first { $0.entry.id == settings.entry.id }!
        var lines = optimizer.lines(self)
        if decay != 0 { lines.append(UpdateLine("η (λ₂ w + λ₁ sign w)", decay)) }
        if let limit { lines.append(UpdateLine("limit of |w|", limit)) }
        return lines + [UpdateLine("w will be", newWeight, isResult: true)]
    }

    /// The optimizer's title.
    public var title: String { settings.entry.title }

    /// Adam's averages, the same corrected for their start at 0, and its step.
    var adamLines: [UpdateLine] {
        let (beta1, beta2) = (settings.real("beta1"), settings.real("beta2"))
        let (correction1, correction2) = (1 - pow(beta1, Double(number)), 1 - pow(beta2, Double(number)))
        let (m, v) = (newSlots[0], newSlots[1])
        let root = v.squareRoot() * Float(1 / correction2.squareRoot())
        return [
            UpdateLine("m was", slots[0]), UpdateLine("v was", slots[1]),
            UpdateLine("m ← β₁m + (1−β₁)g", m), UpdateLine("v ← β₂v + (1−β₂)g²", v),
            UpdateLine("m′ = m/(1 − β₁ᵗ)", Float(Double(m) / correction1)),
            UpdateLine("v′ = v/(1 − β₂ᵗ)", Float(Double(v) / correction2)),
            UpdateLine("η m′/(√v′ + ε)", Float(scheduledRate / correction1) * m / (root + knob("epsilon"))),
        ]
    }
}

/// One line of an update: a quantity and its number.
public struct UpdateLine: Sendable, Hashable {
    /// "m ← β₁m + (1−β₁)g"
    public var formula: String
    public var value: Float
    /// It is the new weight.
    public var isResult: Bool
    /// It takes the weight's place before the others go on.
    public var startsAnew: Bool

    init(_ formula: String, _ value: Float, isResult: Bool = false, startsAnew: Bool = false) {
        (self.formula, self.value, self.isResult, self.startsAnew) = (formula, value, isResult, startsAnew)
    }
}
