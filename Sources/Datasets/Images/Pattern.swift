import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Stripes, checks or dots of two colours, drawn at random.
struct Pattern {
    private enum Kind: CaseIterable { case stripes, checks, dots }

    private let colours: (one: [Double], other: [Double])
    private let kind: Kind
    private let angle: Double
    /// Pixels from one stripe to the next.
    private let length: Double
    private let phases: (Double, Double)

    /// - Parameters:
    ///   - one: red, green and blue, 0…1.
    ///   - other: the second colour.
    init(_ one: [Double], _ other: [Double], _ random: inout Random) {
        colours = (one, other)
        kind = Kind.allCases[min(Int(random.uniform() * 3), 2)]
        angle = random.uniform(0, Double.pi)
        length = random.uniform(3, 6)
        phases = (random.uniform(0, 2 * Double.pi), random.uniform(0, 2 * Double.pi))
    }

    /// Draws it wherever a figure is.
    func draw(into raster: inout Raster, where isInside: (_ x: Double, _ y: Double) -> Bool) {
        let (c, s) = (cos(angle), sin(angle))
        let scale = 2 * Double.pi / length
        raster.fill(
            colours.one, colours.other,
            mixed: { x, y in
                let wave = sin(scale * (x * c + y * s) + phases.0)
                if kind == .stripes { return 0.5 + 0.5 * wave }
                let across = sin(scale * (y * c - x * s) + phases.1)
                // Dots are where both waves are high.
                return kind == .checks ? 0.5 + 0.5 * wave * across : max(0, wave) * max(0, across)
            }, where: isInside)
    }
}
