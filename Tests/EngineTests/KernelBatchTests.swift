import CKernels
import Testing

@Suite("The kernels for batches, masks and copies")
struct KernelBatchTests {
    static func mask(_ rate: Float, at level: lc_level, _ b: lc_batch, units: Int = 40, stream: Int32 = 3) -> Rows {
        let ones = Rows(units, stride: Int(b.stride)) { _, _ in 1 }
        let mask = Rows(units, stride: Int(b.stride)) { _, _ in 9 }
        let y = Rows(units, stride: Int(b.stride)) { _, _ in 9 }
        run(LC_OP_DROPOUT, at: level, b, m: units, kind: stream, p: [rate], a: y, b: ones, c: mask)
        #expect(y.values == mask.values)
        return mask
    }

    @Test("Dropout keeps 1 − rate of the values and scales them by 1/(1 − rate)", arguments: kernelLevels)
    func dropoutRate(level: lc_level) {
        for rate in [0, 0.1, 0.5, 0.9] as [Float] {
            let mask = Self.mask(rate, at: level, batch(count: 256, stride: 256)).values
            #expect(mask.allSatisfy { $0 == 0 || $0 == 1 / (1 - rate) })
            let kept = Double(mask.count { $0 != 0 }) / Double(mask.count)
            // Four standard deviations of 10,240 draws are at most 0.02.
            #expect(abs(kept - Double(1 - rate)) < 0.02, "rate \(rate)")
        }
        #expect(Self.mask(1, at: level, batch(count: 16, stride: 16)).values.allSatisfy { $0 == 0 })
    }

    @Test("A mask depends on seed, step, stream, unit and lane alone, and is the same at every level")
    func dropoutIsAFunction() {
        let first = Self.mask(0.5, at: LC_LEVEL_BASELINE, batch(count: 64, stride: 64))
        for level in kernelLevels {
            #expect(Self.mask(0.5, at: level, batch(count: 64, stride: 64)).values == first.values)
            // A part of the batch and of the units, in rows of another length.
            let part = Self.mask(0.5, at: level, batch(count: 16, stride: 32), units: 7)
            for u in 0..<7 {
                for s in 0..<16 { check(part[u, s] == first[u, s]) }
            }
            let others = [
                Self.mask(0.5, at: level, batch(count: 64, stride: 64, seed: 2)),
                Self.mask(0.5, at: level, batch(count: 64, stride: 64, counter: 2)),
                Self.mask(0.5, at: level, batch(count: 64, stride: 64), stream: 4),
            ]
            for other in others {
                let same = zip(other.values, first.values).count { $0 == $1 }
                check(abs(Double(same) / 2560 - 0.5) < 0.05)
            }
        }
    }

    @Test("Neighbouring units, lanes and steps of dropout's generator are not correlated")
    func dropoutIndependence() {
        let masks = (1...8).map {
            Self.mask(0.5, at: kernelLevels.last!, batch(count: 256, stride: 256, counter: UInt64($0)))
        }
        func agreement(_ pairs: (Rows, Int, Int, Int) -> (Float, Float)?) -> Double {
            var same = 0, count = 0
            for (index, mask) in masks.enumerated() {
                for u in 0..<39 {
                    for s in 0..<255 {
                        guard let pair = pairs(mask, index, u, s) else { continue }
                        same += pair.0 == pair.1 ? 1 : 0
                        count += 1
                    }
                }
            }
            return Double(same) / Double(count)
        }
        // Four standard deviations of some 70,000 pairs are 0.0075.
        #expect(abs(agreement { mask, _, u, s in (mask[u, s], mask[u + 1, s]) } - 0.5) < 0.0075)
        #expect(abs(agreement { mask, _, u, s in (mask[u, s], mask[u, s + 1]) } - 0.5) < 0.0075)
        #expect(abs(agreement { mask, i, u, s in i < 7 ? (mask[u, s], masks[i + 1][u, s]) : nil } - 0.5) < 0.0075)
    }

    @Test("Scaling by a mask, copying and adding work on every lane in use and on no other", arguments: kernelLevels)
    func elementwise(level: lc_level) {
        var dice = Dice(9)
        let x = Rows(3, stride: 64) { _, _ in dice.real() }, y = Rows(3, stride: 64) { _, _ in dice.real() }
        let cases: [(lc_opcode, (Float, Float) -> Float)] = [
            (LC_OP_SCALE_BY, { $0 * $1 }), (LC_OP_COPY, { x, _ in x }), (LC_OP_ADD, { $0 + $1 }),
        ]
        for (code, formula) in cases {
            for count in [64, 20] {
                let out = Rows(3, stride: 64) { _, _ in 8 }
                run(code, at: level, batch(count: count, stride: 64), m: 3, a: out, b: x, c: y)
                for u in 0..<3 {
                    for s in 0..<64 {
                        check(out[u, s] == (s < (count + 15) / 16 * 16 ? formula(x[u, s], y[u, s]) : 8))
                    }
                }
            }
        }
    }

    @Test(
        "Gathering picks the samples of the order, or consecutive ones, and fills up with zeros",
        arguments: kernelLevels)
    func gather(level: lc_level) {
        // An odd distance between rows: a dataset need not be aligned.
        let units = 3, samples = 53
        let data = (0..<units * samples + Int(LC_LANES)).map { Float($0) + 1 }
        let order = (0..<samples).map { Int32(($0 * 17 + 5) % samples) }
        for (first, count) in [(0, 10), (7, 16), (3, 30), (20, 33), (52, 1)] {
            for shuffled in [true, false] {
                let out = Rows(units, stride: 48) { _, _ in 6 }
                kernels(level).gather(
                    out.base, 48, data, Int64(samples), Int32(units), shuffled ? order : nil, Int64(first),
                    Int32(count))
                for u in 0..<units {
                    for s in 0..<48 {
                        let row = s < count ? (shuffled ? Int(order[first + s]) : first + s) : 0
                        let expected = s < count ? data[u * samples + row] : s < (count + 15) / 16 * 16 ? 0 : 6
                        check(out[u, s] == expected, "first \(first), count \(count), unit \(u), lane \(s)")
                    }
                }
            }
        }
    }

    @Test("Operations run in order", arguments: kernelLevels)
    func order(level: lc_level) {
        let x = Rows(1, stride: 16) { _, s in Float(s) }, y = Rows(1, stride: 16)
        func op(_ code: lc_opcode, _ a: Rows, _ b: Rows, _ c: Rows?) -> lc_op {
            lc_op(
                code: Int32(code.rawValue), kind: 0, flags: 0, m: 1, n: 0, whole: 1, p: (0, 0, 0, 0), a: a.base,
                b: b.base,
                c: c?.base, d: nil, e: nil, f: nil, g: nil, h: nil, window: lc_window(), steps: lc_steps())
        }
        var b = batch(count: 16, stride: 16)
        let ops = [op(LC_OP_ADD, y, x, x), op(LC_OP_SCALE_BY, x, y, y), op(LC_OP_COPY, y, x, nil)]
        kernels(level).run(ops, 3, &b)
        #expect(y.values == (0..<16).map { Float(4 * $0 * $0) })
        withExtendedLifetime((x, y)) {}
    }
}
