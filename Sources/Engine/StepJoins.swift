/// One value of all steps of a sequence, and the other way round.
extension PlanBuilder {
    /// The values at each sample's last step.
    /// - Parameter backward: so many of the last are those of a direction that ends at the first step.
    mutating func lastStep(_ x: Value, backward: Int = 0) -> Value {
        overSteps(x, .stepsLast, back: .stepsLastGradient, n: backward, knobs: [])
    }

    /// The mean of the values over each sample's steps.
    mutating func meanOverSteps(_ x: Value) -> Value {
        overSteps(x, .stepsSum, back: .stepsSpread, n: 0, knobs: [1])
    }

    /// The values at every step.
    mutating func spread(_ x: Value, steps count: Int) -> Value {
        let m = x.shape.count
        let y = value(Shape(count, m), isDifferentiable: x.isDifferentiable)
        let steps = Steps(count: count, pitch: m, inputPitch: m)
        emit(
            Operation(.stepsSpread, m: m, knobs: [0], steps: steps, ["output": y.slice, "input": x.slice]))
        backward { plan in
            guard let dy = plan.gradient(of: y) else { return }
            plan.addGradient(of: x) {
                Operation(.stepsSum, m: m, knobs: [0], steps: steps, ["output": $0, "input": dy])
            }
        }
        return y
    }

    private mutating func overSteps(
        _ x: Value, _ primitive: Primitive, back: Primitive, n: Int, knobs: [Double]
    ) -> Value {
        let (count, m) = (x.shape.axes[0], x.shape.axes[1])
        let y = value(Shape(m), isDifferentiable: x.isDifferentiable)
        let steps = Steps(count: count, pitch: m, inputPitch: m)
        emit(
            Operation(
                primitive, m: m, n: n, knobs: knobs, steps: steps,
                ["output": y.slice, "input": x.slice, "lengths": x.lengths]))
        backward { plan in
            guard let dy = plan.gradient(of: y) else { return }
            plan.addGradient(of: x) {
                Operation(
                    back, m: m, n: n, knobs: knobs, steps: steps,
                    ["output": $0, "input": dy, "lengths": x.lengths])
            }
        }
        return y
    }

    /// z = b + W x at every step, over neighbouring steps where the weight has taps: [steps, m] of [steps, n].
    /// - Parameters:
    ///   - weight: [m, n, taps].
    ///   - steps: pitches m and n.
    mutating func stepsAffine(_ x: Value, _ weight: Parameter, _ bias: Parameter?, units m: Int, _ steps: Steps)
        -> Value
    {
        let n = x.shape.axes[1]
        let z = value(
            Shape(steps.count, m),
            isDifferentiable: x.isDifferentiable || weight.isTrained || bias?.isTrained == true)
        emit(
            Operation(
                .stepsAffine, m: m, n: n, steps: steps,
                ["output": z.slice, "weight": weight.value, "bias": bias?.value, "input": x.slice]))
        backward { plan in
            guard let dz = plan.gradient(of: z) else { return }
            if let gradient = weight.gradient {
                plan.emit(
                    Operation(
                        .stepsParameterGradient, m: m, n: n, steps: steps,
                        [
                            "weightGradient": gradient, "biasGradient": bias?.gradient, "gradient": dz,
                            "input": x.slice,
                        ]))
            }
            plan.addGradient(of: x) {
                Operation(
                    .stepsInputGradient, m: m, n: n, steps: steps,
                    ["inputGradient": $0, "weight": weight.value, "gradient": dz])
            }
        }
        return z
    }
}
