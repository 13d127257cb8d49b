import Foundation
import Testing

@testable import Engine

@Suite("Contrastive divergence: turns, labels, states") struct ContrastiveDivergenceTests {
    private static func rbm(_ units: Int, frozen: Bool = false) -> Choice {
        Choice("rbm", ["units": .integer(units), "frozen": .toggle(frozen)])
    }

    /// Bars and stripes of 3 × 3: rows or columns, each on at even odds.
    private static func bars(_ count: Int, seed: UInt64 = 1) -> Samples {
        var random = Random(seed: seed)
        var (inputs, labels): ([Float], [Float]) = ([], [])
        for _ in 0..<count {
            let label = random.uniform() < 0.5 ? 0 : 1
            let on = (0..<3).map { _ in Float(random.uniform() < 0.5 ? 1 : 0) }
            inputs += (0..<9).map { on[label == 0 ? $0 % 3 : $0 / 3] }
            labels.append(Float(label))
        }
        return Samples(count: count, inputs: inputs, labels: labels)
    }

    private static func setup(
        _ knobs: [String: KnobValue], layers: [Choice], samples: Samples = bars(60), labelled: Int? = nil,
        threads: Int = 1, batch: Int = 20, rate: Double = 0.1, loss: String = "softmaxCrossEntropy"
    ) -> TrainingSetup {
        let labels = knobs["labels"] ?? .text("none")
        return TrainingSetup(
            network: NetworkDescription(
                input: Shape(samples.inputs.width), task: .classification(classes: 2), layers: layers,
                loss: Choice(labels == .text("none") ? "binaryCrossEntropy" : loss)),
            learning: LearningDescription(
                procedure: Choice("contrastiveDivergence", knobs),
                optimizer: Choice("momentum", ["learningRate": .real(rate)]), batchSize: batch, shuffle: true,
                labelled: labelled),
            train: samples, test: bars(40, seed: 2), seed: 3, threads: threads)
    }

