import CKernels
import Testing

/// Σ a[i·stepA]·b[i·stepB] in Double.
private func naive(
    _ a: UnsafePointer<Float>, _ stepA: Int, _ b: UnsafePointer<Float>, _ stepB: Int, count: Int
) -> Double {
    var sum = 0.0
    var index = 0
    while index < count {
        sum += Double(a[index * stepA]) * Double(b[index * stepB])
        index += 1
    }
    return sum
}

@Suite("The kernels' products")
struct KernelAffineTests {
    /// m, n, stride, count: the shapes of small networks, odd ones, and some past the size from which the plainest level uses OpenBLAS.
    static let shapes: [(Int, Int, Int, Int)] = {
        var dice = Dice(1)
        var shapes = [
            (4, 2, 16, 10), (2, 4, 16, 10), (1, 2, 16, 10), (8, 7, 32, 30), (1, 1, 16, 1), (9, 5, 64, 33),
            (16, 16, 16, 16), (48, 29, 48, 33),
        ]
        for _ in 0..<12 {
            let stride = 16 * (1 + dice.below(4))
            shapes.append((1 + dice.below(14), 1 + dice.below(14), stride, 1 + dice.below(stride)))
        }
        return shapes
    }()

    @Test("z = W·x + b equals the naive sums in Double, with and without a bias", arguments: kernelLevels)
    func affine(level: lc_level) {
        for (m, n, stride, count) in Self.shapes {
            var dice = Dice(UInt64(m * 1000 + n))
            let w = Rows(1, stride: m * n) { _, _ in dice.real() }
            let x = Rows(n, stride: stride) { _, _ in dice.real() }
            let bias = Rows(1, stride: m) { _, _ in dice.real() }
            for c in [bias, nil] {
                let z = Rows(m, stride: stride) { _, _ in .nan }
                run(LC_OP_AFFINE, at: level, batch(count: count, stride: stride), m: m, n: n, a: z, b: w, c: c, d: x)
                for i in 0..<m {
                    for s in 0..<count {
                        var sum = c.map { $0[i] } ?? 0
                        sum += naive(w.base + i * n, 1, x.base + s, stride, count: n)
                        check(isClose(z[i, s], sum), "\(m)×\(n), \(count) of \(stride), unit \(i), sample \(s)")
                    }
                }
            }
        }
    }

    // Both directions of a layer: its activation takes the product's results, its derivative those of the next layer's product.
    @Test("an activation or derivative takes a product's results as it does by itself", arguments: kernelLevels)
    func joinedActivation(level: lc_level) {
        for (m, n, stride, count) in Self.shapes {
            for activation in ActivationReference.all {
                let kind = lc_activation_index(activation.id)
                let p = (activation.p[0], activation.p[1], activation.p[2], activation.p[3])
                func results(_ run: ([lc_op]) -> Void) -> [[Float]] {
                    var dice = Dice(UInt64(m * 1000 + n))
                    let w = Rows(1, stride: m * n) { _, _ in dice.real() }
                    let bias = Rows(1, stride: m) { _, _ in dice.real() }
                    let learned = Rows([0.25])
                    let x = Rows(n, stride: stride) { _, _ in dice.real() }
                    let dy = Rows(m, stride: stride) { _, s in s < count ? dice.real() : 0 }
                    let written = [m, m, n, n].map { Rows($0, stride: stride) }
                    var (sum, value, back, slope) = (lc_op(), lc_op(), lc_op(), lc_op())
                    (sum.code, sum.m, sum.n) = (Int32(LC_OP_AFFINE.rawValue), Int32(m), Int32(n))
                    (sum.a, sum.b, sum.c, sum.d) = (written[0].base, w.base, bias.base, x.base)
                    (value.code, value.kind, value.m, value.p) = (Int32(LC_OP_ACTIVATE.rawValue), kind, Int32(m), p)
                    (value.a, value.b, value.c) = (written[1].base, written[0].base, learned.base)
                    (back.code, back.m, back.n) = (Int32(LC_OP_AFFINE_GRAD_INPUT.rawValue), Int32(m), Int32(n))
                    (back.a, back.b, back.d) = (written[2].base, w.base, dy.base)
                    (slope.code, slope.kind) = (Int32(LC_OP_ACTIVATE_GRAD.rawValue), kind)
                    (slope.m, slope.p) = (Int32(n), p)
                    (slope.a, slope.b, slope.c) = (written[3].base, written[2].base, learned.base)
                    (slope.d, slope.e) = (x.base, x.base)
                    run([sum, value, back, slope])
                    return withExtendedLifetime((w, bias, learned, x, dy)) { written.map(\.values) }
                }
                var b = batch(count: count, stride: stride)
                let together = results { operations in
                    let pairs = joined(operations)
                    check(pairs.map { $0.flags == Int32(LC_TAKEN_BY_NEXT) } == [true, false, true, false])
                    kernels(level).run(pairs, Int32(pairs.count), &b)
                }
                let apart = results { for operation in $0 { kernels(level).run([operation], 1, &b) } }
                check(together == apart, "\(m)×\(n), \(count) of \(stride), \(activation.id)")
            }
        }
    }

