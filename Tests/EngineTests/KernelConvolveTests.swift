import CKernels
import Testing

@testable import Engine

/// Convolutions and pooling against loops in Double, at every level.
@Suite("Kernels over images")
struct KernelConvolveTests {
    /// A convolution's shape and its batch.
    struct Case: Sendable, CustomTestStringConvertible {
        var filters: Int, channels: Int, height: Int, width: Int, size: Int
        var stride = 1, padding = 0, dilation = 1
        var flips = false, isLocal = false
        var samples = 37

        var testDescription: String {
            "\(filters)×\(channels) of \(height)×\(width) by \(size), \(stride), \(padding), \(dilation)"
                + (flips ? " flipped" : "") + (isLocal ? " local" : "")
        }

        var out: (height: Int, width: Int) {
            func count(_ side: Int) -> Int { (side + 2 * padding - dilation * (size - 1) - 1) / stride + 1 }
            return (count(height), count(width))
        }
        var places: Int { out.height * out.width }
        var taps: Int { size * size }
        var rows: Int { (samples + 15) / 16 * 16 }

        var window: lc_window {
            lc_window(
                height: Int32(height), width: Int32(width), outHeight: Int32(out.height), outWidth: Int32(out.width),
                kernelHeight: Int32(size), kernelWidth: Int32(size), stride: Int32(stride), padding: Int32(padding),
                dilation: Int32(dilation), flips: flips, isLocal: isLocal, firstTap: 0,
                tapCount: Int32(channels * taps))
        }

        /// Calls `body` for each weight of each window that meets the image: the window, the value's place, and the number
        /// of the weight among those of a filter's channel.
        func forEachTap(_ body: (_ window: Int, _ place: Int, _ tap: Int) -> Void) {
            for window in 0..<places {
                for tap in 0..<taps {
                    let y = window / out.width * stride + tap / size * dilation - padding
                    let x = window % out.width * stride + tap % size * dilation - padding
                    guard y >= 0, y < height, x >= 0, x < width else { continue }
                    body(window, y * width + x, flips ? taps - 1 - tap : tap)
                }
            }
        }

        func weight(_ filter: Int, _ channel: Int, _ window: Int, _ tap: Int) -> Int {
            (((isLocal ? window * filters : 0) + filter) * channels + channel) * taps + tap
        }
        var weights: Int { (isLocal ? places : 1) * filters * channels * taps }
    }

    /// As many outputs as a block of registers has, and more and fewer; windows cut off on every side; more terms and more
    /// samples than are taken at once.
    static let cases =
        [
            Case(filters: 6, channels: 1, height: 9, width: 8, size: 5, padding: 2),
            Case(filters: 16, channels: 6, height: 7, width: 7, size: 5),
            Case(
                filters: 5, channels: 3, height: 7, width: 9, size: 4, stride: 2, padding: 1, dilation: 2, flips: true),
            Case(filters: 7, channels: 2, height: 6, width: 5, size: 3, stride: 3, padding: 2, dilation: 2),
            Case(filters: 13, channels: 70, height: 3, width: 4, size: 3, padding: 1),
            Case(filters: 3, channels: 5, height: 6, width: 6, size: 1, stride: 2),
            Case(filters: 9, channels: 2, height: 5, width: 5, size: 3, padding: 1, samples: 150),
            Case(filters: 1, channels: 1, height: 31, width: 31, size: 31, padding: 1, samples: 5),
            Case(filters: 3, channels: 2, height: 5, width: 6, size: 3, padding: 1, isLocal: true),
            Case(filters: 2, channels: 2, height: 5, width: 6, size: 2, stride: 2, flips: true, isLocal: true),
        ] + pageApart + inBlocks

