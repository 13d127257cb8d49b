import Testing

@testable import Engine

@Suite("Deep Q-learning")
struct QLearningTests {
    static func setup(
        _ environment: Choice = Choice("catch"), _ knobs: [String: KnobValue] = [:], layers: [Choice] = [],
        optimizer: Choice = Choice("sgd", ["learningRate": .real(0.1)]), loss: Choice = Choice("huber"),
        batch: Int = 8, seed: UInt64 = 1
    ) throws -> TrainingSetup {
        let game = try Game(environment)
        let states = game.randomStates(count: 300, seed: 1)
        return TrainingSetup(
            network: NetworkDescription(
                input: game.shape, task: .values(count: game.actions.count), layers: layers, loss: loss),
            learning: LearningDescription(
                procedure: Choice("qLearning", knobs), optimizer: optimizer, batchSize: batch),
            train: Samples(count: 300, inputs: states, labels: [Float](repeating: 0, count: 300)), test: noSamples,
            seed: seed, environment: environment)
    }

    /// Q of all actions of a network without hidden layers.
    private func outputs(_ parameters: [Float], _ outline: Outline, _ state: ArraySlice<Float>) -> [Double] {
        let weight = outline.tensors[0]
        let bias = outline.tensors[1]
        return (0..<weight.axes[0]).map { action in
            zip(state, parameters[(weight.offset + action * state.count)...]).reduce(
                Double(parameters[bias.offset + action])
            ) { $0 + Double($1.0) * Double($1.1) }
        }
    }

