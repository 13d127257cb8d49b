import Engine
import Testing

@testable import Session

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// t-SNE against its definition (van der Maaten and Hinton, 2008).
@Suite struct TSNETests {
    /// Points of three Gaussians far apart in ten dimensions, one after the other.
    private static func clusters(_ each: Int) -> [Float] {
        var random = Random(seed: 4)
        return (0..<3 * each).flatMap { at in
            (0..<10).map { Float(random.normal()) + ($0 == at / each ? 30 : 0) }
        }
    }

    private static func affinities(_ points: [Float], dimensions: Int, perplexity: Float) -> [Float] {
        let count = points.count / dimensions
        return TSNE.symmetric(
            TSNE.conditional(points: points, dimensions: dimensions, rows: 0..<count, perplexity: perplexity),
            count: count)
    }

    @Test("each point's neighbourhood has the entropy of the perplexity, at any scale")
    func perplexity() {
        for scale: Float in [1e-3, 1, 1e3] {
            let points = Self.clusters(20).map { $0 * scale }
            let shares = TSNE.conditional(points: points, dimensions: 10, rows: 10..<40, perplexity: 7)
            for row in 0..<30 {
                let own = shares[row * 60..<(row + 1) * 60]
                #expect(abs(own.reduce(0, +) - 1) < 1e-5 && own[row * 60 + 10 + row] == 0)
                let entropy = own.reduce(0.0) { $1 > 0 ? $0 - Double($1) * log(Double($1)) : $0 }
                #expect(abs(exp(entropy) - 7) < 0.01)
            }
        }
    }

    @Test("joint affinities are symmetric and sum to 1")
    func joint() {
        let joint = Self.affinities(Self.clusters(10), dimensions: 10, perplexity: 5)
        #expect(abs(joint.reduce(0, +) - 1) < 1e-4)
        for row in 0..<30 { for column in 0..<row { #expect(joint[row * 30 + column] == joint[column * 30 + row]) } }
    }

    @Test("the gradient is that of the divergence, by finite differences")
    func gradient() {
        let affinities = Self.affinities(Self.clusters(4), dimensions: 10, perplexity: 3)
        var random = Random(seed: 9)
        let places = (0..<12).map { _ in SIMD2(Float(random.normal()), Float(random.normal())) }
        let gradient = TSNE(affinities: affinities, places: places).gradient()
        for at in places.indices {
            for axis in 0..<2 {
                func divergence(_ step: Float) -> Double {
                    var moved = places
                    moved[at][axis] += step
                    return TSNE(affinities: affinities, places: moved).divergence
                }
                let difference = (divergence(0.01) - divergence(-0.01)) / 0.02
                #expect(abs(difference - Double(gradient[at][axis])) < 2e-4, "\(at) \(axis)")
            }
        }
    }

    @Test("the divergence falls, and clusters that are far apart stay apart")
    func separates() {
        let points = Self.clusters(30)
        let start = PrincipalComponents(points: points, dimensions: 10).project(points)
        var tsne = TSNE(affinities: Self.affinities(points, dimensions: 10, perplexity: 10), start: start)
        var divergences = [tsne.divergence]
        for _ in 0..<6 {
            for _ in 0..<100 { tsne.step() }
            divergences.append(tsne.divergence)
        }
        #expect(divergences[1] < 0.6 * divergences[0])
        for (before, after) in zip(divergences.dropFirst(), divergences.dropFirst(2)) {
            #expect(after <= before + 0.01)
        }
        func distance(_ one: Int, _ other: Int) -> Float {
            let way = tsne.places[one] - tsne.places[other]
            return (way * way).sum()
        }
        for point in 0..<90 {
            let others = (0..<90).filter { $0 != point }
            let nearest = others.min { distance(point, $0) < distance(point, $1) }!
            #expect(nearest / 30 == point / 30)
        }
        #expect(tsne.places.reduce(SIMD2(0, 0), +).x.magnitude < 1e-2)
    }

    @Test("points that are all the same, or no numbers, give places all the same")
    func degenerate() {
        for points in [[Float](repeating: 2, count: 40), [Float](repeating: .nan, count: 40)] {
            var tsne = TSNE(
                affinities: Self.affinities(points, dimensions: 4, perplexity: 3),
                start: (0..<10).map { SIMD2(Float($0), 0) })
            for _ in 0..<20 { tsne.step() }
            #expect(tsne.places.allSatisfy { $0.x.isFinite && $0.y.isFinite })
        }
    }
}
