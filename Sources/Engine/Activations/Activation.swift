/// A function of a unit's pre-activation z: the catalogue's entry and what the planner must know of it. The
/// arithmetic is the kernel of the same id; the entry's knobs are its parameters, in the entry's order.
struct Activation: Sendable {
    /// Where the function works.
    enum Scope: Sendable {
        /// One value at a time.
        case unit
        /// All units of a layer together (softmax).
        case layer
    }

    let entry: Entry
    let scope: Scope
    /// The knob whose value is the initial one of a parameter that the layer learns, one for all its units.
    let learnedKnob: String?

    init(_ entry: Entry, scope: Scope = .unit, learnedKnob: String? = nil) {
        self.entry = entry
        self.scope = scope
        self.learnedKnob = learnedKnob
    }
}
