import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@testable import Engine

/// Tasks that are learned one after the other. The clouds and their setup serve the suites of its parts too.
@Suite struct LifeLongTests {
    /// Four clouds in the plane, a class each, in the order left below, right below, left above, right above; further apart to the
    /// sides than upwards, so that the classes below and above are taken for each other until both are seen.
    static func clouds(_ count: Int, seed: UInt64 = 1) -> Samples {
        var random = Random(seed: seed)
        var (inputs, labels): ([Float], [Float]) = ([], [])
        for index in 0..<count {
            let label = index % 4
            inputs += [
                Float(random.uniform(-0.3, 0.3)) + (label % 2 == 0 ? -1 : 1),
                Float(random.uniform(-0.2, 0.2)) + (label < 2 ? -0.5 : 0.5),
            ]
            labels.append(Float(label))
        }
        return Samples(count: count, inputs: inputs, labels: labels)
    }

    static func setup(
        _ knobs: [String: KnobValue], layers: [Choice] = [dense(8, Choice("tanh"))], seed: UInt64 = 3
    ) -> TrainingSetup {
        TrainingSetup(
            network: classifier(layers, loss: Choice("softmaxCrossEntropy"), classes: 4),
            learning: LearningDescription(
                procedure: Choice("lifeLong", knobs), optimizer: Choice("adam", ["learningRate": .real(0.02)]),
                batchSize: 8, lastBatch: .carry, shuffle: true),
            train: clouds(80), test: clouds(40, seed: 2), seed: seed)
    }

    static let byClasses: [String: KnobValue] = ["division": .text("classes"), "epochs": .integer(30)]

    private static func accuracies(_ procedure: any Procedure) -> [Double] {
        let measured = procedure.measure()
        return (1...2).map { measured["task\($0)Accuracy"]! }
    }

    private static func trained(_ knobs: [String: KnobValue], epochs: Int = 60, seed: UInt64 = 3) throws -> [Double] {
        let procedure = try setup(byClasses.merging(knobs) { $1 }, seed: seed).procedure()
        for _ in 0..<epochs { _ = procedure.advanceEpoch() }
        return accuracies(procedure)
    }

    @Test("a task is learned from its own samples, and the accuracy on each is measured")
    func tasks() throws {
        let procedure = try Self.setup(Self.byClasses).procedure()
        #expect(procedure.measure()["task"] == 1)
        // 40 of 80 samples in batches of 8.
        #expect(procedure.stepsPerEpoch == 5)
        for _ in 0..<30 { _ = procedure.advanceEpoch() }
        let first = procedure.measure()
        #expect(first["task"] == 1)
        #expect(first["task1Accuracy"]! > 0.95)
        #expect(first["task2Accuracy"]! < 0.2)
        let mean = (first["task1Accuracy"]! + first["task2Accuracy"]!) / 2
        #expect(abs(first.testAccuracy! - mean) < 1e-9)
        for _ in 0..<30 { _ = procedure.advanceEpoch() }
        let second = procedure.measure()
        #expect(second["task"] == 2 && second["task2Accuracy"]! > 0.95)
        // The last task goes on.
        for _ in 0..<30 { _ = procedure.advanceEpoch() }
        #expect(procedure.measure()["task"] == 2)
    }

    @Test("without a remedy the first task is forgotten; replay keeps it")
    func remedies() throws {
        #expect(try Self.trained([:])[0] < 0.2)
        let replayed = try Self.trained(["remedy": .text("replay"), "kept": .integer(10)])
        #expect(replayed[0] > 0.9 && replayed[1] > 0.9, "\(replayed)")
    }

    @Test("elastic weights hold the first task where an answer is one of the task's classes")
    func elastic() throws {
        // One hidden unit serves both tasks: the second one asks for its opposite.
        func trained(_ knobs: [String: KnobValue]) throws -> (task: [Double], penalty: Double) {
            var setup = Self.setup(
                Self.byClasses.merging(["answers": .text("task")]) { $1 }.merging(knobs) { $1 })
            func turned(_ samples: Samples) -> Samples {
                var values = samples.inputs.values
                for sample in 0..<samples.count {
                    if samples.labels[sample] >= 2 { values[2 * sample] = -values[2 * sample] }
                    values[2 * sample + 1] = 0
                }
                return Samples(count: samples.count, inputs: values, labels: samples.labels)
            }
            setup.network.layers = [dense(1, Choice("tanh"))]
            (setup.train, setup.test) = (turned(setup.train), turned(setup.test))
            let procedure = try setup.procedure()
            for _ in 0..<120 { _ = procedure.advanceEpoch() }
            return (Self.accuracies(procedure), procedure.measure()["elasticPenalty"]!)
        }
        let held = try trained(["remedy": .text("elasticWeights"), "strength": .real(1e5)])
        #expect(held.task[0] > 0.95 && held.penalty > 0)
        #expect(try trained([:]).penalty == 0)
    }

