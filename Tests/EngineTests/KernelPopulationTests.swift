import CKernels
import Testing

/// Every level's kernels for networks side by side against the same level's kernels for one network.
@Suite("The kernels for networks side by side")
struct KernelPopulationTests {
    static let lanes = Int(LC_LANES)

    /// The same numbers for sixteen networks: as they are together, and as each is alone.
    private struct Networks {
        let together: Rows
        let alone: [Rows]

        /// `units` rows of `count` values in each network.
        init(_ units: Int, _ count: Int, dice: inout Dice, padded: Bool = true) {
            let lanes = KernelPopulationTests.lanes
            let stride = padded ? (count + lanes - 1) / lanes * lanes : count
            var values = [Float](repeating: 0, count: units * count * lanes)
            for index in values.indices { values[index] = dice.real() }
            together = Rows(units, stride: count * lanes) { values[$0 * count * lanes + $1] }
            alone = (0..<lanes).map { lane in
                Rows(units, stride: stride) { $1 < count ? values[($0 * count + $1) * lanes + lane] : 0 }
            }
        }

        func expectEqual(_ units: Int, _ count: Int, _ what: String, tolerance: Double = 4e-6) {
            for lane in 0..<KernelPopulationTests.lanes {
                for unit in 0..<units {
                    for at in 0..<count {
                        let mine = together[unit, at * KernelPopulationTests.lanes + lane]
                        let its = Double(alone[lane][unit, at])
                        check(isClose(mine, its, tolerance: tolerance), "\(what): network \(lane), \(unit), \(at)")
                    }
                }
            }
        }
    }

    private func runTogether(
        _ code: lc_opcode, at level: lc_level, count: Int, m: Int, n: Int = 0, kind: Int32 = 0, flags: Int32 = 0,
        p: Float = 0, a: Rows, b: Rows? = nil, c: Rows? = nil, d: Rows? = nil, e: Rows? = nil, f: Rows? = nil,
        seeds: [UInt64] = Array(repeating: 1, count: lanes)
    ) {
        var op = lc_op(
            code: Int32(code.rawValue), kind: kind, flags: flags, m: Int32(m), n: Int32(n), whole: Int32(m),
            p: (p, 0, 0, 0), a: a.base,
            b: b?.base, c: c?.base, d: d?.base, e: e?.base, f: f?.base, g: nil, h: nil, window: lc_window(),
            steps: lc_steps())
        var batch = batch(count: count, stride: count, counter: 3)
        kernels(level).population.run(&op, 1, &batch, seeds)
        withExtendedLifetime((a, b, c, d, e, f)) {}
    }

