import Testing

@testable import Engine

/// Networks that learn to give back their input.
@Suite struct ReconstructionTests {
    /// - Parameter inputs: of each sample.
    static func autoencoder(_ layers: String, inputs: Int = 3, loss: String = "squaredError") -> NetworkDescription {
        NetworkDescription(
            input: Shape(inputs), task: .reconstruction, layers: stack(layers), loss: Choice(loss))
    }

    static func samples(_ count: Int, inputs: Int = 3, seed: UInt64 = 1) -> Samples {
        var random = Random(seed: seed)
        return Samples(
            count: count, inputs: (0..<count * inputs).map { _ in Float(random.uniform()) },
            labels: (0..<count).map { Float($0 % 2) })
    }

    static func setup(
        _ layers: String, corruption: Choice? = nil, batchSize: Int = 7, threads: Int = 1, train: Samples? = nil,
        optimizer: Choice = Choice("adam")
    ) -> TrainingSetup {
        TrainingSetup(
            network: autoencoder(layers, inputs: train?.inputs.width ?? 3),
            learning: LearningDescription(
                procedure: Choice("reconstruction", corruption.map { ["corruption": .choice($0)] } ?? [:]),
                optimizer: optimizer, batchSize: batchSize, lastBatch: .carry, shuffle: true),
            train: train ?? samples(40), test: train == nil ? samples(20, seed: 2) : noSamples, seed: 3,
            threads: threads)
    }

    // MARK: - Oracles

    @Test(
        "losses, gradients and weights after 1, 10 and 100 steps are PyTorch's",
        arguments: Fixture.read("autoencoders.txt"))
    func fixtures(_ fixture: Fixture) throws {
        let inputs = fixture.numbers["inputs"]!.map { Float($0) }
        let count = inputs.count / 3
        let descent = try GradientDescent(
            TrainingSetup(
                network: Self.autoencoder(fixture.words["layers"]!, loss: fixture.words["criterion"]!),
                learning: LearningDescription(
                    optimizer: fixture.choice(.optimizer, fixture.words["optimizer"]!), batchSize: count),
                train: Samples(count: count, inputs: inputs, labels: [Float](repeating: 0, count: count)),
                test: noSamples, seed: UInt64(fixture.numbers["seed"]![0])), metrics: Metric.reconstruction)
        var parameters = descent.parameters
        for tensor in descent.outline.tensors {
            let values = try #require(fixture.numbers["start \(tensor.name)"])
            for (index, value) in values.enumerated() { parameters[tensor.offset + index] = Float(value) }
        }
        descent.parameters = parameters
        let start = descent.evaluate()
        #expect(abs(start.trainLoss - fixture.numbers["loss"]![0]) <= 2e-6 * start.trainLoss)
        let penalty = fixture.numbers["divergence"]![0]
        #expect(abs((start["divergence"] ?? 0) - penalty) <= 2e-6 * max(penalty, 0.1))
        func compare(_ key: String, _ flat: [Float], factor: Double = 1, within tolerance: Double) {
            for tensor in descent.outline.tensors {
                let found = flat[tensor.offset..<tensor.offset + tensor.count].map { Double($0) * factor }
                let expected = fixture.numbers["\(key) \(tensor.name)"]!
                let error = zip(found, expected).map { abs($0 - $1) }.max()!
                #expect(error <= tolerance * max(expected.map(abs).max()!, 0.1), "\(key) \(tensor.name): \(error)")
            }
        }
        for step in 1...100 {
            _ = descent.advance()
            if step == 1 {
                compare("gradient", descent.model.gradientBlock.array, factor: 1 / Double(count), within: 1e-5)
            }
            if step == 1 { compare("step1", descent.parameters, within: 5e-6) }
            if step == 10 { compare("step10", descent.parameters, within: 1e-5) }
            if step == 100 { compare("step100", descent.parameters, within: 5e-5) }
        }
        let loss = fixture.numbers["loss100"]![0]
        #expect(abs(descent.evaluate().trainLoss - loss) <= 5e-5 * loss)
    }