    @Test("answers of one task's classes are compared with these alone, in training and in the figures")
    func limited() throws {
        let procedure = try Self.setup(Self.byClasses.merging(["answers": .text("task")]) { $1 }).procedure()
        let outline = procedure.outline
        let before = procedure.parameters
        for _ in 0..<30 { _ = procedure.advanceEpoch() }
        // The output's rows of the classes 2 and 3 have no gradient in the first task.
        let weight = outline.tensors.first { $0.name == "output.weight" }!
        let after = procedure.parameters
        for index in 0..<weight.count {
            let isMoved = before[weight.offset + index] != after[weight.offset + index]
            #expect(isMoved == (index / weight.axes[1] < 2), "\(index)")
        }
        let confusion = try #require(procedure.measure().testConfusion)
        for truth in 0..<4 {
            for answer in 0..<4 where truth / 2 != answer / 2 { #expect(confusion[truth, answer] == 0) }
        }
    }

    @Test("the gradient with limited answers is that of numeric differences")
    func limitedGradient() throws {
        let procedure = try #require(
            try Self.setup(Self.byClasses.merging(["answers": .text("task"), "remedy": .text("replay")]) { $1 })
                .procedure() as? LifeLong)
        let descent = procedure.descent
        let samples = descent.train
        // Samples of both tasks in one pass, as many as a batch has.
        let count = 8
        descent.model.runPass(
            over: descent.feed, order: nil, first: 0, count: count, seed: 0, counter: 0, adding: false)
        let gradients = descent.model.gradientBlock.array
        func loss() -> Double {
            let layer = descent.model.plan.program.layers.last!.preActivation
            let pass = descent.model.pass
            descent.model.runPass(
                over: descent.feed, order: nil, first: 0, count: count, seed: 0, counter: 0, adding: false)
            return (0..<count).reduce(0.0) { sum, sample in
                let label = Int(samples.labels[sample])
                let own = label < 2 ? 0..<2 : 2..<4
                let z = own.map { Double(pass.value(layer, unit: $0, sample: sample)) }
                return sum + log(z.reduce(0) { $0 + exp($1) }) - z[label - own.lowerBound]
            }
        }
        for tensor in descent.model.outline.tensors {
            for index in tensor.offset..<tensor.offset + tensor.count {
                let value = descent.model.parameterBlock[index]
                descent.model.parameterBlock[index] = value + 0.01
                let above = loss()
                descent.model.parameterBlock[index] = value - 0.01
                let below = loss()
                descent.model.parameterBlock[index] = value
                let numeric = (above - below) / Double((value + 0.01) - (value - 0.01))
                let distance = abs(numeric - Double(gradients[index]))
                #expect(distance < 2e-3 * max(1, abs(numeric)), "\(tensor.name) \(numeric) \(gradients[index])")
            }
        }
    }

    // MARK: - State

    static let kinds: [[String: KnobValue]] = [
        ["remedy": .text("elasticWeights")], ["remedy": .text("replay"), "kept": .integer(5)],
        ["answers": .text("task"), "remedy": .text("elasticWeights")],
        ["answers": .text("task"), "remedy": .text("replay")],
        ["division": .text("firstInput"), "tasks": .integer(3), "remedy": .text("elasticWeights")],
        ["division": .text("permutedInputs"), "tasks": .integer(3), "remedy": .text("replay")],
    ]

