import CKernels
import Testing

@testable import Engine

extension Fixture {
    fileprivate static let all = read("engine.txt") + read("layers.txt")

    func descent() throws -> GradientDescent {
        let hidden = Choice(words["activation"] ?? "")
        var layers = words["layers"].map { stack($0) } ?? [dense(4, hidden), dense(3, hidden)]
        if let rates = numbers["dropout"] { layers = [layers[0], dropout(rates[0]), layers[1], dropout(rates[1])] }
        let labels = numbers["labels"]!.map { Float($0) }
        var network = classifier(layers, loss: Choice(words["criterion"]!), classes: Int(words["classes"]!)!)
        if let axes = numbers["shape"] { network.input = Shape(axes: axes.map { Int($0) }) }
        network.sequence = SequenceForm(
            vocabulary: numbers["vocabulary"].map { Int($0[0]) }, hasLengths: numbers["lengths"] != nil,
            targetSteps: numbers["targetSteps"].map { Int($0[0]) }, continues: numbers["batch"] != nil)
        let count = labels.count / network.targetsPerSample
        let descent = try GradientDescent(
            network: network,
            learning: LearningDescription(
                optimizer: choice(.optimizer, words["optimizer"]!),
                schedule: choice(.schedule, words["schedule"] ?? "constant", knobs: "scheduleKnob"),
                batchSize: numbers["batch"].map { Int($0[0]) } ?? count, l1: numbers["l1"]?[0] ?? 0,
                l2: numbers["l2"]?[0] ?? 0,
                clipNorm: words["clip"].map { Double($0)! }),
            train: Samples(count: count, inputs: numbers["inputs"]!.map { Float($0) }, labels: labels),
            test: noSamples, seed: numbers["seed"].map { UInt64($0[0]) } ?? 1)
        var parameters = descent.parameters
        for tensor in descent.model.outline.tensors {
            let values = try #require(numbers["start \(tensor.name)"])
            try #require(values.count == tensor.count)
            for (index, value) in values.enumerated() { parameters[tensor.offset + index] = Float(value) }
        }
        descent.parameters = parameters
        return descent
    }
}

/// Whole training runs against PyTorch in double precision.
@Suite struct FixtureTests {
    /// The norm of the difference over the norm of what was expected.
    static func relativeError(_ found: [Double], _ expected: [Double]) -> Double {
        func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let size = norm(expected)
        let error = norm(zip(found, expected).map { $0 - $1 })
        return error == 0 ? 0 : error / max(size, 1e-12)
    }

