import Engine
import Testing

@testable import Session

/// Results of the presets of adversarial networks early in training, in the median of seeds.
@Suite("Adversarial presets learn their data")
struct AdversarialPresetClaimTests {
    /// The Jensen–Shannon divergences, in bits, sorted.
    private func divergences(_ name: String, seeds: ClosedRange<UInt64>, epochs: Int) throws -> [Double] {
        try seeds.map { seed in
            var experiment = try TrainingRun.experiment(name)
            experiment.seed = seed
            let trainer = try Trainer(experiment)
            for _ in 0..<epochs { _ = trainer.epoch() }
            return try #require(trainer.evaluate()["jensenShannon"])
        }.sorted()
    }

    @Test("a ring is nearer than GAN Lab's defaults come to it after as many rounds (0.83 bits)")
    func ring() throws {
        // 40 rounds, each of two batches of 150, are an epoch.
        #expect(try divergences("gan-ring", seeds: 1...3, epochs: 500)[1] < 0.6)
    }
}
