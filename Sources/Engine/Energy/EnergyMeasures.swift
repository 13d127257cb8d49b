import CKernels

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Measures a pair of layers: how well values are reconstructed, how likely they are. Memory of its own, and the model's
/// parameters.
final class EnergyMeasures {
    /// Means over samples.
    struct Result: Equatable {
        /// (x̂ − x)² over all values, x̂ = E[x | E[h | x]].
        var reconstructionError: Double
        var freeEnergy: Double
        /// Σ over all values of ln p(xᵢ | the others), in nats; nil for normal values.
        var pseudoLikelihood: Double?
    }

    /// Samples of a set from which free energies and errors are measured: the first ones.
    static let mostSamples = 1024
    /// Values and units that a pseudo-likelihood may flip and ask, in vectors of samples: some milliseconds.
    private static let mostFlips = 1 << 18
    /// The most units on a side over whose states the likelihood is summed.
    static let mostEnumerated = 20

    let pair: EnergyPair
    private let pass: CPUPass
    private let rows: (error: Slice, energy: Slice)
    /// nil for normal values.
    private let scores: (pass: CPUPass, row: Slice)?
    /// The pass that sums over states, made when it is first asked for.
    private var states: (pass: CPUPass, input: Slice, energy: Slice)?
    private let plan: Plan
    private let parameters: Block

    private static let chunk = 256

    init(_ plan: Plan, _ pair: EnergyPair, parameters: Block) throws(EngineError) {
        (self.plan, self.pair, self.parameters) = (plan, pair, parameters)
        var program = EnergyProgram(plan, pair, labels: nil)
        let (units, values) = (program.rows(pair.m), program.rows(pair.n))
        rows = (program.rows(1), program.rows(1))
        program.emit(
            [
                Operation(
                    .affine, m: pair.m, n: pair.n,
                    ["output": units, "weight": pair.weight, "bias": pair.bias, "input": pair.input]),
                pair.freeEnergy(rows.energy, of: pair.input, sums: units),
                EnergyPair.probabilities(units, from: units),
            ] + pair.down(values, from: units) + [
                Operation(
                    .squaredDistance, m: pair.n, ["output": rows.error, "input": values, "other": pair.input])
            ])
        pass = try CPUPass(
            program.program, part: .training, capacity: Self.chunk, parameters: parameters)
        scores = pair.isNormal ? nil : try Self.scores(plan, pair, parameters)
    }

    private static func scores(
        _ plan: Plan, _ pair: EnergyPair, _ parameters: Block
    ) throws(EngineError) -> (CPUPass, Slice) {
        var program = EnergyProgram(plan, pair, labels: nil)
        let (sums, scratch, score) = (program.rows(pair.m), program.rows(pair.m), program.rows(1))
        program.emit([
            Operation(
                .affine, m: pair.m, n: pair.n,
                ["output": sums, "weight": pair.weight, "bias": pair.bias, "input": pair.input]),
            Operation(
                .flipScore, m: pair.m, n: pair.n,
                [
                    "output": score, "input": pair.input, "sums": sums, "bias": pair.valueBias, "weight": pair.weight,
                    "scratch": scratch,
                ]),
        ])
        return (
            try CPUPass(
                program.program, part: .training, capacity: chunk, parameters: parameters), score
        )
    }

    /// - Returns: nil for an empty set.
    func measure(_ samples: ResidentSamples) -> Result? {
        let count = min(samples.count, Self.mostSamples)
        guard count > 0 else { return nil }
        var (error, energy) = (0.0, 0.0)
        each(of: count, samples, in: pass) { count in
            error += pass.sum(of: rows.error, count: count)
            energy += pass.sum(of: rows.energy, count: count)
        }
        return Result(
            reconstructionError: error / Double(count * pair.n), freeEnergy: energy / Double(count),
            pseudoLikelihood: scores.map { scores in
                let count = min(count, scoredSamples)
                var score = 0.0
                each(of: count, samples, in: scores.pass) { score += scores.pass.sum(of: scores.row, count: $0) }
                return score / Double(count)
            })
    }