    @Test("dx = Wᵀ·dz equals the naive sums in Double", arguments: kernelLevels)
    func gradInput(level: lc_level) {
        for (m, n, stride, count) in Self.shapes {
            var dice = Dice(UInt64(m * 1000 + n))
            let w = Rows(1, stride: m * n) { _, _ in dice.real() }
            let dz = Rows(m, stride: stride) { _, s in s < count ? dice.real() : 0 }
            let dx = Rows(n, stride: stride) { _, _ in .nan }
            run(LC_OP_AFFINE_GRAD_INPUT, at: level, batch(count: count, stride: stride), m: m, n: n, a: dx, b: w, d: dz)
            for j in 0..<n {
                for s in 0..<count {
                    let sum = naive(w.base + j, n, dz.base + s, stride, count: m)
                    check(isClose(dx[j, s], sum), "\(m)×\(n), \(count) of \(stride), unit \(j), sample \(s)")
                }
                // Zeros stay zeros in the lanes beyond the batch.
                for s in count..<(count + 15) / 16 * 16 { check(dx[j, s] == 0) }
            }
        }
    }

    @Test("a tied layer's z = b + Wᵀ·x equals the naive sums in Double", arguments: kernelLevels)
    func transposed(level: lc_level) {
        for (m, n, stride, count) in Self.shapes {
            var dice = Dice(UInt64(m * 1000 + n))
            let w = Rows(1, stride: m * n) { _, _ in dice.real() }
            let bias = Rows(1, stride: n) { _, _ in dice.real() }
            let x = Rows(m, stride: stride) { _, _ in dice.real() }
            let z = Rows(n, stride: stride) { _, _ in .nan }
            run(
                LC_OP_AFFINE_TRANSPOSED, at: level, batch(count: count, stride: stride), m: m, n: n, a: z, b: w,
                c: bias,
                d: x)
            for j in 0..<n {
                for s in 0..<count {
                    let sum = bias[j] + naive(w.base + j, n, x.base + s, stride, count: m)
                    check(isClose(z[j, s], sum), "\(m)×\(n), \(count) of \(stride), unit \(j), sample \(s)")
                }
            }
        }
    }

    @Test(
        "dW = dz·xᵀ and db = Σ dz equal the naive sums in Double and replace or add to what is there",
        arguments: kernelLevels, [0, 1, 2])
    func gradParams(level: lc_level, accumulation: Int) {
        let accumulate = Int32(LC_ACCUMULATE)
        for (m, n, stride, count) in Self.shapes {
            var dice = Dice(UInt64(m * 1000 + n))
            let x = Rows(n, stride: stride) { _, _ in dice.real() }
            let dz = Rows(m, stride: stride) { _, s in s < count ? dice.real() : 0 }
            let dw = Rows(1, stride: m * n) { _, _ in 3 }
            let db = Rows(1, stride: m) { _, _ in 5 }
            run(
                LC_OP_AFFINE_GRAD_PARAMS, at: level,
                batch(count: count, stride: stride, flags: accumulation == 1 ? accumulate : 0), m: m, n: n,
                flags: accumulation == 2 ? accumulate : 0, a: dw, c: db, d: dz, e: x)
            for i in 0..<m {
                var total = accumulation > 0 ? 5.0 : 0
                for s in 0..<count { total += Double(dz[i, s]) }
                check(
                    isClose(db.values[i], total),
                    "\(m)×\(n), \(count) of \(stride), bias \(i)")
                for j in 0..<n {
                    var sum = accumulation > 0 ? 3.0 : 0
                    sum += naive(dz.base + i * stride, 1, x.base + j * stride, 1, count: count)
                    check(
                        isClose(dw.values[i * n + j], sum),
                        "\(m)×\(n), \(count) of \(stride), weight \(i), \(j)")
                }
            }
        }
    }

