/// The output at every step: over a sequence of as many steps y_t = f(W h_t + b), the same W (`weight`: [units, features]) and b
/// (`bias`: [units]) at every step; over any other value h y = f(W h + b) of all steps together, W [steps · units, values].
///
/// Shapes: h: [steps, features, batch] or [values, batch], y: [steps, units, batch]. Backward: as those of `stepsAffine` and of
/// `Dense`.
struct StepsOutput: Layer {
    static let entry = Entry(
        id: "output", title: "output", summary: "Answers at every step of a sequence.", formula: "y_t = f(W h_t + b)",
        source: "Elman, Finding structure in time, 1990",
        watch: "The first steps have seen little: errors there are no fault of the network.")

    private let head: OutputHead
    private let steps: Int

    init(_ head: OutputHead, steps: Int) { (self.head, self.steps) = (head, steps) }

    init(settings: Settings) { preconditionFailure("an output is made of its head") }

    var title: String { "output \(head.units)" }

    var activation: Settings? { head.activation }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        if let ending = x.ending, ending.steps == steps {
            throw EngineError(
                place: "\(ending.place).returns",
                message:
                    "each of the \(steps) steps has a target, but the layer hands on its last state alone; set returns to all, "
                    + "or let repeat and another recurrent layer unfold that state")
        }
        let m = head.units
        let z =
            x.shape.axes.count == 2 && x.shape.axes[0] == steps
            ? sharedSums(x, into: &plan) : ownSums(x, into: &plan)
        let chosen = ChosenActivation(checked: head.activation)
        guard chosen.function.scope == .layer else { return chosen.emit(z, into: &plan) }
        let y = plan.value(z.shape, activationOf: z, isDifferentiable: z.isDifferentiable)
        // Of each step by itself.
        func step(_ whole: Slice, _ number: Int) -> Slice {
            Slice(block: whole.block, offset: whole.offset + number * m, count: m)
        }
        for number in 0..<steps {
            plan.emit(
                Operation(.softmax, m: m, ["output": step(y.slice, number), "input": step(z.slice, number)]))
        }
        let steps = steps
        plan.backward { plan in
            guard let dy = plan.gradient(of: y), z.isDifferentiable else { return }
            let own = plan.trainingRows(z.shape.count)
            for number in 0..<steps {
                plan.emit(
                    Operation(
                        .softmaxGradient, m: m,
                        [
                            "inputGradient": step(own, number), "gradient": step(dy, number),
                            "output": step(y.slice, number),
                        ]))
            }
            plan.addWrittenGradient(of: z.slice, own)
        }
        return y
    }

    /// The sums by the same weights at every step.
    private func sharedSums(_ x: Value, into plan: inout PlanBuilder) -> Value {
        let (m, n) = (head.units, x.shape.axes[1])
        let initializer = ChosenInitializer(checked: head.initializer)
        let weight = plan.parameter(
            "weight", axes: [m, n], initial: initializer.initial(inputs: n, outputs: m), decays: true)
        let bias = plan.parameter("bias", axes: [m], initial: .constant(initializer.bias), decays: false)
        plan.declare(.stepKernels(StepWindow(steps: steps, taps: 1, dilation: 1, padding: 0)))
        return plan.stepsAffine(x, weight, bias, units: m, Steps(count: steps, pitch: m, inputPitch: n))
    }

    /// The sums of all steps from one row of values, each by weights of its own.
    private func ownSums(_ x: Value, into plan: inout PlanBuilder) -> Value {
        plan.weightedSums(
            of: x, units: steps * head.units, ChosenInitializer(checked: head.initializer)
        ).reshaped(Shape(steps, head.units))
    }
}