    /// Images whose rows or channels are a page of memory apart.
    static let pageApart = [
        Case(filters: 2, channels: 2, height: 8, width: 8, size: 3, padding: 4, samples: 64),
        Case(filters: 8, channels: 4, height: 8, width: 16, size: 3, padding: 1, samples: 60),
        Case(filters: 7, channels: 3, height: 8, width: 32, size: 3, stride: 2, padding: 1, flips: true, samples: 60),
        Case(filters: 3, channels: 45, height: 6, width: 32, size: 5, padding: 2, samples: 20),
        Case(filters: 2, channels: 3, height: 9, width: 16, size: 4, padding: 1, samples: 64),
    ]

    /// Those that are done in blocks of 2 × 2 results: sides of both kinds, every padding, more channels and more outputs than are
    /// taken at once, and as many channels; samples of one vector, two and three.
    static let inBlocks = [
        Case(filters: 13, channels: 8, height: 7, width: 8, size: 3),
        Case(filters: 8, channels: 70, height: 6, width: 5, size: 3, padding: 1, flips: true),
        Case(filters: 66, channels: 9, height: 5, width: 5, size: 3, padding: 2, samples: 20),
        Case(filters: 8, channels: 64, height: 5, width: 5, size: 3, padding: 1, samples: 16),
    ]

    private func compare(_ found: Rows, _ expected: [Double], _ sizes: [Double], samples: Int, _ what: String) {
        for unit in 0..<found.units {
            for lane in 0..<samples {
                let at = unit * found.stride + lane
                check(isClose(found[unit, lane], expected[at], scale: sizes[at]), "\(what) \(unit), \(lane)")
            }
        }
    }

    @Test("a convolution and the way back to its input", arguments: kernelLevels, cases)
    func forwardAndBack(_ level: lc_level, _ c: Case) {
        var dice = Dice(3)
        let x = Rows(c.channels * c.height * c.width, stride: c.rows) { _, _ in dice.real() }
        let dz = Rows(c.filters * c.places, stride: c.rows) { _, _ in dice.real() }
        let w = Rows((0..<c.weights).map { _ in dice.real() })
        let bias = Rows((0..<(c.isLocal ? c.filters * c.places : c.filters)).map { _ in dice.real() })
        let (z, dx) = (Rows(dz.units, stride: c.rows), Rows(x.units, stride: c.rows) { _, _ in 7 })
        let batch = batch(count: c.samples, stride: c.rows)
        run(
            LC_OP_CONVOLVE, at: level, batch, m: c.filters, n: c.channels, a: z, b: w, c: bias, d: x, window: c.window)
        run(LC_OP_CONVOLVE_BACK, at: level, batch, m: c.filters, n: c.channels, a: dx, b: w, d: dz, window: c.window)

        var (expected, sizes) = (
            [Double](repeating: 0, count: dz.units * c.rows), [Double](repeating: 1, count: dz.units * c.rows)
        )
        var (back, backSizes) = (
            [Double](repeating: 0, count: x.units * c.rows), [Double](repeating: 1, count: x.units * c.rows)
        )
        for filter in 0..<c.filters {
            for window in 0..<c.places {
                for s in 0..<c.samples {
                    let row = filter * c.places + window
                    expected[row * c.rows + s] = bias[c.isLocal ? row : filter]
                }
            }
        }
        c.forEachTap { window, place, tap in
            for filter in 0..<c.filters {
                for channel in 0..<c.channels {
                    let weight = w[c.weight(filter, channel, window, tap)]
                    let (row, source) = (filter * c.places + window, channel * c.height * c.width + place)
                    for s in 0..<c.samples {
                        let (forward, backward) = (weight * Double(x[source, s]), weight * Double(dz[row, s]))
                        expected[row * c.rows + s] += forward
                        sizes[row * c.rows + s] += abs(forward)
                        back[source * c.rows + s] += backward
                        backSizes[source * c.rows + s] += abs(backward)
                    }
                }
            }
        }
        compare(z, expected, sizes, samples: c.samples, "output")
        compare(dx, back, backSizes, samples: c.samples, "input's gradient")
    }

