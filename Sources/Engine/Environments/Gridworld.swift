/// A board with walls, cliffs and goals, on which a player walks.
struct Gridworld: Environment {
    static let entry = Entry(
        id: "gridworld", title: "gridworld",
        summary:
            "A player walks over a board to a goal, around walls and cliffs; the map and the rewards can be changed.",
        formula: "V(s) = max over a of Σ P(s′|s,a) · (r + γ V(s′))",
        source: "after Sutton and Barto, Reinforcement Learning, 2018, chapters 3, 4 and 6",
        watch:
            "The arrows beside the true ones: first the cells near the goal are right, then those farther away. With a step's reward of 0 and a high discount any way is as good as the shortest.",
        knobs: [
            Knob(
                "map", title: "map",
                summary: "The rows apart by “/”: S the start, G a goal, C a cliff, # a wall, and . a free cell.",
                kind: .text, default: .text("S....../.##.##./.#...C./...C..G")),
            Knob(
                "goalReward", title: "goal's reward", summary: "The reward at a goal, where the episode ends.",
                kind: .real(-100...100, steps: [-1, 0, 0.5, 1, 2, 5, 10]), default: .real(1),
                raise: "when the player stays away from the goal", lower: "when values become large"),
            Knob(
                "cliffReward", title: "cliff's reward", summary: "The reward of a fall, with which the episode ends.",
                kind: .real(-100...100, steps: [-10, -5, -2, -1, -0.5, 0, 1]), default: .real(-1),
                raise: "when the way along the cliff is avoided too widely", lower: "when the player falls too often"),
            Knob(
                "stepReward", title: "step's reward", summary: "The reward of every other step.",
                kind: .real(-100...100, steps: [-1, -0.1, -0.04, -0.01, 0, 0.01]), default: .real(-0.02),
                raise: "when the player jumps off the cliff to end it soon", lower: "when it takes long ways"),
            Knob(
                "slip", title: "slip %",
                summary:
                    "How often the ground is slippery: then the step goes to the left or the right of where it should.",
                kind: .real(0...100, steps: [0, 5, 10, 20, 30, 50]), default: .real(0),
                raise: "to see ways that keep away from cliffs", lower: "for ways as short as can be"),
            Knob(
                "limit", title: "steps at most", summary: "The steps after which an episode is cut.",
                kind: .integer(1...10_000), default: .integer(100), raise: "when the goal is not found in time",
                lower: "when episodes of wandering take too long"),
        ])
    static let movesPerSecond = 4.0
    static let editing: BoardEditing? = BoardEditing(
        knob: "map",
        kinds: [
            BoardEditing.Kind(letter: ".", title: "free"), BoardEditing.Kind(letter: "#", title: "a wall"),
            BoardEditing.Kind(letter: "C", title: "a cliff"), BoardEditing.Kind(letter: "G", title: "a goal"),
            BoardEditing.Kind(letter: "S", title: "a start"),
        ], most: mostCells)

    /// As rows and columns, in the order of the actions; each one's neighbours in the list are across it.
    private static let directions = [(-1, 0), (0, 1), (1, 0), (0, -1)]
    private static let mostCells = 20

    let actions = ["up", "right", "down", "left"]
    let shape: Shape
    private let map: Map
    private var player = 0
    private var steps = 0

    init(_ settings: Settings) throws(EngineError) {
        map = try Map(settings)
        shape = Shape(1, map.rows, map.columns)
        player = map.starts[0]
    }

    mutating func reset(_ random: inout Random) {
        player = map.starts[map.starts.count == 1 ? 0 : random.index(map.starts.count)]
        steps = 0
    }

    mutating func move(_ action: Int, _ random: inout Random) -> Move {
        steps += 1
        var direction = action
        if map.slip > 0, random.uniform() < map.slip { direction = (action + (random.uniform() < 0.5 ? 1 : 3)) % 4 }
        player = map.next(player, direction)
        return Move(reward: map.reward(at: player), isOver: map.ends(player), isCut: steps >= map.limit)
    }

    func observe(into values: UnsafeMutableBufferPointer<Float>) { values[player] = 1 }

    var words: [UInt64] { [UInt64(player), UInt64(steps)] }

    mutating func restore(_ words: [UInt64]) -> Bool {
        guard words.count == 2, words[0] < UInt64(map.cells.count), words[1] <= UInt64(map.limit),
            map.isPlace(Int(words[0]))
        else { return false }
        (player, steps) = (Int(words[0]), Int(words[1]))
        return true
    }

    var board: GamePicture { map.picture }

    var picture: GamePicture {
        var picture = map.picture
        picture.marks[player] = .player
        return picture
    }

    var places: [Gridworld?] {
        map.cells.indices.map { cell in
            guard map.isPlace(cell), !map.ends(cell) else { return nil }
            var place = self
            (place.player, place.steps) = (cell, 0)
            return place
        }
    }

