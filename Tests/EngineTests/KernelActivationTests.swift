import CKernels
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An activation in Double, as its formula says.
struct ActivationReference: Sendable, CustomTestStringConvertible {
    let id: String
    var p: [Float] = [0, 0, 0, 0]
    /// Where the derivative jumps: left out of the central differences.
    var kinks: [Double] = []
    let value: @Sendable (Double) -> Double
    /// The derivative.
    let slope: @Sendable (Double) -> Double
    var testDescription: String { id }

    private static let sigmoid: @Sendable (Double) -> Double = { $0 < 0 ? exp($0) / (1 + exp($0)) : 1 / (1 + exp(-$0)) }
    private static let bell: @Sendable (Double) -> Double = { exp(-$0 * $0 / 2) }
    private static let cumulative: @Sendable (Double) -> Double = { erfc(-$0 / 2.0.squareRoot()) / 2 }

    static let all: [ActivationReference] = [
        .init(id: "linear", value: { $0 }, slope: { _ in 1 }),
        .init(id: "sigmoid", value: sigmoid, slope: { sigmoid($0) * sigmoid(-$0) }),
        .init(id: "tanh", value: { tanh($0) }, slope: { 4 * sigmoid(2 * $0) * sigmoid(-2 * $0) }),
        .init(id: "relu", kinks: [0], value: { $0 < 0 ? 0 : $0 }, slope: { $0 > 0 ? 1 : 0 }),
        .init(
            id: "leakyReLU", p: [0.25, 0, 0, 0], kinks: [0], value: { $0 > 0 ? $0 : 0.25 * $0 },
            slope: { $0 > 0 ? 1 : 0.25 }),
        .init(
            id: "prelu", p: [0.125, 0, 0, 0], kinks: [0], value: { $0 > 0 ? $0 : 0.125 * $0 },
            slope: { $0 > 0 ? 1 : 0.125 }),
        .init(
            id: "elu", p: [0.75, 0, 0, 0], kinks: [0], value: { $0 > 0 ? $0 : 0.75 * expm1($0) },
            slope: { $0 > 0 ? 1 : 0.75 * exp($0) }),
        .init(
            id: "gelu", value: { $0 == -.infinity ? 0 : $0 * cumulative($0) },
            slope: { abs($0) > 40 ? ($0 > 0 ? 1 : 0) : cumulative($0) + $0 * bell($0) / (2 * Double.pi).squareRoot() }),
        .init(id: "softplus", value: { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) }, slope: sigmoid),
        .init(id: "sin", value: { sin($0) }, slope: { cos($0) }),
        .init(id: "gaussian", value: bell, slope: { abs($0) > 40 ? 0 : -$0 * bell($0) }),
        .init(id: "asinh", value: { asinh($0) }, slope: { 1 / ($0 * $0 + 1).squareRoot() }),
        .init(id: "threshold", kinks: [0], value: { $0 >= 0 ? 1 : 0 }, slope: { _ in 0 }),
    ]

    /// The values on the whole grid, computed once for all levels.
    static let onGrid: [String: [Double]] = Dictionary(
        uniqueKeysWithValues: all.map { reference in
            (reference.id, KernelActivationTests.grid.map { reference.value(Double($0)) })
        })
}

@Suite("The kernels' activations")
struct KernelActivationTests {
    /// One in 20,011 of all finite numbers of Float, by their bits, and the range that matters more finely.
    static let grid: [Float] = {
        var grid: [Float] = []
        for bits in stride(from: UInt32(0), to: 0x7F80_0000, by: 20_011) {
            grid += [Float(bitPattern: bits), -Float(bitPattern: bits)]
        }
        for index in -8000...8000 { grid.append(Float(index) * 0.0025 + 0.000_37) }
        for index in -1100...1100 { grid.append(Float(index) * 0.1 + 0.013) }
        return grid
    }()

    /// The distance from the result in Double, in units of the last place of the result in Float.
    static func unitsInLastPlace(_ actual: Float, _ expected: Double) -> Double {
        let rounded = Float(expected)
        if !rounded.isFinite { return actual == rounded ? 0 : .infinity }
        return abs(Double(actual) - expected) / Double(max(rounded.ulp, .leastNonzeroMagnitude))
    }

    static func values(_ reference: ActivationReference, _ x: [Float], at level: lc_level) -> [Float] {
        var y = [Float](repeating: .nan, count: x.count)
        kernels(level).activation(lc_activation_index(reference.id), reference.p, x, &y, Int64(x.count))
        return y
    }

    @Test(
        "Every activation is within 4 units in the last place of Double, over the whole range",
        arguments: kernelLevels, ActivationReference.all)
    func accuracy(level: lc_level, reference: ActivationReference) {
        let y = Self.values(reference, Self.grid, at: level)
        var worst = (error: 0.0, x: Float(0))
        for (index, expected) in ActivationReference.onGrid[reference.id]!.enumerated() {
            let error = Self.unitsInLastPlace(y[index], expected)
            if !(error <= worst.error) { worst = (error, Self.grid[index]) }
        }
        #expect(worst.error <= 4, "at \(worst.x)")
    }

