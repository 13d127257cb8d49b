import CKernels
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A loss in Double for one sample's outputs.
struct LossReference: Sendable, CustomTestStringConvertible {
    enum Targets: Sendable { case real, zeroOne, plusMinus, oneHot }

    let id: String
    var p: [Float] = []
    let targets: Targets
    /// Whether the derivative jumps between y − h and y + h.
    var kink: @Sendable (_ y: Double, _ t: Double, _ h: Double) -> Bool = { _, _, _ in false }
    let value: @Sendable (_ y: [Double], _ t: [Double]) -> Double
    var testDescription: String { id }

    private static func sum(
        _ term: @escaping @Sendable (Double, Double) -> Double
    ) -> @Sendable ([Double], [Double]) -> Double { { zip($0, $1).map(term).reduce(0, +) } }

    static let all: [LossReference] = [
        .init(id: "squaredError", targets: .real, value: sum { ($0 - $1) * ($0 - $1) / 2 }),
        .init(
            id: "absoluteError", targets: .real, kink: { abs($0 - $1) < 2 * $2 }, value: sum { abs($0 - $1) }),
        .init(
            id: "huber", p: [0.75], targets: .real,
            value: sum { y, t in
                let d = abs(y - t)
                return d <= 0.75 ? d * d / 2 : 0.75 * (d - 0.375)
            }),
        .init(
            id: "binaryCrossEntropy", targets: .zeroOne,
            value: sum { z, t in max(z, 0) - z * t + log1p(exp(-abs(z))) }),
        .init(
            id: "softmaxCrossEntropy", targets: .oneHot,
            value: { z, t in
                let largest = z.max()!
                let logSum = largest + log(z.map { exp($0 - largest) }.reduce(0, +))
                return zip(z, t).map { $1 * (logSum - $0) }.reduce(0, +)
            }),
        .init(
            id: "hinge", targets: .plusMinus, kink: { abs($0 * $1 - 1) < 2 * $2 }, value: sum { max(0, 1 - $0 * $1) }),
        .init(id: "rule.delta", targets: .zeroOne, value: sum { ($0 - $1) * ($0 - $1) / 2 }),
        .init(
            id: "rule.hebb", targets: .plusMinus, kink: { abs($0 * $1) < 2 * $2 }, value: sum { max(0, -$0 * $1) }),
    ]

    func target(unit: Int, of units: Int, _ dice: inout Dice) -> Float {
        switch targets {
        case .real: dice.real(-3, 3)
        case .zeroOne: Float(dice.below(2))
        case .plusMinus: Float(dice.below(2)) * 2 - 1
        case .oneHot: 0
        }
    }
}

@Suite("The kernels' losses")
struct KernelLossTests {
    @Test(
        "Every loss is the sum in Double over batch and outputs, and its gradient the central difference",
        arguments: kernelLevels, LossReference.all)
    func losses(level: lc_level, reference: LossReference) {
        let kind = lc_loss_index(reference.id)
        for (units, count, stride) in [(1, 10, 16), (3, 30, 32), (4, 16, 48), (7, 33, 48)] {
            var dice = Dice(UInt64(units))
            let y = Rows(units, stride: stride) { _, _ in dice.real(-4, 4) }
            let t = Rows(units, stride: stride) { unit, _ in reference.target(unit: unit, of: units, &dice) }
            if reference.targets == .oneHot {
                for s in 0..<stride { t.base[dice.below(units) * stride + s] = 1 }
            }
            let gradient = Rows(units, stride: stride) { _, _ in 55 }
            var b = batch(count: count, stride: stride)
            run(LC_OP_LOSS_GRAD, at: level, b, m: units, kind: kind, p: reference.p, a: gradient, b: y, c: t)
            let knobs = reference.p + [Float](repeating: 0, count: 4 - reference.p.count)
            let sum = kernels(level).loss(kind, knobs, y.base, t.base, Int32(units), &b)
            var expected = 0.0
            for s in 0..<count {
                let column = (0..<units).map { Double(y[$0, s]) }, target = (0..<units).map { Double(t[$0, s]) }
                expected += reference.value(column, target)
                for u in 0..<units where !reference.kink(column[u], target[u], 1e-5) {
                    var left = column, right = column
                    left[u] -= 1e-5
                    right[u] += 1e-5
                    let slope = (reference.value(right, target) - reference.value(left, target)) / 2e-5
                    check(
                        isClose(gradient[u, s], slope, tolerance: 1e-6), "\(units) outputs: unit \(u), sample \(s)")
                }
            }
            #expect(abs(sum - expected) <= 1e-6 * max(1, expected), "\(units) outputs")
            for u in 0..<units {
                for s in count..<(count + 15) / 16 * 16 { check(gradient[u, s] == 0) }
            }
        }
    }