    func bestPlay(gamma: Double) -> [BestPlay?] { map.bestPlay(gamma: gamma) }

    /// The board, which never changes.
    private struct Map: Sendable {
        enum Cell: Sendable { case free, wall, cliff, goal }
        let rows: Int
        let columns: Int
        let cells: [Cell]
        let starts: [Int]
        let limit: Int
        let slip: Double
        private let rewards: (goal: Double, cliff: Double, step: Double)

        init(_ settings: Settings) throws(EngineError) {
            let lines = settings.text("map").split(separator: "/", omittingEmptySubsequences: false).map(Array.init)
            func mistake(_ message: String) -> EngineError { EngineError(place: "map", message: message) }
            guard (1...mostCells).contains(lines.count), (1...mostCells).contains(lines[0].count),
                lines.count * lines[0].count >= 2
            else {
                throw mistake(
                    "expected 2 cells to \(mostCells) rows of \(mostCells), apart by “/”, "
                        + "found \(plural(lines.count, "row")) of \(lines[0].count)")
            }
            if let row = lines.firstIndex(where: { $0.count != lines[0].count }) {
                throw mistake(
                    "expected \(plural(lines[0].count, "cell")) in row \(row + 1), as in row 1, found "
                        + "\(lines[row].count)")
            }
            let all = lines.flatMap { $0 }
            let kinds: [Character: Cell] = ["S": .free, ".": .free, "#": .wall, "C": .cliff, "G": .goal]
            if let other = all.first(where: { kinds[$0] == nil }) {
                throw mistake("expected S, G, C, # or . for each cell, found \(quoted(String(other)))")
            }
            (rows, columns, cells) = (lines.count, lines[0].count, all.map { kinds[$0]! })
            let marked = all.indices.filter { all[$0] == "S" }
            let free = all.indices.filter { all[$0] == "." }
            guard !marked.isEmpty || !free.isEmpty else {
                throw mistake("expected a start S or a free cell, found none")
            }
            starts = marked.isEmpty ? free : marked
            limit = settings.integer("limit")
            slip = settings.real("slip") / 100
            rewards = (settings.real("goalReward"), settings.real("cliffReward"), settings.real("stepReward"))
        }

        func isPlace(_ cell: Int) -> Bool { cells[cell] != .wall }
        func ends(_ cell: Int) -> Bool { cells[cell] == .goal || cells[cell] == .cliff }

        func reward(at cell: Int) -> Double {
            switch cells[cell] {
            case .goal: rewards.goal
            case .cliff: rewards.cliff
            case .free, .wall: rewards.step
            }
        }

        /// The cell in a direction; at the edge and before a wall the same.
        func next(_ cell: Int, _ direction: Int) -> Int {
            let (row, column) = (
                cell / columns + Gridworld.directions[direction].0, cell % columns + Gridworld.directions[direction].1
            )
            guard (0..<rows).contains(row), (0..<columns).contains(column), isPlace(row * columns + column) else {
                return cell
            }
            return row * columns + column
        }

        var picture: GamePicture {
            var picture = GamePicture(rows: rows, columns: columns)
            for (place, cell) in cells.enumerated() {
                switch cell {
                case .free: picture.marks[place] = .empty
                case .wall: picture.marks[place] = .wall
                case .cliff: picture.marks[place] = .danger
                case .goal: picture.marks[place] = .goal
                }
            }
            return picture
        }

        /// Value iteration (Bellman, Dynamic Programming, 1957): V ← max over a of Σ P · (r + γ V(s′)) until no value changes
        /// by more than 1e-12, or 10,000 times.
        func bestPlay(gamma: Double) -> [BestPlay?] {
            var values = [Double](repeating: 0, count: cells.count)
            func worth(_ cell: Int, _ action: Int) -> Double {
                func worth(_ direction: Int) -> Double {
                    let next = next(cell, direction)
                    return reward(at: next) + (ends(next) ? 0 : gamma * values[next])
                }
                guard slip > 0 else { return worth(action) }
                return (1 - slip) * worth(action) + slip / 2 * (worth((action + 1) % 4) + worth((action + 3) % 4))
            }
            let places = cells.indices.filter { isPlace($0) && !ends($0) }
            for _ in 0..<10_000 {
                var change = 0.0
                for cell in places {
                    let best = (0..<4).reduce(-Double.infinity) { max($0, worth(cell, $1)) }
                    change = max(change, abs(best - values[cell]))
                    values[cell] = best
                }
                if change <= 1e-12 { break }
            }
            var plays = [BestPlay?](repeating: nil, count: cells.count)
            for cell in places {
                let worths = (0..<4).map { worth(cell, $0) }
                let best = worths.max()!
                plays[cell] = BestPlay(value: best, actions: (0..<4).filter { worths[$0] >= best - 1e-9 })
            }
            return plays
        }
    }
}
