#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The noise that a generator makes samples of: independent numbers, uniform in 0…1 or normal.
public struct NoiseInput: Sendable, Hashable {
    /// Numbers for each sample.
    public var dimensions: Int
    /// N(0, 1); else uniform in [0, 1).
    public var isNormal: Bool

    public init(dimensions: Int, isNormal: Bool) { (self.dimensions, self.isNormal) = (dimensions, isNormal) }

    /// The values that pictures span.
    public var range: ClosedRange<Float> { isNormal ? -2.5...2.5 : 0...1 }

    /// The noise of samples, row-major `[count, dimensions]`.
    public func values(count: Int, seed: UInt64) -> [Float] {
        var random = Random(seed: seed ^ 0x6E6F_6973_6500)
        return (0..<count * dimensions).map { _ in isNormal ? Float(random.normal()) : Float(random.uniform()) }
    }

    /// Fills rows of a pass, each number from half a word of the generator; normal ones after Box and Muller, 1958.
    /// - Parameters:
    ///   - rows: `dimensions` of them, `stride` floats apart.
    ///   - count: samples, one in each lane.
    func fill(_ rows: UnsafeMutablePointer<Float>, stride: Int, count: Int, _ random: inout Random) {
        for row in 0..<dimensions {
            let values = rows + row * stride
            var lane = 0
            while lane < count {
                let word = random.next()
                var first = Float(word >> 40) * 0x1p-24
                var second = Float((word >> 16) & 0xFF_FFFF) * 0x1p-24
                if isNormal {
                    let size = (-2 * log(1 - first)).squareRoot()
                    let angle = 2 * Float.pi * second
                    (first, second) = (size * cos(angle), size * sin(angle))
                }
                values[lane] = first
                if lane + 1 < count { values[lane + 1] = second }
                lane += 2
            }
        }
    }
}
