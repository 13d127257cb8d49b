/// The quantity that training minimises: the catalogue's entry and the properties that the planner needs. The
/// arithmetic is the kernel of the same id; the entry's knobs are its parameters, in the entry's order.
struct Loss: Sendable {
    /// The form in which it takes a class: the numbers for "not this one" and "this one".
    enum Targets: Sendable {
        /// −1 and 1.
        case signed
        /// 0 and 1.
        case binary

        var low: Float { self == .signed ? -1 : 0 }
        var high: Float { 1 }
        /// An output above this value says "this one".
        var boundary: Float { self == .signed ? 0 : 0.5 }
    }

    let entry: Entry
    let targets: Targets
    /// The output activation that is part of the loss, which then works on the pre-activation; nil: works on the
    /// output with any activation.
    let impliedActivation: String?
    /// Two classes need one output unit, or two.
    let unitsForTwoClasses: Int
    /// Whether it makes sense for values instead of classes.
    let suitsRegression: Bool
    /// Whether it compares a reconstruction with the input's values.
    let suitsReconstruction: Bool
    /// The targets for which it makes sense; nil: all.
    let targetRange: ClosedRange<Float>?
    /// Its value is half the squared distance, of which R² is made.
    let isHalfSquare: Bool
    /// The loss of a network for more than two classes whose document names none.
    let isStandardForClasses: Bool
    /// ∂L/∂y of one output as it is written, of an answer y and its target t; of a loss with an activation of its own at the sum
    /// before that.
    let slope: @Sendable (_ y: String, _ t: String) -> String
    /// With so many classes or fewer its value is −ln p of the right class, in nats; 0: with none.
    let likelihoodClasses: Int

    init(
        _ entry: Entry, slope: @escaping @Sendable (String, String) -> String, targets: Targets = .signed,
        impliedActivation: String? = nil, unitsForTwoClasses: Int = 1,
        suitsRegression: Bool, suitsReconstruction: Bool? = nil, targetRange: ClosedRange<Float>? = nil,
        isHalfSquare: Bool = false, isStandardForClasses: Bool = false, likelihoodClasses: Int = 0
    ) {
        self.entry = entry
        self.slope = slope
        self.targets = targets
        self.impliedActivation = impliedActivation
        self.unitsForTwoClasses = unitsForTwoClasses
        self.suitsRegression = suitsRegression
        self.suitsReconstruction = suitsReconstruction ?? suitsRegression
        self.targetRange = targetRange
        self.isHalfSquare = isHalfSquare
        self.isStandardForClasses = isStandardForClasses
        self.likelihoodClasses = likelihoodClasses
    }
}
