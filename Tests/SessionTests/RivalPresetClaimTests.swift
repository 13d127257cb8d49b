import Engine
import Testing

@testable import Session

/// The claims of the presets with rivals.
@Suite("The stories of rivals are true")
struct RivalPresetClaimTests {
    /// The test accuracies of the rivals of a preset, fitted whole; and the trainer.
    private func fitted(_ name: String, _ change: (inout Experiment) throws -> Void = { _ in }) throws -> (
        scores: [Double], trainer: Trainer
    ) {
        var experiment = try Experiment(json: JSON(parsing: Preset.named(name).text))
        try change(&experiment)
        let trainer = try Trainer(experiment, threads: 2)
        trainer.fitRivals()
        return (try trainer.rivalReports.map { try #require($0.testScore) }, trainer)
    }

    @Test("straight lines and bell curves do for few shapes; the others bend")
    func rivals() throws {
        let variants = try Experiment(json: JSON(parsing: Preset.named("rivals").text)).compare
        #expect(variants.map(\.title) == ["Moons", "Circle", "Spiral"])
        for variant in variants {
            let (scores, trainer) = try fitted("rivals") { experiment in
                for member in variant.set { experiment = try experiment.setting(member.key, to: member.value) }
            }
            let byID = Dictionary(
                zip(trainer.experiment.rivals.map(\.id), scores).map { ($0, $1) }, uniquingKeysWith: { $1 })
            for bent in ["svm", "kNN", "randomForest"] { #expect(byID[bent]! > 0.88, "\(variant.title) \(bent)") }
            if variant.title == "Circle" { #expect(byID["logisticRegression"]! < 0.7) }
            if variant.title == "Spiral" {
                for straight in ["logisticRegression", "naiveBayes"] { #expect(byID[straight]! < 0.7) }
            }
            for _ in 0..<60 { _ = trainer.epoch() }
            if variant.title != "Spiral" { #expect(trainer.evaluate().testAccuracy! > 0.93, "\(variant.title)") }
        }
    }

    @Test("the linear and the sigmoid kernel cannot close the ring, a polynomial and the RBF kernel do")
    func kernels() throws {
        let scores = try fitted("svm-kernels").scores
        #expect(scores[0] < 0.75 && scores[3] < 0.75)
        #expect(scores[1] > 0.9 && scores[2] > 0.9)
    }

    @Test("one neighbour knows every training point, fifteen know the others best, two hundred blur")
    func neighbours() throws {
        let (scores, trainer) = try fitted("neighbours")
        let reports = trainer.rivalReports
        #expect(reports[0].trainScore == 1)
        #expect(scores[1] > scores[0] + 0.02)
        #expect(scores[1] > scores[2] + 0.02)
    }

    @Test("with few points a linear SVM and naive Bayes are a point better than the network on the mean of ten draws")
    func smallData() throws {
        var (network, rivals, wins) = (0.0, [0.0, 0.0], 0)
        for seed in 0..<10 as Range<UInt64> {
            let (scores, trainer) = try fitted("small-data") { experiment in
                (experiment.data.seed, experiment.seed) = (seed, seed)
                experiment.training.evaluateEvery = 1000
            }
            trainer.play()
            while trainer.advance(steps: 1000) != .ended {}
            let own = try #require(trainer.evaluate().testAccuracy)
            network += own / 10
            for place in rivals.indices { rivals[place] += scores[place] / 10 }
            if max(scores[0], scores[1]) > own { wins += 1 }
        }
        for rival in rivals { #expect(rival > network + 0.01, "\(rival), the network \(network)") }
        #expect((6...9).contains(wins), "\(wins) of 10")
    }

    @Test("a forest of single pixels stays ten points behind the kernels, from nine seeds of ten")
    func forest() throws {
        var wins = 0
        for seed in 1...10 as ClosedRange<UInt64> {
            let (scores, trainer) = try fitted("forest-vs-network") { experiment in
                (experiment.data.seed, experiment.seed) = (seed, seed)
                experiment.training.evaluateEvery = 30
            }
            trainer.play()
            while trainer.advance(steps: 1000) != .ended {}
            if try #require(trainer.evaluate().testAccuracy) >= scores[0] + 0.1 { wins += 1 }
        }
        #expect(wins >= 9, "\(wins) of 10")
    }

    @Test("an SVM on the code is as good as the network's own output, one on the pixels far behind")
    func code() throws {
        for seed in 1...3 as ClosedRange<UInt64> {
            let trainer = try fitted("svm-on-code") { experiment in
                (experiment.data.seed, experiment.seed) = (seed, seed)
                experiment.training.evaluateEvery = 30
            }.trainer
            trainer.play()
            while trainer.advance(steps: 1000) != .ended {}
            let scores = try trainer.rivalReports.map { try #require($0.testScore) }
            let network = try #require(trainer.evaluate().testAccuracy)
            #expect(scores[0] > scores[1] + 0.15, "\(scores)")
            #expect(abs(scores[0] - network) < 0.04, "\(scores[0]), the network \(network)")
        }
    }
}
