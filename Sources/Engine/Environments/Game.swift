/// A game of the catalogue with the observations that a network takes in: the last `frames` of them, the oldest first.
/// A value, as the environment is.
public struct Game: Sendable {
    public let choice: Choice
    public let actions: [String]
    /// The shape of the observations with all frames.
    public let shape: Shape
    /// The names of a row's values in one frame; none of a board.
    public let inputs: [String]
    public let movesPerSecond: Double
    /// How its board can be changed; nil: it has none, or a fixed one.
    public let editing: BoardEditing?
    private var environment: any Environment
    private let frameWidth: Int
    /// `[frames, shape of one]`.
    public private(set) var observation: [Float]

    /// The knob that every environment has.
    static let framesKnob = Knob(
        "frames", title: "frames",
        summary: "The number of the last observations that the network takes in, so that it sees what moves where.",
        kind: .integer(1...8), default: .integer(1), raise: "when one picture does not tell what moves where",
        lower: "when the network is large and slow, or nothing moves")

    /// - Parameter place: of the settings in a document.
    /// - Throws: a mistake in the settings.
    public init(_ choice: Choice, place: String = "data") throws(EngineError) {
        let settings: Settings
        do throws(EngineError) { settings = try Settings(choice, in: .environment, place: "") } catch {
            // In documents the settings stand beside the name.
            let name = error.place.split(separator: ".").dropFirst().joined(separator: ".")
            throw EngineError(place: name.isEmpty ? place : "\(place).\(name)", message: error.message)
        }
        let type = Catalogue.environments.first { $0.entry.id == settings.entry.id }!
        do throws(EngineError) { environment = try type.init(settings) } catch {
            throw EngineError(place: "\(place).\(error.place)", message: error.message)
        }
        self.choice = choice
        actions = environment.actions
        inputs = environment.inputs
        (movesPerSecond, editing) = (type.movesPerSecond, type.editing)
        let (one, frames) = (environment.shape, settings.integer("frames"))
        frameWidth = one.count
        var axes = one.axes
        axes[0] *= frames
        shape = Shape(axes: axes)
        observation = [Float](repeating: 0, count: shape.count)
    }

    /// Begins an episode: the frames before it are its first one.
    public mutating func reset(_ random: inout Random) {
        environment.reset(&random)
        observe()
        let (width, all) = (frameWidth, observation.count)
        for place in stride(from: 0, to: all - width, by: width) {
            for value in 0..<width { observation[place + value] = observation[all - width + value] }
        }
    }

    public mutating func move(_ action: Int, _ random: inout Random) -> Move {
        let move = environment.move(action, &random)
        let (width, all) = (frameWidth, observation.count)
        if all > width { for value in 0..<all - width { observation[value] = observation[value + width] } }
        observe()
        return move
    }

    /// Writes the newest frame.
    private mutating func observe() {
        let width = frameWidth
        observation.withUnsafeMutableBufferPointer { all in
            let newest = UnsafeMutableBufferPointer(rebasing: all[(all.count - width)...])
            newest.update(repeating: 0)
            environment.observe(into: newest)
        }
    }

    public var picture: GamePicture { environment.picture }
    /// The picture without what moves, where `places` has the states.
    public var board: GamePicture { environment.board }
    /// Whether its states are so few that `places` has them all.
    public var hasPlaces: Bool { !environment.bestPlay(gamma: 0).isEmpty }

    /// For each cell of the picture the game in the state there; nil where none is; empty: its states are too many.
    public var places: [Game?] {
        func opened<Kind: Environment>(_ environment: Kind) -> [(any Environment)?] { environment.places.map { $0 } }
        return opened(environment).map { place in
            guard let place else { return nil }
            var game = self
            game.environment = place
            game.observe()
            for first in stride(from: 0, to: observation.count - frameWidth, by: frameWidth) {
                for value in 0..<frameWidth {
                    game.observation[first + value] = game.observation[observation.count - frameWidth + value]
                }
            }
            return game
        }
    }

    /// For each of `places` the best play, by value iteration.
    public func bestPlay(gamma: Double) -> [BestPlay?] { environment.bestPlay(gamma: gamma) }

    // MARK: - State

    /// The environment's words, and behind them the frames'.
    var words: [UInt64] { environment.words + observation.map { UInt64($0.bitPattern) } }

    /// - Throws: that the words are no state of this game.
    mutating func restore(_ words: [UInt64]) throws(EngineError) {
        let count = words.count - observation.count
        let frames = words.suffix(observation.count).compactMap { UInt32(exactly: $0).map { Float(bitPattern: $0) } }
        guard count >= 0, frames.count == observation.count, frames.allSatisfy(\.isFinite),
            environment.restore(Array(words.prefix(count)))
        else {
            throw EngineError(place: "generators.game", message: "expected a state of this game; the data is another")
        }
        observation = frames
    }
}

extension Game {
    /// Observations of a game that is played at random: states for pictures, and the shape of what a network takes in.
    /// - Returns: row-major `[count, shape.count]`.
    public func randomStates(count: Int, seed: UInt64) -> [Float] {
        var (game, random) = (self, Random(seed: seed))
        var states: [Float] = []
        states.reserveCapacity(count * shape.count)
        game.reset(&random)
        for _ in 0..<count {
            states += game.observation
            if game.move(random.index(actions.count), &random).endsEpisode { game.reset(&random) }
        }
        return states
    }
}

extension Entry {
    /// An environment's entry with the knob that every environment has.
    func withFrames() -> Entry {
        Entry(
            id: id, title: title, summary: summary, formula: formula, source: source, watch: watch,
            knobs: knobs + [Game.framesKnob])
    }
}

extension Random {
    /// A whole number in 0 ..< count.
    mutating func index(_ count: Int) -> Int { min(count - 1, Int(uniform() * Double(count))) }
}
