import Testing

@testable import Engine

@Suite("Policy gradient")
struct ReinforceTests {
    static func setup(
        _ environment: Choice = Choice("catch"), _ knobs: [String: KnobValue] = [:], layers: [Choice] = [],
        optimizer: Choice = Choice("sgd", ["learningRate": .real(0.1)]), loss: Choice = Choice("softmaxCrossEntropy"),
        batch: Int = 16, seed: UInt64 = 1
    ) throws -> TrainingSetup {
        let game = try Game(environment)
        return TrainingSetup(
            network: NetworkDescription(
                input: game.shape, task: .classification(classes: game.actions.count), layers: layers, loss: loss),
            learning: LearningDescription(
                procedure: Choice("reinforce", knobs), optimizer: optimizer, batchSize: batch),
            train: Samples(
                count: 100, inputs: game.randomStates(count: 100, seed: 1), labels: [Float](repeating: 0, count: 100)),
            test: noSamples, seed: seed, environment: environment)
    }

    /// The policy of a network without hidden layers.
    private func policy(_ parameters: [Float], _ outline: Outline, _ state: ArraySlice<Float>) -> [Double] {
        let (weight, bias) = (outline.tensors[0], outline.tensors[1])
        let sums = (0..<weight.axes[0]).map { action in
            zip(state, parameters[(weight.offset + action * state.count)...]).reduce(
                Double(parameters[bias.offset + action])
            ) { $0 + Double($1.0) * Double($1.1) }
        }
        let total = sums.reduce(0) { $0 + exponential($1) }
        return sums.map { exponential($0) / total }
    }

    private func exponential(_ x: Double) -> Double {
        // e^x = (1 + x/2ⁿ)^(2ⁿ) to about 1e-6 for the small sums of this test.
        var power = 1 + x / Double(1 << 24)
        for _ in 0..<24 { power *= power }
        return power
    }