    @Test("every activation, loss, optimizer, schedule, regularizer and layer is pinned")
    func coversTheCatalogue() {
        func ids(_ kind: String) -> Set<String> { Set(Fixture.all.filter { $0.kind == kind }.map(\.id)) }
        #expect(ids("activation") == Set(Catalogue.activations.filter { !$0.entry.outputOnly }.map(\.entry.id)))
        #expect(ids("loss") == Set(Catalogue.losses.map(\.entry.id)))
        #expect(ids("optimizer") == Set(Catalogue.optimizers.map(\.entry.id)))
        #expect(ids("schedule") == Set(Catalogue.schedules.map(\.entry.id)))
        #expect(ids("regularizer").isSuperset(of: ["l1", "l2", "both"]))
        #expect(Fixture.all.contains { $0.kind == "dropout" })
        // Noise has no fixture: see LayerTests. Others have files of their own: see ReconstructionTests, EnergyTests and, of
        // generated, AdversarialTests.
        let words = Fixture.all.compactMap(\.words["layers"]).flatMap { $0.split(separator: " ") }
        let stacked = Set(words.compactMap { $0.split(whereSeparator: { ":(".contains($0) }).first.map(String.init) })
        #expect(
            stacked.union(["dropout", "noise", "sampledCode", "sparsity", "rbm", "generated"]).isSuperset(
                of: Catalogue.layers.map { $0.entry.id }))
    }

    @Test("losses, outputs, gradients and weights after 1, 10 and 100 steps are PyTorch's", arguments: Fixture.all)
    fileprivate func matches(_ fixture: Fixture) throws {
        let name: Comment = "\(fixture.kind) \(fixture.id) \(fixture.words["classes"]!)"
        let descent = try fixture.descent()
        let count = fixture.numbers["labels"]!.count / descent.model.network.targetsPerSample
        // The divisor of the gradient's sum: the targets that there are, in samples.
        let weight =
            fixture.numbers["batch"]?[0]
            ?? Double(fixture.numbers["labels"]!.count { Float($0) != Samples.noLabel })
            / Double(descent.model.network.targetsPerSample)

        let loss = descent.evaluate().trainLoss
        #expect(abs(loss - fixture.numbers["loss"]![0]) <= 1e-6 * abs(loss), name)

        let network = try Network(descent.model.network, capacity: 16)
        network.load(parameters: descent.parameters)
        network.forward(fixture.numbers["inputs"]!.map { Float($0) }, count: count)
        let last = descent.model.outline.output
        let units = descent.model.outline[last]!.output.count
        let outputs = (0..<count).flatMap { sample in
            (0..<units).map {
                Double(network.value(layer: last, stage: .preActivation, unit: $0, sample: sample))
            }
        }
        #expect(Self.relativeError(outputs, fixture.numbers["preActivation"]!) <= 1e-6, name)

        func compare(_ key: String, _ flat: [Float], factor: Double = 1, within tolerance: Double) {
            for tensor in descent.model.outline.tensors
            where key != "gradient" || tensor.isTrained && !tensor.isFrozen {
                let found = flat[tensor.offset..<(tensor.offset + tensor.count)].map { Double($0) * factor }
                guard let expected = fixture.numbers["\(key) \(tensor.name)"] else {
                    Issue.record("\(name): the file has no \(key) \(tensor.name)")
                    continue
                }
                // Normalization loses some digits, and leaves nothing but rounding of the gradient of a bias before it.
                guard fixture.kind != "stack" else {
                    let error = zip(found, expected).map { abs($0 - $1) }.max()!
                    let size = max(expected.map(abs).max()!, 0.1)
                    #expect(error <= 5 * tolerance * size, "\(name): \(key) \(tensor.name)")
                    continue
                }
                let error = Self.relativeError(found, expected)
                #expect(error <= tolerance, "\(name): \(key) \(tensor.name)")
                // A weight that L1 takes through 0 is 0, and no other is.
                let zeros = expected.count { $0 == 0 }
                #expect(found.count { $0 == 0 } == zeros, "\(name): zeros in \(key) \(tensor.name)")
            }
        }
        for step in 1...100 {
            if let rates = fixture.numbers["rates"] {
                #expect(
                    abs(descent.scheduledRate - rates[step - 1]) <= 1e-12 * rates[0], "\(name): rate of step \(step)")
            }
            _ = descent.advance()
            if step == 1 { compare("gradient", descent.model.gradientBlock.array, factor: 1 / weight, within: 2e-6) }
            if step == 1 { compare("step1", descent.parameters, within: 1e-6) }
            if step == 10 { compare("step10", descent.parameters, within: 2e-6) }
            if step == 100 { compare("step100", descent.parameters, within: 1e-5) }
        }
        if let expected = fixture.numbers["loss100"]?[0] {
            // Of a loss that has come to nothing rounding is left.
            #expect(abs(descent.evaluate().trainLoss - expected) <= 1e-5 * expected + 1e-9, name)
        }
    }

    @Test("dropout's masks are those of its formula, at every level", arguments: kernelLevels)
    func masks(_ level: lc_level) throws {
        for fixture in Fixture.all where fixture.kind == "dropout" {
            let seed = GradientDescent.noiseKey(seed: UInt64(fixture.numbers["seed"]![0]))
            for (layer, rate) in zip([1, 3], fixture.numbers["dropout"]!) {
                let expected = try #require(fixture.numbers["mask layers.\(layer)"])
                let samples = fixture.numbers["labels"]!.count
                let units = expected.count / samples
                let found = KernelBatchTests.mask(
                    Float(rate), at: level, batch(count: samples, stride: 16, seed: seed, counter: 0), units: units,
                    stream: Int32(layer))
                for (index, factor) in expected.enumerated() {
                    #expect(abs(Double(found[index % units, index / units]) - factor) <= 1e-7 * factor)
                }
            }
        }
    }
}
