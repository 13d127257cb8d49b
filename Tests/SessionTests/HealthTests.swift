import Datasets
import Engine
import Testing

@testable import Session

@Suite("The health of a run")
struct HealthTests {
    /// A run that is looked at after every so many epochs, as the screen does.
    private struct Watched {
        let trainer: Trainer
        private var updates = UpdateMeter()
        private var clock = 0.0
        private(set) var seen: [(epoch: Int, diagnosis: Diagnosis)] = []

        init(_ experiment: Experiment) throws {
            trainer = try Trainer(experiment)
            trainer.play()
        }

        mutating func health() -> Health? {
            var snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
            snapshot.updates = updates.latest
            var meter = HealthMeter()
            return meter.measure(snapshot, GradientNetworks())?.health
        }

        /// - Returns: the first diagnosis that two looks running have seen; nil: none.
        mutating func run(epochs: Int, every: Int = 1) -> Diagnosis? {
            var candidate: String?
            while trainer.procedure.epoch < epochs {
                clock += 10
                _ = updates.step(trainer, at: clock)
                let ended = trainer.epoch() == .ended
                guard ended || trainer.procedure.epoch % every == 0 else { continue }
                let health = health()
                let word = health?.diagnosis?.word
                if let diagnosis = health?.diagnosis, word == candidate || health?.isFinal == true {
                    return diagnosis
                }
                candidate = word
                if ended { return nil }
            }
            return nil
        }
    }

    private static func experiment(
        _ name: String, _ variant: String? = nil, seed: UInt64? = nil, set: [String] = []
    ) throws -> Experiment {
        var experiment = try TrainingRun.experiment(name, variant: variant).setting(assignments: set)
        if let seed { (experiment.seed, experiment.data.seed) = (seed, seed) }
        experiment.training.stop = Experiment.Stop()
        return experiment
    }