    @Test("products, with each network's own weights", arguments: kernelLevels)
    func products(_ level: lc_level) {
        var dice = Dice(1)
        for (m, n, count) in [(1, 1, 1), (4, 2, 10), (2, 4, 10), (7, 5, 13), (9, 8, 3), (3, 17, 6)] {
            let stride = (count + Self.lanes - 1) / Self.lanes * Self.lanes
            let one = batch(count: count, stride: stride)
            let weight = Networks(1, m * n, dice: &dice, padded: false)
            let bias = Networks(1, m, dice: &dice, padded: false)
            let (x, dz) = (Networks(n, count, dice: &dice), Networks(m, count, dice: &dice))
            let (z, dx) = (Networks(m, count, dice: &dice), Networks(n, count, dice: &dice))
            runTogether(
                LC_OP_AFFINE, at: level, count: count, m: m, n: n, a: z.together, b: weight.together, c: bias.together,
                d: x.together)
            runTogether(
                LC_OP_AFFINE_GRAD_INPUT, at: level, count: count, m: m, n: n, a: dx.together, b: weight.together,
                d: dz.together)
            for lane in 0..<Self.lanes {
                run(
                    LC_OP_AFFINE, at: level, one, m: m, n: n, a: z.alone[lane], b: weight.alone[lane],
                    c: bias.alone[lane], d: x.alone[lane])
                run(
                    LC_OP_AFFINE_GRAD_INPUT, at: level, one, m: m, n: n, a: dx.alone[lane], b: weight.alone[lane],
                    d: dz.alone[lane])
            }
            z.expectEqual(m, count, "z")
            dx.expectEqual(n, count, "dx")
            let (tied, own) = (Networks(n, count, dice: &dice), Networks(1, n, dice: &dice, padded: false))
            runTogether(
                LC_OP_AFFINE_TRANSPOSED, at: level, count: count, m: m, n: n, a: tied.together, b: weight.together,
                c: own.together, d: dz.together)
            for lane in 0..<Self.lanes {
                run(
                    LC_OP_AFFINE_TRANSPOSED, at: level, one, m: m, n: n, a: tied.alone[lane], b: weight.alone[lane],
                    c: own.alone[lane], d: dz.alone[lane])
            }
            tied.expectEqual(n, count, "z of a tied layer")
            for flags in [0, Int32(LC_ACCUMULATE)] {
                let (dw, db) = (
                    Networks(1, m * n, dice: &dice, padded: false), Networks(1, m, dice: &dice, padded: false)
                )
                runTogether(
                    LC_OP_AFFINE_GRAD_PARAMS, at: level, count: count, m: m, n: n, flags: flags, a: dw.together,
                    c: db.together, d: dz.together, e: x.together)
                for lane in 0..<Self.lanes {
                    run(
                        LC_OP_AFFINE_GRAD_PARAMS, at: level, one, m: m, n: n, flags: flags, a: dw.alone[lane],
                        c: db.alone[lane], d: dz.alone[lane], e: x.alone[lane])
                }
                dw.expectEqual(1, m * n, "dw, flags \(flags)")
                let sums = Networks(1, m, dice: &dice, padded: false)
                runTogether(
                    LC_OP_ROW_SUMS, at: level, count: count, m: m, flags: flags, a: sums.together, b: dz.together)
                for lane in 0..<Self.lanes {
                    run(
                        LC_OP_ROW_SUMS, at: level, one, m: m, flags: flags, a: sums.alone[lane], b: dz.alone[lane])
                }
                sums.expectEqual(1, m, "row sums, flags \(flags)")
                db.expectEqual(1, m, "db, flags \(flags)")
            }
        }
    }

    @Test("a learned slope is each network's own", arguments: kernelLevels)
    func learnedActivation(_ level: lc_level) {
        var dice = Dice(2)
        let (m, count) = (3, 11)
        let kind = lc_activation_index("prelu")
        let one = batch(count: count, stride: 16)
        let slope = Networks(1, 1, dice: &dice, padded: false)
        let gradient = Networks(1, 1, dice: &dice, padded: false)
        let (z, y) = (Networks(m, count, dice: &dice), Networks(m, count, dice: &dice))
        let (dy, dz) = (Networks(m, count, dice: &dice), Networks(m, count, dice: &dice))
        for flags in [0, Int32(LC_ACCUMULATE)] {
            runTogether(
                LC_OP_ACTIVATE, at: level, count: count, m: m, kind: kind, a: y.together, b: z.together,
                c: slope.together)
            runTogether(
                LC_OP_ACTIVATE_GRAD, at: level, count: count, m: m, kind: kind, flags: flags, a: dz.together,
                b: dy.together, c: slope.together, d: z.together, e: y.together, f: gradient.together)
            for lane in 0..<Self.lanes {
                run(
                    LC_OP_ACTIVATE, at: level, one, m: m, kind: kind, a: y.alone[lane], b: z.alone[lane],
                    c: slope.alone[lane])
                run(
                    LC_OP_ACTIVATE_GRAD, at: level, one, m: m, kind: kind, flags: flags, a: dz.alone[lane],
                    b: dy.alone[lane], c: slope.alone[lane], d: z.alone[lane], e: y.alone[lane],
                    f: gradient.alone[lane])
            }
            y.expectEqual(m, count, "y")
            dz.expectEqual(m, count, "dz")
            gradient.expectEqual(1, 1, "the slope's gradient")
        }
    }

