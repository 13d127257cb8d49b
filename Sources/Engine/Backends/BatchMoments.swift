import CKernels

extension Primitive {
    /// Does an operation across the batch with the other copies of a model, each of which has its own samples, maybe none.
    typealias Meeting = @Sendable (_ operation: lc_op, _ batch: lc_batch, _ copies: any ModelCopies) -> Void
}

/// An operation that copies of a model do together.
struct MeetingOperation {
    let operation: lc_op
    let meeting: Primitive.Meeting
    let copies: any ModelCopies

    /// nil: each copy does it by itself.
    init?(_ operation: Operation, _ copies: (any ModelCopies)?, bind: (Operation) -> lc_op) {
        guard let copies, copies.normalizeTogether, let meeting = operation.primitive.amongCopies else { return nil }
        (self.operation, self.meeting, self.copies) = (bind(operation), meeting, copies)
    }

    func run(_ batch: lc_batch) { meeting(operation, batch, copies) }
}

/// Batch normalization over the samples of all copies: the kernels' arithmetic (`normalize.h`), with sums in double.
enum BatchMoments {
    /// a = (b − mean)/√(variance + p1), c = 1/√(variance + p1) in every lane; the running mean d and variance e move by p0.
    static func normalize(_ o: lc_op, _ batch: lc_batch, _ copies: any ModelCopies) {
        let units = UnitRows(o, batch)
        let (momentum, epsilon) = (o.p.0, o.p.1)
        var sums = (0..<units.count).map { units.sum(o.b, nil, unit: $0, center: 0) } + [Double(units.samples)]
        copies.sum(&sums)
        let all = sums[units.count]
        let means = sums.prefix(units.count).map { Float($0 / all) }
        sums = (0..<units.count).map { units.sum(o.b, o.b, unit: $0, center: means[$0]) }
        copies.sum(&sums)
        for unit in 0..<units.count {
            let (mean, variance) = (means[unit], Float(sums[unit] / all))
            let inverse = 1 / (variance + epsilon).squareRoot()
            units.write(o.a, unit: unit) { (o.b[$0] - mean) * inverse }
            for lane in 0..<units.width { o.c[unit * units.stride + lane] = inverse }
            let unbiased = all > 1 ? variance * Float(all / (all - 1)) : variance
            o.d[unit] = (1 - momentum) * o.d[unit] + momentum * mean
            o.e[unit] = (1 - momentum) * o.e[unit] + momentum * unbiased
        }
    }

    /// a = c·(b − mean of b − e·mean of b·e), with e = the normalized values.
    static func normalizeGradient(_ o: lc_op, _ batch: lc_batch, _ copies: any ModelCopies) {
        let units = UnitRows(o, batch)
        var sums = (0..<units.count).map { units.sum(o.b, nil, unit: $0, center: 0) }
        sums += (0..<units.count).map { units.sum(o.b, o.e, unit: $0, center: 0) }
        sums.append(Double(units.samples))
        copies.sum(&sums)
        let all = sums[2 * units.count]
        for unit in 0..<units.count {
            let (mean, slope) = (Float(sums[unit] / all), Float(sums[units.count + unit] / all))
            units.write(o.a, unit: unit) { place in
                o.c[unit * units.stride] * (o.b[place] - mean - o.e[place] * slope)
            }
        }
    }
}

/// The rows of an operation's units: each has `rows` of them, `stride` floats apart, of which the first `lanes` are samples.
private struct UnitRows {
    let count: Int
    let rows: Int
    let lanes: Int
    let stride: Int
    /// The lanes in use, in whole vectors.
    let width: Int

    init(_ o: lc_op, _ batch: lc_batch) {
        (count, rows) = (Int(o.m), max(1, Int(o.n)))
        (lanes, stride) = (Int(batch.count), Int(batch.stride))
        width = Plan.wholeVectors(lanes)
    }

    /// Samples times rows.
    var samples: Int { lanes * rows }

    /// Σ (a − center)·(b − center), or of a − center where b is nil.
    func sum(
        _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>?, unit: Int, center: Float
    ) -> Double {
        var sum = 0.0
        for row in unit * rows..<(unit + 1) * rows {
            let first = row * stride
            for place in first..<first + lanes {
                let left = a[place] - center
                sum += Double(left) * (b.map { Double($0[place] - center) } ?? 1)
            }
        }
        return sum
    }

    /// Writes a value for each sample, and 0 in lanes without one.
    func write(_ out: UnsafeMutablePointer<Float>, unit: Int, _ value: (Int) -> Float) {
        for row in unit * rows..<(unit + 1) * rows {
            let first = row * stride
            for place in first..<first + lanes { out[place] = value(place) }
            for place in first + lanes..<first + width { out[place] = 0 }
        }
    }
}

extension ModelCopies {
    func sum(_ values: inout [Double]) { values.withUnsafeMutableBufferPointer { sum($0) } }
}
