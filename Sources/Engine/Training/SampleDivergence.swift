#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// How far points of the plane are from others in distribution, counted on a grid of 30 × 30 cells and one for all that lies
/// outside, in bits.
public struct SampleDivergence: Sendable {
    /// Cells along an axis; and of the coarse grid on which coverage is counted.
    public static let cells = 30
    private static let coarse = 10

    private let x: ClosedRange<Float>
    private let y: ClosedRange<Float>
    /// Shares of the real points by cell, the last one outside.
    private let real: [Double]

    /// - Parameters:
    ///   - x, y: the grid's ranges.
    ///   - points: the real ones.
    public init(x: ClosedRange<Float>, y: ClosedRange<Float>, points: [SIMD2<Float>]) {
        (self.x, self.y) = (x, y)
        real = Self.shares(Self.counts(points, x, y))
    }

    public struct Result: Sendable, Hashable {
        /// KL(real ‖ generated), with half a point added to each cell of the generated ones.
        public var kullbackLeibler: Double
        /// 0: the same; 1: no cell has both.
        public var jensenShannon: Double
        /// The part of the real points in whose surroundings, a tenth of each axis, a fair part of the generated ones lies: at
        /// least a fifth of as many.
        public var coverage: Double
    }

    public func measure(_ points: [SIMD2<Float>]) -> Result {
        let counts = Self.counts(points, x, y)
        let made = Self.shares(counts)
        let total = Double(points.count) + 0.5 * Double(counts.count)
        var (kullbackLeibler, jensenShannon) = (0.0, 0.0)
        for cell in real.indices {
            let (p, q) = (real[cell], made[cell])
            let middle = (p + q) / 2
            if p > 0 {
                kullbackLeibler += p * log2(p / ((Double(counts[cell]) + 0.5) / total))
                jensenShannon += 0.5 * p * log2(p / middle)
            }
            if q > 0 { jensenShannon += 0.5 * q * log2(q / middle) }
        }
        return Result(
            kullbackLeibler: kullbackLeibler, jensenShannon: min(max(jensenShannon, 0), 1), coverage: coverage(made))
    }

    private func coverage(_ made: [Double]) -> Double {
        let (side, block) = (Self.coarse, Self.cells / Self.coarse)
        var (reals, mades) = ([Double](repeating: 0, count: side * side), [Double](repeating: 0, count: side * side))
        for cell in 0..<Self.cells * Self.cells {
            let place = cell / Self.cells / block * side + cell % Self.cells / block
            reals[place] += real[cell]
            mades[place] += made[cell]
        }
        return zip(reals, mades).reduce(0) { $1.0 > 0 && $1.1 >= 0.2 * $1.0 ? $0 + $1.0 : $0 }
    }

    private static func counts(_ points: [SIMD2<Float>], _ x: ClosedRange<Float>, _ y: ClosedRange<Float>) -> [Int] {
        var counts = [Int](repeating: 0, count: cells * cells + 1)
        let lower = SIMD2(x.lowerBound, y.lowerBound)
        let scale = Float(cells) / (SIMD2(x.upperBound, y.upperBound) - lower)
        for point in points {
            let place = (point - lower) * scale
            let isInside = place.x >= 0 && place.y >= 0 && place.x <= Float(cells) && place.y <= Float(cells)
            guard isInside else {
                counts[cells * cells] += 1
                continue
            }
            counts[min(cells - 1, Int(place.y)) * cells + min(cells - 1, Int(place.x))] += 1
        }
        return counts
    }

    private static func shares(_ counts: [Int]) -> [Double] {
        let all = Double(max(1, counts.reduce(0, +)))
        return counts.map { Double($0) / all }
    }
}