    /// The experiment with a remedy applied, as the key does.
    private static func cured(_ experiment: Experiment, by diagnosis: Diagnosis) throws -> Experiment {
        var session = Session(experiment)
        _ = try session.reduce(try #require(diagnosis.remedy).action)
        #expect(session.canUndo)
        return session.experiment
    }

    struct Sick: Sendable {
        var word: String
        var preset: String
        var variant: String?
        var set: [String] = []
        var epochs: Int
    }

    static let sick: [Sick] = [
        Sick(word: "vanishing", preset: "vanishing-gradients", epochs: 60),
        Sick(
            word: "vanishing in time", preset: "vanishing-in-time", epochs: 60),
        Sick(word: "exploding", preset: "exploding", variant: "Not clipped", epochs: 60),
        Sick(
            word: "dead units", preset: "gauss",
            set: [
                #"layers=[{"dense":{"units":4,"activation":"relu"}}]"#,
                #"initial.values=["layers.0.bias -6 -6 -6 -6"]"#, "training.optimizer.sgd.learningRate=0.3",
            ], epochs: 100),
        Sick(
            word: "diverging", preset: "sine-regression", set: ["training.optimizer.adam.learningRate=30"], epochs: 40),
        Sick(
            word: "saturated units", preset: "circle", set: ["training.optimizer.sgd.learningRate=10"], epochs: 60),
        Sick(word: "overfitting", preset: "overfitting", epochs: 400),
        Sick(word: "rate too small", preset: "learning-rate", variant: "Too small", epochs: 60),
        Sick(word: "rate too large", preset: "learning-rate", variant: "Too large", epochs: 100),
    ]

    @Test("each condition is recognized, and its remedy makes the loss smaller", arguments: sick)
    func recognized(sick: Sick) throws {
        let experiment = try Self.experiment(sick.preset, sick.variant, set: sick.set)
        var run = try Watched(experiment)
        let found = run.run(epochs: sick.epochs)
        let diagnosis = try #require(found, "\(sick.word): nothing was seen")
        #expect(diagnosis.word == sick.word, "\(diagnosis.sentence)")
        #expect(!diagnosis.sentence.hasSuffix("."))
        func loss(_ experiment: Experiment) throws -> Double {
            let trainer = try Trainer(experiment)
            for _ in 0..<sick.epochs { _ = trainer.epoch() }
            let evaluation = trainer.evaluate()
            return sick.word == "overfitting" ? evaluation.testLoss ?? .nan : evaluation.trainLoss
        }
        let (before, after) = (try loss(experiment), try loss(Self.cured(experiment, by: diagnosis)))
        #expect(after.isFinite && (!before.isFinite || after < 0.95 * before), "\(sick.word): \(before) → \(after)")
    }

    @Test("a loss that has hardly fallen is told with the digits that show it")
    func smallFall() throws {
        var run = try Watched(Self.experiment("circle", set: ["training.optimizer.sgd.learningRate=0.00001"]))
        let seen = run.run(epochs: 100)
        let sentence = try #require(seen).sentence
        let words = sentence.split(separator: " ")
        let from = try #require(words.lastIndex(of: "from"), "\(sentence)")
        #expect(words.count == from + 4 && words[from + 1] != words[from + 3], "\(sentence)")
    }

    @Test("layers that see the answer are told; the remedy lets them see no more")
    func seesAnswer() throws {
        let experiment = try Self.experiment(
            "waves", set: [#"layers=[{"conv1d":{"filters":8,"kernel":5,"causal":false,"activation":"tanh"}}]"#])
        var run = try Watched(experiment)
        let found = run.run(epochs: 10)
        let diagnosis = try #require(found)
        #expect(diagnosis.word == "sees the answer" && diagnosis.sentence.contains("conv1d 8 sees already"))
        let cured = try Self.cured(experiment, by: diagnosis)
        var after = try Watched(cured)
        let left = after.run(epochs: 10)
        #expect(left?.word != diagnosis.word)
        func loss(_ experiment: Experiment) throws -> Double {
            let trainer = try Trainer(experiment)
            for _ in 0..<20 { _ = trainer.epoch() }
            return trainer.evaluate().trainLoss
        }
        // To foretell is harder than to copy.
        #expect(try loss(experiment) < loss(cured))
    }

    @Test("of all that is to foretell the next step no preset sees it, nor an autoencoder that gives all steps back")
    func foretellingPresets() throws {
        var count = 0
        for preset in Preset.builtIn {
            let experiment = try Self.experiment(preset.name)
            guard case .sequence(let kind)? = experiment.dataSchema?.kind, kind.targetSteps == kind.steps else {
                continue
            }
            let data = try prepare(experiment.data, features: experiment.features, directory: nil)
            guard data.foretellsInputs else { continue }
            count += 1
            var session = Session(experiment)
            let variants: [Int?] = [nil] + experiment.compare.indices.map { Optional($0) }
            for variant in variants {
                _ = try session.reduce(.variant(variant))
                let notes = try session.experiment.notes(on: data, for: session.experiment.network(for: data).outline())
                #expect(!notes.contains { $0.contains("foretell") }, "\(preset.name): \(notes)")
            }
        }
        #expect(count >= 3)
        var experiment = try Self.experiment("waves", set: [#"layers=[{"conv1d":{"filters":4,"causal":false}}]"#])
        let data = try prepare(experiment.data, features: [], directory: nil)
        let notes = try experiment.notes(on: data, for: experiment.network(for: data).outline())
        #expect(notes == ["each step is to foretell the next, which conv1d 4 sees already; set causal to true"])
        #expect(experiment.foretells(data))
        experiment.training.procedure = Choice("reconstruction")
        #expect(!experiment.foretells(data))
    }

    @Test("gradients are said to vanish in time only where the answers send some back")
    func answered() throws {
        var run = try Watched(Self.experiment("vanishing-in-time"))
        _ = run.run(epochs: 30, every: 31)
        let measured = run.health()
        var health = try #require(measured)
        let snapshot = run.trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        var norm = 1.0
        let fading = (0..<51).map { _ in
            defer { norm *= 0.6 }
            return norm
        }
        func word(_ scale: Double) -> String? {
            health.lags = LagGradients(
                lines: [LagGradients.Line(layer: 0, number: 0, norms: fading.map { $0 * scale })], sequences: 16)
            return Condition.vanishingInTime.recognize(RunFacts(snapshot, health))?.word
        }
        #expect(word(1) == "vanishing in time")
        #expect(word(1e-7) == nil)
    }

    struct Healthy: Sendable {
        var preset: String
        var variant: String?
        var epochs: Int
        var seeds: [UInt64] = [1, 2, 3]
        var every = 1
    }

    static let healthy: [Healthy] = [
        Healthy(preset: "playground", epochs: 150), Healthy(preset: "circle", epochs: 150),
        Healthy(preset: "xor", epochs: 150), Healthy(preset: "gauss", epochs: 100),
        Healthy(preset: "spiral", epochs: 400, every: 5), Healthy(preset: "spirals-softmax", epochs: 200, every: 5),
        Healthy(preset: "sine-regression", epochs: 200, every: 5), Healthy(preset: "adam", epochs: 150, every: 3),
        Healthy(preset: "learning-rate", variant: "Right", epochs: 100),
        Healthy(preset: "vanishing-gradients", variant: "Six ReLU", epochs: 60),
        Healthy(preset: "digits-mlp", epochs: 20, seeds: [1, 2]),
        Healthy(preset: "digits-cnn", epochs: 12, seeds: [1, 2]),
        Healthy(preset: "lines", epochs: 20, seeds: [1, 2]),
        Healthy(preset: "recall-rnn-lstm-gru", variant: "RNN with Adam", epochs: 60, seeds: [1, 2], every: 2),
        Healthy(preset: "recall-rnn-lstm-gru", variant: "LSTM", epochs: 60, seeds: [1, 2], every: 2),
        Healthy(preset: "exploding", variant: "Clipped", epochs: 60, seeds: [1, 2], every: 2),
        Healthy(preset: "adding", epochs: 40, seeds: [1], every: 2),
        Healthy(preset: "parity", epochs: 40, seeds: [1], every: 2),
        Healthy(
            preset: "recall-rnn-lstm-gru", variant: "LSTM with long memory and Adam", epochs: 60, seeds: [1], every: 2),
        Healthy(preset: "autoencoder-curve", epochs: 60),
    ]

    @Test("nothing is found in runs that go well, whatever the seed", arguments: healthy)
    func nothing(healthy: Healthy) throws {
        for seed in healthy.seeds {
            var run = try Watched(Self.experiment(healthy.preset, healthy.variant, seed: seed))
            let diagnosis = run.run(epochs: healthy.epochs, every: healthy.every)
            #expect(
                diagnosis == nil,
                "\(healthy.preset), seed \(seed), epoch \(run.trainer.procedure.epoch): \(diagnosis?.sentence ?? "")")
        }
    }

    @Test("sizes are those of the numbers: a network whose numbers are known")
    func sizes() throws {
        let experiment = try Self.experiment(
            "circle",
            set: [
                #"layers=[{"dense":{"units":2,"activation":"relu"}}]"#,
                #"initial.values=["layers.0.weight 0 0 0 0","layers.0.bias -1 2","output.weight 3 4","output.bias 0"]"#,
            ])
        var run = try Watched(experiment)
        let measured = run.health()
        let health = try #require(measured)
        let hidden = try #require(health[0])
        #expect(hidden.weights == 0)
        // One unit is off, the other is 2 for every sample.
        #expect(hidden.dead == 0.5)
        #expect(abs(hidden.activations - 2.0.squareRoot()) < 1e-6)
        #expect(abs(health.layers[1].weights! - 12.5.squareRoot()) < 1e-6)
        // Off units have values to which gradients come all the same: 3 and 4 times the output's.
        #expect(hidden.gradients! > 0)
        #expect(hidden.weightHistogram!.counts.reduce(0, +) == 4)
    }

    @Test("an update's size is that of the weights' change in it")
    func updates() throws {
        let trainer = try Trainer(Self.experiment("circle"))
        trainer.play()
        let before = trainer.procedure.parameters
        var meter = UpdateMeter()
        #expect(meter.step(trainer, at: 0) != nil)
        #expect(trainer.procedure.step == 1)
        let after = trainer.procedure.parameters
        let tensor = try #require(trainer.procedure.outline.tensors.first { $0.name == "layers.0.weight" })
        let range = tensor.offset..<tensor.offset + tensor.count
        let change = zip(before[range], after[range]).reduce(0.0) { $0 + Double($1.1 - $1.0) * Double($1.1 - $1.0) }
        let size = before[range].reduce(0.0) { $0 + Double($1) * Double($1) }
        #expect(abs(try #require(meter.latest?.ratios[0]) - (change / size).squareRoot()) < 1e-12)
        // Not again before its time.
        #expect(meter.step(trainer, at: 0.1) == nil)
    }

    @Test("looking at a run leaves its bits as they are")
    func bits() throws {
        let experiment = try Self.experiment("spiral")
        let plain = try Trainer(experiment)
        for _ in 0..<5 { _ = plain.epoch() }
        var watched = try Watched(experiment)
        _ = watched.run(epochs: 5)
        #expect(watched.trainer.procedure.parameters == plain.procedure.parameters)
    }
}
