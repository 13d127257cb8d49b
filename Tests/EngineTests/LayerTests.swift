import CKernels
import Testing

@testable import Engine

@Suite("Layers")
struct LayerTests {
    /// The outputs of a noise layer for zeros in training: one row of `samples` numbers for each of `units`.
    private func noise(deviation: Double, units: Int, samples: Int, counter: UInt64) throws -> [[Float]] {
        var description = classifier([Choice("noise", ["deviation": .real(deviation)])])
        description.input = Shape(units)
        let plan = try Plan(description)
        let (parameters, gradients) = (
            try Block(count: plan.outline.flatCount), try Block(count: plan.outline.flatCount)
        )
        let pass = try CPUPass(
            plan.program, part: .training, capacity: samples, parameters: parameters, gradients: gradients)
        pass.run(count: samples, seed: 11, counter: counter)
        return (0..<units).map { unit in
            (0..<samples).map { pass.value(plan.program.layers[0].activation, unit: unit, sample: $0) }
        }
    }

    @Test("the rows before a linear activation layer are those that it passes on, whatever lies before it")
    func linearActivation() throws {
        let linear = Choice("activation", ["function": .choice(Choice("linear"))])
        let layers = try Plan(classifier([Choice("dense"), linear])).program.layers
        #expect(layers[1].activation == layers[0].activation && layers[1].preActivation == layers[0].activation)
        #expect(layers[0].preActivation != layers[0].activation)
    }

