/// A ball falls, and a paddle is to be under it.
struct Catch: Environment {
    static let entry = Entry(
        id: "catch", title: "catch",
        summary: "A ball falls from the top of a board, one row a step; the paddle at the bottom is to catch it.",
        formula: "r = +1 for a ball that is caught, −1 for one that is not, 0 before",
        source: "bsuite's catch: Osband and others, Behaviour suite for reinforcement learning, 2020",
        watch:
            "The reward comes at the end alone: for the first episodes the return goes up and down around that of chance.",
        knobs: [
            Knob(
                "caughtReward", title: "catch's reward", summary: "The reward for a ball that is caught.",
                kind: .real(-100...100, steps: [-1, 0, 0.5, 1, 2, 5, 10]), default: .real(1),
                raise: "when the network does not care for the ball", lower: "when values and errors become large"),
            Knob(
                "missedReward", title: "miss's reward", summary: "The reward for a ball that is missed.",
                kind: .real(-100...100, steps: [-10, -5, -2, -1, -0.5, 0, 1]), default: .real(-1),
                raise: "when misses should hurt less", lower: "when misses should hurt more"),
        ])
    static let movesPerSecond = 6.0

    private static let (rows, columns) = (10, 5)
    let actions = ["left", "stay", "right"]
    let shape = Shape(1, rows, columns)
    private let caught: Double
    private let missed: Double
    private var (row, ball, paddle) = (0, 0, columns / 2)

    init(_ settings: Settings) { (caught, missed) = (settings.real("caughtReward"), settings.real("missedReward")) }

    mutating func reset(_ random: inout Random) {
        (row, ball, paddle) = (0, random.index(Self.columns), Self.columns / 2)
    }

    mutating func move(_ action: Int, _ random: inout Random) -> Move {
        paddle = min(max(paddle + action - 1, 0), Self.columns - 1)
        row += 1
        guard row == Self.rows - 1 else { return Move(reward: 0) }
        return Move(reward: ball == paddle ? caught : missed, isOver: true)
    }

    func observe(into values: UnsafeMutableBufferPointer<Float>) {
        values[row * Self.columns + ball] = 1
        values[(Self.rows - 1) * Self.columns + paddle] = 1
    }

    var words: [UInt64] { [row, ball, paddle].map { UInt64($0) } }

    mutating func restore(_ words: [UInt64]) -> Bool {
        guard words.count == 3, words[0] < UInt64(Self.rows - 1), words[1] < UInt64(Self.columns),
            words[2] < UInt64(Self.columns)
        else { return false }
        (row, ball, paddle) = (Int(words[0]), Int(words[1]), Int(words[2]))
        return true
    }

    var picture: GamePicture {
        var picture = GamePicture(rows: Self.rows, columns: Self.columns)
        picture[row, ball] = .goal
        picture[Self.rows - 1, paddle] = .player
        return picture
    }
}
