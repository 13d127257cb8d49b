/// Measures what a generator makes of fixed noise beside real samples, and what the discriminator says of both. Not Sendable.
final class AdversarialMeasures {
    /// The most samples of each kind.
    static let most = 12_000
    private static let chunk = 512
    /// Samples whose answers make the losses.
    private static let mostAnswers = 2_000

    struct Result {
        var discriminatorLoss: Double
        var generatorLoss: Double
        /// nil: the samples are no points in the plane.
        var divergence: SampleDivergence.Result?
        /// Σ of the generated samples' variances in that of the real ones'.
        var variety: Double?
    }

    private let whole: CPUPass
    private let discriminator: CPUPass
    private let made: Slice
    private let noise: ResidentRows
    private let real: ResidentRows
    private let counts: (noise: Int, real: Int)
    private let grid: SampleDivergence?
    private let realVariance: Double

    /// - Parameters:
    ///   - plan: of the network from noise to an answer, whose parameters are `parameters`.
    ///   - noise, real: samples, with their numbers.
    ///   - ranges: of the plane's columns; empty: from the least to the largest value.
    init(
        _ plan: Plan, end: Int, parameters: Block, _ discriminator: Model, noise: ResidentRows, noiseCount: Int,
        real: ResidentRows, realCount: Int, ranges: [ClosedRange<Float>]
    ) throws(EngineError) {
        whole = try CPUPass(plan.program, part: .evaluation, capacity: Self.chunk, parameters: parameters)
        self.discriminator = try CPUPass(
            discriminator.plan.program, part: .evaluation, capacity: Self.chunk,
            parameters: discriminator.parameterBlock)
        made = plan.program.layers[end].activation
        (self.noise, self.real) = (noise, real)
        counts = (min(noiseCount, Self.most), min(realCount, Self.most))
        var sums = Moments(width: real.units)
        for sample in 0..<counts.real { sums.add { real[$0, sample] } }
        realVariance = sums.variance
        if real.units == 2, plan.outline.layers[end].output.axes.count == 1 {
            let points = (0..<counts.real).map { SIMD2(real[0, $0], real[1, $0]) }
            func range(_ column: Int) -> ClosedRange<Float> {
                if ranges.indices.contains(column) { return ranges[column] }
                let values = points.map { $0[column] }
                let (least, most) = (values.min() ?? 0, values.max() ?? 1)
                return least...max(most, least + 1e-6)
            }
            grid = SampleDivergence(x: range(0), y: range(1), points: points)
        } else {
            grid = nil
        }
    }

    func measure(_ loss: AdversarialLoss, weight: Double, smoothing: Double) -> Result {
        var (generated, generator, real) = (0.0, 0.0, 0.0)
        var points: [SIMD2<Float>] = []
        var sums = Moments(width: made.count)
        let needed = grid != nil ? counts.noise : min(counts.noise, Self.mostAnswers)
        if grid != nil { points.reserveCapacity(needed) }
        for first in stride(from: 0, to: needed, by: Self.chunk) {
            let count = min(Self.chunk, needed - first)
            whole.gather(whole.program.input, from: noise, order: nil, first: first, count: count)
            whole.run(count: count)
            let rows = whole.rows(made)
            if grid != nil {
                for lane in 0..<count { points.append(SIMD2(rows[lane], rows[whole.stride + lane])) }
            }
            guard first < Self.mostAnswers else { continue }
            let answers = whole.rows(whole.program.output)
            for lane in 0..<count {
                generated += loss.generatedLoss(Double(answers[lane]))
                generator += loss.generatorLoss(Double(answers[lane]))
                sums.add { rows[$0 * whole.stride + lane] }
            }
        }
        let answered = min(counts.real, Self.mostAnswers)
        for first in stride(from: 0, to: answered, by: Self.chunk) {
            let count = min(Self.chunk, answered - first)
            discriminator.gather(discriminator.program.input, from: self.real, order: nil, first: first, count: count)
            discriminator.run(count: count)
            let answers = discriminator.rows(discriminator.program.output)
            for lane in 0..<count { real += loss.discriminatorLoss(Double(answers[lane]), smoothing) }
        }
        let made = Double(max(1, sums.count))
        return Result(
            discriminatorLoss: weight * real / Double(max(1, answered)) + generated / made,
            generatorLoss: generator / made, divergence: grid?.measure(points),
            variety: realVariance > 0 ? sums.variance / realVariance : nil)
    }
}

/// Sums for the variances of several values.
private struct Moments {
    private var sums: [Double]
    private var squares: [Double]
    private(set) var count = 0

    init(width: Int) {
        sums = [Double](repeating: 0, count: width)
        squares = sums
    }

    mutating func add(_ value: (Int) -> Float) {
        for unit in sums.indices {
            let value = Double(value(unit))
            sums[unit] += value
            squares[unit] += value * value
        }
        count += 1
    }

    /// Σ of the values' variances.
    var variance: Double {
        guard count > 0 else { return 0 }
        return sums.indices.reduce(0) { sum, unit in
            let mean = sums[unit] / Double(count)
            return sum + max(0, squares[unit] / Double(count) - mean * mean)
        }
    }
}
