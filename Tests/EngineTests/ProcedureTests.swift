import Testing

@testable import Engine

/// Rules for every procedure of the catalogue that trains a network.
@Suite struct ProcedureTests {
    static let ids = Catalogue.entries(.procedure).map(\.id).filter { Catalogue.trainsNetwork(Choice($0)) }

    static func setup(_ id: String, _ knobs: [String: KnobValue] = [:], layers: [Choice]? = nil) -> TrainingSetup {
        if Catalogue.learnsGames(Choice(id)) { return game(id, knobs) }
        if !Catalogue.pictures(of: Choice(id)).isEmpty { return PictureSetup.setup(id, knobs) }
        let standard: [String: [Choice]] = [
            // A generator ends in the midst.
            "adversarial": [
                dense(5, Choice("tanh")), dense(2, Choice("linear")), Choice("generated"), dropout(0.2),
                dense(4, Choice("prelu")),
            ],
            "contrastiveDivergence": [
                Choice("rbm", ["units": .integer(5), "visible": .text("gaussian")]),
                Choice("rbm", ["units": .integer(4)]),
            ],
        ]
        let decoder =
            Catalogue.task(.regression, of: Choice(id)) == .reconstruction ? [dense(2, Choice("linear"))] : []
        return TrainingSetup(
            network: classifier(
                layers ?? standard[id]
                    ?? [dense(5, Choice("tanh")), dropout(0.2), dense(4, Choice("prelu"))] + decoder),
            learning: LearningDescription(
                procedure: Choice(id, knobs), optimizer: Choice("adam"), batchSize: 7, lastBatch: .carry,
                shuffle: true, l2: 0.01),
            train: points(40), test: points(20, seed: 2), seed: 3)
    }

    /// A small game that is learned from the twentieth step on.
    private static func game(_ id: String, _ knobs: [String: KnobValue]) -> TrainingSetup {
        let game = try! Game(Choice("catch"))
        let states = Samples(
            count: 40, inputs: game.randomStates(count: 40, seed: 1), labels: [Float](repeating: 0, count: 40))
        let own = Catalogue.entry(.procedure, id)!
        var all: [String: KnobValue] = [
            "start": .integer(20), "epochSteps": .integer(30), "priority": .real(0.5), "episodes": .integer(2),
        ]
        all = all.filter { own.knob($0.key) != nil }.merging(knobs) { $1 }
        let task = Catalogue.task(.values(count: game.actions.count), of: Choice(id))
        return TrainingSetup(
            network: NetworkDescription(
                input: game.shape, task: task,
                layers: [Choice("flatten"), dense(5, Choice("tanh")), dropout(0.2), dense(4, Choice("prelu"))],
                loss: task.classes != nil ? Choice("softmaxCrossEntropy") : Choice("squaredError")),
            learning: LearningDescription(
                procedure: Choice(id, all), optimizer: Choice("adam"), batchSize: 7, l2: 0.01),
            train: states, test: noSamples, seed: 3, environment: game.choice)
    }

    @Test("steps taken many at a time are those taken one at a time, and end where an epoch ends", arguments: ids)
    func manySteps(_ id: String) throws {
        let (one, many) = (try Self.setup(id).procedure(), try Self.setup(id).procedure())
        for epoch in 1...25 {
            var progress = TrainingProgress.stepped
            while progress == .stepped { progress = one.advance(steps: 1) }
            #expect(many.advance(steps: 1000) == .finishedEpoch)
            #expect(many.epoch == epoch && many.step == one.step && many.step == epoch * many.stepsPerEpoch)
        }
        #expect(one.state == many.state)
        #expect(one.measure() == many.measure())
    }

    @Test("a state that is restored in mid-epoch goes on to the same bits", arguments: ids)
    func restores(_ id: String) throws {
        let (first, second) = (try Self.setup(id).procedure(), try Self.setup(id).procedure())
        for _ in 0..<64 { _ = first.advance(steps: 1) }
        try second.restore(first.state)
        for _ in 0..<80 { #expect(first.advance(steps: 1) == second.advance(steps: 1)) }
        #expect(first.state == second.state)
    }

    @Test("a reset is the beginning again", arguments: ids)
    func resets(_ id: String) throws {
        let procedure = try Self.setup(id).procedure()
        let start = procedure.state
        for _ in 0..<70 { _ = procedure.advance(steps: 1) }
        let later = procedure.state
        #expect(later.parameters != start.parameters || later.parts != start.parts)
        procedure.reset(seed: 3)
        let again = procedure.state
        #expect(again.parameters == start.parameters && again.generators == start.generators)
        for (name, values) in start.parts { #expect(again.parts[name] == values, "\(name)") }
        #expect(again == start)
        for _ in 0..<70 { _ = procedure.advance(steps: 1) }
        #expect(procedure.state == later)
    }

    @Test("it measures the metrics that it lists, whose ids differ, and a divergence ends it", arguments: ids)
    func metrics(_ id: String) throws {
        let procedure = try Self.setup(id).procedure()
        let metrics = procedure.metrics
        #expect(procedure.measure().metrics == metrics)
        #expect(Set(metrics.map(\.id)).count == metrics.count && metrics.contains { $0.plot == .loss })
        for metric in metrics {
            #expect(!metric.title.isEmpty && metric.title.count <= 14 && metric.summary.hasSuffix("."), "\(metric.id)")
        }
        procedure.parameters = procedure.parameters.map { _ in .infinity }
        _ = procedure.measure()
        #expect(procedure.divergence != nil)
        let step = procedure.step
        #expect(procedure.advance(steps: 10) == .diverged && procedure.step == step)
    }

    @Test("the version of the parameters changes with them, and with nothing else")
    func versions() throws {
        let (one, other) = (try Self.setup(Self.ids[0]).procedure(), try Self.setup(Self.ids[0]).procedure())
        #expect(one.model.parameterVersion != other.model.parameterVersion)
        var known: Set<Int> = [one.model.parameterVersion]
        func expectChange(_ isChange: Bool, _ comment: String) {
            #expect(known.insert(one.model.parameterVersion).inserted == isChange, "\(comment)")
        }
        _ = one.measure()
        _ = one.state
        expectChange(false, "measured")
        _ = one.advance(steps: 1)
        expectChange(true, "a step")
        let state = one.state
        try one.apply(LearningDescription(optimizer: Choice("adam"), batchSize: 5), to: nil)
        expectChange(false, "other settings")
        one.parameters[0] = 1
        expectChange(true, "a parameter")
        one.reset(seed: 3)
        expectChange(true, "a reset")
        try one.restore(state)
        expectChange(true, "a state")
        one.inherit(other.parameters, from: other.outline, paths: ["output": "output"])
        expectChange(true, "weights of another")
    }
}