    /// Derivatives at `x`, which has a multiple of 16 numbers.
    static func slopes(_ reference: ActivationReference, _ x: [Float], at level: lc_level) -> Rows {
        let kind = lc_activation_index(reference.id)
        let b = batch(count: x.count, stride: x.count)
        let z = Rows(x), y = Rows(1, stride: x.count), dz = Rows(1, stride: x.count)
        let learned = reference.id == "prelu" ? Rows([reference.p[0]]) : nil
        run(LC_OP_ACTIVATE, at: level, b, m: 1, kind: kind, p: reference.p, a: y, b: z, c: learned)
        run(
            LC_OP_ACTIVATE_GRAD, at: level, b, m: 1, kind: kind, p: reference.p, a: dz,
            b: Rows(1, stride: x.count) { _, _ in 1 }, c: learned, d: z, e: y)
        return dz
    }

    /// 1 − y² and its like lose what their value has lost, so the bound is absolute: no derivative is beyond 1.13.
    @Test(
        "Every derivative is within 4e-7 of Double, over the whole range", arguments: kernelLevels,
        ActivationReference.all)
    func derivativeAccuracy(level: lc_level, reference: ActivationReference) {
        let x = Array(Self.grid.prefix(Self.grid.count / 16 * 16))
        let slopes = Self.slopes(reference, x, at: level)
        var worst = (error: 0.0, x: Float(0))
        for (index, x) in x.enumerated() where x != 0 {
            let error = abs(slopes[index] - reference.slope(Double(x)))
            if !(error <= worst.error) { worst = (error, x) }
        }
        #expect(worst.error <= 4e-7, "at \(worst.x)")
    }

    @Test(
        "Derivatives have their limits at the infinities, and a NaN stays one where the derivative depends on z",
        arguments: kernelLevels, ActivationReference.all)
    func derivativeExtremes(level: lc_level, reference: ActivationReference) {
        let x = [Float.nan, .infinity, -.infinity] + [Float](repeating: 0, count: 13)
        let slopes = Self.slopes(reference, x, at: level)
        let isPiecewiseConstant = ["linear", "relu", "leakyReLU", "prelu", "threshold"].contains(reference.id)
        #expect(slopes[0].isNaN != isPiecewiseConstant)
        for index in 1...2 {
            let limit = reference.slope(Double(x[index]))
            #expect(slopes[index] == limit || (slopes[index].isNaN && limit.isNaN), "f′(\(x[index]))")
        }
    }

    /// Beside a unit at 0 the share of one at x < 0 is e^x/(1 + e^x), which is as exact as e^x, down to the smallest Float.
    @Test("The exponential in a softmax is within 4 units in the last place of Double", arguments: kernelLevels)
    func exponential(level: lc_level) {
        let x = stride(from: Float(0), through: -106, by: -0.001_3).map { $0 } + Self.grid.filter { $0 < 0 }
        let z = Rows(2, stride: (x.count + 15) / 16 * 16) { u, s in u == 0 && s < x.count ? x[s] : 0 }
        let y = Rows(2, stride: z.stride)
        run(LC_OP_SOFTMAX, at: level, batch(count: x.count, stride: z.stride), m: 2, a: y, b: z)
        var worst = (error: 0.0, x: Float(0))
        for (s, x) in x.enumerated() {
            let power = exp(Double(x))
            let error = max(
                Self.unitsInLastPlace(y[0, s], power / (1 + power)), Self.unitsInLastPlace(y[1, s], 1 / (1 + power)))
            if !(error <= worst.error) { worst = (error, x) }
        }
        #expect(worst.error <= 4, "at \(worst.x)")
    }

    @Test("NaN stays NaN and infinities have their limits", arguments: kernelLevels, ActivationReference.all)
    func extremes(level: lc_level, reference: ActivationReference) {
        let y = Self.values(reference, [.nan, .infinity, -.infinity], at: level)
        #expect(y[0].isNaN)
        for (x, y) in zip([Double.infinity, -.infinity], y.dropFirst()) {
            let limit = Float(reference.value(x))
            #expect(y == limit || (y.isNaN && limit.isNaN), "f(\(x)) = \(y), not \(limit)")
        }
    }

    @Test("A span of any length and alignment is filled and nothing beyond it", arguments: kernelLevels)
    func spans(level: lc_level) {
        let x = (0..<40).map { Float($0) - 20 }
        for length in 0...33 {
            var y = [Float](repeating: 99, count: 40)
            y.withUnsafeMutableBufferPointer { y in
                x.withUnsafeBufferPointer { x in
                    kernels(level).activation(
                        lc_activation_index("linear"), nil, x.baseAddress! + 3, y.baseAddress! + 1, Int64(length))
                }
            }
            #expect(y[0] == 99 && Array(y[1...length + 1].dropLast()) == Array(x[3..<3 + length]))
            #expect(y[(length + 1)...].allSatisfy { $0 == 99 })
        }
    }

