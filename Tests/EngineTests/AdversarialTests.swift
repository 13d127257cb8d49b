import Testing

@testable import Engine

/// A generator and a discriminator: their gradients beside PyTorch's, and what they learn.
@Suite("Adversarial networks") struct AdversarialTests {
    static let fixtures = Fixture.read("adversarial.txt")
    /// Those without a sigmoid.
    static let critics = fixtures.filter { !AdversarialLoss.named($0.id).isProbability }
    private static let tanh = Choice("tanh")

    /// From noise over samples of two values to an answer.
    static func network(_ noise: Int = 3, generator: [Int] = [5, 2], discriminator: [Int] = [4, 3])
        -> NetworkDescription
    {
        NetworkDescription(
            input: Shape(2), task: .classification(classes: 2),
            layers: generator.map { dense($0, tanh) } + [Choice("generated")] + discriminator.map { dense($0, tanh) })
    }

    private static func learning(_ knobs: [String: KnobValue] = [:], batch: Int = 6) -> LearningDescription {
        LearningDescription(procedure: Choice("adversarial", knobs), optimizer: Choice("adam"), batchSize: batch)
    }

    static func setup(
        _ knobs: [String: KnobValue] = [:], network: NetworkDescription = AdversarialTests.network(), count: Int = 60,
        batch: Int = 6,
        seed: UInt64 = 3
    ) -> TrainingSetup {
        TrainingSetup(
            network: network, learning: learning(["noise": .integer(3)].merging(knobs) { $1 }, batch: batch),
            train: points(count), test: noSamples, seed: seed)
    }

    /// The networks of a fixture with its parameters: the discriminator's alone, and the whole one with the generator's pass.
    private struct Parts {
        let loss: AdversarialLoss
        let model: Model
        let generator: GeneratorPass
        let discriminator: Discriminator
        let count: Int

        init(_ fixture: Fixture) throws {
            loss = AdversarialLoss.named(fixture.id)
            let learning = AdversarialTests.learning(["loss": .text(fixture.id), "noise": .integer(3)])
            let network = Catalogue.adapted(AdversarialTests.network(), to: learning.procedure)
            count = fixture.numbers["real"]!.count / 2
            let plan = try Plan(network)
            model = try Model(network, plan: plan, optimizer: learning.optimizer, batchSize: count, threads: 1)
            for tensor in plan.outline.tensors {
                let values = try #require(fixture.numbers["start \(tensor.name)"])
                for (index, value) in values.enumerated() { model.parameterBlock[tensor.offset + index] = Float(value) }
            }
            generator = try GeneratorPass(network, model, samples: count)
            discriminator = try Discriminator(
                network, outline: plan.outline, learning: learning, optimizer: learning.optimizer, samples: count)
            discriminator.places.copy(from: model.parameterBlock, to: discriminator.model.parameterBlock)
            generator.pass.write(
                fixture.numbers["noise"]!.map { Float($0) }, to: generator.pass.program.input, count: count)
        }

        /// Real samples and the generated ones side by side.
        func fill(_ fixture: Fixture) {
            generator.make(count: count, seed: 0, counter: 0)
            let pass = discriminator.model.pass
            pass.write(fixture.numbers["real"]!.map { Float($0) }, to: pass.program.input, count: count)
            for unit in 0..<2 {
                (discriminator.inputs + unit * pass.stride + count).update(
                    from: generator.pass.rows(generator.made) + unit * generator.pass.stride, count: count)
            }
        }

        func expect(_ key: String, _ fixture: Fixture, of model: Model, shift: Int, within tolerance: Double) {
            for tensor in model.outline.tensors {
                var name = tensor.name
                if shift > 0, name.hasPrefix("layers.") {
                    name = "layers.\(Int(String(name.dropFirst(7).first!))! + shift)" + name.dropFirst(8)
                }
                guard let expected = fixture.numbers["\(key) \(name)"] else { continue }
                for (index, value) in expected.enumerated() {
                    let found = Double(model.gradientBlock[tensor.offset + index])
                    #expect(abs(found - value) <= tolerance * max(1, abs(value)), "\(key) \(name) \(index)")
                }
            }
        }
    }

