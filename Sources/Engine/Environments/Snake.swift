/// A snake that grows with what it eats, and must not bite itself.
struct Snake: Environment {
    static let entry = Entry(
        id: "snake", title: "snake",
        summary: "A snake goes over a board, eats and grows; it ends at the board's edge and at itself.",
        formula: "r = +1 for each bite, −1 at the end",
        source: "after the arcade game Blockade, 1976",
        watch:
            "Bites come by chance at first. Later the snake is long and ends at itself: the return then stands still, since its view has no plan for many steps.",
        knobs: [
            Knob(
                "side", title: "side", summary: "The rows and the columns of the board.", kind: .integer(4...16),
                default: .integer(6), raise: "for a harder game with longer ways",
                lower: "for more bites in the same time"),
            Knob(
                "foodReward", title: "food's reward", summary: "The reward for each bite.",
                kind: .real(-100...100, steps: [-1, 0, 0.5, 1, 2, 5, 10]), default: .real(1),
                raise: "when the snake circles and does not eat", lower: "when values and errors become large"),
            Knob(
                "endReward", title: "end's reward", summary: "The reward with which the snake ends.",
                kind: .real(-100...100, steps: [-10, -5, -2, -1, -0.5, 0, 1]), default: .real(-1),
                raise: "when the snake dares nothing", lower: "when it runs into the edge"),
            Knob(
                "stepReward", title: "step's reward", summary: "The reward of every other step.",
                kind: .real(-100...100, steps: [-1, -0.1, -0.04, -0.01, 0, 0.01]), default: .real(0),
                raise: "when it ends itself to save steps", lower: "when it circles without eating"),
            Knob(
                "hunger", title: "hunger", summary: "The steps without a bite after which an episode is cut.",
                kind: .integer(1...10_000), default: .integer(100), raise: "when long ways to the food are cut off",
                lower: "when a snake that circles takes too much time"),
        ])
    static let movesPerSecond = 6.0

    /// As rows and columns, in the order of the actions.
    private static let directions = [(-1, 0), (0, 1), (1, 0), (0, -1)]
    let actions = ["up", "right", "down", "left"]
    /// The head, the rest of the snake, and the food.
    let shape: Shape
    private let side: Int
    private let rewards: (food: Double, end: Double, step: Double)
    private let hunger: Int
    /// Cells from the head on.
    private var snake: [Int] = []
    private var direction = 1
    private var food = 0
    private var hungry = 0

    init(_ settings: Settings) {
        side = settings.integer("side")
        shape = Shape(3, side, side)
        rewards = (settings.real("foodReward"), settings.real("endReward"), settings.real("stepReward"))
        hunger = settings.integer("hunger")
        begin()
    }

    /// Three cells in the middle, on their way to the right.
    private mutating func begin() {
        let head = side / 2 * side + side / 2
        (snake, direction, hungry) = ([head, head - 1, head - 2], 1, 0)
        food = 0
    }

    mutating func reset(_ random: inout Random) {
        begin()
        placeFood(&random)
    }

    private mutating func placeFood(_ random: inout Random) {
        let taken = Set(snake)
        let free = (0..<side * side).filter { !taken.contains($0) }
        food = free[random.index(free.count)]
    }

    mutating func move(_ action: Int, _ random: inout Random) -> Move {
        // It cannot turn back into itself: then it goes on.
        if (action + 2) % 4 != direction { direction = action }
        let (row, column) = (
            snake[0] / side + Self.directions[direction].0, snake[0] % side + Self.directions[direction].1
        )
        let next = row * side + column
        hungry += 1
        // The tail's cell is free when the snake gets there, unless it eats.
        guard (0..<side).contains(row), (0..<side).contains(column), !snake.dropLast().contains(next) else {
            return Move(reward: rewards.end, isOver: true)
        }
        snake.insert(next, at: 0)
        guard next == food else {
            snake.removeLast()
            return Move(reward: rewards.step, isCut: hungry >= hunger)
        }
        hungry = 0
        // A snake that fills the board has won.
        guard snake.count < side * side else { return Move(reward: rewards.food, isOver: true) }
        placeFood(&random)
        return Move(reward: rewards.food)
    }

    func observe(into values: UnsafeMutableBufferPointer<Float>) {
        let board = side * side
        values[snake[0]] = 1
        for cell in snake.dropFirst() { values[board + cell] = 1 }
        values[2 * board + food] = 1
    }

    var words: [UInt64] { ([direction, food, hungry] + snake).map { UInt64($0) } }

    mutating func restore(_ words: [UInt64]) -> Bool {
        let board = UInt64(side * side)
        guard words.count >= 4, words.count <= 3 + side * side, words[0] < 4, words[1] < board,
            words[2] <= UInt64(hunger), words.dropFirst(3).allSatisfy({ $0 < board }),
            Set(words.dropFirst(3)).count == words.count - 3
        else { return false }
        (direction, food, hungry) = (Int(words[0]), Int(words[1]), Int(words[2]))
        snake = words.dropFirst(3).map { Int($0) }
        return true
    }

    var picture: GamePicture {
        var picture = GamePicture(rows: side, columns: side)
        picture.marks[food] = .goal
        for cell in snake.dropFirst() { picture.marks[cell] = .body }
        picture.marks[snake[0]] = .player
        return picture
    }
}
