import Testing

@testable import Engine

@Suite struct LayerByLayerTests {
    private static func procedure(_ knobs: [String: KnobValue], layers: [Choice]) throws -> any Procedure {
        try ProcedureTests.setup("layerByLayer", knobs, layers: layers).procedure()
    }

    /// The tensors of which a number differs, by their layers.
    private func changed(_ outline: Outline, _ old: [Float], _ new: [Float]) -> Set<String> {
        var layers: Set<String> = []
        for tensor in outline.tensors {
            let span = tensor.offset..<(tensor.offset + tensor.count)
            if old[span] != new[span] { layers.insert(String(tensor.name.prefix { $0 != "w" && $0 != "b" })) }
        }
        return layers
    }

    @Test("each layer learns in its turn, and all others stay bit for bit", arguments: ["input", "output"])
    func turns(_ first: String) throws {
        let procedure = try Self.procedure(
            ["epochs": .integer(2), "first": .text(first)],
            layers: [dense(5, Choice("tanh")), dropout(0.2), dense(4, Choice("relu"))])
        var expected = [("layers.0.", 1.0), ("layers.2.", 3), ("output.", 4)]
        if first == "output" { expected.reverse() }
        for turn in 0..<7 {
            let (layer, number) = expected[turn % 3]
            for _ in 0..<2 {
                let before = procedure.parameters
                #expect(procedure.advanceEpoch() == .finishedEpoch)
                #expect(changed(procedure.outline, before, procedure.parameters) == [layer], "turn \(turn)")
                #expect(procedure.measure()["trainedLayer"] == number)
            }
        }
    }

    @Test("with one layer it is supervised learning, to the bit")
    func oneLayer() throws {
        let supervised = try ProcedureTests.setup("supervised", layers: []).procedure()
        let turns = try Self.procedure(["epochs": .integer(3)], layers: [])
        for _ in 0..<100 { #expect(supervised.advance(steps: 1) == turns.advance(steps: 1)) }
        #expect(supervised.state == turns.state)
        #expect(supervised.measure()["trainLoss"] == turns.measure()["trainLoss"])
    }

    @Test("a layer that is frozen has no turn, from the moment at which it is")
    func frozen() throws {
        var layers = [dense(5, Choice("tanh")), dense(4, Choice("tanh"))]
        let procedure = try Self.procedure(["epochs": .integer(1)], layers: layers)
        let start = procedure.parameters
        for _ in 0..<3 { _ = procedure.advanceEpoch() }
        #expect(changed(procedure.outline, start, procedure.parameters) == ["layers.0.", "layers.1.", "output."])
        layers[1].isFrozen = true
        try procedure.apply(procedure.learning, to: classifier(layers))
        let later = procedure.parameters
        for _ in 0..<6 { _ = procedure.advanceEpoch() }
        #expect(changed(procedure.outline, later, procedure.parameters) == ["layers.0.", "output."])
    }

    @Test("it learns: the loss falls far below that of the output alone")
    func learns() throws {
        func loss(_ epochs: Int) throws -> Double {
            var setup = ProcedureTests.setup(
                "layerByLayer", ["epochs": .integer(epochs)], layers: [dense(6, Choice("tanh"))])
            setup.learning = LearningDescription(
                procedure: setup.learning.procedure, optimizer: Choice("adam", ["learningRate": .real(0.01)]),
                batchSize: 10)
            setup.train = points(200)
            let procedure = try setup.procedure()
            for _ in 0..<300 { _ = procedure.advanceEpoch() }
            return procedure.measure().trainLoss
        }
        // With turns of 300 epochs the first layer alone has learned.
        let (inTurn, one) = (try loss(5), try loss(300))
        #expect(inTurn < 0.5 * one)
    }

    @Test("a device is refused in words, and the processor trains")
    func device() throws {
        guard let device = ComputeDevice.all.first(where: { $0 != .processor }) else { return }
        var setup = ProcedureTests.setup("layerByLayer", layers: [dense(4, Choice("tanh"))])
        setup.device = device
        let procedure = try setup.procedure()
        #expect(procedure.device == .processor && procedure.deviceFailure?.place == "training.procedure")
        #expect(procedure.advanceEpoch() == .finishedEpoch)
    }

    @Test("gradients that wait for a layer's update are no part of the next layer's")
    func carry() throws {
        var setup = ProcedureTests.setup(
            "layerByLayer", ["epochs": .integer(1)], layers: [dense(5, Choice("tanh"))])
        setup.learning = LearningDescription(
            procedure: setup.learning.procedure, batchSize: 7, lastBatch: .carry)
        setup.train = points(40)
        let procedure = try #require(try setup.procedure() as? LayerByLayer)
        #expect(procedure.advanceEpoch() == .finishedEpoch)
        #expect(procedure.descent.feed.carriedCount == 5)
        _ = procedure.advance(steps: 1)
        // The first update of the second turn is that of its own seven samples.
        let fresh = try #require(try setup.procedure() as? LayerByLayer)
        _ = fresh.advanceEpoch()
        fresh.descent.feed.carriedCount = 0
        _ = fresh.advance(steps: 1)
        #expect(procedure.parameters == fresh.parameters)
    }

    @Test("a reset begins with the first layer's turn")
    func reset() throws {
        let procedure = try Self.procedure(["epochs": .integer(1)], layers: [dense(5, Choice("tanh"))])
        _ = procedure.advanceEpoch()
        _ = procedure.advance(steps: 1)
        #expect(procedure.measure()["trainedLayer"] == 2)
        procedure.reset(seed: 1)
        #expect(procedure.measure()["trainedLayer"] == 1)
    }

    @Test("a population trains it as it trains alone")
    func population() throws {
        let setup = ProcedureTests.setup("layerByLayer", ["epochs": .integer(2)], layers: [dense(4, Choice("tanh"))])
        let members = (0..<3).map { _ in
            PopulationMember(
                network: setup.network, learning: setup.learning, train: setup.train, test: setup.test, seed: 3)
        }
        let population = try Population(members, threads: 2)
        let alone = try setup.procedure()
        population.advance(toEpoch: 5)
        for _ in 0..<5 { _ = alone.advanceEpoch() }
        for member in 0..<3 { #expect(population.parameters(of: member) == alone.parameters) }
    }
}