    @Test("both sides' gradients are PyTorch's, for each loss", arguments: fixtures)
    func gradients(_ fixture: Fixture) throws {
        let parts = try Parts(fixture)
        parts.fill(fixture)
        let made = fixture.numbers["made"]!
        for (index, value) in made.enumerated() {
            let found = parts.generator.pass.value(parts.generator.made, unit: index % 2, sample: index / 2)
            #expect(abs(Double(found) - value) < 1e-6)
        }
        parts.discriminator.descend(
            parts.loss, count: parts.count, weight: Float(fixture.numbers["weight"]![0]),
            smoothing: Float(fixture.numbers["smoothing"]![0]), seed: 0, counter: 0)
        parts.expect("discriminator", fixture, of: parts.discriminator.model, shift: 3, within: 1e-5)
        parts.generator.descend(parts.loss, count: parts.count, seed: 0, counter: 0)
        parts.expect("generator", fixture, of: parts.model, shift: 0, within: 1e-5)
    }

    @Test("the slope penalty's gradient is that of PyTorch's double backward, to a thousandth", arguments: critics)
    func penalty(_ fixture: Fixture) throws {
        let parts = try Parts(fixture)
        parts.fill(fixture)
        parts.discriminator.model.gradientBlock.fill(0)
        try parts.discriminator.penalize(3, count: parts.count) { 0.5 }
        parts.expect("penalty", fixture, of: parts.discriminator.model, shift: 3, within: 1e-3)
    }