    @Test("Every derivative equals the central difference", arguments: kernelLevels, ActivationReference.all)
    func derivatives(level: lc_level, reference: ActivationReference) {
        var dice = Dice(3)
        let m = 3
        let z = Rows(m, stride: 64) { u, s in Float(s - 32) * 0.3 + Float(u) * 0.1 + 0.05 }
        let dy = Rows(m, stride: 64) { _, _ in dice.real() }
        let learned = reference.id == "prelu" ? Rows([reference.p[0]]) : nil
        for count in [64, 37] {
            let y = Rows(m, stride: 64)
            let dz = Rows(m, stride: 64) { _, _ in 77 }
            let b = batch(count: count, stride: 64)
            let kind = lc_activation_index(reference.id)
            run(LC_OP_ACTIVATE, at: level, b, m: m, kind: kind, p: reference.p, a: y, b: z, c: learned)
            run(
                LC_OP_ACTIVATE_GRAD, at: level, b, m: m, kind: kind, p: reference.p, a: dz, b: dy, c: learned, d: z,
                e: y)
            for u in 0..<m {
                for s in 0..<count {
                    let x = Double(z[u, s]), h = 1e-5
                    check(isClose(y[u, s], reference.value(x)))
                    if reference.kinks.contains(where: { abs($0 - x) < 2 * h }) { continue }
                    let slope = (reference.value(x + h) - reference.value(x - h)) / (2 * h)
                    check(
                        isClose(dz[u, s], slope * Double(dy[u, s]), scale: 0.1, tolerance: 2e-6), "at z = \(z[u, s])")
                }
                // Vectors past the batch are left as they were.
                for s in (count + 15) / 16 * 16..<64 { check(dz[u, s] == 77) }
            }
        }
    }

    @Test("A gradient may replace the one that it is made from", arguments: kernelLevels)
    func inPlace(level: lc_level) {
        let z = Rows(2, stride: 16) { u, s in Float(u) + Float(s) * 0.1 }
        let y = Rows(2, stride: 16) { u, s in z[u, s] }
        let dy = Rows(2, stride: 16) { u, s in 1 + Float(s) }
        let b = batch(count: 16, stride: 16)
        let kind = lc_activation_index("prelu")
        let slope = Rows([0.5]), slopeGradient = Rows([9])
        let separate = Rows(2, stride: 16)
        run(LC_OP_ACTIVATE_GRAD, at: level, b, m: 2, kind: kind, a: separate, b: dy, c: slope, d: z, e: y)
        run(
            LC_OP_ACTIVATE_GRAD, at: level, b, m: 2, kind: kind, a: dy, b: dy, c: slope, d: z, e: y, f: slopeGradient)
        #expect(dy.values == separate.values)
        #expect(slopeGradient[0] == 0)
    }

    @Test("PReLU's slope gets Σ dy·min(z, 0), replaced or accumulated", arguments: kernelLevels)
    func slopeGradient(level: lc_level) {
        var dice = Dice(5)
        let z = Rows(3, stride: 32) { _, _ in dice.real() }
        let dy = Rows(3, stride: 32) { _, s in s < 20 ? dice.real() : 0 }
        var expected = 0.0
        for u in 0..<3 {
            for s in 0..<20 { expected += Double(dy[u, s]) * min(0, Double(z[u, s])) }
        }
        for flags in [0, Int32(LC_ACCUMULATE)] {
            let gradient = Rows([2])
            run(
                LC_OP_ACTIVATE_GRAD, at: level, batch(count: 20, stride: 32, flags: flags), m: 3,
                kind: lc_activation_index("prelu"), a: Rows(3, stride: 32), b: dy, c: Rows([0.25]), d: z, e: z,
                f: gradient)
            check(isClose(Float(gradient[0]), expected + (flags == 0 ? 0 : 2)))
        }
    }

    @Test(
        "Softmax sums to 1, is stable for large inputs, and its gradient is y ∘ (dy − Σ dy ∘ y)",
        arguments: kernelLevels)
    func softmax(level: lc_level) {
        var dice = Dice(6)
        let m = 5
        let z = Rows(m, stride: 32) { _, s in dice.real() * (s == 3 ? 300 : 4) }
        let dy = Rows(m, stride: 32) { _, s in s < 19 ? dice.real() : 0 }
        let y = Rows(m, stride: 32), dz = Rows(m, stride: 32)
        let b = batch(count: 19, stride: 32)
        run(LC_OP_SOFTMAX, at: level, b, m: m, a: y, b: z)
        run(LC_OP_SOFTMAX_GRAD, at: level, b, m: m, a: dz, b: dy, e: y)
        for s in 0..<19 {
            let largest = (0..<m).map { Double(z[$0, s]) }.max()!
            let powers = (0..<m).map { exp(Double(z[$0, s]) - largest) }
            let shares = powers.map { $0 / powers.reduce(0, +) }
            let mean = (0..<m).map { Double(dy[$0, s]) * shares[$0] }.reduce(0, +)
            for u in 0..<m {
                check(isClose(y[u, s], shares[u], scale: 0.01, tolerance: 1e-6))
                check(isClose(dz[u, s], shares[u] * (Double(dy[u, s]) - mean), scale: 0.1, tolerance: 2e-6))
            }
        }
    }
}
