import CKernels
import Testing

/// Operations by places that the kernels take some rows at a time.
struct KernelChainTests {
    /// Channels of an image, and samples beside each other; rows need not be full.
    struct Case {
        let channels: Int
        let places: Int
        let samples: Int
        let stride: Int

        var rows: Int { channels * max(1, places) }
    }

    // A channel with more rows than are taken at once, with a number that their number does not divide, units of one row each,
    // samples that are a part of each row, and channels of which some are taken at once.
    static let cases = [
        Case(channels: 3, places: 576, samples: 64, stride: 64),
        Case(channels: 5, places: 333, samples: 48, stride: 64),
        Case(channels: 1500, places: 0, samples: 45, stride: 48),
        Case(channels: 4, places: 600, samples: 32, stride: 128),
        Case(channels: 310, places: 4, samples: 64, stride: 64),
    ]

    private func operation(
        _ code: lc_opcode, m: Int, n: Int = 0, kind: Int32 = 0, p: Float = 0, _ a: Rows, _ b: Rows, c: Rows? = nil,
        d: Rows? = nil, e: Rows? = nil
    ) -> lc_op {
        var op = lc_op()
        (op.code, op.kind, op.m, op.n) = (Int32(code.rawValue), kind, Int32(m), Int32(n))
        op.p = (p, 1e-5, 0, 0)
        (op.a, op.b, op.c, op.d, op.e) = (a.base, b.base, c?.base, d?.base, e?.base)
        return op
    }

    /// The same operations at once and one by one, from the same values: what each of their results holds after both.
    private func results(
        _ level: lc_level, _ c: Case, _ make: (_ rows: [Rows], _ units: Rows) -> [lc_op]
    ) -> (atOnce: [[Float]], oneByOne: [[Float]]) {
        func values(_ run: ([lc_op]) -> Void) -> [[Float]] {
            var dice = Dice(5)
            let rows = (0..<10).map { _ in Rows(c.rows + 1, stride: c.stride) { _, _ in dice.real() } }
            let units = Rows((0..<c.channels).map { _ in dice.real(0.5, 2) })
            run(make(rows, units))
            return withExtendedLifetime(units) { rows.map(\.values) }
        }
        var b = batch(count: c.samples, stride: c.stride)
        return (
            values { kernels(level).run(joined($0), Int32($0.count), &b) },
            values { for operation in $0 { kernels(level).run([operation], 1, &b) } }
        )
    }

    @Test("a chain gives each operation's own bits", arguments: kernelLevels, cases)
    func chain(_ level: lc_level, _ c: Case) {
        let tanh = lc_activation_index("tanh")
        let (atOnce, oneByOne) = results(level, c) { rows, units in
            [
                operation(LC_OP_NORMALIZE_BY_STATE, m: c.channels, n: c.places, rows[1], rows[0], c: units, d: units),
                operation(LC_OP_SCALE_SHIFT, m: c.channels, n: c.places, rows[2], rows[1], c: units, d: units),
                operation(LC_OP_ADD, m: c.rows, rows[2], rows[2], c: rows[3]),
                operation(LC_OP_ACTIVATE, m: c.rows, kind: tanh, rows[4], rows[2]),
                operation(LC_OP_ACTIVATE_GRAD, m: c.rows, kind: tanh, rows[5], rows[3], d: rows[2], e: rows[4]),
                operation(LC_OP_MAXIMUM_GRAD, m: c.rows, p: 1, rows[6], rows[5], c: rows[4], d: rows[3]),
                operation(LC_OP_SCALE, m: c.rows, p: 3, rows[6], rows[6]),
                operation(LC_OP_NORMALIZE_BY_STATE_GRAD, m: c.channels, n: c.places, rows[7], rows[6], d: units),
                operation(LC_OP_SCALE_SHIFT, m: c.channels, n: c.places, rows[7], rows[7], c: units),
                operation(LC_OP_MAXIMUM, m: c.rows, rows[8], rows[7], c: rows[3]),
                operation(LC_OP_SCALE_BY, m: c.rows, rows[8], rows[8], c: rows[4]),
                operation(LC_OP_COPY, m: c.rows, rows[9], rows[8]),
            ]
        }
        #expect(atOnce == oneByOne)
        let copied = Set([8, 9].map { oneByOne[$0].first! })
        #expect(copied.count == 1 && Set(oneByOne.prefix(9).map { $0.prefix(c.rows * c.stride) }).count == 9)
    }

    // The second reads the results of the first a row further on.
    @Test("operations that meet at other places are no chain", arguments: kernelLevels, cases)
    func crossing(_ level: lc_level, _ c: Case) {
        let (atOnce, oneByOne) = results(level, c) { rows, _ in
            var second = operation(LC_OP_SCALE, m: c.rows, p: 2, rows[2], rows[1])
            second.b += c.stride
            var third = operation(LC_OP_SCALE, m: c.rows, p: 2, rows[1], rows[3])
            third.a += c.stride
            return [operation(LC_OP_COPY, m: c.rows, rows[1], rows[0]), second, third]
        }
        #expect(atOnce == oneByOne)
    }
}