    @Test("each network draws the dropout masks that it would draw alone", arguments: kernelLevels)
    func dropout(_ level: lc_level) {
        var dice = Dice(3)
        let (m, count) = (4, 21)
        let (x, y, mask) = (
            Networks(m, count, dice: &dice), Networks(m, count, dice: &dice), Networks(m, count, dice: &dice)
        )
        let seeds = (0..<Self.lanes).map { UInt64($0) &* 0x1234_5678_9ABC_DEF1 }
        let rates = Rows((0..<Self.lanes).map { Float($0) / 20 })
        runTogether(
            LC_OP_DROPOUT, at: level, count: count, m: m, kind: 7, a: y.together, b: x.together, c: mask.together,
            f: rates, seeds: seeds)
        for lane in 0..<Self.lanes {
            run(
                LC_OP_DROPOUT, at: level, batch(count: count, stride: 32, seed: seeds[lane], counter: 3), m: m, kind: 7,
                p: [Float(lane) / 20], a: y.alone[lane], b: x.alone[lane], c: mask.alone[lane])
        }
        mask.expectEqual(m, count, "mask", tolerance: 1e-6)
        y.expectEqual(m, count, "y", tolerance: 1e-6)
    }

    @Test("losses are summed for each network", arguments: kernelLevels)
    func losses(_ level: lc_level) {
        var dice = Dice(4)
        let (m, count) = (3, 9)
        let (y, t) = (Networks(m, count, dice: &dice), Networks(m, count, dice: &dice))
        for loss in LossReference.all {
            let kind = lc_loss_index(loss.id)
            var knobs: [Float] = [1, 0, 0, 0]
            var sums = [Double](repeating: 1, count: Self.lanes)
            var together = batch(count: count, stride: count)
            kernels(level).population.loss(kind, &knobs, y.together.base, t.together.base, Int32(m), &together, &sums)
            for lane in 0..<Self.lanes {
                var one = batch(count: count, stride: 16)
                let sum = kernels(level).loss(kind, &knobs, y.alone[lane].base, t.alone[lane].base, Int32(m), &one)
                #expect(abs(sums[lane] - 1 - sum) <= 1e-5 * max(1, abs(sum)), "\(loss.id)")
            }
        }
    }

    @Test(
        "optimizers update each network with its own settings and name those that are not finite",
        arguments: kernelLevels)
    func updates(_ level: lc_level) {
        var dice = Dice(5)
        let n = 19
        for reference in OptimizerReference.all {
            let (w, g) = (Networks(1, n, dice: &dice, padded: false), Networks(1, n, dice: &dice, padded: false))
            let zero = { Rows(1, stride: n * Self.lanes) }
            let (s0, s1) = (zero(), zero())
            let slots = (0..<Self.lanes).map { _ in (Rows(1, stride: n), Rows(1, stride: n)) }
            for step in 1...5 {
                let updates = (0..<Self.lanes).map { lane in
                    var update = lc_update()
                    update.kind = lc_optimizer_index(reference.id)
                    update.scale = 0.1 * Float(lane + 1)
                    update.learningRate = reference.rate * (lane < 4 ? 1 : Double(lane))
                    var p = reference.p + Array(repeating: 0, count: 6)
                    if reference.id == "adam" { p[0] = 0.9 - 0.01 * Double(lane) }
                    update.p = (p[0], p[1], p[2], p[3], p[4], p[5])
                    update.step = Int64(step)
                    return update
                }
                let mask = kernels(level).population.update(
                    updates, w.together.base, g.together.base, s0.base, s1.base, Int64(n))
                #expect(mask == 0)
                for lane in 0..<Self.lanes {
                    var update = updates[lane]
                    _ = kernels(level).update(
                        &update, w.alone[lane].base, g.alone[lane].base, slots[lane].0.base, slots[lane].1.base,
                        Int64(n))
                }
                w.expectEqual(1, n, reference.name ?? reference.id, tolerance: 1e-6)
            }
            w.together.base[5 * Self.lanes + 3] = .nan
            w.together.base[18 * Self.lanes + 15] = .infinity
            var update = lc_update()
            update.kind = lc_optimizer_index(reference.id)
            let mask = kernels(level).population.update(
                Array(repeating: update, count: Self.lanes), w.together.base, g.together.base, s0.base, s1.base,
                Int64(n))
            #expect(mask & 0x8008 == 0x8008)
        }
    }