    @Test("a linear autoencoder spans the plane of the first two principal components")
    func principalPlane() throws {
        // Five columns made of five hidden ones with deviations 2, 1.4, 0.5, 0.3 and 0.2.
        var random = Random(seed: 5)
        let (count, width) = (300, 5)
        let mixing = (0..<width * width).map { _ in random.uniform(-1, 1) }
        var rows: [[Double]] = []
        for _ in 0..<count {
            let hidden = [2, 1.4, 0.5, 0.3, 0.2].map { $0 * random.normal() }
            rows.append(
                (0..<width).map { row in (0..<width).reduce(0.3) { $0 + mixing[row * width + $1] * hidden[$1] } })
        }
        let means = (0..<width).map { column in rows.reduce(0) { $0 + $1[column] } / Double(count) }
        let covariance = (0..<width).map { i in
            (0..<width).map { j in rows.reduce(0) { $0 + ($1[i] - means[i]) * ($1[j] - means[j]) } / Double(count) }
        }
        let plane = Self.leading(covariance, count: 2)

        var setup = Self.setup(
            "dense:2:linear@code dense:5:linear", batchSize: count,
            train: Samples(
                count: count, inputs: rows.flatMap { $0.map { Float($0) } }, labels: [Float](repeating: 0, count: count)
            ),
            optimizer: Choice("adam", ["learningRate": .real(0.02)]))
        setup.learning.shuffle = false
        let procedure = try setup.procedure()
        for _ in 0..<3000 { _ = procedure.advance(steps: 1) }
        let decoder = try #require(procedure.outline.tensors.first { $0.name == "layers.1.weight" })
        let columns = (0..<2).map { unit in
            (0..<width).map { Double(procedure.parameters[decoder.offset + 2 * $0 + unit]) }
        }
        let spanned = Self.orthonormal(columns)
        // Each direction of one plane lies in the other: its part outside is the sine of a principal angle at most.
        for direction in plane {
            var rest = direction
            for basis in spanned {
                let share = zip(direction, basis).reduce(0) { $0 + $1.0 * $1.1 }
                rest = zip(rest, basis).map { $0 - share * $1 }
            }
            let outside = rest.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(outside < 1e-2, "\(outside)")
        }
    }

