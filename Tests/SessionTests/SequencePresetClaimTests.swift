import Datasets
import Engine
import Foundation
import Testing

@testable import Session

/// The claims of the stories of presets over sequences, for the first of the starts that they speak of, and where a claim
/// takes long, sooner or on shorter sequences. A start is a seed of the weights; the data stay the same.
/// `Benchmarks/presets.py` tries all starts at full length.
@Suite("The sequence presets' stories are true")
struct SequencePresetClaimTests {
    private func end(
        _ name: String, _ variant: String? = nil, seed: UInt64 = 1, set: [String] = [], epochs: Int
    ) throws -> Evaluation {
        try TrainingRun.end(name, variant, seed: seed, dataSeed: 1, set: set, epochs: epochs).evaluation
    }

    /// Of this many starts those after which all test sequences are right.
    private func learned(
        _ name: String, _ variant: String? = nil, of starts: UInt64, set: [String] = [], epochs: Int
    ) throws -> Int {
        try (1...starts).count { try end(name, variant, seed: $0, set: set, epochs: epochs).testAccuracy! == 1 }
    }

    @Test("plain SGD learns soon over five steps of noise and late over twenty, and each remedy soon")
    func recall() throws {
        let name = "recall-rnn-lstm-gru"
        #expect(try learned(name, of: 20, set: ["data.lag=5"], epochs: 30) == 19)
        #expect(try learned(name, of: 20, epochs: 100) == 1)
        #expect(try learned(name, of: 20, epochs: 400) == 11)
        // The start shown, of which the loss stays where it is until the run stops.
        let shown = try TrainingRun.experiment(name)
        #expect(shown.training.stop.epochs == 400)
        #expect(try end(name, seed: shown.seed, epochs: 400).testLoss! > 0.49)
        #expect(try end(name, seed: shown.seed, set: ["data.lag=5"], epochs: 30).testAccuracy! == 1)
        for variant in ["RNN", "GRU", "LSTM"] {
            #expect(try learned(name, variant, of: 5, epochs: 100) == 5, "\(variant)")
        }
        let usual = #"layers=[{"lstm": {"units": 8}}]"#
        #expect(try learned(name, of: 3, set: [usual], epochs: 100) == 0)
        #expect(try learned(name, "LSTM", of: 3, set: ["data.lag=100"], epochs: 100) == 3)
        #expect(try learned(name, "LSTM", of: 3, set: ["data.lag=100", usual], epochs: 100) == 1)
        #expect(try learned(name, "RNN", of: 3, set: ["data.lag=100"], epochs: 100) == 0)
        #expect(try learned(name, "GRU", of: 3, set: ["data.lag=100"], epochs: 100) == 1)
    }

    @Test("an LSTM with long memory learns over a thousand steps in 31 epochs, others not even over 300")
    func recallThousand() throws {
        #expect(try learned("recall-1000", "Long memory", of: 1, epochs: 31) == 1)
        #expect(try end("recall-1000", "Usual", set: ["data.lag=300"], epochs: 31).testAccuracy! < 0.65)
        #expect(try end("recall-1000", "tanh", epochs: 31).testAccuracy! < 0.65)
    }

