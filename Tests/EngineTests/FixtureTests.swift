import Testing

@testable import Engine

/// A case of Tests/Fixtures/engine.txt.
private struct Fixture: Sendable, CustomTestStringConvertible {
    var kind = ""
    var id = ""
    var words: [String: String] = [:]
    /// "inputs", "labels", "start layers.0.weight", ...
    var numbers: [String: [Double]] = [:]

    var testDescription: String { "\(kind) \(id)" }

    static let all: [Fixture] = {
        let path = CatalogueTests.sources + "/../../Tests/Fixtures/engine.txt"
        var fixtures: [Fixture] = []
        for line in CatalogueTests.text(path).split(separator: "\n", omittingEmptySubsequences: true) {
            var parts = line.split(separator: " ").map(String.init)
            switch parts[0] {
            case "case": fixtures.append(Fixture(kind: parts[1], id: parts[2]))
            case "activation", "criterion", "optimizer", "classes", "clip":
                fixtures[fixtures.count - 1].words[parts[0]] = parts[1]
            default:
                let key = Double(parts[1]) == nil ? "\(parts[0]) \(parts.remove(at: 1))" : parts[0]
                fixtures[fixtures.count - 1].numbers[key] = parts.dropFirst().map { Double($0)! }
            }
        }
        return fixtures
    }()

    func learner() throws -> Learner {
        let hidden = Choice(words["activation"]!)
        var optimizer = Choice(words["optimizer"]!)
        for (key, values) in numbers where key.hasPrefix("knob ") {
            optimizer.knobs[String(key.dropFirst(5))] = .real(values[0])
        }
        let labels = numbers["labels"]!.map { Float($0) }
        let learner = try Learner(
            network: classifier(
                [dense(4, hidden), dense(3, hidden)], loss: Choice(words["criterion"]!),
                classes: Int(words["classes"]!)!),
            learning: LearningDescription(
                optimizer: optimizer, batchSize: labels.count, clipNorm: words["clip"].map { Double($0)! }),
            train: Samples(count: labels.count, inputs: numbers["inputs"]!.map { Float($0) }, labels: labels),
            test: noSamples, seed: 1)
        var parameters = learner.parameters
        for tensor in learner.outline.tensors {
            let values = try #require(numbers["start \(tensor.name)"])
            try #require(values.count == tensor.count)
            for (index, value) in values.enumerated() { parameters[tensor.offset + index] = Float(value) }
        }
        learner.parameters = parameters
        return learner
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

    @Test("every activation, loss and optimizer is pinned") func coversTheCatalogue() {
        func ids(_ kind: String) -> Set<String> { Set(Fixture.all.filter { $0.kind == kind }.map(\.id)) }
        #expect(ids("activation") == Set(Catalogue.activations.filter { !$0.entry.outputOnly }.map(\.entry.id)))
        #expect(ids("loss") == Set(Catalogue.losses.map(\.entry.id)))
        #expect(ids("optimizer") == Set(Catalogue.optimizers.map(\.entry.id)))
    }

    @Test("losses, outputs, gradients and weights after 1, 10 and 100 steps are PyTorch's", arguments: Fixture.all)
    fileprivate func matches(_ fixture: Fixture) throws {
        let name = Comment(rawValue: "\(fixture.kind) \(fixture.id) \(fixture.words["classes"]!)")
        let learner = try fixture.learner()
        let count = Double(fixture.numbers["labels"]!.count)

        let loss = learner.evaluate().trainLoss
        #expect(abs(loss - fixture.numbers["loss"]![0]) <= 1e-6 * abs(loss), name)

        let network = try Network(learner.network, capacity: 16)
        network.load(parameters: learner.parameters)
        network.forward(fixture.numbers["inputs"]!.map { Float($0) }, count: Int(count))
        let last = learner.outline.layers.count - 1
        let units = learner.outline.layers[last].output.count
        let outputs = (0..<Int(count)).flatMap { sample in
            (0..<units).map {
                Double(network.value(layer: last, stage: .preActivation, unit: $0, sample: sample))
            }
        }
        #expect(Self.relativeError(outputs, fixture.numbers["preActivation"]!) <= 1e-6, name)

        func compare(_ key: String, _ flat: [Float], factor: Double = 1, within tolerance: Double) {
            for tensor in learner.outline.tensors {
                let found = flat[tensor.offset..<(tensor.offset + tensor.count)].map { Double($0) * factor }
                let error = Self.relativeError(found, fixture.numbers["\(key) \(tensor.name)"]!)
                #expect(error <= tolerance, "\(name): \(key) \(tensor.name)")
            }
        }
        for step in 1...100 {
            _ = learner.advance()
            if step == 1 { compare("gradient", learner.gradientBlock.array, factor: 1 / count, within: 2e-6) }
            if step == 1 { compare("step1", learner.parameters, within: 1e-6) }
            if step == 10 { compare("step10", learner.parameters, within: 2e-6) }
            if step == 100 { compare("step100", learner.parameters, within: 1e-5) }
        }
    }
}