    @Test("decay and squares are each network's own", arguments: kernelLevels)
    func decay(_ level: lc_level) {
        var dice = Dice(6)
        let n = 23
        let (w, old) = (Networks(1, n, dice: &dice, padded: false), Networks(1, n, dice: &dice, padded: false))
        let rate = (0..<Self.lanes).map { 0.1 * Float($0) }
        let l1 = (0..<Self.lanes).map { $0 % 3 == 0 ? 0 : 0.2 * Float($0) }
        let l2 = (0..<Self.lanes).map { $0 % 2 == 0 ? 0 : 0.1 * Float($0) }
        var sums = [Double](repeating: 0, count: Self.lanes)
        kernels(level).population.sumOfSquares(w.together.base, Int64(n), &sums)
        for lane in 0..<Self.lanes {
            let sum = kernels(level).sumOfSquares(w.alone[lane].base, Int64(n))
            #expect(abs(sums[lane] - sum) <= 1e-12 * sum)
        }
        kernels(level).population.decay(w.together.base, old.together.base, Int64(n), rate, l1, l2)
        for lane in 0..<Self.lanes {
            kernels(level).decay(w.alone[lane].base, old.alone[lane].base, Int64(n), rate[lane], l1[lane], l2[lane])
        }
        w.expectEqual(1, n, "w", tolerance: 1e-6)
    }

    @Test(
        "batches come from one set or from each network's own, in one order or in each one's own",
        arguments: kernelLevels)
    func gather(_ level: lc_level) {
        let (units, samples, count, first) = (3, 20, 7, 4)
        let sets = (0..<Self.lanes).map { set in
            Rows(units, stride: 32) { $1 < samples ? Float(set * 1000 + $0 * 100 + $1) : -1 }
        }
        let orders = (0..<Self.lanes).map { lane in (0..<samples).map { Int32(($0 * 3 + lane) % samples) } }
        let ordered = orders.map { order in
            let base = UnsafeMutablePointer<Int32>.allocate(capacity: samples)
            base.initialize(from: order, count: samples)
            return base
        }
        defer { ordered.forEach { $0.deallocate() } }
        for (sharesData, order) in [(true, 0), (true, 1), (true, 2), (false, 0), (false, 1), (false, 2)] {
            let out = Rows(units, stride: count * Self.lanes)
            let data = (0..<Self.lanes).map { Optional(UnsafePointer(sets[sharesData ? 0 : $0].base)) }
            let rows = (0..<Self.lanes).map { Optional(UnsafePointer(ordered[order == 1 ? 0 : $0])) }
            kernels(level).population.gather(
                out.base, Int32(count), data, 32, Int32(units), order == 0 ? nil : rows, Int64(first), Int32(count))
            for lane in 0..<Self.lanes {
                for unit in 0..<units {
                    for sample in 0..<count {
                        let row =
                            order == 0
                            ? first + sample : Int(orders[order == 1 ? 0 : lane][first + sample])
                        let expected = sets[sharesData ? 0 : lane][unit, row]
                        check(out[unit, sample * Self.lanes + lane] == expected, "\(sharesData), \(order)")
                    }
                }
            }
        }
    }
}
