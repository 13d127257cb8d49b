import Testing

@testable import Engine

/// Initial weights against PyTorch's scales and the exact moments of their distributions.
@Suite struct InitializerTests {
    private static let all = Fixture.read("initializers.txt")

    @Test("every initializer is pinned") func coversTheCatalogue() {
        #expect(Set(Self.all.map(\.kind)) == Set(Catalogue.initializers.map(\.entry.id)))
    }

    /// A hidden layer of the fixture's shape, and what the engine starts it from.
    private func start(_ fixture: Fixture, seed: UInt64) throws -> (weights: [Double], biases: [Double]) {
        let (units, inputs) = (Int(fixture.numbers["shape"]![0]), Int(fixture.numbers["shape"]![1]))
        let plan = try Plan(
            NetworkDescription(
                input: Shape(inputs), task: .regression,
                layers: [dense(units, Choice("tanh"), fixture.choice(.initializer, fixture.kind))]))
        var random = Random(seed: seed)
        let flat = plan.initialParameters(&random)
        func values(_ name: String) -> [Double] {
            let tensor = plan.outline.tensors.first { $0.name == "layers.0.\(name)" }!
            return flat[tensor.offset..<tensor.offset + tensor.count].map(Double.init)
        }
        return (values("weight"), values("bias"))
    }

    @Test("weights are draws from U(−1, 1) or N(0, 1) times PyTorch's scale, to Float's precision", arguments: all)
    func scales(_ fixture: Fixture) throws {
        let (weights, biases) = try start(fixture, seed: 11)
        let scale = fixture.numbers["scale"]![0]
        var random = Random(seed: 11)
        for weight in weights where scale > 0 {
            let unit = fixture.numbers["bound"]![0] < 0 ? random.normal() : random.uniform(-1, 1)
            check(abs(weight - scale * unit) <= 1.5e-7 * scale * max(abs(unit), 0.01), "\(fixture.testDescription)")
        }
        #expect(biases.allSatisfy { $0 == Double(Float(fixture.numbers["bias"]![0])) })
    }

    @Test("weights keep within their bound, and have the mean, deviation and fourth moment", arguments: all)
    func moments(_ fixture: Fixture) throws {
        let weights = try start(fixture, seed: 12).weights
        let bound = fixture.numbers["bound"]![0]
        let largest = weights.map(abs).max()!
        let count = Double(weights.count)
        if bound >= 0 {
            // All of 36,000 draws keep a thousandth away from both bounds once in 10^15 times.
            #expect(largest <= bound && largest >= 0.999 * bound)
        }
        let expected = fixture.numbers["moments"]!
        let (deviation, kurtosis) = (expected[1], expected[2])
        guard deviation > 0 else { return }
        let mean = weights.reduce(0, +) / count
        let square = weights.reduce(0) { $0 + $1 * $1 } / count
        let fourth = weights.reduce(0) { $0 + $1 * $1 * $1 * $1 } / count
        // Five standard errors; of the fourth moment from the eighth, which is 9 for U and 105 for N in these units.
        #expect(abs(mean - expected[0]) <= 5 * deviation / count.squareRoot())
        #expect(
            abs(square.squareRoot() - deviation) <= 5 * deviation * ((kurtosis - 1) / (4 * count)).squareRoot())
        let eighth = kurtosis < 2 ? 9.0 : 105
        #expect(
            abs(fourth / (deviation * deviation * deviation * deviation) - kurtosis)
                <= 5 * ((eighth - kurtosis * kurtosis) / count).squareRoot())
    }
}
