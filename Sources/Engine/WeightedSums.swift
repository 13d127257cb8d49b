extension PlanBuilder {
    /// z = W x + b with a weight and a bias of the layer at work, `weight` [units, values] and `bias` [units].
    ///
    /// Shapes: x: [values, batch], z: [units, batch].
    mutating func weightedSums(of x: Value, units: Int, _ initializer: ChosenInitializer) -> Value {
        weightedParts(of: x, units: units, initializer).value
    }

    /// The same with the parameters that it declares.
    mutating func weightedParts(
        of x: Value, units: Int, _ initializer: ChosenInitializer
    ) -> (value: Value, weight: Parameter, bias: Parameter) {
        let (m, n) = (units, x.shape.count)
        let weight = parameter(
            "weight", axes: [m, n], initial: initializer.initial(inputs: n, outputs: m), decays: true)
        let bias = parameter("bias", axes: [m], initial: .constant(initializer.bias), decays: false)
        share(weight, rows: m, columns: n)

        let z = value(Shape(m), isDifferentiable: x.isDifferentiable || weight.isTrained)
        emit(
            Operation(
                .affine, m: m, n: n,
                ["output": z.slice, "weight": weight.value, "bias": bias.value, "input": x.slice]))
        backward { plan in
            guard let dz = plan.gradient(of: z) else { return }
            if let gradient = weight.gradient {
                // A tied layer behind this one has written its part of the weight's gradient, and none of the bias's; the same
                // layer at another step both.
                let adds = plan.isWritten(gradient) && bias.gradient.map { !plan.isWritten($0) } ?? false
                plan.emit(
                    Operation(
                        .affineParameterGradient, m: m, n: n,
                        [
                            "weightGradient": gradient, "biasGradient": adds ? nil : bias.gradient, "gradient": dz,
                            "input": x.slice,
                        ]))
                if adds, let sums = bias.gradient {
                    plan.emit(Operation(.rowSums, m: m, ["sums": sums, "gradient": dz]))
                }
            }
            plan.addGradient(of: x) {
                Operation(
                    .affineInputGradient, m: m, n: n, ["inputGradient": $0, "weight": weight.value, "gradient": dz])
            }
        }
        return (z, weight, bias)
    }
}
