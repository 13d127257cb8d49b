/// A game: its states, actions, rewards and ends. A value: a copy goes the same way under the same actions and the same
/// generator.
protocol Environment: Sendable {
    static var entry: Entry { get }
    /// - Throws: a mistake in the settings.
    init(_ settings: Settings) throws(EngineError)

    /// One word for each action.
    var actions: [String] { get }
    /// The shape of one observation: a row of values, or channels with rows and columns.
    var shape: Shape { get }
    /// The names of a row's values; none of a board.
    var inputs: [String] { get }
    /// Moves a second at which a person can follow the game.
    static var movesPerSecond: Double { get }
    /// How its board can be changed; nil: it has none, or a fixed one.
    static var editing: BoardEditing? { get }
    /// Begins an episode.
    mutating func reset(_ random: inout Random)
    mutating func move(_ action: Int, _ random: inout Random) -> Move
    /// Writes `shape.count` values, which are zeros.
    func observe(into values: UnsafeMutableBufferPointer<Float>)
    /// The state in numbers that a checkpoint keeps exactly.
    var words: [UInt64] { get }
    /// Goes on from a state.
    /// - Returns: false: it is none of this game's, and nothing has changed.
    mutating func restore(_ words: [UInt64]) -> Bool
    var picture: GamePicture { get }
    /// The picture without what moves, where `places` has the states.
    var board: GamePicture { get }
    /// The game in each of its states, where they are few: for each cell of `picture`, or nil where no game is there.
    var places: [Self?] { get }
    /// For each of `places` the value of the best play, and the best actions.
    func bestPlay(gamma: Double) -> [BestPlay?]
}

extension Environment {
    static var editing: BoardEditing? { nil }
    var inputs: [String] { [] }
    var places: [Self?] { [] }
    var board: GamePicture { picture }
    func bestPlay(gamma: Double) -> [BestPlay?] { [] }
}

/// The outcome of an action.
public struct Move: Sendable, Hashable {
    public var reward: Double
    /// The state is the last of the episode: nothing is worth anything behind it.
    public var isOver = false
    /// The episode ends here though the game could go on, so that its worth is that of the state that was reached.
    public var isCut = false

    /// Whether another episode follows.
    public var endsEpisode: Bool { isOver || isCut }
}

/// The best play from a state.
public struct BestPlay: Sendable, Hashable {
    /// The expected sum of discounted rewards.
    public var value: Double
    /// Every action that leads to it.
    public var actions: [Int]
}

/// A game's state as a picture: a board of cells, or lines.
public struct GamePicture: Sendable, Hashable {
    /// The kind of thing on a cell, or of the thing that a line belongs to.
    public enum Mark: UInt8, Sendable, Hashable, CaseIterable {
        case empty, wall, player, body, goal, danger, brick, trail
    }
    public struct Line: Sendable, Hashable {
        /// 0…1 from the left and from above.
        public var from: SIMD2<Float>
        public var to: SIMD2<Float>
        public var mark: Mark
        /// In parts of the picture's height; 0: as thin as can be.
        public var thickness: Float = 0
    }

    public var columns = 0
    public var rows = 0
    /// Row by row from the top; empty: a picture of lines.
    public var marks: [Mark] = []
    public var lines: [Line] = []
    /// The width of a picture of lines in its height.
    public var aspect: Float = 1

    /// An empty board.
    init(rows: Int, columns: Int) {
        (self.rows, self.columns) = (rows, columns)
        marks = [Mark](repeating: .empty, count: rows * columns)
    }

    init(lines: [Line], aspect: Float) { (self.lines, self.aspect) = (lines, aspect) }

    public subscript(row: Int, column: Int) -> Mark {
        get { marks[row * columns + column] }
        set { marks[row * columns + column] = newValue }
    }
}
