/// A ball breaks the bricks above, and a paddle keeps it in the game.
struct Breakout: Environment {
    static let entry = Entry(
        id: "breakout", title: "breakout",
        summary: "A ball that flies along diagonals breaks three rows of bricks; the paddle sends it back up.",
        formula: "r = +1 for each brick; the end comes when the ball is at the bottom",
        source: "after the rules of Young and Tian, MinAtar, 2019",
        watch:
            "The return of single episodes varies much: judge by the mean of the last hundred. One frame does not tell where the ball flies to; take two.",
        knobs: [
            Knob(
                "sticky", title: "sticky %",
                summary: "How often the action before is taken again in place of the chosen one.",
                kind: .real(0...100, steps: [0, 5, 10, 20, 50]), default: .real(10),
                raise: "to keep the network from learning one fixed row of actions",
                lower: "to see how good it is where nothing is left to chance"),
            Knob(
                "brickReward", title: "brick's reward", summary: "The reward for each brick.",
                kind: .real(-100...100, steps: [-1, 0, 0.5, 1, 2, 5, 10]), default: .real(1),
                raise: "when the reward is small beside the noise of the values",
                lower: "when the errors and the steps of learning are too large"),
            Knob(
                "limit", title: "steps at most", summary: "The steps after which an episode is cut.",
                kind: .integer(1...100_000), default: .integer(5000), raise: "when good play is cut off",
                lower: "to see more episodes in the same time"),
        ])
    static let movesPerSecond = 8.0

    private static let side = 10
    /// Rows of bricks below the top one, which stays free.
    private static let brickRows = 1...3
    let actions = ["stay", "left", "right"]
    /// The paddle, the ball, the ball's place before, and the bricks.
    let shape = Shape(4, side, side)
    private let sticky: Double
    private let reward: Double
    private let limit: Int
    private var paddle = 4
    private var ball = SIMD2(0, 3)
    /// Right and down are 1.
    private var direction = SIMD2(1, 1)
    private var trail = SIMD2(0, 3)
    private var bricks = Breakout.wall
    private var last = 0
    private var steps = 0

    /// All rows of bricks, row by row.
    private static let wall = [Bool](repeating: true, count: brickRows.count * side)

    init(_ settings: Settings) {
        (sticky, reward) = (settings.real("sticky") / 100, settings.real("brickReward"))
        limit = settings.integer("limit")
    }

    mutating func reset(_ random: inout Random) {
        let isLeft = random.uniform() < 0.5
        ball = SIMD2(isLeft ? 0 : Self.side - 1, 3 + 1)
        direction = SIMD2(isLeft ? 1 : -1, 1)
        (trail, paddle, bricks, last, steps) = (ball, 4, Self.wall, 0, 0)
    }

    private func brick(_ place: SIMD2<Int>) -> Int? {
        guard Self.brickRows.contains(place.y) else { return nil }
        let index = (place.y - Self.brickRows.lowerBound) * Self.side + place.x
        return bricks[index] ? index : nil
    }

    mutating func move(_ action: Int, _ random: inout Random) -> Move {
        steps += 1
        if random.uniform() >= sticky { last = action }
        if last == 1 { paddle = max(0, paddle - 1) }
        if last == 2 { paddle = min(Self.side - 1, paddle + 1) }
        trail = ball
        var move = Move(reward: 0, isCut: steps >= limit)
        var next = ball &+ direction
        if next.x < 0 || next.x >= Self.side {
            direction.x = -direction.x
            next.x = ball.x + direction.x
        }
        if next.y < 0 {
            direction.y = 1
            next.y = ball.y + 1
        }
        if let index = brick(next) {
            bricks[index] = false
            move.reward = reward
            direction.y = -direction.y
            next.y = ball.y
            if !bricks.contains(true) { bricks = Self.wall }
        } else if next.y == Self.side - 1 {
            if paddle == ball.x {
                direction.y = -1
                next.y = ball.y
            } else if paddle == next.x {
                // The corner sends it back where it came from.
                direction = SIMD2(-direction.x, -1)
                next = ball
            } else {
                move.isOver = true
            }
        }
        ball = next
        return move
    }

    func observe(into values: UnsafeMutableBufferPointer<Float>) {
        let (side, board) = (Self.side, Self.side * Self.side)
        values[(side - 1) * side + paddle] = 1
        values[board + ball.y * side + ball.x] = 1
        values[2 * board + trail.y * side + trail.x] = 1
        for (index, isThere) in bricks.enumerated() where isThere {
            values[3 * board + Self.brickRows.lowerBound * side + index] = 1
        }
    }

    var words: [UInt64] {
        [
            paddle, ball.x, ball.y, direction.x + 1, direction.y + 1, trail.x, trail.y, last, steps,
            bricks.enumerated().reduce(0) { $0 | ($1.element ? 1 << $1.offset : 0) },
        ].map { UInt64($0) }
    }

    mutating func restore(_ words: [UInt64]) -> Bool {
        let side = UInt64(Self.side)
        guard words.count == 10, [0, 1, 2, 5, 6].allSatisfy({ words[$0] < side }), words[2] < side - 1,
            [3, 4].allSatisfy({ words[$0] == 0 || words[$0] == 2 }), words[7] < 3, words[8] <= UInt64(limit),
            words[9] < 1 << UInt64(bricks.count)
        else { return false }
        let numbers = words.map { Int($0) }
        paddle = numbers[0]
        (ball, direction) = (SIMD2(numbers[1], numbers[2]), SIMD2(numbers[3] - 1, numbers[4] - 1))
        (trail, last, steps) = (SIMD2(numbers[5], numbers[6]), numbers[7], numbers[8])
        bricks = bricks.indices.map { numbers[9] >> $0 & 1 == 1 }
        return true
    }

    var picture: GamePicture {
        var picture = GamePicture(rows: Self.side, columns: Self.side)
        for (index, isThere) in bricks.enumerated() where isThere {
            picture.marks[Self.brickRows.lowerBound * Self.side + index] = .brick
        }
        picture[trail.y, trail.x] = .trail
        picture[Self.side - 1, paddle] = .player
        picture[ball.y, ball.x] = .goal
        return picture
    }
}
