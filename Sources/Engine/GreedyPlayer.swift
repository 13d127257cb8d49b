/// A network that plays a game without exploring: each action is the one of the largest output. Not Sendable.
public final class GreedyPlayer {
    public private(set) var game: Game
    private let network: Network
    private var random: Random
    /// The outputs for the present observation; nil: they are to be computed.
    private var known: [Float]?
    /// The sum of the present episode's rewards.
    public private(set) var episodeReturn = 0.0
    /// Moves of the present episode.
    public private(set) var moves = 0

    /// - Throws: a mistake in the description.
    public init(_ network: NetworkDescription, _ game: Game, seed: UInt64) throws(EngineError) {
        self.network = try Network(network, capacity: 1)
        (self.game, random) = (game, Random(seed: seed))
        begin()
    }

    public func load(parameters: [Float]) {
        network.load(parameters: parameters)
        known = nil
    }

    /// Begins an episode.
    public func begin() {
        game.reset(&random)
        (episodeReturn, moves, known) = (0, 0, nil)
    }

    /// The network's outputs for the present observation, one for each action.
    public var outputs: [Float] {
        if let known { return known }
        network.forward(game.observation, count: 1)
        let outputs = network.values(layer: network.outline.output)
        known = outputs
        return outputs
    }

    /// The action of the largest output; the first of equal ones.
    public var action: Int {
        let outputs = outputs
        return outputs.indices.reduce(0) { outputs[$1] > outputs[$0] ? $1 : $0 }
    }

    public func move() -> Move {
        let move = game.move(action, &random)
        episodeReturn += move.reward
        moves += 1
        known = nil
        return move
    }

    /// The mean return of so many episodes, which begin anew.
    public func meanReturn(episodes: Int) -> Double {
        var sum = 0.0
        for _ in 0..<episodes {
            begin()
            while !move().endsEpisode {}
            sum += episodeReturn
        }
        return sum / Double(episodes)
    }
}