    /// Eigenvectors of the largest eigenvalues, by repeated multiplication.
    private static func leading(_ matrix: [[Double]], count: Int) -> [[Double]] {
        var found = (0..<count).map { number in matrix.indices.map { $0 == number ? 1.0 : 0.1 } }
        for _ in 0..<2000 {
            found = orthonormal(
                found.map { vector in matrix.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } } })
        }
        return found
    }

    private static func orthonormal(_ vectors: [[Double]]) -> [[Double]] {
        var basis: [[Double]] = []
        for vector in vectors {
            var own = vector
            for other in basis {
                let share = zip(own, other).reduce(0) { $0 + $1.0 * $1.1 }
                own = zip(own, other).map { $0 - share * $1 }
            }
            let size = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
            basis.append(own.map { $0 / size })
        }
        return basis
    }

    // MARK: - Targets

    @Test("targets are the inputs' own memory, floats and bytes, and no label is asked for")
    func sharedMemory() throws {
        let head = try Plan(Self.autoencoder("dense:3:linear")).head
        func resident(_ samples: Samples) throws -> ResidentSamples {
            try ResidentSamples(samples, task: .reconstruction, head: head, inputs: 3, place: "training data")
        }
        let floats = try resident(Self.samples(5))
        #expect(floats.targets.block === floats.inputs.block && floats.shownTargets.block === floats.inputs.block)
        let builder = try ImageBuilder(count: 2, width: 3)
        for sample in 0..<2 { for unit in 0..<3 { builder.bytes(of: sample)[unit] = UInt8(50 * sample + unit) } }
        let bytes = try resident(Samples(inputs: builder.store(white: 255, means: [0], scales: [1]), labels: []))
        #expect(bytes.targets.bytes === bytes.inputs.bytes && bytes.targets.bytes != nil)
    }

    @Test("bytes and the same numbers as floats train to the same bits")
    func bytesAndFloats() throws {
        let builder = try ImageBuilder(count: 30, width: 3)
        var random = Random(seed: 1)
        var floats: [Float] = []
        for sample in 0..<30 {
            for unit in 0..<3 {
                let byte = UInt8(random.uniform() * 255)
                builder.bytes(of: sample)[unit] = byte
                floats.append(Float(byte) / 255)
            }
        }
        let labels = [Float](repeating: 0, count: 30)
        let all = [
            Samples(inputs: builder.store(white: 255, means: [0], scales: [1]), labels: labels),
            Samples(count: 30, inputs: floats, labels: labels),
        ]
        let parameters = try all.map { samples in
            let procedure = try Self.setup("dense:2:tanh dense:3:linear", train: samples).procedure()
            for _ in 0..<50 { _ = procedure.advance(steps: 1) }
            return procedure.parameters
        }
        #expect(parameters[0] == parameters[1])
    }

    @Test("the error is the mean square over all values, and the loss half the sum over a sample's")
    func metrics() throws {
        let procedure = try Self.setup("dense:2:tanh dense:3:linear").procedure()
        let measured = procedure.measure()
        #expect(measured.metrics.map(\.id) == Metric.reconstruction.map(\.id) && measured.confusion == nil)
        let error = try #require(measured["reconstructionError"])
        #expect(abs(error - measured.testLoss! * 2 / 3) < 1e-9)
        #expect(measured["divergence"] == nil)
    }

    @Test(
        "a mistake is named, with what would fit",
        arguments: [
            ("dense:2:tanh", "squaredError", "layers", "expected 3 values at their end, found 2"),
            ("dense:3:tanh", "softmaxCrossEntropy", "output.loss", "choose one of squaredError"),
            ("", "squaredError", "layers", "found none that learns"),
            ("!dense:3:tanh", "squaredError", "layers", "found none that learns"),
        ]) func mistakes(_ layers: String, _ loss: String, _ place: String, _ message: String) throws
    {
        let error = #expect(throws: EngineError.self) { try Plan(Self.autoencoder(layers, loss: loss)) }
        #expect(error?.place == place && error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test("symbols, sequences of different lengths and inputs outside a loss's range are refused")
    func refusals() throws {
        for form in [SequenceForm(vocabulary: 5), SequenceForm(hasLengths: true)] {
            var network = Self.autoencoder("lstm:units=2:returns=all")
            (network.input, network.sequence) = (Shape(4, 2), form)
            let error = #expect(throws: EngineError.self) { try Plan(network) }
            #expect(error?.place == "training.procedure" && error?.message.contains("expected amounts") == true)
        }
        var setup = Self.setup("dense:2:tanh dense:3:linear")
        setup.network.loss = Choice("binaryCrossEntropy")
        _ = try setup.procedure()
        setup.train = Samples(count: 1, inputs: [0.5, 1.5, 0], labels: [0])
        let error = #expect(throws: EngineError.self) { try setup.procedure() }
        #expect(
            error?.place == "output.loss"
                && error?.message.contains("input 1 of sample 0 of the training data is 1.5") == true)
    }

    // MARK: - Corruption

    static let corruptions = [
        Choice("mask", ["rate": .real(0.4)]), Choice("gaussian", ["deviation": .real(0.2)]),
        Choice("saltPepper", ["rate": .real(0.3)]),
    ]

    @Test(
        "the inputs are corrupted, the targets clean, and both hang on seed, pass and sample alone",
        arguments: corruptions)
    func clean(_ corruption: Choice) throws {
        let samples = Self.samples(40)
        let descent = try GradientDescent(Self.setup("dense:2:tanh dense:3:linear", corruption: corruption))
        let pass = descent.model.pass
        func gather(first: Int, counter: UInt64) -> (inputs: [[Float]], targets: [[Float]]) {
            descent.feed.gatherChanged(into: pass, order: nil, first: first, count: 5, seed: 9, counter: counter)
            func read(_ slice: Slice) -> [[Float]] {
                (0..<5).map { lane in (0..<3).map { pass.value(slice, unit: $0, sample: lane) } }
            }
            return (read(pass.program.input), read(pass.program.target))
        }
        let (inputs, targets) = gather(first: 10, counter: 4)
        for lane in 0..<5 { #expect(targets[lane] == samples.inputs.values(of: 10 + lane)) }
        #expect(inputs != targets)
        #expect(gather(first: 12, counter: 4).inputs[0] == inputs[2], "the place in the batch does not matter")
        #expect(gather(first: 10, counter: 5).inputs != inputs, "each pass draws anew")
        let alone = try samples.inputs.corrupted(12, shape: Shape(3), corruption, seed: 9, counter: 4)
        #expect(alone == inputs[2])
    }

    @Test("a mask meets its share of the values, salt and pepper the ends of the range, noise its deviation")
    func statistics() throws {
        let store = SampleStore((0..<200 * 50).map { Float($0 % 50 == 0 ? -2 : $0 % 50 == 1 ? 3 : 0.5) }, count: 200)
        let shape = Shape(1, 5, 10)
        func corrupted(_ choice: Choice) throws -> [Float] {
            try (0..<200).flatMap { try store.corrupted($0, shape: shape, choice, seed: 1, counter: 0) }
        }
        let inner = (0..<10_000).filter { $0 % 50 > 1 }
        let masked = try corrupted(Choice("mask", ["rate": .real(0.25)]))
        let share = Double(inner.count { masked[$0] == 0 }) / Double(inner.count)
        #expect(abs(share - 0.25) < 0.02 && inner.allSatisfy { masked[$0] == 0 || masked[$0] == 0.5 })
        let salted = try corrupted(Choice("saltPepper", ["rate": .real(0.2)]))
        let (low, high) = (inner.count { salted[$0] == -2 }, inner.count { salted[$0] == 3 })
        #expect(
            abs(Double(low) / Double(inner.count) - 0.1) < 0.02 && abs(Double(high) / Double(inner.count) - 0.1) < 0.02)
        #expect(inner.allSatisfy { [-2, 0.5, 3].contains(salted[$0]) })
        let noisy = try corrupted(Choice("gaussian", ["deviation": .real(0.5)]))
        let squares = inner.reduce(0.0) { $0 + Double(noisy[$1] - 0.5) * Double(noisy[$1] - 0.5) }
        #expect(abs((squares / Double(inner.count)).squareRoot() - 0.5) < 0.02)
        #expect(try corrupted(Choice("none")) == store.values)
    }

    @Test("a run repeats bit by bit, restored in mid-epoch and whatever threads share it", arguments: corruptions)
    func repeats(_ corruption: Choice) throws {
        let layers = "dense:900:tanh dense:700:tanh dense:3:linear"
        let setups = [1, 2].map {
            Self.setup(layers, corruption: corruption, batchSize: 64, threads: $0, train: Self.samples(130))
        }
        let (one, other) = (try setups[0].procedure(), try setups[1].procedure())
        for _ in 0..<3 { _ = one.advance(steps: 1) }
        try other.restore(one.state)
        for _ in 0..<3 {
            _ = one.advance(steps: 1)
            _ = other.advance(steps: 1)
        }
        #expect(one.state == other.state)
    }

    @Test("another corruption is taken while training goes on, and an unknown one refused")
    func live() throws {
        let plain = Self.setup("dense:2:tanh dense:3:linear")
        let procedure = try plain.procedure()
        _ = procedure.advance(steps: 3)
        try procedure.apply(Self.setup("", corruption: Self.corruptions[0]).learning, to: nil)
        _ = procedure.advance(steps: 2)
        #expect(procedure.step == 5)
        let error = #expect(throws: EngineError.self) {
            try procedure.apply(Self.setup("", corruption: Choice("mist")).learning, to: nil)
        }
        #expect(error?.place == "training.procedure.reconstruction.corruption")
    }

    @Test("denoising, the error on clean samples falls")
    func learns() throws {
        // Three columns that say the same.
        var random = Random(seed: 2)
        let inputs = (0..<100).flatMap { _ -> [Float] in
            let value = Float(random.uniform(-1, 1))
            return [value, value, -value]
        }
        let samples = Samples(count: 100, inputs: inputs, labels: [Float](repeating: 0, count: 100))
        let procedure = try Self.setup(
            "dense:6:tanh dense:3:linear", corruption: Choice("mask", ["rate": .real(0.1)]), train: samples,
            optimizer: Choice("adam", ["learningRate": .real(0.01)])
        ).procedure()
        let before = procedure.measure()["reconstructionError"]!
        for _ in 0..<60 { _ = procedure.advanceEpoch() }
        #expect(procedure.measure()["reconstructionError"]! < before / 3)
    }

    // MARK: - Codes

    @Test(
        "a sampled code is its mean outside training, and within it has the mean and the deviation that the encoder gives"
    )
    func sampledCode() throws {
        let network = Self.autoencoder("sampledCode:units=1 dense:3:linear")
        let plan = try Plan(network)
        let parameters = try Block(count: plan.outline.flatCount)
        let bias = plan.outline.tensors.first { $0.name == "layers.0.bias" }!
        parameters[bias.offset] = 0.7
        parameters[bias.offset + 1] = -1.4
        let passes = try [CPUPass.Part.evaluation, .training].map {
            try CPUPass(
                plan.program, part: $0, capacity: 2000, parameters: parameters,
                gradients: Block(count: plan.outline.flatCount))
        }
        let code = plan.program.layers[0].activation
        for pass in passes { pass.run(count: 2000, seed: 4, counter: 1) }
        #expect(passes[0].value(code, unit: 0, sample: 17) == 0.7)
        let drawn = (0..<2000).map { Double(passes[1].value(code, unit: 0, sample: $0)) }
        let mean = drawn.reduce(0, +) / 2000
        let variance = drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2000
        #expect(abs(mean - 0.7) < 0.05 && abs(variance - 0.2466) < 0.03)
    }

    @Test("a sparse code's units come to their target, which without the penalty they do not")
    func sparseCode() throws {
        func mean(_ layers: String) throws -> Double {
            let procedure = try Self.setup(
                layers, batchSize: 40, optimizer: Choice("adam", ["learningRate": .real(0.02)])
            ).procedure()
            for _ in 0..<400 { _ = procedure.advanceEpoch() }
            let network = try Network(procedure.model.network, capacity: 40)
            network.load(parameters: procedure.parameters)
            network.forward(Self.samples(40).inputs.values, count: 40)
            let sum = (0..<4).reduce(0.0) { sum, unit in
                (0..<40).reduce(sum) {
                    $0 + Double(network.value(layer: 0, stage: .activation, unit: unit, sample: $1))
                }
            }
            return sum / 160
        }
        #expect(try abs(mean("dense:4:sigmoid sparsity:target=0.1:weight=1 dense:3:linear") - 0.1) < 0.03)
        #expect(try mean("dense:4:sigmoid dense:3:linear") > 0.25)
    }
}