    @Test("gates add two marked numbers, and a tanh network answers 1")
    func adding() throws {
        func loss(_ variant: String) throws -> Double {
            try end("adding", variant, set: ["data.length=40"], epochs: 5).testLoss!
        }
        // Half of the squared error: 1/12 for 1.
        for variant in ["LSTM", "GRU"] { #expect(try loss(variant) < 0.005, "\(variant)") }
        #expect(try (0.06...0.1).contains(loss("RNN")))
    }

    @Test("five symbols are said again after ten blanks, by gates better than without")
    func copy() throws {
        #expect(try end("copy", "LSTM", epochs: 60).testAccuracy! > 0.99)
        #expect(try (0.8...0.95).contains(end("copy", "RNN", epochs: 60).testAccuracy!))
    }

    @Test("gates learn parity from every start, four tanh units from 12 of 20")
    func parity() throws {
        #expect(try learned("parity", "LSTM", of: 20, epochs: 150) == 20)
        #expect(try learned("parity", "GRU", of: 20, epochs: 150) == 20)
        #expect(try learned("parity", "RNN", of: 20, epochs: 150) == 12)
    }

    @Test("a state spells digits, without one three of ten letters are right")
    func spellDigit() throws {
        for seed: UInt64 in 1...5 {
            #expect(try end("spell-digit", "RNN", seed: seed, epochs: 100).testAccuracy! > 0.985)
            #expect(try (0.27...0.32).contains(end("spell-digit", "Without", seed: seed, epochs: 100).testAccuracy!))
        }
        #expect(try end("spell-digit", set: ["data.noise=30"], epochs: 100).testAccuracy! < 0.97)
    }

    @Test("a code of 64 values carries sums, one of four does not")
    func sums() throws {
        #expect(try end("sums", epochs: 20).testAccuracy! > 0.92)
        #expect(try end("sums", set: ["layers.1.lstm.units=4"], epochs: 20).testAccuracy! < 0.8)
    }

    @Test("two values leave about three times as much open of the next one as a state does, of four waves ten times")
    func waves() throws {
        func ratio(_ seed: UInt64, _ waves: Int) throws -> Double {
            let (two, lstm) = (
                try end("waves", "Two", seed: seed, set: ["data.waves=\(waves)"], epochs: 100).testLoss!,
                try end("waves", "LSTM", seed: seed, set: ["data.waves=\(waves)"], epochs: 100).testLoss!
            )
            return two / lstm
        }
        for seed: UInt64 in 1...3 {
            #expect(try (2.3...4).contains(ratio(seed, 2)))
            #expect(try (8...13).contains(ratio(seed, 4)))
        }
    }

    @Test("the more words back, the fewer can come next, and a state without gates tells as much as one with them")
    func words() throws {
        func choices(_ variant: String) throws -> Double { exp(try end("words", variant, epochs: 20).testLoss!) }
        #expect(try TrainingRun.experiment("words").training.stop.epochs == 20)
        #expect(try (2.9...3.1).contains(choices("LSTM")))
        #expect(try (2.9...3.1).contains(choices("RNN")))
        #expect(try end("words", "LSTM", epochs: 100).testLoss! > end("words", "LSTM", epochs: 20).testLoss! + 0.01)
        #expect(try (3.4...3.6).contains(choices("Three")))
        #expect(try (4.2...4.7).contains(choices("One")))
    }

    @Test("over forty words a capital is kept by gates and by the mean, not by tanh units, which it is over none")
    func capital() throws {
        #expect(try end("capital", "LSTM", epochs: 50).testAccuracy! > 0.99)
        #expect(try end("capital", "Mean", epochs: 50).testAccuracy! == 1)
        #expect(try end("capital", "RNN", epochs: 50).testAccuracy! < 0.2)
        #expect(try end("capital", "RNN", set: ["data.distance=0"], epochs: 50).testAccuracy! > 0.99)
    }

    @Test("order makes sense of not bad, which the mean of words has none of")
    func sentiment() throws {
        #expect(try learned("sentiment", "LSTM", of: 10, epochs: 30) == 10)
        for seed: UInt64 in 1...5 {
            #expect(try end("sentiment", "RNN", seed: seed, epochs: 30).testAccuracy! > 0.98)
            #expect(try (0.4...0.62).contains(end("sentiment", "Mean", seed: seed, epochs: 30).testAccuracy!))
        }
    }

    @Test("attention finds each symbol by its place, without places not, and an LSTM is behind")
    func attentionCopy() throws {
        #expect(try end("attention-copy", "Attention", epochs: 15).testAccuracy! > 0.99)
        #expect(try end("attention-copy", "Without", epochs: 5).testAccuracy! < 0.8)
        #expect(try end("attention-copy", "LSTM", epochs: 15).testAccuracy! < 0.82)
    }

    @Test("an LSTM and a tanh network know every string of the grammar after 40,000, with plain SGD seldom")
    func reber() throws {
        func legal(_ variant: String, seed: UInt64) throws -> (train: Double?, test: Double?) {
            let end = try end("reber", variant, seed: seed, epochs: 20)
            return (end["trainLegalStrings"], end["testLegalStrings"])
        }
        for seed: UInt64 in 1...3 {
            for variant in ["LSTM", "RNN"] { #expect(try legal(variant, seed: seed) == (1, 1), "\(variant) \(seed)") }
        }
        #expect(try legal("RNN with SGD", seed: 1).test! < 0.9)
    }

    @Test("words around a name tell it, better than designed features, and read from both ends all of them")
    func lastNames() throws {
        func exact(_ name: String, _ variant: String, seed: UInt64 = 1) throws -> Double {
            try end(name, variant, seed: seed, epochs: 30)["testExactMatch"]!
        }
        for seed: UInt64 in 1...3 {
            #expect(try (0.955...0.99).contains(exact("last-names", "RNN", seed: seed)))
            #expect(try (0.62...0.73).contains(exact("last-names", "Designed", seed: seed)))
            #expect(try exact("last-names", "Each", seed: seed) < 0.6)
            #expect(try (0.955...0.99).contains(exact("bidirectional", "Forwards", seed: seed)))
            #expect(try exact("bidirectional", "Both", seed: seed) == 1)
        }
    }

    @Test("after four epochs the tale's letters cost fewer bits than by two letters before")
    func tale() throws {
        let data = try prepare(TrainingRun.experiment("tale").data, features: [], directory: nil)
        let chains = data.referenceLevels.map { $0.testLoss / log(2) }
        #expect(try end("tale", epochs: 4)["bitsPerSymbol"]! < chains[1] - 0.1)
        // The best, which eleven epochs come below (2.01 to 2.04 bits).
        #expect(abs(chains.min()! - 2.08) < 0.01)
    }

    @Test("six dilated convolutions see 63 steps back, and not 64")
    func wavenet() throws {
        #expect(try learned("wavenet-small", "Dilated", of: 5, epochs: 60) == 5)
        for variant in ["One step", "Without"] {
            #expect(try (0.4...0.6).contains(end("wavenet-small", variant, epochs: 60).testAccuracy!), "\(variant)")
        }
    }

    @Test("clipped gradients let all of 20 starts learn, and without clipping nine are lost")
    func exploding() throws {
        #expect(try learned("exploding", "Clipped", of: 20, epochs: 60) == 20)
        for epochs in [60, 200] { #expect(try learned("exploding", of: 20, epochs: epochs) == 11) }
        // The start shown.
        #expect(try end("exploding", epochs: 20).testLoss! > 0.9)
    }

    /// The norms of the loss's gradient at the input of the first step and of the last, of the first weights: means over twenty
    /// sequences.
    private func gradientNorms(_ variant: String, seed: UInt64) throws -> (first: Float, last: Float) {
        var experiment = try TrainingRun.experiment("vanishing-in-time", variant: variant)
        experiment.seed = seed
        let data = try prepare(experiment.data, features: [], directory: nil)
        let description = experiment.network(for: data)
        let network = try NetworkGradient(description, capacity: 20, ofLoss: true)
        network.load(parameters: try description.initialParameters(seed: seed))
        network.run((0..<20).flatMap { data.train.inputs.values(of: $0) }, labels: Array(data.train.labels.prefix(20)))
        func norm(_ values: ArraySlice<Float>) -> Float { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        return (0..<20).reduce((0, 0)) { sums, sample in
            let gradient = network.gradient(layer: .input, sample: sample)
            return (sums.0 + norm(gradient.prefix(3)) / 20, sums.1 + norm(gradient.suffix(3)) / 20)
        }
    }

    /// The gradient at the state fifty steps before the answer as a part of that at the answer, as the loss panel shows it.
    private func lagPart(_ variant: String, seed: UInt64) throws -> Double {
        var experiment = try TrainingRun.experiment("vanishing-in-time", variant: variant)
        experiment.seed = seed
        let snapshot = try Trainer(experiment).snapshot(
            revision: 1, stepsPerSecond: 1, seconds: 1, message: nil, waits: true)
        let steps = try #require(snapshot.data.sequence).steps
        let lags = LagGradientMaker().measure(at: steps - 1, in: snapshot, GradientNetworks())
        let norms = try #require(lags?.lines.first).norms
        return norms[50] / norms[0]
    }

    @Test(
        "fifty steps back a tanh or ReLU network has less than a millionth of the gradient, an LSTM about a thousandth")
    func vanishing() throws {
        for variant in ["tanh", "ReLU"] {
            let small = try (1...20 as ClosedRange<UInt64>).count { seed in
                let norms = try gradientNorms(variant, seed: seed)
                return norms.last > 0 && norms.first < 1e-6 * norms.last
            }
            #expect(small >= 19, "\(variant): \(small)")
        }
        for seed: UInt64 in 1...20 {
            let norms = try gradientNorms("LSTM", seed: seed)
            #expect((0.002...0.5).contains(norms.first / norms.last), "\(seed) \(norms)")
        }
        // At the states, which a user sees: 0.0006 to 0.0025 from ten starts.
        for seed: UInt64 in 1...10 {
            let part = try lagPart("LSTM", seed: seed)
            #expect((0.0004...0.004).contains(part), "\(seed): \(part)")
            #expect(try lagPart("tanh", seed: seed) < 1e-4 * part, "\(seed)")
        }
    }
}