    /// The samples whose pseudo-likelihood is measured: whole vectors of them.
    var scoredSamples: Int { Int(LC_LANES) * max(1, Self.mostFlips / (pair.m * pair.n)) }

    private func each(of count: Int, _ samples: ResidentSamples, in pass: CPUPass, _ body: (Int) -> Void) {
        for first in stride(from: 0, to: count, by: pass.capacity) {
            let count = min(pass.capacity, count - first)
            pass.gather(pass.program.input, from: samples.inputs, order: nil, first: first, count: count)
            pass.run(count: count)
            body(count)
        }
    }

    /// The means of the values before the pair over all samples.
    func means(_ samples: ResidentSamples) -> [Double] {
        var sums = [Double](repeating: 0, count: pair.n)
        each(of: samples.count, samples, in: pass) { count in
            let base = pass.rows(pair.input)
            for unit in sums.indices {
                for sample in 0..<count { sums[unit] += Double(base[unit * pass.stride + sample]) }
            }
        }
        return sums.map { $0 / Double(samples.count) }
    }

    // MARK: - The likelihood

    /// Whether the sum over the states of one side can be waited for.
    var isEnumerable: Bool { min(pair.m, pair.isNormal ? .max : pair.n) <= Self.mostEnumerated }

    /// The mean of ln p(x) over samples, in nats, exactly; nil where a side has too many units, and for an empty set.
    /// - Parameter freeEnergy: the mean over those samples.
    func likelihood(freeEnergy: Double) throws(EngineError) -> Double? {
        guard isEnumerable else { return nil }
        return try -freeEnergy - partition()
    }

    /// ln Z = ln Σ e^(−E) over all states of units and values, of normal values their integral.
    private func partition() throws(EngineError) -> Double {
        let states = try enumeration()
        let (pass, width) = (states.pass, states.input.count)
        let all = 1 << width
        var (largest, sum) = (-Double.infinity, 0.0)
        for first in stride(from: 0, to: all, by: pass.capacity) {
            let count = min(pass.capacity, all - first)
            let base = pass.rows(states.input)
            for bit in 0..<width {
                for state in 0..<count { base[bit * pass.stride + state] = Float((first + state) >> bit & 1) }
            }
            pass.run(count: count)
            let energies = pass.rows(states.energy)
            for state in 0..<count {
                let exponent = -Double(energies[state])
                if exponent > largest {
                    sum = sum * exp(largest - exponent) + 1
                    largest = exponent
                } else {
                    sum += exp(exponent - largest)
                }
            }
        }
        return largest + log(sum) + (pair.isNormal ? Double(pair.n) / 2 * log(2 * Double.pi) : 0)
    }

    /// The free energies of the states of the smaller side: of values over the units, of units over the values.
    private func enumeration() throws(EngineError) -> (pass: CPUPass, input: Slice, energy: Slice) {
        if let states { return states }
        let ofValues = !pair.isNormal && pair.n <= pair.m
        var program = EnergyProgram(plan, pair, labels: nil)
        program.removeLayersBelow()
        let input = program.rows(ofValues ? pair.n : pair.m)
        let (sums, energy) = (program.rows(ofValues ? pair.m : pair.n), program.rows(1))
        if ofValues {
            program.emit([
                Operation(
                    .affine, m: pair.m, n: pair.n,
                    ["output": sums, "weight": pair.weight, "bias": pair.bias, "input": input]),
                pair.freeEnergy(energy, of: input, sums: sums),
            ])
        } else {
            program.emit([
                Operation(
                    .affineTransposed, m: pair.m, n: pair.n,
                    ["output": sums, "weight": pair.weight, "bias": pair.valueBias, "input": input]),
                Operation(
                    .freeEnergy, m: pair.n, n: pair.m, knobs: [0, pair.isNormal ? 1 : 0],
                    [
                        "output": energy, "input": input, "sums": sums, "bias": pair.bias,
                        "meanBias": pair.isNormal ? pair.valueBias : nil,
                    ]),
            ])
        }
        let made = (
            try CPUPass(
                program.program, part: .training, capacity: Self.chunk, parameters: parameters),
            input, energy
        )
        states = made
        return made
    }
}