    @Test("The gradients of a large layer equal the naive sums, and some rows' are the same bits as with all rows")
    func largeGradients() throws {
        let (m, n, stride, count) = (260, 70, 272, 261)
        var dice = Dice(5)
        let x = Rows(n, stride: stride) { _, _ in dice.real() }
        let dz = Rows(m, stride: stride) { _, s in s < count ? dice.real() : 0 }
        // The baseline leaves such products to OpenBLAS, whose order depends on the rows.
        for level in kernelLevels where level != LC_LEVEL_BASELINE {
            for flags in [0, Int32(LC_ACCUMULATE)] {
                let b = batch(count: count, stride: stride, flags: flags)
                let together = Rows(1, stride: m * n) { _, _ in 3 }
                run(LC_OP_AFFINE_GRAD_PARAMS, at: level, b, m: m, n: n, a: together, d: dz, e: x)
                for _ in 0..<200 {
                    let (i, j) = (dice.below(m), dice.below(n))
                    let sum = naive(dz.base + i * stride, 1, x.base + j * stride, 1, count: count)
                    check(isClose(together.values[i * n + j], sum + (flags == 0 ? 0 : 3), scale: 16), "\(i), \(j)")
                }
                for (first, rows) in [(0, 3), (3, 200), (203, 57)] {
                    let part = Rows(1, stride: rows * n) { _, _ in 3 }
                    let own = Rows(rows, stride: stride) { i, s in dz[first + i, s] }
                    run(LC_OP_AFFINE_GRAD_PARAMS, at: level, b, m: rows, whole: m, n: n, a: part, d: own, e: x)
                    #expect(part.values == Array(together.values[first * n..<(first + rows) * n]))
                }
            }
        }
    }

    @Test("A layer without a bias leaves the bias gradient alone", arguments: kernelLevels)
    func gradParamsWithoutBias(level: lc_level) {
        let x = Rows(2, stride: 16) { j, s in Float(j + s) }
        let dz = Rows(1, stride: 16) { _, s in s < 3 ? 1 : 0 }
        let dw = Rows(1, stride: 2)
        run(LC_OP_AFFINE_GRAD_PARAMS, at: level, batch(count: 3, stride: 16), m: 1, n: 2, a: dw, d: dz, e: x)
        #expect(dw.values == [3, 6])
    }

    @Test("Products that are large enough for OpenBLAS at every level equal the naive sums where sampled")
    func largeProducts() {
        let (m, n, count, stride) = (1030, 520, 525, 528)
        func small(_ i: Int, _ j: Int) -> Float { Float((i &* 7919 &+ j &* 104_729) % 2003) * 0.001 - 1 }
        let w = Rows(m, stride: n, fill: small), x = Rows(n, stride: stride, fill: small)
        let dz = Rows(m, stride: stride) { i, s in s < count ? small(i + 3, s) : 0 }
        let bias = Rows(1, stride: m, fill: small)
        var dice = Dice(11)
        for level in kernelLevels {
            let b = batch(count: count, stride: stride)
            let z = Rows(m, stride: stride), dx = Rows(n, stride: stride), dw = Rows(m, stride: n)
            run(LC_OP_AFFINE, at: level, b, m: m, n: n, a: z, b: w, c: bias, d: x)
            run(LC_OP_AFFINE_GRAD_INPUT, at: level, b, m: m, n: n, a: dx, b: w, d: dz)
            run(LC_OP_AFFINE_GRAD_PARAMS, at: level, b, m: m, n: n, a: dw, d: dz, e: x)
            for _ in 0..<40 {
                let i = dice.below(m), j = dice.below(n), s = dice.below(count)
                let sum = naive(w.base + i * n, 1, x.base + s, stride, count: n) + bias[i]
                check(isClose(z[i, s], sum, scale: 200), "unit \(i), sample \(s)")
                check(isClose(dx[j, s], naive(w.base + j, n, dz.base + s, stride, count: m), scale: 200))
                let gradient = naive(dz.base + i * stride, 1, x.base + j * stride, 1, count: count)
                check(isClose(dw[i, j], gradient, scale: 200), "weight \(i), \(j)")
            }
        }
    }

    /// m, n, stride, count of products that are packed: rows, terms and samples that fill no block, and one of each alone.
    static let packedShapes = [
        (103, 300, 96, 70), (199, 259, 64, 33), (97, 271, 48, 48), (17, 1000, 80, 65), (1000, 17, 80, 80),
        (64, 784, 128, 128), (1, 16_400, 80, 70), (16_400, 1, 80, 70),
    ]

