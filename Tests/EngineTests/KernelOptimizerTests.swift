import CKernels
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One weight's update in Double, transcribed from torch.optim (single-tensor versions).
struct OptimizerReference: Sendable, CustomTestStringConvertible {
    typealias Step =
        @Sendable (
            _ w: inout Double, _ g: Double, _ s0: inout Double, _ s1: inout Double, _ rate: Double, _ step: Int
        ) -> Void

    let id: String
    var name: String?
    let rate: Double
    var p: [Double] = []
    let slots: Int32
    let step: Step
    var testDescription: String { name ?? id }

    private static let adamStep: Step = { w, g, m, v, rate, step in
        m += (1 - 0.9) * (g - m)
        v = 0.999 * v + (1 - 0.999) * g * g
        let size = rate / (1 - pow(0.9, Double(step)))
        w -= size * m / (v.squareRoot() / (1 - pow(0.999, Double(step))).squareRoot() + 1e-8)
    }

    static let all: [OptimizerReference] = [
        .init(id: "sgd", rate: 0.03, slots: 0) { w, g, _, _, rate, _ in w -= rate * g },
        .init(id: "momentum", rate: 0.03, p: [0.9], slots: 1) { w, g, buffer, _, rate, step in
            buffer = step == 1 ? g : 0.9 * buffer + g
            w -= rate * buffer
        },
        .init(id: "nesterov", rate: 0.03, p: [0.9], slots: 1) { w, g, buffer, _, rate, step in
            buffer = step == 1 ? g : 0.9 * buffer + g
            w -= rate * (g + 0.9 * buffer)
        },
        .init(id: "rprop", rate: 0.01, p: [0.5, 1.2, 1e-6, 50], slots: 2) { w, g, previous, size, rate, step in
            if step == 1 { size = rate }
            let agreement = g * previous
            size = min(max(size * (agreement > 0 ? 1.2 : agreement < 0 ? 0.5 : 1), 1e-6), 50)
            let used = agreement < 0 ? 0 : g
            w -= (used > 0 ? 1 : used < 0 ? -1 : 0) * size
            previous = used
        },
        .init(id: "adagrad", rate: 0.1, p: [1e-10], slots: 1) { w, g, sum, _, rate, _ in
            sum += g * g
            w -= rate * g / (sum.squareRoot() + 1e-10)
        },
        .init(id: "rmsprop", rate: 0.01, p: [0.99, 1e-8], slots: 1) { w, g, average, _, rate, _ in
            average = 0.99 * average + (1 - 0.99) * g * g
            w -= rate * g / (average.squareRoot() + 1e-8)
        },
        .init(id: "adam", rate: 0.01, p: [0.9, 0.999, 1e-8, 0], slots: 2, step: adamStep),
        .init(
            id: "adam", name: "adam with weight decay", rate: 0.01, p: [0.9, 0.999, 1e-8, 0.1], slots: 2,
            step: { w, g, m, v, rate, step in adamStep(&w, g + 0.1 * w, &m, &v, rate, step) }),
        .init(
            id: "adamw", rate: 0.01, p: [0.9, 0.999, 1e-8, 0.1], slots: 2,
            step: { w, g, m, v, rate, step in
                w *= 1 - rate * 0.1
                adamStep(&w, g, &m, &v, rate, step)
            }),
    ]
}

@Suite("The kernels' optimizers")
struct KernelOptimizerTests {
    static func update(_ reference: OptimizerReference, step: Int, scale: Float) -> lc_update {
        let p = reference.p + [Double](repeating: 0, count: 6 - reference.p.count)
        return lc_update(
            kind: lc_optimizer_index(reference.id), scale: scale, learningRate: reference.rate,
            p: (p[0], p[1], p[2], p[3], p[4], p[5]), step: Int64(step))
    }

