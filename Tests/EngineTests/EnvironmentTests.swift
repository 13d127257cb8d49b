import Testing

@testable import Engine

/// The games themselves, without a network.
@Suite struct EnvironmentTests {
    static let ids = Catalogue.entries(.environment).map(\.id)

    private func cartPole(_ state: [Double], steps: Int = 0) throws -> CartPole {
        var pole = CartPole(try Settings(Choice("cartPole"), in: .environment, place: ""))
        let isTaken = pole.restore(state.map(\.bitPattern) + [UInt64(steps)])
        try #require(isTaken)
        return pole
    }

    private func fixture(_ id: String) throws -> Fixture {
        try #require(Fixture.read("games.txt").first { $0.kind == "cartPole" && $0.id == id })
    }

    @Test("one step of cart-pole from each of 500 states is Gymnasium's to 1e-12, and ends where it ends")
    func cartPoleSteps() throws {
        let fixture = try fixture("steps")
        let (before, after) = (try #require(fixture.numbers["before"]), try #require(fixture.numbers["after"]))
        let (actions, over) = (try #require(fixture.numbers["actions"]), try #require(fixture.numbers["over"]))
        var random = Random(seed: 1)
        #expect(actions.count == 500 && over.contains(1) && over.contains(0))
        for index in actions.indices {
            var pole = try cartPole(Array(before[4 * index..<4 * index + 4]))
            let move = pole.move(Int(actions[index]), &random)
            for part in 0..<4 { #expect(abs(pole.state[part] - after[4 * index + part]) <= 1e-12) }
            #expect(move.isOver == (over[index] == 1) && move.reward == 1 && !move.isCut)
        }
    }

    @Test("a hundred steps of cart-pole follow Gymnasium's to 1e-9")
    func cartPoleEpisode() throws {
        let fixture = try fixture("episode")
        let after = try #require(fixture.numbers["after"])
        var pole = try cartPole(try #require(fixture.numbers["before"]))
        var random = Random(seed: 1)
        for (step, action) in try #require(fixture.numbers["actions"]).enumerated() {
            let move = pole.move(Int(action), &random)
            #expect(!move.endsEpisode)
            for part in 0..<4 { #expect(abs(pole.state[part] - after[4 * step + part]) <= 1e-9) }
        }
        var last = try cartPole([0, 0, 0, 0], steps: 499)
        let end = last.move(1, &random)
        #expect(end.isCut)
    }

    @Test("a game goes the same way from the same seed and from a saved state", arguments: ids)
    func repeats(_ id: String) throws {
        for frames in [1, 3] {
            let choice = Choice(id, ["frames": .integer(frames)])
            var (one, random) = (try Game(choice), Random(seed: 4))
            one.reset(&random)
            var (other, second) = (one, random)
            var moves: [Move] = []
            for step in 0..<300 {
                if step == 120 {
                    // A fresh game takes the state of this one.
                    var fresh = try Game(choice)
                    try fresh.restore(other.words)
                    other = fresh
                }
                let action = random.index(one.actions.count)
                let move = one.move(action, &random)
                _ = second.index(one.actions.count)
                let same = other.move(action, &second)
                #expect(same == move)
                if move.endsEpisode {
                    one.reset(&random)
                    other.reset(&second)
                }
                #expect(one.observation == other.observation && one.words == other.words && random == second)
                #expect(one.observation.count == one.shape.count && one.observation.allSatisfy(\.isFinite))
                #expect(one.picture.marks.count == one.picture.rows * one.picture.columns)
                moves.append(move)
            }
            #expect(moves.contains { $0.endsEpisode } && moves.contains { $0.reward != 0 })
            #expect(throws: EngineError.self) { try one.restored([]) }
            let strange = one.words.map { _ in UInt64.max }
            #expect(throws: EngineError.self) { try one.restored(strange) }
        }
    }

    @Test("the frames are the last observations, the oldest first, and at the beginning the first one")
    func frames() throws {
        var (game, random) = (try Game(Choice("cartPole", ["frames": .integer(3)])), Random(seed: 1))
        game.reset(&random)
        var seen = [[Float]](repeating: Array(game.observation.suffix(4)), count: 3)
        #expect(game.observation == seen.flatMap(\.self))
        for step in 0..<10 {
            _ = game.move(step % 2, &random)
            seen = Array(seen.dropFirst()) + [Array(game.observation.suffix(4))]
            #expect(game.observation == seen.flatMap(\.self))
        }
    }

    @Test("value iteration finds the values of a corridor, and of slippery ground")
    func valueIteration() throws {
        func plays(_ map: String, slip: Double, gamma: Double) throws -> [BestPlay?] {
            try Game(
                Choice(
                    "gridworld",
                    [
                        "map": .text(map), "goalReward": .real(1), "stepReward": .real(-0.1), "cliffReward": .real(-2),
                        "slip": .real(slip),
                    ])
            ).bestPlay(gamma: gamma)
        }
        // n steps before the goal: −0.1 · (1 − γⁿ) / (1 − γ) + γⁿ, all to the right.
        let corridor = try plays("S.....G", slip: 0, gamma: 0.9)
        for cell in 0..<6 {
            let power = (0..<(5 - cell)).reduce(1.0) { value, _ in value * 0.9 }
            let play = try #require(corridor[cell])
            #expect(abs(play.value - (-0.1 * (1 - power) / 0.1 + power)) < 1e-10 && play.actions == [1])
        }
        #expect(corridor[6] == nil)
        // One cell between a cliff above and a goal on the right; its other sides are the edge. With a slip of 20 % the step
        // to the right goes up once in ten and stays once in ten: V = 0.8 − 0.2 + 0.1 (−0.1 + γ V).
        let slippery = try plays("C#/SG", slip: 20, gamma: 0.5)
        let play = try #require(slippery[2])
        #expect(abs(play.value - (0.8 - 0.2 - 0.01) / (1 - 0.05)) < 1e-10)
        // Two ways of the same length are both best.
        #expect(try #require(plays("S./.G", slip: 0, gamma: 0.9)[0]).actions == [1, 2])
    }

    @Test("the rules of each game")
    func rules() throws {
        var random = Random(seed: 3)
        // The ball of catch falls nine times, and the paddle under it earns 1.
        var ball = try Game(Choice("catch"))
        for _ in 0..<20 {
            ball.reset(&random)
            let column = try #require(ball.observation.prefix(5).firstIndex(of: 1))
            for step in 1...9 {
                let paddle = try #require(ball.observation.suffix(5).firstIndex(of: 1)) - 45
                let move = ball.move(column < paddle ? 0 : column > paddle ? 2 : 1, &random)
                #expect(move == Move(reward: step == 9 ? 1 : 0, isOver: step == 9))
            }
        }
        // A paddle that is always under the ball breaks bricks without end.
        var breakout = try Game(Choice("breakout", ["sticky": .real(0)]))
        breakout.reset(&random)
        var bricks = 0.0
        for _ in 0..<400 {
            let board = breakout.observation
            let paddle = try #require(board[90..<100].firstIndex(of: 1)) - 90
            let ball = try #require(board[100..<200].firstIndex(of: 1)) - 100
            let move = breakout.move(ball % 10 < paddle ? 1 : ball % 10 > paddle ? 2 : 0, &random)
            bricks += move.reward
            if move.isOver { breakout.reset(&random) }
        }
        #expect(bricks > 20)
        // A snake that goes on and on meets the edge.
        var snake = try Game(Choice("snake", ["side": .integer(6)]))
        snake.reset(&random)
        let moves = (0..<3).map { _ in snake.move(1, &random) }
        #expect(moves.map(\.isOver) == [false, false, true] && moves[2].reward == -1)
        // A fall ends an episode of the gridworld, and a wall stands.
        var world = try Game(Choice("gridworld", ["map": .text("S#/CG")]))
        world.reset(&random)
        let against = world.move(1, &random)
        #expect(against == Move(reward: -0.02))
        #expect(world.observation == [1, 0, 0, 0])
        let fall = world.move(2, &random)
        #expect(fall == Move(reward: -1, isOver: true))
        #expect(world.places.map { $0 != nil } == [true, false, false, false])
    }

    @Test(
        "a map that is none is refused with what was expected",
        arguments: [("", "2 cells"), ("S..G/S", "4 cells in row 2"), ("SxG", "“x”"), ("##GC", "a start")])
    func refuses(_ map: String, _ words: String) {
        let error = #expect(throws: EngineError.self) { try Game(Choice("gridworld", ["map": .text(map)])) }
        #expect(error?.place == "data.map" && error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
}

extension Game {
    /// The game in another state.
    fileprivate func restored(_ words: [UInt64]) throws(EngineError) -> Game {
        var game = self
        try game.restore(words)
        return game
    }
}
