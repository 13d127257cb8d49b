import Engine
import Testing

@testable import Session

@Suite("Principal components")
struct PrincipalComponentTests {
    /// Four points on the corners of a rhombus with the diagonals 2·3 along (1, 1)/√2 and 2·1 across it.
    static let rhombus: [Float] = {
        let r = Float(0.5).squareRoot()
        return [3 * r, 3 * r, -3 * r, -3 * r, -r, r, r, -r]
    }()

    @Test("a rhombus' long diagonal is the first component, and the shares are those of the squared diagonals")
    func rhombus() {
        let found = PrincipalComponents(points: Self.rhombus.map { $0 + 5 }, dimensions: 2)
        let r = Float(0.5).squareRoot()
        #expect(abs(found.mean[0] - 5) < 1e-5 && abs(found.mean[1] - 5) < 1e-5)
        #expect(abs(found.axes[0][0] - r) < 1e-5 && abs(found.axes[0][1] - r) < 1e-5)
        // Σ squares: 2·9 along, 2·1 across.
        #expect(abs(found.explained[0] - 0.9) < 1e-5 && abs(found.explained[1] - 0.1) < 1e-5)
        let scores = found.project(Self.rhombus.map { $0 + 5 })
        #expect(abs(scores[0].x - 3) < 1e-4 && abs(scores[0].y) < 1e-4)
        #expect(abs(abs(scores[2].y) - 1) < 1e-4)
    }

    @Test("signs follow the frame before, so that the picture does not flip")
    func signs() {
        var before = PrincipalComponents(points: Self.rhombus, dimensions: 2)
        before.axes = before.axes.map { $0.map { -$0 } }
        let after = PrincipalComponents(points: Self.rhombus, dimensions: 2, previous: before)
        #expect(after.axes[0][0] < 0 && after.axes[0][1] < 0)
    }

    @Test("the first component is the one with the larger share, also when the variances change places")
    func order() {
        let wide: [Float] = [2, 0, -2, 0, 0, 1.9, 0, -1.9]
        let high: [Float] = [2, 0, -2, 0, 0, 2.1, 0, -2.1]
        let before = PrincipalComponents(points: wide, dimensions: 2)
        #expect(abs(before.axes[0][0]) > 0.99)
        let after = PrincipalComponents(points: high, dimensions: 2, previous: before)
        #expect(abs(after.axes[0][1]) > 0.99)
        #expect(after.explained[0] > after.explained[1])
        let fresh = PrincipalComponents(points: high, dimensions: 2)
        #expect(abs(fresh.axes[0][1]) > 0.99)
    }

    @Test("in many dimensions the iteration finds what was put in")
    func manyDimensions() {
        // Coordinates 7 and 12 vary most, all others by small noise.
        var random = Random(seed: 3)
        var points: [Float] = []
        for _ in 0..<300 {
            for column in 0..<20 {
                let size: Float = column == 7 ? 5 : column == 12 ? 3 : 0.5
                points.append(size * Float(random.uniform() * 2 - 1))
            }
        }
        let found = PrincipalComponents(points: points, dimensions: 20)
        #expect(abs(found.axes[0][7]) > 0.98)
        #expect(abs(found.axes[1][12]) > 0.98)
        let length = found.axes[0].reduce(0) { $0 + $1 * $1 }
        let across = zip(found.axes[0], found.axes[1]).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        #expect(abs(length - 1) < 1e-4 && abs(across) < 1e-4)
    }

    @Test("a cloud without any variance explains nothing, and is no NaN")
    func constant() {
        let found = PrincipalComponents(points: [1, 2, 3, 1, 2, 3], dimensions: 3)
        #expect(found.explained == [0, 0])
        #expect(found.project([1, 2, 3]) == [SIMD2(0, 0)])
    }
}

@Suite("Damped scale")
struct DampedScaleTests {
    @Test("it opens faster than it closes, and arrives")
    func speeds() {
        var opening = DampedScale(showing: -1...1)
        opening.move(towards: -1...2)
        var closing = DampedScale(showing: -1...2)
        closing.move(towards: -1...1)
        #expect(opening.range.upperBound - 1 > 3 * (2 - closing.range.upperBound))
        #expect(!closing.settled)
        for _ in 0..<200 { closing.move(towards: -1...1) }
        #expect(closing.range == -1...1)
        #expect(closing.settled)
    }

    @Test("values without a range, or without values, still give an axis")
    func degenerate() {
        #expect(DampedScale.span([0, 0]) == -0.5...0.5)
        #expect(DampedScale.span([]) == -1...1)
        #expect(DampedScale.span([.nan, 1, 3], margin: 0) == 1...3)
        #expect(DampedScale.span([8, 8]) == 4...12)
    }
}
