import Datasets
import Engine
import Testing

@testable import Session

/// The claims of the stories of presets that learn without labels.
@Suite("The autoencoders' stories are true")
struct AutoencoderPresetClaimTests {
    /// A preset, or a variant of it, after so many epochs, measured only then.
    private func trained(_ name: String, _ variant: String? = nil, seed: UInt64 = 1, epochs: Int) throws -> Trainer {
        var experiment = try TrainingRun.experiment(name, variant: variant)
        (experiment.seed, experiment.training.stop) = (seed, Experiment.Stop())
        experiment.training.evaluateEvery = epochs
        let trainer = try Trainer(experiment)
        for _ in 0..<epochs { _ = trainer.epoch() }
        return trainer
    }

    /// The values of the layer named `code` for the test samples, row by row, and what the network gives back of inputs.
    private func network(_ trainer: Trainer) throws -> (Network, code: LayerPath) {
        let network = try Network(trainer.network, capacity: 1)
        network.load(parameters: trainer.procedure.parameters)
        return (network, try #require(trainer.procedure.outline.code))
    }

    private func codes(_ trainer: Trainer) throws -> [[Float]] {
        let (network, code) = try network(trainer)
        let samples = trainer.data.test.inputs
        return (0..<samples.count).map { row in
            network.forward(samples.values(of: row), count: 1)
            return network.values(layer: code)
        }
    }

    private func error(_ trainer: Trainer) -> Double { trainer.evaluate()["reconstructionError"]! }

    @Test(
        "two numbers of a bent network tell more of a digit than two principal components, and neighbours are alike",
        arguments: [1, 2, 3])
    func digits(_ seed: UInt64) throws {
        let bent = try trained("autoencoder-digits", "Bent", seed: seed, epochs: 100)
        let linear = try trained("autoencoder-digits", "Linear", seed: seed, epochs: 100)
        #expect(error(linear) > 1.2 * error(bent))
        // The nearest code of another digit is mostly of the same class, though no label was seen.
        let (places, labels) = (try codes(bent), bent.data.test.labels)
        let alike = places.indices.count { row in
            var (nearest, least) = (row, Float.infinity)
            for other in places.indices where other != row {
                let (x, y) = (places[other][0] - places[row][0], places[other][1] - places[row][1])
                if x * x + y * y < least { (nearest, least) = (other, x * x + y * y) }
            }
            return labels[nearest] == labels[row]
        }
        #expect(Double(alike) > 0.55 * Double(places.count), "\(alike) of \(places.count)")
    }

    @Test("with layers that have learned without labels fewer test digits are wrong", arguments: [1, 2, 3])
    func stackedDenoising(_ seed: UInt64) throws {
        func accuracy(_ variant: String, _ epochs: Int) throws -> Double {
            try trained("stacked-denoising", variant, seed: seed, epochs: epochs).evaluate()["testAccuracy"]!
        }
        #expect(try accuracy("Pre-trained", 360) > accuracy("Labels alone", 300))
    }

    private func distance(_ one: [Float], _ other: [Float]) -> Float {
        zip(one, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }

    /// Of ten seeds ten after 60 epochs: errors of 0.034 against 0.096 to 0.099.
    @Test(
        "trained on masked digits the network gives back masked digits cleaner than one trained on clean ones",
        arguments: [1, 2, 3])
    func denoising(_ seed: UInt64) throws {
        func restored(_ variant: String) throws -> Double {
            let trainer = try trained("denoising", variant, seed: seed, epochs: 30)
            let (network, _) = try network(trainer)
            let samples = trainer.data.test.inputs
            let mask = Choice("mask", ["rate": .real(0.5)])
            var sum = 0.0
            for row in 0..<100 {
                let input = try samples.corrupted(row, shape: trainer.network.input, mask, seed: 5, counter: 0)
                network.forward(input, count: 1)
                sum += Double(distance(network.values(layer: network.outline.output), samples.values(of: row)))
            }
            return sum
        }
        #expect(try restored("Masked") < 0.6 * restored("Clean"))
    }

    /// Of ten seeds ten after 100 epochs: deviations of 0.86 to 1.02 against 5.1 to 8.5.
    @Test("pulled codes lie about 0 with a deviation of about 1, free ones run far apart", arguments: [1, 2, 3])
    func variational(_ seed: UInt64) throws {
        func deviations(_ variant: String) throws -> [Double] {
            let codes = try codes(trained("variational", variant, seed: seed, epochs: 60))
            return (0..<2).map { unit in
                let values = codes.map { Double($0[unit]) }
                let mean = values.reduce(0, +) / Double(values.count)
                return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
            }
        }
        #expect(try deviations("Pulled").allSatisfy { (0.6...1.5).contains($0) })
        #expect(try deviations("Free").allSatisfy { $0 > 3 })
    }

    @Test("the curve of a bent network lies nearer to the points than the straight line", arguments: [1, 2, 3])
    func curve(_ seed: UInt64) throws {
        let (bent, straight) = (
            try trained("autoencoder-curve", "Bent", seed: seed, epochs: 200),
            try trained("autoencoder-curve", "Straight", seed: seed, epochs: 200)
        )
        #expect(error(bent) < 0.5 * error(straight))
    }
}
