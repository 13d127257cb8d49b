/// The values at which a function's slope is 0, or less than a twentieth of its steepest.
public enum Flatness: Sendable, Hashable {
    /// The unit is off up to this value.
    case below(Float)
    /// The unit is saturated outside of these values.
    case outside(ClosedRange<Float>)
}

/// A function of a unit's pre-activation z: the catalogue's entry and what the planner must know of it. The
/// arithmetic is the kernel of the same id; the entry's knobs are its parameters, in the entry's order.
struct Activation: Sendable {
    /// The span over which the function works.
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
    /// f(z) = z: nothing is to be computed.
    let isIdentity: Bool
    /// It jumps from one value to another, and is flat elsewhere.
    let isStep: Bool
    /// Whether the value is the probability of a unit that is on or off, of log-odds z.
    let isProbability: Bool
    /// The values at which it is flat; nil: there are none.
    let flatness: Flatness?
    /// The output that has it where neither the document nor the loss says another; nil: none.
    let standardOutput: StandardOutput?

    enum StandardOutput: Sendable {
        /// Of values.
        case values
        /// Of classes.
        case classes
        /// Of a perceptron's rule, which can have no other.
        case rule
    }

    init(
        _ entry: Entry, scope: Scope = .unit, learnedKnob: String? = nil, isIdentity: Bool = false,
        isStep: Bool = false, isProbability: Bool = false, flatness: Flatness? = nil,
        standardOutput: StandardOutput? = nil
    ) {
        self.entry = entry
        self.scope = scope
        self.learnedKnob = learnedKnob
        self.isIdentity = isIdentity
        self.isStep = isStep
        self.isProbability = isProbability
        self.flatness = flatness
        self.standardOutput = standardOutput
    }
}

extension Activation {
    /// The settings of a choice for a hidden layer.
    /// - Throws: what is wrong with them, or that the activation is for outputs.
    static func hiddenSettings(_ choice: Choice, place: String) throws(EngineError) -> Settings {
        let settings = try Settings(choice, in: .activation, place: place)
        guard !settings.entry.outputOnly else {
            throw EngineError(
                place: place,
                message: "\(choice.id) is for the output alone; choose another activation for a hidden layer")
        }
        return settings
    }

    /// Plans the function over a value.
    /// - Parameter name: of the parameter that it learns, if it learns one.
    func emit(_ z: Value, settings: Settings, learned name: String, into plan: inout PlanBuilder) -> Value {
        // The rows before it are z, though z may be an activation of other rows itself.
        guard !isIdentity else {
            return Value(
                shape: z.shape, slice: z.slice, preActivation: z.slice, isDifferentiable: z.isDifferentiable)
        }
        let m = z.shape.count
        let kind = Operation.Kind.activation(entry.id)
        let knobs = settings.parameters
        let slope = learnedKnob.map {
            plan.parameter(name, axes: [1], initial: .constant(Float(settings.real($0))), decays: false)
        }
        let y = plan.value(z.shape, activationOf: z, isDifferentiable: z.isDifferentiable || slope?.isTrained == true)
        switch scope {
        case .unit:
            plan.emit(
                Operation(
                    .activate, kind: kind, m: m, knobs: knobs,
                    ["output": y.slice, "input": z.slice, "learned": slope?.value]))
            plan.backward { plan in
                guard let dy = plan.gradient(of: y) else { return }
                func gradient(_ dz: Slice) -> Operation {
                    Operation(
                        .activateGradient, kind: kind, m: m, knobs: knobs,
                        [
                            "inputGradient": dz, "gradient": dy, "learned": slope?.value, "input": z.slice,
                            "output": y.slice, "learnedGradient": slope?.gradient,
                        ])
                }
                // A slope that is trained is so even where nothing before it is.
                if slope?.isTrained == true {
                    plan.addGradient(of: z.slice, gradient)
                } else {
                    plan.addGradient(of: z, gradient)
                }
            }
        case .layer:
            plan.emit(Operation(.softmax, m: m, ["output": y.slice, "input": z.slice]))
            plan.backward { plan in
                guard let dy = plan.gradient(of: y) else { return }
                plan.addGradient(of: z) {
                    Operation(.softmaxGradient, m: m, ["inputGradient": $0, "gradient": dy, "output": y.slice])
                }
            }
        }
        return y
    }
}