    @Test(
        "an update is the one computed by hand, with a baseline or without, in one pass or in several",
        arguments: [true, false])
    func update(_ hasBaseline: Bool) throws {
        let beta = 0.05
        for batch in [16, 64] {
            let procedure = try Self.setup(
                Choice("catch"),
                [
                    "gamma": .real(0.9), "episodes": .integer(3), "baseline": .toggle(hasBaseline),
                    "entropy": .real(beta),
                ], batch: batch
            ).procedure()
            // The last step of the third episode makes the update; before it everything stands in the state.
            _ = procedure.advance(steps: 26)
            let before = procedure.state
            let states = before.parts["rollout.states"]!
            let steps = before.parts["rollout.steps"]!
            #expect(steps.count == 3 * 26 && before.parameters == procedure.parameters)
            let last = try #require(procedure.gameReport).game.observation
            _ = procedure.advance(steps: 1)
            let after = procedure.state
            #expect(after.parts["rollout.steps"] == [])
            // The reward of the last step is the return of its episode.
            let reward = try #require(procedure.gameReport).record.latest.last!
            var random = Random(state: before.generators["play"]!)
            var rest = random.uniform()
            let chances = policy(before.parameters, procedure.outline, last[...])
            var action = 0
            while action < 2, rest >= chances[action] {
                rest -= chances[action]
                action += 1
            }
            let allStates = states + last
            let actions = stride(from: 0, to: steps.count, by: 3).map { Int(steps[$0]) } + [action]
            let rewards = stride(from: 0, to: steps.count, by: 3).map { Double(steps[$0 + 1]) } + [reward]
            let ends = stride(from: 0, to: steps.count, by: 3).map { steps[$0 + 2] == 1 } + [true]
            var returns = [Double](repeating: 0, count: 27)
            var next = 0.0
            for step in (0..<27).reversed() {
                next = rewards[step] + (ends[step] ? 0 : 0.9 * next)
                returns[step] = next
            }
            if hasBaseline {
                let mean = returns.reduce(0, +) / 27
                let spread = (returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 27).squareRoot()
                returns = returns.map { ($0 - mean) / (spread + 1e-6) }
            }
            var expected = before.parameters.map { Double($0) }
            let (weight, bias) = (procedure.outline.tensors[0], procedure.outline.tensors[1])
            for step in 0..<27 {
                let state = allStates[step * 50..<(step + 1) * 50]
                let chances = policy(before.parameters, procedure.outline, state)
                let entropy = chances.reduce(0) { $0 - $1 * naturalLogarithm($1) }
                for other in 0..<3 {
                    let slope =
                        returns[step] * (chances[other] - (other == actions[step] ? 1 : 0))
                        + beta * chances[other] * (naturalLogarithm(chances[other]) + entropy)
                    let change = 0.1 * slope / 27
                    for (index, value) in state.enumerated() {
                        expected[weight.offset + other * 50 + index] -= change * Double(value)
                    }
                    expected[bias.offset + other] -= change
                }
            }
            for (value, wanted) in zip(after.parameters, expected) { #expect(abs(Double(value) - wanted) < 1e-5) }
            #expect(after.parameters != before.parameters)
        }
    }

    /// By Newton's method on `exponential`.
    private func naturalLogarithm(_ x: Double) -> Double {
        var y = 0.0
        for _ in 0..<60 { y += 2 * (x - exponential(y)) / (x + exponential(y)) }
        return y
    }

    @Test("the returns are those of each episode, and with a baseline their mean is 0 and their spread 1")
    func advantages() {
        var rollout = Rollout()
        for (reward, isLast) in [(1, false), (2, false), (4, true), (8, false), (16, false)] as [(Float, Bool)] {
            rollout.append(state: [0], action: 0)
            rollout.finish(reward: reward, isLast: isLast)
        }
        #expect(rollout.episodes == 1)
        #expect(rollout.advantages(gamma: 0.5, hasBaseline: false) == [3, 4, 4, 16, 16])
        let centred = rollout.advantages(gamma: 0.5, hasBaseline: true)
        #expect(abs(centred.reduce(0, +)) < 1e-5 && abs(centred.reduce(0) { $0 + $1 * $1 } - 5) < 1e-4)
    }

    @Test("the last update is summed up: its baseline, actions and advantages")
    func updates() {
        var rollout = Rollout()
        for (index, reward) in ([1, 3, 5, 7] as [Float]).enumerated() {
            rollout.append(state: [0], action: index == 0 ? 2 : 0)
            rollout.finish(reward: reward, isLast: true)
        }
        let advantages = rollout.advantages(gamma: 0.9, hasBaseline: true)
        let update = PolicyUpdate(
            rollout, gamma: 0.9, hasBaseline: true, advantages: advantages, actions: 3, entropy: 0.5)
        #expect(update.episodes == 4 && update.steps == 4 && update.actions == [3, 0, 1])
        #expect(update.mean == 4 && abs(update.deviation - 5.0.squareRoot()) < 1e-12)
        #expect(update.largest == advantages.map(abs).max())
        #expect(update.advantages.reduce(0, +) == 4 && update.advantages.first == 1 && update.advantages.last == 1)
    }

    @Test("it learns to catch the ball")
    func learns() throws {
        let procedure = try Self.setup(
            Choice("catch"), ["episodes": .integer(16)],
            layers: [Choice("flatten"), dense(32, Choice("relu"))],
            optimizer: Choice("adam", ["learningRate": .real(0.01)]), batch: 144
        ).procedure()
        for _ in 0..<150 { _ = procedure.advanceEpoch() }
        let measured = procedure.measure()
        #expect(try #require(measured["return"]) > 0.9)
        #expect(try #require(measured["policyEntropy"]) < 0.6)
    }

    @Test("a loss that gives no chances is refused")
    func refuses() throws {
        let error = #expect(throws: EngineError.self) { try Self.setup(loss: Choice("squaredError")).procedure() }
        #expect(error?.place == "output.loss")
    }
}