    @Test("one side is held while the other learns")
    func sides() throws {
        for side in ["generator", "discriminator"] {
            let procedure = try Self.setup(["train": .text(side)]).procedure()
            let before = procedure.parameters
            #expect(procedure.advance(steps: 4) == .stepped)
            let after = procedure.parameters
            for tensor in procedure.outline.tensors where tensor.isTrained {
                let isGenerators = tensor.name.hasPrefix("layers.0.") || tensor.name.hasPrefix("layers.1.")
                let range = tensor.offset..<tensor.offset + tensor.count
                #expect(
                    (before[range] != after[range]) == (isGenerators == (side == "generator")), "\(side) \(tensor.name)"
                )
            }
        }
    }

    @Test("the critic's weights keep their limit, and a penalty needs none")
    func limits() throws {
        let clipped = try Self.setup(["loss": .text("wasserstein"), "clip": .real(0.05)]).procedure()
        _ = clipped.advance(steps: 20)
        for tensor in clipped.outline.tensors
        where tensor.name.hasPrefix("layers.3.") || tensor.name.hasPrefix("output.") {
            #expect(clipped.parameters[tensor.offset..<tensor.offset + tensor.count].allSatisfy { abs($0) <= 0.05 })
        }
        let free = try Self.setup(["loss": .text("wasserstein"), "penalty": .real(1)]).procedure()
        #expect(free.advance(steps: 4) == .stepped && free.parameters.contains { abs($0) > 0.05 })
    }

    @Test("a state goes on to the same bits, with either side's optimizer")
    func state() throws {
        let knobs: [String: KnobValue] = [
            "noiseKind": .text("normal"), "discriminatorOptimizer": .choice(Choice("momentum")),
            "smoothing": .real(0.1),
        ]
        let (one, other) = (try Self.setup(knobs).procedure(), try Self.setup(knobs, seed: 3).procedure())
        _ = one.advance(steps: 3)
        try other.restore(one.state)
        for _ in 0..<30 { #expect(one.advance(steps: 1) == other.advance(steps: 1)) }
        #expect(one.state == other.state && one.measure() == other.measure())
    }

    @Test("settings change while both train")
    func applies() throws {
        let procedure = try Self.setup().procedure()
        _ = procedure.advance(steps: 3)
        var learning = Self.setup(["discriminatorSteps": .integer(1), "loss": .text("minimax")]).learning
        learning.batchSize = 10
        try procedure.apply(learning, to: nil)
        for _ in 0..<3 { #expect(procedure.advanceEpoch() == .finishedEpoch) }
        #expect(procedure.stepsPerEpoch == 6 && procedure.models.map(\.name) == ["generator", "discriminator"])
    }

    @Test("what does not fit is refused in its place")
    func refuses() {
        func error(_ network: NetworkDescription, _ knobs: [String: KnobValue] = [:]) -> EngineError? {
            #expect(throws: EngineError.self) { try Self.setup(knobs, network: network).procedure() }
        }
        var without = Self.network()
        without.layers.remove(at: 2)
        #expect(error(without)?.message.contains("found none") == true)
        var twice = Self.network()
        twice.layers.append(Choice("generated"))
        #expect(error(twice)?.message.contains("found 2") == true)
        #expect(error(Self.network(generator: [5, 3]))?.place == "layers.2.generated")
        #expect(error(Self.network(generator: []))?.place == "layers.0")
        var random = Self.network()
        random.layers.append(dropout(0.2))
        let penalty = error(random, ["loss": .text("wasserstein"), "penalty": .real(1)])
        #expect(penalty?.message.contains("dropout") == true)
    }

    @Test("the divergences are those computed by hand, and coverage counts places")
    func divergence() {
        let (left, right) = (SIMD2<Float>(0.25, 0.25), SIMD2<Float>(0.75, 0.75))
        let grid = SampleDivergence(x: 0...1, y: 0...1, points: [left, left, right, right])
        let same = grid.measure([left, right])
        #expect(same.jensenShannon < 1e-12 && same.coverage == 1)
        // Half of the real points have no generated ones: ½ (½ log₂ (½ / ¾) + ½ log₂ 2) + ½ log₂ (1 / ¾).
        let half = grid.measure([left, left, left, left])
        #expect(abs(half.jensenShannon - 0.3112781) < 1e-6 && half.coverage == 0.5)
        #expect(abs(grid.measure([SIMD2(3, 3)]).jensenShannon - 1) < 1e-12)
        // With half a point in each of 901 cells: q is 4.5 / 454.5 and 0.5 / 454.5; ½ log₂ 50.5 + ½ log₂ 454.5.
        #expect(abs(half.kullbackLeibler - 7.24317) < 1e-4)
    }

    @Test("noise is uniform in 0…1 or normal, and the same for a seed")
    func noise() {
        for isNormal in [false, true] {
            let noise = NoiseInput(dimensions: 1, isNormal: isNormal)
            let count = 20_000
            let rows = UnsafeMutablePointer<Float>.allocate(capacity: count + 16)
            defer { rows.deallocate() }
            var random = Random(seed: 5)
            noise.fill(rows, stride: count + 16, count: count, &random)
            let values = (0..<count).map { Double(rows[$0]) }
            let mean = values.reduce(0, +) / Double(count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
            #expect(abs(mean - (isNormal ? 0 : 0.5)) < 0.03 && abs(variance - (isNormal ? 1 : 1.0 / 12)) < 0.04)
            if !isNormal { #expect(values.allSatisfy { $0 >= 0 && $0 < 1 }) }
            #expect(noise.values(count: 4, seed: 9) == noise.values(count: 4, seed: 9))
        }
    }

    @Test(
        "one sample's way has the networks' values, the losses of both, and derivatives as differences tell",
        arguments: AdversarialLoss.all.map(\.id), [false, true])
    func way(_ loss: String, isReal: Bool) throws {
        let procedure = Choice(
            "adversarial",
            ["noise": .integer(3), "loss": .text(loss), "realWeight": .real(0.9), "smoothing": .real(0.1)])
        let network = Catalogue.adapted(Self.network(), to: procedure)
        let networks = try AdversarialNetworks(network)
        let count = try network.outline().flatCount
        var random = Random(seed: 8)
        var parameters = (0..<count).map { _ in Float(random.uniform() - 0.5) }
        networks.load(parameters: parameters)
        let values: [Float] = isReal ? [0.3, 0.8] : [0.2, 0.9, 0.4]
        let way = try networks.way(of: values, isReal: isReal, by: procedure, derives: true)
        let sample = isReal ? values : try networks.samples(of: values)
        #expect(way.trace.values(2) == sample)
        let answer = try networks.answers(to: sample)[0]
        #expect(way.trace.values(5) == [answer])
        #expect(way.trace.layers.keys.contains(0) == !isReal && way.trace.inputs == (isReal ? [] : values))
        let record = AdversarialLoss.named(loss)
        if isReal {
            let (weight, smoothing) = (record.isProbability ? 0.9 : 1, record.needsSlopeLimit ? 0 : 0.1)
            #expect(way.trace.loss == weight * record.discriminatorLoss(Double(answer), smoothing))
            #expect(way.trace.opposed == nil)
        } else {
            #expect(way.trace.loss == record.generatorLoss(Double(answer)))
            #expect(way.trace.opposed?.value == record.generatedLoss(Double(answer)))
        }
        // Of the numbers that come in, and of each parameter.
        func lossOf(_ values: [Float]) throws -> Double {
            networks.load(parameters: parameters)
            return try networks.way(of: values, isReal: isReal, by: procedure, derives: false).trace.loss!
        }
        func expect(_ derivative: Float, _ difference: Double) {
            #expect(abs(Double(derivative) - difference) < 2e-3, "\(derivative) \(difference)")
        }
        let slopes = isReal ? way.trace.layers[2]!.valueGradients! : way.inputGradients
        for index in values.indices {
            var (more, less) = (values, values)
            more[index] += 0.01
            less[index] -= 0.01
            expect(slopes[index], try (lossOf(more) - lossOf(less)) / 0.02)
        }
        for index in parameters.indices {
            let own = parameters[index]
            parameters[index] = own + 0.01
            let more = try lossOf(values)
            parameters[index] = own - 0.01
            let less = try lossOf(values)
            parameters[index] = own
            expect(way.gradients[index], (more - less) / 0.02)
        }
        #expect(way.gradients.contains { $0 != 0 })
    }

    @Test("convolutions make images of noise")
    func images() throws {
        var network = NetworkDescription(
            input: Shape(1, 8, 8), task: .classification(classes: 10),
            layers: [
                Choice(
                    "conv2dTranspose",
                    ["filters": .integer(4), "kernel": .integer(4), "activation": .choice(Choice("relu"))]),
                Choice("upsample"),
                Choice("conv2d", ["filters": .integer(1), "kernel": .integer(3), "padding": .text("1")]),
                Choice("generated"), Choice("conv2d", ["filters": .integer(3), "kernel": .integer(3)]),
            ])
        network.input = Shape(1, 8, 8)
        let images = Samples(
            count: 20, inputs: (0..<20 * 64).map { Float($0 % 7) / 7 }, labels: [Float](repeating: 0, count: 20))
        let procedure = try TrainingSetup(
            network: network, learning: Self.learning(["noise": .integer(5)], batch: 5), train: images, test: noSamples,
            seed: 1
        ).procedure()
        #expect(procedure.outline.input == Shape(5, 1, 1) && procedure.advance(steps: 4) != .diverged)
        let measured = procedure.measure()
        #expect(measured["jensenShannon"] == nil && measured["variety"] != nil)
    }

    @Test("a generator learns a line: the divergence falls")
    func learns() throws {
        var random = Random(seed: 2)
        let line = (0..<1000).flatMap { _ -> [Float] in
            let t = Float(random.uniform())
            return [0.2 + 0.6 * t, 0.2 + 0.6 * t]
        }
        let relu = Choice("relu")
        var setup = Self.setup(
            [
                "noise": .integer(2), "discriminatorOptimizer": .choice(Choice("adam", ["learningRate": .real(0.002)])),
            ],
            network: NetworkDescription(
                input: Shape(2), task: .classification(classes: 2),
                layers: [
                    dense(16, relu), dense(16, relu), dense(2, Choice("linear")), Choice("generated"), dense(16, relu),
                    dense(16, relu),
                ]))
        setup.train = Samples(count: 1000, inputs: line, labels: [Float](repeating: 0, count: 1000))
        setup.learning.batchSize = 100
        setup.learning.shuffle = true
        setup.ranges = [0...1, 0...1]
        let procedure = try setup.procedure()
        let start = try #require(procedure.measure()["jensenShannon"])
        for _ in 0..<3000 { _ = procedure.advance(steps: 1) }
        let end = try #require(procedure.measure()["jensenShannon"])
        #expect(start > 0.8 && end < 0.78, "\(start) \(end)")
    }
}
