import Datasets
import Engine
import Testing

@testable import Session

/// The claims of the stories of games, for the first of the seeds that they have been tried with.
@Suite("The games' stories are true")
struct GamePresetClaimTests {
    private func trainer(_ name: String, seed: UInt64 = 1, set: [String] = [], epochs: Int) throws -> Trainer {
        var experiment = try TrainingRun.experiment(name).setting(assignments: set)
        experiment.seed = seed
        let trainer = try Trainer(experiment)
        for _ in 0..<epochs { _ = trainer.epoch() }
        return trainer
    }

    @Test(
        "catch: after 400 episodes hardly a ball is missed, after 1,000 fewer than one in forty, by nine of ten seeds")
    func catches() throws {
        var good = 0
        for seed in 1...10 as ClosedRange<UInt64> {
            let run = try trainer("catch", seed: seed, epochs: 45)
            #expect(try #require(run.evaluate()["episodes"]) <= 1000)
            if try #require(run.greedyReturns()).last >= 0.95 { good += 1 }
        }
        #expect(good >= 9)
        let early = try trainer("catch", epochs: 18)
        #expect(try #require(early.greedyReturns()).last >= 0.9)
        // A return of 0.5 is one ball in four missed.
        var blind = 0
        for seed in 1...10 as ClosedRange<UInt64> {
            let run = try trainer("catch", seed: seed, set: ["training.procedure.qLearning.gamma=0"], epochs: 45)
            if try #require(run.greedyReturns()).last <= 0.5 { blind += 1 }
        }
        #expect(blind >= 9)
    }

    @Test("catch: the policy gradient learns it as well")
    func policy() throws {
        let run = try trainer(
            "catch",
            set: ["training.procedure=reinforce", "output.loss=null", "training.optimizer.adam.learningRate=0.01"],
            epochs: 100)
        #expect(try #require(run.greedyReturns()).last >= 0.9)
    }

    @Test("cart-pole: the pole stands for 475 steps in the mean of 100 episodes, and the weights that do it are kept")
    func cartPole() throws {
        // Of ten seeds nine get there, after 58,000 to 132,000 steps; the fifth comes to 471.
        let run = try trainer("cart-pole", epochs: 0)
        while run.procedure.step < 100_000, run.evaluate()["return"] ?? 0 < 475 { _ = run.epoch() }
        #expect(try #require(run.evaluate()["return"]) >= 475)
        #expect(try #require(run.evaluate()["bestReturn"]) >= 475)
        let returns = try #require(run.greedyReturns())
        #expect(try #require(returns.best) >= 450)
    }

    /// Of ten seeds ten after 100 epochs: the shortest way, 95 to 100 of 100 arrows right.
    @Test(
        "gridworld: the network finds the way, and what it expects comes close to value iteration",
        arguments: [1, 2, 3])
    func gridworld(_ seed: UInt64) throws {
        let run = try trainer("gridworld", seed: seed, epochs: 100)
        let game = try Game(#require(run.data.schema.environment))
        // The goal is nine steps away: eight cost 0.02 each.
        #expect(abs(try #require(run.greedyReturns(episodes: 1)).last - (1 - 8 * 0.02)) < 1e-6)
        var request = ViewRequest()
        request.game = GameWatch(player: .network, moves: 0, wantsPlan: true)
        let snapshot = run.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        let plan = try #require(PictureMaker().makePicture(snapshot, request).game?.plan)
        let states = plan.places.compactMap { $0 }
        #expect(states.count == game.places.count { $0 != nil })
        let right = states.count { state in
            let best = state.outputs.indices.max { state.outputs[$0] < state.outputs[$1] }!
            return state.best?.actions.contains(best) ?? false
        }
        #expect(right >= states.count * 9 / 10, "\(right) of \(states.count)")
        // On slippery ground every state by a cliff is worth less.
        let slippery = try Game(
            Choice("gridworld", ["slip": .real(20)])
        ).bestPlay(gamma: 0.95)
        let dry = game.bestPlay(gamma: 0.95)
        for cell in [21 + 5, 14 + 4, 14 + 6, 14 + 3, 21 + 2, 21 + 4] {
            #expect(try #require(slippery[cell]).value < #require(dry[cell]).value)
        }
    }

    @Test("snake and breakout: at random hardly anything, after 50,000 steps ten bites, five bricks")
    func boards() throws {
        for (name, start, end) in [("snake", -0.5, 8.0), ("breakout", 0.9, 4.0)] {
            let untrained = try trainer(name, set: ["training.procedure.qLearning.epsilonTo=1"], epochs: 4)
            #expect(try #require(untrained.evaluate()["return"]) < start)
            let run = try trainer(name, epochs: 60)
            #expect(try #require(run.evaluate()["return"]) > end / 2)
        }
    }
}