    @Test(
        "a machine learns bars and stripes: the exact likelihood rises towards the data's own",
        arguments: [(1, false, -4.0), (10, false, -3.2), (5, true, -5.4)])
    func learns(_ steps: Int, _ isPersistent: Bool, _ least: Double) throws {
        let procedure = try Self.setup(
            ["steps": .integer(steps), "persistent": .toggle(isPersistent), "momentum": .real(0)],
            layers: [Self.rbm(12)],
            samples: Self.bars(400)
        ).procedure()
        let start = try #require(procedure.measure()["logLikelihood"])
        for _ in 0..<400 { #expect(procedure.advanceEpoch() == .finishedEpoch) }
        let measured = procedure.measure()
        let end = try #require(measured["logLikelihood"])
        // 9 independent values: 9 ln ½ = −6.24. The data's own: 14 images, −(12 · ln 16 + 4 · ln 8)/16 = −2.6. One step comes
        // to about −3.3, ten to −2.7; persistent chains stay behind at this rate, at −3 to −4.8. The pixels of one image
        // tell each other nearly for certain: −0.1.
        #expect(start < -6 && end > least && end < -2.5)
        #expect(try #require(measured["pseudoLikelihood"]) > -1)
        #expect(abs(try #require(measured["freeEnergyGap"])) < 1)
    }

    @Test("each machine learns in its turn, and the labels come last")
    func turns() throws {
        let setup = Self.setup(
            ["labels": .text("fineTuning"), "epochs": .integer(3)], layers: [Self.rbm(6), Self.rbm(4)])
        let procedure = try setup.procedure()
        for turn in 0..<4 {
            let before = procedure.parameters
            for _ in 0..<3 { #expect(procedure.advanceEpoch() == .finishedEpoch) }
            let changed = procedure.outline.tensors.filter { tensor in
                let span = tensor.offset..<(tensor.offset + tensor.count)
                return before[span] != procedure.parameters[span]
            }.map(\.name)
            let own = ["weight", "bias", "visible_bias"]
            switch turn {
            case 0: #expect(Set(changed) == Set(own.map { "layers.0.\($0)" }))
            case 1: #expect(Set(changed) == Set(own.map { "layers.1.\($0)" }))
            default:
                let names = ["weight", "bias"].flatMap { ["layers.0.\($0)", "layers.1.\($0)", "output.\($0)"] }
                #expect(Set(changed) == Set(names))
            }
            #expect(procedure.measure()["learningLayer"] == (turn < 2 ? Double(turn + 1) : 0))
        }
        #expect(procedure.epoch == 12 && procedure.step == 36)
    }

    @Test("only so many labels are used, and all samples before")
    func labelled() throws {
        let procedure = try Self.setup(
            ["labels": .text("fineTuning"), "epochs": .integer(2)], layers: [Self.rbm(6)], labelled: 20
        ).procedure()
        #expect(procedure.stepsPerEpoch == 3)
        for _ in 0..<3 { _ = procedure.advanceEpoch() }
        #expect(procedure.stepsPerEpoch == 1 && procedure.step == 7)
    }

    @Test("labels beside a machine's values are learned with them: it tells the class, and draws images of one")
    func joint() throws {
        let setup = Self.setup(
            ["labels": .text("joint"), "epochs": .integer(150), "steps": .integer(5), "momentum": .real(0)],
            layers: [Self.rbm(16), Self.rbm(16)], samples: Self.bars(400))
        let procedure = try setup.procedure()
        for _ in 0..<300 { _ = procedure.advanceEpoch() }
        // A quarter of the images, empty or full, are both bars and stripes: 87.5 % can be told.
        #expect(try #require(procedure.measure().testAccuracy) > 0.7)
        let chains = try #require(
            try GibbsChains(procedure.model.network, chains: 64, withLabels: true))
        chains.load(parameters: procedure.parameters)
        for label in 0..<2 {
            chains.hold(GibbsChains.Held(classes: Array(repeating: label, count: 64)))
            chains.begin(seed: 7)
            chains.run(steps: 100)
            #expect(chains.labels == Array(repeating: label, count: 64))
            // How much pixels of a column, or of a row, differ.
            let images = chains.inputs
            var apart = [0.0, 0.0]
            for chain in 0..<64 {
                for line in 0..<3 {
                    let column = (0..<3).map { Double(images[chain * 9 + $0 * 3 + line]) }
                    let row = (0..<3).map { Double(images[chain * 9 + line * 3 + $0]) }
                    apart[0] += column.max()! - column.min()!
                    apart[1] += row.max()! - row.min()!
                }
            }
            #expect(apart[label] < 0.7 * apart[1 - label])
        }
    }

    @Test(
        "a state in mid-epoch goes on to the same bits, chains and labels included",
        arguments: ["none", "joint", "fineTuning"])
    func restores(_ labels: String) throws {
        for knobs in [["persistent": KnobValue.toggle(true)], ["steps": .integer(2)]] {
            let setup = Self.setup(
                knobs.merging(["labels": .text(labels), "epochs": .integer(3)]) { $1 },
                layers: [Self.rbm(6), Self.rbm(5)])
            for count in [4, 14, 25] {
                let (first, second) = (try setup.procedure(), try setup.procedure())
                for _ in 0..<count { _ = first.advance(steps: 1) }
                try second.restore(first.state)
                #expect(first.state == second.state && first.measure() == second.measure())
                for _ in 0..<20 { #expect(first.advance(steps: 1) == second.advance(steps: 1)) }
                #expect(first.state == second.state)
                #expect(first.epoch == second.epoch && first.step == second.step)
            }
        }
    }

    @Test("threads that share a step change no bit", arguments: ["none", "joint"])
    func threads(_ labels: String) throws {
        var random = Random(seed: 1)
        let samples = Samples(
            count: 128, inputs: (0..<128 * 96).map { _ in Float(random.uniform()) },
            labels: (0..<128).map { Float($0 % 2) })
        let states = try [1, 3].map { threads in
            let procedure = try Self.setup(
                ["labels": .text(labels), "persistent": .toggle(true)], layers: [Self.rbm(80)], samples: samples,
                threads: threads, batch: 64
            ).withoutTests.procedure()
            for _ in 0..<6 { _ = procedure.advance(steps: 1) }
            return procedure.state
        }
        #expect(states[0] == states[1])
    }

    @Test("settings change while it learns: the momentum stays, other chains begin anew")
    func settings() throws {
        let setup = Self.setup(["epochs": .integer(5)], layers: [Self.rbm(6), Self.rbm(4)])
        let procedure = try setup.procedure()
        for _ in 0..<4 { _ = procedure.advance(steps: 1) }
        let velocity = procedure.state.nested("pairs")?.parts["velocity"]
        var learning = setup.learning
        learning.batchSize = 15
        learning.procedure.knobs["persistent"] = .toggle(true)
        try procedure.apply(learning, to: nil)
        #expect(procedure.stepsPerEpoch == 4)
        #expect(procedure.state.nested("pairs")?.parts["velocity"] == velocity)
        for _ in 0..<40 { #expect(procedure.advance(steps: 1) != .diverged) }
        #expect(procedure.measure()["learningLayer"] == 2)
        // Fewer epochs a layer than have passed, then more again.
        learning.procedure.knobs["epochs"] = .integer(1000)
        try procedure.apply(learning, to: nil)
        #expect(procedure.measure()["learningLayer"] == 1)
    }

    @Test("a frozen machine has no turn")
    func frozen() throws {
        let procedure = try Self.setup([:], layers: [Self.rbm(6, frozen: true), Self.rbm(4)]).procedure()
        let before = procedure.parameters
        _ = procedure.advanceEpoch()
        let tensor = procedure.outline.tensors.first { $0.name == "layers.0.weight" }!
        let span = tensor.offset..<(tensor.offset + tensor.count)
        #expect(before[span] == procedure.parameters[span] && before != procedure.parameters)
        #expect(procedure.measure()["learningLayer"] == 2)
    }

    @Test("what does not suit is said with its place")
    func mistakes() throws {
        func expect(_ setup: TrainingSetup, _ place: String, _ words: String) {
            do {
                _ = try setup.procedure()
                Issue.record("expected a mistake at \(place)")
            } catch {
                #expect(error.place == place && error.message.contains(words), "\(error.place): \(error.message)")
            }
        }
        expect(
            Self.setup(["labels": .text("fineTuning")], layers: [dense(3, Choice("tanh"))]), "layers",
            "begin with an rbm")
        expect(
            Self.setup(["labels": .text("joint")], layers: [Self.rbm(3), dense(3, Choice("tanh"))]), "layers.1",
            "fineTuning")
        expect(
            Self.setup(["labels": .text("joint")], layers: [Self.rbm(3)], loss: "squaredError"), "output.loss",
            "softmaxCrossEntropy")
        var gaussian = Self.rbm(3)
        gaussian.knobs["visible"] = .text("gaussian")
        expect(Self.setup([:], layers: [Self.rbm(3), gaussian]), "layers.1.rbm.visible", "only the first")
        expect(
            Self.setup(["labels": .text("fineTuning")], layers: [Self.rbm(3)], samples: points(20)).withoutTests,
            "layers.0.rbm.visible", "gaussian")
        expect(
            Self.setup(["labels": .text("fineTuning")], layers: [Self.rbm(3, frozen: true)]), "layers", "frozen")
    }
}

extension TrainingSetup {
    fileprivate var withoutTests: TrainingSetup {
        var setup = self
        setup.test = noSamples
        return setup
    }
}
