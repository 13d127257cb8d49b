/// The penalty λ (‖∇ₓD(x̂)‖ − 1)² of a discriminator, at points x̂ = ε·x + (1 − ε)·G(z) on the lines between real and generated
/// samples (Gulrajani and others, Improved training of Wasserstein GANs, 2017).
///
/// Its gradient by the parameters would be a second derivative. ‖∇ₓD‖ is the slope of D along u = ∇ₓD / ‖∇ₓD‖, which a central
/// difference tells: (D(x̂ + h·u) − D(x̂ − h·u)) / 2h. So two more passes of first derivatives are enough.
final class GradientPenalty {
    /// h: the error of the difference is of the order of h², that of floats of 1e-7 / h.
    static let step: Float = 0.01

    private let gradients: CPUPass
    private let input: Slice
    private let output: Slice
    private var between: [Float] = []

    /// - Parameter model: the discriminator's, whose parameters are shared.
    init(_ model: Model) throws(EngineError) {
        let plan = try Plan(model.network, isOutsideTraining: true, descendsLoss: false)
        gradients = try CPUPass(
            plan.program, part: .training, capacity: model.pass.capacity / 2, parameters: model.parameterBlock)
        input = plan.program.gradients[plan.program.input]!
        output = plan.program.gradients[plan.program.output]!
    }

    /// Adds the penalty's gradients to the sums in a training pass' memory.
    /// - Parameters:
    ///   - pass: holds real samples in the lanes 0 ..< count, generated ones in those behind; they are overwritten.
    ///   - forward: operations of its way forward.
    ///   - share: of the real sample in the next point.
    func accumulate(_ factor: Float, _ pass: CPUPass, forward: Int, count: Int, share: () -> Float) {
        let width = pass.program.input.count
        let samples = pass.rows(pass.program.input)
        let points = gradients.rows(gradients.program.input)
        for lane in 0..<count {
            let share = share()
            for unit in 0..<width {
                let row = samples + unit * pass.stride
                points[unit * gradients.stride + lane] = share * row[lane] + (1 - share) * row[count + lane]
            }
        }
        for rows in gradients.program.gradients.values {
            gradients.rows(rows).update(repeating: 0, count: rows.count * gradients.stride)
        }
        let seeds = gradients.rows(output)
        for lane in 0..<count { seeds[lane] = 1 }
        gradients.run(count: count)
        // The slopes, and the points on both sides.
        let slopes = gradients.rows(input)
        let seed = pass.rows(pass.program.backward[0]["gradient"])
        if between.count < count { between = [Float](repeating: 0, count: count) }
        for lane in 0..<count {
            var square: Float = 0
            for unit in 0..<width {
                let slope = slopes[unit * gradients.stride + lane]
                square += slope * slope
            }
            let norm = square.squareRoot()
            // Where D is level no direction is steepest: the penalty has no gradient there.
            let towards = norm > 1e-12 ? Self.step / norm : 0
            for unit in 0..<width {
                let (point, slope) = (points[unit * gradients.stride + lane], slopes[unit * gradients.stride + lane])
                let row = samples + unit * pass.stride
                row[lane] = point + towards * slope
                row[count + lane] = point - towards * slope
            }
            between[lane] = norm > 1e-12 ? factor * (norm - 1) / Self.step : 0
        }
        pass.run(0..<forward, count: 2 * count, seed: 0, counter: 0)
        for lane in 0..<count {
            seed[lane] = between[lane]
            seed[count + lane] = -between[lane]
        }
        pass.clearLanes(pass.program.backward[0]["gradient"], from: 2 * count)
        pass.run(
            forward + 1..<forward + pass.program.backward.count, count: 2 * count, seed: 0, counter: 0, accumulate: true
        )
    }
}
