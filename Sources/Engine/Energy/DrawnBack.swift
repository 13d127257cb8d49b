extension PlanBuilder {
    /// The network's input as layers that draw the values before them give it back, one after the other by its probabilities or
    /// means: with W, b of each layer from the last one down, x̂ = f(Wᵀ h + b), f the sigmoid or, of normal values, nothing.
    ///
    /// Backward: with dz = dx̂ ∘ f′, dW = h dzᵀ beside what the layer itself adds to it, db = Σ over the batch of dz, dh = W dz.
    /// - Parameters:
    ///   - x: the last layer's probabilities.
    ///   - shape: the input's.
    mutating func drawnBack(_ x: Value, _ shape: Shape) -> Value {
        var x = x
        for (pair, own) in zip(pairs, drawing).reversed() {
            let (m, n, above) = (pair.m, pair.n, x)
            let z = value(
                pair.layer == 0 ? shape : Shape(n),
                isDifferentiable: x.isDifferentiable || own.weight.isTrained || own.valueBias.isTrained)
            emit(
                Operation(
                    .affineTransposed, m: m, n: n,
                    [
                        "output": z.slice, "weight": own.weight.value, "bias": own.valueBias.value,
                        "input": above.slice,
                    ]))
            backward { plan in
                guard let dz = plan.gradient(of: z) else { return }
                if let gradient = own.weight.gradient {
                    plan.emit(
                        Operation(
                            .affineParameterGradient, m: m, n: n,
                            ["weightGradient": gradient, "gradient": above.slice, "input": dz]))
                }
                if let sums = own.valueBias.gradient {
                    plan.emit(Operation(.rowSums, m: n, ["sums": sums, "gradient": dz]))
                }
                plan.addGradient(of: above) {
                    Operation(.affine, m: m, n: n, ["output": $0, "weight": own.weight.value, "input": dz])
                }
            }
            let activation = Catalogue.activations.first { pair.isNormal ? $0.isIdentity : $0.isProbability }!
            let choice = Choice(activation.entry.id)
            if pair.layer == 0 { declare(activation: choice) }
            guard let settings = try? Settings(choice, in: .activation, place: "") else {
                preconditionFailure("a function without knobs")
            }
            x = ChosenActivation(checked: settings).emit(z, into: &self)
        }
        return x
    }
}