/// The layers behind one of a network's.
@Suite struct NetworkTailTests {
    @Test(
        "what lies behind a layer answers its values as the whole network does, tied layers and drawn codes too",
        arguments: [
            ("dense:4:tanh dense:2:tanh@code dense:4:sigmoid dense:3:linear", 1),
            ("dense:2:tanh@code dense:3:linear~code", 0),
            ("dense:4:tanh sampledCode:units=2 dense:3:linear", 1),
            ("dense:2:linear residual( dense:3:tanh dense:2:tanh | ) dense:3:tanh", 0),
        ]) func answers(_ layers: String, _ layer: Int) throws
    {
        let description = ReconstructionTests.autoencoder(layers)
        let network = try Network(description, capacity: 5)
        let parameters = try description.initialParameters(seed: 3)
        network.load(parameters: parameters)
        network.forward(ReconstructionTests.samples(5).inputs.values, count: 5)
        func values(_ path: LayerPath) -> [Float] {
            let units = network.outline[path]!.output.count
            return (0..<5).flatMap { sample in
                (0..<units).map { network.value(layer: path, stage: .activation, unit: $0, sample: sample) }
            }
        }
        let tail = try #require(try NetworkTail(description, behind: LayerPath(layer), capacity: 2))
        tail.load(parameters: parameters)
        #expect(tail.outputs(of: values(LayerPath(layer))) == values(network.outline.output))
    }

    @Test("there is none behind a layer that another way leads around")
    func around() throws {
        let description = ReconstructionTests.autoencoder("residual( dense:2:tanh dense:3:linear | ) dense:3:linear")
        #expect(try NetworkTail(description, behind: LayerPath("0.body.0")!, capacity: 2) == nil)
        #expect(try NetworkTail(description, behind: LayerPath(0), capacity: 2) != nil)
    }
}