    @Test("A hundred steps follow PyTorch's formulas in Double", arguments: kernelLevels, OptimizerReference.all)
    func hundredSteps(level: lc_level, reference: OptimizerReference) {
        for n in [1, 16, 25, 47] {
            var dice = Dice(UInt64(n))
            let start = (0..<n).map { _ in dice.real() }
            let w = Rows(start), s0 = Rows(1, stride: n), s1 = Rows(1, stride: n)
            var expected = start.map(Double.init)
            var slot0 = [Double](repeating: 0, count: n), slot1 = slot0
            for step in 1...100 {
                // The gradient of a bowl around 0.25 with noise, summed over a batch of four.
                let g = Rows((0..<n).map { 4 * (w.values[$0] - 0.25 + dice.real(-0.3, 0.3)) })
                var u = Self.update(reference, step: step, scale: 0.25)
                #expect(!kernels(level).update(&u, w.base, g.base, s0.base, s1.base, Int64(n)))
                for i in 0..<n {
                    reference.step(&expected[i], 0.25 * g[i], &slot0[i], &slot1[i], reference.rate, step)
                }
                if step == 1 {
                    for i in 0..<n {
                        check(isClose(w.values[i], expected[i], tolerance: 2e-7), "n = \(n), weight \(i)")
                    }
                }
            }
            for i in 0..<n {
                check(isClose(w.values[i], expected[i], tolerance: 3e-6), "n = \(n), weight \(i)")
                if reference.slots > 0 { check(isClose(s0.values[i], slot0[i], tolerance: 3e-6)) }
                if reference.slots > 1 { check(isClose(s1.values[i], slot1[i], tolerance: 3e-6)) }
            }
        }
    }

    @Test("The number of slots is what the state needs", arguments: OptimizerReference.all)
    func slots(reference: OptimizerReference) {
        #expect(lc_optimizer_slots(lc_optimizer_index(reference.id)) == reference.slots)
    }

    @Test(
        "A weight that is no longer finite is reported, wherever it is", arguments: kernelLevels, OptimizerReference.all
    )
    func divergence(level: lc_level, reference: OptimizerReference) {
        for bad in [Float.nan, .infinity] {
            for place in [0, 15, 16, 36] {
                let w = Rows(1, stride: 37) { _, _ in 1 }
                let g = Rows(1, stride: 37) { _, i in i == place ? bad : 1 }
                let s0 = Rows(1, stride: 37), s1 = Rows(1, stride: 37)
                var u = Self.update(reference, step: 1, scale: 1)
                let reported = kernels(level).update(&u, w.base, g.base, s0.base, s1.base, 37)
                check(reported == w.values.contains { !$0.isFinite })
                // RProp takes an infinite gradient's sign; the others' arithmetic shows it.
                check(reported || (reference.id == "rprop" && bad == .infinity))
            }
        }
    }

    @Test("Decay is taken at the old weight, and a weight that L1 takes through 0 becomes 0", arguments: kernelLevels)
    func decay(level: lc_level) {
        let old: [Float] = [1, -1, 0, 0.5, 0.001, -0.001, 2] + (0..<30).map { Float($0) - 14.5 }
        let after: [Float] = [0.9, -0.8, 0.2, 0.5, 0.0001, -0.0001, -0.3] + (0..<30).map { (Float($0) - 14.5) * 0.9 }
        for (l1, l2) in [(0, 0.1), (0.1, 0), (0.05, 0.2), (0, 0)] as [(Double, Double)] {
            let w = Rows(after), o = Rows(old)
            kernels(level).decay(w.base, o.base, Int64(old.count), 0.5, Float(l1), Float(l2))
            for i in old.indices {
                let sign = old[i] > 0 ? 1.0 : old[i] < 0 ? -1.0 : 0.0
                var expected = Double(after[i]) - 0.5 * (l2 * Double(old[i]) + l1 * sign)
                if l1 > 0 && expected * Double(after[i]) < 0 { expected = 0 }
                check(isClose(w.values[i], expected, tolerance: 2e-7), "weight \(i), l1 \(l1), l2 \(l2)")
                if expected == 0 { check(w.values[i] == 0) }
            }
        }
    }

    @Test("The sum of squares is taken in Double", arguments: kernelLevels)
    func sumOfSquares(level: lc_level) {
        for n in [0, 1, 15, 16, 17, 50] {
            let x = Rows((0..<max(n, 1)).map { 1e15 + Float($0) * 1e10 })
            let expected = x.values.prefix(n).map { Double($0) * Double($0) }.reduce(0, +)
            #expect(abs(kernels(level).sumOfSquares(x.base, Int64(n)) - expected) <= 1e-14 * expected)
        }
    }
}