    @Test("an update is the one computed by hand: double or not, with the target network", arguments: [true, false])
    func update(_ isDouble: Bool) throws {
        let batch = 8
        let procedure = try Self.setup(
            Choice("catch"),
            [
                "epsilonFrom": .real(0), "epsilonTo": .real(0), "start": .integer(60), "targetEvery": .integer(1000),
                "double": .toggle(isDouble), "gamma": .real(0.9),
            ], loss: Choice("huber", ["delta": .real(0.3)]), batch: batch
        ).procedure()
        _ = procedure.advance(steps: 100)
        // In the midst of an episode, so that the step draws nothing but the choice between random and greedy.
        while procedure.state.generators["game"]![0] > 5 { _ = procedure.advance(steps: 1) }
        let before = procedure.state
        let outline = procedure.outline
        _ = procedure.advance(steps: 1)
        let after = procedure.state
        let (steps, states) = (after.parts["replay.steps"]!, after.parts["replay.states"]!)
        let followers = after.parts["replay.followers"]!
        #expect(steps.count / 4 == before.parts["replay.steps"]!.count / 4 + 1)

        var random = Random(state: before.generators["play"]!)
        _ = random.uniform()
        let places = (0..<batch).map { _ in random.index(steps.count / 4) }
        #expect(random.state == after.generators["play"]!)
        let width = 50
        var expected = before.parameters.map { Double($0) }
        for place in places {
            let state = states[place * width..<(place + 1) * width]
            let next = followers[place * width..<(place + 1) * width]
            let target = outputs(before.parts["target"]!, outline, next)
            let chooser = isDouble ? outputs(before.parameters, outline, next) : target
            let best = chooser.indices.max { chooser[$0] < chooser[$1] }!
            let (action, reward, end) = (Int(steps[4 * place]), steps[4 * place + 1], steps[4 * place + 2])
            let wanted = Double(reward) + 0.9 * Double(1 - end) * target[best]
            let error = outputs(before.parameters, outline, state)[action] - wanted
            #expect(abs(Double(steps[4 * place + 3]) - abs(error)) < 1e-5)
            // The derivative of Huber's loss with δ = 0.3, at a learning rate of 0.1.
            let change = 0.1 / Double(batch) * min(max(error, -0.3), 0.3)
            for (index, value) in state.enumerated() {
                expected[outline.tensors[0].offset + action * width + index] -= change * Double(value)
            }
            expected[outline.tensors[1].offset + action] -= change
        }
        for (value, wanted) in zip(after.parameters, expected) { #expect(abs(Double(value) - wanted) < 1e-6) }
        #expect(after.parameters != before.parameters && after.parts["target"] == before.parts["target"])
    }

    @Test("the target network is copied every so many updates, or follows softly")
    func targets() throws {
        let knobs: [String: KnobValue] = ["start": .integer(1), "targetEvery": .integer(3)]
        let copied = try Self.setup(Choice("catch"), knobs).procedure()
        for step in 1...30 {
            _ = copied.advance(steps: 1)
            let state = copied.state
            #expect((state.parts["target"] == state.parameters) == (step % 3 == 0))
        }
        let soft = try Self.setup(
            Choice("catch"), ["start": .integer(1), "targetEvery": .integer(1), "targetRate": .real(0.1)]
        ).procedure()
        for _ in 0..<20 {
            let before = soft.state.parts["target"]!
            _ = soft.advance(steps: 1)
            let state = soft.state
            for (index, value) in state.parts["target"]!.enumerated() {
                #expect(abs(value - (before[index] + 0.1 * (state.parameters[index] - before[index]))) < 1e-7)
            }
        }
    }

    @Test("steps with a large error are replayed oftener, and count less each time")
    func priorities() throws {
        let memory = try ReplayMemory(capacity: 5, width: 1, priority: 0.5)
        for step in 0..<7 {
            memory.append(state: [Float(step)], action: 0, reward: 0, follower: [0], isOver: false)
        }
        // The oldest two are gone.
        #expect(memory.count == 5 && memory.next == 2)
        let errors: [Float] = [0.09, 0.99, 3.99, 8.99, 0.24]
        for (place, error) in errors.enumerated() { memory.note(error: error, of: place) }
        let shares = errors.map { Double($0 + 0.01).squareRoot() }
        let total = shares.reduce(0, +)
        var random = Random(seed: 2)
        var counts = [Int](repeating: 0, count: 5)
        var (places, weights) = ([Int](repeating: 0, count: 50), [Float](repeating: 1, count: 50))
        for _ in 0..<400 {
            memory.draw(into: &places, weights: &weights, correction: 0.4, &random)
            for place in places { counts[place] += 1 }
            // (N · P)^−β by the rarest step of the batch, which weighs 1.
            let rarest = places.map { shares[$0] }.min()!
            for (place, weight) in zip(places, weights) {
                let ratio = shares[place] / rarest
                #expect(abs(Double(weight) - 1 / ratio.squareRoot().squareRoot() * correction(ratio)) < 1e-5)
            }
        }
        for place in 0..<5 {
            #expect(abs(Double(counts[place]) / 20_000 - shares[place] / total) < 0.01)
        }
        func correction(_ ratio: Double) -> Double {
            // x^−0.4 = x^−0.25 · x^−0.15, by halvings of the exponent.
            var (power, rest, value) = (0.5, 0.15, 1.0)
            var root = ratio.squareRoot()
            for _ in 0..<40 {
                if rest >= power { (value, rest) = (value / root, rest - power) }
                (power, root) = (power / 2, root.squareRoot())
            }
            return value
        }
    }

    @Test("catch is learned, from fewer than a thousand episodes", arguments: [0.0, 0.6])
    func learnsCatch(_ priority: Double) throws {
        let setup = try Self.setup(
            Choice("catch"), ["priority": .real(priority), "epsilonOver": .integer(3000)],
            layers: [dense(32, Choice("relu"), Choice("heUniform"))],
            optimizer: Choice("adam", ["learningRate": .real(0.002)]), batch: 32)
        let procedure = try setup.procedure()
        while (procedure.gameReport?.record.episodes ?? 0) < 900 { _ = procedure.advance(steps: 100) }
        let player = try GreedyPlayer(setup.network, Game(Choice("catch")), seed: 7)
        player.load(parameters: procedure.parameters)
        #expect(player.meanReturn(episodes: 100) >= 0.95)
        let evaluation = procedure.measure()
        #expect(evaluation["exploration"] == 0.05 && evaluation["episodes"]! >= 900)
        #expect(evaluation["bestReturn"]! >= evaluation["return"]! && evaluation["return"]! > 0.6)
        let report = try #require(procedure.gameReport)
        #expect(report.record.points.count >= 900 && report.bestParameters?.count == procedure.parameters.count)
        let memory = try #require(report.memory)
        #expect(memory.rewards.map(\.reward) == [-1, 0, 1] && memory.errors.reduce(0, +) == memory.looked)
    }

    @Test("the replay memory changes its size while training goes on, and keeps the newest steps")
    func resizes() throws {
        let setup = try Self.setup(Choice("catch"), ["memory": .integer(100), "start": .integer(20)])
        let procedure = try setup.procedure()
        _ = procedure.advance(steps: 150)
        let full = procedure.state
        var learning = setup.learning
        learning.procedure.knobs["memory"] = .integer(60)
        try procedure.apply(learning, to: nil)
        let small = procedure.state
        // The place of the next step is that of the oldest: 50 of 100.
        #expect(small.parts["replay.states"]!.count == 60 * 50)
        #expect(
            Array(small.parts["replay.steps"]!.suffix(4 * 50)) == Array(full.parts["replay.steps"]!.prefix(4 * 50)))
        _ = procedure.advance(steps: 30)
        learning.procedure.knobs["start"] = .integer(61)
        #expect(throws: EngineError.self) { try procedure.apply(learning, to: nil) }
        var other = procedure.state
        other.parts["replay.steps"]![0] = 9
        #expect(throws: EngineError.self) { try procedure.restore(other) }
    }

    @Test("a procedure for games wants a game, and one for samples wants none")
    func refuses() throws {
        var setup = try Self.setup()
        setup.environment = nil
        let none = #expect(throws: EngineError.self) { try setup.procedure() }
        #expect(none?.place == "training.procedure" && none?.message.contains("no game") == true)
        setup = try Self.setup()
        setup.learning.procedure = Choice("supervised")
        let other = #expect(throws: EngineError.self) { try setup.procedure() }
        #expect(
            other?.message == "supervised learns from samples, but this data is a game; choose qLearning or reinforce")
        #expect(throws: EngineError.self) { try Self.setup(batch: 301).procedure() }
    }
}