    /// The gradient for one output and one sample.
    static func gradient(_ id: String, y: Float, t: Float, p: [Float] = [], at level: lc_level) -> Float {
        let result = Rows(1, stride: 16)
        run(
            LC_OP_LOSS_GRAD, at: level, batch(count: 1, stride: 16), m: 1, kind: lc_loss_index(id), p: p, a: result,
            b: Rows(1, stride: 16) { _, s in s == 0 ? y : 0 }, c: Rows(1, stride: 16) { _, s in s == 0 ? t : 0 })
        return result[0, 0]
    }

    @Test("The learning rules give the derivatives that their authors gave them", arguments: kernelLevels)
    func rules(level: lc_level) {
        for y in [Float(0), 1] {
            for t in [Float(0), 1] { #expect(Self.gradient("rule.rosenblatt", y: y, t: t, at: level) == y - t) }
        }
        #expect(Self.gradient("rule.delta", y: 0.75, t: 1, at: level) == -0.25)
        for (z, t, expected) in [
            (0.5, 1, 0), (-0.5, 1, -1), (0, 1, -1), (0.5, -1, 1), (-0.5, -1, 0), (0, -1, 1),
        ] as [(Float, Float, Float)] {
            #expect(Self.gradient("rule.hebb", y: z, t: t, at: level) == expected, "z = \(z), t = \(t)")
        }
    }

    @Test("An absolute error of 0 has the derivative 0", arguments: kernelLevels)
    func absoluteErrorAtZero(level: lc_level) {
        #expect(Self.gradient("absoluteError", y: 1.5, t: 1.5, at: level) == 0)
        #expect(Self.gradient("absoluteError", y: 1, t: 1.5, at: level) == -1)
    }

    @Test("The cross-entropies hold for pre-activations in the thousands", arguments: kernelLevels)
    func stability(level: lc_level) {
        let t = Rows(2, stride: 16) { u, _ in u == 0 ? 1 : 0 }
        let z = Rows(2, stride: 16) { u, s in (u == 0 ? 5000 : -5000) * (s == 0 ? 1 : -1) }
        var b = batch(count: 2, stride: 16)
        #expect(kernels(level).loss(lc_loss_index("softmaxCrossEntropy"), nil, z.base, t.base, 2, &b) == 10_000)
        #expect(kernels(level).loss(lc_loss_index("binaryCrossEntropy"), nil, z.base, t.base, 2, &b) == 10_000)
        let gradient = Rows(2, stride: 16)
        for id in ["softmaxCrossEntropy", "binaryCrossEntropy"] {
            run(LC_OP_LOSS_GRAD, at: level, b, m: 2, kind: lc_loss_index(id), a: gradient, b: z, c: t)
            #expect(gradient[0, 0] == 0 && gradient[1, 0] == 0 && gradient[0, 1] == -1 && gradient[1, 1] == 1)
        }
    }

    @Test("A NaN among the outputs makes the loss NaN", arguments: kernelLevels, LossReference.all)
    func notANumber(level: lc_level, reference: LossReference) {
        let t = Rows(3, stride: 16) { u, _ in u == 0 ? 1 : 0 }
        let y = Rows(3, stride: 16) { u, s in u == 1 && s == 4 ? .nan : 0.5 }
        var b = batch(count: 9, stride: 16)
        let knobs = reference.p + [Float](repeating: 0, count: 4)
        #expect(kernels(level).loss(lc_loss_index(reference.id), knobs, y.base, t.base, 3, &b).isNaN)
        // Lanes beyond the batch do not count.
        b.count = 4
        #expect(kernels(level).loss(lc_loss_index(reference.id), knobs, y.base, t.base, 3, &b).isFinite)
    }
}