    @Test("a state that is restored goes on to the same bits, in mid-epoch and where a task ends", arguments: kinds)
    func restores(_ knobs: [String: KnobValue]) throws {
        let knobs = Self.byClasses.merging(["epochs": .integer(2)]) { $1 }.merging(knobs) { $1 }
        let layers = [dense(5, Choice("tanh")), dropout(0.2)]
        for steps in [0, 3, 13, 27, 40] {
            let first = try Self.setup(knobs, layers: layers).procedure()
            let second = try Self.setup(knobs, layers: layers, seed: 9).procedure()
            for _ in 0..<steps { _ = first.advance(steps: 1) }
            try second.restore(first.state)
            #expect(second.state == first.state && second.measure() == first.measure())
            for _ in 0..<45 { #expect(first.advance(steps: 1) == second.advance(steps: 1)) }
            #expect(first.state == second.state, "after \(steps)")
        }
        // Where a task ends and the next one has not begun.
        let (first, second) = (try Self.setup(knobs).procedure(), try Self.setup(knobs, seed: 9).procedure())
        for _ in 0..<2 { _ = first.advanceEpoch() }
        #expect(first.measure()["task"] == 1)
        try second.restore(first.state)
        for _ in 0..<3 { #expect(first.advanceEpoch() == second.advanceEpoch()) }
        #expect(first.measure()["task"]! >= 2 && first.state == second.state)
    }

    @Test("a state that does not fit changes nothing, and says which part")
    func damagedStates() throws {
        let knobs = Self.byClasses.merging(["epochs": .integer(2), "remedy": .text("elasticWeights")]) { $1 }
        let procedure = try Self.setup(knobs).procedure()
        for _ in 0..<3 { _ = procedure.advanceEpoch() }
        _ = procedure.advance(steps: 2)
        let good = procedure.state
        #expect(good.parts["importance.0"]?.count == good.parameters.count)
        let damages: [(inout TrainingState) -> Void] = [
            { $0.parts["task"] = [7] }, { $0.parts["task"] = [0.5] }, { $0.parts["task"] = [] },
            { $0.parts["importance.0"]![0] = -1 }, { $0.parts["importance.0"]! = [1] },
            { $0.parts["weights.0"]![1] = .nan }, { $0.parts["samples"] = [81] }, { $0.position = 40 },
            { $0.order[0] = $0.order[1] }, { $0.order[0] = 80 },
        ]
        for damage in damages {
            var state = good
            damage(&state)
            #expect(throws: EngineError.self) { try procedure.restore(state) }
            #expect(procedure.state == good)
        }
    }

    @Test("settings change while it learns: the remedy, the epochs of a task, the batches")
    func live() throws {
        let procedure = try Self.setup(Self.byClasses.merging(["epochs": .integer(2)]) { $1 }).procedure()
        for _ in 0..<3 { _ = procedure.advanceEpoch() }
        #expect(procedure.measure()["task"] == 2)
        _ = procedure.advance(steps: 2)
        var learning = procedure.learning
        learning.procedure.knobs["remedy"] = .text("replay")
        learning.procedure.knobs["kept"] = .integer(4)
        learning.batchSize = 20
        try procedure.apply(learning, to: nil)
        // The epoch goes on with the samples that it began with.
        #expect(procedure.stepsPerEpoch == 2)
        while procedure.advance(steps: 1) == .stepped {}
        _ = procedure.advance(steps: 1)
        #expect((procedure as? LifeLong)?.descent.feed.epochSamples == 44)
        learning.procedure.knobs["epochs"] = .integer(50)
        try procedure.apply(learning, to: nil)
        while procedure.advance(steps: 1) == .stepped {}
        _ = procedure.advance(steps: 1)
        #expect(procedure.measure()["task"] == 1)
    }

    @Test("mistakes are told with their places")
    func mistakes() throws {
        func message(_ knobs: [String: KnobValue], _ change: (inout TrainingSetup) -> Void = { _ in }) -> String {
            var setup = Self.setup(knobs)
            change(&setup)
            do {
                _ = try setup.procedure()
                return ""
            } catch { return "\(error.place): \(error.message)" }
        }
        #expect(message(["division": .text("classes"), "tasks": .integer(5)]).contains("too few for 5 tasks"))
        #expect(
            message([:]) {
                $0.network.task = .regression
                $0.network.loss = Choice("squaredError")
            }.contains("choose data with classes"))
        #expect(
            message(["division": .text("classes"), "answers": .text("task")]) {
                $0.network.loss = Choice("squaredError")
            }.contains("output.loss: answers that are limited"))
        #expect(
            message(["remedy": .text("elasticWeights")]) { $0.network.loss = Choice("squaredError") }
                .contains("training.procedure.lifeLong.remedy: elasticWeights measures"))
        #expect(
            message(["remedy": .text("elasticWeights")]) {
                $0.network.layers = [dense(3, Choice("tanh")), Choice("batchNorm")]
            }
            .contains("batch normalization"))
        #expect(
            message(["division": .text("firstInput")]) {
                $0.train = Samples(
                    count: 8, inputs: [Float](repeating: 1, count: 16), labels: [Float](repeating: 0, count: 8))
            }.contains("the first input has the same value"))
        #expect(
            message(["division": .text("classes")]) {
                $0.train = Samples(
                    count: 8, inputs: [Float](repeating: 1, count: 16), labels: [Float](repeating: 0, count: 8))
            }.contains("task 2 has 0 training samples"))
    }
}