    @Test("the gradients of a convolution's weights, as they are and added", arguments: kernelLevels, cases)
    func weights(_ level: lc_level, _ c: Case) {
        var dice = Dice(5)
        let x = Rows(c.channels * c.height * c.width, stride: c.rows) { _, _ in dice.real() }
        let dz = Rows(c.filters * c.places, stride: c.rows) { _, lane in lane < c.samples ? dice.real() : 0 }
        let dw = Rows((0..<c.weights).map { _ in dice.real() })
        var (expected, sizes) = (
            [Double](repeating: 0, count: c.weights), [Double](repeating: 1, count: c.weights)
        )
        c.forEachTap { window, place, tap in
            for filter in 0..<c.filters {
                for channel in 0..<c.channels {
                    let at = c.weight(filter, channel, window, tap)
                    for s in 0..<c.samples {
                        let term =
                            Double(x[channel * c.height * c.width + place, s])
                            * Double(dz[filter * c.places + window, s])
                        expected[at] += term
                        sizes[at] += abs(term)
                    }
                }
            }
        }
        for times in 1...2 {
            let flags = times == 1 ? 0 : Int32(LC_ACCUMULATE)
            run(
                LC_OP_CONVOLVE_GRAD, at: level, batch(count: c.samples, stride: c.rows, flags: flags), m: c.filters,
                n: c.channels, a: dw, d: dz, e: x, window: c.window)
            for at in 0..<c.weights {
                check(
                    isClose(Float(dw[at]), Double(times) * expected[at], scale: Double(times) * sizes[at]),
                    "weight \(at)")
            }
        }
        // In parts it comes to the same bits.
        let parts = Rows([Float](repeating: 0, count: c.weights))
        var window = c.window
        for (first, end) in [(0, window.tapCount / 3), (window.tapCount / 3, window.tapCount)] {
            (window.firstTap, window.tapCount) = (first, end - first)
            run(
                LC_OP_CONVOLVE_GRAD, at: level, batch(count: c.samples, stride: c.rows), m: c.filters, n: c.channels,
                a: parts, d: dz, e: x, window: window)
        }
        let whole = Rows([Float](repeating: 0, count: c.weights))
        run(
            LC_OP_CONVOLVE_GRAD, at: level, batch(count: c.samples, stride: c.rows), m: c.filters, n: c.channels,
            a: whole, d: dz, e: x, window: c.window)
        #expect(parts.values == whole.values)
    }

    @Test(
        "an activation takes a convolution's results as it does by itself", arguments: kernelLevels,
        [cases[0], pageApart[0], inBlocks[1], inBlocks[2]])
    func activation(_ level: lc_level, _ c: Case) {
        var dice = Dice(7)
        let x = Rows(c.channels * c.height * c.width, stride: c.rows) { _, _ in dice.real() }
        let w = Rows((0..<c.weights).map { _ in dice.real() })
        let (z, y, alone) = (
            Rows(c.filters * c.places, stride: c.rows), Rows(c.filters * c.places, stride: c.rows),
            Rows(c.filters * c.places, stride: c.rows)
        )
        var (first, second) = (lc_op(), lc_op())
        (first.code, first.m, first.n) = (Int32(LC_OP_CONVOLVE.rawValue), Int32(c.filters), Int32(c.channels))
        (first.a, first.b, first.d, first.window) = (z.base, w.base, x.base, c.window)
        (second.code, second.kind) = (Int32(LC_OP_ACTIVATE.rawValue), lc_activation_index("tanh"))
        (second.m, second.a, second.b) = (Int32(c.filters * c.places), y.base, z.base)
        var b = batch(count: c.samples, stride: c.rows)
        let pair = joined([first, second])
        #expect(pair[0].flags == Int32(LC_TAKEN_BY_NEXT))
        kernels(level).run(pair, 2, &b)
        second.a = alone.base
        kernels(level).run([second], 1, &b)
        #expect(y.values == alone.values && y.values.contains { $0 != 0 })
        withExtendedLifetime((x, w, z)) {}
    }
}