    @Test(
        "Products that are large enough to be packed equal the naive sums at their edges and where sampled",
        arguments: kernelLevels)
    func packedProducts(level: lc_level) {
        for (m, n, stride, count) in Self.packedShapes {
            var dice = Dice(UInt64(m + n))
            let w = Rows(1, stride: m * n) { _, _ in dice.real() }
            let x = Rows(n, stride: stride) { _, _ in dice.real() }
            let dz = Rows(m, stride: stride) { _, s in s < count ? dice.real() : 0 }
            let bias = Rows(1, stride: m) { _, _ in dice.real() }
            let b = batch(count: count, stride: stride)
            let dx = Rows(n, stride: stride) { _, _ in .nan }
            run(LC_OP_AFFINE_GRAD_INPUT, at: level, b, m: m, n: n, a: dx, b: w, d: dz)
            let places = (0..<60).map { trial in
                trial < 4
                    ? (trial % 2 * (m - 1), trial / 2 * (n - 1), count - 1)
                    : (dice.below(m), dice.below(n), dice.below(count))
            }
            let scale = Double(max(m, n)).squareRoot()
            for c in [bias, nil] {
                let z = Rows(m, stride: stride) { _, _ in .nan }
                run(LC_OP_AFFINE, at: level, b, m: m, n: n, a: z, b: w, c: c, d: x)
                for (i, _, s) in places {
                    let sum = (c.map { $0[i] } ?? 0) + naive(w.base + i * n, 1, x.base + s, stride, count: n)
                    check(
                        isClose(z[i, s], sum, scale: scale), "\(m)×\(n), \(count) of \(stride), unit \(i), sample \(s)")
                }
            }
            for (_, j, s) in places {
                let sum = naive(w.base + j, n, dz.base + s, stride, count: m)
                check(isClose(dx[j, s], sum, scale: scale), "\(m)×\(n), \(count) of \(stride), input \(j), sample \(s)")
            }
            for accumulation in [0, Int32(LC_ACCUMULATE)] {
                let dw = Rows(m, stride: n) { _, _ in 3 }
                run(
                    LC_OP_AFFINE_GRAD_PARAMS, at: level, b, m: m, n: n, flags: accumulation, a: dw, d: dz, e: x)
                for (i, j, _) in places {
                    var sum = accumulation == 0 ? 0.0 : 3.0
                    sum += naive(dz.base + i * stride, 1, x.base + j * stride, 1, count: count)
                    check(isClose(dw[i, j], sum, scale: scale), "\(m)×\(n), \(count) of \(stride), weight \(i), \(j)")
                }
            }
        }
    }

    @Test(
        "A large product has the same bits whether it is done whole or in the parts that threads take",
        arguments: kernelLevels.filter { $0 != LC_LEVEL_BASELINE })
    func parts(level: lc_level) {
        for (m, n, stride, count) in Self.packedShapes {
            var dice = Dice(UInt64(m + n))
            let w = Rows(m, stride: n) { _, _ in dice.real() }
            let x = Rows(n, stride: stride) { _, _ in dice.real() }
            let dz = Rows(m, stride: stride) { _, s in s < count ? dice.real() : 0 }
            let b = batch(count: count, stride: stride)
            let z = Rows(m, stride: stride), dx = Rows(n, stride: stride), dw = Rows(m, stride: n)
            run(LC_OP_AFFINE, at: level, b, m: m, n: n, a: z, b: w, d: x)
            run(LC_OP_AFFINE_GRAD_INPUT, at: level, b, m: m, n: n, a: dx, b: w, d: dz)
            run(LC_OP_AFFINE_GRAD_PARAMS, at: level, b, m: m, n: n, a: dw, d: dz, e: x)
            var (same, sameGradients) = (true, true)
            // One vector of samples alone.
            let first = (count - 1) / 16 * 16
            let part = batch(count: count - first, stride: 16)
            let ownX = Rows(n, stride: 16) { x[$0, first + $1] }, ownDz = Rows(m, stride: 16) { dz[$0, first + $1] }
            let ownZ = Rows(m, stride: 16), ownDx = Rows(n, stride: 16)
            run(LC_OP_AFFINE, at: level, part, m: m, n: n, a: ownZ, b: w, d: ownX)
            run(LC_OP_AFFINE_GRAD_INPUT, at: level, part, m: m, n: n, a: ownDx, b: w, d: ownDz)
            for s in 0..<(count - first) {
                for i in 0..<m { same = same && ownZ[i, s] == z[i, first + s] }
                for j in 0..<n { same = same && ownDx[j, s] == dx[j, first + s] }
            }
            // The last row of weights alone.
            let row = Rows(1, stride: stride) { dz[m - 1, $1] }, ownDw = Rows(1, stride: n)
            run(LC_OP_AFFINE_GRAD_PARAMS, at: level, b, m: 1, n: n, a: ownDw, d: row, e: x)
            for j in 0..<n { sameGradients = sameGradients && ownDw[0, j] == dw[m - 1, j] }
            check(same && sameGradients, "\(m)×\(n), \(count) of \(stride)")
        }
    }

    @Test("The same product gives the same bits again", arguments: kernelLevels)
    func repeatable(level: lc_level) {
        var dice = Dice(7)
        let x = Rows(12, stride: 48) { _, _ in dice.real() }
        let dz = Rows(11, stride: 48) { _, _ in dice.real() }
        let results = (0..<3).map { _ in
            let dw = Rows(1, stride: 132)
            run(LC_OP_AFFINE_GRAD_PARAMS, at: level, batch(count: 48, stride: 48), m: 11, n: 12, a: dw, d: dz, e: x)
            return dw.values
        }
        #expect(results[0] == results[1] && results[1] == results[2])
    }
}