    @Test("a batch that is too small for a layer is refused, and the samples that none takes are told")
    func smallBatches() throws {
        let normalized = try classifier([Choice("dense"), Choice("batchNorm")]).outline()
        let plain = try classifier([Choice("dense")]).outline()
        var learning = LearningDescription(batchSize: 1)
        #expect(throws: EngineError.self) { try learning.checkBatches(for: normalized) }
        try learning.checkBatches(for: plain)
        learning.batchSize = 10
        try learning.checkBatches(for: normalized)
        #expect(throws: EngineError.self) { try learning.checkBatches(of: 1, for: normalized) }
        for last in [LastBatch.short, .carry] {
            learning.lastBatch = last
            #expect(learning.leftOut(of: 31, for: normalized)?.contains("of 31 in batches of 10 one is left") == true)
            #expect(
                learning.leftOut(of: 30, for: normalized) == nil && learning.leftOut(of: 32, for: normalized) == nil)
            #expect(learning.leftOut(of: 31, for: plain) == nil)
        }
        // Left out at the user's own wish.
        learning.lastBatch = .drop
        #expect(learning.leftOut(of: 31, for: normalized) == nil)
    }

    @Test("a residual block made for an input gives what came in its shape: of rows, of images and of sequences")
    func fittingBlock() throws {
        for shape in [Shape(1), Shape(3), Shape(7), Shape(2, 5, 4), Shape(4, 3)] {
            let last = shape.axes.count == 2 ? [Choice("lastStep")] : []
            var network = classifier([Catalogue.layer("residual", fitting: shape)] + last)
            network.input = shape
            #expect(try Plan(network).outline.layers[0].output == shape, "\(shape)")
        }
        #expect(Catalogue.layer("dense", fitting: Shape(3)) == Choice("dense"))
    }

    /// A residual block in a residual block and so on.
    private func nested(_ depth: Int) -> Choice {
        (0..<depth).reduce(Choice("dense", ["units": .integer(2)])) { inner, _ in
            Choice("residual", ["body": .list([.choice(inner)])])
        }
    }

    @Test("what a network may hold has an end in words: values, layers in blocks, blocks inside each other")
    func limits() throws {
        func refusal(_ layers: [Choice]) -> EngineError? {
            #expect(throws: EngineError.self) { try Plan(classifier(layers)) }
        }
        let doubled = Choice("branches", ["stacks": .list([.list([]), .list([])])])
        let values = refusal([Choice](repeating: doubled, count: 70))
        #expect(values?.place == "layers.25.branches", "\(values?.place ?? "")")
        #expect(values?.message.contains("expected at most 134217728") == true, "\(values?.message ?? "")")

        let body = KnobValue.list([KnobValue](repeating: .choice(Choice("dense", ["units": .integer(2)])), count: 2005))
        let layers = refusal([Choice("residual", ["body": body])])
        #expect(layers?.place == "layers.0.residual.body.1999", "\(layers?.place ?? "")")
        #expect(layers?.message.contains("at most 2000 layers") == true, "\(layers?.message ?? "")")

        let deepest = NetworkDescription.deepestBlock
        _ = try Plan(classifier([nested(deepest)]))
        let depth = refusal([nested(deepest + 1)])
        #expect(
            depth?.message.contains("at most \(deepest) blocks inside each other") == true, "\(depth?.message ?? "")")
    }

    @Test("noise is normal with its deviation, and another for each unit and step")
    func noiseMoments() throws {
        let rows = try noise(deviation: 0.5, units: 4, samples: 5000, counter: 1)
        for row in rows {
            let mean = row.reduce(0, +) / 5000
            let square = row.reduce(0) { $0 + $1 * $1 } / 5000
            let fourth = row.reduce(0) { $0 + $1 * $1 * $1 * $1 } / 5000
            // Four standard errors of each moment of a normal distribution.
            #expect(abs(mean) < 4 * 0.5 / 70.7)
            #expect(abs(square - 0.25) < 4 * 0.25 * 1.414 / 70.7)
            #expect(abs(fourth / (square * square) - 3) < 4 * 4.9 / 70.7)
        }
        #expect(Set(rows).count == 4)
        #expect(try noise(deviation: 0.5, units: 4, samples: 5000, counter: 2)[0] != rows[0])
        #expect(try noise(deviation: 0.5, units: 4, samples: 5000, counter: 1) == rows)
        #expect(try noise(deviation: 0, units: 1, samples: 20, counter: 1)[0].allSatisfy { $0 == 0 })
    }

    @Test("at the top a layer draws by its index, in blocks by its path, each from a stream of its own")
    func streams() throws {
        func streams(_ layers: String) throws -> [Int] {
            try Plan(classifier(stack(layers))).program.trainingForward.compactMap { operation -> Int? in
                guard case .stream(let stream) = operation.kind else { return nil }
                return stream
            }
        }
        #expect(try streams("dense:4:tanh dropout noise") == [1, 2])
        let nested = try streams(
            "dropout residual( dropout residual( noise branches:sum( dropout | dropout ) | ) | ) dropout")
        #expect(nested.count == 6 && Set(nested).count == 6 && nested.first == 0 && nested.last == 2)
        let paths = ["1.body.0", "1.body.1.body.0", "1.body.1.body.1.stacks.0.0", "1.body.1.body.1.stacks.1.0"]
        let hashes = paths.map { Int(stableHash("layers.\($0)".utf8) & 0x3FFF_FFFF) | 0x4000_0000 }
        #expect(Array(nested[1..<5]) == hashes)
    }

    private func normalized(samples: Int, batchSize: Int, lastBatch: LastBatch = .short) throws -> GradientDescent {
        try GradientDescent(
            network: classifier(stack("dense:3:linear batchNorm activation:tanh")),
            learning: LearningDescription(batchSize: batchSize, lastBatch: lastBatch), train: points(samples),
            test: noSamples, seed: 1)
    }

    @Test("batch normalization leaves a last batch of one sample out", arguments: LastBatch.allCases)
    func lastSample(_ lastBatch: LastBatch) throws {
        let descent = try normalized(samples: 41, batchSize: 10, lastBatch: lastBatch)
        #expect(descent.stepsPerEpoch == 4)
        for _ in 0..<3 {
            for _ in 0..<3 { #expect(descent.advance() == .stepped) }
            #expect(descent.advance() == .finishedEpoch)
        }
        #expect(descent.step == 12 && descent.epoch == 3 && descent.feed.carriedCount == 0)
        // Two samples can be compared.
        #expect(try normalized(samples: 42, batchSize: 10).stepsPerEpoch == 5)
    }

    @Test("batch normalization says what batches it needs")
    func tooSmall() throws {
        let error = #expect(throws: EngineError.self) { try normalized(samples: 40, batchSize: 1) }
        #expect(error?.place == "training.batchSize")
        #expect(error?.message.contains("expected at least 2, found 1") == true)
        let single = #expect(throws: EngineError.self) { try normalized(samples: 1, batchSize: 10) }
        #expect(single?.place == "data")
        // Settings that do not fit are refused, and training goes on as it was.
        let descent = try normalized(samples: 40, batchSize: 10)
        var learning = descent.learning
        learning.batchSize = 1
        #expect(throws: EngineError.self) { try descent.apply(learning) }
        #expect(descent.learning.batchSize == 10 && descent.advance() == .stepped)
    }

    @Test(
        "running statistics come to the data's mean and variance, whatever the optimizer", arguments: ["sgd", "adamw"])
    func runningStatistics(_ optimizer: String) throws {
        let samples = points(50)
        let descent = try GradientDescent(
            network: classifier([Choice("batchNorm", ["momentum": .real(1)])]),
            learning: LearningDescription(
                optimizer: Choice(optimizer, optimizer == "adamw" ? ["weightDecay": .real(1)] : [:]), batchSize: 50),
            train: samples, test: noSamples, seed: 1)
        for _ in 0..<3 { _ = descent.advance() }
        for unit in 0..<2 {
            let column = (0..<50).map { Double(samples.inputs[$0, unit]) }
            for (name, expected) in [("mean", column.reduce(0, +) / 50), ("var", variance(column))] {
                let tensor = try #require(descent.model.outline.tensors.first { $0.name == "layers.0.running_\(name)" })
                let found = Double(descent.parameters[tensor.offset + unit])
                #expect(abs(found - expected) < 1e-5 && !tensor.isTrained, "\(name)")
            }
        }
        #expect(descent.model.outline.parameterCount == 4 + 3)
    }

    @Test("running means move once a pass, by that pass alone, also where its gradient is carried on to the next")
    func carriedStatistics() throws {
        let samples = points(45)
        let descent = try GradientDescent(
            network: classifier([Choice("batchNorm", ["momentum": .real(0.25)])]),
            learning: LearningDescription(batchSize: 10, lastBatch: .carry), train: samples, test: noSamples, seed: 1)
        for _ in 0..<6 { _ = descent.advance() }
        let tensor = try #require(descent.model.outline.tensors.first { $0.name == "layers.0.running_mean" })
        for unit in 0..<2 {
            var expected = 0.0
            for rows in [0..<10, 10..<20, 20..<30, 30..<40, 40..<45, 0..<10, 10..<20] {
                let mean = rows.reduce(0) { $0 + Double(samples.inputs[$1, unit]) } / Double(rows.count)
                expected += 0.25 * (mean - expected)
            }
            #expect(abs(Double(descent.parameters[tensor.offset + unit]) - expected) < 1e-5)
        }
    }

    /// The unbiased variance.
    private func variance(_ x: [Double]) -> Double {
        let mean = x.reduce(0, +) / Double(x.count)
        return x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count - 1)
    }

    @Test("every primitive has a kernel, an id and operands of its own")
    func primitives() {
        #expect(Set(Primitive.all.map(\.id)).count == Primitive.all.count)
        #expect(Set(Primitive.all.map(\.kernel.rawValue)) == Set(0..<LC_OP_COUNT.rawValue))
        for primitive in Primitive.all {
            #expect(Set(primitive.operands.map(\.place)).count == primitive.operands.count, "\(primitive.id)")
            #expect(Set(primitive.operands.map(\.name)).count == primitive.operands.count, "\(primitive.id)")
            let needsParts = primitive.isAcrossBatch
            #expect(!needsParts || primitive.part != nil, "\(primitive.id) cannot be shared by threads")
        }
    }
}
